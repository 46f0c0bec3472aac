"""The form of a test: what is tested, when, and who gets it."""

from __future__ import annotations

from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from campaigns.language import mark
from campaigns.reporting.naming import channel_name
from campaigns.store.tests_planned import PlannedTest
from web.forms import Form

__all__ = ["ExperimentForm", "test_in"]

_TYPED = {"autocomplete": "off"}


class ExperimentForm(Form):
    """A test that is to run."""

    experiment = StringField(mark("Name"), [InputRequired(), Length(max=200)], render_kw=_TYPED)
    channel = SelectField(mark("Channel"), choices=[])
    starts_on = DateField(mark("First day"), [InputRequired()])
    ends_on = DateField(mark("Last day"), [InputRequired()])
    measured_until = DateField(
        mark("Orders count until"),
        [InputRequired()],
        description=mark("Some days after the last one: who was reached then may still order."),
    )
    share = IntegerField(
        mark("Share that gets it (%)"),
        [InputRequired(), NumberRange(1, 99)],
        render_kw=_TYPED,
        description=mark("Of the people or regions, drawn at random; the others are held back."),
    )
    regions = StringField(
        mark("Regions that get it"),
        [Length(max=2_000)],
        render_kw=_TYPED,
        description=mark("With commas between. Empty: people are drawn, not regions."),
    )

    def offer(self, channels: tuple[str, ...]) -> None:
        """Fill in what there is to test."""
        self.channel.choices = [(name, channel_name(name)) for name in channels]


def test_in(form: ExperimentForm) -> PlannedTest:
    """Read a form that holds."""
    regions = tuple(part.strip() for part in (form.regions.data or "").split(",") if part.strip())
    return PlannedTest(
        experiment=(form.experiment.data or "").strip(),
        channel=form.channel.data,
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        measured_until=form.measured_until.data,
        share=form.share.data / 100,
        regions=regions,
    )
