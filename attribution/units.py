"""Who responds: each person, or an account with all of its people; and which of their responses count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from attribution.observations import Observations
from campaigns.terms.goals import ACCOUNT, FIRST, Goal

__all__ = ["in_units"]


def in_units(observations: Observations, goal: Goal) -> Observations:
    """Restate observations by the units of a goal.

    For a goal per account, a contact with any of its people is one with the account, what any of them answers is the
    account's response, and a deal won that names no person belongs to its ``account_id``; people without an account
    stand for themselves. Accounts have numbers below 0.

    Parameters
    ----------
    observations
        With ``persons.account_id`` and, where deals have one, ``responses.account_id``.

    Returns
    -------
    The observations as they are for a goal of all responses per person.
    """
    if goal.unit == ACCOUNT:
        observations = _by_account(observations)
    return _first_alone(observations, goal) if goal.count == FIRST else observations


def _frame(given: Any) -> pd.DataFrame:
    native = nw.from_native(given)
    table = native.collect("pyarrow") if isinstance(native, nw.LazyFrame) else native
    frame: pd.DataFrame = table.to_arrow().to_pandas()
    return frame


def _by_account(observations: Observations) -> Observations:
    persons, responses = _frame(observations.persons), _frame(observations.responses)
    if "account_id" not in persons:
        persons["account_id"] = None
    named = responses["account_id"] if "account_id" in responses else pd.Series(None, responses.index, dtype=object)
    accounts = pd.Index(pd.concat([persons["account_id"], named]).dropna().unique()).sort_values()
    number = pd.Series(-1 - np.arange(len(accounts)), index=accounts)
    of_person = persons.set_index("person")["account_id"].map(number)

    def unit(people: pd.Series) -> pd.Series:
        return people.map(of_person).fillna(people)

    responses["person"] = named.map(number).fillna(unit(responses["person"]))
    touches = _frame(observations.touches)
    touches["person"] = unit(touches["person"])
    assignments = None if observations.assignments is None else _frame(observations.assignments)
    if assignments is not None:
        assignments["person"] = unit(assignments["person"])
    told = persons.assign(person=unit(persons["person"]))
    rules = {name: "min" if name in ("created_at", "first_order_at") else "first" for name in told.columns}
    rules |= {"listed": "max"} if "listed" in told else {}
    grouped = told.groupby("person", as_index=False).agg(
        {name: rule for name, rule in rules.items() if name != "person"}
    )
    return replace(
        observations,
        touches=_whole(touches),
        responses=_whole(responses),
        persons=_whole(grouped),
        assignments=None if assignments is None else _whole(assignments),
    )


def _whole(frame: pd.DataFrame) -> pa.Table:
    """Give a frame whose persons are whole numbers, or missing, as Arrow."""
    return pa.Table.from_pandas(frame.assign(person=frame["person"].astype("Int64")), preserve_index=False)


def _first_alone(observations: Observations, goal: Goal) -> Observations:
    """Keep the first response of the goal of each unit; those of nobody stay."""
    responses = _frame(observations.responses)
    counted = responses["kind"].isin(goal.kinds) & responses["person"].notna()
    ordered = responses[counted].sort_values("occurred_at", kind="stable")
    later = ordered.index[ordered.duplicated("person")]
    return replace(observations, responses=_whole(responses.drop(later)))
