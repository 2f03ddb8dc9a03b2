from pathlib import Path

import pytest

from streams.adapters.policies import Loaded, load
from streams.agents.book import Book
from streams.core.panel import Conflict
from streams.core.policy import PolicyRef


def loaded(folder: Path, name: str, *, words: str = "bad", applies: str = "{}") -> Loaded:
    """Return a policy of one list of words."""
    file = folder / f"{name}.yaml"
    file.write_text(
        f"id: {name}\napplies_to: {applies}\nengines:\n"
        f"  blocklist: {{lists: [{{name: words, label: abuse, terms: [{words}]}}]}}\n"
    )
    return load(file)


async def test_a_book_of_one_policy_judges_all_content_by_it(tmp_path: Path) -> None:
    only = loaded(tmp_path, "only")
    book = Book([only])
    panel = book.panels.of(None, "message", "c1")
    assert panel is not None
    assert panel.policy is only.policy
    assert [engine.name for engine in panel.engines] == ["blocklist"]
    assert book.current("only") is only
    assert book.current("other") is None
    assert book.loaded(only.policy.ref) is only
    assert await book.find(only.policy.ref) is only
    assert await book.find(PolicyRef("only", "unheard")) is None


def test_a_version_that_judged_before_is_still_known(tmp_path: Path) -> None:
    old, new = loaded(tmp_path, "p"), loaded(tmp_path, "p", words="worse")
    book = Book([old])
    before = book.panels
    book.take([new])
    assert book.panels is not before
    assert book.current("p") is new
    assert book.every == (new,)
    assert book.loaded(old.policy.ref) is old


def test_policies_that_overlap_change_nothing(tmp_path: Path) -> None:
    first, second = loaded(tmp_path, "first"), loaded(tmp_path, "second")
    book = Book([first])
    before = book.panels
    with pytest.raises(Conflict, match="first and second both claim"):
        book.take([first, second])
    assert book.panels is before
    assert book.every == (first,)
    assert book.loaded(second.policy.ref) is None


def test_policies_of_tenants_stand_beside_one_for_all(tmp_path: Path) -> None:
    book = Book([loaded(tmp_path, "all"), loaded(tmp_path, "acme", applies='{tenants: ["acme"]}')])
    judging = [book.panels.of(tenant, "message", None) for tenant in ("acme", "other", None)]
    assert [panel.policy.ref.id for panel in judging if panel] == ["acme", "all", "all"]
