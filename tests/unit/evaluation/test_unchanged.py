"""Which engines two versions of a policy have in common."""

from pathlib import Path

from streams.adapters.policies import Loaded, load_from
from streams.adapters.published import Published
from streams.adapters.shelf import Shelf
from streams.adapters.sources import OnDisk
from streams.core.policy import PolicyRef
from streams.evaluation.unchanged import Unchanged

OLD = """
id: chat
engines:
  blocklist: {lists: [{name: insults, file: words.txt, label: harassment}]}
  pattern: {patterns: [{name: phone, pattern: '[0-9]{3}', label: pii}]}
"""


def written(folder: Path, document: str, words: str) -> Path:
    folder.mkdir()
    (folder / "words.txt").write_text(words)
    path = folder / "policy.yaml"
    path.write_text(document)
    return path


def compared(tmp_path: Path, document: str, words: str = "idiot\n") -> tuple[Unchanged, Loaded]:
    """Return what compares a new document, and the old one that decided."""
    old = written(tmp_path / "old", OLD, "idiot\n")
    shelf = Shelf()
    new = load_from(OnDisk(written(tmp_path / "new", document, words)), shelf=shelf)
    return Unchanged(new, shelf, Published(), OnDisk(old)), load_from(OnDisk(old))


def test_an_engine_that_the_new_version_leaves_alone_is_unchanged(tmp_path: Path) -> None:
    unchanged, old = compared(tmp_path, OLD.replace("{3}", "{4}"))
    assert unchanged(old.policy.ref) == {"blocklist"}


def test_a_list_with_other_lines_is_another_engine(tmp_path: Path) -> None:
    unchanged, old = compared(tmp_path, OLD, words="idiot\nfool\n")
    assert unchanged(old.policy.ref) == {"pattern"}


def test_the_version_itself_leaves_everything_as_it_is(tmp_path: Path) -> None:
    unchanged, old = compared(tmp_path, OLD)
    assert unchanged(old.policy.ref) == {"blocklist", "pattern"}
    assert unchanged.unknown == set()


def test_a_version_that_nobody_has_any_more_has_nothing_in_common(tmp_path: Path) -> None:
    unchanged, _ = compared(tmp_path, OLD)
    gone = PolicyRef("chat", "000000000000")
    assert unchanged(gone) == frozenset()
    assert unchanged.unknown == {gone}
