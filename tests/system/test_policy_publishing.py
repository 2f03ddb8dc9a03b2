"""Publishing on a real broker: nobody's change is lost, all workers judge by it at once, none of them by a mixture."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pytest

from streams.adapters.log import LogError
from streams.adapters.policies import DEFAULT, load
from streams.adapters.proposing import Proposal, Who, applying, proposed
from streams.adapters.published import Published
from streams.adapters.publishing import publish, published
from streams.adapters.whole import whole
from streams.core.applying import in_force
from streams.core.policy import PolicyRef
from streams.core.published import FilePart, PolicyVersion, PublishedRecord
from streams.settings import Settings
from tests.system.kafka import Kafka
from tests.system.load import Plan, text
from tests.system.place import COMPACT, Place
from tests.system.processes import ROOT, python
from tests.system.stream import Stream
from tests.waiting import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

IN_FORCE: Final = 2.0  # seconds from `apply` to the last message judged by the version before
RATES: Final = (  # messages a second, and whose policy
    (300, "system"),
    pytest.param(1000, "system", marks=pytest.mark.faults),
    pytest.param(1000, "default", marks=pytest.mark.faults),
)
WORKERS: Final = 4
FILES: Final = {"system": Path(__file__).parent / "policy.yaml", "default": DEFAULT}


def settings_of(place: Place) -> Settings:
    """Return settings with the topics of this test alone."""
    return Settings(bootstrap=place.bootstrap, topic_prefix=place.prefix)


def applied(found: Published, name: str, version: str) -> list[PublishedRecord]:
    """Return the records that put a version in force."""
    ref = PolicyRef(name, version)
    return [
        PolicyVersion(name, version, f"id: {name}"),
        in_force(found.in_force.get(name), ref, by="test", note=None, now=1),
    ]


async def test_of_two_who_publish_at_once_none_is_lost(place: Place) -> None:
    place.create(f"{place.prefix}policies", partitions=2, **COMPACT)
    settings, rounds = settings_of(place), 3
    together = threading.Barrier(3)

    def apply(name: str) -> None:
        together.wait(20)
        for number in range(rounds):
            publish(settings, partial(applied, name=name, version=f"v{number}"))

    async with asyncio.timeout(60):
        await asyncio.gather(*(asyncio.to_thread(apply, name) for name in ("one", "two", "three")))
    found = published(settings)

    assert {name: current.version for name, current in found.in_force.items()} == dict.fromkeys(
        ("one", "two", "three"), f"v{rounds - 1}"
    )
    for current in found.in_force.values():
        assert [applied.version for applied in current.history] == [f"v{n}" for n in reversed(range(rounds - 1))]


async def test_a_missing_topic_is_said_with_what_to_do(place: Place) -> None:
    with pytest.raises(LogError, match=r"policies does not exist: create it with `moderation topics apply`"):
        await asyncio.to_thread(publish, settings_of(place), lambda _: [])


class Judged(NamedTuple):
    """What a message was judged by."""

    partition: int  # of `messages`
    offset: int
    version: str
    rules: frozenset[str]
    at: int  # milliseconds since 1970, when its decision was written


def command(stream: Stream, *arguments: str, code: int = 0) -> Any:
    """Run `moderation policy` and return what it prints as JSON."""
    ended = subprocess.run(
        python("-m", "streams", "policy", *arguments, "--json"),
        env={**os.environ, **stream.environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )
    assert ended.returncode == code, ended.stderr
    return json.loads(ended.stdout)


def policy(folder: Path, rule: str, extra: str = "", policy_id: str = "system") -> str:
    """Return the file of a policy whose blocklist rule of insults has a name of its own; its lists lie beside it."""
    origin = FILES[policy_id]
    if (origin.parent / "lists").exists():
        shutil.copytree(origin.parent / "lists", folder / "lists", dirs_exist_ok=True)
    file = folder / f"{rule}.yaml"
    file.write_text(origin.read_text("utf-8").replace("name: insults", f"name: {rule}") + extra, "utf-8")
    return str(file)


def judgements(stream: Stream) -> Iterator[Judged]:
    """Yield what each message was judged by, in the order of its partition."""
    topics = stream.settings.topic_prefix
    decisions = {}
    for record in whole(stream.settings, f"{topics}actions"):
        found = json.loads(record.value or b"")
        rules = frozenset(line["rule"] for line in found["triggered"] if line["engine"] == "blocklist")
        decisions[found["content_id"]] = (found["policy"]["version"], rules, record.at)
    seen = set()
    for record in sorted(whole(stream.settings, f"{topics}messages"), key=lambda one: (one.partition, one.offset)):
        content_id = json.loads(record.value or b"")["content_id"]
        if content_id not in seen:
            seen.add(content_id)
            yield Judged(record.partition, record.offset, *decisions[content_id])


def published_at(stream: Stream, policy_id: str) -> list[tuple[str, int]]:
    """Return which version was put in force when, by the log's time, oldest first."""
    topic = f"{stream.settings.topic_prefix}policies"
    return [
        (json.loads(record.value)["version"], record.at)
        for record in whole(stream.settings, topic)
        if record.key == policy_id.encode() and record.value
    ]


@pytest.mark.parametrize(("rate", "policy_id"), RATES)
def test_a_version_is_in_force_in_all_workers_within_two_seconds_and_nothing_is_judged_by_a_mixture(
    kafka: Kafka, tmp_path: Path, rate: int, policy_id: str
) -> None:
    first, second = (policy(tmp_path, rule, policy_id=policy_id) for rule in ("one", "two"))
    with Stream(kafka.bootstrap, tmp_path, partitions=WORKERS) as stream:
        old = command(stream, "apply", first, "--wait", "0")["published"][0]["version"]
        stream.start(*["screen"] * WORKERS, *(["enforce"] if policy_id == "default" else []))
        feed = stream.feed(Plan(6, 60 * rate, "policy", bad=0.0), rate=rate)
        stream.watch.wait(30, decisions=2 * rate)
        applied = command(stream, "apply", second, "--by", "ada")
        stream.watch.wait(30, decisions=6 * rate)
        back = command(stream, "rollback", policy_id)
        stream.watch.wait(30, decisions=10 * rate)
        stream.drained(feed.stop())
        verdict = stream.checked()
        found = list(judgements(stream))
        times = published_at(stream, policy_id)

    assert verdict["sound"], verdict["examples"]
    new = applied["published"][0]["version"]
    assert back["published"][0]["version"] == old != new
    for told in (applied, back):
        assert told["complete"]
        assert len(told["workers"]) >= WORKERS
        assert max(row["seconds"] for row in told["workers"]) < IN_FORCE
    assert {(one.version, rule) for one in found for rule in one.rules} == {(old, "one"), (new, "two")}
    for _, partition in groupby(found, key=lambda one: one.partition):
        assert [version for version, _ in groupby(one.version for one in partition)] == [old, new, old]
    assert [version for version, _ in times] == [old, new, old]
    (_, _), (_, applied_at), (_, back_at) = times
    last_old = max(one.at for one in found if one.version == old and one.at < back_at)
    last_new = max(one.at for one in found if one.version == new)
    said = sorted(row["seconds"] for told in (applied, back) for row in told["workers"])
    sys.stdout.write(f"last by the old: {last_old - applied_at}, {last_new - back_at} ms; workers said so: {said} s\n")
    assert last_old - applied_at < IN_FORCE * 1000
    assert last_new - back_at < IN_FORCE * 1000


def test_an_empty_topic_means_the_file_and_a_version_that_does_not_load_changes_nothing(
    kafka: Kafka, tmp_path: Path
) -> None:
    listed = policy(tmp_path, "listed")
    Path(listed).write_text(Path(listed).read_text("utf-8").replace("terms: [idiot]", "file: words.txt"), "utf-8")
    (tmp_path / "words.txt").write_text("idiot\n", "utf-8")
    with Stream(kafka.bootstrap, tmp_path) as stream:
        stream.start("screen")
        stream.send([text("before", "you idiot")])
        (by_file,) = stream.decided("before")
        good = command(stream, "apply", listed)["published"][0]["version"]
        stream.send([text("good", "you idiot")])
        (by_good,) = stream.decided("good")
        (tmp_path / "words.txt").write_text("idiot\nfool\n", "utf-8")
        publish(stream.settings, partial(damaged, proposals=proposed([Path(listed)])))
        (worker,) = reported(stream)["workers"]
        stream.send([text("bad", "you idiot")])
        (by_last_good,) = stream.decided("bad")
        mended = command(stream, "apply", listed)
        back = command(stream, "rollback", "system", good[:8])

    assert by_file["policy"]["version"] == load(Path(stream.environment["MODERATION_POLICY"])).policy.ref.version
    assert [line["rule"] for line in by_file["triggered"]] == ["insults"]
    assert [line["rule"] for line in by_good["triggered"]] == ["listed"]
    assert [ref["version"] for ref in worker["policies"]] == [good] == [by_last_good["policy"]["version"]]
    assert worker["unloaded"][0]["reason"] == "words.txt is damaged: apply the policy again"
    assert mended["complete"]
    assert len(mended["workers"]) == len(back["workers"]) == 1
    assert back["complete"]


def damaged(found: Published, proposals: list[Proposal]) -> list[PublishedRecord | bytes]:
    """Put policies in force whose files do not come out as they went in."""
    return [
        msgspec.structs.replace(record, data="AAAA") if isinstance(record, FilePart) else record
        for record in applying(proposals, Who("test", None, 1))(found)
    ]


def reported(stream: Stream) -> Any:
    """Return the status as soon as a worker says that it cannot load something."""
    found: list[Any] = []

    def said() -> bool:
        found[:] = [command(stream, "status")]
        return any(worker.get("unloaded") for worker in found[0]["workers"])

    until(said, 30)
    return found[0]
