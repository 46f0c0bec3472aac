"""Codes, and what answered them, as a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from campaigns.language import _
from campaigns.naming.codes import match_keys
from campaigns.naming.names import Name
from campaigns.reporting.figures import number, span
from campaigns.reporting.sheets import Field, Sheet
from campaigns.terms import Report

__all__ = ["answer_sentences", "answers_sheet"]


class _Made(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def carrier(self) -> str: ...
    @property
    def name(self) -> Name: ...
    @property
    def promotion(self) -> str | None: ...
    @property
    def link(self) -> str | None: ...


class _Answered(Protocol):
    @property
    def code(self) -> str | None: ...
    @property
    def promotion(self) -> str | None: ...
    @property
    def name(self) -> Name | None: ...
    @property
    def responses(self) -> int: ...
    @property
    def anonymous(self) -> int: ...
    @property
    def value(self) -> int: ...


def answers_sheet(made: Sequence[_Made], answers: Iterable[_Answered], currency: str) -> Sheet:
    """Return every code that was made or answered, with what it stands for and how many answered."""
    fields = (
        Field("code", _("the code, as it is shown; empty where responses name the promotion alone")),
        Field("carrier", _("where it is met: link, coupon or phone; empty where it was not made here")),
        Field("channel", _("the channel it was made for")),
        Field("campaign", _("the campaign it was made for")),
        Field("ad", _("the ad it was made for")),
        Field("promotion", _("the promotion")),
        Field("responses", _("responses that came by it, each order once"), "whole", _("responses")),
        Field("anonymous", _("those of them by nobody known"), "whole", _("responses")),
        Field("value", _("their value"), "money", currency),
        Field("link", _("the link with its tags")),
    )
    counted: dict[str, list[_Answered]] = {}
    for each in answers:
        counted.setdefault(_key(each.code), []).append(each)
    rows = []
    for code in made:
        own = counted.pop(_key(code.code), [])
        rows.append(
            {**_placed(code.code, code.name, code.promotion), "carrier": code.carrier, "link": code.link, **_sum(own)}
        )
    for some in counted.values():
        rows += [{**_placed(each.code, each.name, each.promotion), **_sum([each])} for each in some]
    return Sheet(_("Codes"), fields, rows)


def answer_sentences(answers: Iterable[_Answered], report: Report) -> tuple[str, ...]:
    """Say how many answered a code of each channel, beside its estimate, and of each promotion without a channel.

    Those who answer a code are certain to have met it, and some would have come anyway; many who were moved to come
    answer none. So neither number is a bound of the other, but an estimate far below the answers is worth a look.
    """
    by_channel: dict[str, list[_Answered]] = {}
    by_promotion: dict[str, list[_Answered]] = {}
    for each in answers:
        if each.name is not None:
            by_channel.setdefault(each.name.channel, []).append(each)
        elif each.promotion is not None:
            by_promotion.setdefault(each.promotion, []).append(each)
    estimated = {effect.channel: effect.incremental for effect in report.channels}
    sentences = []
    for channel, some in sorted(by_channel.items()):
        counted = {"channel": channel, "count": number(sum(each.responses for each in some))}
        if channel in estimated:
            _mean, low, high = span(estimated[channel])
            text = _(
                "%(channel)s: %(count)s answered a code; %(low)s to %(high)s extra estimated",
                low=low,
                high=high,
                **counted,
            )
        else:
            text = _("%(channel)s: %(count)s answered a code; nothing is estimated of it", **counted)
        sentences.append(text)
    for promotion, some in sorted(by_promotion.items()):
        count = sum(each.responses for each in some)
        anonymous = sum(each.anonymous for each in some)
        sentences.append(
            _(
                "%(promotion)s: %(count)s answered it, %(anonymous)s of them by nobody known",
                promotion=promotion,
                count=number(count),
                anonymous=number(anonymous),
            )
        )
    return tuple(sentences)


def _placed(code: str | None, name: Name | None, promotion: str | None) -> dict[str, Any]:
    place = {"channel": name.channel, "campaign": name.campaign, "ad": name.ad} if name else {}
    return {"code": code, "promotion": promotion, **place}


def _sum(answers: Sequence[_Answered]) -> dict[str, Any]:
    return {
        "responses": sum(each.responses for each in answers),
        "anonymous": sum(each.anonymous for each in answers),
        "value": sum(each.value for each in answers) / 100,
    }


def _key(code: str | None) -> str:
    return match_keys(code)[0] if code else ""
