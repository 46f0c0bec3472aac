"""Moving money: the panel that says what it would do, by the draws that the run stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for

from campaigns.language import _
from campaigns.reporting.costing import Costing, counting
from campaigns.reporting.figures import days, money
from campaigns.reporting.moving import Curve, move_money
from campaigns.reporting.naming import channel_name, goal_of, newcomers, nouns
from campaigns.reporting.suggestion import MoveWords, Suggestion, move_words, suggest
from web.pages.effectiveness import MovePanel
from web.pages.page import Choice
from web.published import Shown

__all__ = ["MoveAsked", "move_asked", "move_panel"]

LARGEST = 12
"""Digits of the largest amount that is read."""


@dataclass(frozen=True)
class MoveAsked:
    """The move that the address asks for, or one worth looking at.

    Parameters
    ----------
    source, target
        Channels from which and to which money moves.
    spends
        What both spent in the period.
    days
        Length of the period.
    written, amount
        What moves, as written, and read; 0 where it cannot be read.
    words
        What it would do; None where that cannot be told, and ``refusal`` then says why.
    carried
        What an address needs to speak of the same move.
    """

    source: str
    target: str
    spends: tuple[float, float]
    days: int
    currency: str
    written: str
    amount: float
    words: MoveWords | None
    refusal: str
    carried: dict[str, Any]


def move_asked(shown: Shown, costing: Costing) -> MoveAsked | None:
    """Work out the move that the address asks for, or one worth looking at; None with fewer than two paid channels."""
    curves = {curve.channel: curve for curve in _counted(shown, costing)}
    first = suggest(tuple(curves.values()))
    if first is None:
        return None
    report = shown.report
    wanted, written = _wanted(first, curves)
    words, refusal = _told(shown, curves, wanted, written)
    window = report.run.window
    return MoveAsked(
        source=wanted.source,
        target=wanted.target,
        spends=(curves[wanted.source].spend, curves[wanted.target].spend),
        days=(window.end - window.start).days + 1,
        currency=report.currency,
        written=written,
        amount=_amount(written) or 0.0,
        words=words,
        refusal=refusal,
        carried={
            "goal": report.run.goal,
            "costs": costing.value,
            "from": wanted.source,
            "to": wanted.target,
            "amount": written,
        },
    )


def move_panel(shown: Shown, costing: Costing) -> MovePanel | None:
    """Put the move that the address asks for, or one worth looking at, in a panel with its form."""
    asked = move_asked(shown, costing)
    if asked is None:
        return None
    channels = [curve.channel for curve in _counted(shown, costing)]
    window = shown.report.run.window
    return MovePanel(
        goal=shown.report.run.goal,
        costs=costing.value,
        currency=asked.currency,
        window=days(window.start, window.end),
        sources=_choices(channels, asked.source),
        targets=_choices(channels, asked.target),
        amount=asked.written,
        words=asked.words,
        refusal=asked.refusal,
        plan=url_for("moves.show", **asked.carried),
        test=url_for("experiments.show", **asked.carried, _anchor="new"),
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
    amount = _amount(written)
    if amount is None:
        return None, _("Write the amount as a whole number above 0.")
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


def _amount(written: str) -> float | None:
    """Read an amount; None where it is no whole number above 0."""
    digits = written.replace(" ", "").replace("\N{NO-BREAK SPACE}", "").replace(",", "").replace(".", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) > LARGEST or not int(digits):
        return None
    return float(int(digits))


def _choices(channels: Iterable[str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(channel, channel_name(channel), channel == chosen) for channel in sorted(channels))
