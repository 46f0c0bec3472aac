"""The options of ``fit --aggregate``: what the columns of the file are."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner

from jobs.commands.aggregating import aggregate_options


@pytest.mark.parametrize("words", [["--media", "tv,search"], ["--media", "tv", "--media", "search"]])
def test_media_are_named_with_commas_or_one_by_one_and_none_is_dropped(words: list[str]) -> None:
    told: dict[str, Any] = {}

    @click.command()
    @aggregate_options
    def command(**parts: Any) -> None:
        told.update(parts)

    assert CliRunner().invoke(command, words).exit_code == 0
    assert (told["media"], told["control"]) == ("tv,search", "")
