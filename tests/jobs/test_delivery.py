"""The report goes out: a real mail server on this machine takes it, or a folder does."""

import email
import socket
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from click.testing import CliRunner

from campaigns.faults import SettingsError, TouchstoneError, UnreadyError
from campaigns.settings import Settings
from campaigns.store import runs
from campaigns.store.database import Database
from campaigns.store.results import publish
from jobs import schedule
from jobs.cli import main
from jobs.delivery import deliver, mail_report, write_report


class Box(Message):  # type: ignore[misc]
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.mails: list[EmailMessage] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(email.message_from_bytes(bytes(message), policy=default))  # type: ignore[arg-type]


@pytest.fixture
def box() -> Iterator[tuple[Box, str]]:
    kept = Box()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    yield kept, f"smtp://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def reported(sqlite_database: Database, sample: ModuleType) -> Database:
    """A database with a small published report."""
    report = sample.sample_report()
    small = replace(report, channels=report.channels[:2], ads=())
    with sqlite_database.transaction() as session:
        run_id = runs.request(session, "order")
        runs.claim(session)
        publish(session, run_id, small, {})
        runs.end(session, run_id, runs.State.PUBLISHED, now=small.run.finished_at)
    return sqlite_database


def settings(database: Database, url: str = "", **others: Any) -> Settings:
    wanted = {"mail_from": "reports@shop.example", "report_to": "ada@shop.example, bo@shop.example", **others}
    return Settings(database_url=str(database.engine.url), smtp_url=url, **wanted)


def test_the_report_is_mailed_as_text_and_page_with_charts_pdf_and_workbook(
    reported: Database, box: tuple[Box, str]
) -> None:
    kept, url = box
    assert mail_report(reported, settings(reported, url)) == ("ada@shop.example", "bo@shop.example")
    (mail,) = kept.mails
    assert mail["Subject"] == "Effectiveness, 4 Oct 2025 to 2 Mar 2026"
    assert mail["To"] == "ada@shop.example, bo@shop.example"
    text = mail.get_body(("plain",))
    page = mail.get_body(("html",))
    assert text is not None
    assert page is not None
    assert "would not have come without advertising" in text.get_content().replace("\n", " ")
    assert "/effectiveness?goal=order" in text.get_content()
    pictures = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert len(pictures) == 2
    for picture in pictures:
        assert f"cid:{picture['Content-ID'][1:-1]}" in page.get_content()
        assert picture.get_content().startswith(b"\x89PNG")
    attached = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert set(attached) == {"effectiveness-2026-03-02.pdf", "effectiveness-2026-03-02.xlsx"}
    assert attached["effectiveness-2026-03-02.pdf"].startswith(b"%PDF")


def test_what_is_not_set_is_named_all_at_once(reported: Database) -> None:
    with pytest.raises(UnreadyError, match="TOUCHSTONE_SMTP_URL, TOUCHSTONE_MAIL_FROM, TOUCHSTONE_REPORT_TO"):
        mail_report(reported, Settings(database_url=str(reported.engine.url)))


def test_a_server_that_is_not_there_is_said_to_be_without_its_password(reported: Database) -> None:
    with pytest.raises(TouchstoneError, match=r"127\.0\.0\.1:1 says") as refused:
        mail_report(reported, settings(reported, "smtp://ada:secret@127.0.0.1:1"))
    assert "secret" not in str(refused.value)


def test_no_password_is_sent_unencrypted(reported: Database, box: tuple[Box, str]) -> None:
    kept, url = box
    with pytest.raises(TouchstoneError, match="STARTTLS"):
        mail_report(reported, settings(reported, url.replace("smtp://", "smtp://ada:secret@")))
    assert kept.mails == []


def test_the_report_is_written_into_a_folder(reported: Database, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "reports"
    files = write_report(reported, settings(reported), folder)
    assert {file.suffix for file in files} == {".pdf", ".xlsx", ".html"}
    assert {file.name for file in folder.iterdir()} == {file.name for file in files}


def test_the_command_writes_and_mails(reported: Database, box: tuple[Box, str], tmp_path: Path) -> None:
    kept, url = box
    environ = {
        "TOUCHSTONE_DATABASE_URL": str(reported.engine.url),
        "TOUCHSTONE_SMTP_URL": url,
        "TOUCHSTONE_MAIL_FROM": "reports@shop.example",
        "TOUCHSTONE_REPORT_TO": "ada@shop.example",
    }
    done = CliRunner().invoke(main, ["report", "--mail", "--folder", str(tmp_path / "out")], env=environ)
    assert done.exit_code == 0, done.output
    assert "Mailed to ada@shop.example." in done.output
    assert len(kept.mails) == 1
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_without_a_report_there_is_nothing_to_send(sqlite_database: Database, tmp_path: Path) -> None:
    with pytest.raises(UnreadyError, match="There is no report"):
        write_report(sqlite_database, settings(sqlite_database), tmp_path)


def test_the_week_sends_to_wherever_the_settings_say(reported: Database, tmp_path: Path) -> None:
    deliver(reported, settings(reported, report_to="", report_folder=str(tmp_path / "weekly")))
    assert len(list((tmp_path / "weekly").iterdir())) == 3


def test_the_schedule_knows_the_weeks_moment_and_forgets_it(reported: Database) -> None:
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler()
    scheduler.start(paused=True)
    try:
        schedule._weekly(scheduler, settings(reported, report_at="mon 07:00"))
        job = scheduler.get_job(schedule.WEEKLY)
        assert "day_of_week='mon', hour='7', minute='0'" in str(job.trigger)
        schedule._weekly(scheduler, settings(reported))
        assert scheduler.get_job(schedule.WEEKLY) is None
    finally:
        scheduler.shutdown()


@pytest.mark.parametrize(
    ("name", "value"),
    [("report_at", "monday"), ("report_at", "mon 25:00"), ("smtp_url", "mail.example"), ("report_to", "ada")],
)
def test_settings_that_cannot_be_used_are_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings(**{name: value})
