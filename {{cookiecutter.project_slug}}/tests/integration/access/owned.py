"""Rows that the routes lead to, each owned by one user."""

# % if cookiecutter.example_app
from importlib import import_module
from types import ModuleType

# % endif
from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model


def path_of(route: str, owner: AbstractBaseUser) -> str:
    """Return a path that ``route`` takes, which leads to a row of ``owner`` where it names one.

    Raises:
        KeyError: for a route with a parameter that nobody has told of here.
    """
    if "<" not in route:
        return f"/{route}"
    collection = route.partition("<")[0]
    return f"/{ROWS[collection](route, owner)}"


def to_row(route: str, row: Model) -> str:
    return route.replace("<uuid:pk>", str(row.pk))


# % if cookiecutter.auth != "oidc"
def of_sign_in(route: str, owner: AbstractBaseUser) -> str:
    from django.utils.module_loading import import_string  # noqa: PLC0415 (not in every bake)

    sign_in_id = import_string("tests.authentication.{{ cookiecutter.auth }}.sign_in_id")
    return route.replace("<uuid:pk>", sign_in_id(owner))


# % endif
def of_task(route: str, owner: AbstractBaseUser) -> str:
    return to_row(route, create("progress.TaskRun", name="test", created_by=owner))


# % if cookiecutter.example_app
def factories() -> ModuleType:
    return import_module("tests.factories.orders")


def of_product(route: str, _: AbstractBaseUser) -> str:
    return to_row(route, factories().ProductFactory())


def of_order(route: str, owner: AbstractBaseUser) -> str:
    return to_row(route, factories().OrderFactory(customer=owner))


def of_sales_report(route: str, owner: AbstractBaseUser) -> str:
    return to_row(route, factories().SalesReportFactory(created_by=owner))


# % endif
# % if cookiecutter.import_export
def of_exchange_job(route: str, owner: AbstractBaseUser) -> str:
    asked = {"direction": "export", "resource": "users", "format": "csv"}
    return to_row(route, create("exchange.ExchangeJob", created_by=owner, **asked))


def of_exchange_template(route: str, _: AbstractBaseUser) -> str:
    # % if cookiecutter.example_app
    resource = "products"
    # % else
    resource = "users"  # Which nobody can import.
    # % endif
    return route.replace("<str:resource>", resource).replace("<str:file_format>", "csv")


# % endif
# % if cookiecutter.api_keys
def of_api_key(route: str, owner: AbstractBaseUser) -> str:
    fields = {"user": owner, "name": "test", "scopes": [], "prefix": "test", "hash": ""}
    return to_row(route, create("api_keys.ApiKey", **fields))


# % endif
def create(model: str, **fields: object) -> Model:
    return apps.get_model(model)._default_manager.create(**fields)


# By what stands before the parameter.
ROWS = {
    # % if cookiecutter.auth != "oidc"
    "api/v1/auth/sessions/": of_sign_in,
    # % endif
    "api/v1/users/": to_row,
    "api/v1/tasks/": of_task,
    # % if cookiecutter.example_app
    "api/v1/products/": of_product,
    "api/v1/orders/": of_order,
    "api/v1/sales-reports/": of_sales_report,
    # % endif
    # % if cookiecutter.import_export
    "api/v1/exchange/jobs/": of_exchange_job,
    "api/v1/exchange/templates/": of_exchange_template,
    # % endif
    # % if cookiecutter.api_keys
    "api/v1/api-keys/": of_api_key,
    # % endif
}
