"""What the intake tests share: the surroundings of a check, and files written on the spot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.intake.checking import Checked, CheckOptions
from campaigns.intake.files import take_in
from campaigns.intake.formats import KINDS

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def options() -> CheckOptions:
    return CheckOptions(ZoneInfo("Europe/Istanbul"), "EUR", NOW)


@pytest.fixture
def take(tmp_path: Path, options: CheckOptions) -> Callable[..., Checked]:
    """Write content to a file and take it in as a kind."""

    def take(kind: str, content: str | bytes, name: str = "file.csv", **changes: Any) -> Checked:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return take_in(path, KINDS[kind], replace(options, **changes))

    return take
