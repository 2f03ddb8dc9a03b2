"""What runs in the role `rekognition`: pictures, put to the service once each."""

from math import ceil

from streams import topology
from streams.adapters.wire import Reader
from streams.agents.inspect import MARGIN, SHARE
from streams.core.judged_media import JudgedMedia
from streams.core.picture_task import PictureTask
from streams.roles.parts import ASK_CHUNK, Parts, Running
from streams.runtime.crash import die
from streams.runtime.flow import Flow
from streams.runtime.follow import Follower
from streams.topology import DAY, tasks_of


def rekognition(parts: Parts) -> Running:
    """Return what has a service judge pictures."""
    from streams.adapters.looking import looker  # noqa: PLC0415  only this role needs the client
    from streams.agents.pictures import Pictures  # noqa: PLC0415
    from streams.engines.rekognition import Rekognition  # noqa: PLC0415

    settings, deadline = parts.settings, parts.loaded.policy.deadline_ms / 1000
    engine = next((engine for engine in parts.loaded.pictures if engine.name == parts.role), None)
    if engine is not None and not isinstance(engine, Rekognition):
        raise TypeError(f"{parts.role} runs {Rekognition.__name__}")
    flows: list[Flow] = []
    judged = None
    if engine is not None and engine.config.near_duplicates is not None:
        from streams.agents.judged import Judged  # noqa: PLC0415  needs the packages for pictures

        reader = Reader(JudgedMedia, limit=settings.record_limit, registry=parts.registry)
        judged = Judged(engine, engine.config.near_duplicates, reader, parts.registry)

    def share() -> float:
        return len(flows[0].table.owned) / settings.partitions

    handler = Pictures(
        parts.intake(PictureTask, tasks_of(parts.role)),
        parts.emission,
        engine=engine,
        look=None if engine is None else looker(engine, settings, share, die),
        margin_ms=int(1000 * min(MARGIN, SHARE * deadline)),
        metrics=parts.metrics,
        judged=judged,
    )
    keep = DAY if engine is None else engine.keep_ms
    # All transactions together hold what is asked about at a time: a crash has no more than that paid for twice.
    chunk = ASK_CHUNK if engine is None else ceil(engine.config.concurrency / settings.partitions)
    # What is forgotten here is forgotten by all, also where near copies are wanted no more.
    forgotten = parts.emission.forgotten
    flows.append(
        parts.flow(
            "pictures", handler, idle_of=lambda _key: keep, on_expiry=forgotten, chunk=chunk, longest=2 * deadline
        )
    )
    if judged is None:
        return [*flows], []
    topic = settings.topic_prefix + topology.JUDGED
    return [*flows], [lambda: judged.follow(Follower(topic, parts.connection, keep=judged.keep))]
