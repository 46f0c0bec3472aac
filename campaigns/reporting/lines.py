"""The report line by line, every figure already in words: what the terminal, the page and the site all show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns.language import _, ngettext
from campaigns.reporting.decisions import (
    Action,
    Basis,
    Yardstick,
    decide,
    held_against,
    in_order_of_decision,
    yardstick_of,
)
from campaigns.reporting.figures import NOTHING, about, chance, cost_span, day, days, money, number, span
from campaigns.reporting.naming import (
    ACTION_HINTS,
    ACTION_WORDS,
    campaign_name,
    channel_name,
    goal_of,
    newcomers,
    nouns,
    subject,
)
from campaigns.reporting.sentences import (
    beyond_words,
    caused,
    caution,
    claim,
    claims,
    finding,
    headline,
    last_click,
    last_click_total,
    limit_words,
    linked,
    no_new,
    reason,
    track_record,
    verdict_of,
    yardstick_words,
    yardsticks_words,
)
from campaigns.retelling import retold
from campaigns.terms import Effect, Goal, Report

__all__ = ["Fact", "Line", "Summary", "ad_lines", "campaign_lines", "channel_lines", "line_of", "summarise"]


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
    action, word, hint
        The verdict, in the reader's language, and what it means in a few words.
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
    word: str
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
    """What stands above and below the table.

    Parameters
    ----------
    things
        The goal's own noun, plural.
    paid
        Whether any spend is known.
    known_new
        Whether it is known who is new.
    """

    headline: str
    against_last_click: str
    claims: str
    facts: tuple[Fact, ...]
    window: str
    until: str
    goal: Goal
    things: str
    newcomer: str
    newcomers: str
    currency: str
    paid: bool
    known_new: bool
    held_against: str
    targets_differ: bool
    nothing_to_show: str
    verdict: str
    verdict_words: str
    doubts: tuple[str, ...]
    linked: str
    record: str
    notes: tuple[str, ...]


def channel_lines(
    report: Report, target: float | None = None, names: Mapping[str, str] | None = None
) -> tuple[Line, ...]:
    """Give a line per channel, sorted by what to decide."""
    yardstick = yardstick_of(report.channels, target)
    ranked = in_order_of_decision(report.channels, yardstick)
    return tuple(line_of(effect, report, yardstick, names) for effect in ranked)


def campaign_lines(
    report: Report, target: float | None = None, names: Mapping[str, str] | None = None
) -> tuple[Line, ...]:
    """Give a line per campaign: channels in the order of ``channel_lines``, and inside each by what to decide."""
    return _lines_below(report.campaigns, report, target, names)


def ad_lines(report: Report, target: float | None = None, names: Mapping[str, str] | None = None) -> tuple[Line, ...]:
    """Give a line per ad: channels in the order of ``channel_lines``, and inside each by what to decide."""
    return _lines_below(report.ads, report, target, names)


def _lines_below(
    effects: Sequence[Effect], report: Report, target: float | None, names: Mapping[str, str] | None
) -> tuple[Line, ...]:
    yardstick = yardstick_of(report.channels, target)
    channels = [effect.channel for effect in in_order_of_decision(report.channels, yardstick)]
    ranked = in_order_of_decision(effects, yardstick)
    place = {channel: position for position, channel in enumerate(channels)}
    ranked.sort(key=lambda effect: place.get(effect.channel, len(place)))
    return tuple(line_of(effect, report, yardstick, names) for effect in ranked)


def line_of(effect: Effect, report: Report, yardstick: Yardstick, names: Mapping[str, str] | None = None) -> Line:
    """Turn one effect into its line."""
    goal, currency = goal_of(report.run), report.currency
    decision = decide(effect, yardstick)
    extra, low, high = span(effect.incremental)
    fresh, fewest, most = span(effect.acquired)
    cost, cost_range = _cost_cells(effect, currency)
    against = held_against(effect, yardstick)
    target = None if against.basis is Basis.AVERAGE else against.value
    name = subject(effect, names)
    campaign = campaign_name(effect.campaign, names) if effect.campaign else ""
    return Line(
        effect=effect,
        name=name,
        channel=channel_name(effect.channel),
        campaign=campaign if campaign != name else "",
        spend=money(effect.spend, currency) if effect.spend else NOTHING,
        claimed=claim(effect),
        extra=extra,
        extra_range=_("%(low)s to %(high)s", low=low, high=high),
        fresh=fresh,
        fresh_range=_("%(low)s to %(high)s", low=fewest, high=most),
        credited=number(effect.rules["last_touch"]) if "last_touch" in effect.rules else NOTHING,
        cost=cost,
        cost_range=cost_range,
        limit=against.value,
        against=yardstick_words(against, currency),
        target=NOTHING if target is None else limit_words(target, currency),
        chance=NOTHING if decision.chance is None else chance(decision.chance),
        proof=effect.proof.value,
        proof_words=_(effect.proof.words),
        action=decision.action,
        word=_(ACTION_WORDS[decision.action]),
        hint=_(ACTION_HINTS[decision.action]),
        finding=finding(effect, goal),
        last_click=last_click(effect, goal),
        caution=" ".join(part for part in (beyond_words(effect), caution(effect)) if part),
        reason=reason(effect, decision, yardstick, currency, goal),
    )


def summarise(report: Report, target: float | None = None) -> Summary:
    """Gather what stands above and below the table."""
    goal, run = goal_of(report.run), report.run
    newcomer, many = newcomers(goal)
    _one, things = nouns(goal)
    yardstick = yardstick_of(report.channels, target)
    against = [held_against(effect, yardstick) for effect in (*report.channels, *report.ads) if effect.spend > 0]
    verdict_words, doubts = verdict_of(run, report.checks)
    return Summary(
        headline=headline(report),
        against_last_click=last_click_total(report),
        claims=claims(report),
        facts=_facts(report),
        window=days(run.window.start, run.window.end),
        until=day(run.window.end),
        goal=goal,
        things=things,
        newcomer=newcomer,
        newcomers=many,
        currency=report.currency,
        paid=any(effect.spend > 0 for effect in report.channels),
        known_new=run.first_responses > 0 or not run.responses,
        held_against=_held_against(against, yardstick, report.currency),
        targets_differ=len({yardstick_words(own, report.currency) for own in set(against)}) > 1,
        nothing_to_show=_("no %(newcomers)s we can show", newcomers=many),
        verdict=run.verdict.value,
        verdict_words=verdict_words,
        doubts=doubts,
        linked=linked(run),
        record=track_record(report.record),
        notes=tuple(retold(note[:1].upper() + note[1:]) for note in report.notes),
    )


def _facts(report: Report) -> tuple[Fact, ...]:
    """Give the figures above the table."""
    goal = goal_of(report.run)
    (newcomer, many), (thing, things) = newcomers(goal), nouns(goal)
    extra, low, high = span(caused(report))
    anyway, fewest, most = span(report.baseline)
    spend = sum(effect.spend for effect in report.channels)
    fresh = sum(effect.acquired.mean for effect in report.channels)
    run = report.run
    new = _("%(count)s were a first %(thing)s", count=number(run.first_responses), thing=thing)
    facts = [
        Fact(
            _("%(things)s in the period", things=things),
            number(run.responses),
            new if run.first_responses or not run.responses else _("it is not known who is new"),
        ),
        Fact(_("would have come anyway"), anyway, _("likely %(low)s to %(high)s", low=fewest, high=most)),
        Fact(_("extra %(things)s caused", things=things), extra, _("likely %(low)s to %(high)s", low=low, high=high)),
    ]
    if spend <= 0:
        return (*facts, Fact(_("spend"), NOTHING, _("none imported, so no costs")))
    facts.append(Fact(_("spend"), money(spend, report.currency), _channels(len(report.channels))))
    if sum(effect.acquired.p05 for effect in report.channels) > 0:
        cost = money(spend / fresh, report.currency, about(spend / fresh))
        won = number(fresh, about(fresh))
        facts.append(
            Fact(
                _("per %(newcomer)s", newcomer=newcomer),
                cost,
                _("about %(count)s %(newcomers)s", count=won, newcomers=many),
            )
        )
    return tuple(facts)


def _held_against(against: Sequence[Yardstick], yardstick: Yardstick, currency: str) -> str:
    """Say what the costs are held against, all in all; empty where there is nothing to hold against anything."""
    targets = [own.value for own in against if own.basis is Basis.PROMOTIONS and own.value is not None]
    return yardsticks_words(targets, yardstick if len(targets) < len(against) or not targets else None, currency)


def _channels(count: int) -> str:
    return ngettext("%(count)s channel", "%(count)s channels", count, count=number(count))


def _cost_cells(effect: Effect, currency: str) -> tuple[str, str]:
    """Give the cost per new customer and its range, in words where there is no number."""
    if effect.spend <= 0:
        return NOTHING, _("no spend")
    if effect.cac is None or effect.cac.median is None:
        return no_new(), ""
    middle, low, high = cost_span(effect.cac, currency)
    if low and high:
        return middle, _("%(low)s to %(high)s", low=low, high=high)
    return (_("%(low)s or more", low=f"{low} {currency}"), "") if low else (middle, "")
