"""A policy some of whose rules fell: it judges as before, but that these rules do no more than `flag`."""

from collections.abc import Set as AbstractSet

from msgspec import structs

from streams.core.policy import Policy
from streams.core.rule import Rule
from streams.core.triggering import HARMLESS


def curbed(policy: Policy, fallen: AbstractSet[tuple[str, str]]) -> Policy:
    """Return the policy with the fallen rules, named by engine and rule, led to `flag`; the same one without any.

    What triggers them is listed as before, with the action that they led to. A rule in shadow mode stays what it is.
    """
    if not fallen:
        return policy
    rules = {key: _flagging(rule) if (rule.engine, rule.name) in fallen else rule for key, rule in policy.rules.items()}
    return structs.replace(policy, rules=rules)


def _flagging(rule: Rule) -> Rule:
    if rule.mode != "enforce" or rule.action in HARMLESS:
        return rule
    return structs.replace(rule, action="flag", instead_of=rule.action)
