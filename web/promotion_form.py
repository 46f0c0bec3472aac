"""The form of a promotion: what may be written into it, and everything that is wrong with it at once."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from wtforms import (
    DateField,
    DecimalField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from campaigns.faults import RefusedError
from campaigns.language import _, mark
from campaigns.planning.audience import VALUE_CLASSES, Audience
from campaigns.store.audiences import AudienceParts
from campaigns.store.tables import Promotion
from web.forms import Form, offered

__all__ = ["AMOUNTS", "VALUE_WORDS", "PromotionForm", "audience_in", "contradictions", "values_in", "written"]

AMOUNTS = ("margin", "discount", "target_cac", "budget")

DEAREST = 1_000_000_000

KEY = re.compile(r"[\w][\w.\-]{0,59}")

VALUE_WORDS = {
    "high": mark("high: the top fifth of buyers of the last year"),
    "middle": mark("middle: the next three tenths"),
    "low": mark("low: the other half"),
    "none": mark("none: no order in the last year"),
}

_TYPED = {"autocomplete": "off"}
_AMOUNT = {"inputmode": "decimal", "autocomplete": "off"}


def _several(label: str, description: str = "") -> Any:
    return SelectMultipleField(
        label,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=description,
        choices=[],
        validate_choice=False,
    )


def _amount(label: str, description: str = "") -> Any:
    return DecimalField(
        label, [Optional(), NumberRange(0, DEAREST)], places=None, render_kw=_AMOUNT, description=description
    )


class PromotionForm(Form):
    """A promotion; amounts are in the reporting currency."""

    promotion = StringField(
        mark("Key"),
        [Optional(), Length(max=60)],
        render_kw=_TYPED,
        description=mark("Short, as lists and files name it: letters, digits, - and _. It stays for good."),
    )
    name = StringField(mark("Name"), [InputRequired(), Length(max=200)], render_kw=_TYPED)
    text = TextAreaField(mark("The offer in words"), [Length(max=10_000)], description=mark("Goes into the lists."))
    kind = SelectField(
        mark("Kind"),
        choices=offered(
            [
                ("product", mark("product: it sells something")),
                ("relationship", mark("relationship: it keeps customers")),
            ]
        ),
    )
    product = StringField(mark("Product"), [Length(max=200)], render_kw={"list": "products", **_TYPED})
    margin = _amount(
        mark("Margin of one order"), mark("Before the discount. Empty: the mean margin of your orders is taken.")
    )
    discount = _amount(mark("Discount on one order"))
    target_cac = _amount(mark("A new customer may cost"))
    budget = _amount(mark("Budget"), mark("The most that its contacts may cost in all. Empty: no limit."))
    starts_on = DateField(mark("First day"), [Optional()])
    ends_on = DateField(mark("Last day"), [Optional()])
    channels = _several(mark("Channels"), mark("None ticked: any."))
    response_code = StringField(
        mark("Response code"),
        [Length(max=60)],
        render_kw=_TYPED,
        description=mark("What customers say or type in to get it; ties their orders to it."),
    )
    excludes = _several(mark("Excludes"), mark("Who gets one of these does not get this one, and the other way round."))
    not_after = SelectField(mark("Not after"), choices=[], validate_choice=False)
    segments = _several(mark("Segment"))
    regions = _several(mark("Region"))
    interests = _several(mark("Showed interest in"))
    bought = _several(mark("Bought one of"))
    not_bought = _several(mark("Bought none of"))
    last_order_days = IntegerField(
        mark("Last order is older than, in days"), [Optional(), NumberRange(1, 3650)], render_kw=_TYPED
    )
    value_classes = _several(mark("Value"))

    @property
    def parts(self) -> tuple[Any, ...]:
        """The fields of the audience that are lists and have something to choose from."""
        names = ("segments", "regions", "value_classes", "interests", "bought", "not_bought")
        return tuple(self[name] for name in names if self[name].choices)

    def offer(self, parts: AudienceParts, channels: dict[str, str], others: tuple[str, ...]) -> None:
        """Fill in what there is to choose from; what was chosen before stays to be chosen."""
        nothing = [("", _("after any other"))]
        self.channels.choices = _with(channels, self.channels.data)
        self.excludes.choices = _with({key: key for key in others}, self.excludes.data)
        self.not_after.choices = nothing + _with(
            {key: key for key in others}, [self.not_after.data] if self.not_after.data else []
        )
        self.segments.choices = _with({name: name for name in parts.segments}, self.segments.data)
        self.regions.choices = _with({name: name for name in parts.regions}, self.regions.data)
        self.value_classes.choices = [(name, _(VALUE_WORDS[name])) for name in VALUE_CLASSES]
        for name in ("interests", "bought", "not_bought"):
            self[name].choices = _with(dict(parts.products), self[name].data)


def _with(known: dict[str, str], chosen: list[str] | None) -> list[tuple[str, str]]:
    return [*known.items(), *((name, name) for name in chosen or () if name not in known)]


def written(promotion: Promotion, audience: Audience, scale: int) -> dict[str, Any]:
    """Write a promotion as the form holds it; ``scale`` is how many minor units make a major one."""
    held: dict[str, Any] = {
        name: getattr(promotion, name)
        for name in ("promotion", "name", "text", "product", "starts_on", "ends_on", "response_code", "not_after")
    }
    amounts = {name: getattr(promotion, name) for name in AMOUNTS}
    return {
        **held,
        **{name: None if amount is None else _major(amount, scale) for name, amount in amounts.items()},
        "kind": promotion.kind or "product",
        "channels": _listed(promotion.channels),
        "excludes": _listed(promotion.excludes),
        **audience.to_mapping(),
    }


def _major(amount: int, scale: int) -> Decimal:
    """Write an amount in major units, without decimals where it has none."""
    return Decimal(amount // scale) if amount % scale == 0 else Decimal(amount) / scale


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split("|") if part.strip()]


def values_in(form: PromotionForm, scale: int) -> dict[str, Any]:
    """Read the form as the columns of a promotion, amounts in minor units; what is empty is None."""
    texts = {
        name: (form[name].data or "").strip() or None
        for name in ("name", "text", "product", "response_code", "not_after")
    }
    amounts = {name: None if form[name].data is None else round(form[name].data * scale) for name in AMOUNTS}
    lists = {name: "|".join(form[name].data or ()) or None for name in ("channels", "excludes")}
    days = {"starts_on": form.starts_on.data, "ends_on": form.ends_on.data}
    return {**texts, **amounts, **lists, **days, "kind": form.kind.data}


def audience_in(form: PromotionForm) -> Audience:
    """Read the audience of the form.

    Raises
    ------
    RefusedError
        If it contradicts itself.
    """
    lists = ("segments", "regions", "interests", "bought", "not_bought", "value_classes")
    read: dict[str, Any] = {name: tuple(form[name].data or ()) for name in lists}
    return Audience(**read, last_order_days=form.last_order_days.data)


def contradictions(form: PromotionForm, key: str, taken: tuple[str, ...], codes: dict[str, str], *, new: bool) -> bool:
    """Note on the fields everything that no field can see by itself; tell whether there was anything.

    Parameters
    ----------
    key
        Key of the promotion.
    taken
        Keys of all promotions there are.
    codes
        The promotion of each response code in use, the code in small letters.
    """
    found: list[tuple[Any, str]] = []
    if new and not KEY.fullmatch(key):
        found.append((form.promotion, _("Letters, digits, - and _ only, and at least one of them.")))
    if new and key in taken:
        found.append((form.promotion, _("There is a promotion of this key already.")))
    first, last = form.starts_on.data, form.ends_on.data
    if first and last and last < first:
        found.append((form.ends_on, _("It ends before it starts.")))
    margin, discount = form.margin.data, form.discount.data
    if margin is not None and margin - (discount or 0) <= 0:
        found.append((form.margin, _("It earns nothing: the margin less the discount is not above 0.")))
    if key and key in (form.excludes.data or ()):
        found.append((form.excludes, _("A promotion cannot exclude itself.")))
    if form.not_after.data and form.not_after.data == key:
        found.append((form.not_after, _("A promotion cannot follow itself.")))
    code = (form.response_code.data or "").strip().casefold()
    if code and codes.get(code, key) != key:
        found.append((form.response_code, _("This code belongs to %(promotion)s already.", promotion=codes[code])))
    try:
        audience_in(form)
    except RefusedError as error:
        said = " ".join(f"{fault.found}." for fault in error.faults)
        found.append((form.last_order_days, _("The audience contradicts itself: %(what)s", what=said)))
    for field, words in found:
        field.errors = [*field.errors, words]
    return bool(found)
