"""Acts on items one after the other, and says when each is done; begun anew from a number whenever it was killed.

Arguments: URL of the store, name of the worker. Each line on standard input is a number to begin with, in a process of
its own, whose id is the first line out; the last one is `ended`. Act NUMBER has the ruling id NAME-NUMBER, and has it
again when it is done again.
"""

import os
import sys
from collections.abc import Sequence
from itertools import count
from typing import Final

from sqlalchemy import select

from streams.core.rights import Grant
from streams.store.acting import Wish, act
from streams.store.actor import Actor
from streams.store.bulk import Selection, bulk
from streams.store.database import Database
from streams.store.noting import note
from streams.store.tables import item

ACTOR: Final = Actor("kim", (Grant("admin"),))
WISHES: Final = (
    Wish("override", "block", reason="harm"),
    Wish("escalate", reason="unsure"),
    Wish("approve", reason="fine"),
)
BULK: Final = 7  # every so many acts is on two items


def main(url: str, name: str) -> None:
    """Work until standard input ends."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            work(url, name, int(line))
        os.waitpid(child, 0)
        say("ended")


def work(url: str, name: str, first: int) -> None:
    """Act until killed."""
    say(f"pid {os.getpid()}")
    database = Database(url)
    with database.reading() as connection:
        ids = connection.execute(select(item.c.id).order_by(item.c.id)).scalars().all()
    for number in count(first):
        one_act(database, ids, f"{name}-{number}", number)
        say(f"done {number}")


def one_act(database: Database, ids: Sequence[int], name: str, number: int) -> None:
    """Rule on an item, or on two at once, and note something on it."""
    one, other = ids[number % len(ids)], ids[(number + 1) % len(ids)]
    wish = WISHES[number % len(WISHES)]
    with database.writing() as connection:
        if number % BULK == 0:
            bulk(connection, ACTOR, Selection((one, other)), wish, bulk_id=name, expected=2, now=number)
        else:
            act(connection, ACTOR, one, wish, version=None, ruling_id=name, now=number)
        note(connection, ACTOR, one, text=f"noted {name}", note_id=f"n-{name}", now=number)


def say(line: str) -> None:
    """Write a line in one piece."""
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
