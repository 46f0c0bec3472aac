"""Tasks for the CRM: calls of the plan, and what sales could offer where it has the word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from campaigns.language import _
from campaigns.lists.calls import share_out
from campaigns.lists.recipient import Recipient
from campaigns.reporting.figures import day
from campaigns.reporting.sheets import Field, Sheet
from campaigns.retelling import dated

__all__ = ["Suggested", "suggestion_list", "task_file"]

FIELDS = (
    Field("Subject", "what to do"),
    Field("Due Date", "by when", "date"),
    Field("Contact ID", "the company's own number of the person"),
    Field("Owner ID", "who does it"),
    Field("Description", "what to say, and why"),
)
SUGGESTED = (
    Field("owner", "whom the suggestion is for"),
    Field("customer_id", "the company's own number of the person"),
    Field("name", "name of the person"),
    Field("account_id", "the account"),
    Field("promotion", "key of the offer"),
    Field("offer", "name of the offer"),
    Field("text", "what to say of it"),
    Field("value", "what marketing's contact would have been expected to earn", "money"),
    Field("because", "why marketing keeps silent"),
    Field("until", "until when", "date"),
)


@dataclass(frozen=True)
class Suggested:
    """A contact that sales' lock stopped, for the owner of the lock; value in major units."""

    owner: str
    customer_id: str
    name: str
    account_id: str
    promotion: str
    offer: str
    text: str
    value: float
    because: str
    until: date

    @property
    def title(self) -> str:
        """The suggestion as a heading."""
        if not self.offer:
            return _("Speak to %(name)s", name=self.name)
        return _("Offer %(offer)s to %(name)s", offer=self.offer, name=self.name)

    @property
    def sentence(self) -> str:
        """The suggestion in one sentence."""
        told = {"name": self.name, "offer": self.offer, "until": day(self.until), "because": dated(self.because)}
        if not self.offer:
            return _(
                "A word with %(name)s would be worth it; marketing keeps silent until %(until)s: %(because)s.", **told
            )
        return _("You could offer %(name)s %(offer)s; marketing keeps silent until %(until)s: %(because)s.", **told)


def task_file(
    recipients: Sequence[Recipient], suggested: Sequence[Suggested], agents: Sequence[str] = (), *, due: date
) -> Sheet:
    """Return the tasks: a call each, and a suggestion each, due on the plan's last day."""
    calls = [(agent, one) for agent, mine in share_out(recipients, agents).items() for one in mine]
    rows = [_call(agent, one) for agent, one in calls]
    rows += [
        {
            "Subject": one.title,
            "Due Date": due,
            "Contact ID": one.customer_id,
            "Owner ID": one.owner,
            "Description": f"{one.sentence} {one.text}".strip(),
        }
        for one in suggested
    ]
    return Sheet("Tasks", FIELDS, rows)


def suggestion_list(suggested: Sequence[Suggested]) -> Sheet:
    """Return the suggestions, by owner, the most valuable first."""
    ordered = sorted(suggested, key=lambda one: (one.owner, -one.value, one.customer_id))
    return Sheet("Suggestions", SUGGESTED, [{**vars(one), "value": round(one.value, 2)} for one in ordered])


def _call(agent: str, one: Recipient) -> dict[str, object]:
    about = one.offer.name if one.offer else ""
    whom = {"name": one.name, "offer": about}
    return {
        "Subject": _("Call %(name)s: %(offer)s", **whom) if about else _("Call %(name)s", name=one.name),
        "Due Date": one.on,
        "Contact ID": one.customer_id,
        "Owner ID": agent,
        "Description": " ".join(part for part in (one.sentence, one.number or "") if part),
    }
