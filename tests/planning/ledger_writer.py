"""One of many writers of a ledger: asks for places at random, gives some back, commits and settles others.

Run as a script it prints what it did as JSON; tests run it in threads and in processes.
"""

import json
import random
import sys
from datetime import date, timedelta

from campaigns.planning.caps import Cap
from campaigns.planning.ledger import Asked
from campaigns.planning.policy import ContactPolicy
from campaigns.store.database import Database
from campaigns.store.ledger import commit, release, reserve
from campaigns.store.settling import Outcome, settle

MONDAY = date(2026, 6, 1)
POLICY = ContactPolicy(
    caps=(Cap(2, 7, "email"), Cap(1, 14, "call"), Cap(2, 7, None, "household"), Cap(1, 30, each="promotion")),
    hours_between=12,
)


def write(url, people, seed, rounds):
    """Ask, give back, commit and settle; return what was granted and what was given back."""
    from datetime import UTC, datetime

    draw = random.Random(seed)  # noqa: S311 - a test's dice
    database = Database(url)
    granted, given_back, committed, settled = [], [], [], []
    now = datetime(2026, 6, 1, tzinfo=UTC)
    try:
        for _ in range(rounds):
            asked = [
                Asked(
                    person := draw.choice(people),
                    f"C-{person}",
                    draw.choice(["email", "call"]),
                    draw.choice(["a", "b", "c", None]),
                    MONDAY + timedelta(draw.randrange(10)),
                )
                for _ in range(draw.randint(1, 6))
            ]
            mine = list(reserve(database, asked, POLICY, asked_by=f"writer {seed}", now=now).ids)
            granted += mine
            for number in mine:
                fate = draw.random()
                if fate < 0.3:
                    with database.transaction() as session:
                        given_back += [number] * release(session, ids=[number], now=now)
                elif fate < 0.6:
                    with database.transaction() as session:
                        committed += [number] * commit(session, ids=[number], now=now)
                    if fate < 0.45:
                        settle(database, [Outcome(number, draw.choice(["reached", "not reached"]))], now=now)
                        settled.append(number)
    finally:
        database.dispose()
    return {"granted": granted, "given_back": given_back, "committed": committed, "settled": settled}


if __name__ == "__main__":
    url, people, seed, rounds = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    print(json.dumps(write(url, people, seed, rounds)))
