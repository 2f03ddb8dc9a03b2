import asyncio
import json
from pathlib import Path
from time import time

import pytest

from streams.adapters.asking import ANSWERERS, asker
from streams.adapters.breaker import FAILURES
from streams.adapters.policies import load
from streams.adapters.secret import NoSecret
from streams.core.finding import Cost
from streams.core.judgement import judgement_on
from streams.engines.catalog import APART
from tests.unit.adapters.endpoint import HANGS, Endpoint, completion, labelled, task
from tests.unit.core.given import facts

POLICY = """
id: chat
engines:
  text_llm:
    provider: openai
    model: small
    endpoint: {url}/v1
    api_key_file: {key}
    labels:
      - name: scam
        action: {{high: block, why: fraud}}
      - name: trading_advice
        description: Says which shares to buy or sell.
        action: {{low: flag, mode: shadow}}
"""


def written(folder: Path, url: str) -> Path:
    """Return the file of a policy whose model listens at an address."""
    file = folder / "chat.yaml"
    file.write_text(POLICY.format(url=url, key=folder / "key"))
    return file


async def test_what_a_policy_says_is_asked_and_judged(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-1")
    reply = completion(json.dumps(labelled(("scam", "high", "prize"), ("trading_advice", "low"))))
    async with Endpoint(reply) as endpoint:
        loaded = load(written(tmp_path, endpoint.url))
        (engine,) = loaded.apart
        ask = asker(engine)
        answer, cost = await ask(task("your prize waits", deadline_at=int(time() * 1000) + 30_000))
        await ask.close()

    judgement = judgement_on(loaded.policy, facts(), [("text_llm", answer)])
    assert (judgement.action, judgement.severity, cost) == ("block", "high", Cost(calls=1))
    assert [(one.rule, one.why) for one in judgement.triggered] == [("scam_high", "fraud")]
    assert [one.rule for one in judgement.shadow] == ["trading_advice_low"]


async def test_texts_that_wait_for_their_turn_when_the_circuit_opens_are_not_asked_about(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-1")
    async with Endpoint(HANGS) as endpoint:
        file = written(tmp_path, endpoint.url)
        file.write_text(file.read_text() + "    timeout: 100ms\n    attempts: 1\n    concurrency: 2\n")
        (engine,) = load(file).apart
        ask = asker(engine)
        deadline = int(time() * 1000) + 30_000
        texts = [task(f"text {number}", deadline_at=deadline) for number in range(40)]
        answers = await asyncio.gather(*(ask(each) for each in texts))
        await ask.close()

    assert len(endpoint.requests) <= FAILURES + 1
    assert [answer.reason for answer, _ in answers].count("circuit_open") == 40 - len(endpoint.requests)


def test_a_policy_can_be_checked_where_its_secrets_are_not(tmp_path: Path) -> None:
    (engine,) = load(written(tmp_path, "http://127.0.0.1:1")).apart

    with pytest.raises(NoSecret):
        asker(engine)


def test_every_engine_apart_but_the_one_with_state_of_its_own_is_asked_here() -> None:
    assert set(ANSWERERS) == set(APART) - {"velocity_user"}
