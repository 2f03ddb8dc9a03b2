"""Clients of engines: one for each configuration, closed when nobody can want it."""

import asyncio
import logging
from dataclasses import dataclass, field

import pytest
from pydantic import BaseModel

from streams.agents.clients import Clients


class Config(BaseModel):
    """What tells one engine from another."""

    model: str


@dataclass
class Engine:
    """An engine with a configuration."""

    model: str
    version: str = "1"
    name: str = "text_llm"

    @property
    def config(self) -> Config:
        """Return the configuration."""
        return Config(model=self.model)


@dataclass
class Client:
    """Asks for one engine."""

    engine: Engine
    closed: bool = False

    async def close(self) -> None:
        """Close it."""
        self.closed = True


@dataclass
class World:
    """What the policies name now, and all clients that were made."""

    current: list[Engine] = field(default_factory=list)
    made: list[Client] = field(default_factory=list)

    def clients(self, linger: float = 0.0) -> Clients[Engine, Client]:
        """Return the clients of a role."""

        def make(engine: Engine) -> Client:
            self.made.append(Client(engine))
            return self.made[-1]

        return Clients(make, Client.close, lambda: self.current, linger)


async def test_engines_that_are_configured_alike_share_a_client() -> None:
    world = World()
    clients = world.clients()
    async with clients.using(Engine("a")) as first, clients.using(Engine("a")) as second:
        assert first is second
    async with clients.using(Engine("a", version="2")) as other, clients.using(Engine("b")) as another:
        assert len({id(client) for client in (first, other, another)}) == 3


async def test_what_the_policies_name_is_made_at_the_beginning_or_fails_there() -> None:
    world = World([Engine("a"), Engine("a"), Engine("b")])
    world.clients().begin()
    assert [client.engine.model for client in world.made] == ["a", "b"]

    def refuses(_: Engine) -> Client:
        raise ValueError("no key")

    with pytest.raises(ValueError, match="no key"):
        Clients(refuses, Client.close, lambda: [Engine("a")]).begin()


async def test_a_client_that_no_policy_names_is_closed_when_nobody_uses_it() -> None:
    world = World([Engine("a")])
    clients = world.clients()
    clients.begin()
    world.current = [Engine("b")]
    async with clients.using(Engine("a")):
        async with clients.using(Engine("b")):
            pass
        assert not world.made[0].closed
    async with clients.using(Engine("b")):
        pass
    assert [client.closed for client in world.made] == [True, False]
    assert len(clients) == 1


async def test_what_was_used_a_moment_ago_stays_for_what_still_lies_in_the_log() -> None:
    world = World([Engine("b")])
    clients = world.clients(linger=60.0)
    for _ in range(2):
        for model in "ab":
            async with clients.using(Engine(model)):
                pass
    assert [client.engine.model for client in world.made] == ["a", "b"]
    assert not any(client.closed for client in world.made)


async def test_a_client_that_cannot_be_closed_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def fails(_: Client) -> None:
        raise OSError("token=secret")

    clients = Clients(Client, fails, lambda: [Engine("b")], 0.0)
    with caplog.at_level(logging.WARNING):
        for model in "ab":
            async with clients.using(Engine(model)):
                await asyncio.sleep(0)
    assert len(clients) == 1
    assert "OSError" in caplog.text
    assert "secret" not in caplog.text
