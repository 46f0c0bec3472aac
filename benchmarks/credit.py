"""Speed of the credit models on aggregated paths, as a ratio to the package ChannelAttribution in the same run.

``python -m benchmarks.credit [FILE]`` reads FILE, by default the public paths beside the project. The comparison is
made for the models that both have (last, first and linear touch, Markov with value and removal effects) and from the
same frame: our reading and adding up of the paths is in our time, theirs is in theirs. The package is no part of this
project; where it cannot be imported, only our own times are printed.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

from attribution.credit import credit_all
from attribution.credit.options import ORDERS
from attribution.paths import parse_paths

PATHS_10K = Path(__file__).parents[2] / "shared" / "data" / "paths_10k.csv.gz"
BOTH = ("last_touch", "first_touch", "linear")
ROUNDS = 7


def main(arguments: list[str] | None = None) -> None:
    """Print our times, and their ratio to the package's."""
    named = sys.argv[1:] if arguments is None else arguments
    file = Path(named[0]) if named else PATHS_10K
    if not file.is_file():
        print(f"credit: {file} is not there; name a file of aggregated paths")
        return
    rows = pd.read_csv(file)
    print(f"credit models on {file.name}: {len(rows):,} rows, medians of {ROUNDS} rounds")
    own = {order: _median(lambda order=order: credit_all(parse_paths(rows), order=order)) for order in ORDERS}
    for order, seconds in own.items():
        print(f"  all models, Markov of order {order}, reading included: {seconds * 1e3:7.1f} ms")
    package = _package()
    if package is None:
        print("  the package ChannelAttribution is not installed here: no comparison")
        return
    _compare(rows, package)


def _package() -> ModuleType | None:
    try:
        with redirect_stdout(StringIO()):  # it prints an advertisement
            import ChannelAttribution
    except ImportError:
        return None
    return ChannelAttribution


def _compare(rows: pd.DataFrame, package: ModuleType) -> None:
    print("  the models both have:        ours    theirs     ratio   largest difference of a channel's Markov share")
    for order in ORDERS:
        ours, theirs = [], []
        for _ in range(ROUNDS):  # in turn, so that a busy machine slows both alike
            ours.append(_seconds(lambda order=order: _ours(rows, order)))
            theirs.append(_seconds(lambda order=order: _theirs(rows, order, package)))
        mine, other = statistics.median(ours), statistics.median(theirs)
        apart = np.abs(_ours(rows, order) - _theirs(rows, order, package)).max()
        shown = f"{mine * 1e3:7.1f} ms {other * 1e3:7.1f} ms {mine / other:7.2f}"
        print(f"    rules + Markov order {order} {shown}   {apart:.4f} (theirs is simulated)")


def _ours(rows: pd.DataFrame, order: int) -> pd.Series:
    found = credit_all(parse_paths(rows), order=order, models=(*BOTH, "markov"))
    credited = found.models["markov"].conversions
    return pd.Series(credited / credited.sum(), index=list(found.units))


def _theirs(rows: pd.DataFrame, order: int, package: ModuleType) -> pd.Series:
    named = {"var_path": "path", "var_conv": "total_conversions", "var_value": "total_conversion_value"}
    with redirect_stdout(StringIO()):
        package.heuristic_models(rows, **named, flg_pro=False)
        found = package.markov_model(
            rows, **named, var_null="total_null", order=order, out_more=True, verbose=False, flg_pro=False
        )
    credited = found["result"].set_index("channel_name")["total_conversions"]
    return credited / credited.sum()


def _median(run: Callable[[], object]) -> float:
    return statistics.median(_seconds(run) for _ in range(ROUNDS))


def _seconds(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
