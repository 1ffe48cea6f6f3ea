"""The pages that show a bake's API work in a browser, under the bake's own Content-Security-Policy."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.baking import bake
from tests.programs import missing
from tools.browser import (
    ADMIN_STEPS,
    REDOC_OPERATION,
    Visit,
    administer,
    authorize,
    find_chromium,
    is_styled,
    open_redoc,
    open_swagger,
    operation_ids,
    started,
    try_out,
    visit_of,
)
from tools.demo import served

# ReDoc shows the logo of its maker, and leaves it out where it cannot be fetched.
LOGO = "img-src https://cdn.redoc.ly/redoc/logo-mini.svg"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        missing("chromium", "`apt-get install chromium` brings it")
    else:
        with started(program) as browser:
            yield browser


@pytest.fixture(scope="module")
def jwt(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    folder = tmp_path_factory.mktemp("jwt")
    project = bake({"database": "sqlite"}, folder)
    with served(project.path, folder / "server.log") as base:
        yield visit_of(browser, base)


@pytest.fixture(scope="module")
def session(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    folder = tmp_path_factory.mktemp("session")
    answers = {"database": "sqlite", "auth": "session", "response_format": "envelope"}
    project = bake(answers, folder)
    with served(project.path, folder / "server.log") as base:
        yield visit_of(browser, base)


def test_swagger_ui_shows_every_operation_and_asks_nobody_else(jwt: Visit) -> None:
    open_swagger(jwt)

    shown = jwt.page.eval_on_selector_all(".opblock", "blocks => blocks.map(block => block.id)")
    expected = operation_ids(jwt.base)
    assert len(expected) > 20
    assert set(shown) == {f"operations-{name.replace('/', '-')}" for name in expected}
    assert (jwt.violations(), jwt.foreign, jwt.errors) == ([], [], [])


def test_redoc_shows_every_operation_and_asks_nobody_else(jwt: Visit) -> None:
    open_redoc(jwt)

    shown = jwt.page.eval_on_selector_all(
        REDOC_OPERATION, "sections => sections.map(section => section.dataset.sectionId)"
    )
    expected = operation_ids(jwt.base)
    assert set(shown) == {f"tag/{name.replace('/', '/operation/')}" for name in expected}
    assert (jwt.violations(), jwt.foreign, jwt.errors) == ([LOGO], [], [])


def test_admin_works_with_nothing_inline(browser: Browser, jwt: Visit) -> None:
    visit = visit_of(browser, jwt.base)
    seen = []
    for step in administer(visit):
        visit.page.wait_for_load_state("load")
        seen.append((step, is_styled(visit), visit.violations()))

    assert seen == [(step, True, []) for step in ADMIN_STEPS]
    assert visit.foreign == []
    # Its pages name no icon, so that a browser looks for one.
    assert {error.partition("(")[2] for error in visit.errors} == {
        f"Not Found) {jwt.base}/favicon.ico"
    }


def test_token_is_got_and_used_in_swagger_ui(jwt: Visit) -> None:
    open_swagger(jwt)

    # The example signs in as the account that `make dev` makes.
    status, tokens = try_out(jwt, "auth", "auth_token_create")
    assert status == 200
    authorize(jwt, json.loads(tokens)["access"])
    status, account = try_out(jwt, "users", "users_me_retrieve")

    assert (status, json.loads(account)["email"]) == (200, "demo@example.com")
    assert (jwt.violations(), jwt.foreign, jwt.errors) == ([], [], [])


def test_session_is_begun_and_used_in_swagger_ui(session: Visit) -> None:
    open_swagger(session)
    assert try_out(session, "auth", "auth_login_create")[0] == 200

    # Signing in has changed the CSRF token, which comes with the page.
    open_swagger(session)
    status, account = try_out(session, "users", "users_me_partial_update")

    assert (status, json.loads(account)["data"]["first_name"]) == (200, "Ada")
    assert (session.violations(), session.foreign, session.errors) == ([], [], [])
