"""The roles that policies need together."""

from pathlib import Path

from streams.adapters.policies import load
from streams.cli.needing import roles_for
from streams.settings import Settings
from streams.topology import ALWAYS

PLAIN = "id: plain\nengines: {blocklist: {lists: [{name: words, terms: [idiot], label: abuse}]}}\n"
EFFECTS = PLAIN + "effects: [{name: marks, sink: s3, work: tag, on: [flag]}]\n"


def test_policies_need_together_what_one_of_them_needs(tmp_path: Path) -> None:
    policies = []
    for number, document in enumerate((PLAIN, EFFECTS)):
        file = tmp_path / f"{number}.yaml"
        file.write_text(document, "utf-8")
        policies.append(load(file).policy)
    assert roles_for(policies[:1], Settings()) == ALWAYS
    assert roles_for(policies, Settings()) == (*ALWAYS, "execute")
    assert roles_for([], Settings(sqs_queue="http://127.0.0.1:1/q")) == (*ALWAYS, "bridge")
