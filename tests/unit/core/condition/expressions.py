"""Random well-typed conditions, each as ours and as the reference library reads it, and values for them."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from streams.core.condition import Before, Counts, Early, Found, Late

Draw = Callable[[st.SearchStrategy[Any]], Any]
DEPTH: Final = 4
WORDS: Final = ("", "a", "admin", "free money", "scam", "é")
LABELS: Final = ("scam", "pii", "spam")
KEYS: Final = ("a", "b")  # of custom fields


class Pair(NamedTuple):
    """An expression in our language, and the same for a reference that knows neither defaults nor null in has()."""

    ours: str
    theirs: str


Part = Callable[[Draw, int, tuple[str, ...], bool], Pair]


def same(text: str) -> Pair:
    """Return an expression that both read alike."""
    return Pair(text, text)


def joined(pattern: str, *parts: Pair) -> Pair:
    """Return a pattern with parts in its places."""
    return Pair(pattern.format(*(p.ours for p in parts)), pattern.format(*(p.theirs for p in parts)))


@st.composite
def conditions(draw: Draw) -> Pair:
    """Return a condition."""
    return truth(draw, DEPTH, ())


def truth(draw: Draw, depth: int, loops: tuple[str, ...], *, late: bool = True) -> Pair:
    """Return an expression that is true or false; `loops` are messages of the context that it may read."""
    simple: list[Part] = [_trusted, _words, _nullable, _custom, _compared, _place]
    if late:
        simple += [_labels, _scores, _strikes]
    if loops:
        simple += [_message] * 3
    if depth <= 0:
        return draw(st.sampled_from(simple))(draw, depth, loops, late)  # type: ignore[no-any-return]
    deeper: list[Part] = [_logical, _logical, _negated, _chosen]
    if len(loops) < 1:
        deeper += [_context, *([_every_label] if late else [])]
    return draw(st.sampled_from([*simple, *deeper]))(draw, depth, loops, late)  # type: ignore[no-any-return]


def _trusted(draw: Draw, *_: object) -> Pair:
    return same(draw(st.sampled_from(["user.trusted", "content.resubmission", "true", "false"])))


def _strikes(draw: Draw, *_: object) -> Pair:
    return same(draw(st.sampled_from(["user.restricted", "user.strikes >= 2", "confidence > 50", "severity == high"])))


def _words(draw: Draw, *_: object) -> Pair:
    word = repr(draw(st.sampled_from(WORDS)))
    return same(
        draw(
            st.sampled_from(
                [
                    f"text.contains({word})",
                    f"text.startsWith({word})",
                    f"user.id == {word}",
                    f"content.kind in ['message', {word}]",
                    f"text.lowerAscii().endsWith({word})",
                    "text.matches(r'(?i)FREE +m.ney')",
                    f"text + user.id > {word}",
                    f"size(text) > {len(word)}",
                ]
            )
        )
    )


def _nullable(draw: Draw, *_: object) -> Pair:
    word, days = repr(draw(st.sampled_from(WORDS))), draw(st.sampled_from(["1", "7.5", "severity", "content.length"]))
    return draw(  # type: ignore[no-any-return]
        st.sampled_from(
            [
                Pair(
                    f"(has(user.age_days) && user.age_days < {days})",
                    f"(user.age_days != null && user.age_days < {days})",
                ),
                Pair(
                    f"(!has(user.role) || user.role.contains({word}))",
                    f"(user.role == null || user.role.contains({word}))",
                ),
                same(f"user.role == {word}"),
                same(f"user.role != {word}"),
                same(f"user.role in ['admin', {word}]"),
                same(f"(user.role == {word} && user.role.size() > 1)"),
                same("(content.tenant == null ? false : content.tenant < 'b')"),
            ]
        )
    )


def _custom(draw: Draw, *_: object) -> Pair:
    field = f"user.custom.{draw(st.sampled_from(KEYS))}"
    literal = draw(st.sampled_from(["1", "2.0", "'a'", "true", "null", "severity"]))
    order = draw(st.sampled_from(["3", "1.5", "'admin'"]))
    return draw(  # type: ignore[no-any-return]
        st.sampled_from(
            [
                same(f"{field} == {literal}"),
                same(f"{field} != {literal}"),
                same(f"{field} in [1, 2]"),
                Pair(f"(has({field}) && {field} < {order})", f"({field} != null && {field} < {order})"),
                same(f"({field} != null && {field}.startsWith('a'))"),
                same(f"({field} != null && {field}.exists(k, k == {literal}))"),
                same(f"({field} != null && {field}.x == {literal})"),
            ]
        )
    )


def _labels(draw: Draw, *_: object) -> Pair:
    label, rank = draw(st.sampled_from(LABELS)), draw(st.integers(0, 4))
    return draw(  # type: ignore[no-any-return]
        st.sampled_from(
            [
                same(f"'{label}' in labels"),
                same(f"has(labels.{label})"),
                Pair(
                    f"labels.{label}.severity >= {rank}",
                    f"('{label}' in labels ? labels.{label}.severity : 0) >= {rank}",
                ),
                Pair(f"'r' in labels.{label}.rules", f"('{label}' in labels && 'r' in labels.{label}.rules)"),
                same(f"labels.size() > {rank}"),
            ]
        )
    )


def _scores(draw: Draw, *_: object) -> Pair:
    label = draw(st.sampled_from(LABELS))
    return Pair(f"(has(scores.{label}) && scores.{label} > 0.5)", f"('{label}' in scores && scores.{label} > 0.5)")


def _compared(draw: Draw, depth: int, _loops: object, late: bool) -> Pair:  # noqa: FBT001
    sign = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
    return joined(f"{{}} {sign} {{}}", _int(draw, depth, late), _int(draw, depth, late))


def _int(draw: Draw, depth: int, late: bool) -> Pair:  # noqa: FBT001
    names = [
        "counts.messages_10m",
        "counts.links_10m",
        "content.length",
        "context.size()",
        "-3",
        "0",
        "2",
        "9223372036854775807",
    ]
    if late:
        names += ["severity", "user.strikes", "labels.size()"]
    if depth <= 0 or draw(st.booleans()):
        return same(draw(st.sampled_from(names)))
    sign = draw(st.sampled_from("+-*/%"))
    return joined(f"({{}} {sign} {{}})", _int(draw, depth - 1, late), _int(draw, depth - 2, late))


def _place(draw: Draw, *_: object) -> Pair:
    return same(f"context[{draw(st.integers(-1, 3))}].text == 'a'")


def _message(draw: Draw, _depth: object, loops: tuple[str, ...], _late: object) -> Pair:
    name = draw(st.sampled_from(loops))
    return same(
        draw(
            st.sampled_from(
                [
                    f"{name}.user_id == user.id",
                    f"{name}.text.contains('a')",
                    f"{name}.age_s < 60",
                    f"({name}.action != null && {name}.action.startsWith('b'))",
                    f"{name}.action in ['block', 'bounce']",
                    f"10 / {name}.age_s > 1",
                ]
            )
        )
    )


def _logical(draw: Draw, depth: int, loops: tuple[str, ...], late: bool) -> Pair:  # noqa: FBT001
    sign = draw(st.sampled_from(["&&", "||"]))
    parts = [truth(draw, depth - 1, loops, late=late) for _ in range(draw(st.integers(2, 3)))]
    return joined(f"({f' {sign} '.join(['{}'] * len(parts))})", *parts)


def _negated(draw: Draw, depth: int, loops: tuple[str, ...], late: bool) -> Pair:  # noqa: FBT001
    return joined("!({})", truth(draw, depth - 1, loops, late=late))


def _chosen(draw: Draw, depth: int, loops: tuple[str, ...], late: bool) -> Pair:  # noqa: FBT001
    return joined("({} ? {} : {})", *(truth(draw, depth - 1, loops, late=late) for _ in range(3)))


def _context(draw: Draw, depth: int, loops: tuple[str, ...], _late: object) -> Pair:
    body = truth(draw, depth - 2, (*loops, "m"), late=False)
    patterns = ["exists(m, {})", "all(m, {})", "exists_one(m, {})", "filter(m, {}).size() >= 2"]
    return joined(f"context.{draw(st.sampled_from([*patterns, 'map(m, {}) == [true, false]']))}", body)


def _every_label(draw: Draw, depth: int, loops: tuple[str, ...], _late: object) -> Pair:
    macro = draw(st.sampled_from(["exists", "all", "exists_one"]))
    own = same(draw(st.sampled_from(["labels[l].severity > 1", "l == 'scam'", "labels[l].confidence < 50.0"])))
    sign = draw(st.sampled_from(["&&", "||"]))
    over = same(draw(st.sampled_from(["labels", "['scam', 'pii']"])))
    if over.ours != "labels":
        own = same("(l in labels && labels[l].severity > 1)")
    return joined(f"{{}}.{macro}(l, {{}} {sign} {{}})", over, own, truth(draw, depth - 2, loops))


_NUMBERS: Final = st.one_of(st.integers(-5, 5), st.sampled_from([0.5, 1.0, 2.5]))
_CUSTOM: Final = st.one_of(
    st.none(),
    st.booleans(),
    _NUMBERS,
    st.sampled_from(WORDS),
    st.lists(_NUMBERS, max_size=2),
    st.fixed_dictionaries({"x": _NUMBERS}),  # what is missing is null to us, an error to the reference
)
_COUNT: Final = st.integers(0, 6)

EARLY: Final = st.builds(
    Early,
    text=st.sampled_from([*WORDS, "FREE  money é", "ÀB"]),
    user_id=st.sampled_from(WORDS),
    user_role=st.one_of(st.none(), st.sampled_from(WORDS)),
    user_age_days=st.one_of(st.none(), st.sampled_from([0.0, 3.5, 7.0, 400.0])),
    user_trusted=st.booleans(),
    user_custom=st.fixed_dictionaries(dict.fromkeys(KEYS, _CUSTOM)),
    content_kind=st.sampled_from(["message", "image"]),
    content_tenant=st.one_of(st.none(), st.sampled_from(WORDS)),
    content_length=_COUNT,
    content_resubmission=st.booleans(),
    counts=st.builds(Counts, _COUNT, _COUNT, _COUNT, _COUNT, _COUNT),
    context=st.lists(
        st.builds(
            Before,
            st.sampled_from(WORDS),
            st.sampled_from(WORDS),
            st.one_of(st.none(), st.sampled_from(["block", "bounce", "flag"])),
            st.integers(0, 90),
        ),
        max_size=4,
    ),
)
LATE: Final = st.builds(
    Late,
    labels=st.dictionaries(
        st.sampled_from(LABELS),
        st.builds(
            Found, st.integers(0, 4), st.sampled_from([0.0, 60.0]), st.sampled_from([(), ("r",)]), st.just(("e",))
        ),
        max_size=3,
    ),
    severity=st.integers(0, 4),
    confidence=st.sampled_from([0.0, 50.0, 97.5]),
    scores=st.dictionaries(st.sampled_from(LABELS), st.sampled_from([0.1, 0.9]), max_size=3),
    strikes=_COUNT,
    restricted=st.booleans(),
)


def as_data(early: Early, late: Late) -> Mapping[str, Any]:
    """Return the values as the reference library takes them."""
    counts = early.counts
    return {
        "text": early.text,
        "severity": late.severity,
        "confidence": late.confidence,
        "scores": dict(late.scores),
        "labels": {
            label: {
                "severity": found.severity,
                "confidence": found.confidence,
                "rules": list(found.rules),
                "engines": list(found.engines),
            }
            for label, found in late.labels.items()
        },
        "user": {
            "id": early.user_id,
            "role": early.user_role,
            "age_days": early.user_age_days,
            "strikes": late.strikes,
            "trusted": early.user_trusted,
            "restricted": late.restricted,
            "custom": dict(early.user_custom),
        },
        "counts": {name: getattr(counts, name) for name in counts.__struct_fields__},
        "context": [
            {"user_id": each.user_id, "text": each.text, "action": each.action, "age_s": each.age_s}
            for each in early.context
        ],
        "content": {
            "kind": early.content_kind,
            "tenant": early.content_tenant,
            "length": early.content_length,
            "resubmission": early.content_resubmission,
        },
        "low": 1,
        "medium": 2,
        "high": 3,
        "critical": 4,
    }
