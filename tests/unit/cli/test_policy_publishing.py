"""The commands that put policies in force, where they can be tried without a broker."""

from pathlib import Path

import msgspec
import pytest

from streams.adapters.proposing import proposed
from streams.adapters.published import Published
from streams.adapters.workers import SILENT, Workers, judging
from streams.cli.main import run
from streams.cli.policy_diff import between, changes
from streams.core.policy import PolicyRef
from streams.core.worker_status import WorkerStatus
from tests.unit.adapters.published import apply, written


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the settings at a port where nobody answers."""
    monkeypatch.setenv("MODERATION_BOOTSTRAP", "127.0.0.1:1")


def test_a_policy_that_does_not_hold_is_refused_with_all_that_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("id: Bad\nengines: {nothing: {}}\n", "utf-8")

    assert run(["policy", "apply", str(file), "--yes"]) == 78
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["error  bad.yaml", "error  bad.yaml", "moderation"]
    assert lines[-1] == "moderation: nothing was published: correct the policy"


def test_a_policy_of_five_megabytes_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "large.yaml"
    file.write_bytes(b"# a remark\n" * 500_000)

    assert run(["policy", "apply", str(file)]) == 78
    assert "large.yaml: is larger than 1000000 bytes" in capsys.readouterr().err


@pytest.mark.usefixtures("nobody")
def test_without_a_broker_the_status_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "status"]) == 69
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("moderation: no Kafka broker answers at 127.0.0.1:1")


@pytest.mark.parametrize("arguments", [["diff", "chat", "one"], ["release", "insults"]])
def test_wrong_usage_is_said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", *arguments]) == 2
    assert "--help" in capsys.readouterr().err


@pytest.fixture
def found(tmp_path: Path) -> Published:
    """Return a policy in force in its second version."""
    published = Published()
    apply(published, written(tmp_path))
    apply(published, written(tmp_path, rule="other", words="worse\nworst\n"))
    return published


def test_what_a_file_would_change_is_shown_in_sums_and_whole(found: Published, tmp_path: Path) -> None:
    before = found.in_force["chat"].version
    (proposal,) = proposed([written(tmp_path, rule="third", words="worse\nevil\n")])
    short, whole = list(changes(proposal, found)), list(changes(proposal, found, whole=True))

    assert short == [f"chat: {before} -> {proposal.ref.version}, +1 -1 lines", "  words.txt: +1 -1 lines"]
    assert whole[:2] == short
    assert [line for line in whole[4:] if line[0] in "+-"] == [
        "-      - {name: other, label: abuse, action: flag, file: words.txt}",
        "+      - {name: third, label: abuse, action: flag, file: words.txt}",
    ]


def test_a_new_policy_and_one_that_is_in_force_are_called_so(found: Published, tmp_path: Path) -> None:
    new, same = proposed([written(tmp_path, "new"), written(tmp_path, rule="other", words="worse\nworst\n")])

    assert list(changes(new, found)) == [f"new: new -> {new.ref.version}, 1 files"]
    assert list(changes(same, found)) == [f"chat: {same.ref.version}, nothing changes"]


def test_two_versions_are_compared(found: Published) -> None:
    current = found.in_force["chat"]
    old, new = current.history[0].version, current.version
    lines = list(between(found, PolicyRef("chat", old), PolicyRef("chat", new)))

    assert lines[:2] == [f"chat: {old} -> {new}, +1 -1 lines", "  words.txt: +2 -1 lines"]


def spoken(worker: str, role: str, at: int) -> WorkerStatus:
    """Return what a worker says of itself."""
    return WorkerStatus(worker, role, 0, at, "0", ())


@pytest.fixture
def workers() -> Workers:
    """Return workers of whom one fell silent and one stopped."""
    found = Workers()
    for status in (spoken("b", "screen", 20_000), spoken("a", "join", 20_000), spoken("c", "screen", 1)):
        assert found.take(status.worker_id.encode(), msgspec.json.encode(status)) == status
    assert found.take(b"d", b"{}") is None
    return found


def test_workers_that_spoke_lately_are_alive_and_silent_ones_are_lost(workers: Workers) -> None:
    now = 20_000

    assert [each.worker_id for each in workers.alive(now)] == ["a", "b"]
    assert [each.worker_id for each in workers.lost(now)] == ["c"]
    assert workers.alive(now + SILENT + 1) == []
    assert workers.take(b"a", None) is None
    assert [each.worker_id for each in workers.alive(now)] == ["b"]


def test_a_bridge_judges_nothing() -> None:
    assert [judging(spoken("w", role, 1)) for role in ("screen", "bridge")] == [True, False]
