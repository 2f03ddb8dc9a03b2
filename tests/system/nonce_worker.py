"""A worker whose judge adds a random nonce to each reason, so that judging twice shows.

python tests/system/nonce_worker.py ROLE
"""

import logging
import secrets
import sys
from typing import cast

import msgspec

from streams.app import start
from streams.core.decision import Decision, ReportSummary
from streams.core.facts import Answers, Facts
from streams.core.judge import judged
from streams.core.policy import Policy
from streams.settings import Settings
from streams.topology import Role


def with_nonce(
    policy: Policy, facts: Facts, answers: Answers, reports: tuple[ReportSummary, ...], now: int
) -> Decision:
    """Return the decision with 64 random bits in its reason."""
    decision = judged(policy, facts, answers, reports, now)
    return msgspec.structs.replace(decision, reason=f"{decision.reason}; nonce {secrets.token_hex(8)}")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("aiokafka", "faust", "mode", "botocore", "boto3", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
    start(Settings(), cast("Role", sys.argv[1]), judge=with_nonce)
