"""A worker's book follows what is published."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from streams.adapters.policies import Loaded, load
from streams.adapters.proposing import Who, applying, proposed, retiring
from streams.adapters.published import Published, key_of, part_key
from streams.adapters.publishing import Plan
from streams.agents.subscribing import Keep, Subscriber, Unusable
from streams.core.policy import PolicyRef
from streams.core.published import RuleReleased
from streams.metrics import Metrics
from tests.unit.adapters.published import written


class Topic:
    """The topic of policies, as its one writer and its one follower see it."""

    def __init__(self) -> None:
        """Begin empty."""
        self.published = Published()
        self._records: asyncio.Queue[tuple[bytes, bytes | None]] = asyncio.Queue()
        self._keep: Keep | None = None

    def following(self, keep: Keep) -> "Topic":
        """Return what follows."""
        self._keep = keep
        return self

    def put(self, key: bytes, value: bytes | None) -> None:
        """Append a record."""
        self.published.take(key, value)
        self._records.put_nowait((key, value))

    def publish(self, plan: Plan) -> None:
        """Do what a plan says."""
        for each in plan(self.published):
            self.put(each, None) if isinstance(each, bytes) else self.put(key_of(each), msgspec.json.encode(each))

    def apply(self, *files: Path) -> PolicyRef:
        """Put files in force; return the version of the first."""
        self.publish(applying(proposed(files), Who("ada", None, 1)))
        return proposed(files)[0].ref

    async def start(self) -> None:
        """Read to the end."""
        while not self._records.empty():
            await self._next()

    async def run(self) -> None:
        """Follow."""
        while True:
            await self._next()

    async def stop(self) -> None:
        """Do nothing."""

    async def _next(self) -> None:
        assert self._keep is not None
        await self._keep(*await self._records.get())


@asynccontextmanager
async def running(subscriber: Subscriber) -> AsyncIterator[None]:
    """Run a subscriber until the block ends."""
    task = asyncio.create_task(subscriber.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(subscriber: Subscriber, holds: Callable[[], bool]) -> None:
    """Return as soon as it holds, looked at whenever the subscriber says that something has changed."""
    async with asyncio.timeout(10):
        while not holds():
            subscriber.changed.clear()
            await subscriber.changed.wait()


def shown(metrics: Metrics, name: str) -> dict[tuple[str, ...], float]:
    """Return the values of a gauge by its labels."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == name
    }


async def test_an_empty_topic_means_the_file_of_the_settings_and_it_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = written(tmp_path)
    book = await Subscriber(Topic().following, file, Metrics()).start()

    version = load(file).policy.ref.version
    said = [record.message for record in caplog.records if record.levelname == "WARNING"]

    assert [loaded.policy.ref.version for loaded in book.every] == [version]
    assert said == [f"no policy is published: judging by the file of MODERATION_POLICY, chat.yaml, chat {version}"]


async def test_what_is_published_at_the_start_judges_in_place_of_the_file(tmp_path: Path) -> None:
    topic = Topic()
    ref = topic.apply(written(tmp_path, "published"))
    book = await Subscriber(topic.following, written(tmp_path), Metrics()).start()

    assert [loaded.policy.ref for loaded in book.every] == [ref]


async def test_a_new_version_judges_and_the_one_before_is_still_known(tmp_path: Path) -> None:
    topic, metrics = Topic(), Metrics()
    old = topic.apply(written(tmp_path))
    prepared: list[Loaded] = []
    subscriber = Subscriber(topic.following, None, metrics, prepare=prepared.append)
    book = await subscriber.start()
    before = book.panels
    async with running(subscriber):
        new = topic.apply(written(tmp_path, rule="other"))
        await until(subscriber, lambda: book.panels is not before)

    assert [loaded.policy.ref for loaded in book.every] == [new] == [loaded.policy.ref for loaded in prepared[1:]]
    assert book.loaded(old) is prepared[0]
    assert shown(metrics, "moderation_policy_info") == {(new.id, new.version): 1.0}
    assert subscriber.unloaded == ()


async def test_a_version_that_does_not_load_leaves_the_last_good_one_in_force_until_it_is_mended(
    tmp_path: Path,
) -> None:
    topic, metrics = Topic(), Metrics()
    good = topic.apply(written(tmp_path))
    subscriber = Subscriber(topic.following, None, metrics)
    book = await subscriber.start()
    async with running(subscriber):
        records = applying(proposed([written(tmp_path, words="bad\nworse\n")]), Who("ada", None, 2))(topic.published)
        part = next(key_of(record) for record in records if not isinstance(record, bytes))
        for record in records[1:]:  # its file is missing
            assert not isinstance(record, bytes)
            topic.put(key_of(record), msgspec.json.encode(record))
        await until(subscriber, lambda: bool(subscriber.unloaded))

        assert [loaded.policy.ref for loaded in book.every] == [good]
        assert [(bad.policy.id, bad.reason) for bad in subscriber.unloaded] == [
            ("chat", "a part of words.txt is missing: apply the policy again")
        ]
        assert shown(metrics, "moderation_policy_unloaded") == {("chat",): 1.0}
        assert not isinstance(records[0], bytes)
        topic.put(part, msgspec.json.encode(records[0]))
        await until(subscriber, lambda: not subscriber.unloaded)

    assert [loaded.policy.ref.version for loaded in book.every] == [topic.published.in_force["chat"].version]
    assert shown(metrics, "moderation_policy_unloaded") == {}


async def test_after_a_start_the_version_before_judges_where_the_one_in_force_does_not_load(tmp_path: Path) -> None:
    topic = Topic()
    good = topic.apply(written(tmp_path))
    topic.apply(written(tmp_path, words="worse\n"))
    ((digest, number),) = {*topic.published.parts} - {(file.sha256, 0) for file in topic.published.versions[good].files}
    topic.put(part_key(digest, number), None)
    subscriber = Subscriber(topic.following, None, Metrics())
    book = await subscriber.start()

    assert [loaded.policy.ref for loaded in book.every] == [good]
    assert [bad.policy.version for bad in subscriber.unloaded] == [topic.published.in_force["chat"].version]


async def test_a_start_without_any_version_that_loads_is_an_error_of_one_line(tmp_path: Path) -> None:
    topic = Topic()
    topic.apply(written(tmp_path))
    topic.put(part_key(*next(iter(topic.published.parts))), None)

    with pytest.raises(Unusable, match=r"^policy chat \w{12} cannot be loaded: a part of words\.txt is missing"):
        await Subscriber(topic.following, None, Metrics()).start()


async def test_when_the_last_policy_is_retired_the_file_judges_again(tmp_path: Path) -> None:
    topic, file = Topic(), written(tmp_path, "fallback")
    topic.apply(written(tmp_path))
    subscriber = Subscriber(topic.following, file, Metrics())
    book = await subscriber.start()
    async with running(subscriber):
        topic.publish(retiring("chat"))
        await until(subscriber, lambda: book.current("fallback") is not None)

    assert [loaded.policy.ref.id for loaded in book.every] == ["fallback"]


async def test_an_older_version_is_loaded_when_a_case_names_it(tmp_path: Path) -> None:
    topic = Topic()
    old = topic.apply(written(tmp_path))
    topic.apply(written(tmp_path, rule="other"))
    book = await Subscriber(topic.following, None, Metrics()).start()

    assert book.loaded(old) is None
    first, second = await asyncio.gather(book.find(old), book.find(old))
    assert first is not None
    assert first is second
    assert first.policy.ref == old
    assert await book.find(PolicyRef("chat", "unheard")) is None


async def test_a_rule_that_is_released_is_told(tmp_path: Path) -> None:
    topic = Topic()
    topic.apply(written(tmp_path))
    told: asyncio.Queue[RuleReleased] = asyncio.Queue()
    subscriber = Subscriber(topic.following, None, Metrics())
    subscriber.on_release = told.put_nowait
    await subscriber.start()
    released = RuleReleased("chat", "blocklist", "words", 3, "ada")
    async with running(subscriber), asyncio.timeout(10):
        topic.put(key_of(released), msgspec.json.encode(released))
        assert await told.get() == released
