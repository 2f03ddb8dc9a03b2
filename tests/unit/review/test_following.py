from pathlib import Path

import msgspec
import pytest

from streams.adapters.published import key_of
from streams.core.published import InForce, PolicyVersion, PublishedRecord
from streams.core.review_rules import DEFAULT
from streams.review.following import Following, Misread
from streams.settings import Settings

POLICY = "id: chat\nengines: {pii: {}}\nreview: {require_reason: [approve]}\n"
APPROVE = frozenset({"approve"})


def take(following: Following, *records: PublishedRecord) -> None:
    for record in records:
        following.take(key_of(record), msgspec.json.encode(record))


def version(document: str, name: str = "v1") -> PolicyVersion:
    return PolicyVersion("chat", name, document)


def in_force(name: str = "v1") -> InForce:
    return InForce("chat", name, 0, "ada")


@pytest.fixture
def following() -> Following:
    """Return rules of which nothing is published yet."""
    return Following(Settings())


def test_the_file_of_the_settings_holds_where_nothing_is_published(tmp_path: Path) -> None:
    path = tmp_path / "chat.yaml"
    path.write_text(POLICY, "utf-8")
    following = Following(Settings(policy=path))
    assert following.of("chat").require_reason == APPROVE
    assert following.of("unknown") == DEFAULT


def test_a_published_version_holds_as_soon_as_it_is_in_force(following: Following) -> None:
    take(following, version(POLICY))
    assert following.of("chat") == DEFAULT
    take(following, in_force())
    assert following.of("chat").require_reason == APPROVE
    take(following, version(POLICY.replace("approve", "override"), "v2"), in_force("v2"))
    assert following.of("chat").require_reason == frozenset({"override"})
    take(following, in_force("v1"))
    assert following.of("chat").require_reason == APPROVE


def test_a_retired_policy_has_the_rules_of_none(following: Following) -> None:
    take(following, version(POLICY), in_force())
    following.take(b"chat", None)
    assert following.of("chat") == DEFAULT


def test_a_version_that_does_not_hold_changes_nothing_and_is_told(
    following: Following, caplog: pytest.LogCaptureFixture
) -> None:
    take(following, version(POLICY), in_force())
    take(following, version(POLICY + "nonsense: 1\n", "v2"), in_force("v2"))
    assert following.of("chat").require_reason == APPROVE
    assert len(caplog.messages) == 1
    assert "chat@v2: nonsense" in caplog.messages[0]


def test_engines_and_lists_are_not_looked_at(following: Following) -> None:
    take(following, version(POLICY.replace("pii: {}", "blocklist: {lists: [{file: gone.txt}]}")), in_force())
    assert following.of("chat").require_reason == APPROVE


def test_a_file_that_does_not_hold_is_an_error_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "chat.yaml"
    path.write_text("id: chat\n", "utf-8")
    with pytest.raises(Misread, match=r"^chat\.yaml: engines: see `moderation policy check`$"):
        Following(Settings(policy=path))
