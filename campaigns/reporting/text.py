"""The report and the plan for terminals (rich) and for programs (JSON by contract)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from campaigns.reporting.answering import told_of_answers
from campaigns.reporting.comparison import Comparison, compare, read_truth
from campaigns.reporting.constraints import constraint_words
from campaigns.reporting.contract import plan_json, report_json
from campaigns.reporting.decisions import Action
from campaigns.reporting.figures import NOTHING, about, day, days, money, number, percent
from campaigns.reporting.lines import Line, Summary, ad_lines, channel_lines, summarise
from campaigns.reporting.sentences import METHODS, channel_name, plan_quality, withheld_lines
from campaigns.reporting.tested import change_words, told_of_tests
from campaigns.terms import Plan, Proof, Report

__all__ = ["plan_json", "plan_table", "report_json", "report_table"]

WIDE = 100
"""Columns from which the terminal has room for every column of the table."""

PROOF = {Proof.TESTED: "test", Proof.ESTIMATED: "estimate", Proof.PRIOR: "guess"}
"""What stands behind an estimate, in the width a terminal has."""

STYLES = {Action.MORE: "bold green", Action.LESS: "bold red", Action.TEST: "bold yellow", Action.KEEP: "bold"}


def report_table(
    report: Report, truth: Mapping[str, object] | None = None, *, target: float | None = None
) -> RenderableType:
    """Give the report for a terminal; it fits itself to 80 columns and more.

    Parameters
    ----------
    report
        The report of one run.
    truth
        Content of a simulated market's ``truth.json``; then every method is held against it.
    target
        What a new customer may cost, in the reporting currency; without it, costs are held against their average.

    Raises
    ------
    RefusedError
        If the truth cannot be read.
    """
    compared = compare(report, read_truth(truth)) if truth is not None else None
    return ReportTable(
        summarise(report, target),
        channel_lines(report, target),
        ad_lines(report, target),
        compared,
        told_of_tests(report),
        change_words(report.changes),
        told_of_answers(report),
    )


@dataclass(frozen=True)
class ReportTable:
    """A report that lays itself out to the width of the console it is printed on."""

    summary: Summary
    channels: tuple[Line, ...]
    ads: tuple[Line, ...]
    compared: Comparison | None
    tests: tuple[str, ...] = ()
    changed: str = ""
    answers: tuple[str, ...] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= WIDE
        yield Text(f"\n{self.summary.headline}", style="bold")
        for sentence in (self.summary.against_last_click, self.summary.claims):
            if sentence:
                yield Text(sentence)
        if self.changed:
            yield Text(self.changed)
        held = f"Costs are held against {self.summary.held_against}."
        yield Text(f"{self.summary.window}. Sorted by what to decide. {held}\n", style="dim")
        yield _lines_table(self.channels, self.summary, wide)
        yield _reasons(self.channels)
        if self.ads:
            yield Text("Ads", style="bold")
            yield _ads_table(self.ads, self.summary, wide)
        if self.tests:
            yield Text("Tests", style="bold")
            yield from map(Text, self.tests)
        if self.answers:
            yield Text("Who answers to contacts", style="bold")
            yield from map(Text, self.answers)
        if self.compared is not None:
            yield Text("\nBeside the truth of this simulated market", style="bold")
            yield _truth_table(self.compared, self.summary)
        yield _footer(self.summary)


def _lines_table(lines: tuple[Line, ...], summary: Summary, wide: bool) -> Table:
    """Lay out the channels; a narrow terminal gets the columns that carry the decision."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("Channel", no_wrap=True, max_width=22)
    if wide:
        table.add_column(f"Spend\n{summary.currency}", justify="right", no_wrap=True)
    table.add_column(f"Extra\n{summary.goal.plural}", justify="right", no_wrap=True)
    table.add_column("Likely", justify="right", no_wrap=True)
    table.add_column("Last\nclick", justify="right", no_wrap=True)
    table.add_column(f"{summary.currency} per\n{summary.newcomer}", justify="right", no_wrap=True)
    table.add_column("Likely", justify="right", no_wrap=True)
    if wide:
        table.add_column("Proof")
    table.add_column("Verdict")
    for line in lines:
        cells = [
            line.name,
            *([_bare(line.spend, summary)] if wide else []),
            line.extra,
            line.extra_range,
            line.credited,
        ]
        cells += [_bare(line.cost, summary), line.cost_range, *([PROOF[line.effect.proof]] if wide else [])]
        table.add_row(*map(Text, cells), Text(line.action.value, style=STYLES[line.action]))
    return table


def _ads_table(lines: tuple[Line, ...], summary: Summary, wide: bool) -> Table:
    """Lay out the ads under their channels; where targets differ, a wide terminal gets those too."""
    targets = wide and summary.targets_differ
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("Channel", no_wrap=True, max_width=14)
    table.add_column("Ad", no_wrap=True, max_width=22 if targets or not wide else 34)
    if wide:
        table.add_column(f"Spend\n{summary.currency}", justify="right", no_wrap=True)
    table.add_column(f"Extra\n{summary.goal.plural}", justify="right", no_wrap=True)
    table.add_column("Likely", justify="right", no_wrap=True)
    table.add_column(f"{summary.currency} per\n{summary.newcomer}", justify="right", no_wrap=True)
    if targets:
        table.add_column(f"Target\n{summary.currency}", justify="right", no_wrap=True)
    table.add_column("Verdict")
    above = ""
    for line in lines:
        cost = " ".join(
            part for part in (_bare(line.cost, summary), f"({line.cost_range})" if line.cost_range else "") if part
        )
        cells = [
            "" if line.channel == above else line.channel,
            line.name,
            *([_bare(line.spend, summary)] if wide else []),
        ]
        cells += [line.extra, line.extra_range, cost, *([_bare(line.target, summary)] if targets else [])]
        table.add_row(*map(Text, cells), Text(line.action.value, style=STYLES[line.action]))
        above = line.channel
    return table


def _reasons(lines: tuple[Line, ...]) -> RenderableType:
    """Give each channel its verdict in a sentence."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, max_width=22)
    table.add_column()
    for line in lines:
        sentence = " ".join(part for part in (line.reason, line.last_click, line.caution) if part)
        table.add_row(Text(line.action.value, style=STYLES[line.action]), Text(line.name), Text(sentence))
    return Padding(table, (0, 0, 1, 0))


def _truth_table(compared: Comparison, summary: Summary) -> RenderableType:
    """Lay out the methods beside the truth, with how far off each is."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True, show_footer=True)
    table.add_column("Channel", footer="Off by", max_width=22)
    table.add_column("Truth", justify="right", footer="")
    for method, words in METHODS.items():
        table.add_column(words, justify="right", footer=percent(compared.errors[method], 2))
    for row in compared.rows:
        table.add_row(
            Text(channel_name(row.channel)), number(row.truth), *(number(row.credited[method]) for method in METHODS)
        )
    means = f"Off by: distance from the truth, mean over the channels, as a share of all {summary.goal.plural}."
    inside = f"{compared.ads_inside} of {compared.ads} ads inside their likely range."
    return Group(table, Text(means, style="dim"), Text(inside if compared.ads else "", style="bold"))


def _footer(summary: Summary) -> Text:
    """Say how far the report can be trusted, and what to keep in mind."""
    told = [*summary.doubts, summary.linked, *((summary.record,) if summary.record else ())]
    lines = [f"\nThis run: {summary.verdict_words}.", *told, *summary.notes]
    return Text("\n".join(lines))


def _bare(amount: str, summary: Summary) -> str:
    """Take the currency off an amount whose column already names it."""
    return amount.replace(f"\N{NO-BREAK SPACE}{summary.currency}", "").replace(f" {summary.currency}", "")


def plan_table(plan: Plan, *, currency: str, limit: int = 20) -> RenderableType:
    """Give the plan for a terminal: its best contacts, what is scarce and who was left out.

    Parameters
    ----------
    currency
        Currency of the plan's values.
    limit
        How many contacts to print.
    """
    contacts = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading, justify in (("Customer", "left"), ("Day", "left"), ("Channel", "left"), ("Promotion", "left")):
        contacts.add_column(heading, justify=justify, no_wrap=True, max_width=18)  # type: ignore[arg-type]
    contacts.add_column(f"Worth {currency}", justify="right", no_wrap=True)
    contacts.add_column("Why", ratio=1)
    for contact in plan.contacts[:limit]:
        why = f"{contact.reason} (held back, to measure)" if contact.ghost else contact.reason
        worth = _amount(contact.expected_value)
        cells = [contact.customer_id, day(contact.on), channel_name(contact.channel), contact.promotion or NOTHING]
        contacts.add_row(*map(Text, (*cells, worth, why)))
    held = sum(contact.ghost for contact in plan.contacts)
    worth = money(plan.expected_value, currency, about(plan.expected_value))
    head = (
        f"\n{number(len(plan.contacts))} contacts for {days(plan.starts_on, plan.ends_on)}, "
        f"worth about {worth}; {plan_quality(plan.bound, plan.gap)}."
    )
    parts: list[RenderableType] = [Text(head, style="bold"), contacts]
    if len(plan.contacts) > limit:
        parts.append(Text(f"... and {number(len(plan.contacts) - limit)} more.", style="dim"))
    if held:
        parts.append(Text(f"{number(held)} of them are held back at random, so that the plan measures itself."))
    if plan.constraints:
        parts.append(_scarce_table(plan, currency))
    if plan.withheld:
        parts.append(Text("Left out, and why", style="bold"))
        parts += [Text(f"  {count:>9}  {words}") for words, count in withheld_lines(plan.withheld)]
    return Group(*parts)


def _scarce_table(plan: Plan, currency: str) -> Table:
    """Lay out what is scarce, how much of it is used, and what one more would earn."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("What is scarce")
    for heading in ("Used", "Limit", f"One more would earn, {currency}"):
        table.add_column(heading, justify="right")
    for scarce in plan.constraints:
        price = _amount(scarce.price) if abs(scarce.price) >= 0.005 else "nothing"
        table.add_row(Text(constraint_words(scarce)), number(scarce.used), number(scarce.limit), price)
    return table


def _amount(value: float) -> str:
    """Write an amount under a heading that names its currency."""
    return number(value, 0.01)
