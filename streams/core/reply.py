"""A reply: a task and what the engine with a role of its own answered in, its report on the content out."""

from streams.core.finding import Answer, Cost, Report, reported
from streams.core.masking import spans_of
from streams.core.policy import Policy
from streams.core.span import masked
from streams.core.task import TextTask


def replied(
    policy: Policy, task: TextTask, version: str, answer: Answer, duration_ms: float, cost: Cost | None = None
) -> Report:
    """Return the report on a task's content, with the text as others see it if the decision masks.

    Masked is what the inline engines found (the task says where) and what this engine found. A policy that never masks
    puts no text into reports.
    """
    return reported(
        task.content_id,
        task.engine,
        version,
        answer,
        duration_ms,
        cost=cost,
        masked_text=_masked(policy, task, answer) if answer.findings else None,
    )


def _masked(policy: Policy, task: TextTask, answer: Answer) -> str | None:
    own = spans_of(policy, [(task.engine, answer)], len(task.text))
    return masked(task.text, (*task.spans, *own)) if own and policy.masks else None
