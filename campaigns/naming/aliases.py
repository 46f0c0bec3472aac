"""Names that mean the same: kept beside the data, applied whenever these are read, and so undone by forgetting them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from campaigns.faults import Fault, RefusedError
from campaigns.naming.codes import is_code, match_keys
from campaigns.naming.names import Name

__all__ = ["Aliases", "renamed", "with_promotions"]

pc: Any = pyarrow.compute  # its type stubs lag behind the library

PARTS = ("channel", "campaign", "ad")


@dataclass(frozen=True)
class Aliases:
    """Which names mean which others.

    Parameters
    ----------
    meant
        For a name as files write it, the name it means; both of one level.
    codes
        For response codes made here, by their keys (``campaigns.naming.codes.match_keys``), what they were made for.
    """

    meant: Mapping[Name, Name] = field(default_factory=dict)
    codes: Mapping[str, Name] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.meant or self.codes)

    def resolve(self, name: Name) -> Name:
        """Return the name that counts for a name as written.

        The narrowest alias wins, and what it means may have an alias itself. A renamed channel keeps its campaigns, a
        renamed campaign its ads.
        """
        passed = {name}
        while (following := self._next(name)) is not None and following not in passed:
            passed.add(following)
            name = following
        return name

    def of_contact(self, name: Name, code: str | None = None) -> Name:
        """Return the name that counts for a contact: what its code was made for, where that was made here.

        The code of a link stands at the end of the content that the link writes, which is the ad of the click.
        """
        for key in _keys(code, name.ad) if self.codes else ():
            if key in self.codes:
                return self.resolve(self.codes[key])
        return self.resolve(name)

    def with_alias(self, name: Name, meant: Name) -> Aliases:
        """Return these aliases and one more.

        Raises
        ------
        RefusedError
            If the two are of different levels or the same, or ``meant`` already means ``name``.
        """
        if name.level != meant.level:
            found, wanted = f"a {meant.level}, {meant}", f"a {name.level}, as {name} is"
        elif self.resolve(meant) == meant == name:
            found, wanted = f"{name} itself", "another name"
        elif self.resolve(meant) == name:
            found, wanted = f"{meant}, which already means {name}", "a name that does not; remove that alias first"
        else:
            return Aliases({**self.meant, name: meant}, self.codes)
        raise RefusedError(f"{name} cannot mean {meant}:", [Fault(0, "name", found, wanted)])

    def _next(self, name: Name) -> Name | None:
        if name.ad is not None and name in self.meant:
            return self.meant[name]
        campaign = Name(name.channel, name.campaign)
        if name.campaign is not None and campaign in self.meant:
            meant = self.meant[campaign]
            return Name(meant.channel, meant.campaign, name.ad)
        channel = self.meant.get(Name(name.channel))
        return None if channel is None else Name(channel.channel, name.campaign, name.ad)


def renamed(table: pa.Table, aliases: Aliases, *, contacts: bool = False) -> pa.Table:
    """Return a table with the names that count in its columns ``channel``, ``campaign`` and ``ad``.

    Parameters
    ----------
    table
        Rows with a ``channel`` and, where they have them, ``campaign`` and ``ad`` (text); rows without a channel stay.
    contacts
        Whether the rows are contacts, so that a code made here names their ad; ``response_code`` is looked at, too,
        where the table has it.
    """
    if not aliases or not table.num_rows:
        return table
    parts = [name for name in (*PARTS, *(("response_code",) if contacts else ())) if name in table.column_names]
    first, place = _distinct(table.select(parts))
    written = table.select(parts).take(pa.array(first)).to_pylist()
    resolved = [_resolved(row, aliases, contacts) for row in written]
    if all(new == {part: row.get(part) for part in PARTS} for row, new in zip(written, resolved, strict=True)):
        return table
    for part in PARTS:
        if part in table.column_names:
            values = pa.array([row[part] for row in resolved], pa.string()).take(pa.array(place))
            table = table.set_column(table.column_names.index(part), table.schema.field(part), values)
    return table


def with_promotions(table: pa.Table, promotions: Mapping[str, str]) -> pa.Table:
    """Return a table in which rows that came by a code and name no promotion have the promotion of the code.

    Parameters
    ----------
    table
        Rows with ``promotion`` and ``response_code`` (text); where there is an ``ad``, as written, a link's code in it
        counts too.
    promotions
        Promotion by key of its code (``campaigns.naming.codes.match_keys``).
    """
    if not promotions or not table.num_rows:
        return table
    first, place = _distinct(table.select([name for name in ("response_code", "ad") if name in table.column_names]))
    written = table.take(pa.array(first)).to_pylist()
    found = [
        next((promotions[key] for key in _keys(row["response_code"], row.get("ad")) if key in promotions), None)
        for row in written
    ]
    own = pa.array(found, pa.string()).take(pa.array(place))
    at = table.column_names.index("promotion")
    return table.set_column(at, table.schema.field(at), pc.coalesce(table.column("promotion").combine_chunks(), own))


def _keys(code: str | None, ad: str | None) -> tuple[str, ...]:
    """Return the keys of the code that a row came by; that of a link stands at the end of what it writes as the ad."""
    content = ad.rpartition("_")[2] if ad else ""
    return (*(match_keys(code) if code else ()), *(match_keys(content) if is_code(content) else ()))


def _distinct(table: pa.Table) -> tuple[Any, Any]:
    """Return the first row of each distinct one, and for each row which of them it equals."""
    codes = np.zeros(table.num_rows, np.int64)
    for column in table.columns:
        encoded = pc.dictionary_encode(
            pa.concat_arrays([pa.array([], column.type), *column.chunks]), null_encoding="encode"
        )
        codes = codes * len(encoded.dictionary) + encoded.indices.to_numpy().astype(np.int64)
    _, first, place = np.unique(codes, return_index=True, return_inverse=True)
    return first, place


def _resolved(row: Mapping[str, str | None], aliases: Aliases, contacts: bool) -> dict[str, str | None]:
    channel = row["channel"]
    if channel is None:
        return {part: row.get(part) for part in PARTS}
    name = Name(channel, row.get("campaign"), row.get("ad"))
    found = aliases.of_contact(name, row.get("response_code")) if contacts else aliases.resolve(name)
    return {"channel": found.channel, "campaign": found.campaign, "ad": found.ad}
