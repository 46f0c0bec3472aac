"""The ``touchstone`` command: what people and schedulers type.

Exit status: 0 done, 1 refused with a reason, 2 wrong usage. What the product refuses is said on standard error with
what to do next; an error nobody foresaw keeps its traceback, because it is a defect and has to be seen.
The modules of this package import what is heavy inside the commands, so that ``touchstone --help`` is quick.
"""

from __future__ import annotations

from typing import IO, Any

import click

from campaigns.faults import TouchstoneError
from jobs.commands.crediting import credit
from jobs.commands.demonstration import demo
from jobs.commands.doctoring import doctor
from jobs.commands.exporting import export
from jobs.commands.importing import import_files
from jobs.commands.linking import links
from jobs.commands.operating import scheduler, serve
from jobs.commands.planning import explain, plan
from jobs.commands.reporting import fit, report
from jobs.commands.setting_up import init, simulate
from jobs.commands.teams import teams
from jobs.commands.teamwork import hold, policy
from jobs.commands.webhooks import webhooks

__all__ = ["main"]


class _RefusalError(click.ClickException):
    """Something the product refused, as the command line shows it: exit status 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"Refused. {self.message}", file=file, err=file is None)


class _Touchstone(click.Group):
    """The group of commands, in the order in which a newcomer needs them."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except TouchstoneError as error:
            raise _RefusalError(str(error)) from error


@click.group(cls=_Touchstone, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="touchstone", prog_name="touchstone", message="%(prog)s %(version)s")
def main() -> None:
    """Which promotions really win customers, what each costs, and whom to speak to next.

    Settings come from the environment (TOUCHSTONE_...) and from touchstone.toml in the current folder.
    To see the whole way on a sample market: touchstone demo
    """


for _command in (
    demo,
    init,
    simulate,
    import_files,
    fit,
    report,
    credit,
    plan,
    explain,
    policy,
    hold,
    teams,
    webhooks,
    serve,
    scheduler,
    doctor,
    links,
    export,
):
    main.add_command(_command)
