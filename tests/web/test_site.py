import importlib
import json
import pkgutil
import re
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import web
from campaigns.faults import Fault, RefusedError
from campaigns.reporting.page import TEMPLATES
from campaigns.settings import Settings
from campaigns.store.database import Database
from web import pages
from web.app import create_app
from web.pages.page import Page, Part
from web.pages.priorities import NoPlanPage

HEAVY = (
    "pymc",
    "arviz",
    "nutpie",
    "pytensor",
    "numba",
    "apscheduler",
    "attribution",
    "duckdb",
    "jobs.pipeline",
    "jobs.cli",
)

OWN_TEMPLATES = Path(web.__file__).parent / "templates"


def test_the_site_loads_no_model_and_no_scheduler(tmp_path: Path) -> None:
    program = (
        "import sys, json, web.__main__; from web.app import create_app; from campaigns.settings import Settings;"
        f"create_app(Settings(database_url='sqlite:///{tmp_path}/t.db'));"
        "print(json.dumps(sorted(sys.modules)))"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    loaded = json.loads(output)
    assert [name for name in loaded if name.startswith(HEAVY)] == []


@pytest.mark.parametrize("address", ["/", "/priorities", "/priorities.csv", "/nowhere", "/healthz", "/touchstone.css"])
def test_every_answer_carries_the_protections(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in headers.getlist("Set-Cookie"))
    assert "Set-Cookie" not in client.get("/touchstone.css").headers


def test_pages_that_show_customers_stay_out_of_caches_and_the_stylesheet_stays_in(client: FlaskClient) -> None:
    page = client.get("/priorities")
    assert page.headers["Cache-Control"] == "no-store"
    address = re.search(r'href="(/touchstone.css\?v=\w+)"', page.text)
    assert address is not None
    style = client.get(address[1])
    assert "max-age=31536000" in style.headers["Cache-Control"]
    assert client.get(address[1], headers={"If-None-Match": style.headers["ETag"]}).status_code == 304


def test_the_stylesheet_is_one_over_the_tokens_and_asks_for_nothing_else(client: FlaskClient) -> None:
    style = client.get("/touchstone.css").text
    assert style.startswith(":root {")
    assert "@import" not in style
    assert "url(" not in style
    declared = set(re.findall(r"(--[\w-]+):", style))
    assert set(re.findall(r"var\((--[\w-]+)\)", style)) <= declared
    assert not re.findall(r"#[0-9a-f]{3,8}\b", style.split("}", 4)[-1].split("/* The report")[-1])


def test_the_site_answers_that_it_works(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_database_that_was_never_set_up_is_said_to_be(tmp_path: Path) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/none.db"))
    client = app.test_client()
    assert client.get("/healthz").status_code == 503
    answer = client.get("/", follow_redirects=True)
    assert answer.status_code == 503
    assert "has not been set up" in answer.text
    assert "<code>touchstone init</code>" in answer.text
    app.extensions["touchstone"].database.dispose()


def test_a_database_that_cannot_be_reached_is_said_so_without_its_password() -> None:
    app = create_app(Settings(database_url="postgresql://u:secret@127.0.0.1:1/none"))
    client = app.test_client()
    assert client.get("/healthz").json == {"status": "the database is not reached"}
    answer = client.get("/", follow_redirects=True)
    assert answer.status_code == 503
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_a_site_on_this_machine_answers_to_no_other_name(client: FlaskClient) -> None:
    for name in ("localhost", "127.0.0.1:8000", "[::1]:8000"):
        assert client.get("/healthz", headers={"Host": name}).status_code == 200
    answer = client.get("/effectiveness", headers={"Host": "rebound.example"})
    assert answer.status_code == 400
    assert "10,512" not in answer.text


def test_a_site_for_others_answers_to_its_names(published_file: Path) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{published_file}", host="0.0.0.0"))  # noqa: S104 - not listened on
    assert app.test_client().get("/healthz", headers={"Host": "touchstone.example"}).status_code == 200
    app.extensions["touchstone"].database.dispose()


def test_an_error_inside_is_a_page_without_its_details_and_a_line_in_the_log(
    empty_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    @empty_app.get("/broken")
    def broken() -> str:
        raise ZeroDivisionError("the secret cause")

    answer = empty_app.test_client().get("/broken")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "secret cause" not in answer.text
    assert "secret cause" in caplog.text


def test_a_refused_input_shows_every_fault(empty_app: Flask) -> None:
    @empty_app.get("/refused")
    def refused() -> str:
        raise RefusedError("spend.csv was refused.", [Fault(7, "cost", "<b>-1", "a number from 0 up")], "Mend `cost`.")

    answer = empty_app.test_client().get("/refused")
    assert answer.status_code == 422
    assert "line 7, cost: found &lt;b&gt;-1; expected a number from 0 up" in answer.text
    assert "Mend <code>cost</code>." in answer.text


def test_a_page_is_a_skip_link_landmarks_and_one_heading(client: FlaskClient) -> None:
    for address in ("/effectiveness", "/priorities", "/nowhere"):
        page = client.get(address).text
        assert '<html lang="en">' in page
        assert page.index('href="#content"') < page.index("<header")
        assert page.count("<h1") == 1
        assert page.count("<main") == page.count('<nav class="sections"') == 1
    assert 'aria-current="page">Effectiveness' in client.get("/effectiveness").text


def subclasses(kind: type) -> set[type]:
    """Every class below another that has a template."""
    below = {each for child in kind.__subclasses__() for each in (child, *subclasses(child))}
    return {each for each in below if hasattr(each, "template")}


def test_every_template_has_its_dataclass_and_shows_all_of_it() -> None:
    source = {file.name: file.read_text("utf-8") for file in OWN_TEMPLATES.glob("*.html")}
    shared = (
        source["base.html"]
        + source["settings_base.html"]
        + source["owners.html"]
        + "".join(file.read_text("utf-8") for file in TEMPLATES.glob("*.html"))
    )
    for module in pkgutil.iter_modules(pages.__path__, "web.pages."):
        importlib.import_module(module.name)
    described = {*subclasses(Page), *subclasses(Part)}
    assert {kind.template for kind in described} | {
        "base.html",
        "forecasts.html",
        "forms.html",
        "hold_form.html",
        "owners.html",
        "settings_base.html",
        "sources_tabs.html",
        "teams_tabs.html",
    } == set(source)
    for kind in described:
        assert kind.__doc__
        name = "page" if issubclass(kind, Page) else "part"
        missing = [field.name for field in fields(kind) if f"{name}.{field.name}" not in source[kind.template] + shared]
        assert missing == [], kind.__name__


def test_a_template_that_asks_for_what_it_was_not_given_is_an_error(published_app: Flask) -> None:
    template = published_app.jinja_env.from_string("{{ page.nothing }}")
    with pytest.raises(Exception, match="nothing"):
        template.render(page=NoPlanPage("x"))


def test_pages_are_quick_once_a_run_is_drawn(client: FlaskClient) -> None:
    """Well under 100 ms; the limit here is generous, for a busy machine, and the best of several counts."""
    for address in ("/effectiveness", "/priorities"):
        client.get(address)
        taken = []
        for _ in range(5):
            begun = time.perf_counter()
            client.get(address)
            taken.append(time.perf_counter() - begun)
        assert min(taken) < 0.1


def test_reading_never_waits_for_a_writer(written_app: Flask) -> None:
    client = written_app.test_client()
    client.get("/effectiveness")
    database = written_app.extensions["touchstone"].database
    assert isinstance(database, Database)
    with database.transaction():
        assert client.get("/effectiveness").status_code == 200
        assert client.get("/priorities").status_code == 200


def test_vendored_assets_name_their_version_and_licence() -> None:
    vendor = Path(web.__file__).parent / "static" / "vendor"
    told = (vendor / "README.md").read_text("utf-8")
    code = (vendor / "htmx.min.js").read_text("utf-8")
    version = re.search(r'version:"([\d.]+)"', code)
    assert version is not None
    assert version[1] in told
    assert "Zero-Clause BSD" in (vendor / "htmx.LICENSE").read_text("utf-8")
