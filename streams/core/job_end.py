"""What Rekognition says when a job has ended: a message of a queue in, the content and the job that it names out.

Source: Amazon Rekognition developer guide, "Reference: Video analysis results notification"; the envelope is SNS's.
"""

import json
from typing import Final

from streams.core.content import ID_LIMIT
from streams.core.job_tag import content_of
from streams.core.video_task import JobEnded

ENVELOPE: Final = "Notification"  # `Type` of a message that a topic puts another one into
OPERATION: Final = "StartContentModeration"


def ended_of(body: bytes, now: int) -> JobEnded | None:
    """Return the end of a job that a message tells of, with or without a topic's envelope; None for anything else.

    How the job ended is not read: only the service's own answer counts. `now` in milliseconds since 1970.
    """
    try:
        said = json.loads(body)
        if isinstance(said, dict) and said.get("Type") == ENVELOPE and isinstance(said.get("Message"), str):
            said = json.loads(said["Message"])
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("API") != OPERATION:
        return None
    job_id, tag = said.get("JobId"), said.get("JobTag")
    if not isinstance(job_id, str) or not isinstance(tag, str) or not 0 < len(job_id) <= ID_LIMIT:
        return None
    content_id = content_of(tag)
    return None if content_id is None or len(content_id) > ID_LIMIT else JobEnded(content_id, job_id, now)
