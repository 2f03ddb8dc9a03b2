"""What lies on the topic of policies, and what putting something in force makes of it."""

from pathlib import Path

import pytest

from streams.adapters.lists import Unreadable
from streams.adapters.policies import load_from
from streams.adapters.proposing import Who, applying, claims, proposed, retiring, returning, uncovered
from streams.adapters.published import Published, part_key
from streams.core.applying import MOST_HISTORY, Impossible, version_before, version_named
from streams.core.panel import Conflict
from streams.core.policy import PolicyRef
from streams.core.published import FilePart, InForce, PolicyVersion
from tests.unit.adapters.published import apply, take, written


def test_a_published_policy_is_loaded_from_its_records(tmp_path: Path) -> None:
    found = Published()
    apply(found, written(tmp_path))
    (ref,) = found.refs
    loaded = load_from(found.source(ref), ref.version)

    assert loaded.policy.ref == ref == proposed([tmp_path / "chat" / "chat.yaml"])[0].ref
    assert [rule.name for rule in loaded.engines[0].rules] == ["words"]


def test_what_judges_is_written_last_and_files_that_are_there_are_not_written_again(tmp_path: Path) -> None:
    found = Published()
    plan = applying(
        proposed([written(tmp_path, "one", applies="{tenants: [t]}"), written(tmp_path, "two")]), Who("a", None, 1)
    )
    kinds = [type(record) for record in plan(found)]
    take(found, plan)
    again = applying(proposed([written(tmp_path, "two", rule="other")]), Who("a", None, 2))(found)

    assert kinds == [FilePart, PolicyVersion, PolicyVersion, InForce, InForce]
    assert [type(record) for record in again] == [PolicyVersion, InForce]


def test_what_is_in_force_already_is_not_published_again(tmp_path: Path) -> None:
    found = Published()
    apply(found, written(tmp_path))

    assert applying(proposed([written(tmp_path)]), Who("ada", None, 2))(found) == []


def test_the_history_names_who_and_why_and_is_gone_back_to(tmp_path: Path) -> None:
    found = Published()
    apply(found, written(tmp_path), by="ada", note="first", now=1)
    first = found.in_force["chat"].version
    apply(found, written(tmp_path, rule="other"), by="grace", now=2)
    second = found.in_force["chat"].version
    before = version_before(found.in_force["chat"])
    take(found, returning(PolicyRef("chat", before), Who("ada", "back", 3)))
    current = found.in_force["chat"]

    assert (before, current.version, current.by, current.note, current.at) == (first, first, "ada", "back", 3)
    assert [(one.version, one.by, one.note, one.at) for one in current.history] == [
        (second, "grace", None, 2),
        (first, "ada", "first", 1),
    ]
    assert version_named(current, second[:6]) == second
    with pytest.raises(Impossible, match="has no version zzz"):
        version_named(current, "zzz")


def test_fifty_versions_can_be_gone_back_to_and_older_ones_are_removed_with_their_files(tmp_path: Path) -> None:
    found = Published()
    for number in range(MOST_HISTORY + 5):
        apply(found, written(tmp_path, words=f"bad{number}\n"), now=number)
    current = found.in_force["chat"]

    assert len(current.history) == MOST_HISTORY == 50
    for applied in current.history:
        found.source(PolicyRef("chat", applied.version))
    # one more: the transaction that ends its time leaves it to those who still judge by it
    assert len(found.versions) == len(found.parts) == MOST_HISTORY + 2


@pytest.mark.parametrize("lost", ["removed", "damaged"])
def test_a_version_without_all_of_its_files_is_refused_by_name(tmp_path: Path, lost: str) -> None:
    found = Published()
    apply(found, written(tmp_path))
    ((digest, number),) = found.parts
    if lost == "removed":
        found.take(part_key(digest, number), None)
    else:
        found.parts[digest, number] = "AAAA"

    with pytest.raises(Unreadable, match=r"words\.txt"):
        found.source(found.refs[0])
    with pytest.raises(Unreadable, match=r"words\.txt"):
        returning(found.refs[0], Who("ada", None, 2))(found)


def test_applying_what_is_in_force_mends_a_damaged_file(tmp_path: Path) -> None:
    found = Published()
    apply(found, written(tmp_path))
    place = next(iter(found.parts))
    found.parts[place] = "AAAA"
    plan = applying(proposed([written(tmp_path)]), Who("ada", None, 2))

    assert [type(record) for record in plan(found)] == [FilePart]
    take(found, plan)
    assert found.source(found.refs[0]).files == {"words.txt": b"bad\n"}


def test_policies_that_claim_the_same_content_are_refused_and_both_are_named(tmp_path: Path) -> None:
    found = Published()
    apply(found, written(tmp_path, "one"))

    with pytest.raises(Conflict, match="one and two both claim"):
        apply(found, written(tmp_path, "two"))
    apply(found, written(tmp_path, "two", applies="{tenants: [t]}"))
    assert [ref.id for ref in found.refs] == ["one", "two"]


def test_going_back_into_a_conflict_is_refused(tmp_path: Path) -> None:
    found = Published()
    apply(found, written(tmp_path, "one"))
    wide = found.refs[0]
    apply(found, written(tmp_path, "one", applies="{tenants: [t]}"))
    apply(found, written(tmp_path, "two"))

    with pytest.raises(Conflict, match="two and one both claim"):
        returning(wide, Who("ada", None, 2))(found)


def test_two_files_of_one_id_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(Impossible, match="two files call themselves chat"):
        proposed([written(tmp_path), written(tmp_path / "other")])


def test_a_retired_policy_is_out_of_force_and_what_cases_may_name_stays(tmp_path: Path) -> None:
    found = Published()
    apply(found, written(tmp_path))
    (ref,) = found.refs
    take(found, retiring("chat"))

    assert found.refs == ()
    assert found.source(ref).text()
    with pytest.raises(Impossible, match=r"no policy chat is in force \(in force: none\)"):
        retiring("chat")(found)


def test_content_that_nobody_claims_is_noticed(tmp_path: Path) -> None:
    found = Published()
    part = proposed([written(tmp_path, "part", applies="{tenants: [t]}")])
    rest = proposed([written(tmp_path, "rest")])

    assert uncovered(claims(found, part))
    assert not uncovered(claims(found, [*part, *rest]))


def test_a_record_that_cannot_be_read_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    found = Published()
    found.take(b"chat", b'{"type": "policy_in_force", "policy_id": 3}')

    assert found.refs == ()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
