"""Every benchmark, each in a process of its own: ``make bench``, or ``python -m benchmarks NAME...``."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = ("touchstone", "numpy", "pyarrow", "duckdb", "sqlalchemy", "pymc", "nutpie")


def names() -> list[str]:
    """Return the names of the benchmarks: the modules of this folder."""
    return sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))


def main(wanted: list[str]) -> int:
    """Run the benchmarks named, or all; return 0, or 1 if one of them failed."""
    if unknown := sorted(set(wanted) - set(names())):
        print(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(names())}.", file=sys.stderr)
        return 2
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}")
    failed = []
    for name in wanted or names():
        print(f"\n== {name}", flush=True)
        begun = time.perf_counter()
        command = [sys.executable, "-m", f"benchmarks.{name}"]
        ended = subprocess.run(command, cwd=HERE.parent, check=False)  # noqa: S603 - our own modules
        print(f"   ({time.perf_counter() - begun:.0f} s in all)", flush=True)
        failed += [name] if ended.returncode else []
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
