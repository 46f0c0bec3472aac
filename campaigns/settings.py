"""Settings of an installation: the only reader of the environment and of ``touchstone.toml``."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from campaigns.faults import Fault, RefusedError, SettingsError
from campaigns.terms.goals import GOALS, KINDS, PERSON, Goal

__all__ = ["LOOPBACK", "PREFIX", "Settings", "policy_table"]

PREFIX = "TOUCHSTONE_"
POLICY = "policy"
OWN_GOALS = "goals"

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""Names of this machine for itself."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

YES_OR_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}


@dataclass(frozen=True)
class Settings:
    """What an installation decides once.

    Each field is set by the environment variable ``TOUCHSTONE_`` + its name in capitals, or by its name in
    ``touchstone.toml``; the environment wins.

    Parameters
    ----------
    database_url
        Where the data lives: ``sqlite:///FILE`` or ``postgresql+psycopg://USER@HOST/NAME``.
    time_zone
        IANA zone in which times written without a zone are read, and in which days begin.
    currency
        ISO 4217 code of the reporting currency; other currencies are converted by the ``rates`` kind.
    host
        Address on which ``touchstone serve`` listens.
    port
        Port on which ``touchstone serve`` listens, 1 to 65535.
    nightly_at
        Time of day (``HH:MM``, in ``time_zone``) at which the scheduler re-scores.
    mappings
        Folder of your own mappings (``NAME.toml``), searched before the shipped ones.
    uploads
        Folder in which files uploaded on the site wait until they are imported or thrown away.
    secret_key
        Key that signs the site's cookies; empty means a new one at each start.
    address
        Address under which people reach the site, such as ``https://touchstone.example``: for links, and so that
        cookies travel over HTTPS only where it begins so. Empty means ``http://HOST:PORT``.
    proxies
        How many proxies stand before the site and say whom they ask for (``X-Forwarded-For`` and the like).
    demo
        Whether people sign in as each role without a password; on this machine alone.
    smtp_url
        Server that takes the weekly report by mail: ``smtp://USER:PASSWORD@HOST:587`` (encrypted once connected, where
        the server offers that) or ``smtps://USER:PASSWORD@HOST:465``.
    mail_from
        Address from which the report is sent.
    report_to
        Addresses to which it is sent, separated by commas.
    report_folder
        Folder into which the report is written, too.
    report_at
        Day and time (``mon 07:00``, in ``time_zone``) at which the scheduler sends and writes it; empty for never.
    digest_at
        Time of day (``HH:MM``, in ``time_zone``) at which each owner in sales is mailed what could be offered and which
        leads wait; empty for never.
    """

    database_url: str = "sqlite:///touchstone.db"
    time_zone: str = "UTC"
    currency: str = "EUR"
    host: str = "127.0.0.1"
    port: int = 8000
    nightly_at: str = "02:30"
    mappings: str = "mappings"
    uploads: str = "uploads"
    secret_key: str = ""
    address: str = ""
    proxies: int = 0
    demo: bool = False
    smtp_url: str = ""
    mail_from: str = ""
    report_to: str = ""
    report_folder: str = ""
    report_at: str = ""
    digest_at: str = ""

    def __post_init__(self) -> None:
        faults = [
            Fault(0, name, repr(getattr(self, name)), expected)
            for name, good, expected in (
                (
                    "database_url",
                    self.database_url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")),
                    "a URL that begins with sqlite:/// or postgresql+psycopg://",
                ),
                ("time_zone", self.time_zone in available_timezones(), "an IANA zone such as Europe/Istanbul"),
                ("currency", bool(re.fullmatch("[A-Z]{3}", self.currency)), "an ISO 4217 code such as EUR"),
                ("port", 1 <= self.port <= 65535, "a port from 1 to 65535"),
                (
                    "address",
                    bool(re.fullmatch(r"(https?://[^/\s]+)?", self.address)),
                    "an address such as https://HOST",
                ),
                ("proxies", 0 <= self.proxies <= 9, "a number of proxies from 0 to 9"),
                (
                    "demo",
                    not self.demo or self.host in LOOPBACK,
                    f"no demo where the site listens to others (host is {self.host}): anybody could sign in",
                ),
                (
                    "smtp_url",
                    bool(re.fullmatch(r"(smtps?://\S+)?", self.smtp_url)),
                    "a URL such as smtp://USER:PASSWORD@HOST:587",
                ),
                ("mail_from", not self.mail_from or "@" in self.mail_from, "an address such as reports@shop.example"),
                ("report_to", all("@" in one for one in self.recipients), "addresses separated by commas"),
                (
                    "report_at",
                    bool(re.fullmatch(rf"(({'|'.join(WEEKDAYS)}) ([01]\d|2[0-3]):[0-5]\d)?", self.report_at)),
                    "a day and a time such as mon 07:00",
                ),
                (
                    "digest_at",
                    bool(re.fullmatch(r"(([01]\d|2[0-3]):[0-5]\d)?", self.digest_at)),
                    "a time of day such as 07:30, or nothing",
                ),
                (
                    "nightly_at",
                    bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", self.nightly_at)),
                    "a time of day such as 02:30",
                ),
            )
            if not good
        ]
        if faults:
            raise SettingsError("These settings cannot be used:", faults, "Correct them and start again.")

    @property
    def recipients(self) -> tuple[str, ...]:
        """The addresses to which the report is sent."""
        return tuple(one for part in self.report_to.split(",") if (one := part.strip()))

    @property
    def home(self) -> str:
        """The address under which people reach the site."""
        place = f"[{self.host}]" if ":" in self.host else self.host
        return self.address or f"http://{place}:{self.port}"

    @property
    def zone(self) -> ZoneInfo:
        """The configured time zone."""
        return ZoneInfo(self.time_zone)

    def environ(self) -> dict[str, str]:
        """Return this process's environment with exactly these settings, for a process that is to mean the same."""
        return {**os.environ, **{f"{PREFIX}{one.name.upper()}": str(getattr(self, one.name)) for one in fields(self)}}

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
        """Read the settings of this process.

        Parameters
        ----------
        environ
            Environment to read; the process's own by default.
        folder
            Folder whose ``touchstone.toml`` is read if there is one; the current one by default.

        Raises
        ------
        SettingsError
            With every unknown or unusable setting, not only the first.
        """
        environ = os.environ if environ is None else environ
        written = {name: value for name, value in _written(folder).items() if name not in (POLICY, OWN_GOALS)}
        known = {field.name: field for field in fields(cls)}
        asked = {name.removeprefix(PREFIX).lower(): text for name, text in environ.items() if name.startswith(PREFIX)}
        asked = {name: text for name, text in asked.items() if name in known}
        faults = [
            Fault(0, name, "an unknown setting", "one of " + ", ".join(sorted(known)))
            for name in written
            if name not in known
        ]
        values: dict[str, object] = {}
        for name, value in {**written, **asked}.items():
            if name not in known:
                continue
            if known[name].type == "int":
                try:
                    value = int(str(value))
                except ValueError:
                    faults.append(Fault(0, name, repr(value), "a whole number"))
                    continue
            if known[name].type == "bool":
                if str(value).lower() not in YES_OR_NO:
                    faults.append(Fault(0, name, repr(value), "true or false"))
                    continue
                value = YES_OR_NO[str(value).lower()]
            values[name] = value if isinstance(value, int) else str(value)
        if faults:
            raise SettingsError("These settings cannot be used:", faults, "Correct them and start again.")
        return cls(**values)  # type: ignore[arg-type]


def policy_table(folder: Path | None = None) -> Mapping[str, Any]:
    """Return the table ``[policy]`` of ``touchstone.toml``: the contact policy, where it differs from the default.

    Parameters
    ----------
    folder
        Folder whose ``touchstone.toml`` is read if there is one; the current one by default.

    Raises
    ------
    SettingsError
        If the file is not TOML, or ``policy`` is not a table.
    """
    table = _written(folder).get(POLICY, {})
    if not isinstance(table, dict):
        fault = Fault(0, POLICY, repr(table), "a table: [policy], then a line for each rule that differs")
        raise SettingsError("The contact policy cannot be used:", [fault], "Correct touchstone.toml and plan again.")
    return table


def known_goals(folder: Path | None = None) -> Mapping[str, Goal]:
    """Return the goals that can be fitted: the usual ones, and those of the tables ``[goals.NAME]`` of the file.

    A table has ``kinds`` (a list), and where they differ from the default ``unit`` (person, account), ``count`` (all,
    first), ``carry_over_days``, ``singular`` and ``plural``.

    Raises
    ------
    SettingsError
        If a goal cannot be used, or has the name of a usual one.
    """
    tables = _written(folder).get(OWN_GOALS, {})
    found: dict[str, Goal] = dict(GOALS)
    faults = [] if isinstance(tables, dict) else [Fault(0, OWN_GOALS, repr(tables), "tables: [goals.NAME]")]
    for name, told in tables.items() if isinstance(tables, dict) else ():
        try:
            found[name] = _goal(name, told)
        except RefusedError as refused:
            faults += refused.faults
    if faults:
        raise SettingsError("The goals cannot be used:", faults, "Correct [goals] in touchstone.toml and start again.")
    return found


def _goal(name: str, told: Any) -> Goal:
    allowed = {"kinds", "unit", "count", "carry_over_days", "singular", "plural"}
    where = f"{OWN_GOALS}.{name}"
    if name in GOALS:
        raise RefusedError("", [Fault(0, where, "the name of a goal that is there already", "another name")])
    if not isinstance(told, dict) or not isinstance(told.get("kinds"), list):
        raise RefusedError("", [Fault(0, where, repr(told), 'a table with kinds = ["..."]')])
    strange = sorted(set(told) - allowed)
    if strange:
        raise RefusedError(
            "", [Fault(0, f"{where}.{each}", "not known", ", ".join(sorted(allowed))) for each in strange]
        )
    wrong = [kind for kind in told["kinds"] if kind not in KINDS]
    if wrong:
        raise RefusedError("", [Fault(0, f"{where}.kinds", repr(wrong), "some of " + ", ".join(KINDS))])
    noun = str(told.get("singular", name.replace("_", " ")))
    return Goal(
        name,
        tuple(str(kind) for kind in told["kinds"]),
        noun,
        str(told.get("plural", noun + "s")),
        told.get("carry_over_days"),
        str(told.get("unit", PERSON)),
        str(told.get("count", "all")),
    )


def _written(folder: Path | None) -> dict[str, Any]:
    file = (folder or Path.cwd()) / "touchstone.toml"
    try:
        return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        fault = Fault(0, file.name, str(error), "valid TOML")
        raise SettingsError(f"{file} cannot be read:", [fault], "Correct the file and start again.") from error
