"""What the command line shows: progress on standard error, results on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from campaigns.faults import TouchstoneError

__all__ = ["Progress", "progress_shown", "say", "show", "show_json", "silent", "write_file"]

Progress = Callable[[str, float, str], None]
"""Called as ``progress(stage, share, message)``: ``share`` of the whole work that is done, from 0 to 1."""


def silent(_stage: str, _share: float, _message: str) -> None:
    """Show no progress."""


def say(text: str) -> None:
    """Write a line about the work, not its result, to standard error."""
    click.echo(text, err=True)


def show_json(document: Mapping[str, object]) -> None:
    """Write a result to standard output as JSON: indented, in UTF-8, numbers that are not finite refused."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def show(result: object) -> None:
    """Write a result to standard output: text, or anything that ``rich`` can lay out to the terminal's width."""
    from rich.console import Console

    Console(highlight=False, markup=False, emoji=False).print(result)


def write_file(path: Path, content: str | bytes) -> None:
    """Write a result to a file, text in UTF-8; the folder it lies in is made if need be.

    Raises
    ------
    TouchstoneError
        If the file cannot be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    except OSError as error:
        raise TouchstoneError(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error


@contextmanager
def progress_shown() -> Iterator[Progress]:
    """Show progress while the block runs: a live bar on a terminal, one line per stage elsewhere."""
    if sys.stderr.isatty():
        with _bar() as progress:
            yield progress
    else:
        yield _Lines()


class _Lines:
    """One line whenever the stage changes: for logs, pipes and schedulers."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, stage: str, _share: float, message: str) -> None:
        if stage != self._stage:
            self._stage = stage
            say(f"{stage}: {message}" if message else stage)


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.fields[stage]:<10}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0, stage="")

        def progress(stage: str, share: float, message: str) -> None:
            bar.update(task, completed=share, description=message, stage=stage)

        yield progress
