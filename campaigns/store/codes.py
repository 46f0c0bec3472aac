"""Codes, links and phone numbers made here: each ties what comes by it to an ad and a promotion."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlmodel import Session, col

from campaigns.faults import Fault, RefusedError
from campaigns.naming.codes import ALPHABET, code_of, match_keys, phone_code, phone_keys
from campaigns.naming.links import Link, tracked_link
from campaigns.naming.names import Name
from campaigns.store.tables import Promotion, ResponseCode

__all__ = [
    "MadeCode",
    "code_names",
    "code_promotions",
    "code_spellings",
    "keep_coupon",
    "keep_phone",
    "made_codes",
    "make_link",
    "new_code",
    "retire_code",
]

LENGTH = 6
"""Signs of a new code."""

PHONE, LINK, COUPON = "phone", "link", "coupon"


@dataclass(frozen=True)
class MadeCode:
    """A code and what it was made for.

    Parameters
    ----------
    code
        As people see it; a phone number in its international form.
    carrier
        Where people meet it: link, coupon or phone.
    name
        The channel, campaign or ad that it stands for.
    promotion
        The promotion, or None.
    link
        The whole address with its tags, or None where it is no link.
    made_at, retired_at
        UTC; a retired code is given to nobody any more, and still ties what comes by it.
    """

    code: str
    carrier: str
    name: Name
    promotion: str | None
    base_url: str | None
    link: str | None
    utm_campaign: str | None
    utm_content: str | None
    made_at: dt.datetime
    made_by: str
    retired_at: dt.datetime | None


def made_codes(session: Session, *, retired: bool = True) -> tuple[MadeCode, ...]:
    """Return every code, the newest first; the retired ones too unless told otherwise."""
    query = select(ResponseCode).order_by(col(ResponseCode.id).desc())
    if not retired:
        query = query.where(col(ResponseCode.retired_at).is_(None))
    return tuple(map(_made, session.execute(query).scalars()))


def code_names(session: Session) -> Mapping[str, Name]:
    """Return what each code was made for, by every key under which it may be met."""
    return {key: made.name for made in made_codes(session) for key in _keys(made)}


def code_spellings(session: Session) -> Mapping[str, str]:
    """Return how each code made here is written, by every key under which it may be met."""
    return {key: made.code for made in made_codes(session) for key in _keys(made)}


def code_promotions(session: Session) -> Mapping[str, str]:
    """Return the promotion of each code, by every key: of those made here, and of those that promotions name."""
    query = select(col(Promotion.response_code), col(Promotion.promotion)).where(
        col(Promotion.response_code).is_not(None)
    )
    found = {
        key: promotion
        for code, promotion in session.execute(query.order_by(col(Promotion.id)))
        for key in match_keys(code)
    }
    made = {key: each.promotion for each in made_codes(session) if each.promotion for key in _keys(each)}
    return {**found, **made}


def make_link(
    session: Session,
    base: str,
    name: Name,
    promotion: str | None = None,
    *,
    now: dt.datetime,
    by: str = "",
    draw: Callable[[int], int] = secrets.randbelow,
) -> MadeCode:
    """Make a link for a campaign or an ad, and keep it, so that its clicks join by construction.

    Asked for the same again, the link that there is is returned.

    Parameters
    ----------
    session
        Of an exclusive transaction.
    draw
        Draws a number from 0 to one below its argument; codes are drawn, so that nobody can guess the next.

    Raises
    ------
    RefusedError
        If the address or the names are of no use; see :func:`campaigns.naming.links.tracked_link`.
    """
    tracked_link(base, name, "C" * LENGTH)  # refuses before a code is spent
    for made in made_codes(session, retired=False):
        if (made.carrier, made.base_url, made.name, made.promotion) == (LINK, base.strip(), name, promotion):
            return made
    code = new_code(session, draw)
    return _keep(session, code, LINK, name, promotion, now, by, tracked_link(base, name, code), base.strip())


def keep_coupon(
    session: Session,
    name: Name,
    promotion: str | None = None,
    code: str | None = None,
    *,
    now: dt.datetime,
    by: str = "",
    draw: Callable[[int], int] = secrets.randbelow,
) -> MadeCode:
    """Keep a response code for a channel, campaign or ad: one that there is (``SPRING10``), or a new one.

    Parameters
    ----------
    session
        Of an exclusive transaction.

    Raises
    ------
    RefusedError
        If the code is taken, or has no letter or digit.
    """
    return _keep(session, code or new_code(session, draw), COUPON, name, promotion, now, by)


def keep_phone(
    session: Session,
    number: str,
    name: Name,
    promotion: str | None = None,
    *,
    region: str | None = None,
    now: dt.datetime,
    by: str = "",
) -> MadeCode:
    """Keep a phone number that only one medium shows, so that calls to it are its responses.

    Parameters
    ----------
    session
        Of an exclusive transaction.
    region
        ISO 3166 code of the country of a number that names none.

    Raises
    ------
    RefusedError
        If it is no phone number, or is taken.
    """
    return _keep(session, phone_code(number, region), PHONE, name, promotion, now, by)


def retire_code(session: Session, code: str, now: dt.datetime) -> bool:
    """Give a code to nobody any more; what still comes by it stays tied. Return whether there was one in use."""
    statement = (
        update(ResponseCode)
        .values(retired_at=now)
        .where(col(ResponseCode.match_key).in_(match_keys(code)), col(ResponseCode.retired_at).is_(None))
    )
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def new_code(session: Session, draw: Callable[[int], int] = secrets.randbelow) -> str:
    """Draw a code that nothing has yet, neither made here nor named by a promotion."""
    taken = _taken(session)
    while True:
        code = code_of(draw(len(ALPHABET) ** (LENGTH - 1)), LENGTH)
        if code not in taken:
            return code


def _taken(session: Session) -> set[str]:
    return {*code_names(session), *code_promotions(session)}


def _keep(
    session: Session,
    code: str,
    carrier: str,
    name: Name,
    promotion: str | None,
    now: dt.datetime,
    by: str,
    link: Link | None = None,
    base: str | None = None,
) -> MadeCode:
    keys = phone_keys(code) if carrier == PHONE else match_keys(code)
    if not keys[0]:
        raise RefusedError("This code cannot be used:", [Fault(0, "code", repr(code), "letters or digits")])
    taken = code_names(session)
    if any(key in taken for key in keys):
        fault = Fault(0, "code", f"{code}, which is that of {taken[next(k for k in keys if k in taken)]}", "a new one")
        raise RefusedError(
            "This code cannot be used:", [fault], "Name another; a code stays with what it was made for."
        )
    row = ResponseCode(
        code=code.strip(),
        match_key=keys[0],
        carrier=carrier,
        channel=name.channel,
        campaign=name.campaign,
        ad=name.ad,
        promotion=promotion,
        base_url=base,
        made_at=now,
        made_by=by,
    )
    if link is not None:
        row.link, row.utm_source, row.utm_medium = link.address, link.utm_source, link.utm_medium
        row.utm_campaign, row.utm_content = link.utm_campaign, link.utm_content
    session.add(row)
    session.flush()
    return _made(row)


def _keys(made: MadeCode) -> tuple[str, ...]:
    return phone_keys(made.code) if made.carrier == PHONE else match_keys(made.code)


def _made(row: ResponseCode) -> MadeCode:
    return MadeCode(
        row.code,
        row.carrier,
        Name(row.channel, row.campaign, row.ad),
        row.promotion,
        row.base_url,
        row.link,
        row.utm_campaign,
        row.utm_content,
        row.made_at,
        row.made_by,
        row.retired_at,
    )
