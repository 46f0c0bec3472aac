"""Who is in which audience, gathered by a run so that the form can count any audience at once.

A run keeps it beside its report; counting by it takes some milliseconds where the same question to the database would
read every customer and every order. The counts are those of the day of the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute
from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.planning.audience import Audience
from campaigns.store import tables
from campaigns.store.arrow import read_table
from campaigns.store.audiences import BOUGHT, TENTHS, YEAR

__all__ = ["AudienceIndex", "index_of"]

pc: Any = pyarrow.compute  # its type stubs lag behind the library

Whole: TypeAlias = npt.NDArray[np.int64]

Mask: TypeAlias = npt.NDArray[np.bool_]

NEVER = np.iinfo(np.int64).min
"""The moment of the last order of somebody who has none."""


@dataclass(frozen=True)
class AudienceIndex:
    """Customers and their answers, as arrays.

    Parameters
    ----------
    segments, regions, products
        The texts that numbers below stand for.
    row_person, row_segment, row_region
        Per row of the customers files: place of the person, number of the segment and of the region, -1 without one.
    last_order
        Per person: moment of the last order in microseconds since 1970, ``NEVER`` without one.
    tenth
        Per person: tenth of the buyers of the year before the run, 1 the dearest, 0 for those who bought nothing.
    answer_person, answer_product, answer_interest
        Per person and product that they bought or, where ``answer_interest``, showed interest in.
    """

    segments: tuple[str, ...]
    regions: tuple[str, ...]
    products: tuple[str, ...]
    row_person: npt.NDArray[np.int32]
    row_segment: npt.NDArray[np.int32]
    row_region: npt.NDArray[np.int32]
    last_order: Whole
    tenth: npt.NDArray[np.int8]
    answer_person: npt.NDArray[np.int32]
    answer_product: npt.NDArray[np.int32]
    answer_interest: Mask

    def count(self, audience: Audience, today: date, zone: ZoneInfo) -> int:
        """Count the customers in an audience, as ``campaigns.store.audiences.size_of`` does by query.

        Parameters
        ----------
        today, zone
            From when days since the last order are counted back. Value classes are those of the day of the run.
        """
        inside = np.ones(len(self.tenth), np.bool_)
        if audience.interests:
            inside &= self._answered(audience.interests, interest=True)
        if audience.bought:
            inside &= self._answered(audience.bought, interest=False)
        if audience.not_bought:
            inside &= ~self._answered(audience.not_bought, interest=False)
        if audience.last_order_days is not None:
            since = datetime.combine(today, time(), zone) - timedelta(audience.last_order_days)
            inside &= (self.last_order != NEVER) & (self.last_order < _micros(since))
        if audience.value_classes:
            tenths = [tenth for name in audience.value_classes for tenth in TENTHS.get(name, (0,))]
            inside &= np.isin(self.tenth, np.array(tenths, np.int8))
        rows = inside[self.row_person]
        for wanted, texts, numbers in (
            (audience.segments, self.segments, self.row_segment),
            (audience.regions, self.regions, self.row_region),
        ):
            if wanted:
                rows &= np.isin(numbers, _numbers(wanted, texts))
        found = np.zeros(len(self.tenth), np.bool_)
        found[self.row_person[rows]] = True
        return int(found.sum())

    def _answered(self, products: tuple[str, ...], *, interest: bool) -> Mask:
        wanted = np.isin(self.answer_product, _numbers(products, self.products)) & (self.answer_interest == interest)
        found = np.zeros(len(self.tenth), np.bool_)
        found[self.answer_person[wanted]] = True
        return found

    def to_bytes(self) -> bytes:
        """Write it down, compressed."""
        columns = {name: pa.array([value]) for name, value in vars(self).items()}
        sink, options = pa.BufferOutputStream(), pa.ipc.IpcWriteOptions(compression="zstd")
        table = pa.table(columns)
        with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
            writer.write_table(table)
        return bytes(sink.getvalue())

    @classmethod
    def from_bytes(cls, written: bytes) -> AudienceIndex:
        """Read what ``to_bytes`` wrote."""
        with pa.ipc.open_stream(pa.py_buffer(written)) as reader:
            table = reader.read_all()
        lists: dict[str, Any] = {name: table.column(name).combine_chunks().values for name in table.column_names}
        texts = ("segments", "regions", "products")
        arrays: dict[str, Any] = {
            name: tuple(held.to_pylist()) if name in texts else held.to_numpy(zero_copy_only=False)
            for name, held in lists.items()
        }
        return cls(**arrays)


def index_of(session: Session, today: date, zone: ZoneInfo) -> AudienceIndex:
    """Gather customers and their answers.

    Parameters
    ----------
    today, zone
        The year of the value classes ends with the day before.
    """
    customer, identity, response = tables.Customer, tables.Identity, tables.Response
    connection = session.connection()
    rows = read_table(
        connection,
        select(col(identity.person_id).label("person"), col(customer.segment), col(customer.region)).join(
            customer, col(customer.identity_id) == col(identity.id)
        ),
    )
    names = (response.kind, response.product, response.occurred_at, response.value)
    query: Any = select(col(identity.person_id).label("person"), *map(col, names))
    query = query.join(response, col(response.identity_id) == col(identity.id))
    answers = read_table(connection, query.where(col(response.kind).in_((*BOUGHT, "interest"))))
    people, place = np.unique(_whole(rows["person"]), return_inverse=True)
    (segments, row_segment), (regions, row_region) = _coded(rows["segment"]), _coded(rows["region"])
    products, person, product, interest = _products(answers, people)
    midnight = datetime.combine(today, time(), zone)
    return AudienceIndex(
        segments=segments,
        regions=regions,
        products=products,
        row_person=place.astype(np.int32),
        row_segment=row_segment,
        row_region=row_region,
        last_order=_last_orders(answers, people),
        tenth=_tenths(answers, people, _micros(midnight - YEAR)),
        answer_person=person.astype(np.int32),
        answer_product=product.astype(np.int32),
        answer_interest=interest,
    )


def _micros(moment: datetime) -> int:
    return (moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _whole(column: pa.ChunkedArray) -> Whole:
    whole: Whole = pc.cast(column, pa.int64()).to_numpy()
    return whole


def _numbers(wanted: tuple[str, ...], texts: tuple[str, ...]) -> npt.NDArray[np.int32]:
    place = {text: number for number, text in enumerate(texts)}
    return np.array([place[text] for text in wanted if text in place], np.int32)


def _coded(column: pa.ChunkedArray) -> tuple[tuple[str, ...], npt.NDArray[np.int32]]:
    """Return the texts of a column, sorted, and their numbers, -1 where there is none."""
    texts = tuple(sorted(text for text in pc.unique(column).to_pylist() if text is not None))
    found = pc.fill_null(pc.index_in(column, value_set=pa.array(texts, pa.string())), -1)
    return texts, found.to_numpy().astype(np.int32)


def _places(people: Whole, persons: Whole) -> tuple[npt.NDArray[np.int32], Mask]:
    """Return where each person stands among the customers, and who stands there at all."""
    if not len(people):
        return np.zeros(len(persons), np.int32), np.zeros(len(persons), np.bool_)
    place = np.minimum(np.searchsorted(people, persons), len(people) - 1)
    return place.astype(np.int32), people[place] == persons


def _products(answers: pa.Table, people: Whole) -> tuple[tuple[str, ...], Whole, Whole, Mask]:
    """Return the products, and each (person, product, whether it was interest) once."""
    told = answers.filter(pc.is_valid(answers["product"]))
    products, number = _coded(told["product"])
    place, known = _places(people, _whole(told["person"]))
    interest = pc.equal(told["kind"], "interest").to_numpy()
    pairs = np.unique((place.astype(np.int64) * max(len(products), 1) + number)[known] * 2 + interest[known])
    person, product = np.divmod(pairs // 2, max(len(products), 1))
    return products, person, product, pairs % 2 == 1


def _last_orders(answers: pa.Table, people: Whole) -> Whole:
    orders = answers.filter(pc.equal(answers["kind"], "order"))
    place, known = _places(people, _whole(orders["person"]))
    last = np.full(len(people), NEVER)
    np.maximum.at(last, place[known], _whole(orders["occurred_at"])[known])
    return last


def _tenths(answers: pa.Table, people: Whole, since: int) -> npt.NDArray[np.int8]:
    """Rank the buyers since a moment by what they spent, those of equal spend by their number, in ten equal parts."""
    orders = answers.filter(pc.equal(answers["kind"], "order"))
    person, at = _whole(orders["person"]), _whole(orders["occurred_at"])
    value = _whole(pc.fill_null(orders["value"], 0))
    buyers, place = np.unique(person[at >= since], return_inverse=True)
    spent = np.zeros(len(buyers), np.int64)
    np.add.at(spent, place, value[at >= since])
    whole, left = divmod(len(buyers), 10)
    sizes = [whole + (number < left) for number in range(10)]
    rank = np.lexsort((buyers, -spent))
    tenth = np.empty(len(buyers), np.int8)
    tenth[rank] = np.repeat(np.arange(1, 11, dtype=np.int8), sizes)
    found = np.zeros(len(people), np.int8)
    where, known = _places(people, buyers)
    found[where[known]] = tenth[known]
    return found
