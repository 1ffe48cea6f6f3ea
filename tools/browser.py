"""Look at the pages of a baked service as a person does, in headless Chromium."""

import json
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, sync_playwright

from tools.demo import EMAIL, PASSWORD

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# It may run as root, and asks nobody for updates.
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZE = {"width": 1280, "height": 900}
WAIT_MILLISECONDS = 30_000
REDOC_OPERATION = "[data-section-id*='/operation/']"
OWN_SCHEMES = ("data:", "blob:")
# Each violation of the policy of the page that comes next.
LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", event =>
    window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""


def find_chromium() -> str | None:
    """Return the path of the browser, or ``None`` where there is none."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


@dataclass
class Visit:
    """A browser at the service at ``base``, with what went wrong so far.

    ``foreign`` are the requests to other servers; what a policy refused was never sent.
    """

    page: Page
    base: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def violations(self) -> list[str]:
        """Return what the policy of the page that is open has refused: directive and address."""
        found: list[str] = self.page.evaluate("window.violations")
        return found

    def watch(self) -> None:
        """Gather from now on what goes wrong."""
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._notice_message)
        self.page.on("request", self._notice_request)
        self.page.on("requestfailed", self._notice_failure)

    def _notice_message(self, message: ConsoleMessage) -> None:
        # `violations` has those of the policy.
        if message.type == "error" and "Content Security Policy" not in message.text:
            self.errors.append(f"{message.text} {message.location.get('url', '')}")

    def _notice_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.base}/", *OWN_SCHEMES)):
            self.foreign.append(request.url)

    def _notice_failure(self, request: Request) -> None:
        if request.failure == "csp" and request.url in self.foreign:
            self.foreign.remove(request.url)


@contextmanager
def started(program: str) -> Iterator[Browser]:
    """Start the browser ``program``, of which there can be one at a time, and close it in the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(OPTIONS))
        try:
            yield browser
        finally:
            browser.close()


def visit_of(browser: Browser, base: str) -> Visit:
    """Return a visit to the service at ``base``, with cookies of its own."""
    page = browser.new_page(viewport=SIZE)
    page.set_default_timeout(WAIT_MILLISECONDS)
    page.add_init_script(LISTEN)
    visit = Visit(page, base)
    visit.watch()
    return visit


def operation_ids(base: str) -> set[str]:
    """Return the operations that the service at ``base`` describes, as ``tag/operationId``."""
    with urllib.request.urlopen(f"{base}/api/schema/", timeout=30) as response:
        document: dict[str, Any] = json.load(response)
    return {
        f"{operation['tags'][0]}/{operation['operationId']}"
        for item in document["paths"].values()
        for operation in item.values()
    }


def open_swagger(visit: Visit) -> None:
    """Open Swagger UI and wait until it shows the operations."""
    visit.open("/api/docs/")
    visit.page.locator(".opblock").first.wait_for()


def open_redoc(visit: Visit) -> None:
    """Open ReDoc and wait until it shows the operations, and has tried to show a logo."""
    visit.open("/api/redoc/")
    visit.page.locator(REDOC_OPERATION).first.wait_for()
    visit.page.wait_for_function("window.violations.length > 0")


def administer(visit: Visit) -> Iterator[str]:
    """Sign in to the admin, look at its kinds of pages, change an account, and sign out.

    Yields the name of each step, when its page is open.
    """
    page = visit.page
    visit.open("/admin/login/")
    yield "sign in"
    page.fill("#id_username", EMAIL)
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")
    page.locator("#user-tools").wait_for()
    yield "index"
    visit.open("/admin/users/user/")
    yield "list"
    page.locator("#result_list tbody th a").first.click()
    page.locator("#user_form").wait_for()
    # Its two boxes are made by a script.
    page.locator(".selector-chosen").first.wait_for()
    yield "form"
    page.fill("#id_last_name", "Lovelace")
    page.click("[name=_continue]")
    page.locator(".messagelist .success").wait_for()
    yield "saved"
    visit.open("/admin/audit/auditentry/")
    yield "audit trail"
    visit.open("/admin/")
    page.click("#logout-form button")
    page.locator("#user-tools").wait_for(state="detached")
    yield "signed out"


ADMIN_STEPS = ["sign in", "index", "list", "form", "saved", "audit trail", "signed out"]


def is_styled(visit: Visit) -> bool:
    """Tell whether the page of the admin that is open has the admin's style, in the header's colour."""
    colour: str = visit.page.evaluate(
        "getComputedStyle(document.querySelector('#header')).backgroundColor"
    )
    return colour not in {"", "rgba(0, 0, 0, 0)"}


def try_out(visit: Visit, tag: str, operation_id: str) -> tuple[int, str]:
    """Press "Try it out" and "Execute" of an operation; return the status and body that are shown."""
    block: Locator = visit.page.locator(f"[id='operations-{tag}-{operation_id}']")
    if "is-open" not in (block.get_attribute("class") or ""):
        block.locator(".opblock-summary-control").click()
        block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    answer = block.locator(".live-responses-table tbody .response")
    answer.wait_for()
    status = answer.locator(".response-col_status").inner_text()
    body = answer.locator(".response-col_description .highlight-code code").first.inner_text()
    return int(status.split()[0]), body


def authorize(visit: Visit, token: str) -> None:
    """Give Swagger UI the bearer ``token`` in its dialog."""
    visit.page.locator(".scheme-container button.authorize").click()
    dialog = visit.page.locator(".dialog-ux")
    dialog.locator("input").fill(token)
    dialog.get_by_role("button", name="Apply credentials").click()
    dialog.get_by_role("button", name="Close").first.click()
