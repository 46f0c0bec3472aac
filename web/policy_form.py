"""The form of the contact policy: caps, days, quiet time, teams and the clock of leads."""

from __future__ import annotations

from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    FloatField,
    FormField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms import Form as Subform
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from campaigns.language import mark
from campaigns.people.consent import CONSENTS
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.quiet import WEEKDAYS, is_clock
from campaigns.planning.responsibility import STAGES
from web.forms import Form, offered

__all__ = ["PolicyForm", "read", "written"]

SPARE = 2
"""Empty rows for further caps."""

CONSENT_WORDS = {
    "email": mark("E-mail"),
    "phone": mark("Phone"),
    "sms": mark("Text message"),
    "mail": mark("Letter"),
    "ads": mark("Ads"),
}

DAYS = {
    "complaint_days": mark("after a complaint, no marketing"),
    "declined_days": mark("after they declined an offer, not the same again"),
    "bought_days": mark("after they bought a product, no offer of it"),
    "returned_days": mark("after they returned a product, no offer of it"),
    "exclusion_days": mark("between two offers that exclude one another"),
    "deal_days": mark("after a deal was opened, sales has the word (no closing day known)"),
    "overdue_days": mark("after a deal's expected closing day has passed, sales still has the word"),
    "win_days": mark("after a deal was won, no marketing"),
    "activity_days": mark("after sales spoke to somebody, sales has the word"),
    "booked_days": mark("before a booked call or visit, sales has the word"),
    "renewal_days": mark("before a contract ends, its owner has the word"),
    "handed_days": mark("after a lead was handed to sales, sales has the word"),
    "hold_days": mark("at most that sales may hold somebody"),
}
"""The rules that are a number of days, each with what the days are for."""


class CapForm(Subform):  # type: ignore[misc]
    """At most so many contacts in any run of so many days."""

    limit = IntegerField(mark("At most"), [Optional(), NumberRange(0, 1000)])
    days = IntegerField(mark("in any run of days"), [Optional(), NumberRange(1, 365)])
    channel = StringField(mark("through (empty for all)"), [Length(max=60)])
    scope = SelectField(
        mark("with"),
        choices=offered([("person", mark("one person")), ("household", mark("one household"))]),
        default="person",
    )
    each = SelectField(
        mark("counting"), choices=offered([("", mark("all offers")), ("promotion", mark("each offer by itself"))])
    )


CLOCK = {"inputmode": "numeric", "autocomplete": "off", "size": "5", "placeholder": "09:00"}

COUNTRY = {"autocomplete": "off", "size": "3", "maxlength": "2"}

DAY_WORDS = dict(
    zip(
        WEEKDAYS,
        (
            mark("Monday"),
            mark("Tuesday"),
            mark("Wednesday"),
            mark("Thursday"),
            mark("Friday"),
            mark("Saturday"),
            mark("Sunday"),
        ),
        strict=True,
    )
)

TEAM_WORDS = {"marketing": mark("marketing"), "sales": mark("sales"), "both": mark("both")}

STAGE_LABELS = {
    "stranger": mark("Strangers, known only by contacts and clicks"),
    "prospect": mark("On record, never ordered"),
    "lead": mark("Asked for something, not handed over yet"),
    "handed over": mark("A lead in the hands of an owner"),
    "open deal": mark("An open deal"),
    "won lately": mark("A deal was won lately"),
    "renewal": mark("A contract is up for renewal"),
    "customer": mark("Customers with whom sales is doing nothing"),
    "lapsed": mark("Last ordered more than a year ago"),
}
"""The stages of a relationship, as the form calls them."""


def clock(_form: Subform, field: StringField) -> None:
    """Refuse what is no time of day.

    Raises
    ------
    ValidationError
        If it is none.
    """
    if not is_clock(field.data):
        raise ValidationError(mark("Write a time of day such as 09:00."))


def _weekdays(words: str) -> SelectMultipleField:
    return SelectMultipleField(
        words,
        choices=offered(DAY_WORDS.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class QuietForm(Subform):  # type: ignore[misc]
    """When customers are left in peace, by their own clock and calendar."""

    begins = StringField(mark("Quiet from"), [clock], render_kw=CLOCK)
    ends = StringField(mark("to"), [clock], render_kw=CLOCK)
    opens = StringField(mark("Calls are made from"), [clock], render_kw=CLOCK)
    closes = StringField(mark("to"), [clock], render_kw=CLOCK)
    days = _weekdays(mark("Quiet days"))
    holidays = BooleanField(mark("Public holidays of the customer's country are quiet"))
    country = StringField(
        mark("Country of customers of whom none is known"),
        [Length(max=2)],
        description=mark("Two letters, such as TR; may be left empty."),
        render_kw=COUNTRY,
    )


class HandoverForm(Subform):  # type: ignore[misc]
    """The clock of a lead that was handed to sales."""

    owner_hours = IntegerField(
        mark("Business hours until the owner is reminded"), [InputRequired(), NumberRange(1, 1000)]
    )
    manager_hours = IntegerField(
        mark("further hours until the manager is told"), [InputRequired(), NumberRange(1, 1000)]
    )
    back_hours = IntegerField(
        mark("further hours until marketing may have the lead back"), [InputRequired(), NumberRange(1, 1000)]
    )
    opens = StringField(mark("Business hours from"), [clock], render_kw=CLOCK)
    closes = StringField(mark("to"), [clock], render_kw=CLOCK)
    days = _weekdays(mark("Business days"))
    country = StringField(
        mark("Country whose public holidays are free"),
        [Length(max=2)],
        description=mark("Two letters, such as TR; may be left empty."),
        render_kw=COUNTRY,
    )
    managers = TextAreaField(
        mark("Managers"),
        [Length(max=20_000)],
        description=mark("A line for each owner, as “owner = manager”; “*” stands for everybody else."),
        render_kw={"rows": 4, "autocomplete": "off"},
    )


class TeamsForm(Subform):  # type: ignore[misc]
    """Who speaks at which stage."""


STAGE_NAMES = {stage: stage.replace(" ", "_") for stage in STAGES}
"""The name of each stage's field."""

for _stage, _field in STAGE_NAMES.items():
    setattr(TeamsForm, _field, SelectField(STAGE_LABELS[_stage], choices=offered(TEAM_WORDS.items())))


class PolicyForm(Form):
    """What marketers decide most often; the other rules of the policy stay as they are."""

    caps = FieldList(FormField(CapForm))
    hours_between = IntegerField(
        mark("Hours between two contacts with a person"), [InputRequired(), NumberRange(0, 24 * 60)]
    )
    lock_scope = SelectField(
        mark("What sales does with one person locks"),
        choices=offered([("account", mark("the whole account")), ("person", mark("that person only"))]),
    )
    consent_presumed = SelectMultipleField(
        mark("Consent taken as given unless somebody said no"),
        choices=offered([(kind, CONSENT_WORDS[kind]) for kind in CONSENTS]),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=mark("Only where the law allows it. None ticked: no record of consent means no contact."),
    )
    relationship_keeps = FloatField(
        mark("Share of a customer's later margin that one relationship contact keeps, in %"),
        [Optional(), NumberRange(0, 100)],
        description=mark("Empty: told by held-back customers, or else by the orders that such contacts cause."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    quiet = FormField(QuietForm)
    teams = FormField(TeamsForm)
    handover = FormField(HandoverForm)
    note = StringField(mark("Why it is changed"), [Length(max=500)], render_kw={"autocomplete": "off"})

    @property
    def days(self) -> list[Any]:
        """The fields that are numbers of days, in their order."""
        return [self[name] for name in DAYS]


for _name, _words in DAYS.items():
    setattr(PolicyForm, _name, IntegerField(_words, [InputRequired(), NumberRange(0, 3650)]))


def written(policy: ContactPolicy) -> dict[str, Any]:
    """Write a policy as the form holds it, with empty rows for further caps."""
    told = policy.to_mapping()
    caps = [{**cap, "each": cap.get("each", "")} for cap in told["caps"]]
    managers = "\n".join(f"{owner} = {manager}" for owner, manager in told["handover"]["managers"].items())
    return {
        **told,
        "caps": [*caps, *({} for _row in range(SPARE))],
        "relationship_keeps": None if policy.relationship_keeps is None else 100.0 * policy.relationship_keeps,
        "teams": {STAGE_NAMES[stage]: team for stage, team in told["teams"].items()},
        "handover": {**told["handover"], "managers": managers},
    }


def read(form: PolicyForm, before: ContactPolicy) -> dict[str, Any]:
    """Read the form as a whole policy, as a mapping; what the form does not have stays as it was before."""
    caps = [
        {name: value for name, value in cap.items() if value not in ("", None)}
        for cap in form.caps.data
        if cap["limit"] is not None or cap["days"] is not None
    ]
    told, handover = before.to_mapping(), _plain(form.handover.data)
    keeps = form.relationship_keeps.data
    return {
        **told,
        "relationship_keeps": None if keeps is None else keeps / 100.0,
        **{name: form[name].data for name in (*DAYS, "hours_between", "lock_scope", "consent_presumed")},
        "caps": [{"scope": "person", **cap} for cap in caps],
        "quiet": {**told["quiet"], **_plain(form.quiet.data)},
        "teams": {stage: form.teams.data[name] for stage, name in STAGE_NAMES.items()},
        "handover": {**told["handover"], **handover, "managers": _managers(form.handover.managers.data or "")},
    }


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """Give what a part of the form holds, countries in capitals."""
    return {**told, "country": (told["country"] or "").strip().upper()}


def _managers(lines: str) -> dict[str, str]:
    """Read the manager of each owner, a line each; a line without both is left out."""
    pairs = (line.partition("=") for line in lines.splitlines())
    return {owner.strip(): manager.strip() for owner, _sign, manager in pairs if owner.strip() and manager.strip()}
