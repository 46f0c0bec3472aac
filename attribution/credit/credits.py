"""All credit models on one set of paths, and the answer as ``touchstone credit --json`` prints it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attribution.credit import markov, positions, shapley
from attribution.credit.options import CreditOptions, Game
from attribution.credit.positions import INVERSE_J, J_SHAPED, U_SHAPED, W_SHAPED, PositionWeights
from attribution.paths import AdKey, Paths, Unit
from attribution.paths.path_set import Floats, add_up
from campaigns.faults import Fault, RefusedError
from campaigns.terms import RULES

__all__ = ["MODELS", "Credit", "Credits", "credit_all", "credit_json"]

MODELS = (*RULES, "last_non_direct", "j_shaped", "inverse_j", "w_shaped", "participation")
"""Every model, the well-known ones first; ``custom`` follows where shares were given."""


@dataclass(frozen=True, eq=False)
class Credit:
    """What one model credits each unit with, all arrays of shape ``(units,)``.

    Parameters
    ----------
    conversions, value
        Responses and their worth. Of every model but ``participation`` they sum to those of all paths.
    removal_effect, value_removal_effect
        Markov only: share of conversions, and of value, lost without the unit.
    conversions_error, value_error
        Sampled Shapley values only: standard errors.
    """

    conversions: Floats
    value: Floats
    removal_effect: Floats | None = None
    value_removal_effect: Floats | None = None
    conversions_error: Floats | None = None
    value_error: Floats | None = None


@dataclass(frozen=True, eq=False)
class Credits:
    """Every model's credits, side by side.

    Parameters
    ----------
    units
        Channels, or ads, in the order of every array.
    models
        Credits by the model's name, in the order of ``MODELS``.
    conversions, value
        All responses and their worth, those that no touch preceded included.
    unassigned_conversions, unassigned_value
        Those that no touch preceded: no model credits them to any unit.
    """

    units: tuple[Unit, ...]
    models: Mapping[str, Credit]
    conversions: float
    value: float
    unassigned_conversions: float
    unassigned_value: float


def credit_all(
    paths: Paths,
    *,
    order: int = 1,
    half_life: float | None = None,
    position: PositionWeights = U_SHAPED,
    custom: PositionWeights | None = None,
    direct: Collection[str] = CreditOptions.direct,
    shapley_game: Game = "conversions",
    exact_up_to: int = 12,
    permutations: int = 1000,
    seed: int = 0,
    models: Collection[str] = (*MODELS, "custom"),
) -> Credits:
    """Run the credit models on a set of paths.

    Parameters
    ----------
    paths
        From ``parse_paths`` or ``paths_from_events``.
    order, half_life, position, custom, direct, shapley_game, exact_up_to, permutations, seed
        See ``CreditOptions``.
    models
        Names of the models to run; all of them by default.

    Raises
    ------
    RefusedError
        With every option that cannot be used, or an unknown model.
    """
    options = CreditOptions(
        order, half_life, position, custom, frozenset(direct), shapley_game, exact_up_to, permutations, seed
    )
    unknown = sorted(set(models) - {*MODELS, "custom"})
    if unknown:
        faults = [Fault(0, "models", repr(name), "one of " + ", ".join((*MODELS, "custom"))) for name in unknown]
        raise RefusedError("These models do not exist:", faults, "Correct the names.")
    return Credits(
        units=paths.units,
        models=dict(_run(paths, options, frozenset(models))),
        conversions=paths.total_conversions,
        value=paths.total_value,
        unassigned_conversions=paths.unassigned_conversions,
        unassigned_value=paths.unassigned_value,
    )


def _run(paths: Paths, options: CreditOptions, wanted: frozenset[str]) -> Iterator[tuple[str, Credit]]:
    converting = paths.where(paths.conversions > 0.0)
    rules = _rules(options, has_times=paths.ages is not None)
    for name in (*MODELS, "custom"):
        if name not in wanted:
            continue
        if name == "markov":
            yield name, _markov(paths, options.order)
        elif name == "shapley":
            yield name, _shapley(paths, converting, options)
        elif name in rules:
            yield name, _shared_out(converting, rules[name](converting))


def _rules(options: CreditOptions, *, has_times: bool) -> dict[str, Callable[[Paths], Floats]]:
    half_life = options.half_life or (7.0 if has_times else 1.0)
    shapes = {
        "position_based": options.position,
        "j_shaped": J_SHAPED,
        "inverse_j": INVERSE_J,
        "w_shaped": W_SHAPED,
        **({"custom": options.custom} if options.custom else {}),
    }
    return {
        "last_touch": positions.last_touch,
        "first_touch": positions.first_touch,
        "linear": positions.linear,
        "time_decay": lambda paths: positions.time_decay(paths, half_life),
        "last_non_direct": lambda paths: positions.last_non_direct(paths, options.direct),
        "participation": positions.participation,
        **{name: _shaped(shares) for name, shares in shapes.items()},
    }


def _shaped(shares: PositionWeights) -> Callable[[Paths], Floats]:
    return lambda paths: positions.position_based(paths, shares)


def _shared_out(paths: Paths, weight: Floats) -> Credit:
    """Add up, by unit, the weight of each step times what its path brought."""
    credited = [
        add_up(weight * paths.spread(ended), paths.steps, len(paths.units))
        for ended in (paths.conversions, paths.value)
    ]
    return Credit(*credited)


def _markov(paths: Paths, order: int) -> Credit:
    removal = markov.removal_effects(paths, order)
    return Credit(
        conversions=_in_proportion(removal.conversions, float(paths.conversions.sum())),
        value=_in_proportion(removal.value, float(paths.value.sum())),
        removal_effect=removal.conversions,
        value_removal_effect=removal.value,
    )


def _in_proportion(parts: Floats, total: float) -> Floats:
    whole = float(parts.sum())
    return parts * (total / whole) if whole > 0.0 else np.zeros_like(parts)


def _shapley(paths: Paths, converting: Paths, options: CreditOptions) -> Credit:
    if options.shapley_game == "conversions":
        found = shapley.of_conversions(converting)
    else:
        found = shapley.of_rate(
            paths, exact_up_to=options.exact_up_to, permutations=options.permutations, seed=options.seed
        )
    return Credit(
        found.conversions,
        found.value,
        conversions_error=found.conversions_error,
        value_error=found.value_error,
    )


def credit_json(results: Credits) -> dict[str, Any]:
    """Return the credits as ``touchstone credit FILE --json`` prints them.

    Returns
    -------
    ``conversions``, ``value`` and ``channels`` (``ads`` where the units are ads): for each unit its name and, under
    each model's name, ``conversions`` and ``value``; Markov also has ``removal_effect``, a sampled Shapley value
    ``conversions_error`` and ``value_error``. The unit that Markov (or the first model run) credits most comes first.
    """
    first = results.models.get("markov") or next(iter(results.models.values()), None)
    weight = np.zeros(len(results.units)) if first is None else first.conversions
    order = np.argsort(-weight, kind="stable").tolist()
    rows = [
        {**_named(results.units[unit]), **{name: _figures(credit, unit) for name, credit in results.models.items()}}
        for unit in order
    ]
    level = "ads" if any(isinstance(unit, AdKey) for unit in results.units) else "channels"
    return {"conversions": results.conversions, "value": results.value, level: rows}


def _named(unit: Unit) -> dict[str, str]:
    return {"channel": unit} if isinstance(unit, str) else unit._asdict()


def _figures(credit: Credit, unit: int) -> dict[str, float]:
    shown = ("conversions", "value", "removal_effect", "conversions_error", "value_error")
    figures = ((name, getattr(credit, name)) for name in shown)
    return {name: float(array[unit]) for name, array in figures if array is not None}
