"""Products, promotions and prices of the simulated company. Money in EUR."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa

from attribution.simulation.nature import ADS
from attribution.simulation.spec import MarketSpec

__all__ = ["CODES", "PRODUCTS", "UNIT_COSTS", "Product", "products_table", "promotions_table"]


@dataclass(frozen=True)
class Product:
    """A product, its price and cost in EUR, what it goes well with and its weight among orders."""

    product: str
    name: str
    price: float
    cost: float
    goes_with: str
    popularity: float


PRODUCTS = (
    Product("P-1", "Kettle", 49.0, 27.0, "P-2|P-6", 3.0),
    Product("P-2", "Tea set", 65.0, 30.0, "P-1", 2.0),
    Product("P-3", "Garden chair", 119.0, 66.0, "P-4", 1.5),
    Product("P-4", "Parasol", 89.0, 48.0, "P-3", 1.0),
    Product("P-5", "Bread maker", 159.0, 92.0, "P-6", 1.0),
    Product("P-6", "Storage jars", 29.0, 11.0, "P-1|P-5", 2.5),
    Product("P-7", "Desk lamp", 79.0, 38.0, "P-8", 1.5),
    Product("P-8", "Office chair", 289.0, 168.0, "P-7", 0.5),
)

UNIT_COSTS = {"email": 0.01, "sms": 0.07, "mail": 0.82, "call": 2.60, "display": 0.24, "search": 1.15}
"""Media cost of one contact."""


@dataclass(frozen=True)
class _Promotion:
    promotion: str
    name: str
    kind: str
    product: str | None
    margin: float
    discount: float
    target_cac: float
    code: str | None
    excludes: str | None
    not_after: str | None
    text: str


_PROMOTIONS = (
    _Promotion("spring-10", "Spring, 10 % off", "product", None, 38.0, 7.0, 40.0, None, "voucher-10", None,
               "Ten per cent off everything until Sunday."),
    _Promotion("garden-sale", "Garden sale", "product", "P-3", 53.0, 12.0, 45.0, None, None, None,
               "Garden furniture at sale prices."),
    _Promotion("gift-card", "Gift card of 5 EUR", "product", None, 38.0, 5.0, 35.0, "GIFT5", None, None,
               "A gift card of 5 EUR with your next order."),
    _Promotion("voucher-10", "Voucher of 10 EUR", "product", None, 38.0, 10.0, 60.0, "TEN26", "spring-10", "gift-card",
               "Your personal voucher of 10 EUR."),
    _Promotion("club", "Customer club", "relationship", None, 25.0, 0.0, 80.0, None, None, None,
               "Welcome to the club: advice, early access and no postage."),
    _Promotion("upgrade", "Office upgrade", "relationship", "P-8", 121.0, 20.0, 120.0, None, None, None,
               "Trade in your old office chairs."),
)  # fmt: skip

CODES = {p.promotion: p.code for p in _PROMOTIONS if p.code}


def promotions_table(spec: MarketSpec) -> pa.Table:
    """Return the promotions; they run from the start of the data to 60 days after its end."""
    channels = {
        p.promotion: "|".join(dict.fromkeys(ad.channel for ad in ADS if ad.promotion == p.promotion))
        for p in _PROMOTIONS
    }
    ends_on = spec.starts_on + timedelta(days=spec.days + 59)
    return pa.table(
        {
            "promotion": [p.promotion for p in _PROMOTIONS],
            "name": [p.name for p in _PROMOTIONS],
            "kind": [p.kind for p in _PROMOTIONS],
            "product": pa.array([p.product for p in _PROMOTIONS], pa.string()),
            "margin": [p.margin for p in _PROMOTIONS],
            "discount": [p.discount for p in _PROMOTIONS],
            "target_cac": [p.target_cac for p in _PROMOTIONS],
            "starts_on": [spec.starts_on] * len(_PROMOTIONS),
            "ends_on": [ends_on] * len(_PROMOTIONS),
            "response_code": pa.array([p.code for p in _PROMOTIONS], pa.string()),
            "channels": [channels[p.promotion] for p in _PROMOTIONS],
            "excludes": pa.array([p.excludes for p in _PROMOTIONS], pa.string()),
            "not_after": pa.array([p.not_after for p in _PROMOTIONS], pa.string()),
            "text": [p.text for p in _PROMOTIONS],
        }
    )


def products_table() -> pa.Table:
    """Return the products."""
    return pa.table(
        {
            name: [getattr(product, name) for product in PRODUCTS]
            for name in ("product", "name", "price", "cost", "goes_with")
        }
    )
