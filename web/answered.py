"""What answered codes and promotions, with or without a person: as the last run counted it, or counted here."""

from __future__ import annotations

from sqlmodel import Session

from campaigns.store.answers import Answers, answers_of
from campaigns.store.runs import published
from campaigns.store.summaries import answers_kept
from web.published import DEFAULT
from web.site import site

__all__ = ["answers", "answers_by_promotion"]


def answers(session: Session) -> tuple[Answers, ...]:
    """Return what answered each code, and each promotion without one; before there is a run, it is counted here."""
    run = published(session, DEFAULT)
    kept = None if run is None or run.id is None else answers_kept(session, run.id)
    return answers_of(session, site().settings.zone) if kept is None else kept


def answers_by_promotion(session: Session) -> dict[str, tuple[int, int]]:
    """Return for each promotion how many answered it, by any code or none, and how many of them are nobody known."""
    found: dict[str, tuple[int, int]] = {}
    for each in answers(session):
        if each.promotion is not None:
            responses, anonymous = found.get(each.promotion, (0, 0))
            found[each.promotion] = (responses + each.responses, anonymous + each.anonymous)
    return found
