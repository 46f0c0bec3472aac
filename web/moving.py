"""Moving money: the panel that says what it would do, by the draws that the run stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import request

from campaigns.language import _
from campaigns.reporting.costing import Costing, counting
from campaigns.reporting.figures import days, money
from campaigns.reporting.moving import Curve, move_money
from campaigns.reporting.naming import channel_name, goal_of, newcomers, nouns
from campaigns.reporting.suggestion import MoveWords, Suggestion, move_words, suggest
from web.asked import address_if_there
from web.pages.effectiveness import MovePanel
from web.pages.page import Choice
from web.published import Shown

__all__ = ["move_panel"]

LARGEST = 12
"""Digits of the largest amount that is read."""


def move_panel(shown: Shown, costing: Costing) -> MovePanel | None:
    """Work out the move that the address asks for, or one worth looking at; None with fewer than two paid channels."""
    curves = {curve.channel: curve for curve in _counted(shown, costing)}
    first = suggest(tuple(curves.values()))
    if first is None:
        return None
    report = shown.report
    wanted, amount = _wanted(first, curves)
    words, refusal = _told(shown, curves, wanted, amount)
    return MovePanel(
        goal=report.run.goal,
        costs=costing.value,
        currency=report.currency,
        window=days(report.run.window.start, report.run.window.end),
        sources=_choices(curves, wanted.source),
        targets=_choices(curves, wanted.target),
        amount=amount,
        words=words,
        refusal=refusal,
        plan=address_if_there("plan.show"),
        test=address_if_there("experiments.show", channel=wanted.target),
    )


def _counted(shown: Shown, costing: Costing) -> tuple[Curve, ...]:
    """Give the curves over the spend that counts."""
    spends = {effect.channel: effect.spend for effect in counting(shown.report, costing).channels}
    return tuple(
        replace(curve, spend=spends[curve.channel])
        for curve in shown.background.curves
        if spends.get(curve.channel, 0.0) > 0.0
    )


def _wanted(first: Suggestion, curves: Mapping[str, Curve]) -> tuple[Suggestion, str]:
    """Read the move that the address asks for, and its amount as written."""
    asked = request.args
    source, target = asked.get("from", first.source), asked.get("to", first.target)
    amount = asked.get("amount", f"{first.amount:.0f}").strip()
    known = source in curves and target in curves
    if not known:
        source, target = first.source, first.target
    return Suggestion(source, target, first.amount), amount[: LARGEST + 8]


def _told(shown: Shown, curves: Mapping[str, Curve], wanted: Suggestion, written: str) -> tuple[MoveWords | None, str]:
    """Say what the move does, or why that cannot be told."""
    source, target = curves[wanted.source], curves[wanted.target]
    digits = written.replace(" ", "").replace("\N{NO-BREAK SPACE}", "").replace(",", "").replace(".", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) > LARGEST or not int(digits):
        return None, _("Write the amount as a whole number above 0.")
    amount = float(int(digits))
    if source.channel == target.channel:
        return None, _("Choose two different channels.")
    if amount > source.spend:
        return None, _(
            "Only %(spend)s were spent on %(channel)s in this period.",
            spend=money(source.spend, shown.report.currency),
            channel=channel_name(source.channel),
        )
    goal = goal_of(shown.report.run)
    things = newcomers(goal)[1] if shown.background.wins_newcomers else _("extra %(things)s", things=nouns(goal)[1])
    return move_words(move_money(source, target, amount), shown.report.currency, things), ""


def _choices(curves: Mapping[str, Curve], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(channel, channel_name(channel), channel == chosen) for channel in sorted(curves))
