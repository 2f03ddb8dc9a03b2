"""What is covered in a picture whose decision masks: reports in, boxes for each of its objects out."""

from collections.abc import Sequence

from streams.core.finding import Answer, Report
from streams.core.masking import masks
from streams.core.matching import findings_of
from streams.core.policy import Policy
from streams.core.transcript import Box


def covered(policy: Policy, reports: Sequence[Report]) -> dict[int, list[Box]]:
    """Return the boxes to cover by the number of the object, 0 for a content of one object; as spans of a text are.

    Every box of an enforced masking rule, and every box of `pii` whoever makes the decision mask. Empty where no
    enforced rule masks. Boxes on a frame of an animation or a video are left out: they hold for a part of its time.
    """
    answers = [(report.engine, Answer(report.status, report.reason, report.findings)) for report in reports]
    boxes: dict[int, list[Box]] = {}
    if not masks(policy, answers):
        return boxes
    for rule, finding in findings_of(policy, answers):
        if rule.masks or finding.label == "pii":
            for one in finding.evidence:
                if one.box is not None and one.frame is None:
                    boxes.setdefault(one.attachment or 0, []).append(one.box)
    return boxes
