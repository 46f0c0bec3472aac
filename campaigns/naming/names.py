"""What a file calls a channel, a campaign or an ad, and the words in which two such names can be compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, TypeAlias

from campaigns.channels import WELL_KNOWN
from campaigns.faults import Fault, RefusedError

__all__ = ["BETWEEN", "Level", "Name", "folded", "ids_of", "words_of"]

Level: TypeAlias = Literal["channel", "campaign", "ad"]

BETWEEN = " / "
"""Stands between the parts of a name where it is written in one line."""

NONE = "-"
"""Stands for the campaign of an ad that is in none."""

_LETTERS = str.maketrans({"ı": "i", "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l", "þ": "th"})
"""Letters that are no letter with a mark, so that taking marks off leaves them."""


@dataclass(frozen=True)
class Name:
    """What files call a channel, a campaign in it, or an ad in that.

    Parameters
    ----------
    channel
        The channel, in its one spelling.
    campaign, ad
        As written; None where the name is of a whole channel or campaign, or the ad is in no campaign.
    """

    channel: str
    campaign: str | None = None
    ad: str | None = None

    def __post_init__(self) -> None:
        if not self.channel.strip():
            raise RefusedError("This name cannot be used:", [Fault(0, "channel", "nothing", "the name of a channel")])

    @property
    def level(self) -> Level:
        """Whether it names a channel, a campaign or an ad."""
        return "ad" if self.ad is not None else "campaign" if self.campaign is not None else "channel"

    @property
    def own(self) -> str:
        """The part that tells it from others of its level."""
        return self.ad if self.ad is not None else self.campaign if self.campaign is not None else self.channel

    @property
    def key(self) -> tuple[str, str, str]:
        """What names are put in order by."""
        return (self.channel, self.campaign or "", self.ad or "")

    def __str__(self) -> str:
        parts = {
            "channel": (self.channel,),
            "campaign": (self.channel, self.campaign or NONE),
            "ad": (self.channel, self.campaign or NONE, self.ad or NONE),
        }
        return BETWEEN.join(parts[self.level])


def folded(text: str) -> str:
    """Return text in lower case and without the marks on its letters: "Şehir İçi" is "sehir ici"."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def words_of(name: Name) -> tuple[str, ...]:
    """Return the words in which a name can be compared: folded, split where signs or digits begin, in order.

    What the channel is called says nothing about one of its campaigns and is left out, unless nothing else is left.
    """
    words = re.findall(r"[a-z]+|\d+|[^\W\d_a-z]+", folded(name.own))
    if name.level == "channel":
        return tuple(words)
    terms = WELL_KNOWN.get(name.channel)
    spellings = (name.channel, *(terms.aliases if terms else ()))
    said = {word for spelling in spellings for word in re.findall(r"[a-z]+", folded(spelling))}
    return tuple(word for word in words if word not in said) or tuple(words)


def ids_of(name: Name) -> frozenset[str]:
    """Return the numbers in a name that can only be somebody's id: seven digits and more, but no dates."""
    found = re.findall(r"\d{7,}", name.own)
    return frozenset(number for number in found if not re.fullmatch(r"(19|20)\d{2}[01]\d[0-3]\d", number))
