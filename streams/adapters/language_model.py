"""Texts put to a language model: a task in, the engine's prompt asked, its reading of the reply out."""

from typing import Any, Protocol

from streams.adapters.attempts import Allowance, Attempts
from streams.adapters.fault import Fault
from streams.core.finding import Answer
from streams.core.task import TextTask
from streams.engines.text_llm import Prompt, TextLlm


class Chat(Protocol):
    """One model of one provider."""

    async def reply(self, prompt: Prompt) -> Any:
        """Return the JSON value that the model answers with; raise Fault."""

    async def close(self) -> None:
        """Close the connections."""


class LanguageModel:
    """Answers for the engine `text_llm`."""

    def __init__(self, engine: TextLlm, chat: Chat, attempts: Attempts) -> None:
        self._engine = engine
        self._chat = chat
        self._attempts = attempts

    def key(self, task: TextTask) -> str:
        """Return all of a task that the answer depends on."""
        return self._engine.prompt(task).data

    async def __call__(self, task: TextTask, allowance: Allowance) -> Answer:
        """Return what the model says of a text; raise Fault."""
        prompt = self._engine.prompt(task)
        try:
            reply = await self._attempts(lambda: self._chat.reply(prompt), allowance)
        except Fault as fault:
            if fault.kind == "refusal":
                return self._engine.refused(fault.reason)
            raise
        return self._engine.parsed(reply, task.text)

    async def close(self) -> None:
        """Close the connections."""
        await self._chat.close()
