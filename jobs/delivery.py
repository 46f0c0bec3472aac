"""The weekly report goes out: by mail, into a folder, or both."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from campaigns.faults import TouchstoneError, UnreadyError
from campaigns.intake.money import decimals
from campaigns.reporting.letter import report_files, report_letter
from campaigns.reporting.page import report_page
from campaigns.settings import Settings
from campaigns.store.background import background_of
from campaigns.store.database import Database
from campaigns.store.results import published_report
from campaigns.store.targets import targets
from campaigns.terms import Report

__all__ = ["deliver", "mail_report", "send", "write_report"]

PATIENCE = 60.0
"""Seconds that a mail server may take for each answer."""

PORTS = {"smtp": 587, "smtps": 465}


def deliver(database: Database, settings: Settings, goal: str = "order") -> None:
    """Send the published report of a goal out as the settings say: by mail, into the folder, or both.

    Raises
    ------
    TouchstoneError
        If either could not be done; what could be done was.
    """
    if settings.report_folder:
        write_report(database, settings, Path(settings.report_folder), goal)
    if settings.smtp_url or settings.report_to:
        mail_report(database, settings, goal)


def mail_report(database: Database, settings: Settings, goal: str = "order") -> tuple[str, ...]:
    """Send the published report of a goal to the addresses of the settings.

    Returns
    -------
    The addresses.

    Raises
    ------
    UnreadyError
        If there is no report yet, or the settings name no server, sender or address.
    TouchstoneError
        If the server does not take it.
    """
    missing = [
        f"TOUCHSTONE_{name.upper()}" for name in ("smtp_url", "mail_from", "report_to") if not getattr(settings, name)
    ]
    if missing:
        raise UnreadyError(
            f"The report cannot be mailed: {', '.join(missing)} not set.", "Set them; README.md says how."
        )
    report = _published(database, goal)
    message = report_letter(
        report,
        background_of(database, report),
        sender=settings.mail_from,
        recipients=settings.recipients,
        address=f"{settings.home}/effectiveness?goal={goal}",
        target=_target(database, report),
        zone=settings.zone,
    )
    send(message, settings.smtp_url)
    return settings.recipients


def write_report(database: Database, settings: Settings, folder: Path, goal: str = "order") -> tuple[Path, ...]:
    """Write the published report of a goal into a folder: as PDF, workbook and page.

    Returns
    -------
    The files; each is there whole or not at all.

    Raises
    ------
    UnreadyError
        If there is no report yet.
    TouchstoneError
        If the folder cannot be written to.
    """
    report = _published(database, goal)
    background, target = background_of(database, report), _target(database, report)
    files = report_files(report, background, target=target, zone=settings.zone)
    page = report_page(report, target=target, zone=settings.zone, background=background)
    files[f"effectiveness-{report.run.window.end}.html"] = page.encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(_write(folder / name, content) for name, content in files.items())
    except OSError as error:
        raise TouchstoneError(
            f"The report cannot be written to {folder}: {error.strerror}.", "Name a folder that can be written to."
        ) from error


def send(message: EmailMessage, url: str) -> None:
    """Give a mail to a server.

    Parameters
    ----------
    url
        ``smtp://USER:PASSWORD@HOST:587`` or ``smtps://USER:PASSWORD@HOST:465``; name and password may be left out. What
        begins with ``smtp`` is encrypted once connected where the server offers that, and always before a password is
        sent.

    Raises
    ------
    TouchstoneError
        If the server is not reached or does not take it.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or PORTS[parts.scheme]
    context = ssl.create_default_context()
    try:
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=PATIENCE)
        with server:
            server.ehlo()
            if parts.scheme == "smtp" and (parts.username or server.has_extn("starttls")):
                server.starttls(context=context)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise TouchstoneError(
            f"{message['Subject']}: not mailed, {host}:{port} says: {error}",
            "Look at TOUCHSTONE_SMTP_URL, and try: touchstone report --mail.",
        ) from error


def _published(database: Database, goal: str) -> Report:
    report = published_report(database, goal)
    if report is None:
        raise UnreadyError(
            f"There is no report for the goal {goal} yet.",
            "Run touchstone fit; touchstone doctor says what is missing.",
        )
    return report


def _target(database: Database, report: Report) -> float | None:
    with database.reading() as session:
        cost = targets(session).get(report.run.goal)
    return None if cost is None else cost / 10 ** decimals(report.currency)


def _write(path: Path, content: bytes) -> Path:
    draft = path.with_suffix(f"{path.suffix}.part")
    draft.write_bytes(content)
    draft.replace(path)
    return path
