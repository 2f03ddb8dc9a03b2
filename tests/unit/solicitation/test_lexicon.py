import pytest

from streams.solicitation.lexicon import families, parsed

HEAD = "[f] scam low flag\n"


def test_a_family_is_read_with_its_clauses() -> None:
    (family,) = parsed(
        "# c\n@thing = car|boat\n[sale] scam high block\nwhy: Sells.\nsignals: link\n0.5 <sell> 2 {thing}\n"
    )

    assert (family.name, family.label, family.severity, family.action) == ("sale", "scam", "high", "block")
    assert (family.why, family.signals) == ("Sells.", frozenset({"link"}))
    assert [(clause.points, clause.needed) for clause in family.clauses] == [
        (0.5, (r"\b(?:sell)\b", r"\b(?:car|boat)\b"))
    ]


def test_a_line_that_begins_with_spaces_continues_the_one_before() -> None:
    (family,) = parsed(HEAD + "0.5 <a|\n    b>\n")

    assert family.clauses[0].needed == (r"\b(?:a|b)\b",)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("0.5 <a>", "line 1: stands before"),
        ("[f] scam grave flag", "line 1: unknown severity grave"),
        ("[f] scam low explode", "line 1: unknown action"),
        (HEAD + "signals: glitter", "line 2: unknown signal glitter"),
        (HEAD + "0.5 {nobody}", "line 2: unknown name nobody"),
        (HEAD + "0.5 <a> b", "line 2: cannot read 'b'"),
        (HEAD + "1.5 <a>", "line 2: a clause has points"),
        (HEAD + "often <a>", "line 2: could not convert"),
        (HEAD + "0.5 <a", "line 2: cannot read"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parsed(text)


def test_every_family_of_the_package_has_a_reason_and_names_are_unique() -> None:
    names = [family.name for family in families()]

    assert len(names) == len(set(names))
    assert all(family.why for family in families())
    assert {family.label for family in families()} == {"platform_bypass", "scam"}
