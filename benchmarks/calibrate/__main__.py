"""Estimate ten markets whose truth is known and print how far every method is from it.

``make calibrate``, or ``python -m benchmarks.calibrate``. Each market takes some minutes; what was measured is kept
in a folder, and a run that was stopped is taken up where it was. After a change of the estimate use ``--afresh``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from attribution.simulate import MarketSpec
from benchmarks.calibrate.markets import JUDGED, NOTHING, TUNING
from benchmarks.calibrate.measuring import Measured, measured
from benchmarks.calibrate.table import lines_of, nothing_lines, verdict_lines


def main(arguments: list[str]) -> int:
    """Measure what is missing and print the tables; return 0."""
    options = _options(arguments)
    if options.afresh:
        for kept in options.folder.glob("*.json"):
            kept.unlink()
    found = _all(TUNING if options.tuning else JUDGED, options)
    nothing = _all(NOTHING, options)
    if found:
        print("\n".join(("", *lines_of(found), "", *verdict_lines(found))))
    if nothing:
        print("\n".join(("", *nothing_lines(nothing))))
    return 0


def _all(markets: Mapping[str, MarketSpec], options: argparse.Namespace) -> dict[str, Measured]:
    found = {}
    for name, spec in markets.items():
        if options.only and options.only not in name:
            continue
        found[name] = measured(name, spec, options.folder, approximate=options.approximate)
        seconds = ", ".join(f"{step} {taken:.0f} s" for step, taken in found[name].seconds.items())
        print(f"{name}: share error {found[name].share_error('touchstone'):.4f} ({seconds})", flush=True)
    return found


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibrate", description=__doc__)
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()) / "touchstone-calibration",
        help="where results are kept",
    )
    parser.add_argument("--afresh", action="store_true", help="measure again what is kept")
    parser.add_argument("--tuning", action="store_true", help="the markets to tune on, not those of the verdict")
    parser.add_argument(
        "--approximate", action="store_true", help="a normal distribution at the mode in place of sampling"
    )
    parser.add_argument("--only", default="", help="markets whose name contains this")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
