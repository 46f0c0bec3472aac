"""The report line by line, every figure already in words: what the terminal, the page and the site all show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.reporting.decisions import (
    Action,
    Basis,
    Decision,
    Yardstick,
    decide,
    held_against,
    in_order_of_decision,
    yardstick_of,
)
from campaigns.reporting.figures import NOTHING, about, chance, cost_span, day, days, money, number, span
from campaigns.reporting.sentences import (
    ACTION_HINTS,
    NO_NEW,
    caused,
    caution,
    channel_name,
    claim,
    claims,
    finding,
    goal_of,
    headline,
    last_click,
    last_click_total,
    limit_words,
    linked,
    newcomers,
    reason,
    subject,
    verdict_of,
    yardstick_words,
    yardsticks_words,
)
from campaigns.terms import Effect, Goal, Report

__all__ = ["Fact", "Line", "Summary", "ad_lines", "channel_lines", "summarise"]


@dataclass(frozen=True)
class Line:
    """One channel or ad, ready to be shown.

    Parameters
    ----------
    effect
        Where it came from, unrounded.
    name, campaign
        What it is called; the campaign is empty for a channel, or where it adds nothing.
    extra, extra_range
        Extra responses caused, and their likely range.
    fresh, fresh_range
        New customers caused, and their likely range.
    cost, cost_range
        Cost per new customer with its likely range, or why there is none.
    limit, against
        What its cost is held against, unrounded (None where there is nothing) and in words.
    target, chance
        The target that it has, and the chance that its cost beats that.
    proof, proof_words
        What stands behind the estimate, as a key and in words.
    action, hint
        The verdict, and what it means in a few words.
    claimed
        What the platform claims for itself, empty where it claims nothing.
    finding, last_click, caution, reason
        The sentences: what it did, what last click makes of it, what to bear in mind, and why the verdict.
    """

    effect: Effect
    name: str
    channel: str
    campaign: str
    spend: str
    claimed: str
    extra: str
    extra_range: str
    fresh: str
    fresh_range: str
    credited: str
    cost: str
    cost_range: str
    limit: float | None
    against: str
    target: str
    chance: str
    proof: str
    proof_words: str
    action: Action
    hint: str
    finding: str
    last_click: str
    caution: str
    reason: str


@dataclass(frozen=True)
class Fact:
    """One figure above the table: what it counts, the figure, and what to know about it."""

    label: str
    figure: str
    note: str


@dataclass(frozen=True)
class Summary:
    """What stands above and below the table."""

    headline: str
    against_last_click: str
    claims: str
    facts: tuple[Fact, ...]
    window: str
    until: str
    goal: Goal
    newcomer: str
    newcomers: str
    currency: str
    held_against: str
    targets_differ: bool
    nothing_to_show: str
    verdict: str
    verdict_words: str
    doubts: tuple[str, ...]
    linked: str
    notes: tuple[str, ...]


def channel_lines(report: Report, target: float | None = None) -> tuple[Line, ...]:
    """Give a line per channel, sorted by what to decide."""
    yardstick = yardstick_of(report.channels, target)
    return tuple(line_of(effect, report, yardstick) for effect in in_order_of_decision(report.channels, yardstick))


def ad_lines(report: Report, target: float | None = None) -> tuple[Line, ...]:
    """Give a line per ad: channels in the order of ``channel_lines``, and inside each by what to decide."""
    yardstick = yardstick_of(report.channels, target)
    channels = [effect.channel for effect in in_order_of_decision(report.channels, yardstick)]
    ranked = in_order_of_decision(report.ads, yardstick)
    place = {channel: position for position, channel in enumerate(channels)}
    ranked.sort(key=lambda effect: place.get(effect.channel, len(place)))
    return tuple(line_of(effect, report, yardstick) for effect in ranked)


def line_of(effect: Effect, report: Report, yardstick: Yardstick) -> Line:
    """Turn one effect into its line."""
    goal, currency = goal_of(report.run), report.currency
    decision = decide(effect, yardstick)
    extra, low, high = span(effect.incremental)
    fresh, fewest, most = span(effect.acquired)
    cost, cost_range = _cost_cells(effect, currency)
    against = held_against(effect, yardstick)
    target = None if against.basis is Basis.AVERAGE else against.value
    name = subject(effect)
    return Line(
        effect=effect,
        name=name,
        channel=channel_name(effect.channel),
        campaign=effect.campaign if effect.campaign and effect.campaign != name else "",
        spend=money(effect.spend, currency) if effect.spend else NOTHING,
        claimed=claim(effect),
        extra=extra,
        extra_range=f"{low} to {high}",
        fresh=fresh,
        fresh_range=f"{fewest} to {most}",
        credited=number(effect.rules["last_touch"]) if "last_touch" in effect.rules else NOTHING,
        cost=cost,
        cost_range=cost_range,
        limit=against.value,
        against=yardstick_words(against, currency),
        target=NOTHING if target is None else limit_words(target, currency),
        chance=NOTHING if decision.chance is None else chance(decision.chance),
        proof=effect.proof.value,
        proof_words=effect.proof.words,
        action=decision.action,
        hint=ACTION_HINTS[decision.action],
        finding=finding(effect, goal),
        last_click=last_click(effect, goal),
        caution=caution(effect),
        reason=_reason(effect, decision, yardstick, report),
    )


def summarise(report: Report, target: float | None = None) -> Summary:
    """Gather what stands above and below the table."""
    goal, run = goal_of(report.run), report.run
    newcomer, many = newcomers(goal)
    yardstick = yardstick_of(report.channels, target)
    against = [held_against(effect, yardstick) for effect in (*report.channels, *report.ads) if effect.spend > 0]
    verdict_words, doubts = verdict_of(run, report.checks)
    return Summary(
        headline=headline(report),
        against_last_click=last_click_total(report),
        claims=claims(report),
        facts=_facts(report, goal),
        window=days(run.window.start, run.window.end),
        until=day(run.window.end),
        goal=goal,
        newcomer=newcomer,
        newcomers=many,
        currency=report.currency,
        held_against=_held_against(against, yardstick, report.currency),
        targets_differ=len({yardstick_words(own, report.currency) for own in against}) > 1,
        nothing_to_show=f"no {many} we can show",
        verdict=run.verdict.value,
        verdict_words=verdict_words,
        doubts=doubts,
        linked=linked(run),
        notes=tuple(note[:1].upper() + note[1:] for note in report.notes),
    )


def _facts(report: Report, goal: Goal) -> tuple[Fact, ...]:
    """Give the figures above the table."""
    newcomer, many = newcomers(goal)
    extra, low, high = span(caused(report))
    anyway, fewest, most = span(report.baseline)
    spend = sum(effect.spend for effect in report.channels)
    fresh = sum(effect.acquired.mean for effect in report.channels)
    run = report.run
    facts = [
        Fact(
            f"{goal.plural} in the period",
            number(run.responses),
            f"{number(run.first_responses)} were a first {goal.singular}",
        ),
        Fact("would have come anyway", anyway, f"likely {fewest} to {most}"),
        Fact(f"extra {goal.plural} caused", extra, f"likely {low} to {high}"),
        Fact("spend", money(spend, report.currency), _channels(len(report.channels))),
    ]
    if spend > 0 and sum(effect.acquired.p05 for effect in report.channels) > 0:
        cost = money(spend / fresh, report.currency, about(spend / fresh))
        facts.append(Fact(f"per {newcomer}", cost, f"all costs, about {number(fresh, about(fresh))} {many}"))
    return tuple(facts)


def _held_against(against: Sequence[Yardstick], yardstick: Yardstick, currency: str) -> str:
    """Say what the costs are held against, all in all."""
    targets = [own.value for own in against if own.basis is Basis.PROMOTIONS and own.value is not None]
    return yardsticks_words(targets, yardstick if len(targets) < len(against) or not targets else None, currency)


def _channels(count: int) -> str:
    return "1 channel" if count == 1 else f"{number(count)} channels"


def _cost_cells(effect: Effect, currency: str) -> tuple[str, str]:
    """Give the cost per new customer and its range, in words where there is no number."""
    if effect.spend <= 0:
        return NOTHING, "no spend"
    if effect.cac is None or effect.cac.median is None:
        return NO_NEW, ""
    middle, low, high = cost_span(effect.cac, currency)
    if low and high:
        return middle, f"{low} to {high}"
    return (f"{low} {currency} or more", "") if low else (middle, "")


def _reason(effect: Effect, decision: Decision, yardstick: Yardstick, report: Report) -> str:
    """Build the sentence of the verdict."""
    return reason(effect, decision, yardstick, report.currency, goal_of(report.run))
