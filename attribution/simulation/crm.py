"""Tables of a simulated market that a CRM would export: customers, touches and responses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from attribution.simulation.happenings import Happenings, ad_names, cause_names, customer_ids, times
from attribution.simulation.nature import CHANNELS, CONSENTS, PERSONAL, REGIONS, SEGMENTS
from attribution.simulation.offers import CODES, PRODUCTS, UNIT_COSTS
from attribution.simulation.people import NEVER

__all__ = [
    "Touches",
    "all_touches",
    "customers_table",
    "order_causes",
    "order_values",
    "responses_table",
    "touches_table",
]

FIRST_NAMES = (
    "Ada", "Ali", "Amelie", "Anna", "Ayse", "Ben", "Carla", "Cem", "Clara", "David", "Deniz", "Elif", "Emil", "Emma",
    "Eren", "Felix", "Finn", "Greta", "Hanna", "Ida", "Jan", "Jonas", "Kaan", "Lara", "Lea", "Leon", "Lina", "Lukas",
    "Maja", "Marie", "Max", "Mert", "Mia", "Nina", "Noah", "Oskar", "Paul", "Selin", "Sophie", "Tom",
)  # fmt: skip
LAST_NAMES = (
    "Adler", "Aydin", "Bauer", "Beck", "Berg", "Brandt", "Celik", "Demir", "Dietrich", "Engel", "Fischer", "Frank",
    "Graf", "Gross", "Haas", "Hahn", "Heinrich", "Hoffmann", "Huber", "Jung", "Kaiser", "Kaya", "Keller", "Klein",
    "Koch", "Kraus", "Lang", "Lorenz", "Maier", "Meyer", "Neumann", "Otto", "Peters", "Richter", "Roth", "Sahin",
    "Schmidt", "Schulz", "Simon", "Sommer", "Stein", "Vogel", "Wagner", "Weber", "Winter", "Wolf", "Yildiz", "Ziegler",
)  # fmt: skip
ZONES = ("Europe/Berlin", "Europe/London", "Europe/Istanbul")
COUNTRIES = ("DE", "GB", "TR")
LANGUAGES = ("de", "en", "tr")
OWNERS = ("dana", "emre", "farid", "gina")

STEP_RATES = {"open": 0.30, "email click": 0.10, "display click": 0.012, "visit": 0.75}
REASONS = ("too expensive", "no need", "bought elsewhere", "bad timing")


@dataclass(frozen=True)
class Touches:
    """Contacts made, withheld, and the persons' own steps; every array has shape ``(touches,)``.

    Parameters
    ----------
    kind
        Position in ``kinds``.
    contact
        Position of the contact that it is, or to which the step leads back.
    """

    person: NDArray[np.int64]
    time: NDArray[np.float64]
    channel: NDArray[np.int8]
    ad: NDArray[np.int64]
    kind: NDArray[np.int8]
    contact: NDArray[np.int64]
    kinds = ("send", "sms", "mail", "call", "impression", "click", "ghost", "open", "visit")


def all_touches(market: Happenings, rng: np.random.Generator) -> Touches:
    """Add the persons' own steps (opens, clicks, visits) to the contacts; sorted by time, none after the end."""
    contacts, kinds = market.contacts, Touches.kinds
    shown = np.flatnonzero(market.lives.shown)
    own_kind = np.array([kinds.index(c.kind) for c in CHANNELS], dtype=np.int8)[contacts.channel[shown]]
    own_kind[contacts.ghost[shown]] = kinds.index("ghost")
    parts = [(shown, contacts.time[shown], own_kind)]

    def step(
        source: NDArray[np.int64], after: NDArray[np.float64], share: float, mean_days: float, kind: str
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8]]:
        took = rng.random(len(source)) < share
        time = after[took] + 2.0 / 86_400 + rng.exponential(mean_days, int(took.sum()))
        return source[took], time, np.full(len(time), kinds.index(kind), dtype=np.int8)

    made = np.flatnonzero(market.made & contacts.reached)
    email, display, search = (made[contacts.channel[made] == PERSONAL.index(c)] for c in ("email", "display", "search"))
    opens = step(email, contacts.time[email], STEP_RATES["open"], 0.5, "open")
    clicks = step(opens[0], opens[1], STEP_RATES["email click"], 0.01, "click")
    shown_clicks = step(display, contacts.time[display], STEP_RATES["display click"], 0.0005, "click")
    parts += [opens, clicks, shown_clicks]
    for source, time in (clicks[:2], shown_clicks[:2], (search, contacts.time[search])):
        parts.append(step(source, time, STEP_RATES["visit"], 0.0003, "visit"))
    contact, time, kind = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(time, kind="stable")
    order = order[time[order] < market.spec.days]
    contact, time, kind = contact[order], time[order], kind[order]
    return Touches(
        contacts.person[contact], time, contacts.channel[contact], contacts.ad[contact].astype(np.int64), kind, contact
    )


def touches_table(market: Happenings, touches: Touches) -> pa.Table:
    """Return the touches in the columns of their file kind."""
    real = touches.kind < Touches.kinds.index("ghost")
    contact_like = real & (touches.kind == np.array([Touches.kinds.index(c.kind) for c in CHANNELS])[touches.channel])
    reached = market.contacts.reached[touches.contact]
    unit = np.array([UNIT_COSTS[c.name] if c.name in ("sms", "mail", "call") else np.nan for c in CHANNELS])
    cost = np.where(contact_like, unit[touches.channel], np.nan)
    call = touches.channel == PERSONAL.index("call")
    outcome = np.where(call, np.where(reached, 2, 3), np.where(reached, 0, 1))
    silent = ~contact_like | ~np.isin(touches.channel, [PERSONAL.index(c) for c in ("email", "sms", "call")])
    return pa.table(
        {
            "customer_id": customer_ids(market.spec).take(pa.array(touches.person)),
            "occurred_at": times(market.spec, touches.time),
            "channel": pa.array(PERSONAL).take(pa.array(touches.channel)),
            "kind": pa.array(Touches.kinds).take(pa.array(touches.kind)),
            "campaign": ad_names(touches.ad, "campaign"),
            "ad": ad_names(touches.ad, "ad"),
            "promotion": ad_names(touches.ad, "promotion"),
            "cost": pa.array(cost, mask=np.isnan(cost)),
            "outcome": pa.array(["delivered", "bounced", "reached", "not reached"]).take(
                pa.array(outcome, mask=silent)
            ),
        }
    )


def customers_table(market: Happenings, rng: np.random.Generator) -> pa.Table:
    """Return the customers as a CRM would export them at the end of the data."""
    people, n = market.people, market.people.count
    first, last = rng.integers(0, len(FIRST_NAMES), n), rng.integers(0, len(LAST_NAMES), n)
    names = [(FIRST_NAMES[f], LAST_NAMES[s]) for f, s in zip(first, last, strict=True)]
    country = rng.choice(len(ZONES), n, p=(0.90, 0.05, 0.05))
    words = pa.array(["unknown", "no", "yes"])
    consent = people.consent.copy()
    consent[people.opt_out < NEVER, 0] = 0
    owned = people.account >= 0
    return pa.table(
        {
            "customer_id": customer_ids(market.spec),
            "created_at": times(market.spec, people.created),
            "first_order_at": times(market.spec, market.first_order),
            "first_name": [f for f, _ in names],
            "last_name": [s for _, s in names],
            "email": [f"{f}.{s}.{i}@example.com".lower() for i, (f, s) in enumerate(names, 1)],
            "region": pa.array(REGIONS).take(pa.array(people.region)),
            "country": pa.array(COUNTRIES).take(pa.array(country)),
            "language": pa.array(LANGUAGES).take(pa.array(country)),
            "time_zone": pa.array(ZONES).take(pa.array(country)),
            "household_id": _numbered("H", people.household),
            "account_id": _numbered("A", people.account),
            "segment": pa.array([s.name for s in SEGMENTS]).take(pa.array(people.segment)),
            "owner": pa.array(OWNERS).take(pa.array(people.account % len(OWNERS), mask=~owned)),
            **{name: words.take(pa.array(consent[:, i] + 1)) for i, name in enumerate(CONSENTS)},
        }
    )


def _numbered(letter: str, number: NDArray[np.int64]) -> pa.Array:
    return pa.array([f"{letter}{i + 1:05d}" if i >= 0 else None for i in number.tolist()], pa.string())


def order_values(market: Happenings, rng: np.random.Generator) -> pa.Table:
    """Draw product, value and margin of each order; columns ``product``, ``value``, ``margin`` in major units."""
    n = len(market.orders.person)
    business = market.people.account[market.orders.person] >= 0
    weights = np.array([p.popularity for p in PRODUCTS])
    product = rng.choice(len(PRODUCTS), n, p=weights / weights.sum())
    price, cost = np.array([p.price for p in PRODUCTS])[product], np.array([p.cost for p in PRODUCTS])[product]
    pieces = 1 + rng.poisson(np.where(business, 1.6, 0.35))
    value = np.round(price * pieces * rng.uniform(0.88, 1.0, n), 2)
    return pa.table(
        {
            "product": pa.array([p.product for p in PRODUCTS]).take(pa.array(product)),
            "value": value,
            "margin": np.round(value - cost * pieces, 2),
        }
    )


def order_causes(market: Happenings) -> pa.Table:
    """Return the true cause of every order, in time order: what no company ever sees."""
    orders = market.orders
    ad = market.ad_of(orders.contact)
    return pa.table(
        {
            "order_id": [f"O{i:06d}" for i in range(1, len(orders.person) + 1)],
            "customer_id": customer_ids(market.spec).take(pa.array(orders.person)),
            "occurred_at": times(market.spec, orders.time),
            "cause": pa.array(cause_names(orders.cause), pa.string()),
            "campaign": ad_names(ad, "campaign"),
            "ad": ad_names(ad, "ad"),
            "caused_at": times(
                market.spec, np.where(orders.contact >= 0, market.contacts.time[orders.contact], np.nan)
            ),
            "is_first": orders.is_first,
        }
    )


def responses_table(market: Happenings, touches: Touches, values: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Return orders, redemptions, declines, interests, complaints and opt-outs, in time order."""
    orders = market.orders
    ids = customer_ids(market.spec)
    promotion = ad_names(market.ad_of(orders.contact), "promotion")
    order_ids = order_causes(market)["order_id"].combine_chunks()
    came_in = rng.choice(3, len(orders.person), p=(0.74, 0.20, 0.06))
    parts = [
        pa.table(
            {
                "customer_id": ids.take(pa.array(orders.person)),
                "occurred_at": times(market.spec, orders.time),
                "kind": ["order"] * len(orders.person),
                "value": values["value"],
                "margin": values["margin"],
                "product": values["product"],
                "order_id": order_ids,
                "channel": pa.array(["web", "shop", "phone"]).take(pa.array(came_in)),
            }
        )
    ]
    coded = np.flatnonzero(np.array([p is not None and p in CODES for p in promotion.to_pylist()], dtype=bool))
    coded = coded[rng.random(len(coded)) < 0.6]
    redeemed = promotion.take(pa.array(coded))
    parts.append(
        pa.table(
            {
                "customer_id": ids.take(pa.array(orders.person[coded])),
                "occurred_at": times(market.spec, orders.time[coded]),
                "kind": ["redemption"] * len(coded),
                "order_id": order_ids.take(pa.array(coded)),
                "promotion": redeemed,
                "response_code": pa.array([CODES[p] for p in redeemed.to_pylist()], pa.string()),
            }
        )
    )
    parts += _reactions(market, touches, ids, rng)
    left = np.flatnonzero(market.people.opt_out < NEVER)
    parts.append(
        pa.table(
            {
                "customer_id": ids.take(pa.array(left)),
                "occurred_at": times(market.spec, market.people.opt_out[left]),
                "kind": ["opt_out"] * len(left),
                "channel": ["email"] * len(left),
            }
        )
    )
    table = pa.concat_tables(parts, promote_options="default")
    table = table.take(pc.sort_indices(table, [("occurred_at", "ascending"), ("kind", "ascending")]))
    numbers = pa.array([f"R{i:06d}" for i in range(1, table.num_rows + 1)])
    return table.append_column("response_id", numbers)


def _reactions(market: Happenings, touches: Touches, ids: pa.Array, rng: np.random.Generator) -> list[pa.Table]:
    """Draw declines (of contacts that reached the person), interests (after clicks) and complaints."""
    contacts = market.contacts
    made = np.flatnonzero(market.made & contacts.reached & (contacts.channel < PERSONAL.index("display")))
    declining = np.array([0.0010, 0.0020, 0.0040, 0.0900])[contacts.channel[made]]
    complaining = np.array([0.0001, 0.0008, 0.0004, 0.0040])[contacts.channel[made]]
    luck = rng.random(len(made))
    declines, complaints = made[luck < declining], made[luck > 1.0 - complaining]
    visits = np.flatnonzero(touches.kind == Touches.kinds.index("visit"))
    visits = visits[rng.random(len(visits)) < 0.22]
    tables = []
    for kind, which in (("decline", declines), ("complaint", complaints)):
        time = np.minimum(contacts.time[which] + rng.exponential(0.3, len(which)), market.spec.days - 1e-4)
        tables.append(
            pa.table(
                {
                    "customer_id": ids.take(pa.array(contacts.person[which])),
                    "occurred_at": times(market.spec, time),
                    "kind": [kind] * len(which),
                    "channel": pa.array(PERSONAL).take(pa.array(contacts.channel[which])),
                    "promotion": ad_names(contacts.ad[which].astype(np.int64), "promotion"),
                    "reason": (
                        pa.array(REASONS).take(pa.array(rng.integers(0, len(REASONS), len(which))))
                        if kind == "decline"
                        else ["too many messages"] * len(which)
                    ),
                }
            )
        )
    tables.append(
        pa.table(
            {
                "customer_id": ids.take(pa.array(touches.person[visits])),
                "occurred_at": times(market.spec, np.minimum(touches.time[visits] + 0.002, market.spec.days - 1e-4)),
                "kind": ["interest"] * len(visits),
                "channel": ["web"] * len(visits),
                "product": pa.array([p.product for p in PRODUCTS]).take(
                    pa.array(rng.integers(0, len(PRODUCTS), len(visits)))
                ),
            }
        )
    )
    return tables
