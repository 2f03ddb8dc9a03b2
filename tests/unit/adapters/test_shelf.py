"""What a new version of a policy leaves as it was is not built again."""

from pathlib import Path
from typing import Final

from streams.adapters.policies import Loaded, load_from
from streams.adapters.shelf import Shelf
from streams.adapters.sources import InHand, OnDisk
from streams.engines.pattern import Pattern, PatternsConfig

POLICY: Final = """
id: chat
engines:
  blocklist:
    lists:
      - {name: words, label: profanity, file: words.txt}
      - {name: insults, label: harassment, terms: [idiot]}
  pattern:
    patterns: [{name: phone, label: pii, pattern: '[0-9]{7}'}]
  qr: {}
"""
WORDS: Final = b"damn\n"


def loaded(shelf: Shelf, document: str = POLICY, words: bytes = WORDS) -> dict[str, object]:
    """Return the engines of a policy by name, and keep the policy."""
    policy: Loaded = load_from(InHand("chat", document, {"words.txt": words}), shelf=shelf)
    return {engine.name: engine for engine in policy.engines}


def test_engines_that_a_change_leaves_alone_are_the_same_objects() -> None:
    shelf = Shelf()
    before = loaded(shelf)
    after = loaded(shelf, POLICY.replace("{7}", "{8}"))

    assert after["blocklist"] is before["blocklist"]
    assert after["pattern"] is not before["pattern"]


def test_a_list_file_with_other_lines_makes_another_engine() -> None:
    shelf = Shelf()
    before = loaded(shelf)
    after = loaded(shelf, words=b"damn\nheck\n")

    assert after["blocklist"] is not before["blocklist"]
    assert after["pattern"] is before["pattern"]


def test_an_engine_that_reads_is_shared_only_with_the_engines_that_judge_what_it_reads() -> None:
    shelf = Shelf()
    before = loaded(shelf)

    assert loaded(shelf)["qr"] is before["qr"]
    assert loaded(shelf, words=b"heck\n")["qr"] is not before["qr"]
    assert loaded(shelf, POLICY.replace("[idiot]", "[fool]"))["qr"] is not before["qr"]


def test_an_engine_that_nobody_holds_any_more_is_forgotten() -> None:
    config = PatternsConfig.model_validate({"patterns": [{"name": "phone", "label": "pii", "pattern": "[0-9]{7}"}]})
    shelf, engine = Shelf(), Pattern(config)
    shelf.put("key", engine, config)

    assert shelf.get("key", Pattern) == (engine, config)
    del engine
    assert shelf.get("key", Pattern) is None


def test_a_policy_out_of_published_records_is_the_one_on_disk(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes(WORDS)
    (tmp_path / "chat.yaml").write_text(POLICY, "utf-8")
    disk = OnDisk(tmp_path / "chat.yaml")
    one = load_from(disk)
    other = load_from(InHand("chat@1", disk.text(), disk.read))

    assert disk.read == {"words.txt": WORDS}
    assert one.policy.ref == other.policy.ref
    assert load_from(InHand("chat@1", disk.text(), disk.read), "published").policy.ref.version == "published"
