"""The problem of a plan as a mixed-integer program for HiGHS, days pooled."""

from __future__ import annotations

import time
from dataclasses import dataclass

import highspy
import numpy as np
from scipy.sparse import coo_array

from campaigns.planning.layout import lay_out
from campaigns.planning.problem import Problem


@dataclass(frozen=True)
class Found:
    """What HiGHS found: the best value, its bound, how long it took, and whether it reached the gap asked for.

    ``value`` is None where it found no plan at all in the time it had.
    """

    value: float | None
    bound: float
    seconds: float
    reached: bool


def solve_with_highs(problem: Problem, gap: float, seconds: float) -> Found:
    """Let HiGHS solve a problem to a gap, for so many seconds at most.

    Heeds the caps over all touch points per household, one contact per person and touch point, capacities pooled over
    the days, and the limits. That is what the benchmark's instance has.
    """
    layout = lay_out(problem)
    columns = np.arange(len(layout))
    house = np.repeat(np.arange(layout.houses), np.diff(layout.starts))
    _, once = np.unique(layout.person.astype(np.int64) * problem.channels + layout.channel, return_inverse=True)
    rows, cols, entries, upper = [house, layout.houses + once], [columns, columns], [np.ones(len(layout))] * 2, []
    upper = [layout.room.astype(float), np.ones(once.max() + 1)]
    at = layout.houses + int(once.max()) + 1
    for use, room in zip(layout.rows.use, layout.rows.room, strict=True):
        entry = use[layout.price_class]
        there = np.flatnonzero(entry)
        rows.append(np.full(len(there), at))
        cols.append(there)
        entries.append(entry[there])
        upper.append(np.asarray([room]))
        at += 1
    matrix = coo_array((np.concatenate(entries), (np.concatenate(rows), np.concatenate(cols)))).tocsc()
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", gap)
    highs.setOptionValue("time_limit", seconds)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(layout), at
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = layout.gross - layout.cost
    lp.col_lower_, lp.col_upper_ = np.zeros(len(layout)), np.ones(len(layout))
    lp.row_lower_, lp.row_upper_ = np.full(at, -highspy.kHighsInf), np.concatenate(upper)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(layout)
    begun = time.perf_counter()
    highs.passModel(lp)
    highs.run()
    took = time.perf_counter() - begun
    info = highs.getInfo()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    value = float(info.objective_function_value) if feasible else None
    bound = float(info.mip_dual_bound)
    reached = value is not None and bound - value <= gap * max(abs(value), 1e-9) * (1 + 1e-9)
    return Found(value, bound, took, reached)
