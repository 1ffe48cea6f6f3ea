"""What the operations of the API are listed under: the part of their path behind the version."""

TAGS = {
    # % if cookiecutter.auth != "oidc"
    "auth": "Register, sign in and out, replace passwords and addresses.",
    # % endif
    "users": "Accounts and their roles.",
    # % if cookiecutter.example_app
    "products": "The catalogue, and what is in stock.",
    "orders": "Orders, and what is paid for them.",
    "sales-reports": "What was sold, computed in the background.",
    # % endif
    "tasks": "How far work in the background is that the caller has caused.",
    # % if cookiecutter.import_export
    "exchange": "Tables in and out as files, in the background.",
    # % endif
    # % if cookiecutter.api_keys
    "api-keys": "Keys with which programs call the API.",
    # % endif
}
