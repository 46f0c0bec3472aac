"""Sentences that were written in English where no reader was, told in the language of whoever reads them.

What a run, a plan or an import keeps, and what an error says, is English text with its figures in it: it is stored,
logged and sent to programs as it is. Such a sentence is found again by its pattern. ``make translations`` gathers the
patterns from the source (``found``, named in ``campaigns/translations/babel.ini``) into the catalogues, under the
context ``kept``: ``f"The report covers {days} days"`` becomes ``The report covers %(days)s days``. ``retold`` looks
for the pattern that a sentence fits, and fills its translation with the same values, their numbers in the reader's
format. What fits no pattern is told as it was kept.

>>> from campaigns.language import use
>>> retold("There is no plan 7.")
'There is no plan 7.'
>>> with use("tr"):
...     retold("There is no plan 7.")
'7 numaralı plan yok.'
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import IO, Any

from babel.dates import format_date
from babel.messages.extract import extract_python

from campaigns.language import ENGLISH, _, kept_messages, language, locale
from campaigns.reporting.naming import CHANNELS, channel_name

__all__ = ["CONTEXT", "dated", "found", "found_in_mappings", "retold"]

CONTEXT = "kept"
"""The context of these messages in the catalogues."""

CALLS = re.compile(r"Fault|Check|Column|FileKind|audited|(?!(?:Value|Type|Key|Index|Runtime|Assertion)E)[A-Z]\w*Error")
"""What is called with texts for people; with the option ``whole`` every text of a file is one."""

WRAPPED = {"_", "ngettext", "pgettext", "mark", "compile", "execute", "sql", "query", "text"}
"""What is called with texts that are translated as they are, or that nobody reads."""

SENTENCE = re.compile(r"[^\W\d_]{2,}[,:;.]? [\w\"'(%[]")
"""A text of two words or more."""

JOINING = re.compile(r"(?:\W|\b(?:about|and|as|at|by|for|from|in|is|of|on|or|the|to|with)\b)*")
"""What joins two values and says nothing itself: such a pattern would fit too much."""

STATEMENT = re.compile(r"\b(SELECT|PRAGMA|COPY|WHEN|CASE|CAST|SET TimeZone|BEGIN|FROM)\b|<\w+")
"""A text for a database or a browser."""

PLACE = re.compile(r"%\((\w+)\)s")

FIGURE = re.compile(r"(?<![\w.,-])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w.-])|(?<![\w.,-])\d+\.\d+(?![\w.-])")

SHARE = re.compile(r"(\d[\d.,]*)[ \N{NO-BREAK SPACE}]?%")

DAY = re.compile(r"\d{4}-\d\d-\d\d")

MONTH = re.compile(r"[A-Z][a-z]+ \d{4}")

WORD = re.compile(r"[^\W\d_]{2,}")

SENTENCES = re.compile(r"(?<=[.!?])\s(?=[A-Z])")

WORDS = re.compile(r"[a-z-]{2,}( [a-z-]+)*")
"""A value that may be a message of its own; a name begins with a capital or has figures in it."""

PLURAL = "s"
"""The value of a place for the ending of the plural, which no other language has there."""

NESTED = 3
"""How deep a value that is a sentence itself may lie in another."""


def retold(text: str) -> str:
    """Tell a kept sentence in the reader's language."""
    return text if language() == ENGLISH or not text else _retold(text, language(), NESTED)


def dated(text: str) -> str:
    """Tell a kept sentence in the reader's language, with its days as the reader writes them.

    Other texts keep their days as they are: where one stands for an example, it says how to write it.

    >>> dated("call booked for 2026-07-10")
    'call booked for 10 Jul 2026'
    """
    return DAY.sub(lambda found: _figures(found[0]), retold(text))


@lru_cache(maxsize=4096)
def _retold(text: str, code: str, depth: int) -> str:
    bare = text.strip()
    told = _whole(bare, code, depth)
    if told is None and depth:
        told = _in_parts(bare, code, depth - 1)
    if told is None and (depth < NESTED or " " in bare):
        channel = bare.lower().replace(" ", "_")
        told = channel_name(channel) if channel in CHANNELS else _(bare) if WORDS.fullmatch(bare) else None
    return _figures(text) if told is None else told


def _whole(bare: str, code: str, depth: int) -> str | None:
    """Tell a sentence by the one message that it fits; None where it fits none."""
    exact, patterns = _patterns(code)
    open_end = bare.removesuffix(".")
    for known in (bare, bare[:1].lower() + bare[1:], open_end, open_end[:1].lower() + open_end[1:]):
        if known in exact:
            return _like(bare, exact[known]) + ("." if len(known) < len(bare) else "")
    several = "; " in bare
    for sign, pattern, translation in patterns if depth else ():
        if sign in bare and (not several or ";" in pattern.pattern) and (fits := pattern.fullmatch(bare)):
            values = {name: _retold(value, code, depth - 1) for name, value in fits.groupdict().items()}
            return translation % {name: "" if value == PLURAL else value for name, value in values.items()}
    return None


def _in_parts(bare: str, code: str, depth: int) -> str | None:
    """Tell sentences, clauses and what is listed one by one; None where there is only one of them."""
    for gap in (SENTENCES, "; ", ", "):
        parts = gap.split(bare) if isinstance(gap, re.Pattern) else bare.split(gap)
        if len(parts) > 1 and (gap != ", " or depth + 1 < NESTED):
            return (" " if gap is SENTENCES else str(gap)).join(_retold(part, code, depth) for part in parts)
    return None


def _like(text: str, translation: str) -> str:
    """Begin a translation as the text began: a clause at the beginning of a sentence with a capital."""
    if not text[:1].isupper():
        return translation
    return ("İ" if translation[:1] == "i" and language() == "tr" else translation[:1].upper()) + translation[1:]


@lru_cache(maxsize=8)
def _patterns(code: str) -> tuple[Mapping[str, str], Sequence[tuple[str, re.Pattern[str], str]]]:
    """Give the translations of sentences without values, and the patterns of the others, the most telling first.

    With each pattern goes the longest text that stands in every sentence of it, which is quicker to look for.
    """
    exact: dict[str, str] = {}
    patterns = []
    for message, translation in kept_messages(code, CONTEXT).items():
        if PLACE.search(message):
            parts = [part.replace("%%", "%") for part in PLACE.split(message)[::2]]
            longest = max(parts, key=len)
            patterns.append((sum(map(len, parts)), longest, re.compile(_pattern(message), re.DOTALL), translation))
        else:
            exact[message.replace("%%", "%")] = translation.replace("%%", "%")
    patterns.sort(key=lambda entry: -entry[0])
    return exact, [entry[1:] for entry in patterns]


def _pattern(message: str) -> str:
    """Write a message as a regular expression, one group for each place; where little is said, of two words at most."""
    parts = PLACE.split(message)
    fits = ".*?" if len(WORD.findall(" ".join(parts[::2]))) > 1 else r"\S+(?: \S+)?"
    return "".join(
        f"(?P<{part}>{fits})" if place % 2 else re.escape(part.replace("%%", "%")) for place, part in enumerate(parts)
    )


def _figures(value: str) -> str:
    """Write the figures of a value as the reader's language does."""
    here = locale()
    for written, kept, shown in ((DAY, "%Y-%m-%d", "d MMM y"), (MONTH, "%B %Y", "LLLL y")):
        if written.fullmatch(value):
            try:
                return str(format_date(datetime.strptime(value, kept).replace(tzinfo=UTC), shown, locale=here))
            except ValueError:
                return value
    signs = here.number_symbols.get("latn", here.number_symbols)
    swap = str.maketrans({",": signs["group"], ".": signs["decimal"]})
    value = FIGURE.sub(lambda figure: figure[0].translate(swap), value)
    return SHARE.sub(r"%\1", value) if here.percent_formats[None].pattern.startswith("%") else value


def found(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Sequence[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str | None, Any, list[str]]]:
    """Give the messages of a Python file for Babel: those of its calls of ``_`` and the like, and what it keeps."""
    yield from extract_python(file, keywords, comment_tags, dict(options))  # type: ignore[misc, arg-type]
    file.seek(0)
    for text in dict.fromkeys(_texts(ast.parse(file.read()), options.get("whole") == "yes")):
        yield (1, None, text, []) if options.get("plain") == "yes" else (1, "pgettext", (CONTEXT, text), [])


def found_in_mappings(
    file: IO[bytes],
    keywords: Mapping[str, Any],  # noqa: ARG001 - as Babel calls it
    comment_tags: Sequence[str],  # noqa: ARG001
    options: Mapping[str, Any],  # noqa: ARG001
) -> Iterator[tuple[int, str | None, Any, list[str]]]:
    """Give the messages of a mapping (TOML) for Babel: what the export is called, and how to export it rightly."""
    written = tomllib.loads(file.read().decode())
    texts = (written.get("title"), *(entry["because"] for entry in written.get("refuse", ())))
    for text in dict.fromkeys(text for text in texts if text):
        yield 1, "pgettext", (CONTEXT, text.replace("%", "%%")), []


def _texts(node: ast.AST, counts: bool) -> Iterator[str]:
    """Give the texts for people in a part of a program, as messages with places."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in WRAPPED:
                continue
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if CALLS.fullmatch(name):
                yield from _texts(child, counts=True)
            case ast.JoinedStr() | ast.Constant(value=str()):
                if counts and _for_people(text := _message(child)):
                    yield text
                for value in (each for each in getattr(child, "values", ()) if isinstance(each, ast.FormattedValue)):
                    yield from _texts(value, counts)
            case _:
                yield from _texts(child, counts)


def _for_people(text: str) -> bool:
    """Whether a text is a message: it says something, and not to a database."""
    said = not PLACE.search(text) or not JOINING.fullmatch(PLACE.sub(" ", text))
    return said and bool(SENTENCE.search(text)) and not STATEMENT.search(text)


def _message(node: ast.Constant | ast.JoinedStr) -> str:
    """Write a text of the source as a message: ``f"{days} days"`` is ``%(days)s days``."""
    if isinstance(node, ast.Constant):
        return str(node.value).strip()
    names: list[str] = []
    parts = []
    for part in node.values:
        match part:
            case ast.FormattedValue(value=value):
                parts.append(f"%({_name(value, names)})s")
            case ast.Constant(value=text):
                parts.append(str(text).replace("%", "%%"))
    return "".join(parts).strip()


def _name(value: ast.expr, taken: list[str]) -> str:
    """Name a value by what stands in the braces."""
    name = next(
        (
            part.attr if isinstance(part, ast.Attribute) else part.id
            for part in ast.walk(value)
            if isinstance(part, ast.Attribute | ast.Name)
        ),
        "value",
    ).strip("_")
    while name in taken:
        name = f"{name}_"
    taken.append(name)
    return name
