"""What tests measured and what changed, in sentences."""

from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO

from rich.console import Console

from campaigns.reporting.tested import change_words, told_of_tests
from campaigns.reporting.text import report_table
from campaigns.terms import Changes, ExperimentFinding, NextTest, Range, Report, Soundness, TestKind

FINDING = ExperimentFinding(
    "Spring holdout",
    "email",
    TestKind.PEOPLE,
    date(2026, 3, 1),
    date(2026, 4, 9),
    Soundness.ADVISORY,
    ("It was too small to tell.",),
    Range(42.4, -10.2, 95.0),
    Range(61.0, 40.0, 82.0),
)
NEXT = NextTest("display", 3_000, 4, 1.5, 0.9, 100.0, "Holding back 3,000 customers for 4 weeks would settle it.")
CHANGES = Changes(3, datetime(2026, 5, 3, tzinfo=UTC), ("2,100 new orders", "a new test (Spring)"))


def with_findings(report: Report) -> Report:
    return replace(report, experiments=(FINDING,), next_tests=(NEXT,), changes=CHANGES)


def test_a_test_is_told_beside_the_estimate_and_with_its_doubt(report: Report) -> None:
    first, heading, then = told_of_tests(with_findings(report))
    assert first.startswith("Spring holdout (E-mail); measured 42 extra, likely ")
    assert "the estimate for the same says" in first
    assert first.endswith("Shown, not used. It was too small to tell.")
    assert heading == "Which test next:"
    assert then.strip() == f"Display: {NEXT.sentence}"


def test_changes_are_one_sentence_and_nothing_where_there_are_none(report: Report) -> None:
    said = change_words(with_findings(report).changes)
    assert said.endswith("because: 2,100 new orders; a new test (Spring).")
    assert change_words(None) == ""
    assert change_words(replace(CHANGES, reasons=())) == ""


def test_the_terminal_tells_them(report: Report) -> None:
    console = Console(width=120, file=StringIO())
    console.print(report_table(with_findings(report)))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Which test next:" in text
    assert "because: 2,100 new orders" in text
