"""Why a file gives no frames: a reason from a closed set."""

from typing import Literal

Reason = Literal[
    "empty",
    "not_an_image",  # neither a picture nor a video of a format that is read
    "truncated",
    "decompression_bomb",  # more pixels than Pillow takes for an honest picture
    "too_many_pixels",  # more than the limits allow, or an animation too long to walk through
    "broken",  # the decoder refused it
    "video_broken",  # the decoder refused it, or too much of it
    "video_truncated",  # it ends before its own end
    "video_codec",  # compressed in a way that is not read
    "video_without_frames",  # sound alone, say
    "video_several_tracks",  # which of them is shown, each player decides for itself
    "video_too_long",  # or so large that its frames cannot be looked at closely enough
    "video_too_many_pixels",
    "video_timeout",  # processor time or wall clock
    "video_memory",
    "video_crashed",  # the decoder's process died
]


class Undecodable(Exception):
    """A file that gives no frames; `reason` is from a closed set."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
