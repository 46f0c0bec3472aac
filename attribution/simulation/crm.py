"""Tables of a simulated market that a CRM and a shop would export: customers and responses."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from attribution.simulation.happenings import Happenings, ad_names, cause_names, customer_ids, times
from attribution.simulation.journeys import Touches
from attribution.simulation.nature import CONSENTS, PERSONAL, REGIONS, SEGMENTS
from attribution.simulation.offers import CODES, PRODUCTS
from attribution.simulation.people import NEVER

__all__ = ["OWNERS", "customers_table", "order_causes", "order_values", "responses_table"]

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

REASONS = ("too expensive", "no need", "bought elsewhere", "bad timing")


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
                "channel": pa.array(["web", "store", "call"]).take(pa.array(came_in)),
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
