from collections.abc import Sequence
from timeit import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.core.applies import Claim
from streams.core.facts import Facts
from streams.core.label import KINDS
from streams.core.panel import NOBODY, Conflict, Panel, Panels, conflicts, unclaimed
from streams.core.policy import NO_MARKS, Marks, Policy, PolicyRef
from streams.core.restriction import Restriction, Standing
from tests.unit.core.given import NOON
from tests.unit.core.given import policy as compiled


def policy(
    name: str,
    *,
    kinds: Sequence[str] = KINDS,
    tenants: Sequence[str] | None = None,
    conversations: Sequence[str] | None = None,
    marks: Marks = NO_MARKS,
) -> Policy:
    """Return a policy that claims this."""
    claim = Claim(
        None if tenants is None else frozenset(tenants), None if conversations is None else tuple(conversations)
    )
    return replace(compiled(), ref=PolicyRef(name, "1"), kinds=frozenset(kinds), claim=claim, marks=marks)


def panels(*policies: Policy) -> Panels:
    """Return the set of these policies."""
    return Panels([Panel(each, ()) for each in policies])


def judge_of(among: Panels, tenant: str | None, kind: str, conversation_id: str | None) -> str | None:
    """Return the id of the policy that judges."""
    panel = among.of(tenant, kind, conversation_id)
    return None if panel is None else panel.policy.ref.id


def test_the_most_specific_policy_judges() -> None:
    among = panels(
        policy("all"),
        policy("vip", conversations=["vip-*"]),
        policy("acme", tenants=["acme", "apex"]),
        policy("acme-vip", tenants=["acme"], conversations=["vip-*", "room-?"]),
    )
    assert judge_of(among, None, "message", None) == "all"
    assert judge_of(among, "other", "message", "c1") == "all"
    assert judge_of(among, None, "message", "vip-1") == "vip"
    assert judge_of(among, "acme", "message", "c1") == "acme"
    assert judge_of(among, "apex", "message", "vip-1") == "acme"
    assert judge_of(among, "acme", "message", "vip-1") == "acme-vip"
    assert judge_of(among, "acme", "message", "room-1") == "acme-vip"
    assert judge_of(among, "acme", "message", "room-12") == "acme"
    assert judge_of(among, "acme", "message", None) == "acme"


def test_content_of_a_kind_that_the_most_specific_policy_does_not_judge_goes_to_the_next() -> None:
    among = panels(policy("all", kinds=["message", "image"]), policy("acme", kinds=["image"], tenants=["acme"]))
    assert judge_of(among, "acme", "image", None) == "acme"
    assert judge_of(among, "acme", "message", None) == "all"
    assert judge_of(among, "acme", "video", None) is None


def test_what_nobody_claims_has_no_judge() -> None:
    assert panels().of(None, "message", "c1") is None
    among = panels(policy("acme", tenants=["acme"]), policy("vip", conversations=["vip-*"]))
    assert judge_of(among, None, "message", None) is None
    assert judge_of(among, "other", "message", "c1") is None


def test_a_panel_comes_with_its_engines_and_the_set_with_the_largest_marks() -> None:
    wide = policy("wide", marks=Marks(5, 60_000))
    deep = policy("deep", tenants=["acme"], marks=Marks(9, 1_000))
    among = panels(wide, deep, policy("none", tenants=["apex"]))
    assert [panel.policy.ref.id for panel in among.every] == ["wide", "deep", "none"]
    assert among.marks == Marks(9, 60_000)
    assert panels().marks == NO_MARKS


def test_policies_that_are_equally_specific_and_overlap_are_refused_by_name() -> None:
    first = policy("first", kinds=["message", "post"], tenants=["acme", "apex"], conversations=["a*", "b*"])
    second = policy("second", kinds=["post", "image"], tenants=["apex", "zeta"], conversations=["c*", "*z"])
    (line,) = conflicts([first, second])
    assert line.startswith("first and second both claim kinds post, tenants apex, conversations a* with *z, b* with *z")
    with pytest.raises(Conflict, match="first and second both claim") as caught:
        panels(first, second)
    assert caught.value.lines == (line,)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (policy("a"), policy("b", tenants=["t"])),
        (policy("a", kinds=["message"]), policy("b", kinds=["post"])),
        (policy("a", tenants=["t"]), policy("b", tenants=["u"])),
        (policy("a", conversations=["x*"]), policy("b", conversations=["y*"])),
        (policy("a", tenants=["t"], conversations=["x*"]), policy("b", tenants=["t"], conversations=["y*"])),
        (policy("a", tenants=["t"]), policy("b", conversations=["*"])),
    ],
)
def test_policies_that_cannot_meet_or_differ_in_rank_go_together(first: Policy, second: Policy) -> None:
    assert conflicts([first, second]) == []


names = st.none() | st.lists(st.sampled_from(["t", "u"]), min_size=1, max_size=2, unique=True)
globs = st.none() | st.lists(st.text("ab*?", min_size=1, max_size=3), min_size=1, max_size=2)
kinds = st.lists(st.sampled_from(["message", "image"]), min_size=1, unique=True)
claims = st.tuples(kinds, names, globs)


@given(
    st.lists(claims, max_size=4),
    st.sampled_from([None, "t", "u", "v"]),
    st.sampled_from(["message", "image"]),
    st.none() | st.text("ab", max_size=3),
)
def test_no_two_policies_of_the_highest_rank_claim_a_content_unless_they_are_in_conflict(
    given_claims: list[tuple[list[str], list[str] | None, list[str] | None]],
    tenant: str | None,
    kind: str,
    conversation_id: str | None,
) -> None:
    policies = [
        policy(f"p{number}", kinds=kind_names, tenants=tenants, conversations=patterns)
        for number, (kind_names, tenants, patterns) in enumerate(given_claims)
    ]
    if conflicts(policies):
        return
    claiming = [each for each in policies if panels(each).of(tenant, kind, conversation_id) is not None]
    ranks = [each.claim.specificity for each in claiming]
    chosen = judge_of(panels(*policies), tenant, kind, conversation_id)
    if not claiming:
        assert chosen is None
        return
    assert ranks.count(max(ranks)) == 1
    assert chosen == claiming[ranks.index(max(ranks))].ref.id


def test_one_policy_that_claims_everything_is_found_in_well_under_a_microsecond() -> None:
    of = panels(policy("all")).of
    assert min(repeat(lambda: of("acme", "message", "c1"), number=10_000, repeat=5)) / 10_000 < 2e-6  # a slow machine


def test_a_restriction_of_the_author_holds_where_no_policy_judges() -> None:
    muted = Standing("u1", 0, restrictions=(Restriction("mute", 0, "ladder", until=NOON + 1, why="three strikes"),))
    facts = Facts(content_id="m1", kind="message", user_id="u1", received_at=NOON)
    held = unclaimed(replace(facts, standing=muted), NOON)
    assert (held.action, held.labels, held.policy) == ("block", ("muted",), NOBODY)
    assert [(line.engine, line.rule, line.why) for line in held.triggered] == [("standing", "muted", "three strikes")]
    later = unclaimed(replace(facts, standing=muted, received_at=NOON + 1), NOON)
    assert (later.action, later.triggered, later.reason) == ("allow", (), "no policy judges this content")
