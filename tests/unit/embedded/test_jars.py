"""The list of jars, and the cache folder that holds them."""

import hashlib
import threading
from pathlib import Path

import pytest

from streams.embedded import jars
from streams.embedded.failure import SetUpError
from streams.embedded.jars import Jar, Progress, ensure, parse

HELLO = Jar("org.example:hello:1.0", 5, hashlib.sha256(b"hello").hexdigest())
WORLD = Jar("org.example:world:2.0", 5, hashlib.sha256(b"world").hexdigest())


def honest(wanted: tuple[Jar, ...], folder: Path, progress: Progress) -> None:
    for jar in wanted:
        (folder / jar.filename).write_bytes(jar.coordinate.split(":")[1].encode())
        progress(jar.size)


def lying(wanted: tuple[Jar, ...], folder: Path, progress: Progress) -> None:
    del progress
    for jar in wanted:
        (folder / jar.filename).write_bytes(b"x" * jar.size)


def failing(wanted: tuple[Jar, ...], folder: Path, progress: Progress) -> None:
    del wanted, folder, progress
    raise SetUpError("the network is down")


def test_the_shipped_list_names_all_of_kafka() -> None:
    listed = jars.listed()
    assert len(listed) == 47
    assert len({jar.filename for jar in listed}) == 47
    assert f"kafka_2.13-{jars.KAFKA}.jar" in {jar.filename for jar in listed}
    assert 40_000_000 < sum(jar.size for jar in listed) < 50_000_000


def test_comments_and_empty_lines_are_no_jars() -> None:
    text = f"# jars\n\norg.example:hello:1.0 5 {HELLO.sha256.upper()}\n"
    assert parse(text) == (HELLO,)


@pytest.mark.parametrize(
    "line",
    [
        "org.example:hello:1.0 5",
        f"org.example:hello 5 {'0' * 64}",
        f"org.example:hello:1.0 five {'0' * 64}",
        f"org.example:hello:1.0 5 {'0' * 63}",
        f"org.example:hello:1.0 5 {'0' * 64} more",
    ],
)
def test_a_bad_line_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"line 2: expected"):
        parse(f"# jars\n{line}\n")


def test_missing_jars_are_fetched_and_reported(tmp_path: Path) -> None:
    came: list[int] = []
    folder = ensure(tmp_path / "cache", [HELLO, WORLD], progress=came.append, ways=[honest])
    assert (folder / "hello-1.0.jar").read_bytes() == b"hello"
    assert (folder / "world-2.0.jar").read_bytes() == b"world"
    assert sum(came) == 10
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "hello-1.0.jar", "world-2.0.jar"]


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    ensure(tmp_path, [HELLO], ways=[honest])
    assert ensure(tmp_path, [HELLO], ways=[failing]) == tmp_path


@pytest.mark.parametrize("damage", [b"hullo", b"hell", b"hello!"])
def test_a_damaged_jar_is_replaced(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / HELLO.filename).write_bytes(damage)
    ensure(tmp_path, [HELLO], ways=[honest])
    assert (tmp_path / HELLO.filename).read_bytes() == b"hello"


def test_a_jar_with_another_hash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetUpError, match=r"org\.example:hello:1\.0 does not have the size and SHA-256"):
        ensure(tmp_path, [HELLO], ways=[lying])
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_second_way_helps_where_the_first_fails(tmp_path: Path) -> None:
    ensure(tmp_path, [HELLO], ways=[failing, honest])
    assert (tmp_path / HELLO.filename).read_bytes() == b"hello"


def test_without_any_way_one_line_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SetUpError) as caught:
        ensure(tmp_path, [HELLO, WORLD], ways=[failing, lying])
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith("2 of Kafka's 2 jars cannot be fetched (the network is down; ")
    assert text.endswith("check the network and its proxy, or install Maven")


def test_of_two_at_once_one_fetches_and_the_other_waits(tmp_path: Path) -> None:
    inside, go_on = threading.Event(), threading.Event()
    calls: list[int] = []

    def slow(wanted: tuple[Jar, ...], folder: Path, progress: Progress) -> None:
        calls.append(len(wanted))
        inside.set()
        assert go_on.wait(10)
        honest(wanted, folder, progress)

    first = threading.Thread(target=ensure, args=(tmp_path, [HELLO]), kwargs={"ways": [slow]})
    second = threading.Thread(target=ensure, args=(tmp_path, [HELLO]), kwargs={"ways": [slow]})
    first.start()
    assert inside.wait(10)
    second.start()
    go_on.set()
    first.join(10)
    second.join(10)
    assert calls == [1]
    assert (tmp_path / HELLO.filename).read_bytes() == b"hello"


def test_a_folder_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetUpError, match=r"cannot write Kafka's jars to .*: set XDG_CACHE_HOME"):
        ensure(tmp_path / "file" / "cache", [HELLO], ways=[honest])


@pytest.mark.parametrize(("home", "parent"), [("/somewhere", Path("/somewhere")), ("", None), ("relative", None)])
def test_the_cache_folder_follows_the_desktop_rules(
    home: str, parent: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    expected = parent or Path.home() / ".cache"
    assert jars.cache_folder() == expected / "moderation-streams" / f"kafka-{jars.KAFKA}"
