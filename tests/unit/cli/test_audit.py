import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import update

from streams.cli.main import run
from streams.core.audit import Event, chained
from streams.review.checkpoints import CheckpointFile
from streams.review.signer import Signer
from streams.review.signing import key_of
from streams.store.auditing import append, kept
from streams.store.database import Database
from streams.store.tables import audit


@pytest.fixture
def log(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an audit log of four acts, signed after three; return its database."""
    path = tmp_path / "review.db"
    shutil.copyfile(sqlite_template, path)
    for name, value in (
        ("DATABASE", f"sqlite:///{path}"),
        ("AUDIT_KEY", str(tmp_path / "audit.key")),
        ("CHECKPOINTS", str(tmp_path / "checkpoints.jsonl")),
    ):
        monkeypatch.setenv(f"MODERATION_REVIEW_{name}", value)
    database = Database(f"sqlite:///{path}")
    signer = Signer(
        database,
        CheckpointFile(tmp_path / "checkpoints.jsonl"),
        key_of(tmp_path / "audit.key"),
        every_records=3,
        every_ms=60_000,
        clock=lambda: 1,
    )
    for number in range(4):
        with database.writing() as connection:
            reason = kept(connection, "satire", "u1") if number == 1 else None
            append(connection, "acts", Event(act="approve", by="mona", reason=reason), number)
        if number == 2:
            signer.sign()
    database.close()
    return path


@pytest.mark.usefixtures("log")
def test_a_log_that_holds_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "verify"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "acts: 4 records hold, 1 checkpoints, 1 texts as written, 0 erased",
        "accounts: 0 records hold, 0 checkpoints, 0 texts as written, 0 erased",
    ]


def test_a_break_ends_with_one_line_that_locates_it(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = Database(f"sqlite:///{log}")
    with database.writing() as connection:
        connection.execute(update(audit).where(audit.c.seq == 4).values(at=9))
    database.close()

    assert run(["audit", "verify", "--json"]) == 1

    told = capsys.readouterr()
    assert told.err == "moderation: acts: record 4: its time or content id is not that of its body\n"
    assert [one["chain"] for one in json.loads(told.out) if one["broken"]] == ["acts"]


def test_keys_are_given_by_their_files(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key_of(log.with_name("another.key"))

    assert run(["audit", "verify", "--public-key", str(log.with_name("audit.key.pub"))]) == 0
    assert run(["audit", "verify", "--public-key", str(log.with_name("another.key.pub"))]) == 1
    assert "not signed by a key that was given" in capsys.readouterr().err


@pytest.mark.usefixtures("log")
def test_records_are_exported_as_they_were_hashed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "export", "--from", "2", "--to", "3", "--texts"]) == 0

    second, third = map(json.loads, capsys.readouterr().out.splitlines())
    assert (second["seq"], third["seq"]) == (2, 3)
    assert chained(second["hash"], third["body"]) == third["hash"]
    assert list(second["texts"].values()) == ["satire"]
    assert third["texts"] == {}
    assert run(["audit", "export", "--chain", "accounts"]) == 0
    assert run(["audit", "export"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert "satire" not in "".join(lines)


def test_a_database_without_a_log_is_told_and_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("absent.db", "empty.db"):
        monkeypatch.setenv("MODERATION_REVIEW_DATABASE", f"sqlite:///{tmp_path / name}")
        if name == "empty.db":
            (tmp_path / name).touch()
        assert run(["audit", "verify"]) == 78
        assert "there is no audit log" in capsys.readouterr().err
    assert not (tmp_path / "absent.db").exists()
