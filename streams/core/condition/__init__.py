"""Conditions of composite rules in the Common Expression Language: sources in, what holds of a content out.

Twelve that administrators write:

    user.strikes >= 3 && severity >= medium
    has(user.age_days) && user.age_days < 7.0 && counts.links_10m > 2
    labels.scam.severity >= high && !user.trusted
    'pii' in labels && 'platform_bypass' in labels
    labels.exists(l, labels[l].severity == critical)
    context.filter(m, m.user_id != user.id && m.text.contains('@') && m.age_s < 300).size() >= 5
    counts.same_10m >= 4 || counts.messages_1m > 20
    has(scores.scam) && scores.scam > 0.6 && text.matches(r'(?i)https?://')
    content.kind in ['image', 'video'] && confidence >= 95.0 && (!has(user.age_days) || user.age_days < 1.0)
    content.resubmission && severity >= medium
    user.role != null && user.role.startsWith('guest') && content.attachments > 0
    context.exists(m, m.action != null && m.action in ['block', 'bounce'] && m.user_id == user.id) && severity >= low

What the platform did not send is null, and what may be null is guarded before it is ordered or called. A label that was
not found has severity 0. Where a condition has no value, such as after a division by zero, it cannot be said: it does
not hold, and the caller counts it.
"""

from streams.core.condition.condition import Condition, compiled
from streams.core.condition.conditions import Conditions
from streams.core.condition.fault import ConditionErrors
from streams.core.condition.inputs import Before, Counts, Early, Found, Late, late_of, of_message, of_upload

__all__ = [
    "Before",
    "Condition",
    "ConditionErrors",
    "Conditions",
    "Counts",
    "Early",
    "Found",
    "Late",
    "compiled",
    "late_of",
    "of_message",
    "of_upload",
]
