# ruff: noqa: RUF001 (letters that look alike are what is tested here)
"""The text model with the shipped heads and the real encoder."""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.adapters.policies import PolicyErrors, load
from streams.core.engine import Text
from streams.core.finding import Answer
from streams.core.label import SEVERITY_RANK
from streams.core.window import EMPTY, Said, Window, added, fingerprint
from streams.engines.text_model import LONG, OTHER_LANGUAGE, Seen, TextModel
from streams.models import held_out
from streams.models.encoder import shared_encoder
from streams.models.features import wide
from streams.models.glance import shared_glance
from streams.models.heads import shipped
from streams.models.ngrams import spaced
from streams.models.outright import outright
from streams.models.reading import readings, vectors
from streams.signals.signal import signals

# What people write to each other, most of it harmless; none of it is a training text.
LINES = (
    "shall we have lunch together tomorrow?",
    "the concert was so loud that my ears still ring",
    "You're such a nerd lol",
    "nobody wants you here, get lost you pathetic clown",
    "I'm going to punch you in the face",
    "congratulations, you have been selected for a cash reward, text CLAIM to 80555 now",
    "shut the fuck up you moron",
    "can somebody explain the offside rule to me",
    "people from that country are vermin and should be thrown out",
    "i want to end my life, goodbye everyone",
    "selling two tickets for saturday, face value",
    "send me nudes or else",
    "lol",
    "ok",
    "",
    "12345",
    "Guten Abend zusammen, kann mir jemand bei der Steuererklärung helfen?",
    "the knife went straight through his hand, blood was everywhere",
    "my boss is an idiot sometimes but i like her",
    "good game everyone, well played",
    "Dear customer, your parcel is held. Pay the fee of 1.99 at http://parcel.example/pay to release it",
    "We walked for hours. " * 40 + "Then he said that he would break my legs if I told anybody.",
)
GAMERS = (
    ("ann", "anyone up for valorant tonight"),
    ("bob", "yes, need to finish my ranked matches"),
    ("ann", "my k/d is terrible this season"),
    ("bob", "you camp too much lol"),
    ("cem", "new patch nerfed my main"),
    ("ann", "i'm on the server"),
    ("bob", "lobby is open"),
    ("cem", "one sec, updating"),
    ("ann", "hurry, the queue is short"),
    ("bob", "we will destroy them"),
)
DIGS = (
    "nice of you to finally show up",
    "did you even read it",
    "typical",
    "nobody asked",
    "maybe think before you post",
)


class Noting(TextModel):
    """Notes which texts it looks at."""

    def __init__(self) -> None:
        super().__init__(TextModel.Config())
        self.looked_at: list[str] = []

    def _looked(self, texts: Sequence[tuple[str, str | None]]) -> list[Seen]:
        self.looked_at += [text for text, _ in texts]
        return super()._looked(texts)


def model(**raw: Any) -> TextModel:
    return TextModel(TextModel.Config.model_validate(raw))


@pytest.fixture(scope="module")
def default() -> TextModel:
    """Return the model as it is without a configuration."""
    return model()


def answer(engine: TextModel, text: str, before: Window = EMPTY, author: str = "ann") -> Answer:
    return engine.inspect([Text(text, before=before, user_id=author)])[0]


def found(engine: TextModel, text: str, before: Window = EMPTY, author: str = "ann") -> dict[str, str | None]:
    """Return the severity of each label that a text carries."""
    return {finding.label: finding.severity for finding in answer(engine, text, before, author).findings}


def highest(severities: Mapping[str, str | None]) -> str:
    return max((severity or "" for severity in severities.values()), key=list(SEVERITY_RANK).index)


def window(*said: tuple[str, str]) -> Window:
    """Return a conversation, each message an author and a text."""
    before = EMPTY
    for number, (author, text) in enumerate(said):
        name = f"m{number}"
        before = added(before, name, Said(author, text, number * 1000), fingerprint(name), 100, number * 1000)
    return before


# What the specification says of single texts


def test_a_playful_insult_is_low(default: TextModel) -> None:
    severities = found(default, "You're such a nerd lol")

    assert "harassment" in severities
    assert highest(severities) == "low"


def test_targeted_ridicule_is_medium(default: TextModel) -> None:
    severities = found(default, "Nobody likes you, go away")

    assert severities["harassment"] == "medium"
    assert highest(severities) == "medium"


def test_an_explicit_threat_is_high(default: TextModel) -> None:
    severities = found(default, "I'm going to punch you in the face")

    assert severities["violence"] == "high"
    assert highest(severities) == "high"


def test_a_strong_attempt_at_a_scam_is_high(default: TextModel) -> None:
    assert found(default, "Claim your free prize here, just enter your credit card")["scam"] == "high"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I'm going to kill myself tonight, goodbye everyone", "self_harm"),
        ("tomorrow i'm going to shoot up my school", "terrorism"),
        ("i'm looking for nudes of 12 year old girls, trade pics", "child_safety"),
    ],
)
def test_danger_to_somebody_now_is_critical_and_goes_to_the_escalated_queue(
    default: TextModel, text: str, label: str
) -> None:
    assert found(default, text)[label] == "critical"
    assert {rule.escalate for rule in default.rules if rule.severity == "critical"} == {True}


def test_the_severities_of_the_specification_hold(default: TextModel, shared: Path) -> None:
    cases = json.loads((shared / "data" / "seed_cases.json").read_text("utf-8"))
    expected = {
        case["input"]: case["expected"].split()[0]
        for case in cases
        if case["kind"] == "severity" and not case["input"].startswith("(")
    }

    assert len(expected) == 4
    assert {text: highest(found(default, text)) for text in expected} == expected


@pytest.mark.parametrize(
    "text",
    [
        "shall we have lunch together tomorrow?",
        "my computer is being slow again",
        "the match starts at seven, bring snacks",
        "how do I report a user asking me to pay outside the platform?",
        "happy birthday, have a wonderful day",
        "can you kill the process on port 8080",
    ],
)
def test_ordinary_talk_leads_to_no_action(default: TextModel, text: str) -> None:
    assert all(severity == "low" for severity in found(default, text).values())


@pytest.mark.parametrize(
    "text", ["", " ", "12345", "+1 555-0100 !!", "\U0001f600\U0001f525", "\u200b\u200b\u202e", "\x00"]
)
def test_a_text_without_words_says_nothing(default: TextModel, text: str) -> None:
    assert answer(default, text) == Answer()


# Disguises


def _zero_width(text: str) -> str:
    return " ".join("\u200b".join(word) for word in text.split())


def _look_alikes(text: str) -> str:
    return text.translate(str.maketrans("aeopc", "аеорс"))


def _full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def _decorated(text: str) -> str:
    return "".join(chr(0x1D4EA + ord(letter) - ord("a")) if "a" <= letter <= "z" else letter for letter in text)


@pytest.mark.parametrize("disguise", [_zero_width, _look_alikes, _full_width, _decorated])
@pytest.mark.parametrize(
    "text",
    [
        "you are a worthless piece of garbage and everybody here hates you",
        "claim your free prize here, just enter your credit card",
        "i'm going to punch you in the face",
        "i want to kill myself tonight",
    ],
)
def test_disguised_letters_change_nothing(default: TextModel, text: str, disguise: Callable[[str], str]) -> None:
    plain = answer(default, text)

    assert plain.findings
    assert disguise(text) != text
    assert answer(default, disguise(text)) == plain


@pytest.mark.parametrize(
    ("text", "disguised"),
    [
        ("you are a stupid idiot and nobody likes you", "you are a stup1d 1d1ot and n0body likes you"),
        ("you are a stupid idiot and nobody likes you", "you are a s t u p i d i.d.i.o.t and nobody likes you"),
        (
            "claim your free prize here, just enter your credit card",
            "cl4im y0ur fr33 pr1ze here, just enter your cr3dit c4rd",
        ),
        ("i'm going to punch you in the face", "i'm going to p u n c h you in the f4ce"),
        ("i want to kill myself tonight", "i want to k 1 l l mys3lf tonight"),
        ("fuck you, you worthless piece of shit", "f u c k you, you w0rthless piece of sh!t"),
    ],
)
def test_leet_and_spaced_words_carry_the_labels_of_plain_ones(default: TextModel, text: str, disguised: str) -> None:
    assert found(default, text)
    assert found(default, disguised) == found(default, text)


# Other languages


@pytest.mark.parametrize(
    "text",
    [
        "Je ne comprends pas pourquoi tu ne viens jamais avec nous",
        "Я не понимаю, почему ты никогда не отвечаешь на сообщения",
        "我不明白你为什么从来不跟我们一起去城里吃饭看电影",
    ],
)
def test_another_language_is_not_evaluated(default: TextModel, text: str) -> None:
    found = answer(default, text)

    assert (found.status, found.reason, found.findings) == ("not_evaluated", OTHER_LANGUAGE, ())


def test_what_the_model_is_sure_of_is_told_in_another_language_too(default: TextModel) -> None:
    found = answer(default, "Je voudrais vous dire quelque chose: i am going to kill you tonight, fucking bitch")

    assert (found.status, found.reason) == ("not_evaluated", OTHER_LANGUAGE) or found.status == "ok"
    assert {finding.label for finding in found.findings} >= {"violence"}


def test_the_language_that_is_told_counts(default: TextModel) -> None:
    threat = "I'm going to punch you in the face"
    told = [
        Text(threat, "fr"),
        Text(threat, "en-GB"),
        Text("Ich komme heute leider später nach Hause", "en"),
        Text(threat),
    ]
    first, second, third, fourth = default.inspect(told)

    assert (first.status, first.reason) == ("not_evaluated", OTHER_LANGUAGE)
    assert second == fourth
    assert second.findings
    assert third.status == "ok"


# The same text gets the same answer


@pytest.mark.parametrize("gate", [True, False])
def test_answers_are_the_same_alone_in_a_batch_and_in_another_order(gate: object) -> None:
    texts = [Text(line) for line in LINES]
    together = model(gate=gate).inspect(texts)
    alone = model(gate=gate)

    assert [alone.inspect([text])[0] for text in texts] == together
    assert model(gate=gate).inspect(texts[::-1])[::-1] == together
    assert model(gate=gate).inspect([*texts * 2])[len(texts) :] == together


def test_real_texts_get_the_same_answers_alone_and_in_a_batch(shared: Path) -> None:
    texts = [
        Text(json.loads(line)["text"][:160])
        for name in ("sms_spam_uci", "openai_moderation")
        for line in (shared / "data" / "text" / "dev" / f"{name}.jsonl").read_text("utf-8").splitlines()[:240:4]
    ]
    alone = model(gate=False)

    assert len(texts) == 120
    assert [alone.inspect([text])[0] for text in texts] == model(gate=False).inspect(texts)


def test_equal_texts_are_judged_once() -> None:
    engine = Noting()
    answers = engine.inspect([Text("one text"), Text("other text"), Text("one text"), Text("one text", "en")])

    assert engine.looked_at == ["one text", "other text", "one text"]
    assert answers[0] == answers[2] == answers[3]

    engine.inspect([Text("other text"), Text("one text", user_id="bob", before=window(("ann", "hi")))])
    assert len(engine.looked_at) == 3


def test_long_texts_are_judged_once_in_a_batch_and_not_remembered() -> None:
    engine, long = Noting(), Text("word " * (LONG // 5 + 1))
    engine.inspect([long, long])
    engine.inspect([long])

    assert engine.looked_at == [long.text] * 2


def test_many_threads_get_the_same_answers() -> None:
    texts = [Text(f"{line} {number}".strip()) for number in range(3) for line in LINES[:12]]
    expected = model().inspect(texts)
    engine = model()
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda turn: engine.inspect(texts[turn:] + texts[:turn]), range(4)))

    assert all(each[len(texts) - turn :] + each[: len(texts) - turn] == expected for turn, each in enumerate(answers))


# The gate


def test_without_the_gate_every_text_has_the_probabilities_of_the_full_heads() -> None:
    heads = shipped()
    lines = [line for line in LINES if line not in {"", "12345"} and not line.startswith("Guten")]
    read = readings(lines)
    grams = heads.grams([spaced(reading.prepared) for reading in read])
    said = outright([signals(reading.prepared) for reading in read], heads.labels)
    full = heads.probabilities(heads.logits(wide(vectors(read, shared_encoder())), grams) + said)
    answers = model(gate=False).inspect([Text(line) for line in lines])

    for each, row in zip(answers, full.tolist(), strict=True):
        expected = {label: share for label, share in zip(heads.labels, row, strict=True) if share >= 0.001}
        assert (each.scores or {}) == expected


def test_the_gate_keeps_texts_from_the_encoder_and_finds_no_more_in_them(default: TextModel) -> None:
    heads = shipped()
    lines = [line for line in LINES if len(line) < 220 and line not in {"", "12345"} and not line.startswith("Guten")]
    read = readings(lines)
    said = outright([signals(reading.prepared) for reading in read], heads.labels)
    asked = heads.doubtful(shared_glance()(read).cheap + said)
    whole = model(gate=False)

    assert 0 < asked.sum() < len(lines)
    for line, one in zip(lines, asked.tolist(), strict=True):
        if one:
            assert answer(default, line) == answer(whole, line)
        elif not found(whole, line):
            assert not found(default, line)


def test_a_text_of_several_pieces_passes_the_gate(default: TextModel) -> None:
    long = "The weather was fine and we went for a walk. " * 20

    assert answer(default, long) == answer(model(gate=False), long)


# Context


def test_kills_are_violence_alone_and_nothing_among_gamers(default: TextModel) -> None:
    assert found(default, "ready to get some kills today")["violence"] in {"medium", "high"}
    assert len(window(*GAMERS).ids) == 10
    assert found(default, "ready to get some kills today", window(*GAMERS)) == {}


@pytest.mark.parametrize(
    "text", ["i will find you and kill you in real life", "tomorrow i'm going to shoot up my school"]
)
def test_a_threat_that_leaves_the_game_stays_one(default: TextModel, text: str) -> None:
    assert highest(found(default, text, window(*GAMERS))) in {"high", "critical"}


def test_small_digs_add_up_to_harassment(default: TextModel) -> None:
    said: list[tuple[str, str]] = []
    severities = []
    for number, dig in enumerate(DIGS):
        severities.append(found(default, dig, window(*said), "ann").get("harassment", "none"))
        said += [("ann", dig), ("bob", f"i am sorry, here is point {number}")]

    assert severities[2:] == ["medium", "medium", "high"]
    assert set(severities[:2]) <= {"none", "low"}


def test_digs_of_different_people_do_not_add_up(default: TextModel) -> None:
    before = window(*((f"user{number}", dig) for number, dig in enumerate(DIGS[:4])), ("bob", "ok"))

    assert found(default, DIGS[4], before, "user9").get("harassment") in {None, "low"}


def test_banter_is_not_harassment(default: TextModel) -> None:
    before = window(
        ("ann", "nice of you to finally show up lol"),
        ("bob", "haha you nerd, did you even set an alarm"),
        ("ann", "did you even read my message"),
        ("bob", "typical ann lol"),
        ("ann", "who asked you, noob"),
        ("bob", "cry about it haha"),
        ("ann", "love you too"),
    )

    assert found(default, "did you even check your calendar", before, "ann").get("harassment") in {None, "low"}


@pytest.mark.parametrize(
    "question", ["are you going to kill yourself tonight?", "are you g0ing to k1ll y0urself tonight?"]
)
def test_a_yes_to_the_question_is_critical(default: TextModel, question: str) -> None:
    before = window(("bob", "i am so tired of it all"), ("ann", question))

    assert found(default, "yes", before, "bob") == {"self_harm": "critical"}
    assert found(default, "no, i'm fine", before, "bob").get("self_harm") is None
    assert found(default, "yes", before, "ann") == {}
    assert found(default, "yes") == {}


def test_what_is_wanted_only_is_told_also_where_the_context_finds_it() -> None:
    before = window(("bob", "i am so tired of it all"), ("ann", "are you going to kill yourself tonight?"))
    engine = model(labels={"scam": "flag"})

    assert found(engine, "yes", before, "bob") == {}
    assert found(engine, "I'm going to punch you in the face") == {}


# What a policy says


def test_without_labels_all_are_found_with_the_usual_actions(default: TextModel) -> None:
    assert default.labels == {*shipped().labels, "child_safety", "terrorism"}
    assert len(default.rules) == 4 * len(default.labels)
    assert {rule.severity: rule.action for rule in default.rules} == {
        "low": "allow",
        "medium": "flag",
        "high": "flag",
        "critical": "flag",
    }


def test_a_finding_tells_its_rule_how_sure_the_model_is_and_from_where_on(default: TextModel) -> None:
    text = "Claim your free prize here, just enter your credit card"
    each = answer(default, text)
    (finding,) = (finding for finding in each.findings if finding.label == "scam")
    rules = {rule.name: rule for rule in default.rules}

    assert finding.rule == "scam_high"
    assert finding.confidence == pytest.approx((each.scores or {})["scam"] * 100)
    assert finding.threshold == rules["scam_high"].threshold
    assert finding.confidence is not None
    assert finding.threshold is not None
    assert finding.confidence >= finding.threshold


def test_actions_and_reasons_come_from_the_policy() -> None:
    engine = model(
        labels={"violence": {"medium": "flag", "high": "block", "mode": "shadow", "why": "No threats."}, "spam": "mask"}
    )
    rules = {rule.name: rule for rule in engine.rules}

    assert engine.labels == {"violence", "spam"}
    assert [rules[f"violence_{severity}"].action for severity in ("low", "medium", "high", "critical")] == [
        "allow",
        "flag",
        "block",
        "block",
    ]
    assert (rules["violence_high"].mode, rules["violence_high"].why) == ("shadow", "No threats.")
    assert {rule.action for rule in engine.rules if rule.label == "spam"} == {"mask"}
    assert [finding.rule for finding in answer(engine, "I'm going to punch you in the face").findings] == [
        "violence_high"
    ]


def test_a_threshold_of_the_policy_replaces_the_model_s() -> None:
    text = "my boss is an idiot sometimes but i like her"
    probability = (answer(model(gate=False), text).scores or {})["harassment"]
    strict = model(gate=False, labels={"harassment": {"threshold": probability + 0.0001}})
    lax = model(gate=False, labels={"harassment": {"threshold": probability}})

    assert 0.01 < probability < 0.99
    assert found(strict, text) == {}
    assert answer(strict, text).scores == {"harassment": probability}
    assert list(found(lax, text)) == ["harassment"]
    assert [rule.threshold for rule in lax.rules] == [pytest.approx(probability * 100)] * 4


def test_a_suspicion_is_low_whatever_the_policy_s_threshold() -> None:
    text = "can somebody from abroad explain the rules to me"
    probability = (answer(model(gate=False), text).scores or {})["hate_speech"]

    assert probability < shipped().firm[shipped().labels.index("hate_speech")]
    assert found(model(gate=False, labels={"hate_speech": {"threshold": probability}}), text) == {"hate_speech": "low"}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("{labels: {sarcasm: flag}}", "sarcasm: the model does not know: one of toxicity"),
        ("{labels: {scam: {threshold: 1.2}}}", "labels.scam.threshold: should be less than 1, and is 1.2"),
        ("{labels: {scam: {threshold: 0}}}", "labels.scam.threshold: should be greater than 0, and is 0"),
        ("{labels: {scam: delete_it}}", "labels.scam: unknown action 'delete_it': one of allow"),
        ("{labels: {scam: {high: explode}}}", "labels.scam.high: unknown action 'explode': one of allow"),
        ("{labels: {scam: {treshold: 0.4}}}", "labels.scam.treshold"),
        ("{gate: sometimes}", "gate"),
    ],
)
def test_what_is_wrong_is_refused_with_one_line(tmp_path: Path, raw: str, said: str) -> None:
    path = tmp_path / "chat.yaml"
    path.write_text(f"id: chat\nengines: {{text_model: {raw}}}\n", "utf-8")
    with pytest.raises(PolicyErrors) as errors:
        load(path)

    (line,) = errors.value.errors
    assert line.startswith("chat.yaml: engines.text_model.")
    assert said in line
    assert "\n" not in line


# Bad input


@pytest.mark.parametrize(
    "text",
    [
        "a" * 20_000,
        "kill " * 4_000,
        "you idiot. " * 1_800,
        "\ud800 you are an idiot \udfff" * 500,
        "\u202eyou are an idiot" * 900,
        "\U0001f52b\U0001f600" * 10_000,
        "\ufdfa" * 20_000,
        "y e s " * 3_300,
    ],
)
def test_hostile_texts_are_answered(default: TextModel, text: str) -> None:
    before = window(*[("bob", text.encode(errors="replace").decode())] * 10)
    start = time.thread_time()
    each = answer(default, text, before)

    assert time.thread_time() - start < 3
    assert each.status in {"ok", "not_evaluated"}
    assert all(0 <= score <= 1 for score in (each.scores or {}).values())


def test_a_short_yes_after_ten_long_messages_is_answered_at_once(default: TextModel) -> None:
    before = window(*[("bob", "are you going to kill yourself tonight? " * 500)] * 10)
    start = time.thread_time()

    assert answer(default, "yes", before, "ann").status == "ok"
    assert time.thread_time() - start < 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(st.characters(codec=None), max_size=60), min_size=1, max_size=4))
def test_any_text_is_answered_the_same_alone_and_in_a_batch(default: TextModel, texts: list[str]) -> None:
    rules = {rule.name for rule in default.rules}
    together = default.inspect([Text(text) for text in texts])

    assert [model_answer for text in texts for model_answer in default.inspect([Text(text)])] == together
    assert all(finding.rule in rules for each in together for finding in each.findings)


def test_no_text_reaches_a_log_or_a_repr(default: TextModel, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    text = "you are a worthless quokka"
    subject = Text(text, before=window(("bob", "hello quokka")), user_id="ann")
    (seen,) = default._seen([subject])
    (each,) = default.inspect([subject])

    assert "quokka" not in caplog.text
    assert "quokka" not in repr((seen, each, subject, default, readings([text])))


# Rows that the heads were trained on


def test_training_texts_are_answered_held_out_and_counted(default: TextModel, root: Path) -> None:
    lines = (root / "streams" / "training" / "own.jsonl").read_text("utf-8").splitlines()[:30]
    texts = [Text(json.loads(line)["text"]) for line in lines]
    known = held_out.shipped()
    answers, trained_on = default.inspect_held_out([*texts, Text(LINES[1]), Text("")])

    assert trained_on == 30
    assert answers[30:] == default.inspect([Text(LINES[1]), Text("")])
    for text, each in zip(texts, answers, strict=False):
        row = known[held_out.fingerprint(text.text)].tolist()
        expected = {label: share for label, share in zip(shipped().labels, row, strict=True) if share >= 0.001}
        assert (each.scores or {}) == expected
    assert answers[:30] != default.inspect(texts)


def test_held_out_answers_of_an_empty_batch_are_none(default: TextModel) -> None:
    assert default.inspect_held_out([]) == ([], 0)
