"""What runs in each role: flows of agents, and tasks beside them. The list is explicit; nothing is discovered."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from streams.topology import Role

if TYPE_CHECKING:
    from streams.roles.parts import Parts, Running

# Module and function of each. Only the one that runs is imported: others bring clients and networks along, half a
# second of every worker's start.
RUNNING: Final[Mapping[Role, tuple[str, str]]] = {
    "screen": ("screen", "screen"),
    "uploads": ("uploads", "uploads"),
    "media": ("media", "media"),
    "join": ("join", "join"),
    "enforce": ("enforce", "enforce"),
    "text_llm": ("asked", "asked"),
    "comprehend": ("asked", "asked"),
    "velocity_user": ("velocity_user", "velocity_user"),
    "rekognition": ("rekognition", "rekognition"),
    "rekognition_video": ("rekognition_video", "rekognition_video"),
    "execute": ("execute", "execute"),
}


def running(role: Role, parts: "Parts") -> "Running":
    """Return what runs in a role: its flows, and the tasks beside them; raise KeyError for one that reads no topic."""
    module, name = RUNNING[role]
    made = cast("Callable[[Parts], Running]", getattr(import_module(f"streams.roles.{module}"), name))
    return made(parts)
