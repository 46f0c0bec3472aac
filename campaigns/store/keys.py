"""Row keys: which row of a file is which, so that importing it again replaces and never doubles."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from campaigns.intake.formats import FileKind
from campaigns.queries import answer

__all__ = ["LONGEST", "keys_of", "row_keys"]

LONGEST = 150
"""Most characters of a key that is kept as it is; a longer one is kept as its hash, which fits in any index."""

SEPARATOR = "|"
NOTHING = r"\N"
BY_CONTENT = r"\#"
BY_HASH = r"\~"


def row_keys(kind: FileKind, table: pa.Table) -> pa.Table:
    r"""Say which row is which within its source.

    A row's key is the text of its key columns, joined by ``|``; inside a text ``\`` and ``|`` are preceded by ``\``,
    and an empty column is ``\N``, so that different rows never have the same key. A row whose key may be empty, and
    is, has the hash of its content and its number among the rows of this content in its source. What is empty does
    not count in the content, so that a kind may gain columns and its old files stay the same.

    Parameters
    ----------
    kind
        The contract.
    table
        Rows with the columns of the kind, identifiers in the form under which they are kept.

    Returns
    -------
    Columns ``position`` (int64, of the row in ``table``) and ``row_key``, ordered by source and key. Of rows with the
    same source and key only the last is there.
    """
    return answer(_query(kind, table), rows=_numbered(table)).drop_columns("source")


def keys_of(kind: FileKind, table: pa.Table) -> pa.Array:
    """Return the key of each row, in their order; null where a row would be matched by its content."""
    key, filled = _key(kind, table)
    query = f"SELECT CASE WHEN {filled} THEN {key} END AS row_key FROM rows ORDER BY position"  # noqa: S608
    return answer(query, rows=_numbered(table)).column("row_key").cast(pa.string())


def _numbered(table: pa.Table) -> pa.Table:
    return table.append_column("position", pa.array(np.arange(table.num_rows)))


def _key(kind: FileKind, table: pa.Table) -> tuple[str, str]:
    """Return the SQL of a row's key, and of whether it has one."""
    key = f" || '{SEPARATOR}' || ".join(f"coalesce({_text(name, table)}, '{NOTHING}')" for name in kind.key)
    key = f"CASE WHEN length({key}) > {LONGEST} THEN '{BY_HASH}' || sha256({key}) ELSE {key} END"
    return key, " OR ".join(f"{_quoted(name)} IS NOT NULL" for name in kind.key) if kind.key_optional else "true"


def _query(kind: FileKind, table: pa.Table) -> str:
    key, filled = _key(kind, table)
    content = ", ".join(
        f"'{name}=' || {_text(name, table)}"
        for name in table.column_names
        if name not in (*kind.key, "source") and table.column(name).null_count < table.num_rows
    )
    return f"""
        SELECT max(position) AS position, source, {key} AS row_key FROM rows WHERE {filled} GROUP BY ALL
        UNION ALL
        SELECT position, source, concat_ws('-', '{BY_CONTENT}' || content,
            row_number() OVER (PARTITION BY source, content ORDER BY position))
        FROM (SELECT position, source, md5(concat_ws('{SEPARATOR}', {content or "''"})) AS content
            FROM rows WHERE NOT ({filled}))
        ORDER BY source, row_key
        """  # noqa: S608 - the names are the contract's own


def _text(name: str, table: pa.Table) -> str:
    """Return the SQL of a column as text, null where it is empty; equal values give equal texts everywhere."""
    column, kind = _quoted(name), table.schema.field(name).type
    if pa.types.is_timestamp(kind):
        return f"CAST(epoch_us({column}) AS VARCHAR)"
    if pa.types.is_string(kind):
        return rf"replace(replace({column}, '\', '\\'), '{SEPARATOR}', '\{SEPARATOR}')"
    return f"CAST({column} AS VARCHAR)"


def _quoted(name: str) -> str:
    return f'"{name}"'
