"""What a policy would change: a back-test in, one JSON object or lines for a person out."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from streams.core.action import STRENGTH
from streams.core.comparison import MISSING, Comparison
from streams.core.moment import iso
from streams.core.policy import PolicyRef
from streams.evaluation.backtesting import Backtest, Change

# In the order of strength; contents without a decision come first.
ORDER: Final[dict[str, int]] = {MISSING: -1, **STRENGTH}
RULES: Final = 40  # rules that a person is shown: those that change most


def summary(
    backtest: Backtest, policy: PolicyRef, since: int, until: int, seconds: float, gone: Iterable[PolicyRef] = ()
) -> dict[str, Any]:
    """Return the whole result; moments in milliseconds since 1970, `gone` are versions that nobody has any more."""
    comparison, rejudging = backtest.comparison, backtest.rejudging
    return {
        "policy": {"id": policy.id, "version": policy.version},
        "since": iso(since),
        "until": iso(until),
        "contents": comparison.contents,
        "changed": comparison.changed,
        "conversations": len(backtest.conversations),
        "conversations_changed": len(backtest.conversations_changed),
        "actions": _actions(comparison),
        "rules": _rules(comparison),
        "not_compared": {
            "repeated": rejudging.repeated,
            "not_claimed": rejudging.unclaimed,
            "restricted_author": backtest.restricted,
            "other_policy": backtest.others,
            "unreadable": backtest.unreadable,
        },
        "judged_by_none": backtest.nobody,
        "without_decision": sum(times for (then, _), times in comparison.pairs.items() if then == MISSING),
        "unknown": dict(sorted(backtest.unknown.items())),
        "asked_again": rejudging.asked,
        "versions_gone": sorted(f"{ref.id} {ref.version}" for ref in gone),
        "seconds": round(seconds, 3),
        "contents_per_second": round(comparison.contents / seconds) if seconds else None,
    }


def changed(change: Change, text: str | None) -> dict[str, Any]:
    """Return one content whose action changes, as a line of the file of changes has it."""
    message, decision = change.past.arrival.message, change.decision
    return {
        "content_id": message.content_id,
        **({} if message.conversation_id is None else {"conversation_id": message.conversation_id}),
        "at": iso(change.past.arrival.at),
        "then": {"action": change.then.action, "triggered": sorted(map("/".join, change.then.triggered))},
        "now": {
            "action": decision.action,
            "triggered": [f"{line.engine}/{line.rule}" for line in decision.triggered],
            "reason": decision.reason,
        },
        **({} if text is None else {"text": text}),
    }


def lines(result: dict[str, Any]) -> Iterator[str]:
    """Yield the result as a person reads it."""
    policy, contents = result["policy"], result["contents"]
    yield f"policy {policy['id']} {policy['version']} on {contents:,} texts, {result['since']} to {result['until']}"
    yield (
        f"{result['changed']:,} change ({_share(result['changed'], contents)}), "
        f"in {result['conversations_changed']:,} of {result['conversations']:,} conversations"
    )
    yield ""
    yield f"{'then':<14}{'now':<14}{'texts':>10}  share"
    for row in result["actions"]:
        mark = "" if row["then"] in {row["now"], MISSING} else "  *"
        yield f"{row['then']:<14}{row['now']:<14}{row['contents']:>10,}  {_share(row['contents'], contents)}{mark}"
        for sample in row["samples"]:
            yield f"    {sample['content_id']}{'  ' + sample['text'] if sample.get('text') else ''}"
    moving = sorted(result["rules"], key=lambda row: -(row["gained"] + row["lost"]))[:RULES]
    if moving:
        yield ""
        yield f"{'rule':<48}{'both':>10}{'now only':>10}{'then only':>10}  share now"
    for row in moving:
        name = f"{row['engine']}/{row['rule']}"
        yield f"{name:<48}{row['both']:>10,}{row['gained']:>10,}{row['lost']:>10,}  {row['share']:.2%}"
    yield ""
    yield from _notes(result)


def _notes(result: dict[str, Any]) -> Iterator[str]:
    for name, times in result["not_compared"].items():
        if times:
            yield f"not compared: {times:,} ({name.replace('_', ' ')})"
    if result["without_decision"]:
        yield f"without a decision: {result['without_decision']:,}: still waiting, or decided later than --patience"
    if result["judged_by_none"]:
        yield f"judged by no policy then: {result['judged_by_none']:,}"
    for engine, times in result["unknown"].items():
        yield f"unknown: {engine} has no stored answer on {times:,}: judged without it"
    for version in result["versions_gone"]:
        yield f"no longer on the topic of policies: {version}: what it decided was asked of the inline engines again"
    asked = f"; inline engines asked again {result['asked_again']:,} times" if result["asked_again"] else ""
    yield f"{result['seconds']:.1f} s, {result['contents_per_second'] or 0:,} texts a second{asked}"


def _actions(comparison: Comparison) -> list[dict[str, Any]]:
    samples = comparison.samples()
    return [
        {
            "then": then,
            "now": now,
            "contents": comparison.pairs[then, now],
            "samples": [
                {"content_id": name, **({"text": shown} if shown else {})}
                for name, shown in samples.get((then, now), [])
            ],
        }
        for then, now in sorted(comparison.pairs, key=lambda pair: (ORDER[pair[0]], ORDER[pair[1]]))
    ]


def _rules(comparison: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "engine": engine,
            "rule": rule,
            "both": changes.both,
            "gained": changes.gained,
            "lost": changes.lost,
            "share": round(comparison.share(changes), 6),
        }
        for (engine, rule), changes in sorted(comparison.rules.items())
    ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "-"
