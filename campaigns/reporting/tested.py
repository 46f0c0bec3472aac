"""What tests measured, which to run next, and what changed: as sentences, for every surface."""

from __future__ import annotations

from campaigns.language import _
from campaigns.reporting.figures import day, number, span
from campaigns.reporting.sentences import channel_name
from campaigns.retelling import retold
from campaigns.terms import Changes, ExperimentFinding, NextTest, Report

__all__ = ["change_words", "finding_words", "next_finding_words", "told_of_tests"]

TOLD = 3
"""Tests to run next that are told."""


def change_words(changes: Changes | None) -> str:
    """Tell why a report differs from the one before: ``Changed since 3 May because: 2,100 new orders; a new test.``."""
    if changes is None or not changes.reasons:
        return ""
    when = day(changes.since.date())
    return _("Changed since %(when)s because: %(reasons)s.", when=when, reasons="; ".join(map(retold, changes.reasons)))


def finding_words(finding: ExperimentFinding) -> str:
    """Tell what a test measured beside the estimate, whether it is used, and the check that speaks most."""
    parts = [_("%(name)s (%(channel)s)", name=finding.experiment, channel=channel_name(finding.channel))]
    if finding.measured is not None:
        low, high = number(finding.measured.p05), number(finding.measured.p95)
        mean = number(finding.measured.mean)
        parts.append(_("measured %(mean)s extra, likely %(low)s to %(high)s", mean=mean, low=low, high=high))
    if finding.estimated is not None:
        mean, low, high = span(finding.estimated)
        told = _("the estimate for the same says %(mean)s, likely %(low)s to %(high)s", mean=mean, low=low, high=high)
        parts.append(told)
    line = "; ".join(parts)
    used = _(finding.soundness.words)
    return f"{line}. {used[:1].upper()}{used[1:]}. {retold(finding.sentences[0])}"


def next_finding_words(test: NextTest) -> str:
    """Tell a test worth running."""
    return f"{channel_name(test.channel)}: {retold(test.sentence)}"


def told_of_tests(report: Report) -> tuple[str, ...]:
    """Tell, line by line, of the tests of a report and of those to run next."""
    lines = [finding_words(finding) for finding in report.experiments]
    if report.next_tests:
        lines.append(_("Which test next:"))
        lines += [f"  {next_finding_words(test)}" for test in report.next_tests[:TOLD]]
    return tuple(lines)
