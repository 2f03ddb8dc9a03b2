"""A language model on loopback for whole streams: speaks chat completions and Converse, answers as a test tells it."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from tests.loopback.served import Served
from tests.unit.adapters.endpoint import Endpoint, Reply, Request, completion, tool_use
from tests.unit.engines.canaries import block

CONVERSE: Final = "/converse"

# What it makes of a text: the JSON value of its report, or an answer that is none.
Judgement = Callable[[str], dict[str, Any] | Reply]


def asked_about(request: Request) -> dict[str, Any]:
    """Return the data block of a request in either protocol: `text`, `context`, `kind`."""
    (*_, turn) = request.json["messages"]
    content = turn["content"]
    found: dict[str, Any] = block(content if isinstance(content, str) else content[0]["text"])
    return found


class _Judging(Endpoint):
    """Answers by the text that it is asked about, in the protocol in which it is asked."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__()
        self._judgement = judgement

    def reply(self, request: Request) -> Reply:
        """Return the judgement on the text of a request."""
        said = self._judgement(asked_about(request)["text"])
        if isinstance(said, Reply):
            return said
        if request.path.endswith(CONVERSE):
            (tool,) = request.json["toolConfig"]["tools"]
            return tool_use((tool["toolSpec"]["name"], said))
        return completion(json.dumps(said))


class Model(Served[_Judging]):
    """The server in a thread of its own. A context manager."""

    def __init__(self, judgement: Judgement) -> None:
        """Take what it makes of each text; called in its thread."""
        super().__init__(_Judging(judgement))

    @property
    def requests(self) -> list[Request]:
        """Return what it was asked so far, in order."""
        return list(self.endpoint.requests)

    def times(self, including: str = "") -> Counter[str]:
        """Return how often it was asked about each text that includes some words."""
        texts = (asked_about(request)["text"] for request in self.requests)
        return Counter(text for text in texts if including in text)
