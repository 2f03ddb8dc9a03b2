import re
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.adapters.policies import DEFAULT, Loaded, PolicyErrors, load
from streams.core.action import ACTIONS
from streams.core.asking import Asking
from streams.core.breadth import BROAD, breadth, inspected
from streams.core.engine import Text
from streams.core.exemption import Exempt
from streams.core.judgement import Judgement, judgement_on
from streams.core.policy import NO_MARKS, Marks
from tests.unit.core.given import facts

Write = Callable[[str], Path]

GOOD = """
id: chat
applies_to: {kinds: [message]}
engines:
  pattern:
    patterns:
      - {name: phone, pattern: '[0-9]{3}-[0-9]{4}', label: pii, action: mask}
  blocklist:
    lists:
      - {name: words, file: lists/words.txt, action: keep}
      - {name: insults, terms: [idiot], action: remove, why: an insult, severity: low}
failure: {pattern: open}
exempt: [{role: admin}]
deadline: 1500ms
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a policy file beside a list of words."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "words.txt").write_text("one\ntwo\n", "utf-8")

    def written(text: str) -> Path:
        file = tmp_path / "chat.yaml"
        file.write_text(text, "utf-8")
        return file

    return written


def errors_of(file: Path) -> tuple[str, ...]:
    """Return what is wrong with a policy file."""
    with pytest.raises(PolicyErrors) as caught:
        load(file)
    return caught.value.errors


def judgement(loaded: Loaded, text: str) -> Judgement:
    """Return what a policy makes of a text."""
    engines = [engine for engine in loaded.engines if engine.accepts == "text"]
    return judgement_on(loaded.policy, facts(), [(engine.name, engine.inspect([Text(text)])[0]) for engine in engines])


def test_a_policy_is_compiled_with_its_engines_in_the_catalogs_order(write: Write) -> None:
    loaded = load(write(GOOD))

    assert [engine.name for engine in loaded.engines] == ["blocklist", "pattern"]
    assert loaded.policy.text_engines == ("blocklist", "pattern")
    assert loaded.policy.media_engines == ()
    assert loaded.policy.kinds == {"message"}
    assert loaded.policy.exempt == (Exempt(role="admin"),)
    assert loaded.policy.failure == {"blocklist": "closed", "pattern": "open"}
    assert loaded.policy.deadline_ms == 1500
    assert loaded.policy.rules["blocklist", "insults"].action == "block"
    assert loaded.policy.rules["blocklist", "words"].action == "allow"
    assert loaded.warnings == ()


def test_the_words_of_a_list_file_are_found(write: Write) -> None:
    assert [line.rule for line in judgement(load(write(GOOD)), "one and two").triggered] == ["words"]


def test_the_version_is_that_of_what_the_policy_says_not_of_how_it_is_written(write: Write) -> None:
    before = load(write(GOOD)).policy.ref
    after = load(write("# a comment\n" + GOOD.replace("[idiot]", '["idiot"]'))).policy.ref

    assert before == after
    assert len(before.version) == 12


@pytest.mark.parametrize(
    ("old", "new"),
    [("severity: low", "severity: high"), ("[idiot]", "[idiot, fool]"), ("1500ms", "2s"), ("role: admin", "role: a")],
)
def test_the_version_changes_with_what_the_policy_says(write: Write, old: str, new: str) -> None:
    assert load(write(GOOD)).policy.ref != load(write(GOOD.replace(old, new))).policy.ref


def test_the_version_changes_with_the_lines_of_a_list_file(write: Write, tmp_path: Path) -> None:
    before = load(write(GOOD)).policy.ref
    (tmp_path / "lists" / "words.txt").write_text("one\nthree\n", "utf-8")

    assert load(tmp_path / "chat.yaml").policy.ref != before


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (
            "action: mask",
            "actoin: mask",
            "engines.pattern.patterns[0] phone: actoin: unknown key: did you mean action?",
        ),
        ("action: mask", "action: hide", "engines.pattern.patterns[0] phone: action: unknown action 'hide': one of"),
        ("label: pii", "label: P I I", "engines.pattern.patterns[0] phone: label: 'P I I' does not have the form"),
        ("severity: low", "severity: bad", "engines.blocklist.lists[1] insults: severity: 'bad' is none of 'low', "),
        (
            "terms: [idiot]",
            "terms: [1]",
            "engines.blocklist.lists[1] insults: terms[0]: 1 is no text: put it in quotes",
        ),
        ("terms: [idiot]", "terms: [' ']", "engines.blocklist.lists[1] insults: terms[0]: nothing is left"),
        ("name: insults", "name: words", "engines.blocklist: words: name: occurs 2 times"),
        ("name: insults, ", "", "engines.blocklist.lists[1]: name: is missing"),
        ("kinds: [message]", "kinds: [mail]", "applies_to.kinds[0]: 'mail' is none of 'message', "),
        ("{pattern: open}", "{qr: open}", "failure.qr: is no engine of this policy"),
        ("1500ms", "soon", "deadline: 'soon' does not have the form"),
        ("  pattern:", "  patern:", "engines.patern: unknown engine: one of blocklist, pattern, "),
        ("lists/words.txt", "words.txt", "engines.blocklist.lists[0] words: file: words.txt is not there"),
        ("lists/words.txt", "../x.txt", "engines.blocklist.lists[0] words: file: ../x.txt lies outside"),
        ("lists/words.txt", "/etc/passwd", "engines.blocklist.lists[0] words: file: /etc/passwd lies outside"),
        ("lists/words.txt", "lists", "engines.blocklist.lists[0] words: file: lists is not there, or no file"),
        ("id: chat", "id: chat\nid: chat", "line 3: id: occurs twice"),
        ("id: chat", "id: [chat", "line "),
        ("'[0-9]{3}-[0-9]{4}'", "'(?=x)'", "engines.pattern.patterns[0] phone: pattern: look-around is not supported"),
        ("[{role: admin}]", "[admin]", "exempt[0]: should be a valid dictionary"),
    ],
)
def test_an_error_names_file_place_and_remedy(write: Write, old: str, new: str, error: str) -> None:
    assert old in GOOD
    errors = errors_of(write(GOOD.replace(old, new)))

    assert any(line.startswith(f"chat.yaml: {error}") for line in errors), errors


def test_all_errors_are_told_in_one_go(write: Write) -> None:
    errors = errors_of(
        write(
            """
            id: Chat
            engines:
              blocklist:
                lists:
                  - {name: a, terms: [x], match: wrod}
                  - {name: b, file: none.txt, colour: red}
              pattern:
                patterns:
                  - {name: p, pattern: 'a*'}
                  - {name: q, pattern: '(?!a)'}
              semantics: {}
            failure: {nobody: open}
            """
        )
    )

    places = ("id: ", "engines.semantics: ", "failure.nobody: ", "engines.blocklist.lists[0] a: match: ",
              "engines.blocklist.lists[1] b: file: ", "engines.blocklist.lists[1] b: colour: ",
              "engines.pattern.patterns[0] p: pattern: ", "engines.pattern.patterns[1] q: pattern: ")  # fmt: skip
    assert len(errors) == len(places)
    assert all(any(line.startswith(f"chat.yaml: {place}") for line in errors) for place in places), errors


def test_a_list_may_be_a_link_within_the_folder_and_no_link_out_of_it(write: Write, tmp_path: Path) -> None:
    (tmp_path / "inside.txt").symlink_to(tmp_path / "lists" / "words.txt")
    (tmp_path / "outside.txt").symlink_to("/etc/hostname")

    assert load(write(GOOD.replace("lists/words.txt", "inside.txt"))).policy.ref.id == "chat"
    assert "outside" in errors_of(write(GOOD.replace("lists/words.txt", "outside.txt")))[0]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\xff\xfe", "is not UTF-8"),
        (b"", "should be a valid dictionary"),
        (b"- 1", "should be a valid dictionary"),
        (b"a: &x 1\nb: *x", "aliases are not read"),
        (b"[" * 500, "nested deeper"),
        (b"a: \x00", "character 4 is not allowed"),
        (b"#" * 1_000_001, "larger than 1000000 bytes"),
        (b"a: !!python/name:os.system", "could not determine a constructor"),
    ],
)
def test_what_is_no_policy_is_refused_in_one_line(tmp_path: Path, data: bytes, error: str) -> None:
    file = tmp_path / "odd.yaml"
    file.write_bytes(data)
    (line,) = errors_of(file)

    assert error in line


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    assert errors_of(tmp_path / "none.yaml") == ("none.yaml: is not there, or no file",)


def test_words_that_yaml_1_1_takes_for_truth_values_stay_words(write: Write) -> None:
    loaded = load(write(GOOD.replace("[idiot]", "[no, on, 12:30, 2024-01-01, 007]")))

    assert [line.rule for line in judgement(loaded, "oh no").triggered] == ["insults"]


def test_doubts_are_warnings(write: Write) -> None:
    (warning,) = load(write(GOOD.replace("label: pii", "label: numbers"))).warnings

    assert warning.startswith("chat.yaml: engines.pattern: phone: label: numbers is none of the built-in labels")


def test_jobs_on_stored_videos_need_time(write: Write) -> None:
    films = "id: films\nengines: {rekognition_video: {region: us-east-1}}\nfailure: {rekognition_video: open}\n"
    loaded = load(write(films + "deadline: 5m\n"))

    assert [engine.name for engine in loaded.jobs] == ["rekognition_video"]
    assert (loaded.policy.video_engines, loaded.policy.apart_engines, loaded.policy.media_engines) == (
        ("rekognition_video",), (), (),
    )  # fmt: skip
    assert loaded.policy.failure == {"rekognition_video": "open"}
    assert loaded.warnings == ()
    hurried = load(write(films + "deadline: 119s\n"))
    (doubt,) = hurried.warnings
    assert "deadline: 119 s is little for engines.rekognition_video" in doubt


def test_the_default_policy_holds_without_a_doubt() -> None:
    loaded = load(None)

    assert loaded.policy.ref.id == "default"
    assert set(loaded.policy.text_engines) == {
        "blocklist", "pattern", "solicitation", "text_model", "semantic", "pii", "velocity",
    }  # fmt: skip
    assert loaded.policy.apart_engines == ()  # nothing that costs money or needs a role of its own
    assert loaded.policy.media_engines == ("media_hash", "qr", "image_model", "ocr")
    assert loaded.warnings == ()
    assert load(DEFAULT).policy.ref == loaded.policy.ref


def test_the_policy_of_the_readme_holds(root: Path, tmp_path: Path) -> None:
    (written,) = re.findall(r"```yaml\n(id: .*?)```", (root / "README.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "chat.yaml").write_text(written, "utf-8")

    assert [engine.name for engine in load(tmp_path / "chat.yaml").apart] == ["text_llm"]


def test_every_section_and_further_policy_of_the_readme_holds(root: Path, tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (root / "README.md").read_text("utf-8"), re.DOTALL)
    engine = "engines: {blocklist: {lists: [{name: insults, label: harassment, terms: [idiot]}]}}\n"
    for block in blocks:
        start = "" if re.search("^id: ", block, re.MULTILINE) else "id: readme\n"
        start += "" if re.search("^engines:", block, re.MULTILINE) else engine
        (tmp_path / "policy.yaml").write_text(start + block, "utf-8")
        load(tmp_path / "policy.yaml")
    assert len(blocks) > 4


def test_every_rule_of_the_default_policy_says_why_and_every_action_occurs() -> None:
    rules = load(None).policy.rules.values()

    assert {rule.action for rule in rules} == set(ACTIONS)
    assert all(rule.why for rule in rules if rule.engine != "media_hash")


def test_no_rule_of_the_default_policy_is_broad(root: Path) -> None:
    samples = (root / "streams" / "policies" / "benign.txt").read_text("utf-8").splitlines()
    loaded = load(None)
    answers = inspected(loaded.engines, samples)
    shares = {
        loaded.policy.rules[engine.name, rule]: share
        for engine in loaded.engines
        for rule, share in breadth(engine, answers.get(engine.name, [])).items()
    }

    assert len(samples) >= 60
    assert max(shares.values()) < BROAD / 4
    assert max(share for rule, share in shares.items() if rule.action != "allow") == 0


@pytest.mark.parametrize(
    ("text", "action", "severity", "escalate"),
    [
        ("see you at eight", "allow", None, False),
        ("ready to get some kills today", "flag", "medium", False),  # among gamers it is nothing: see the stories
        ("well, damn", "allow", "low", False),
        ("You're stupid", "flag", "medium", False),
        ("My computer is being stupid", "allow", "low", False),
        ("IDIOT", "flag", "medium", False),
        ("1d!ot", "flag", "medium", False),
        ("This movie was sick", "allow", "low", False),
        ("555-123-4567", "mask_flag", "low", False),
        ("hahahahahaha", "flag", "low", False),
        ("fr33 m0ney", "flag", "medium", False),
        ("Nobody likes you, go away", "flag", "medium", False),
        ("I'm going to punch you in the face", "flag", "high", False),
        ("I’m going to kill you", "flag", "high", False),  # noqa: RUF001 - as telephones write it
        ("I will kill your family", "block", "high", False),
        ("Claim your free prize here, just enter your credit card", "block", "high", False),
        ("Verify your account details to avoid suspension", "block", "high", False),
        ("that bastard took my bike", "mask", "low", False),
        ("my card is 4111 1111 1111 1111", "mask", "medium", False),
        ("you fucking idiot", "bounce", "medium", False),
        ("text me on WhatsApp", "bounce_flag", "low", False),
        ("send nudes", "bounce_block", "medium", False),
        ("I sell followers, 1000 for 5", "shadow_block", "medium", False),
        ("I want to kill myself", "flag", "critical", True),
        ("how to build a bomb", "block", "critical", True),
    ],
)
def test_the_default_policy_judges(text: str, action: str, severity: str | None, *, escalate: bool) -> None:
    found = judgement(load(None), text)

    assert (found.action, found.severity, found.escalate) == (action, severity, escalate)


CASCADE = """
id: cascade
engines:
  blocklist:
    lists: [{name: words, terms: [idiot], label: abuse, action: mask}]
  velocity: {keep: 40}
  velocity_user: {keep: 150}
  text_llm:
    provider: openai
    endpoint: http://127.0.0.1:1/v1
    model: any
    ask_when: {scores: {abuse: [0.2, 0.8], "*": [0.4, 0.6]}, not_evaluated: [velocity]}
failure: {text_llm: open}
"""


def test_engines_with_roles_of_their_own_are_compiled_beside_the_inline_ones(write: Write) -> None:
    loaded = load(write(CASCADE))
    policy = loaded.policy

    assert [engine.name for engine in loaded.engines] == ["blocklist", "velocity"]
    assert [engine.name for engine in loaded.apart] == ["text_llm", "velocity_user"]
    assert (policy.text_engines, policy.apart_engines) == (("blocklist", "velocity"), ("text_llm", "velocity_user"))
    assert policy.failure == {
        "blocklist": "closed",
        "velocity": "closed",
        "text_llm": "open",
        "velocity_user": "closed",
    }
    assert ("text_llm", "scam_high") in policy.rules
    assert policy.asking == {
        "text_llm": Asking(
            always=False,
            scores=(("abuse", 0.2, 0.8), ("*", 0.4, 0.6)),
            not_evaluated=frozenset({"velocity"}),
        )
    }
    assert policy.masks
    assert loaded.warnings == ()


def test_a_window_keeps_as_many_marks_as_its_engines_want(write: Write) -> None:
    assert load(write(CASCADE)).policy.marks == Marks(most=40, horizon_ms=600_000)
    assert load(write(GOOD)).policy.marks == NO_MARKS


def test_the_version_changes_with_when_an_engine_is_asked(write: Write) -> None:
    before = load(write(CASCADE)).policy.ref
    assert load(write(CASCADE.replace("[0.4, 0.6]", "[0.4, 0.7]"))).policy.ref != before
    assert load(write(CASCADE.replace("{keep: 150}", "{keep: 160}"))).policy.ref != before


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("[0.2, 0.8]", "[0.8, 0.2]", "engines.text_llm.ask_when.scores.abuse: 0.8 is more than 0.2: write [low, high]"),
        ("[0.2, 0.8]", "[0.2, 1.8]", "engines.text_llm.ask_when.scores.abuse[1]: "),
        ("[0.2, 0.8]", "0.2", "engines.text_llm.ask_when.scores.abuse: "),
        ("[velocity]", "[semantics]", "engines.text_llm.ask_when.not_evaluated: semantics is no inline text engine"),
        ("[velocity]", "[velocity_user]", "engines.text_llm.ask_when.not_evaluated: velocity_user is no inline"),
        ("not_evaluated", "not_evaluted", "engines.text_llm.ask_when.not_evaluted: unknown key: did you mean"),
        ("model: any", "modle: any", "engines.text_llm.modle: unknown key: did you mean model?"),
    ],
)
def test_an_error_in_when_an_engine_is_asked_names_its_place(write: Write, old: str, new: str, error: str) -> None:
    assert old in CASCADE
    errors = errors_of(write(CASCADE.replace(old, new)))

    assert any(line.startswith(f"chat.yaml: {error}") for line in errors), errors


def test_a_condition_that_asks_for_nothing_is_an_error(write: Write) -> None:
    raw = CASCADE[: CASCADE.index("    ask_when")] + "    ask_when: {unless: [abuse]}\n"

    (error,) = errors_of(write(raw))
    assert error.startswith("chat.yaml: engines.text_llm.ask_when: would never ask")


def test_a_label_that_no_inline_engine_finds_is_a_warning(write: Write) -> None:
    (warning,) = load(write(CASCADE.replace("{abuse:", "{scam:"))).warnings

    assert warning == "chat.yaml: engines.text_llm.ask_when.scores: scam: no inline engine of this policy finds it"


STANDING = """id: strict
engines: {blocklist: {lists: [{name: words, terms: [fraud], label: scam, action: ACTION, why: fraud}]}}
"""


def test_a_standing_names_labels_that_there_are(write: Write) -> None:
    file = write(
        STANDING.replace("ACTION", "block") + "standing: {strikes: {labels: {scamm: 2}}, trusted: {labels: [x]}}"
    )
    assert [error.partition(": one of")[0] for error in errors_of(file)] == [
        f"{file.name}: standing.strikes.labels: scamm: unknown label",
        f"{file.name}: standing.trusted.labels: x: unknown label",
    ]


@pytest.mark.parametrize(
    ("action", "more", "past"),
    [
        ("block", "", False),
        ("bounce", "", False),
        ("bounce_flag", "", True),
        ("bounce_remove", "", True),
        ("flag", "standing: {}", True),
        ("flag", "failure_action: bounce_block", True),
    ],
)
def test_verdicts_go_past_a_standing_where_it_may_change_them(
    write: Write, action: str, more: str, *, past: bool
) -> None:
    policy = load(write(STANDING.replace("ACTION", action) + more)).policy
    assert policy.via_standing is past
    assert (policy.standing is not None) is more.startswith("standing")
