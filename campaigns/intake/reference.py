"""Documentation of the file kinds, made from their contracts: for people, for ``--help`` and for ``docs/``."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from campaigns.channels import WELL_KNOWN
from campaigns.intake.formats import KINDS, Column, FileKind, Type
from campaigns.intake.mappings import load_mapping, names

__all__ = ["describe", "example_row", "file_kinds_page", "main", "mappings_list", "template"]

PAGE = Path("docs/file-kinds.md")
MAPPINGS_PAGE = Path("docs/mappings.md")
BEGIN, END = "<!-- shipped mappings: made by python -m campaigns.intake.reference -->", "<!-- end of the list -->"

_INTRODUCTION = """\
# File kinds

`touchstone import KIND FILE...` takes CSV (`,`, `;`, tab or `|` between the values; UTF-8, with or without a mark, or
UTF-16), CSV.GZ, Parquet, JSON Lines, XLSX (its first sheet) and a ZIP of CSV or JSON Lines files, which are read as
one. Of a file that you have from somewhere else, `touchstone import --guess FILE` says what it is and how it would be
read (see [mappings](mappings.md)). The first line holds the column names; their order does not
matter, and columns that are not required may be left out. This page is made from the contracts in
`campaigns/intake/formats.py` by `python -m campaigns.intake.reference`.

- **Required** columns must be there and filled in every row.
- **Times** are ISO 8601 (`2026-05-01T10:00:00+02:00`, `2026-05-01 10:00`); one without a zone is read in the configured
  zone. **Dates** are `2026-05-01`. Both lie between 1900 and 9999.
- **Amounts** are written `12.50`, without signs between thousands, with at most as many decimals as the currency has.
  A row in a foreign `currency` is converted at the last rate (kind `rates`) at or before its day; without one it is a
  fault.
- **Choices** may be written in any case, with spaces, hyphens or underscores. For yes and no, true, false, 1 and 0 do
  as well.
- **Persons** are named by `customer_id`, or by `identifier_kind` with `identifier`. Where a row has both, `customer_id`
  counts.
- **Channels** have one name each, however they are written: "E-mail", "e mail" and "Email" are `email` (see
  [below](#channels-everybody-knows)).
- **The same key twice** in one file is a fault, in `spend` too: adding amounts up silently would be wrong as often as
  right. A [mapping](mappings.md) can group and sum rows, and says so.
- **Importing again** replaces the rows with the same `source` and key, and never doubles them.
- A file with faults is refused whole. Faults of one column that are alike are shown as one; every single one is listed
  in `FILE.faults.csv` (line, column, found, expected, and the sheet or the file inside a ZIP). `--skip-faulty` takes
  the good rows and keeps the others with their reasons.
- **Size**: text is read piece by piece, so that memory holds the columns that are read and not the file. It still
  grows with the rows that are kept: to read, map and check 200 MB took 7 s and 700 MB above idle for 1.5 million
  rows of Google Ads, 7 s and 570 MB for 330,000 orders of Shopify, and 16 s and 520 MB for the events of GA4 (two
  cores); 50 MB of Google Ads and of Shopify with their way into SQLite took 400 and 320 MB. `python -m benchmarks
  exports` measures 50 and 200 MB of each platform to the database. Of a workbook of 51 MB with 780,000 rows the
  first rows are known after 1.5 s. A packed file that unpacks to more than 4 GB (a workbook: 1 GB), or to more than
  150 times what it takes where that is over 64 MB, is refused before it is unpacked.
"""


def describe(kind: FileKind) -> str:
    """Return a file kind for ``--help``: its meaning and a line per column, required ones marked with ``*``."""
    width = max(len(column.name) for column in kind.all_columns) + 1
    lines = [f"{kind.name}: {kind.meaning}", ""]
    for column in kind.all_columns:
        name = column.name + ("*" if column.required else "")
        lines.append(f"  {name:<{width}}  {column.meaning}{_limits(column)}")
    if kind.attributes:
        lines.append(f"  {'attr_NAME':<{width}}  anything else you know of them")
    lines += ["", f"  {_identity(kind)}".replace("`", "")] if _identity(kind) else []
    return "\n".join(lines)


def example_row(kind: FileKind) -> dict[str, str]:
    """Return one good row: an example for each column, a person named by ``customer_id``, ``currency`` left out."""
    row = {column.name: column.example for column in kind.all_columns if column.name != "currency" or column.required}
    if "customer_id" in row and "identifier" in row:
        del row["identifier_kind"], row["identifier"]
    if {"lift", "treated_n"} <= set(row):
        # A test is known either by its counts or by its lift.
        for name in ("lift", "lift_se"):
            del row[name]
    return row


def template(kind: FileKind) -> str:
    """Return a CSV file to start from: every column's name, and a row of examples."""
    row = example_row(kind)
    text = io.StringIO()
    writer = csv.DictWriter(text, [column.name for column in kind.all_columns], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerow(row)
    return text.getvalue()


def file_kinds_page() -> str:
    """Return the page ``docs/file-kinds.md``."""
    parts = [_INTRODUCTION]
    parts += [_section(kind) for kind in KINDS.values()]
    parts.append(_channels())
    return "\n".join(parts)


def mappings_list() -> str:
    """Return the list of shipped mappings for ``docs/mappings.md``."""
    lines = ["| mapping | makes | from |", "|---|---|---|"]
    for name in names():
        mapping = load_mapping(name)
        lines.append(f"| `{name}` | {', '.join(f'`{kind}`' for kind in mapping.kinds)} | {mapping.about} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write both pages, from the root of the project."""
    PAGE.write_text(file_kinds_page(), "utf-8")
    text = MAPPINGS_PAGE.read_text("utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    MAPPINGS_PAGE.write_text(f"{before}{BEGIN}\n{mappings_list()}{END}{after}", "utf-8")
    sys.stdout.write(f"{PAGE} and {MAPPINGS_PAGE} are current\n")


def _section(kind: FileKind) -> str:
    lines = [f"## {kind.name}", "", f"{kind.meaning[0].upper()}{kind.meaning[1:]}.", ""]
    lines += [f"{_identity(kind)}"] if _identity(kind) else []
    lines += [_key(kind), "", "| column | required | holds | meaning |", "|---|---|---|---|"]
    for column in kind.all_columns:
        needed = "yes" if column.required else ""
        meaning = f"{column.meaning}{_limits(column)}"
        lines.append(f"| `{column.name}` | {needed} | {column.type.value} | {meaning.replace('|', chr(92) + '|')} |")
    if kind.attributes:
        lines.append("| `attr_NAME` |  | text | anything else you know of them, under any name |")
    lines += ["", "```csv", template(kind).rstrip("\n"), "```", ""]
    return "\n".join(lines)


def _limits(column: Column) -> str:
    """Return what a column takes, as far as its type does not say it."""
    limits = []
    if column.choices and not all(choice in column.meaning for choice in column.choices):
        limits.append("one of " + ", ".join(column.choices))
    if column.type is Type.LIST:
        limits.append("separated by |")
    if column.minimum is not None:
        limits.append(f"more than {column.minimum:g}" if column.positive else f"{column.minimum:g} or more")
    if column.maximum is not None:
        limits.append(f"{column.maximum:g} or less")
    if column.past:
        limits.append("not in the future")
    if column.default:
        limits.append(f"{column.default} if empty")
    return f" ({'; '.join(limits)})" if limits else ""


def _identity(kind: FileKind) -> str:
    if "identifier_kind" not in {column.name for column in kind.all_columns} or kind.identity == "none":
        return ""
    person = "a person (`customer_id`, or `identifier_kind` with `identifier`)"
    if kind.identity == "account":
        return f"Each row names {person} or an `account_id`."
    others = " or a ".join(f"`{name}`" for name in kind.anonymous_with)
    return f"Each row names {person}, or stays anonymous with a {others}." if others else f"Each row names {person}."


def _key(kind: FileKind) -> str:
    key = ", ".join(f"`{name}`" for name in kind.key)
    if kind.key_optional:
        return f"Its key is {key}; rows without one are matched by their content."
    return f"Its key is {key}."


def _channels() -> str:
    lines = [
        "## Channels everybody knows",
        "",
        "What a channel is unless your own `channels` file says otherwise. A name not in this list is kept as it is, in"
        " lower case.",
        "",
        "| channel | single persons | seeks out buyers | in plans | consent | one contact | works for | also written |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for terms in WELL_KNOWN.values():
        flags = (terms.addressable, terms.targeted, terms.plannable)
        cost = "" if terms.unit_cost is None else f"{terms.unit_cost / 100:.2f}"
        cells = (f"`{terms.channel}`", *("yes" if flag else "no" for flag in flags), terms.consent, cost)
        lines.append(f"| {' | '.join(cells)} | {terms.carry_over_days} days | {', '.join(terms.aliases)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
