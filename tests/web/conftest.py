"""What the tests of the site share: a database with a published run and a plan, and a client of a site upon it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import waitress
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from campaigns.access import Role
from campaigns.secrets import digest_of
from campaigns.settings import Settings
from campaigns.store import runs, users
from campaigns.store.database import Database
from campaigns.store.plans import store_plan
from campaigns.store.results import publish
from campaigns.store.tables import Person, SignIn
from campaigns.terms import Plan, Report
from web.app import create_app

KEY = "0" * 64

TOKEN = "0" * 40

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]

WATCH_POLICY = """
window.broken = [];
document.addEventListener("securitypolicyviolation", event => {
  window.broken.push(event.violatedDirective + " " + event.blockedURI);
});
"""


@pytest.fixture(scope="session", autouse=True)
def templates_kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have the sites of all tests share compiled templates: most tests make a site of their own."""
    with pytest.MonkeyPatch.context() as patch:
        kept = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": kept})
        yield


@pytest.fixture(scope="session")
def report(sample: ModuleType) -> Report:
    return sample.sample_report()  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def plan(sample: ModuleType) -> Plan:
    return sample.sample_plan(130)  # type: ignore[no-any-return]


def fill(database: Database, report: Report, plan: Plan) -> None:
    """Publish a report as a run would, and draft a plan upon it."""
    with database.transaction() as session:
        session.add_all(Person(id=number + 1) for number in range(len(plan.contacts)))
        run_id = runs.request(session, "order", requested_by="test", now=datetime(2026, 3, 3, 1, 30, tzinfo=UTC))
        runs.claim(session, run_id)
        publish(session, run_id, report, {})
        runs.end(session, run_id, runs.State.PUBLISHED, now=report.run.finished_at)
        store_plan(session, plan, list(range(1, len(plan.contacts) + 1)), run_id=run_id, options={})


@pytest.fixture(scope="session")
def fill_site(report: Report, plan: Plan) -> Callable[[Database], None]:
    """``fill_site(database)`` publishes a report and drafts a plan upon it."""
    return lambda database: fill(database, report, plan)


def _filled(folders: pytest.TempPathFactory, empty: Path, report: Report, plan: Plan) -> Path:
    file = folders.mktemp("web") / "published.db"
    shutil.copyfile(empty, file)
    database = Database(f"sqlite:///{file}")
    fill(database, report, plan)
    with database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return file


@pytest.fixture(scope="session")
def published_file(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, report: Report, plan: Plan) -> Path:
    """A database with a published run and a plan."""
    return _filled(tmp_path_factory, empty_sqlite, report, plan)


@pytest.fixture(scope="session")
def small_file(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, report: Report, plan: Plan) -> Path:
    """The same with three channels and no ads, which is drawn in no time; tests that write copy it."""
    return _filled(tmp_path_factory, empty_sqlite, replace(report, channels=report.channels[:3], ads=()), plan)


@pytest.fixture(scope="session")
def published_app(published_file: Path) -> Iterator[Flask]:
    """A site with a report and a plan, to read from."""
    app = site_on(f"sqlite:///{published_file}")
    yield app
    app.extensions["touchstone"].database.dispose()


@pytest.fixture
def client(published_app: Flask) -> FlaskClient:
    """A visitor of the site with a report and a plan."""
    return published_app.test_client()


@pytest.fixture
def empty_app(sqlite_url: str) -> Iterator[Flask]:
    """A site upon a database that was set up, with nothing in it."""
    app = site_on(sqlite_url)
    yield app
    app.extensions["touchstone"].database.dispose()


@pytest.fixture
def written_app(small_file: Path, tmp_path: Path) -> Iterator[Flask]:
    """A site with a report and a plan of the test's own, to write to."""
    file = tmp_path / "touchstone.db"
    shutil.copyfile(small_file, file)
    app = site_on(f"sqlite:///{file}")
    yield app
    app.extensions["touchstone"].database.dispose()


@pytest.fixture(scope="session")
def make_site() -> Callable[[str], Flask]:
    """``make_site("sqlite:///FILE")`` is a site upon a database of the test's own; its test dismisses the database."""
    return site_on


class Visitor(FlaskClient):
    """Somebody who is signed in (an administrator, unless ``role`` says otherwise; a stranger where it is None).

    Whatever is sent carries the token against forgery, as what the site's own pages send does; ``token=False`` leaves
    it out.
    """

    role: str | None = Role.ADMINISTRATOR

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if self.role is not None and not self._cookies:
            self.set_cookie("touchstone", cookie_of(self.application, self.role))
        if kwargs.pop("token", True) and kwargs.get("method", "GET") not in ("GET", "HEAD", "OPTIONS"):
            headers = Headers(kwargs.get("headers"))
            headers.setdefault("X-CSRFToken", self._token())
            kwargs["headers"] = headers
        return super().open(*args, **kwargs)

    def _token(self) -> str:
        with self.session_transaction() as session:
            session.setdefault("csrf_token", TOKEN)
            key = self.application.secret_key
            return str(URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(session["csrf_token"]))


@pytest.fixture
def client_as(published_app: Flask) -> Callable[..., Visitor]:
    """``client_as("manager")`` is a client who is signed in as that role, ``client_as(None)`` a stranger.

    Upon the site with a report and a plan, or ``client_as("sales", written_app)`` upon another one. The user of sales
    owns what belongs to ``Ada``.
    """

    def client(role: str | None, app: Flask = published_app) -> Visitor:
        made = app.test_client()
        assert isinstance(made, Visitor)
        made.role = role
        return made

    return client


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser without a window; tests that need one skip where no Chromium is installed."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve a site as ``python -m web`` does, on a free port."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.trigger.pull_trigger(lambda: _hang_up(server))
    thread.join(timeout=5)
    assert not thread.is_alive(), "the server did not stop within five seconds"
    server.task_dispatcher.shutdown()


def _hang_up(server: Any) -> None:
    """Close every socket, in the server's own thread: it must not wait for one that another thread has closed."""
    server.close()
    for channel in list(server.active_channels.values()):
        channel.handle_close()


@pytest.fixture(scope="session")
def serve() -> Callable[[Flask], AbstractContextManager[str]]:
    """``with serve(app) as home:`` serves a site at ``home``."""
    return served


@dataclass
class Visit:
    """One open page, with everything that went wrong on it. ``open`` takes an address of the site: ``/priorities``."""

    page: Page
    home: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        self.page.goto(self.home + address)
        return self.page

    def assert_clean(self) -> None:
        """Nothing was complained of in the console, the policy was kept, and nothing was asked of another site."""
        assert self.complaints == []
        assert self.page.evaluate("window.broken") == []
        assert [address for address in self.requests if not address.startswith((self.home, "data:", "blob:"))] == []

    def assert_fits(self) -> None:
        """The page does not scroll sideways."""
        room = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert room[0] <= room[1], f"{self.page.url} scrolls sideways at {room[1]}: it is {room[0]} wide"

    def assert_accessible(self) -> None:
        """axe-core finds nothing serious or critical."""
        found = Axe().run(self.page).response["violations"]
        serious = [
            (fault["id"], [node["html"][:200] for node in fault["nodes"]])
            for fault in found
            if fault["impact"] in ("serious", "critical")
        ]
        assert serious == []


@pytest.fixture
def page_as(browser: Browser, published_app: Flask) -> Iterator[Callable[..., Visit]]:
    """``page_as("manager", width=320, scheme="dark")`` is a visit of the site in a browser, signed in as that role.

    ``page_as(None)`` is a stranger's; ``app=`` names another site than the one with a report and a plan, and
    ``script=False`` has the browser run no scripts.
    """
    with ExitStack() as open_things:
        homes: dict[int, str] = {}

        def visit(
            role: str | None, app: Flask = published_app, width: int = 1280, scheme: str = "light", script: bool = True
        ) -> Visit:
            home = homes.get(id(app)) or open_things.enter_context(served(app))
            homes[id(app)] = home
            context = browser.new_context(
                viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=script
            )
            open_things.callback(context.close)
            if role is not None:
                context.add_cookies([{"name": "touchstone", "value": cookie_of(app, role), "url": home}])
            made = Visit(context.new_page(), home)
            made.page.add_init_script(WATCH_POLICY)
            made.page.on("console", lambda message: _complain(made, message))
            made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
            made.page.on("request", lambda request: made.requests.append(request.url))
            return made

        yield visit


def _complain(visit: Visit, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        visit.complaints.append(message.text)


def site_on(url: str, **settings: Any) -> Flask:
    """A site with a user of each role who is signed in already."""
    app = create_app(
        Settings(database_url=url, time_zone="Europe/Istanbul", currency="EUR", secret_key=KEY, **settings)
    )
    app.test_client_class = Visitor
    with app.extensions["touchstone"].database.transaction() as database:
        for role in Role:
            if users.by_email(database, f"{role}@example.com") is None:
                owner = "Ada" if role is Role.SALES else ""
                user = users.add(database, f"{role}@example.com", f"Test {role}", [role], owner=owner)
                now = datetime.now(UTC)
                database.add(SignIn(digest=digest_of(f"signed in {role}"), user_id=user.id, begun_at=now, seen_at=now))
    return app


def cookie_of(app: Flask, role: str) -> str:
    """The cookie of somebody who is signed in as a role."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(serializer.dumps({"sign_in": f"signed in {role}", "csrf_token": TOKEN, "_permanent": True}))
