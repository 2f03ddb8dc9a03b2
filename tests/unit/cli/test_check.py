"""`moderation check`: one line out for each line in, the same judging as in the stream."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from streams.embedded.pictures import Picture, pictures
from tests.unit.cli.conftest import Ran, lines, message, upload

Moderation = Callable[..., Ran]


@pytest.fixture(scope="module")
def drawn() -> dict[str, Picture]:
    """Return the sample's pictures by name."""
    return {picture.name: picture for picture in pictures()}


def test_each_line_gives_its_decision_in_the_same_order(moderation: Moderation, policy: str) -> None:
    records = [message(f"m{number}", "you idiot" if number % 3 == 0 else "hello") for number in range(30)]
    ran = moderation("check", "--policy", policy, stdin=lines(*records))
    assert ran.code == 0
    assert [line["content_id"] for line in ran.lines] == [f"m{number}" for number in range(30)]
    assert [line["action"] for line in ran.lines] == ["flag", "allow", "allow"] * 10
    assert ran.err == ""


def test_a_decision_explains_itself(moderation: Moderation, policy: str) -> None:
    ran = moderation("check", "--policy", policy, stdin=lines(message("m1", "call 555-201-4477 now")))
    (decision,) = ran.lines
    assert decision["masked_text"] == "call **** now"
    assert decision["triggered"][0]["rule"] == "phone"
    assert decision["triggered"][0]["evidence"] == [{"span": [5, 17]}]
    assert decision["received_at"] == "2026-01-31T12:00:00.000Z"
    assert decision["policy"]["id"] == "chat"


def test_a_rule_in_shadow_mode_is_told_and_does_nothing(moderation: Moderation, policy: str) -> None:
    (decision,) = moderation("check", "--policy", policy, stdin=lines(message("m1", "buy now"))).lines
    assert decision["action"] == "allow"
    assert [shadow["rule"] for shadow in decision["shadow"]] == ["tried"]


def test_a_text_is_judged_with_the_last_ten_of_its_conversation(moderation: Moderation, policy: str) -> None:
    records = [message(f"m{n}", conversation_id="even" if n % 2 == 0 else "odd") for n in range(30)]
    decisions = moderation("check", "--policy", policy, stdin=lines(*records)).lines
    assert decisions[28]["context"] == [f"m{n}" for n in range(8, 28, 2)]
    assert decisions[5]["context"] == ["m1", "m3"]


def test_the_window_reaches_over_batches(moderation: Moderation, policy: str) -> None:
    filler = "x" * 1000
    records = [message(f"m{n}", filler, conversation_id="c") for n in range(400)]  # 450 kB: several reads
    decisions = moderation("check", "--policy", policy, stdin=lines(*records)).lines
    assert all(
        decision["context"] == [f"m{n}" for n in range(max(0, place - 10), place)]
        for place, decision in enumerate(decisions)
    )


def test_an_invalid_line_keeps_its_place_and_the_rest_is_judged(moderation: Moderation, policy: str) -> None:
    ran = moderation(
        "check",
        "--policy",
        policy,
        stdin=lines(
            message("m1"),
            b'{"content_id": "m2"',
            {**message("m3"), "user": {}},
            b"",
            b"[1, 2]",
            b"\xff\xfe",
            b"[" * 10_000,
            message("m4", "x" * 20_001),
            message("m5", "you idiot"),
        ),
    )
    assert ran.code == 1
    assert ran.err == "moderation: 7 of 9 lines are invalid: see the lines with `error`\n"
    assert ran.lines[0]["action"] == "allow"
    assert ran.lines[1] == {"error": "truncated", "line": 2}
    assert ran.lines[2] == {"error": "missing_field", "field": "user.id", "line": 3}
    assert ran.lines[3] == {"error": "empty", "line": 4}
    assert [line["line"] for line in ran.lines[4:8]] == [5, 6, 7, 8]
    assert all("error" in line for line in ran.lines[4:8])
    assert ran.lines[7]["field"] == "text"
    assert ran.lines[8]["action"] == "flag"


def test_a_line_longer_than_a_record_may_be_is_invalid(moderation: Moderation, policy: str) -> None:
    ran = moderation("check", "--policy", policy, stdin=lines(b'{"a":"' + b"x" * 2_000_000 + b'"}', message("m2")))
    assert ran.lines[0] == {"error": "too_large", "line": 1}
    assert ran.lines[1]["content_id"] == "m2"
    assert ran.code == 1


def test_an_error_line_never_holds_the_text(moderation: Moderation, policy: str) -> None:
    ran = moderation("check", "--policy", policy, stdin=lines({**message("m1", "my secret"), "kind": "my secret"}))
    assert "secret" not in ran.out + ran.err


def test_a_content_id_that_comes_again_gets_no_second_decision(moderation: Moderation, policy: str) -> None:
    again = message("m1", "you idiot", conversation_id="c")
    ran = moderation("check", "--policy", policy, stdin=lines(again, message("m2", conversation_id="c"), again))
    assert ran.code == 0
    assert ran.lines[2] == {"repeated": True, "content_id": "m1", "line": 3}
    assert ran.lines[1]["context"] == ["m1"]


def test_the_last_line_needs_no_end_and_no_input_is_no_error(moderation: Moderation, policy: str) -> None:
    assert len(moderation("check", "--policy", policy, stdin=lines(message("m1"), message("m2")).rstrip()).lines) == 2
    assert moderation("check", "--policy", policy) == Ran(0, "", "")


def test_line_ends_of_windows_and_a_byte_order_mark_do_no_harm(moderation: Moderation, policy: str) -> None:
    stdin = b"\xef\xbb\xbf" + lines(message("m1"), message("m2")).replace(b"\n", b"\r\n")
    ran = moderation("check", "--policy", policy, stdin=stdin)
    assert [line["action"] for line in ran.lines] == ["allow", "allow"]


def test_scores_name_every_label_that_an_engine_looked_for(moderation: Moderation, policy: str) -> None:
    ran = moderation("check", "--policy", policy, "--scores", stdin=lines(message("m1", "idiot"), message("m2")))
    assert ran.lines[0]["scores"] == {"abuse": 1.0, "pii": 0.0, "spam": 0.0}
    assert ran.lines[1]["scores"] == {"abuse": 0.0, "pii": 0.0, "spam": 0.0}


def test_a_rule_in_shadow_mode_scores(moderation: Moderation, policy: str) -> None:
    (line,) = moderation("check", "--policy", policy, "--scores", stdin=lines(message("m1", "buy now"))).lines
    assert line["scores"]["spam"] == 1.0


def test_without_scores_there_are_none(moderation: Moderation, policy: str) -> None:
    assert "scores" not in moderation("check", "--policy", policy, stdin=lines(message("m1"))).lines[0]


def test_without_a_policy_the_shipped_one_judges(moderation: Moderation) -> None:
    ran = moderation("check", stdin=lines(message("m1", "call 555-201-4477")), env={"MODERATION_POLICY": None})
    (decision,) = ran.lines
    assert decision["policy"]["id"] == "default"
    assert decision["action"] == "mask_flag"


def test_the_policy_of_the_settings_judges_when_none_is_named(moderation: Moderation, policy: str) -> None:
    ran = moderation("check", stdin=lines(message("m1")), env={"MODERATION_POLICY": policy})
    assert ran.lines[0]["policy"]["id"] == "chat"


def test_a_line_with_a_location_is_an_upload_and_its_picture_is_looked_at(
    moderation: Moderation, tmp_path: Path, drawn: dict[str, Picture]
) -> None:
    (tmp_path / "bad.png").write_bytes(drawn["qr-shortener"].data or b"")
    (tmp_path / "good.png").write_bytes(drawn["bike"].data or b"")
    ran = moderation(
        "check",
        "--scores",
        stdin=lines(
            upload("p1", str(tmp_path / "bad.png")),
            message("m1", "hello"),
            upload("p2", str(tmp_path / "good.png")),
        ),
    )
    assert ran.code == 0
    bad, text, good = ran.lines
    assert (bad["content_id"], bad["kind"], bad["action"]) == ("p1", "image", "block")
    assert bad["triggered"][0]["evidence"][0]["payload"] == "https://bit.ly/3xAmPle"
    assert bad["scores"]["qr_code"] == 1.0
    assert text["kind"] == "message"
    assert (good["action"], good["scores"]["qr_code"]) == ("allow", 0.0)
    assert {report["engine"] for report in good["reports"]} >= {"qr", "media_hash"}


def test_the_picture_of_a_text_is_looked_at_and_its_decision_keeps_its_place(
    moderation: Moderation, tmp_path: Path, drawn: dict[str, Picture]
) -> None:
    (tmp_path / "code.png").write_bytes(drawn["qr-address"].data or b"")
    attached = [{"kind": "image", "path": str(tmp_path / "code.png")}]
    ran = moderation(
        "check",
        stdin=lines(
            message("m1", "look", attachments=attached, conversation_id="c"),
            message("m2", "yes", conversation_id="c"),
        ),
    )
    first, second = ran.lines
    assert (first["content_id"], first["action"]) == ("m1", "block")
    assert first["triggered"][0]["evidence"][0]["attachment"] == 0
    assert second["context"] == ["m1"]


def test_a_picture_that_is_gone_or_broken_is_held_and_the_decision_says_partial(
    moderation: Moderation, tmp_path: Path
) -> None:
    (tmp_path / "text.png").write_bytes(b"no picture at all")
    ran = moderation(
        "check",
        stdin=lines(upload("p1", str(tmp_path / "nowhere.png")), upload("p2", str(tmp_path / "text.png"))),
    )
    assert ran.code == 0
    assert [line["action"] for line in ran.lines] == ["flag", "flag"]
    assert ran.lines[0]["partial"]


def test_an_upload_that_comes_again_gets_no_second_decision(moderation: Moderation, tmp_path: Path) -> None:
    Image.new("RGB", (32, 32), "white").save(tmp_path / "white.png")
    one = upload("p1", str(tmp_path / "white.png"))
    ran = moderation("check", stdin=lines(one, one))
    assert ran.lines[0]["action"] == "allow"
    assert ran.lines[1] == {"repeated": True, "content_id": "p1", "line": 2}


def test_the_caption_of_an_upload_is_judged_by_a_policy_without_media_engines(
    moderation: Moderation, policy: str
) -> None:
    captioned = upload("p1", "unread.png", caption="what an idiot")
    ran = moderation("check", "--policy", policy, "--scores", stdin=lines(captioned, upload("p2", "unread.png")))
    assert [line["action"] for line in ran.lines] == ["flag", "allow"]
    assert ran.lines[0]["scores"]["abuse"] == 1.0
    assert ran.lines[1]["scores"] == {}


def test_a_message_that_speaks_of_a_location_is_a_message(moderation: Moderation, policy: str) -> None:
    records = message("m1", custom={"location": {"path": "x"}}), message("m2", '"location"')
    ran = moderation("check", "--policy", policy, stdin=lines(*records))
    assert [line["kind"] for line in ran.lines] == ["message", "message"]


def test_a_policy_that_is_wrong_is_told_in_one_line(moderation: Moderation, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("id: chat\nengines: {blocklst: {}}\n", "utf-8")
    ran = moderation("check", "--policy", str(wrong), stdin=lines(message("m1")))
    assert ran.code == 78
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 1
    assert "blocklst" in ran.err


def test_a_policy_file_that_is_not_there_is_wrong_usage(moderation: Moderation) -> None:
    ran = moderation("check", "--policy", "nowhere.yaml")
    assert ran.code == 2
    assert ran.err.startswith("moderation: ")
    assert len(ran.err.splitlines()) == 1


def test_a_job_on_a_stored_video_needs_a_worker(moderation: Moderation, tmp_path: Path) -> None:
    films = tmp_path / "films.yaml"
    films.write_text("id: films\nengines: {rekognition_video: {region: us-east-1}}\ndeadline: 5m\n", "utf-8")
    video = upload("v1", "unused", kind="video", location={"bucket": "media", "key": "v.mp4"})
    (decision,) = moderation("check", "--policy", str(films), stdin=lines(video)).lines
    (report,) = decision["reports"]
    assert (report["engine"], report["status"], report["reason"]) == (
        "rekognition_video", "not_evaluated", "needs_worker",
    )  # fmt: skip


def test_a_picture_is_not_paid_for_without_a_worker_that_remembers_it(moderation: Moderation, tmp_path: Path) -> None:
    paid = tmp_path / "paid.yaml"
    paid.write_text("id: paid\nengines: {qr: {}, rekognition: {region: us-east-1}}\n", "utf-8")
    (tmp_path / "i.png").write_bytes(b"no picture")
    picture = upload("i1", str(tmp_path / "i.png"))
    (decision,) = moderation("check", "--policy", str(paid), stdin=lines(picture)).lines
    told = [(report["engine"], report["status"], report["reason"]) for report in decision["reports"]]
    assert told == [("qr", "error", "not_an_image"), ("rekognition", "not_evaluated", "needs_worker")]


APART = """
id: cascade
engines:
  blocklist:
    lists: [{name: insults, terms: [idiot], label: harassment, action: mask}]
  velocity_user:
    limits: [{name: spread_text, kind: same_text, most: 2, within: 10m, min_length: 0}]
    keep: 20
  text_llm:
    provider: openai
    endpoint: http://127.0.0.1:1/v1
    model: none
    attempts: 1
    ask_when: {labels: [harassment]}
"""


@pytest.fixture
def cascade(tmp_path: Path) -> str:
    """Return the path of a policy with engines that have roles of their own in the stream."""
    path = tmp_path / "cascade.yaml"
    path.write_text(APART, "utf-8")
    return str(path)


def test_an_author_is_counted_over_all_conversations_in_the_order_of_the_lines(
    moderation: Moderation, cascade: str
) -> None:
    records = [
        message(f"m{number}", "a lamp for sale", conversation_id=f"c{number}", user={"id": user})
        for number, user in enumerate(["ann", "bob"] * 20)
    ]
    decisions = moderation("check", "--policy", cascade, "--scores", stdin=lines(*records)).lines
    counts = [line["evidence"][0]["count"] for decision in decisions for line in decision["triggered"]]
    assert counts == [count for count in range(3, 21) for _ in range(2)]
    assert [decision["scores"]["spam"] for decision in decisions] == [0.0] * 4 + [1.0] * 36


def test_an_engine_that_cannot_be_reached_is_told_and_holds_the_text(moderation: Moderation, cascade: str) -> None:
    records = [message("m1", "good morning"), message("m2", "you idiot")]
    fine, rude = moderation("check", "--policy", cascade, "--scores", stdin=lines(*records)).lines
    assert {report["engine"]: report["status"] for report in fine["reports"]} == {
        "blocklist": "ok",
        "velocity_user": "ok",
    }
    assert {report["engine"]: report["status"] for report in rude["reports"]}["text_llm"] == "error"
    assert (rude["action"], rude["masked_text"], rude["partial"]) == ("mask_flag", "you ****", True)
    assert "scam" not in rude["scores"]


def test_a_masked_preview_shows_the_picture_without_what_the_policy_masks(
    moderation: Moderation, tmp_path: Path
) -> None:
    page = Image.new("RGB", (500, 160), "white")
    ImageDraw.Draw(page).text((20, 20), "nothing to see", "black", ImageFont.load_default(30))
    ImageDraw.Draw(page).text((20, 90), "mail jane.roe@example.com", "black", ImageFont.load_default(30))
    page.save(tmp_path / "page.png")
    rules = tmp_path / "rules.yaml"
    rules.write_text("id: p\nengines: {pii: {types: {email: mask}}, ocr: {}}\n")
    shown = tmp_path / "shown"
    shown.mkdir()
    record = upload("../a/b", str(tmp_path / "page.png"))
    ran = moderation("check", "--policy", str(rules), "--masked-preview", str(shown), stdin=lines(record))
    assert ran.lines[0]["action"] == "mask"
    (left, top, right, bottom) = ran.lines[0]["triggered"][0]["evidence"][0]["box"]
    assert [file.name for file in shown.iterdir()] == ["..%2Fa%2Fb.png"]
    with Image.open(shown / "..%2Fa%2Fb.png") as preview:
        pixels = np.asarray(preview)
    assert not pixels[top:bottom, left:right].any()
    assert (pixels[:60] == np.asarray(page)[:60]).all()
