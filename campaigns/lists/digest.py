"""The daily mail to an owner in sales: what could be offered where marketing keeps silent, and leads that wait."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import make_msgid

from campaigns.language import _, ngettext
from campaigns.lists.tasks import Suggested

__all__ = ["MOST", "digest_letter", "digest_text"]

MOST = 20
"""Suggestions that a mail names; the others are on the page."""


def digest_text(owner: str, suggested: Sequence[Suggested], waiting: Sequence[str], *, currency: str, home: str) -> str:
    """Return the text of the mail.

    Parameters
    ----------
    suggested
        The owner's suggestions.
    waiting
        What to say of each lead that was handed over and not followed up.
    home
        Address of the site.
    """
    best = sorted(suggested, key=lambda one: -one.value)
    lines = [_("Good morning %(owner)s,", owner=owner), ""]
    if best:
        count = len(best)
        lines += [
            ngettext(
                "%(count)s customer of yours would be worth a word; marketing keeps silent while you have it:",
                "%(count)s customers of yours would be worth a word; marketing keeps silent while you have it:",
                count,
                count=count,
            ),
            "",
        ]
        for one in best[:MOST]:
            worth = _("worth about %(amount)s %(currency)s", amount=f"{one.value:,.0f}", currency=currency)
            lines.append(f"- {one.sentence} ({worth})" if one.value >= 1 else f"- {one.sentence}")
            if one.text:
                lines.append(f"  {one.text}")
        if count > MOST:
            lines.append(_("... and %(count)s more, on the site.", count=count - MOST))
        lines.append("")
    if waiting:
        lines += [_("Leads that wait for you:"), "", *(f"- {words}" for words in waiting), ""]
    return "\n".join([*lines, home, ""])


def digest_letter(
    owner: str,
    suggested: Sequence[Suggested],
    waiting: Sequence[str],
    *,
    sender: str,
    recipients: Sequence[str],
    currency: str,
    home: str,
) -> EmailMessage:
    """Return the mail itself."""
    message = EmailMessage()
    count = len(suggested)
    message["Subject"] = (
        ngettext("%(count)s suggestion for you", "%(count)s suggestions for you", count, count=count)
        if count
        else _("Leads that wait for you")
    )
    message["From"], message["To"] = sender, ", ".join(recipients)
    message["Message-ID"] = make_msgid(domain=sender.rsplit("@", 1)[-1])
    message.set_content(digest_text(owner, suggested, waiting, currency=currency, home=home))
    return message
