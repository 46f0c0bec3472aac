"""The problem of a plan as a mixed-integer program for HiGHS, days pooled."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy.sparse import coo_array

from campaigns.planning.layout import lay_out
from campaigns.planning.problem import Problem


@dataclass(frozen=True)
class Found:
    """What HiGHS found.

    Parameters
    ----------
    value
        The worth of its best plan, None where it had none when it was stopped.
    bound
        What it had proven that no plan can beat; infinite where it had proven nothing.
    seconds, busy
        How long it took, and how much processor time.
    reached
        Whether it reached the gap asked for.
    """

    value: float | None
    bound: float
    seconds: float
    busy: float
    reached: bool


def solve_with_highs(problem: Problem, gap: float, seconds: float) -> Found:
    """Let HiGHS solve a problem to a gap, for so many seconds of processor time at most.

    It works in a process of its own that the system ends: within some of its steps HiGHS looks at no time limit.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(theirs, problem, gap, seconds))
    before = os.times()
    child.start()
    theirs.close()
    if not ours.poll(300):
        raise RuntimeError("HiGHS did not begin within five minutes")
    ours.recv()  # the model is there
    begun, reached, value, bound = time.perf_counter(), False, None, np.inf
    with suppress(EOFError):  # ended by the system
        while not reached:
            reached, primal, dual = ours.recv()
            value = primal if np.isfinite(primal) else value
            bound = min(bound, dual)
    took = time.perf_counter() - begun
    child.terminate()
    child.join()
    after = os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return Found(value, float(bound), took, busy, reached)


def _work(told: Any, problem: Problem, gap: float, seconds: float) -> None:
    """Solve, and tell of every step: whether that was all, the best value, the bound."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", gap)
    highs.passModel(_program(problem))

    def tell(event: Any) -> None:
        told.send((False, -float(event.data_out.mip_primal_bound), -float(event.data_out.mip_dual_bound)))

    highs.cbMipImprovingSolution += tell
    highs.cbMipLogging += tell
    used = round(time.process_time() + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (used, used))
    told.send("begins")
    highs.run()
    info = highs.getInfo()
    told.send((True, -float(info.objective_function_value), -float(info.mip_dual_bound)))


def _program(problem: Problem) -> highspy.HighsLp:
    """Write a problem as a program that is to be minimised, minus its value.

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
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(layout), at
    lp.col_cost_ = layout.cost - layout.gross
    lp.col_lower_, lp.col_upper_ = np.zeros(len(layout)), np.ones(len(layout))
    lp.row_lower_, lp.row_upper_ = np.full(at, -highspy.kHighsInf), np.concatenate(upper)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(layout)
    return lp
