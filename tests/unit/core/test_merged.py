"""The answers to several objects are one: the worst status, all findings, the highest scores, every open label."""

from streams.core.finding import Answer, Evidence, Finding
from streams.core.merged import merged


def test_no_objects_are_not_evaluated() -> None:
    assert merged([], numbered=True) == Answer("not_evaluated", "no_objects")


def test_scores_are_the_highest_and_open_labels_are_those_of_any_object() -> None:
    one = Answer(scores={"alcohol": 0.2, "violence": 0.5}, not_evaluated={"pii": "no_detector"})
    two = Answer(scores={"alcohol": 0.4}, not_evaluated={"pii": "no_detector", "qr_code": "video"})

    both = merged([one, two], numbered=False)

    assert both.scores == {"alcohol": 0.4, "violence": 0.5}
    assert both.not_evaluated == {"pii": "no_detector", "qr_code": "video"}


def test_a_failure_speaks_for_all_and_findings_say_in_which_object_they_were() -> None:
    seen = Answer(findings=(Finding("alcohol"), Finding("violence", evidence=(Evidence(frame=(0, 40)),))))

    both = merged([Answer("error", "truncated"), seen], numbered=True)

    assert (both.status, both.reason, both.scores, both.not_evaluated) == ("error", "truncated", None, None)
    assert [one.evidence for one in both.findings] == [
        (Evidence(attachment=1),),
        (Evidence(frame=(0, 40), attachment=1),),
    ]
