"""What the data themselves cast doubt on, whatever the sampler says: told with the checks of a run."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from attribution.evidence import Evidence
from attribution.increment import Increments, range_of
from campaigns.terms import Check, Verdict

__all__ = ["SAME", "SEEN", "doubts_of", "unseen_effects"]

SAME = 0.98
"""Correlation of exposure, over regions and days, above which two media cannot be told apart."""

SEEN = 0.005
"""Share of all responses that the low end of a channel's range must exceed for its effect to be called seen."""


def unseen_effects(evidence: Evidence, found: Increments) -> tuple[str, ...]:
    """Say so where no channel's effect stands out; empty where any does.

    Effects cannot be negative, so that chance alone leaves a little of each: a range that begins below one response in
    two hundred is no proof of any.
    """
    lows = [range_of(source.expected, source.caused).p05 for source in found.channels]
    if not lows or max(lows) > SEEN * evidence.responses:
        return ()
    return (
        f"No effect of any channel is to be seen in these data: each may have caused nothing, or next to nothing. The "
        f"few {evidence.goal.plural} that each is credited with are what chance leaves.",
    )


def doubts_of(evidence: Evidence) -> tuple[Check, ...]:
    """Find media that ran together and channels that work for longer than the report covers; none where all is well."""
    return (*_media_alike(evidence), *_short_window(evidence))


def _media_alike(evidence: Evidence) -> list[Check]:
    media, found = evidence.media, []
    inside = [exposure[:, media.lead :].ravel() for exposure in media.exposure]
    for one, two in combinations(range(len(media.names)), 2):
        if inside[one].std() <= 0.0 or inside[two].std() <= 0.0:
            continue
        alike = float(np.corrcoef(inside[one], inside[two])[0, 1])
        if alike > SAME:
            first, second = media.names[one], media.names[two]
            found.append(
                Check(
                    f"{first} and {second} can be told apart",
                    alike,
                    SAME,
                    Verdict.REVIEW,
                    f"{first} and {second} ran on the same days in the same regions: what they did together is "
                    "estimated, how it divides between them is a guess. Run one without the other for a while.",
                )
            )
    return found


def _short_window(evidence: Evidence) -> list[Check]:
    days, found = evidence.window.days, []
    for channel in evidence.channels:
        lasting = float(channel.edges[-1])
        if days < lasting:
            found.append(
                Check(
                    f"{channel.name} was watched long enough",
                    float(days),
                    lasting,
                    Verdict.REVIEW,
                    f"The report covers {days} days, and {channel.name} works for {lasting:.0f}: what its contacts did "
                    "later is carried on from what was seen, and not seen itself. Wait, or import a longer history.",
                )
            )
    return found
