"""Neural engines on a real Kafka: a worker that thinks for long stays in its group, and a crash changes no answer."""

import time
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.system.kafka import Kafka
from tests.system.load import Sent, text
from tests.system.stream import HERE, Stream

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

# Seconds of a session, texts of each of two rounds, and texts sent as long as it is not over. The default session is
# longer, and what must be survived with it, too.
SIZES: Final = ((3.0, 450, 250), pytest.param(6.0, 900, 500, marks=pytest.mark.faults))
ROOMS: Final = 60
OPENINGS: Final = (
    "good morning everyone",
    "you are a worthless piece of garbage",
    "let's keep talking somewhere else",
    "purchase immediately",
    "anyone for another round tonight",
    "claim your prize, just enter your card number",
    "send me a naked picture of you",
    "i will find you and hurt you",
    "the soup was too salty",
    "yes",
)
WORDS: Final = ("lamp", "train", "seven", "coffee", "window", "paper", "green", "chair", "music", "bread", "cloud")


def texts(name: str, seed: int, count: int) -> list[Sent]:
    """Return texts of several authors in some conversations; the same seed gives the same ones under any name."""
    draw, sent = Random(seed), []
    for number in range(count):
        words = " ".join([draw.choice(OPENINGS), *draw.choices(WORDS, k=draw.randrange(20))])
        room, author = draw.randrange(ROOMS), draw.randrange(5)
        sent.append(text(f"{name}-{number}", words, f"author {author}", f"{name} room {room}"))
    return sent


def judgement(decision: dict[str, Any]) -> dict[str, Any]:
    """Return what was judged: all but names, times and the engines' pace."""
    told = {key: decision.get(key) for key in ("action", "labels", "severity", "confidence", "triggered", "partial")}
    told["context"] = [content_id.partition("-")[2] for content_id in decision["context"]]
    told["reports"] = [(one["engine"], one["status"], one.get("reason")) for one in decision["reports"]]
    return told


@pytest.mark.parametrize(("session", "messages", "more"), SIZES)
def test_a_worker_that_thinks_for_long_keeps_its_place_and_a_crash_changes_no_answer(
    kafka: Kafka, tmp_path: Path, session: float, messages: int, more: int
) -> None:
    # Static membership: a worker that is back at once need not wait until its own session has timed out.
    policy, member = HERE / "slow.yaml", "screen-0"
    with Stream(kafka.bootstrap, tmp_path, policy=policy, session_timeout=session, static_member=member) as stream:
        (worker,) = stream.start("screen")
        stream.send(texts("first", 5, messages) + texts("second", 5, messages))
        stream.watch.wait(60, decisions=messages // 3)
        worker.kill()
        worker.await_restart(1)
        worker.await_ready()
        began, rebalances, total = time.monotonic(), worker.metric("moderation_rebalances_total"), 2 * messages
        while stream.watch.count("decisions") < total:
            assert time.monotonic() < began + 90
            assert worker.ready  # it answers within two seconds, whatever it is thinking about
            with suppress(TimeoutError):
                stream.watch.wait(0.2, decisions=total)
        while time.monotonic() < began + session + 1:  # on a fast machine, too, it works longer than its session
            stream.send(texts(f"more{total}", total, more))
            total += more
            stream.watch.wait(60, decisions=total - more // 2)
            assert worker.ready
        stream.watch.wait(60, decisions=total)
        assert worker.metric("moderation_rebalances_total") == rebalances
        assert worker.ends == [-9]

        first, second = (
            stream.decided(*(f"{name}-{number}" for number in range(messages))) for name in ("first", "second")
        )
        assert [judgement(made) for made in first] == [judgement(made) for made in second]
        labels = {label for made in first for label in made["labels"]}
        assert {"platform_bypass", "spam", "harassment"} <= labels
        assert len({made["action"] for made in first}) > 1
        verdict = stream.checked()
        assert verdict["sound"], verdict["examples"]
        assert verdict["counts"]["decisions"] == total
