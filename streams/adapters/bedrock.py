"""Bedrock: a prompt in, through Converse with one forced tool, what the model put into the tool out."""

from collections.abc import Mapping
from typing import Any, Final

from streams.adapters.aws import Service
from streams.adapters.fault import Fault, Reason
from streams.engines.text_llm import Prompt, TextLlm

TOOL: Final = "report_labels"
DESCRIPTION: Final = "Reports the labels and severities that the text deserves."

# Anything else than a tool's use is no answer. The two refusals are normal on hostile texts.
REFUSALS: Final[Mapping[str, Reason]] = {
    "guardrail_intervened": "guardrail_intervened",
    "content_filtered": "content_filtered",
}
STOPS: Final[Mapping[str, Reason]] = {
    "max_tokens": "cut_off",
    "model_context_window_exceeded": "too_large",
    "end_turn": "prose",
}


class Bedrock:
    """Asks one model of Bedrock."""

    def __init__(self, engine: TextLlm, timeout: float) -> None:
        """Take the engine whose questions are asked, and the seconds for one request."""
        config = engine.config
        self._service = Service("bedrock-runtime", config.region or "", config.endpoint, timeout, config.concurrency)
        inference: dict[str, Any] = {"maxTokens": config.max_tokens}
        if config.temperature is not None:
            inference["temperature"] = config.temperature
        tool = {"name": TOOL, "description": DESCRIPTION, "strict": True, "inputSchema": {"json": engine.schema}}
        self._request: dict[str, Any] = {
            "modelId": config.model,
            "inferenceConfig": inference,
            "toolConfig": {"tools": [{"toolSpec": tool}], "toolChoice": {"tool": {"name": TOOL}}},
        }
        if config.guardrail is not None:
            self._request["guardrailConfig"] = {
                "guardrailIdentifier": config.guardrail.id,
                "guardrailVersion": config.guardrail.version,
                "trace": "disabled",  # a trace would quote the text
            }

    async def reply(self, prompt: Prompt) -> Any:
        """Return the JSON value that the model answers with; raise Fault."""
        request = {
            **self._request,
            "system": [{"text": prompt.instructions}],
            "messages": [{"role": "user", "content": [{"text": prompt.data}]}],
        }
        return tool_input(await self._service.call(lambda client: client.converse(**request)))

    async def close(self) -> None:
        """Close the connections."""
        await self._service.close()


def tool_input(answer: Any) -> Any:
    """Return what the one forced tool was given in an answer of Converse; raise Fault for any other answer.

    boto3 hands an empty, foreign or cut-off body over as an answer without fields: nothing is taken for granted.
    """
    stop = answer.get("stopReason") if isinstance(answer, dict) else None
    if not isinstance(stop, str):
        raise Fault("garbled", "retry")
    if stop in REFUSALS:
        raise Fault(REFUSALS[stop], "refusal")
    if stop != "tool_use":
        raise Fault(STOPS.get(stop, "wrong_stop"), "item")
    try:
        blocks = answer["output"]["message"]["content"]
        uses = [block["toolUse"] for block in blocks if "toolUse" in block]
        named = [(use["name"], use["input"]) for use in uses]
    except (AttributeError, KeyError, TypeError):
        raise Fault("garbled", "retry") from None
    if not named:
        raise Fault("empty_answer", "item")
    if len(named) > 1:
        raise Fault("several_tools", "item")
    if named[0][0] != TOOL:
        raise Fault("wrong_tool", "item")
    return named[0][1]
