"""Every web process tells the metrics of all, to a scraper that knows its address alone."""

from uuid import uuid4

from core.dead_letters.letters import Letter
from core.dead_letters.models import DeadLetter, Reason
from core.dead_letters.services import dead_letter_keep
from tests.e2e.http import Client
from tests.e2e.processes import WebServer
from tests.metrics import AUTHORIZATION, samples

# None that a web process imports by itself.
TASK = "core.dead_letters.tasks.dead_letters_purge"


def test_scraper_reads_what_the_database_holds(web: WebServer) -> None:
    dead_letter_keep(letter=Letter(reason=Reason.TIMED_OUT, task=TASK, task_id=str(uuid4())))
    scraper = Client(web.port, {"Host": f"10.1.2.3:{web.port}"})

    refused = scraper.get("/metrics")
    answer = scraper.get("/metrics", Authorization=AUTHORIZATION)

    assert refused.status_code == 401
    assert answer.status_code == 200
    number = DeadLetter.objects.filter(task=TASK, reason=Reason.TIMED_OUT, resent_at=None).count()
    assert samples(answer.text)["dead_letters_open"][Reason.TIMED_OUT, TASK] == number
