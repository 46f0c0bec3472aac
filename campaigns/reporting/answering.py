"""How customers answer to contacts, in words for the terminal and as JSON by contract."""

from __future__ import annotations

from dataclasses import asdict

from campaigns.language import _
from campaigns.reporting.figures import about, money, number
from campaigns.reporting.sentences import channel_name
from campaigns.terms import ChannelResponse, Report, ResponseModel

__all__ = ["answering_json", "told_of_answers"]


def answering_json(model: ResponseModel | None) -> dict[str, object] | None:
    """Give what was learned of customers' answers; money in major units."""
    return None if model is None else asdict(model)


def told_of_answers(report: Report) -> tuple[str, ...]:
    """Say how customers answer to contacts, channel by channel, and what acting on it is worth."""
    model = report.responding
    if model is None:
        return ()
    lines = [_channel_words(one) for one in model.channels if one.qini is not None and one.qini_error is not None]
    if model.policy is not None:
        policy = model.policy
        worth = money(policy.above, report.currency, about(abs(policy.above) or 0.01))
        reach = 1.645 * policy.above_error
        lines.append(
            _(
                "Contacting whom this advises earns %(worth)s more per contact than doing the same for everybody "
                "(likely %(low)s to %(high)s), tried on %(contacts)s contacts that played no part in it.",
                worth=worth,
                low=f"{policy.above - reach:,.2f}",
                high=f"{policy.above + reach:,.2f}",
                contacts=number(policy.contacts),
            )
        )
    return tuple(lines)


def _channel_words(one: ChannelResponse) -> str:
    name, qini, error = channel_name(one.channel), one.qini or 0.0, one.qini_error or 0.0
    if qini > 1.645 * error:
        return _(
            "%(channel)s: the most promising half of the customers gives %(share)s of all extra answers.",
            channel=name,
            share=f"{_at_half(one):.0%}",
        )
    return _(
        "%(channel)s: %(held)s held back do not yet tell who answers more; contacting at random does as well.",
        channel=name,
        held=number(one.held_back),
    )


def _at_half(one: ChannelResponse) -> float:
    whole = one.qini_extra[-1]
    place = min(range(len(one.qini_share)), key=lambda at: abs(one.qini_share[at] - 0.5))
    return min(max(one.qini_extra[place] / whole, 0.0), 1.0) if whole > 0 else 0.5
