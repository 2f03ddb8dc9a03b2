"""Standings as every worker that judges has them."""

import logging

import msgspec
import pytest

from streams.adapters.wire import Reader
from streams.agents.standings import SWEEP, Standings
from streams.core.restriction import Restriction, Standing, Strike
from tests.unit.core.given import NOON
from tests.unit.core.standings import DAY, HOUR

MUTED = Standing("u", NOON, restrictions=(Restriction("mute", NOON, "ladder", NOON + HOUR),))
STRUCK = Standing("v", NOON, strikes=(Strike("m1", "scam", NOON, NOON + DAY),))
TRUSTED = Standing("w", NOON, trusted=False)


class Clock:
    """Shows what it is set to, in seconds."""

    def __init__(self) -> None:
        self.ms = NOON

    def __call__(self) -> float:
        """Return seconds since 1970."""
        return self.ms / 1000


async def heard(clock: Clock, *standings: Standing) -> Standings:
    found = Standings(Reader(Standing, limit=262_144), clock=clock)
    for each in standings:
        await found.keep(each.user_id.encode(), msgspec.json.encode(each))
    return found


async def test_the_last_word_on_a_user_counts() -> None:
    found = await heard(Clock(), MUTED, STRUCK, msgspec.structs.replace(MUTED, at=NOON + 1))
    assert (found.of("u"), found.of("v"), found.of("x")) == (msgspec.structs.replace(MUTED, at=NOON + 1), STRUCK, None)
    await found.keep(b"u", None)
    assert found.of("u") is None


async def test_a_user_of_whom_nothing_holds_any_more_takes_no_memory() -> None:
    clock = Clock()
    clock.ms = NOON + HOUR
    assert len(await heard(clock, MUTED, STRUCK, TRUSTED)) == 2
    found = await heard(Clock(), MUTED, STRUCK, TRUSTED)
    assert len(found) == 3


async def test_what_has_ended_meanwhile_is_forgotten_at_the_next_look() -> None:
    clock = Clock()
    found = await heard(clock, MUTED, STRUCK, TRUSTED)
    clock.ms = NOON + DAY
    await found.keep(b"x", None)
    assert (found.of("u"), found.of("v"), found.of("w")) == (None, None, TRUSTED)
    assert SWEEP * 1000 < DAY


async def test_what_cannot_be_read_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    found = await heard(Clock(), MUTED)
    with caplog.at_level(logging.WARNING):
        await found.keep(b"u", b"{")
    assert found.of("u") == MUTED
    assert "a standing cannot be read" in caplog.text
