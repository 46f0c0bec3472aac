"""A command that shows examples under its help, as they are typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

__all__ = ["GroupWithExamples", "WithExamples"]


class WithExamples(click.Command):
    """A command with examples, which its help lists last, one a line and never wrapped.

    Parameters
    ----------
    examples
        Complete command lines.
    """

    def __init__(self, *args: Any, examples: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples after the options."""
        formatter.write_paragraph()
        formatter.write_text("Example:" if len(self.examples) == 1 else "Examples:")
        with formatter.indentation():
            for example in self.examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
        super().format_epilog(ctx, formatter)


class GroupWithExamples(WithExamples, click.Group):
    """A group of commands with examples of its own."""
