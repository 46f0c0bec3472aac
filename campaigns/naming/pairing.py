"""Which names probably mean the same: spend that no touch has beside touches that no spend has, as pairs to confirm."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from rapidfuzz import fuzz, process

from campaigns.language import _
from campaigns.naming.names import Level, Name, ids_of, words_of

__all__ = ["Activity", "Pair", "Unjoined", "propose", "unjoined"]

LIKELY = 0.6
"""Score from which on a pair is proposed: below it two names share hardly more than a word."""

BY_DAYS = 0.65
"""Score of two names that have nothing in common but that they ran on exactly the same days."""

BY_ID = 0.98
"""Score of two names that carry the same id."""

COMPARED = 2_000
"""Most names of a side and level that are compared, those with the most money or touches first: this takes seconds."""

LEVELS: tuple[Level, ...] = ("channel", "campaign", "ad")


@dataclass(frozen=True)
class Activity:
    """What is known under one name on one side, spend or touches.

    Parameters
    ----------
    rows
        Rows of spend, or touches.
    cost
        Money, in minor units of the reporting currency.
    days
        Days on which there were any.
    """

    name: Name
    rows: int
    cost: int
    days: frozenset[date]


@dataclass(frozen=True)
class Unjoined:
    """What does not join at one level: names with spend and no touches, names with touches and no spend."""

    level: Level
    spend: tuple[Activity, ...]
    touches: tuple[Activity, ...]


@dataclass(frozen=True)
class Pair:
    """A name of spend and a name of touches that probably mean the same.

    Parameters
    ----------
    score
        How probable it looks, 0 to 1: for putting pairs in order, no chance in the strict sense.
    reasons
        Why, for people.
    """

    name: Name
    meant: Name
    score: float
    reasons: tuple[str, ...]
    cost: int
    touches: int

    @property
    def id(self) -> str:
        """A short name of the pair that stays the same from call to call."""
        return hashlib.sha256(repr((self.name.key, self.meant.key)).encode()).hexdigest()[:6]


_Sides: TypeAlias = dict[Level, tuple[dict[Name, Activity], dict[Name, Activity]]]


def unjoined(spend: Iterable[Activity], touches: Iterable[Activity], media: Collection[str]) -> tuple[Unjoined, ...]:
    """Find what does not join: channels, then campaigns, then ads.

    A campaign is looked at where its channel is on both sides or is itself not joined; an ad only where its campaign
    is on both sides and both sides name its ads. What names no campaign, or no ad, has nothing to join by there.

    Parameters
    ----------
    spend, touches
        What each side knows, by channel, campaign and ad, as aliases have it.
    media
        Channels that reach nobody by name, so that no touches are to be expected.

    Returns
    -------
    For each level, both sides with the most money or touches first.
    """
    paid = [each for each in spend if each.name.channel not in media]
    met_by = list(touches)
    sides: _Sides = {level: (_summed(paid, level), _summed(met_by, level)) for level in LEVELS}
    found = []
    for level in LEVELS:
        bought, met = sides[level]
        left = [each for name, each in bought.items() if name not in met and _compared(name, sides, side=1)]
        right = [each for name, each in met.items() if name not in bought and _compared(name, sides, side=0)]
        left.sort(key=lambda each: (-each.cost, each.name.key))
        right.sort(key=lambda each: (-each.rows, each.name.key))
        found.append(Unjoined(level, tuple(left), tuple(right)))
    return tuple(found)


def propose(found: Sequence[Unjoined]) -> tuple[Pair, ...]:
    """Propose which names mean the same, each name once and the best pair first.

    Names are compared by the ids in them, by their words, and by the days on which they were active.
    """
    pairs: list[Pair] = []
    for each in reversed(found):  # channels come last, since the pairs of their campaigns speak for them
        candidates = _candidates(each.spend[:COMPARED], each.touches[:COMPARED])
        if each.level == "channel":
            candidates += _by_campaigns(each, [pair for pair in pairs if pair.name.level == "campaign"])
        taken: set[Name] = set()
        for pair in sorted(candidates, key=lambda pair: (-pair.score, pair.name.key, pair.meant.key)):
            if pair.name not in taken and pair.meant not in taken:
                taken |= {pair.name, pair.meant}
                pairs.append(pair)
    return tuple(sorted(pairs, key=lambda pair: LEVELS.index(pair.name.level)))


def _by_campaigns(channels: Unjoined, campaigns: Sequence[Pair]) -> list[Pair]:
    """Propose channels of which two or more campaigns, or the only one, seem to be in one other channel."""
    met = {each.name.channel: each for each in channels.touches}
    pairs = []
    for paid in channels.spend:
        own = [pair for pair in campaigns if pair.name.channel == paid.name.channel]
        for channel, other in met.items():
            there = [pair for pair in own if pair.meant.channel == channel]
            if there and 2 * len(there) > len(own):
                reason = _("%(there)s of its campaigns seem to be there", there=len(there))
                score = sum(pair.score for pair in there) / len(own)
                pairs.append(Pair(paid.name, other.name, round(score, 3), (reason,), paid.cost, other.rows))
    return pairs


def _summed(side: Iterable[Activity], level: Level) -> dict[Name, Activity]:
    """Add up what is known of the names of one level; what names none of them is left out."""
    found: dict[Name, Activity] = {}
    for each in side:
        name = each.name
        if (level == "campaign" and name.campaign is None) or (level == "ad" and name.ad is None):
            continue
        own = Name(name.channel, None if level == "channel" else name.campaign, name.ad if level == "ad" else None)
        known = found.get(own, Activity(own, 0, 0, frozenset()))
        found[own] = Activity(own, known.rows + each.rows, known.cost + each.cost, known.days | each.days)
    return found


def _compared(name: Name, sides: _Sides, side: int) -> bool:
    """Tell whether a name that one side lacks could be expected there."""
    other = {level: sides[level][side] for level in sides}
    if name.level == "channel":
        return True
    if name.level == "campaign":
        return Name(name.channel) not in other["channel"] or any(
            each.channel == name.channel for each in other["campaign"]
        )
    above = (name.channel, name.campaign)
    joined = name.campaign is None or Name(name.channel, name.campaign) in other["campaign"]
    return joined and any((each.channel, each.campaign) == above for each in other["ad"])


def _candidates(spend: Sequence[Activity], touches: Sequence[Activity]) -> list[Pair]:
    if not spend or not touches:
        return []
    left = [" ".join(words_of(each.name)) for each in spend]
    right = [" ".join(words_of(each.name)) for each in touches]
    alike = 0.5 * process.cdist(left, right, scorer=fuzz.token_set_ratio) / 100.0
    alike += 0.5 * process.cdist(left, right, scorer=fuzz.token_sort_ratio) / 100.0
    whole = frozenset[date]().union(*(each.days for each in (*spend, *touches)))
    pairs = []
    for row, paid in enumerate(spend):
        for column, met in enumerate(touches):
            pair = _pair(paid, met, float(alike[row, column]), left[row] == right[column], whole)
            if pair is not None:
                pairs.append(pair)
    return pairs


def _pair(paid: Activity, met: Activity, alike: float, equal: bool, whole: frozenset[date]) -> Pair | None:
    """Score two names; None where too little speaks for them."""
    reasons = []
    both, either = len(paid.days & met.days), len(paid.days | met.days)
    together = both / either if either else 0.0
    ids = ids_of(paid.name) & ids_of(met.name)
    score = 0.8 * alike + 0.2 * together
    if ids:
        score = max(score, BY_ID)
        reasons.append(_("both carry the number %(id)s", id=min(ids)))
    if equal:
        score = max(score, 0.9 + 0.05 * together)
        reasons.append(_("the same name, written otherwise"))
    elif alike >= LIKELY:
        reasons.append(_("the names are alike (%(share)s %%)", share=round(100 * alike)))
    if both > 0 and together >= 0.8 and both < len(whole):
        reasons.append(_("active on the same days (%(both)s of %(either)s)", both=both, either=either))
    # The same days mean something only where they could have been others: not where both ran all the time.
    if together == 1.0 and 2 <= both <= 0.6 * len(whole):
        score = max(score, BY_DAYS)
    if paid.name.channel == met.name.channel or paid.name.level == "channel":
        score += 0.03 * (1.0 - score)
    if score < LIKELY or not reasons:
        return None
    return Pair(paid.name, met.name, round(score, 3), tuple(reasons), paid.cost, met.rows)
