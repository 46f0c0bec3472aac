"""The bound as a function of prices of what is scarce: what every household can earn at most at these prices.

Capacities, budgets and volumes tie millions of contacts together. Given a price each, households fall apart, and what
they can earn at most at these prices, plus the scarce amounts at the same prices, cannot be beaten by any plan
(Lagrangian relaxation; Fisher, 1981, Management Science 27). Any prices give a true bound; how low ones are found is in
`campaigns.planning.pricing`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.choosing import choose
from campaigns.planning.horizon import Index
from campaigns.planning.layout import Layout

__all__ = ["Demand", "Dual", "Numbers", "Priced", "some_houses", "workers"]

Numbers = NDArray[np.float64]

_CHUNKS = 32


@dataclass(frozen=True)
class Demand:
    """What households want at given prices.

    Parameters
    ----------
    bound
        What no plan can beat.
    used
        Use of each row, shape ``(rows,)``.
    picked
        Whether each candidate is wanted.
    """

    bound: float
    used: Numbers
    picked: NDArray[np.int8]


@dataclass(frozen=True)
class Priced:
    """The best prices found, per row of the layout, and the demand at them.

    ``answer`` says by how much the use of each row falls where the price of each rises, shape ``(rows, rows)``, in the
    scales of `Dual`; None where it was not measured.
    """

    prices: Numbers
    demand: Demand
    answer: Numbers | None = None


class Dual:
    """The bound as a function of the prices, over the households of a layout. Rows are scaled to money per contact."""

    def __init__(self, layout: Layout, rivals: NDArray[np.bool_], share: float, pool: ThreadPoolExecutor) -> None:
        self.layout, self.rivals, self._pool = layout, rivals, pool
        use = layout.rows.use
        size = np.abs(use).sum(axis=1) / np.maximum((use != 0).sum(axis=1), 1)
        self.scale = np.where(size > 0, size, 1.0)
        self.use = use / self.scale[:, None]
        self.room = layout.rows.room * share / self.scale
        net = layout.net
        self.value = float(net[net > 0].mean()) if (net > 0).any() else 1.0
        self.highest = 1000.0 * float(layout.gross.max(initial=1e-9))
        chunks = _CHUNKS if layout.houses > 20 * _CHUNKS else 1
        self._edges = np.linspace(0, layout.houses, chunks + 1).astype(int)

    def demand(self, prices: Numbers) -> Demand:
        """Let every household choose at these prices."""
        layout = self.layout
        by_class = prices @ self.use if len(prices) else np.zeros(self.use.shape[1])
        picked = np.zeros(len(layout), np.int8)

        def work(chunk: int) -> tuple[float, Index]:
            counts = np.zeros(self.use.shape[1], np.int64)
            bound = choose(
                self._edges[chunk], self._edges[chunk + 1], layout.simple, layout.starts, layout.net, layout.gross,
                layout.second, layout.price_class, layout.person, layout.channel, layout.offer, layout.room,
                layout.rooms, self.rivals, by_class, counts, picked,
            )  # fmt: skip
            return bound, counts

        parts = list(self._pool.map(work, range(len(self._edges) - 1)))
        bound = float(np.sum([part[0] for part in parts])) + float(prices @ self.room)
        return Demand(bound, self.use @ np.sum([part[1] for part in parts], axis=0), picked)


def some_houses(layout: Layout, count: int, rng: np.random.Generator) -> Layout:
    """Return the layout of so many households drawn at random."""
    taken = np.sort(rng.choice(layout.houses, count, replace=False))
    sizes = np.diff(layout.starts)[taken]
    at = np.repeat(layout.starts[taken] - np.r_[0, np.cumsum(sizes)[:-1]], sizes) + np.arange(sizes.sum())
    by_person, by_both, by_touch = layout.rooms
    columns = ("row", "net", "gross", "cost", "second", "person", "channel", "offer", "mask", "price_class")
    return replace(
        layout,
        starts=np.r_[0, np.cumsum(sizes)],
        house=layout.house[taken],
        room=layout.room[taken],
        rooms=(by_person, by_both, by_touch[taken]),
        **{name: getattr(layout, name)[at] for name in columns},
    )


@contextmanager
def workers() -> Iterator[ThreadPoolExecutor]:
    """Give threads to choose in, as many as there are cores."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        yield pool
