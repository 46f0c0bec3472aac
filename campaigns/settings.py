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

from campaigns.faults import Fault, SettingsError

__all__ = ["PREFIX", "Settings", "policy_table"]

PREFIX = "TOUCHSTONE_"
POLICY = "policy"


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
    secret_key
        Key that signs the site's cookies; empty means a new one at each start.
    """

    database_url: str = "sqlite:///touchstone.db"
    time_zone: str = "UTC"
    currency: str = "EUR"
    host: str = "127.0.0.1"
    port: int = 8000
    nightly_at: str = "02:30"
    mappings: str = "mappings"
    secret_key: str = ""

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
    def zone(self) -> ZoneInfo:
        """The configured time zone."""
        return ZoneInfo(self.time_zone)

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
        written = {name: value for name, value in _written(folder).items() if name != POLICY}
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


def _written(folder: Path | None) -> dict[str, Any]:
    file = (folder or Path.cwd()) / "touchstone.toml"
    try:
        return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        fault = Fault(0, file.name, str(error), "valid TOML")
        raise SettingsError(f"{file} cannot be read:", [fault], "Correct the file and start again.") from error
