"""Contacts into a plan one after another, each on a day that everything before it leaves open: compiled.

Only modules that solve import this one: it loads Numba.
"""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["admit"]

_compiled = numba.njit(cache=True, nogil=True)


@_compiled
def _free_days(mask, person, house, channel, offer, caps, counts, codes):  # type: ignore[no-untyped-def]
    """Return the days of a mask that the rolling caps leave, and the code of the cap that took the last one."""
    at, columns, width, limit, through, about, scope = caps
    for cap in range(len(at)):
        if (through[cap] >= 0 and through[cap] != channel) or (about[cap] >= 0 and about[cap] != offer):
            continue
        group = person if scope[cap] == 0 else house
        begin = at[cap] + group * columns[cap]
        left = np.uint64(0)
        for day in range(columns[cap] - width[cap] + 1):
            bit = np.uint64(1) << np.uint64(day)
            if not mask & bit:
                continue
            full = False
            for window in range(day, day + width[cap]):
                if counts[begin + window] >= limit[cap]:
                    full = True
                    break
            if not full:
                left |= bit
        mask = left
        if not mask:
            return mask, codes[cap]
    return mask, -1


@_compiled
def _beside(mask, person, offer, channel, head, following, offers, channels, days, rivals, follows):  # type: ignore[no-untyped-def]
    """Return the days left beside the person's other contacts: 0 with 1 for rivals, 2 for order, 3 for twice."""
    one = np.uint64(1)
    entry = head[person]
    while entry >= 0:
        other, day = offers[entry], np.uint64(days[entry])
        if rivals[offer, other]:
            return np.uint64(0), 1
        if other == offer and channels[entry] == channel:
            return np.uint64(0), 3
        if follows[offer, other]:
            mask &= (one << day) - one
        if follows[other, offer]:
            mask &= ~((one << (day + one)) - one)
        if not mask:
            return mask, 2
        entry = following[entry]
    return mask, 0


@_compiled
def _over(offer, channel, use, used, least, most):  # type: ignore[no-untyped-def]
    """Return the first limit that one more contact would break, or -1."""
    for limit in range(len(used)):
        more = use[limit, offer, channel]
        if more > 0 and used[limit] + more > most[limit] + 1e-7 * max(1.0, abs(most[limit])):
            return limit
        if more < 0 and used[limit] + more < least[limit] - 1e-9:
            return limit
    return -1


@_compiled
def _needed(offer, channel, use, used, least, mixed):  # type: ignore[no-untyped-def]
    """Tell whether a contact helps to reach a least amount that is not reached, or a share that others live on."""
    for limit in range(len(used)):
        if use[limit, offer, channel] > 0 and (mixed[limit] or used[limit] < least[limit] - 1e-9):
            return True
    return False


@_compiled
def admit(  # type: ignore[no-untyped-def]
    order, needed_only, gross, cost, second, person, house, channel, offer, mask, day_of, why,
    touched, busy, head, following, left, load, step, caps, counts, cap_codes,
    rivals, follows, use, used, least, most, mixed, limit_codes, room, codes,
):  # fmt: skip
    """Take contacts into a plan in this order where everything allows it.

    Parameters
    ----------
    order
        Candidates to try.
    needed_only
        Whether to take only those that help to reach a least amount; they are taken even at a loss.
    gross, cost, second, person, house, channel, offer, mask
        Columns of the candidates; ``house`` is the problem's number of the household.
    day_of
        Day of each candidate, -1 if not in the plan, written.
    why
        Code of what stood against each candidate, written.
    touched
        Contacts per person and touch point in this plan, written.
    busy
        Days on which each person hears something in this plan, written.
    head, following
        The contacts of each person as linked lists, written.
    left
        Contacts left per touch point and day, negative where nothing is scarce, written.
    load, step
        How full each day is, and by how much a contact fills it.
    caps, counts, cap_codes
        Rolling caps, contacts in their windows (written), and their codes.
    rivals, follows
        Pairs of offers.
    use, used, least, most, mixed, limit_codes
        Limits, what is used of them (written), and their codes.
    room
        Contacts still wanted, shape ``(1,)``, written.
    codes
        Codes of: outranked, full, beyond, excluded, not after, no value.
    """
    outranked, full, beyond, excluded, not_after, no_value = codes
    at, columns, width, _, through, about, scope = caps
    spent = np.zeros(len(left), np.bool_)
    for place in range(len(left)):
        spent[place] = not left[place].any()
    for row in order:
        if day_of[row] >= 0:
            continue
        who, where, what = person[row], channel[row], offer[row]
        if needed_only and not _needed(what, where, use, used, least, mixed):
            continue
        already = touched[who, where]
        if already and second[row] <= 0.0:
            why[row] = outranked
            continue
        if not needed_only and gross[row] * second[row] ** already <= cost[row]:
            why[row] = outranked if already else no_value
            continue
        if room[0] <= 0:
            why[row] = beyond
            continue
        if spent[where]:
            why[row] = full
            continue
        over = _over(what, where, use, used, least, most)
        if over >= 0:
            why[row] = limit_codes[over]
            continue
        days, clash = _beside(mask[row], who, what, where, head, following, offer, channel, day_of, rivals, follows)
        if clash:
            why[row] = excluded if clash == 1 else not_after if clash == 2 else outranked
            continue
        days, code = _free_days(days, who, house[row], where, what, caps, counts, cap_codes)
        if code >= 0:
            why[row] = code
            continue
        best, lightest, best_busy = -1, np.inf, True
        for day in range(left.shape[1]):
            bit = np.uint64(1) << np.uint64(day)
            if not days & bit or left[where, day] == 0:
                continue
            crowded = (busy[who] & bit) != 0
            if best < 0 or (best_busy and not crowded) or (crowded == best_busy and load[where, day] < lightest):
                best, lightest, best_busy = day, load[where, day], crowded
        if best < 0:
            why[row] = full
            continue
        day_of[row], why[row] = best, -1
        touched[who, where] += 1
        busy[who] |= np.uint64(1) << np.uint64(best)
        following[row] = head[who]
        head[who] = row
        room[0] -= 1
        if left[where, best] > 0:
            left[where, best] -= 1
            spent[where] = not left[where].any()
        load[where, best] += step[where, best]
        for limit in range(len(used)):
            used[limit] += use[limit, what, where]
        for cap in range(len(at)):
            if (through[cap] < 0 or through[cap] == where) and (about[cap] < 0 or about[cap] == what):
                begin = at[cap] + (who if scope[cap] == 0 else house[row]) * columns[cap]
                for window in range(best, best + width[cap]):
                    counts[begin + window] += 1
