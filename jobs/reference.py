"""Write the page of the command line (``docs/cli.md``) from the commands and settings themselves."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from inspect import getdoc
from pathlib import Path

import click

from campaigns.settings import PREFIX, Settings

__all__ = ["cli_page", "setting_meanings"]

WIDTH = 100
"""Columns of the page, whatever the terminal of whoever writes it has."""


def cli_page(group: click.Group, name: str = "touchstone") -> str:
    """Describe every command of ``group``, and every setting, as one Markdown page.

    Parameters
    ----------
    group
        The command group, as people run it.
    name
        How it is called.

    Returns
    -------
    The page, ending in a line end; equal for equal commands.
    """
    parts = [
        "# The command line",
        "<!-- Written by `make docs` from the commands; do not edit. -->",
        "Exit status: 0 done, 1 refused with a reason, 2 wrong usage. Results go to standard output, progress "
        "and refusals to standard error.",
    ]
    context = click.Context(group, info_name=name, terminal_width=WIDTH, **group.context_settings)
    parts += _sections(group, context)
    parts += ["## Settings", *_settings()]
    return "\n\n".join(parts) + "\n"


def setting_meanings() -> dict[str, str]:
    """Return what each setting means, by its name, as the docstring of ``Settings`` says it."""
    names = [field.name for field in fields(Settings)]
    text = getdoc(Settings) or ""
    found = re.findall(rf"^({'|'.join(names)})\n((?:    .*\n?)+)", text, re.MULTILINE)
    return {name: " ".join(meaning.split()) for name, meaning in found}


def _sections(group: click.Group, above: click.Context) -> Iterator[str]:
    for name in group.list_commands(above):
        command = group.commands[name]
        context = click.Context(command, info_name=name, parent=above, **command.context_settings)
        yield f"## {context.command_path}"
        yield f"```text\n{command.get_help(context)}\n```"
        if isinstance(command, click.Group):
            yield from (section.replace("## ", "### ", 1) for section in _sections(command, context))


def _settings() -> Iterator[str]:
    meanings = setting_meanings()
    yield "From the environment, or from `touchstone.toml` in the current folder; the environment wins."
    rows = ["| variable | in `touchstone.toml` | default | meaning |", "|---|---|---|---|"]
    for field in fields(Settings):
        default = f"`{field.default}`" if field.default != "" else "none"
        variable = f"{PREFIX}{field.name.upper()}"
        rows.append(f"| `{variable}` | `{field.name}` | {default} | {meanings[field.name].replace('``', '`')} |")
    yield "\n".join(rows)


if __name__ == "__main__":
    from jobs.cli import main

    page = Path(sys.argv[1])
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(cli_page(main), encoding="utf-8")
