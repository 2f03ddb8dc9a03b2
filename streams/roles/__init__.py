"""What runs in each role: flows of agents, and tasks beside them. The list is explicit; nothing is discovered."""

from collections.abc import Callable
from typing import Final

from streams.roles.asked import asked
from streams.roles.enforce import enforce
from streams.roles.execute import execute
from streams.roles.join import join
from streams.roles.media import media
from streams.roles.parts import Parts, Running
from streams.roles.rekognition import rekognition
from streams.roles.rekognition_video import rekognition_video
from streams.roles.screen import screen
from streams.roles.uploads import uploads
from streams.roles.velocity_user import velocity_user
from streams.topology import Role

RUNNING: Final[dict[Role, Callable[[Parts], Running]]] = {
    "screen": screen,
    "uploads": uploads,
    "media": media,
    "join": join,
    "enforce": enforce,
    "text_llm": asked,
    "comprehend": asked,
    "velocity_user": velocity_user,
    "rekognition": rekognition,
    "rekognition_video": rekognition_video,
    "execute": execute,
}
