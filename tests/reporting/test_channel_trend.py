"""The trend of each channel: beside a month and a year ago, its budget, and run by run with notes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.reporting.background import Background, Budget
from campaigns.reporting.channel_trend import channel_moments, channel_table
from campaigns.reporting.content import report_charts, report_content
from campaigns.reporting.figures import NOTHING
from campaigns.reporting.lines import summarise
from campaigns.terms import Changes, Range, Window
from tests.sample_report import sample_report


def earlier(report, days, number, factor=1.0, channels=None):
    """A run of some days ago, whose effects were so many times as large."""
    window = report.run.window
    scaled = tuple(
        replace(
            effect,
            incremental=Range(
                *(factor * part for part in (effect.incremental.mean, effect.incremental.p05, effect.incremental.p95))
            ),
        )
        for effect in report.channels[:channels]
    )
    run = replace(
        report.run,
        id=number,
        window=Window(window.start - timedelta(days), window.end - timedelta(days)),
        finished_at=report.run.finished_at - timedelta(days),
    )
    return replace(report, run=run, channels=scaled)


@pytest.fixture
def report():
    return sample_report()


def test_each_channel_stands_beside_a_month_and_a_year_ago_and_its_budget(report):
    month, year = earlier(report, 29, 2), earlier(report, 364, 1, factor=0.1, channels=2)
    known = report.channels[0].channel
    background = Background(earlier=(year, month), budget=Budget({"Spring": 900.0}, {known: 900.0}))
    headings, rows = channel_table(report, background, summarise(report))
    assert headings[2:8] == ("A month ago", "Difference", "A year ago", "Difference", "Spend", "Budget")
    assert len(rows) == len(report.channels)
    first, last = rows[0], rows[-1]
    assert first[1] == first[2]
    assert first[3] == "within what is likely"
    assert first[5] == "+900\N{NO-BREAK SPACE}%"
    assert first[7].startswith("900")
    assert last[4:6] == (NOTHING, NOTHING)
    assert last[7] == NOTHING


def test_runs_of_a_channel_come_newest_first_with_what_changed(report):
    before = earlier(report, 7, 1, channels=1)
    noted = replace(report, changes=Changes(1, before.run.finished_at, ("2,100 new orders",)))
    known, new = report.channels[0].channel, report.channels[-1].channel
    told = channel_moments((before, noted), known)
    assert [one.notes for one in told] == [("2,100 new orders",), ()]
    assert len(channel_moments((before, noted), new)) == 1


def test_a_second_run_draws_the_channels_and_the_table_stands_behind(report):
    background = Background(earlier=(earlier(report, 30, 1),))
    assert "channels" not in report_charts(report)
    assert "channels" in report_charts(report, background=background)
    figure = report_content(report, background=background).by_channel
    assert figure is not None
    assert [row[0] for row in figure.rows]
    assert "by each channel, run by run" in figure.title
