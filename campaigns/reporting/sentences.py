"""The catalogue of on-screen words: no statistician's term leaves the house, and every sentence is built here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from campaigns.reporting.decisions import Action, Basis, Decision, Ground, Yardstick, best_case, held_against
from campaigns.reporting.figures import about, chance, cost_span, money, number, percent, span
from campaigns.terms import GOALS, RULES, Check, Cost, Effect, Goal, Range, Report, RunSummary, Verdict

__all__ = [
    "ACTION_HINTS",
    "METHODS",
    "NO_NEW",
    "RULE_WORDS",
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
    "plan_quality",
    "reason",
    "subject",
    "verdict_of",
    "withheld_lines",
    "yardstick_words",
    "yardsticks_words",
]

NO_NEW = "none we can show"
"""What stands in a cell instead of an endless cost."""

MATCHED = 0.8
"""Share of impressions matched to people below which a cost is called partial."""

ACTION_HINTS = {
    Action.MORE: "worth more money",
    Action.LESS: "take money away",
    Action.TEST: "find out first",
    Action.KEEP: "leave as it is",
}

RULE_WORDS = dict(
    zip(
        RULES,
        ("Last click", "First click", "Even split", "Recent first", "Ends first", "Path chain", "Fair share"),
        strict=True,
    )
)

METHODS = {
    "touchstone": "Touchstone",
    "last_touch": "Last touch",
    "first_touch": "First touch",
    "linear": "Linear",
    "zero": "Nothing works",
}
"""The methods held against the truth of a simulated market."""

_CHANNEL_NAMES = {"email": "E-mail", "sms": "SMS", "mms": "MMS", "tv": "TV", "ctv": "Connected TV", "ooh": "Outdoor"}

_NEWCOMERS = {
    "order": ("new customer", "new customers"),
    "lead": ("new lead", "new leads"),
    "signup": ("new member", "new members"),
    "won": ("new account", "new accounts"),
}

_TEST_WOULD_SETTLE = "Holding back part of its audience for four weeks would settle it."


def goal_of(run: RunSummary) -> Goal:
    """Give the goal of a run; one we have no noun for is simply a response."""
    return GOALS.get(run.goal) or Goal(run.goal, (run.goal,), "response", "responses")


def newcomers(goal: Goal) -> tuple[str, str]:
    """Give the noun for those whose first response it was, singular and plural."""
    return _NEWCOMERS.get(goal.name, ("first response", "first responses"))


def channel_name(channel: str) -> str:
    """Write a channel's name: ``email`` is E-mail, ``paid_social`` is Paid social."""
    words = channel.replace("_", " ").strip()
    return _CHANNEL_NAMES.get(channel) or words[:1].upper() + words[1:]


def subject(effect: Effect) -> str:
    """Name what an effect is about: its ad, its campaign, or its channel."""
    return effect.ad or effect.campaign or channel_name(effect.channel)


def yardstick_words(yardstick: Yardstick, currency: str) -> str:
    """Name what a cost is held against: ``your 40 EUR target``."""
    if yardstick.value is None:
        return "your average"
    value = limit_words(yardstick.value, currency)
    return f"your average of {value}" if yardstick.basis is Basis.AVERAGE else f"your {value} target"


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
    rest = [] if otherwise is None else [yardstick_words(otherwise, currency)]
    if not targets:
        return " ".join(rest)
    lowest, highest = (limit_words(limit, currency) for limit in (min(targets), max(targets)))
    own = f"target that your promotions set ({lowest})"
    if lowest != highest:
        own = f"targets that your promotions set ({lowest.removesuffix(currency).strip()} to {highest})"
    return ", and without any against ".join([f"the {own}", *rest])


def finding(effect: Effect, goal: Goal) -> str:
    """Say what a channel or ad did: ``about 640 extra orders, likely 540 to 740``."""
    middle, low, high = span(effect.incremental)
    if high == "0" or effect.p_no_effect >= 0.5:
        return f"no extra {goal.plural} we can show"
    if low == "0" or effect.incremental.p05 < 0:
        return f"too little to tell: between {low} and {high} extra {goal.plural}"
    noun = goal.singular if middle == "1" else goal.plural
    return f"about {middle} extra {noun}" + ("" if low == high else f", likely {low} to {high}")


def last_click(effect: Effect, goal: Goal) -> str:
    """Say what last click makes of it, and why that differs; empty where there is nothing to add."""
    credited = effect.rules.get("last_touch")
    if credited is None:
        return ""
    found = effect.incremental
    verb = "buy" if goal.name == "order" else "come"
    says = f"Last click says {number(credited)}"
    if credited > 2 * max(found.p95, 0.5):
        return f"{says}: most of those people were going to {verb} anyway."
    if credited > found.p95:
        return f"{says}: more than it caused."
    if credited < 0.5:
        return "Last click cannot see it." if found.p05 >= 0.5 else ""
    if credited < found.p05:
        return f"{says}: less than it caused."
    return f"{says}: about the same."


def reason(effect: Effect, decision: Decision, yardstick: Yardstick, currency: str, goal: Goal) -> str:
    """Say why a channel or ad got its verdict, in one or two sentences with their figures."""
    one, many = newcomers(goal)
    against = yardstick_words(held_against(effect, yardstick), currency)
    spent = money(effect.spend, currency)
    costs = f"A {one} costs {cost_words(effect.cac, currency)}"
    odds = "" if decision.chance is None else f" (chance it beats that: {chance(decision.chance)})"
    match decision.ground:
        case Ground.GUESS:
            return "So far only a guess from similar firms: test it before you move money."
        case Ground.FREE:
            return f"No spend, and extra {goal.plural} all the same."
        case Ground.FREE_UNSEEN:
            return f"No spend, and too little to tell. {_TEST_WOULD_SETTLE}"
        case Ground.NOTHING:
            best = best_case(effect)
            at_best = f" Even at best, one would cost {money(best, currency, about(best))}." if best else ""
            return f"{spent} spent and no {many} we can show.{at_best}"
        case Ground.UNSEEN:
            _, fewest, most = span(effect.acquired)
            return f"Too little to tell: between {fewest} and {most} {many} for {spent}. {_TEST_WOULD_SETTLE}"
        case Ground.BELOW:
            next_one = cost_words(effect.marginal_cac, currency)
            return f"{costs}: below {against}{odds}." + (f" The next one costs {next_one}." if next_one else "")
        case Ground.SATURATED:
            next_one = cost_words(effect.marginal_cac, currency)
            beyond = f"the next one costs {next_one}" if next_one else "no next one can be shown"
            return f"{costs}: below {against}. But {beyond}: enough is spent."
        case Ground.ABOVE:
            return f"{costs}: above {against}{odds}."
        case Ground.CLOSE:
            return f"{costs}: close to {against}, could be either side{odds}."
        case Ground.WIDE:
            return f"{costs}: could be either side of {against}{odds}. {_TEST_WOULD_SETTLE}"
        case Ground.REPEAT:
            each = effect.spend / effect.incremental.mean
            price = money(each, currency, about(each))
            repeat = percent(1.0 - max(effect.acquired.mean, 0.0) / effect.incremental.mean)
            return f"{repeat} of its extra {goal.plural} come from people you already had: about {price} for each."


def cost_words(cost: Cost | None, currency: str) -> str:
    """Write a cost with its likely range: ``about 31 EUR (26 to 39)``, ``18 EUR or more``; empty where none exists."""
    if cost is None:
        return ""
    middle, low, high = cost_span(cost, currency)
    if low and high:
        return f"about {middle} ({low} to {high})" if middle else f"{low} to {high} {currency}"
    if low:
        return f"{low} {currency} or more"
    return f"about {middle}" if middle else ""


def caused(report: Report) -> Range:
    """Give the responses that advertising caused, all channels together: all responses less the baseline."""
    total, baseline = report.run.responses, report.baseline
    return Range(total - baseline.mean, total - baseline.p95, total - baseline.p05)


def headline(report: Report) -> str:
    """Say in one sentence what would have been lost without advertising."""
    goal = goal_of(report.run)
    middle, low, high = span(caused(report))
    total = number(report.run.responses)
    if low == "0" or caused(report).p05 < 0:
        return f"Of {total} {goal.plural}, too little to tell how many advertising caused: at most about {high}."
    return f"Of {total} {goal.plural}, about {middle} would not have come without advertising (likely {low} to {high})."


def claims(report: Report) -> str:
    """Say what the platforms claim for themselves, beside what there was; empty where none claims anything."""
    goal = goal_of(report.run)
    claimed = [(effect.channel, effect.claimed) for effect in report.channels if effect.claimed is not None]
    if not claimed:
        return ""
    named = ", ".join(f"{channel_name(channel)} {number(count)}" for channel, count in claimed)
    total = sum(count for _, count in claimed)
    together = f": {number(total)} together" if len(claimed) > 1 else ""
    found = sum(effect.incremental.mean for effect in report.channels if effect.claimed is not None)
    return (
        f"The platforms claim {named}{together}; "
        f"we find about {number(found, about(found))} {goal.plural} caused by those channels."
    )


def claim(effect: Effect) -> str:
    """Say what the platform claims of one channel or ad; empty where it claims nothing."""
    return "" if effect.claimed is None else f"platform claims {number(effect.claimed)}"


def caution(effect: Effect) -> str:
    """Say so where too little of what was shown could be matched to people for the whole effect to be seen."""
    if effect.matched_share is None or effect.matched_share >= MATCHED:
        return ""
    return f"Only {percent(effect.matched_share)} of its impressions could be matched to people: the cost is partial."


def last_click_total(report: Report) -> str:
    """Say what last click gives to all channels together; empty where it is not known."""
    credits_ = [effect.rules["last_touch"] for effect in report.channels if "last_touch" in effect.rules]
    if not credits_:
        return ""
    return f"Last click would give advertising {number(sum(credits_))} of them."


def linked(run: RunSummary) -> str:
    """Say how many responses could be linked to a touch."""
    goal = goal_of(run)
    return f"{percent(run.linked_share)} of {goal.plural} could be linked to at least one touch."


def verdict_of(run: RunSummary, checks: Sequence[Check]) -> tuple[str, tuple[str, ...]]:
    """Give the run's verdict in words and the sentences of the checks that did not pass."""
    return run.verdict.words, tuple(check.sentence for check in checks if check.verdict is not Verdict.PASS)


def plan_quality(bound: float, gap: float) -> str:
    """Say how good a plan is (``99.9 % of the best possible plan``), by its distance to a value that none can beat."""
    return f"{percent(1.0 - gap, 1)} of the best possible plan" if bound > 0 else "nothing to gain by contacts"


def withheld_lines(withheld: Mapping[str, int]) -> list[tuple[str, str]]:
    """Give the reasons for which contacts were left out, commonest first, each with its count."""
    ranked = sorted(withheld.items(), key=lambda item: (-item[1], item[0]))
    return [(cause, number(count)) for cause, count in ranked]
