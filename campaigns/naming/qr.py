"""Links as QR codes, for print: drawn with error correction M, a quiet zone around, and no logo over them."""

from __future__ import annotations

import io

import segno

__all__ = ["qr_png", "qr_svg"]

QUIET = 4
"""Modules of quiet zone around a code, as its standard (ISO/IEC 18004) wants."""


def qr_svg(text: str) -> str:
    """Return a QR code as a piece of SVG that stands alone; it scales without loss."""
    sink = io.BytesIO()
    segno.make(text, error="m", micro=False).save(sink, kind="svg", border=QUIET, light="#fff", dark="#000", scale=4)
    return sink.getvalue().decode()


def qr_png(text: str, scale: int = 12) -> bytes:
    """Return a QR code as PNG, black on white, ``scale`` pixels a module."""
    sink = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        sink, kind="png", border=QUIET, light="#fff", dark="#000", scale=scale
    )
    return sink.getvalue()
