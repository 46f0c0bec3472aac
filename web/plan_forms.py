"""The forms of the plan: what plan is wanted, and what to compare."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, DecimalField, IntegerField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from campaigns.faults import Fault, RefusedError
from campaigns.language import mark
from campaigns.planning.aims import Aims, Volume, read_volumes
from campaigns.planning.horizon import MOST_DAYS
from web.forms import Form, offered

__all__ = ["CHANGES", "CompareForm", "DraftForm", "changes_in", "options_in"]

_TYPED = {"autocomplete": "off"}

CHANGES = (
    ("budget -20%", mark("Budget 20 % less")),
    ("agents +1", mark("One more agent")),
    ("cap email 3", mark("E-mail at most 3 instead of 2")),
)
"""Changes that are offered for comparison, as the planner reads them."""


class DraftForm(Form):
    """What plan is wanted; amounts are in the reporting currency."""

    starts_on = DateField(mark("First day"), [InputRequired()])
    days = IntegerField(mark("Days"), [InputRequired(), NumberRange(1, MOST_DAYS)], default=7, render_kw=_TYPED)
    budget = DecimalField(
        mark("Budget"),
        [Optional(), NumberRange(0, 1_000_000_000)],
        places=None,
        render_kw={"inputmode": "decimal", **_TYPED},
        description=mark("What all contacts together may cost. Promotions keep their own budgets besides."),
    )
    limit = IntegerField(mark("Contacts at most"), [Optional(), NumberRange(1, 100_000_000)], render_kw=_TYPED)
    least = IntegerField(
        mark("Relationship contacts, at least (%)"), [Optional(), NumberRange(0, 100)], render_kw=_TYPED
    )
    most = IntegerField(mark("Relationship contacts, at most (%)"), [Optional(), NumberRange(0, 100)], render_kw=_TYPED)
    volumes = TextAreaField(
        mark("Contacts about a promotion"),
        [Length(max=4_000)],
        description=mark("One promotion a line, as spring=500-2000, spring=500- or spring=-2000."),
    )
    ghosts = SelectField(
        mark("Held back at random, to measure the rest"),
        choices=offered([("0", mark("nobody")), ("0.05", mark("5 % of the contacts")), ("0.1", mark("10 %"))]),
    )
    exploration = SelectField(
        mark("Learning contacts"),
        choices=offered([("0", mark("none")), ("0.1", mark("10 % of the customers"))]),
        description=mark("For these, what is known least is tried too."),
    )
    never_held_back = TextAreaField(
        mark("Never held back"),
        [Length(max=20_000)],
        description=mark("Customer numbers, one a line: named accounts."),
    )


class CompareForm(Form):
    """What would be if."""

    changes = SelectMultipleField(
        mark("What if"),
        choices=offered(CHANGES),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    free = TextAreaField(
        mark("Or in your own words"),
        [Length(max=1_000)],
        description=mark(
            "One change a line: budget -20%, agents +1, limit 5000, cap call 2, or a capacity, such as letters +500."
        ),
    )


def options_in(form: DraftForm) -> dict[str, Any]:
    """Read the form as the options of a request to the planner.

    Raises
    ------
    RefusedError
        With everything in it that contradicts itself.
    """
    faults: list[Fault] = []
    volumes: dict[str, Volume] = {}
    aims = None
    try:
        volumes = read_volumes(line for line in (form.volumes.data or "").splitlines() if line.strip())
    except RefusedError as error:
        faults += error.faults
    named = tuple(line.strip() for line in (form.never_held_back.data or "").splitlines() if line.strip())
    try:
        aims = Aims(
            budget=None if form.budget.data is None else float(form.budget.data),
            volumes=volumes,
            least_relationship=None if form.least.data is None else form.least.data / 100,
            most_relationship=None if form.most.data is None else form.most.data / 100,
            ghosts=float(form.ghosts.data or 0),
            exploration=float(form.exploration.data or 0),
            never_held_back=named,
        )
    except RefusedError as error:
        faults += error.faults
    if faults or aims is None:
        raise RefusedError("Such a plan cannot be made:", faults)
    written = aims.to_mapping()
    if named:
        written["never_held_back"] = list(named)
    return {
        "starts_on": form.starts_on.data.isoformat(),
        "days": form.days.data,
        "limit": form.limit.data,
        "aims": written,
    }


def changes_in(form: CompareForm) -> list[str]:
    """Read the changes of the form, each once."""
    free = [line.strip() for line in (form.free.data or "").splitlines() if line.strip()]
    return list(dict.fromkeys([*(form.changes.data or ()), *free]))
