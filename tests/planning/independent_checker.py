"""A checker that shares nothing with the policy: plain rows in, a sentence for every broken rule out.

It reads what was promised and the whole history from the database with its own SQL, counts by itself, and knows the
rules only as numbers that its caller gives. It imports nothing of the product.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from tests.planning.independent_clock import has_decent_moment, is_too_soon


def broken_caps(rows: list[dict[str, Any]], limits: list[tuple[Any, ...]], hours_between: int = 0) -> list[str]:
    """Count contacts (person, channel, promotion, on, home) against (limit, days, channel, scope, each).

    Where contacts say whether they are ``ours``, only windows that hold one of these count: what was broken before is
    not laid to a plan.
    """
    broken = []
    for limit, days, channel, scope, each in limits:
        groups: dict[Any, list[tuple[dt.date, bool]]] = defaultdict(list)
        for row in rows:
            if channel is not None and row["channel"] != channel:
                continue
            if each == "promotion" and row["promotion"] is None:
                continue
            who = row["home"] or ("alone", row["person"]) if scope == "household" else row["person"]
            groups[who, row["promotion"] if each else None].append((row["on"], row.get("ours", True)))
        for (who, about), dates in groups.items():
            dates.sort()
            for first, _ in dates:
                inside = [ours for day, ours in dates if first <= day < first + dt.timedelta(days)]
                if len(inside) > limit and any(inside):
                    broken.append(
                        f"{who} {about or ''}: {len(inside)} {channel or 'contacts'} in {days} days from {first}"
                    )
    if hours_between:
        apart = dt.timedelta(-(-hours_between // 24))
        people: dict[int, list[tuple[dt.date, bool]]] = defaultdict(list)
        for row in rows:
            people[row["person"]].append((row["on"], row.get("ours", True)))
        for person, dates in people.items():
            dates.sort()
            broken += [
                f"{person}: {one} and {other} are less than {hours_between} hours apart"
                for (one, mine), (other, its) in itertools.pairwise(dates)
                if other - one < apart and (mine or its)
            ]
    return broken


PROMISED = """
    SELECT r.id, coalesce(p.merged_into, r.person_id) AS person, r.channel, r.promotion, r."on" AS day, r.ghost,
           r.contact_id, r.plan_id, r.state
    FROM reservations r JOIN people p ON p.id = r.person_id
    WHERE r.state <> 'released' AND r.keeps_place
"""
MADE = """
    SELECT i.person_id AS person, t.channel, t.promotion, t.occurred_at AS moment
    FROM touches t JOIN identities i ON i.id = t.identity_id
    WHERE t.kind IN ('send', 'mail', 'call', 'sms', 'store', 'ghost')
      AND (t.outcome IS NULL OR t.outcome NOT IN ('not reached', 'bounced'))
"""
HOMES = """
    SELECT i.person_id AS person, c.household_id AS home
    FROM customers c JOIN identities i ON i.id = c.identity_id
    WHERE c.household_id IS NOT NULL ORDER BY c.batch_id, c.id
"""
SUPPRESSED = """
    SELECT i.person_id AS person, s.until AS until
    FROM suppressions s JOIN identities i ON i.id = s.identity_id
"""
CONSENT = """
    SELECT i.person_id AS person, c.consent_email, c.consent_phone, c.consent_sms, c.consent_mail, c.consent_ads
    FROM customers c JOIN identities i ON i.id = c.identity_id
"""
OPT_OUTS = """
    SELECT i.person_id AS person, r.channel, r.occurred_at AS moment
    FROM responses r JOIN identities i ON i.id = r.identity_id WHERE r.kind = 'opt_out'
"""
CASES = """
    SELECT i.person_id AS person FROM cases c JOIN identities i ON i.id = c.identity_id WHERE c.state = 'open'
"""
DEALS = """
    SELECT i.person_id AS person, o.account_id, o.opened_on, o.expected_close_on
    FROM opportunities o LEFT JOIN identities i ON i.id = o.identity_id WHERE o.stage = 'open'
"""
ACCOUNTS = """
    SELECT i.person_id AS person, c.account_id AS account
    FROM customers c JOIN identities i ON i.id = c.identity_id WHERE c.account_id IS NOT NULL
"""
HOLDS = """
    SELECT person_id AS person, account_id, starts_on, until FROM sales_holds WHERE released_at IS NULL
"""


ANSWERS = """
    SELECT i.person_id AS person, r.kind, r.promotion, r.response_code, r.product, r.occurred_at AS moment
    FROM responses r JOIN identities i ON i.id = r.identity_id
"""
OFFERS = """
    SELECT promotion, kind, product, response_code, channels, excludes, not_after, starts_on, ends_on
    FROM promotions ORDER BY batch_id, id
"""
SAID = """
    SELECT i.person_id AS person, c.email, c.phone, c.attributes, c.owner, c.account_id,
           c.time_zone, c.country, c.region
    FROM customers c JOIN identities i ON i.id = c.identity_id ORDER BY c.batch_id, c.id
"""
SUPPRESSED_ADDRESSES = """
    SELECT i.kind, i.value AS address, s.until AS until, NULL AS channel
    FROM suppressions s JOIN identities i ON i.id = s.identity_id WHERE i.kind IN ('email', 'phone')
    UNION ALL
    SELECT i.kind, i.value, NULL, coalesce(r.channel, '')
    FROM responses r JOIN identities i ON i.id = r.identity_id
    WHERE i.kind IN ('email', 'phone') AND r.kind = 'opt_out'
"""
TOLD_TO_AGENTS = """
    SELECT coalesce(p.merged_into, r.person_id) AS person, r.channel
    FROM reservations r JOIN people p ON p.id = r.person_id WHERE r.outcome = 'opted out' AND r.state = 'settled'
"""
HANDED = """
    SELECT person_id AS person, account_id, handed_at AS moment FROM handovers WHERE taken_back_at IS NULL
"""
RESOLVED = """
    SELECT reservation_id, how FROM clash_resolutions
"""
WON = """
    SELECT i.person_id AS person, o.account_id, coalesce(o.closed_on, o.opened_on) AS moment
    FROM opportunities o LEFT JOIN identities i ON i.id = o.identity_id WHERE o.stage = 'won'
"""
TALKS = """
    SELECT i.person_id AS person, a.account_id, a.occurred_at AS moment
    FROM sales_activities a LEFT JOIN identities i ON i.id = a.identity_id
"""


class Checker:
    """Re-reads promised contacts and the full history of a database, and counts violations."""

    def __init__(self, url: str, *, channels: set[str], zone: dt.tzinfo = dt.UTC) -> None:
        engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as connection:
            self._read = lambda query: [dict(row) for row in connection.execute(sa.text(query)).mappings()]
            self.homes = {row["person"]: row["home"] for row in self._read(HOMES)}
            self.promised = [{**row, "on": _day(row["day"], zone)} for row in self._read(PROMISED)]
            made = [{**row, "on": _day(row["moment"], zone)} for row in self._read(MADE) if row["channel"] in channels]
            self.suppressed = self._read(SUPPRESSED)
            self.consent = self._read(CONSENT)
            self.opt_outs = self._read(OPT_OUTS)
            self.cases = {row["person"] for row in self._read(CASES)}
            self.deals = self._read(DEALS)
            self.accounts = {row["person"]: row["account"] for row in self._read(ACCOUNTS)}
            self.holds = self._read(HOLDS)
            self.answers = self._read(ANSWERS)
            self.offers = {row["promotion"]: row for row in self._read(OFFERS)}
            self.said = self._read(SAID)
            self.suppressed_addresses = self._read(SUPPRESSED_ADDRESSES)
            self.won, self.talks = self._read(WON), self._read(TALKS)
            self.handed = self._read(HANDED)
            self.opt_outs += self._read(TOLD_TO_AGENTS)
            self.resolved = {row["reservation_id"]: row["how"] for row in self._read(RESOLVED)}
        engine.dispose()
        self.zone = zone
        kept = {(row["person"], row["channel"], row["on"]) for row in made}
        open_ = [row for row in self.promised if (row["person"], row["channel"], row["on"]) not in kept]
        ours = {(row["person"], row["channel"], row["on"]) for row in self.promised}
        self.history = [
            {**row, "home": self.homes.get(row["person"]), "ours": (row["person"], row["channel"], row["on"]) in ours}
            for row in (*made, *open_)
        ]

    def doubled(self) -> list[str]:
        """Contacts that stand in the ledger twice."""
        seen: dict[Any, int] = defaultdict(int)
        for row in self.promised:
            seen[row["person"], row["channel"], row["promotion"], row["on"]] += 1
            if row["contact_id"] is not None:
                seen["contact", row["contact_id"]] += 1
        return [f"{what}: {count} times" for what, count in seen.items() if count > 1]

    def caps(self, limits: list[tuple[Any, ...]], hours_between: int = 0) -> list[str]:
        """Caps broken where a promised contact takes part."""
        ours = {row["person"] for row in self.promised} | {
            other for other, home in self.homes.items() if home in {self.homes.get(r["person"]) for r in self.promised}
        }
        return broken_caps([row for row in self.history if row["person"] in ours], limits, hours_between)

    def persons(self, consents: dict[str, str], *, service: bool = False) -> list[str]:
        """Promises to the suppressed, without consent, after an opt-out, in an open case, or while sales speaks.

        Parameters
        ----------
        service
            Whether offers of the kind ``relationship`` are about service: they need the consent to that, and may be
            made while a case is open.
        """
        broken = []
        said: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in self.consent:
            said[row["person"]].append(row)
        for row in self.promised:
            who, day = row["person"], row["on"]
            for one in self.suppressed:
                if one["person"] == who and (one["until"] is None or day <= _day(one["until"], self.zone)):
                    broken.append(f"{who} is suppressed on {day}")
            kind = consents.get(row["channel"], "none")
            words = [told[f"consent_{kind}"] for told in said[who]] if kind != "none" else ["yes"]
            serves = service and self._serves(row["promotion"])
            if serves and (own := self._service_consents(who, kind)):
                words = own
            if "no" in words or "yes" not in words:
                broken.append(f"{who} did not consent to {row['channel']}")
            if kind != "none" and any(
                one["person"] == who and one["channel"] in (None, row["channel"]) for one in self.opt_outs
            ):
                broken.append(f"{who} opted out of {row['channel']}")
            if who in self.cases and not serves:
                broken.append(f"{who} has an open case")
            how = self.resolved.get(row["id"])
            if how == "marketing yields":
                broken.append(f"{who} on {day}: marketing gave way, and the contact stands")
            if how != "sales yields":
                broken += self._locked(who, day)
        return broken

    def _serves(self, promotion: str | None) -> bool:
        return self.offers.get(promotion, {}).get("kind") == "relationship"

    def _service_consents(self, who: int, kind: str) -> list[str]:
        told = [json.loads(one["attributes"] or "{}") for one in self.said if one["person"] == who]
        return [str(one[f"consent_{kind}_service"]) for one in told if f"consent_{kind}_service" in one]

    def clock(self, rules: dict[str, Any], hours_between: int) -> list[str]:
        """Promises on days without a decent moment where their person lives, or too soon after a contact made."""
        places: dict[int, dict[str, str]] = defaultdict(dict)
        for one in self.said:
            told = {name: one[name] for name in ("time_zone", "country", "region") if one[name]}
            places[one["person"]] |= told
        made: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for one in self.history:
            if "moment" in one:
                made[one["person"]].append(one)
        broken = []
        for row in self.promised:
            who, day = row["person"], row["on"]
            live = places[who]
            place = (live.get("time_zone", ""), live.get("country", ""), live.get("region", ""))
            if not has_decent_moment(rules, row["channel"], day, self.zone, *place):
                broken.append(f"{who} has no decent moment for {row['channel']} on {day} ({', '.join(place)})")
            broken += [
                f"{who} on {day}: less than {hours_between} hours after {one['channel']} on {one['on']}"
                for one in made[who]
                if (one["channel"], one["on"]) != (row["channel"], day)
                and is_too_soon(_moment(one["moment"]), day, self.zone, hours_between, rules["ends"])
            ]
        return broken

    def _locked(self, who: int, day: dt.date) -> list[str]:
        account = self.accounts.get(who)
        broken = []
        for deal in self.deals:
            theirs = deal["account_id"] or self.accounts.get(deal["person"])
            if deal["person"] == who or (theirs is not None and theirs == account):
                opened = _day(deal["opened_on"], self.zone)
                due = deal["expected_close_on"]
                last = opened + dt.timedelta(179) if due is None else _day(due, self.zone) + dt.timedelta(30)
                if opened <= day <= last:
                    broken.append(f"{who} has an open deal on {day}")
        for hold in self.holds:
            mine = hold["person"] == who or (hold["account_id"] is not None and hold["account_id"] == account)
            if mine and _day(hold["starts_on"], self.zone) <= day <= _day(hold["until"], self.zone):
                broken.append(f"{who} is held by sales on {day}")
        return broken

    def answered(self, days: dict[str, int], *, service: bool = False) -> list[str]:
        """Promises after a complaint (unless about service), a decline, a purchase or a return, by so many days."""
        broken = []
        by_code = {row["response_code"]: name for name, row in self.offers.items() if row["response_code"]}
        by_person: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for answer in self.answers:
            by_person[answer["person"]].append(answer)
        for row in self.promised:
            product = self.offers.get(row["promotion"], {}).get("product")
            for answer in by_person[row["person"]]:
                since = (row["on"] - _day(answer["moment"], self.zone)).days
                kind, about = answer["kind"], answer["promotion"] or by_code.get(answer["response_code"])
                same = product is not None and answer["product"] == product
                wrong = (
                    (
                        kind == "complaint"
                        and 0 <= since < days["complaint"]
                        and not (service and self._serves(row["promotion"]))
                    )
                    or (
                        kind == "decline"
                        and 0 <= since < days["decline"]
                        and (same or about == row["promotion"] is not None)
                    )
                    or (kind in ("order", "redemption", "won") and 0 <= since < days["bought"] and same)
                    or (kind == "return" and 0 <= since < days["returned"] and same)
                )
                if wrong:
                    broken.append(f"{row['person']} is offered {row['promotion']} {since} days after a {kind}")
        return broken

    def offered(self, days: int) -> list[str]:
        """Promises of an offer that does not run, not through this touch point, or not beside another one."""
        broken = []
        by_person: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for one in self.history:
            by_person[one["person"]].append(one)
        for row in self.promised:
            offer = self.offers.get(row["promotion"])
            if offer is None:
                continue
            who, day = f"{row['person']}: {row['promotion']}", row["on"]
            first, last = (offer[name] and _day(offer[name], self.zone) for name in ("starts_on", "ends_on"))
            if (first and day < first) or (last and day > last):
                broken.append(f"{who} does not run on {day}")
            if offer["channels"] and row["channel"] not in offer["channels"].split("|"):
                broken.append(f"{who} does not use {row['channel']}")
            for other in by_person[row["person"]]:
                apart = (day - other["on"]).days
                rival = self.offers.get(other["promotion"], {})
                bars = (offer["excludes"] or "").split("|") + (rival.get("excludes") or "").split("|")
                names = {row["promotion"], other["promotion"]}
                if other["promotion"] and len(names) == 2 and names & set(bars) and abs(apart) < days:
                    broken.append(f"{who} beside {other['promotion']}")
                if offer["not_after"] and other["promotion"] == offer["not_after"] and 0 <= apart < days:
                    broken.append(f"{who} after {other['promotion']}")
        return broken

    def sold(self, days: dict[str, int]) -> list[str]:
        """Promises while sales has the word: after a win or a handover, around a talk, or before a contract ends."""
        broken = []
        renewals = [
            {**one, "on": dt.date.fromisoformat(told["renewal_on"])}
            for one in self.said
            if one["owner"] and "renewal_on" in (told := json.loads(one["attributes"] or "{}"))
        ]
        for row in self.promised:
            who, day, account = row["person"], row["on"], self.accounts.get(row["person"])
            if self.resolved.get(row["id"]) == "sales yields":
                continue

            def near(one: dict[str, Any], before: int, after: int, who=who, day=day, account=account) -> bool:
                theirs = one["account_id"] or self.accounts.get(one["person"])
                since = (day - _day(one["moment"], self.zone)).days
                return (one["person"] == who or (theirs is not None and theirs == account)) and -before <= since < after

            if any(near(one, 0, days["win"]) for one in self.won):
                broken.append(f"{who} on {day}: a deal was won lately")
            if any(near(one, days["booked"], days["activity"]) for one in self.talks):
                broken.append(f"{who} on {day}: sales speaks to them")
            if any(near(one, 0, days["handed"]) for one in self.handed):
                broken.append(f"{who} on {day}: handed to sales")
            for one in renewals:
                theirs = one["person"] == who or (one["account_id"] is not None and one["account_id"] == account)
                if theirs and 0 <= (one["on"] - day).days <= days["renewal"]:
                    broken.append(f"{who} on {day}: a contract ends on {one['on']}")
        return broken

    def at_addresses(self) -> list[str]:
        """Promises to somebody whose address is suppressed, or opted out, under another name."""
        addresses: dict[int, set[tuple[str, str]]] = defaultdict(set)
        for one in self.said:
            for kind in ("email", "phone"):
                if one[kind]:
                    addresses[one["person"]].add((kind, one[kind].strip().lower()))
        return [
            f"{row['person']} is suppressed at {one['address']}"
            for row in self.promised
            for one in self.suppressed_addresses
            if (one["kind"], one["address"]) in addresses[row["person"]]
            and one["channel"] in (None, "", row["channel"])
            and (one["until"] is None or row["on"] <= _day(one["until"], self.zone))
        ]

    def listed(self, files: dict[str, bytes]) -> list[str]:
        """Read exported lists: each contact on one list, on its day, about its offer; nobody held back, nobody else."""
        places = {row["id"]: row for row in self.promised}
        seen: dict[int, str] = {}
        broken = []
        for name, content in files.items():
            if not name.endswith(".csv"):
                continue
            for row in csv.DictReader(io.StringIO(content.decode())):
                if "contact" not in row:
                    continue
                number = int(row["contact"])
                place = places.get(number)
                if place is None or place["state"] not in ("committed", "settled") or place["ghost"]:
                    broken.append(f"{name}: {number} is no contact to be made")
                    continue
                if row["on"] != place["on"].isoformat() or row["promotion"] != (place["promotion"] or ""):
                    broken.append(f"{name}: {number} is another contact")
                if number in seen:
                    broken.append(f"{name}: {number} stands in {seen[number]} too")
                seen[number] = name
        due = {number for number, row in places.items() if row["state"] == "committed" and not row["ghost"]}
        return broken + [f"{number} stands on no list" for number in sorted(due - set(seen))]


def _moment(value: Any) -> dt.datetime:
    """Read a moment as either database gives it."""
    if isinstance(value, int):
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=value)
    return value if value.tzinfo else value.replace(tzinfo=dt.UTC)


def _day(value: Any, zone: dt.tzinfo) -> dt.date:
    """Read a day as either database gives it."""
    if isinstance(value, int):
        return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=value)).astimezone(zone).date()
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).date()
    return dt.date.fromisoformat(value) if isinstance(value, str) else value
