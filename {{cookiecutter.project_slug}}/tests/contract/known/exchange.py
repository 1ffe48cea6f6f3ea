"""Import and export."""

from apps.users.models import User
from core.exchange import registry
from core.exchange.models import Direction, Format
from core.exchange.services import RequestedExchange, exchange_job_create
from tests.contract.known import Known

TEMPLATES = "GET /api/v1/exchange/templates/{resource}/{file_format}/"


def known(user: User) -> Known:
    asked = RequestedExchange(direction=Direction.EXPORT, resource="users", format=Format.CSV)
    job = exchange_job_create(user=user, asked=asked)
    return Known(
        ids={"exchange": [str(job.pk)]},
        bodies={
            "POST /api/v1/exchange/jobs/": [
                {"direction": "export", "resource": "users", "format": "csv"}
            ]
        },
        refusing=[] if registry.importable() else [TEMPLATES],
    )
