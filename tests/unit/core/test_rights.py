"""Rights: nothing is allowed that no grant allows."""

from streams.core.rights import RIGHTS, Grant, may


def test_without_a_grant_nothing_is_allowed() -> None:
    assert not may([], "see")


def test_a_grant_for_a_tenant_holds_for_its_items_only() -> None:
    grants = [Grant("senior", tenants=("a",))]
    assert may(grants, "override", "a", ["scam"])
    assert not may(grants, "override", "b", ["scam"])
    assert not may(grants, "override", "", ["scam"])


def test_a_grant_for_labels_needs_one_of_them() -> None:
    grants = [Grant("moderator", labels=("scam", "spam"))]
    assert may(grants, "approve", "", ["pii", "spam"])
    assert not may(grants, "approve", "", ["pii"])
    assert not may(grants, "approve", "", [])


def test_grants_add_up_and_do_not_mix() -> None:
    grants = [Grant("moderator", tenants=("a",)), Grant("senior", tenants=("b",))]
    assert may(grants, "approve", "a", [])
    assert not may(grants, "override", "a", [])
    assert may(grants, "override", "b", [])


def test_an_auditor_sees_and_changes_nothing() -> None:
    auditor = [Grant("auditor")]
    assert may(auditor, "see")
    assert may(auditor, "audit")
    assert [right for right in RIGHTS if may(auditor, right)] == ["see", "audit"]
