"""How a run samples: what whoever asks for it may choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from campaigns.faults import Fault, RefusedError

__all__ = ["RunOptions"]


@dataclass(frozen=True)
class RunOptions:
    """How a run samples.

    Parameters
    ----------
    chains
        Independent chains, 2 to 16: what they disagree about is not known yet.
    draws
        Draws kept from each chain, 50 or more.
    seed
        Seed of every random number, 0 or more: same data, options and seed, same result.
    """

    chains: int = 4
    draws: int = 500
    seed: int = 1

    def __post_init__(self) -> None:
        checks = (
            ("chains", 2, 16, "a whole number from 2 to 16"),
            ("draws", 50, 100_000, "a whole number from 50 to 100,000"),
            ("seed", 0, 2**32 - 1, "a whole number from 0 to 4,294,967,295"),
        )
        faults = [
            Fault(0, name, repr(getattr(self, name)), expected)
            for name, least, most, expected in checks
            if type(getattr(self, name)) is not int or not least <= getattr(self, name) <= most
        ]
        if faults:
            raise RefusedError("These options of a run cannot be used:", faults, "Correct them and ask again.")

    @classmethod
    def from_mapping(cls, written: Mapping[str, Any]) -> RunOptions:
        """Read options as the ledger keeps them; what is missing is the default.

        Raises
        ------
        RefusedError
            With every unknown or unusable option.
        """
        known = [field.name for field in fields(cls)]
        unknown = [
            Fault(0, name, "an unknown option", f"one of {', '.join(known)}") for name in written if name not in known
        ]
        if unknown:
            raise RefusedError("These options of a run cannot be used:", unknown, "Correct them and ask again.")
        return cls(**written)
