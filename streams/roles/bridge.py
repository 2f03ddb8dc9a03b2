"""What runs in the role `bridge`: the one task that relays a queue of storage notifications."""

from collections.abc import Mapping
from typing import Any

from streams.adapters.sqs import Queue
from streams.agents.bridge import Bridge, Topics, Unusable
from streams.metrics import Metrics
from streams.runtime.producing import new_producer
from streams.settings import Settings
from streams.topology import dead_letters


def bridge(settings: Settings, connection: Mapping[str, Any], metrics: Metrics) -> Bridge:
    """Return the one task of the role `bridge`, which reads no topic; raise Unusable without a queue."""
    if settings.sqs_queue is None:
        raise Unusable("MODERATION_SQS_QUEUE names no queue: the role bridge relays one")
    queue = Queue(
        settings.sqs_queue,
        region=settings.sqs_region or settings.s3_region,
        endpoint=settings.sqs_endpoint,
        wait=settings.sqs_wait,
        visibility=settings.sqs_visibility,
        batch=settings.sqs_batch,
        pollers=settings.sqs_pollers,
    )
    topics = Topics(
        events=settings.topic_prefix + "s3-events",
        dead_letters=settings.topic_prefix + dead_letters("s3-events"),
        partitions=settings.partitions,
    )
    return Bridge(
        queue,
        lambda: new_producer(connection),
        topics,
        visibility=settings.sqs_visibility,
        pollers=settings.sqs_pollers,
        metrics=metrics,
    )
