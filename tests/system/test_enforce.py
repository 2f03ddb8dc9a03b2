"""Users with a history on a real Kafka: strikes are exact over kills, restrictions hold in every worker at once."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Event
from typing import Any

import pytest

from tests.system.kafka import Kafka
from tests.system.load import Sender, Sent, send, text
from tests.system.processes import ROOT, python
from tests.system.stream import HERE, Stream

pytestmark = [pytest.mark.system, pytest.mark.timeout(150)]

SESSION = 3.0  # seconds
USERS = 40
RATE = 100.0  # texts a second
KILLS = (3, pytest.param(10, marks=pytest.mark.faults))
SEEN = 2.0  # seconds after an order until every worker judges by it
WORDS = {"a fraud": "block", "you idiot": "flag", "good evening": "allow"}


class Load:
    """Texts of many users in many conversations, until it is stopped; `wanted` has (user, action) of each.

    `name` is in front of every id, of a user, too.
    """

    def __init__(self, draw: Random, name: str) -> None:
        self.stopped = Event()
        self.wanted: list[tuple[str, str]] = []
        self._draw, self._name = draw, name

    def __iter__(self) -> Iterator[Sent]:
        """Draw the next text."""
        while not self.stopped.is_set():
            draw = self._draw
            user, words = f"{self._name}-u{draw.randrange(USERS)}", draw.choices(list(WORDS), (2, 1, 7))[0]
            content_id = f"{self._name}-m{len(self.wanted)}"
            self.wanted.append((user, WORDS[words]))
            yield text(content_id, words, user, f"{self._name}-room {draw.randrange(30)}")


def ordered(stream: Stream, *arguments: str) -> Any:
    """Give an order as a person does, and return what is known of the user when it is carried out."""
    done = subprocess.run(
        python("-m", "streams", "user", *arguments, "--json"),
        env=stream.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def stream(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    """Yield a running stream with two workers that judge texts."""
    folder = tmp_path_factory.mktemp("logs")
    with Stream(kafka.bootstrap, folder, policy=HERE / "standing.yaml", session_timeout=SESSION) as running:
        running.start("screen", "screen", "enforce")
        yield running


def ends_by_kill(stream: Stream) -> int:
    return sum(worker.ends.count(-9) for worker in stream.workers)


@pytest.mark.parametrize("kills", KILLS)
def test_strikes_are_exact_over_kills(stream: Stream, kills: int) -> None:
    name = f"kills{kills}"
    draw, load = Random(61), Load(Random(62), name)
    before, killed = stream.watch.count("decisions"), ends_by_kill(stream)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send, Sender(stream.bootstrap, stream.prefix), load, RATE)
        try:
            for number in range(kills):
                worker = stream.worker("enforce") if number % 2 else draw.choice(stream.workers[:2])
                worker.await_ready()
                time.sleep(draw.uniform(0.1, 0.8))  # a random moment of the load
                ends = worker.restarts
                worker.kill()
                worker.await_restart(ends + 1)
        finally:
            load.stopped.set()
        texts = sending.result(60)
    stream.watch.wait(90, decisions=before + texts)
    assert ends_by_kill(stream) - killed == kills
    decisions = [made for key, made in stream.records("actions") if made is not None and key.startswith(f"{name}-")]
    standings = {user: made for user, made in dict(stream.records("standings")).items() if user.startswith(f"{name}-")}
    assert len({made["content_id"] for made in decisions}) == len(decisions) == texts == len(load.wanted)
    assert Counter(made["action"] for made in decisions) == Counter(action for _, action in load.wanted)
    strikes = Counter(user for user, action in load.wanted if action == "block")
    violations = Counter(user for user, action in load.wanted if action != "allow")
    assert {user: len(found["strikes"]) for user, found in standings.items() if found} == strikes
    assert {user: found["violations"] for user, found in standings.items() if found} == {
        user: count for user, count in violations.items() if user in strikes
    }
    told: dict[str, list[int]] = {}
    for made in decisions:
        for each in made.get("consequences", ()):
            told.setdefault(made["user_id"], []).append(each["strikes"])
    assert {user: sorted(counts) for user, counts in told.items()} == {
        user: list(range(1, count + 1)) for user, count in strikes.items()
    }


def said(stream: Stream, user: str, name: str) -> set[str]:
    """Have a user speak in conversations of every partition, so that every worker judges; return the actions."""
    names = [f"{name}-{number}" for number in range(12)]
    stream.send([text(each, "hello", user) for each in names])
    return {made["action"] for made in stream.decided(*names)}


def seconds_until(stream: Stream, action: str, name: str) -> float:
    """Return how long from now on something that eve says is judged otherwise by some worker."""
    started = time.monotonic()
    for number in range(20):
        moment = time.monotonic()
        if said(stream, "eve", f"{name}-{number}") == {action}:
            return moment - started
    raise AssertionError(f"what eve says is not judged {action} by every worker")


def test_an_order_holds_in_every_worker_at_once_and_is_taken_back(stream: Stream) -> None:
    assert said(stream, "eve", "before") == {"allow"}

    known = ordered(stream, "restrict", "eve", "--mute", "--for", "7d", "--why", "asked twice", "--by", "ada")
    assert [(one["kind"], one["by"], one["why"]) for one in known["restrictions"]] == [("mute", "ada", "asked twice")]
    assert seconds_until(stream, "block", "muted") < SEEN
    assert said(stream, "bob", "others") == {"allow"}
    assert dict(stream.records("standings")).get("eve")

    ordered(stream, "release", "eve")
    assert seconds_until(stream, "allow", "released") < SEEN
    assert dict(stream.records("standings"))["eve"] is None


def test_a_bounced_text_that_comes_again_is_blocked_and_its_strike_can_be_withdrawn(stream: Stream) -> None:
    stream.send([text("b1", "an advert", "mallory", "room")])
    (first,) = stream.decided("b1")
    assert (first["action"], first["may_resubmit"]) == ("bounce", True)
    stream.send([text("b2", "my advert", "mallory", "room")])
    (second,) = stream.decided("b2")
    assert (second["action"], second["resubmission_of"]) == ("block", "b1")
    stream.send([text("b3", "sorry", "mallory", "room")])
    (third,) = stream.decided("b3")
    assert third["action"] == "allow"
    assert [one["content_id"] for one in ordered(stream, "show", "mallory")["strikes"]] == ["b2"]
    after = ordered(stream, "withdraw", "mallory", "b2")
    assert after.get("strikes", []) == []
    assert {one["content_id"]: one.get("ended", "stands") for one in after["past"]} == {
        "b1": "stands",
        "b2": "withdrawn",
    }
    assert ordered(stream, "forget", "mallory", "--yes") is None
    assert ordered(stream, "show", "mallory") is None
    verdict = stream.checked()
    assert verdict["sound"], verdict["examples"]
