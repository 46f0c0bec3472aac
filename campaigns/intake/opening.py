"""Open a file so that it streams: unpacked as it is read, refused by size before it fills the memory, text as UTF-8."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from campaigns.faults import Fault

__all__ = ["LARGEST", "MARK", "TooLargeError", "as_utf8", "chunks_of", "is_packed", "opened", "oversize", "whole"]

LARGEST = 4 << 30
"""Most bytes that a file may hold once it is unpacked."""

LARGEST_BOOK = 1 << 30
"""Most bytes that a workbook may hold once it is unpacked: its text is read as a whole, its rows are not."""

RATIO, RATIO_FROM = 150, 64 << 20
"""A packed file that grows by more than this factor, to more than these bytes, holds nothing that people export."""

CHUNK = 1 << 22
MARK = b"\xef\xbb\xbf"
GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class TooLargeError(OSError):
    """A file unpacks to more than we take."""


def is_packed(path: Path, magic: bytes = ZIP) -> bool:
    """Tell whether a file begins as packed ones do.

    Raises
    ------
    OSError
        If it cannot be opened.
    """
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def chunks_of(stream: IO[bytes], packed: int = 0, largest: int | None = None) -> Iterator[bytes]:
    """Yield a stream in pieces, as long as it does not grow beyond what we take.

    Parameters
    ----------
    packed
        Bytes that the file takes where it lies, or 0 where it is not packed.
    largest
        Most bytes; :data:`LARGEST` if None.

    Raises
    ------
    TooLargeError
        If it grows beyond that.
    """
    size, limit = 0, LARGEST if largest is None else largest
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit or (packed and size > max(RATIO * packed, RATIO_FROM)):
            raise TooLargeError(f"more than {(size - 1) >> 20:,} MB once it is unpacked")
        yield chunk


def opened(path: Path) -> tuple[IO[bytes], int]:
    """Open a file, unpacking it if it is a .gz; return also the bytes that it takes if it is packed."""
    if is_packed(path, GZIP):
        return cast("IO[bytes]", gzip.open(path, "rb")), path.stat().st_size
    return path.open("rb"), 0


def oversize(path: Path, *, book: bool = False) -> Fault | None:
    """Refuse a ZIP or a workbook that unpacks to more than we take, by what its directory says, before unpacking it.

    Raises
    ------
    zipfile.BadZipFile
        If it is none.
    """
    with zipfile.ZipFile(path) as archive:
        size = sum(info.file_size for info in archive.infolist())
    packed = path.stat().st_size
    limit = LARGEST_BOOK if book else LARGEST
    if size <= limit and size <= max(RATIO * packed, RATIO_FROM):
        return None
    what = "a workbook" if book else "a ZIP file"
    found = f"{what} of {packed / 1e6:,.1f} MB that unpacks to {size / 1e6:,.0f} MB"
    expected = f"at most {limit >> 20:,} MB, and at most {RATIO} times what the file takes; export a shorter period"
    return Fault(0, "", found, expected)


def as_utf8(chunks: Iterator[bytes], encoding: str = "") -> tuple[Iterator[bytes], str]:
    """Return text as UTF-8, whatever it was written in, and the encoding that was found (empty for UTF-8).

    Parameters
    ----------
    encoding
        How text that is neither UTF-8 nor UTF-16 is encoded; if empty, such text is passed on as it is. Whether text
        is UTF-8 is judged by its first piece that holds a byte beyond ASCII.
    """
    first = next(chunks, b"")
    if first[:2] in UTF_16:
        return _decoded(first, chunks, "utf-16"), "utf-16"
    if not encoding:
        return _chained([first], chunks), ""
    held = [first]
    while held[-1].isascii() and (more := next(chunks, b"")):
        held.append(more)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(held[-1])
    except UnicodeDecodeError:
        return _decoded(b"".join(held), chunks, encoding), encoding
    return _chained(held, chunks), ""


def _chained(held: list[bytes], chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield from held
    yield from chunks


def _decoded(first: bytes, chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    yield decoder.decode(first).encode()
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


def whole(chunks: Iterator[bytes]) -> bytes:
    """Return everything at once."""
    buffer = io.BytesIO()
    for chunk in chunks:
        buffer.write(chunk)
    return buffer.getvalue()
