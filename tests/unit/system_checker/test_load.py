"""The load is drawn from its seed: the same plan sends the same bytes, in the shares that it names."""

import json
from collections import Counter

import pytest

from tests.system.load import Feed, Plan
from tests.system.topic import DEAD_LETTER

PLAN = Plan(5, 4000, conversations=50, pictured=0.1, uploads=0.05, notified=0.05, bucket="b", pictures=("x", "y", "z"))


def test_the_same_seed_sends_the_same_bytes_and_another_one_others() -> None:
    assert list(Feed(PLAN)) == list(Feed(PLAN))
    assert list(Feed(PLAN)) != list(Feed(Plan(6, 4000, conversations=50)))


def test_what_is_asked_for_is_what_was_drawn() -> None:
    feed = Feed(PLAN)
    records = list(feed)
    topics = Counter(record.topic for record in records)
    bad = sum(record.expect == DEAD_LETTER for record in records)
    assert feed.asked["dead letters"] == bad
    assert feed.asked["contents"] == 4000 + topics["uploads"] + topics["s3-events"]
    assert topics["messages"] == 4000 + feed.asked["repeats"] + bad
    assert bad / 4000 == pytest.approx(PLAN.bad, rel=0.5)
    assert feed.asked["repeats"] / 4000 == pytest.approx(PLAN.repeated, rel=0.5)


def test_ids_are_unique_but_for_repeats_of_a_recent_message_of_the_same_conversation() -> None:
    feed = Feed(PLAN)
    seen: dict[str, bytes | None] = {}
    repeats = 0
    for record in feed:
        if record.topic != "messages" or record.expect == DEAD_LETTER:
            continue
        content_id = json.loads(record.value or b"")["content_id"]
        repeats += content_id in seen
        assert seen.setdefault(content_id, record.key) == record.key
    assert repeats == feed.asked["repeats"]


def test_conversations_are_skewed_and_without_a_skew_even() -> None:
    def longest(plan: Plan) -> float:
        sizes = Counter(record.key for record in Feed(plan) if record.topic == "messages")
        return max(sizes.values()) / sizes.total()

    assert longest(PLAN) > 0.15
    assert longest(Plan(5, 4000, conversations=50, skew=0.0)) < 0.04
