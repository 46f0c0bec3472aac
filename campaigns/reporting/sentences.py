"""What the report says: no statistician's term leaves the house, and every sentence is built here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from campaigns.language import _, ngettext
from campaigns.reporting.decisions import Basis, Decision, Ground, Yardstick, best_case, held_against
from campaigns.reporting.figures import about, chance, cost_span, money, month, number, percent, span
from campaigns.reporting.naming import (
    ACTION_HINTS,
    METHODS,
    RULE_WORDS,
    channel_name,
    goal_of,
    name_in_a_sentence,
    newcomers,
    nouns,
    subject,
)
from campaigns.retelling import retold
from campaigns.terms import Check, Cost, Effect, Goal, Range, Report, RunSummary, TrackRecord, Verdict

__all__ = [
    "ACTION_HINTS",
    "METHODS",
    "RULE_WORDS",
    "beyond_words",
    "caused",
    "caution",
    "channel_name",
    "claim",
    "claims",
    "cost_words",
    "finding",
    "goal_of",
    "headline",
    "last_click",
    "last_click_total",
    "limit_words",
    "linked",
    "newcomers",
    "no_new",
    "plan_quality",
    "reason",
    "subject",
    "track_record",
    "verdict_of",
    "withheld_lines",
    "yardstick_words",
    "yardsticks_words",
]

MATCHED = 0.8
"""Share of impressions matched to people below which a cost is called partial."""

CLAIMANTS = 4
"""Channels whose claims are named one by one."""

UNCLICKED = frozenset({"mail", "call", "store", "tv", "radio", "ooh", "print", "cinema", "fair"})
"""Channels that nobody clicks on: a rule gives them what came after their last touch."""


def no_new() -> str:
    """Say what stands in a cell instead of an endless cost."""
    return _("none we can show")


def yardstick_words(yardstick: Yardstick, currency: str) -> str:
    """Name what a cost is held against: ``your 40 EUR target``; empty where there is nothing."""
    if yardstick.value is None:
        return ""
    value = limit_words(yardstick.value, currency)
    if yardstick.basis is Basis.AVERAGE:
        return _("your average of %(value)s", value=value)
    return _("your %(value)s target", value=value)


def limit_words(limit: float, currency: str) -> str:
    """Write what a new customer may cost: ``40 EUR``, and only a small amount with its cents."""
    return money(limit, currency, about(limit) if limit < 10 else 1.0)


def yardsticks_words(targets: Sequence[float], otherwise: Yardstick | None, currency: str) -> str:
    """Name what costs are held against, all in all: ``the target that your promotions set (40 EUR)``.

    Parameters
    ----------
    targets
        The targets that promotions set, one for each cost that is held against one.
    otherwise
        What the other costs are held against; None where there are no others.
    """
    rest = "" if otherwise is None else yardstick_words(otherwise, currency)
    if not targets:
        return rest
    lowest, highest = (limit_words(limit, currency) for limit in (min(targets), max(targets)))
    if lowest == highest:
        own = _("the target that your promotions set (%(value)s)", value=lowest)
    else:
        low = lowest.replace(currency, "").strip()
        own = _("the targets that your promotions set (%(low)s to %(high)s)", low=low, high=highest)
    return _("%(own)s, and without any against %(rest)s", own=own, rest=rest) if rest else own


def finding(effect: Effect, goal: Goal) -> str:
    """Say what a channel or ad did: ``about 640 extra orders, likely 540 to 740``."""
    middle, low, high = span(effect.incremental)
    one, many = nouns(goal)
    if high == "0" or effect.p_no_effect >= 0.5:
        return _("no extra %(things)s we can show", things=many)
    if low == "0" or effect.incremental.p05 < 0:
        return _("too little to tell: between %(low)s and %(high)s extra %(things)s", low=low, high=high, things=many)
    noun = one if middle == "1" else many
    if low == high:
        return _("about %(middle)s extra %(things)s", middle=middle, things=noun)
    return _(
        "about %(middle)s extra %(things)s, likely %(low)s to %(high)s", middle=middle, things=noun, low=low, high=high
    )


def last_click(effect: Effect, goal: Goal) -> str:
    """Say what the last click (or touch) makes of it, and why that differs; empty where there is nothing to add."""
    credited = effect.rules.get("last_touch")
    if credited is None:
        return ""
    found, count = effect.incremental, number(credited)
    clicked = effect.channel not in UNCLICKED
    if credited > 2 * max(found.p95, 0.5):
        if goal.name != "order":
            why = _("most of those people were going to come anyway.")
        else:
            why = _("most of those people were going to buy anyway.")
    elif credited > found.p95:
        why = _("more than it caused.")
    elif credited < 0.5:
        if found.p05 < 0.5:
            return ""
        return _("Last click cannot see it.") if clicked else _("Last touch cannot see it.")
    elif credited < found.p05:
        why = _("less than it caused.")
    else:
        why = _("about the same.")
    if clicked:
        return _("Last click says %(count)s: %(why)s", count=count, why=why)
    return _("Last touch says %(count)s: %(why)s", count=count, why=why)


def reason(effect: Effect, decision: Decision, yardstick: Yardstick, currency: str, goal: Goal) -> str:
    """Say why a channel or ad got its verdict, in one or two sentences with their figures."""
    (one, many), (_one_thing, things) = newcomers(goal), nouns(goal)
    against = yardstick_words(held_against(effect, yardstick), currency) or _("the others")
    spent = money(effect.spend, currency)
    priced = cost_words(effect.cac, currency)
    costs = _("What one costs is not known")
    if priced:
        costs = _("A %(newcomer)s costs %(cost)s", newcomer=one, cost=priced)
    odds = ""
    if decision.chance is not None:
        odds = _(" (chance it beats that: %(chance)s)", chance=chance(decision.chance))
    settle = _("Holding back part of its audience for four weeks would settle it.")
    match decision.ground:
        case Ground.GUESS:
            return _("So far only a guess from similar firms: test it before you move money.")
        case Ground.FREE:
            return _(
                "It brings extra %(things)s, and no spend is recorded for it: import what it costs, and its cost is "
                "judged too.",
                things=things,
            )
        case Ground.FREE_UNSEEN:
            return _("No spend is recorded for it, and too little to tell.") + " " + settle
        case Ground.NOTHING:
            said = _("%(spent)s spent and no %(newcomers)s we can show.", spent=spent, newcomers=many)
            best = best_case(effect)
            if not best:
                return said
            price = money(best, currency, about(best))
            return said + " " + _("Even at best, one would cost %(price)s.", price=price)
        case Ground.UNSEEN:
            _middle, fewest, most = span(effect.acquired)
            said = _(
                "Too little to tell: between %(fewest)s and %(most)s %(newcomers)s for %(spent)s.",
                fewest=fewest,
                most=most,
                newcomers=many,
                spent=spent,
            )
            return f"{said} {settle}"
        case Ground.BELOW:
            said = _("%(costs)s: below %(against)s%(odds)s.", costs=costs, against=against, odds=odds)
            next_one = cost_words(effect.marginal_cac, currency)
            return said + (" " + _("The next one costs %(cost)s.", cost=next_one) if next_one else "")
        case Ground.SATURATED:
            said = _("%(costs)s: below %(against)s.", costs=costs, against=against)
            next_one = cost_words(effect.marginal_cac, currency)
            if next_one:
                return said + " " + _("But the next one costs %(cost)s: enough is spent.", cost=next_one)
            return said + " " + _("But no next one can be shown: enough is spent.")
        case Ground.ABOVE:
            return _("%(costs)s: above %(against)s%(odds)s.", costs=costs, against=against, odds=odds)
        case Ground.CLOSE:
            return _(
                "%(costs)s: close to %(against)s, could be either side%(odds)s.",
                costs=costs,
                against=against,
                odds=odds,
            )
        case Ground.WIDE:
            said = _("%(costs)s: could be either side of %(against)s%(odds)s.", costs=costs, against=against, odds=odds)
            return f"{said} {settle}"
        case Ground.REPEAT:
            each = effect.spend / effect.incremental.mean
            return _(
                "%(share)s of its extra %(things)s come from people you already had: about %(price)s for each.",
                share=percent(1.0 - max(effect.acquired.mean, 0.0) / effect.incremental.mean),
                things=things,
                price=money(each, currency, about(each)),
            )


def cost_words(cost: Cost | None, currency: str) -> str:
    """Write a cost with its likely range: ``about 31 EUR (26 to 39)``, ``18 EUR or more``; empty where none exists."""
    if cost is None:
        return ""
    middle, low, high = cost_span(cost, currency)
    if low and high:
        if middle:
            return _("about %(middle)s (%(low)s to %(high)s)", middle=middle, low=low, high=high)
        return _("%(low)s to %(high)s", low=low, high=f"{high} {currency}")
    if low:
        return _("%(low)s or more", low=f"{low} {currency}")
    return _("about %(middle)s", middle=middle) if middle else ""


def caused(report: Report) -> Range:
    """Give the responses that advertising caused, all channels together: all responses less the baseline."""
    total, baseline = report.run.responses, report.baseline
    return Range(total - baseline.mean, total - baseline.p95, total - baseline.p05)


def headline(report: Report) -> str:
    """Say in one sentence what would have been lost without advertising."""
    _one, things = nouns(goal_of(report.run))
    middle, low, high = span(caused(report))
    total = number(report.run.responses)
    if low == "0" or caused(report).p05 < 0:
        return _(
            "Of %(total)s %(things)s, too little to tell how many advertising caused: at most about %(high)s.",
            total=total,
            things=things,
            high=high,
        )
    return _(
        "Of %(total)s %(things)s, about %(middle)s would not have come without advertising "
        "(likely %(low)s to %(high)s).",
        total=total,
        things=things,
        middle=middle,
        low=low,
        high=high,
    )


def claims(report: Report) -> str:
    """Say what the platforms claim for themselves, beside what there was; empty where none claims anything.

    ``Search claims 412 orders, Display 388, E-mail 290: 1,090. You had 530.`` Where they claim no more than there was,
    what they caused stands beside it.
    """
    _one, things = nouns(goal_of(report.run))
    claimed = sorted(
        ((effect.claimed, effect.channel) for effect in report.channels if effect.claimed),
        key=lambda pair: (-pair[0], pair[1]),
    )
    if not claimed:
        return ""
    (count, channel), *others = claimed
    total = number(sum(count for count, _channel in claimed))
    first = _(
        "%(channel)s claims %(count)s %(things)s",
        channel=name_in_a_sentence(channel),
        count=number(count),
        things=things,
    )
    named = [first, *(f"{name_in_a_sentence(name)} {number(claim)}" for claim, name in others[: CLAIMANTS - 1])]
    rest = sum(claim for claim, _channel in others[CLAIMANTS - 1 :])
    if rest:
        named.append(_("others %(count)s", count=number(rest)))
    had = number(report.run.responses)
    together = sum(count for count, _channel in claimed)
    if together <= report.run.responses:
        names = {name for _count, name in claimed}
        found = sum(effect.incremental.mean for effect in report.channels if effect.channel in names)
        caused = number(found, about(found))
        if len(claimed) == 1:
            return _("%(claims)s. It caused about %(caused)s.", claims=named[0], caused=caused)
        told = ", ".join(named)
        return _("%(claims)s: %(total)s. They caused about %(caused)s.", claims=told, total=total, caused=caused)
    if len(claimed) == 1:
        return _("%(claims)s. You had %(count)s in all.", claims=named[0], count=had)
    return _("%(claims)s: %(total)s. You had %(count)s.", claims=", ".join(named), total=total, count=had)


def claim(effect: Effect) -> str:
    """Say what the platform claims of one channel or ad; empty where it claims nothing."""
    return "" if effect.claimed is None else _("platform claims %(count)s", count=number(effect.claimed))


def caution(effect: Effect) -> str:
    """Say so where too little of what was shown could be matched to people for the whole effect to be seen."""
    if effect.matched_share is None or effect.matched_share >= MATCHED:
        return ""
    share = percent(effect.matched_share)
    return _("Only %(share)s of its impressions could be matched to people: the cost is partial.", share=share)


def beyond_words(effect: Effect) -> str:
    """Say so where something went out before the period alone, and what it caused since is what came late."""
    if effect.touches or effect.spend or effect.incremental.p95 <= 0:
        return ""
    return _("From before this period: only what came late counts here.")


def last_click_total(report: Report) -> str:
    """Say what last click gives to all channels together; empty where it is not known."""
    credits_ = [effect.rules["last_touch"] for effect in report.channels if "last_touch" in effect.rules]
    if not credits_:
        return ""
    return _("Last touch would give advertising %(count)s of them.", count=number(sum(credits_)))


def linked(run: RunSummary) -> str:
    """Say how many responses could be linked to a touch."""
    _one, things = nouns(goal_of(run))
    share = percent(run.linked_share)
    return _("%(share)s of %(things)s could be linked to at least one touch.", share=share, things=things)


def track_record(record: TrackRecord | None) -> str:
    """Say what became of earlier forecasts; empty while that of none is known."""
    if record is None:
        return ""
    return ngettext(
        "Of %(count)s forecast made since %(since)s, %(held)s came true within its range.",
        "Of %(count)s forecasts made since %(since)s, %(held)s came true within their range.",
        record.forecasts,
        count=number(record.forecasts),
        held=number(record.held),
        since=month(record.since),
    )


def verdict_of(run: RunSummary, checks: Sequence[Check]) -> tuple[str, tuple[str, ...]]:
    """Give the run's verdict in words and the sentences of the checks that did not pass."""
    return _(run.verdict.words), tuple(retold(check.sentence) for check in checks if check.verdict is not Verdict.PASS)


def plan_quality(bound: float, gap: float) -> str:
    """Say how good a plan is (``99.9 % of the best possible plan``), by its distance to a value that none can beat."""
    if bound > 0:
        return _("%(share)s of the best possible plan", share=percent(1.0 - gap, 1))
    return _("nothing to gain by contacts")


def withheld_lines(withheld: Mapping[str, int]) -> list[tuple[str, str]]:
    """Give the reasons for which contacts were left out, commonest first, each with its count."""
    ranked = sorted(withheld.items(), key=lambda item: (-item[1], item[0]))
    return [(retold(cause), number(count)) for cause, count in ranked]
