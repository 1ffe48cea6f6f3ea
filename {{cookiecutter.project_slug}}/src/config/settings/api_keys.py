"""What API keys may be given, and for how long."""

from config.environment import Env

_env = Env()

# The longest time that a key may hold, and how long one holds that asks for no time.
API_KEY_MAX_DAYS = int(_env.str("API_KEY_MAX_DAYS", default="") or 365)
API_KEY_DEFAULT_DAYS = min(90, API_KEY_MAX_DAYS)
# For how many days a key is listed after its end.
API_KEY_RETENTION_DAYS = int(_env.str("API_KEY_RETENTION_DAYS", default="") or 90)
# The longest time that a key may go on beside the one that takes its place.
API_KEY_GRACE_MAX_HOURS = 7 * 24

# Each scope with what it lets a key do, and where. ``:read`` is for GET, HEAD and OPTIONS, ``:write``
# for the rest. A route that stands nowhere, such as a new one, is refused to every key; so are those
# that manage accounts, keys and sessions, whose effects would outlive a key that leaked.
API_KEY_SCOPES: dict[str, tuple[str, list[str]]] = {
    "users:read": (
        "Read accounts.",
        ["api/v1/users/", "api/v1/users/me/", "api/v1/users/<uuid:pk>/history/"],
    ),
    "tasks:read": ("See how far tasks are.", ["api/v1/tasks/<uuid:pk>/"]),
    # % if cookiecutter.example_app
    "products:read": (
        "Read the catalogue.",
        [
            "api/v1/products/",
            "api/v1/products/summary/",
            "api/v1/products/<uuid:pk>/",
            "api/v1/products/<uuid:pk>/history/",
        ],
    ),
    "products:write": (
        "Change the catalogue.",
        [
            "api/v1/products/",
            "api/v1/products/bulk/",
            "api/v1/products/<uuid:pk>/",
            "api/v1/products/<uuid:pk>/restore/",
        ],
    ),
    "orders:read": (
        "Read orders.",
        [
            "api/v1/orders/",
            "api/v1/orders/<uuid:pk>/",
            "api/v1/orders/<uuid:pk>/history/",
        ],
    ),
    "orders:write": (
        "Place, pay, cancel and refund orders.",
        [
            "api/v1/orders/",
            "api/v1/orders/<uuid:pk>/cancel/",
            "api/v1/orders/<uuid:pk>/payments/",
            "api/v1/orders/<uuid:pk>/refund/",
        ],
    ),
    "sales-reports:read": ("Read reports of sales.", ["api/v1/sales-reports/<uuid:pk>/"]),
    "sales-reports:write": ("Have sales reported.", ["api/v1/sales-reports/"]),
    # % endif
    # % if cookiecutter.import_export
    "exchange:read": (
        "Read files of imports and exports.",
        [
            "api/v1/exchange/jobs/",
            "api/v1/exchange/jobs/<uuid:pk>/",
            "api/v1/exchange/jobs/<uuid:pk>/errors/",
            "api/v1/exchange/jobs/<uuid:pk>/file/",
            "api/v1/exchange/templates/<str:resource>/<str:file_format>/",
        ],
    ),
    "exchange:write": (
        "Import and export any table that the user may.",
        ["api/v1/exchange/jobs/"],
    ),
    # % endif
}
