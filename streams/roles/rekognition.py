"""What runs in the role `rekognition`: pictures, put to the service once each."""

from math import ceil

from streams import topology
from streams.adapters.wire import Reader
from streams.agents.clients import Clients
from streams.agents.while_wanted import WhileWanted
from streams.core.judged_media import JudgedMedia
from streams.core.picture_task import PictureTask
from streams.roles.parts import ASK_CHUNK, Parts, Running
from streams.runtime.crash import die
from streams.runtime.flow import Flow
from streams.runtime.follow import Follower
from streams.topology import DAY, tasks_of


def rekognition(parts: Parts) -> Running:
    """Return what has a service judge pictures, and what hears of those that were judged."""
    from streams.adapters.looking import Looker, looker  # noqa: PLC0415  only this role needs the client
    from streams.agents.near_copies import NearCopies  # noqa: PLC0415
    from streams.agents.pictures import Pictures  # noqa: PLC0415
    from streams.engines.rekognition import NearDuplicates, Rekognition  # noqa: PLC0415

    settings, emission = parts.settings, parts.emission
    flows: list[Flow] = []

    def current() -> list[Rekognition]:
        return parts.engines(Rekognition)

    def share() -> float:
        return len(flows[0].table.owned) / settings.partitions

    def near() -> list[NearDuplicates]:
        return [wanted for engine in current() if (wanted := engine.config.near_duplicates) is not None]

    remembered = max((wanted.remembered for wanted in near()), default=NearDuplicates().remembered)
    reader = Reader(JudgedMedia, limit=settings.record_limit, registry=parts.registry)
    near_copies = NearCopies(current, remembered, reader, parts.registry)
    clients = Clients(lambda engine: looker(engine, settings, share, die), Looker.close, current)
    clients.begin()
    handler = Pictures(
        parts.intake(PictureTask, tasks_of(parts.role)),
        emission,
        book=parts.book,
        using=clients.using,
        metrics=parts.metrics,
        near_copies=near_copies,
    )

    def keep(_: bytes) -> int:
        return max((engine.keep_ms for engine in current()), default=DAY)

    # All transactions together hold what is asked about at a time: a crash has no more than that paid for twice.
    most = max((engine.config.concurrency for engine in current()), default=0)
    chunk = ceil(most / settings.partitions) if most else ASK_CHUNK
    # What is forgotten here is forgotten by all, also where near copies are wanted no more.
    flows.append(
        parts.flow(
            "pictures",
            handler,
            idle_of=keep,
            on_expiry=emission.forgotten,
            chunk=chunk,
            longest=2 * parts.deadline,
        )
    )
    topic = settings.topic_prefix + topology.JUDGED
    following = WhileWanted(
        lambda: {topic} if near() else set(),
        lambda _: near_copies.follow(Follower(topic, parts.connection, keep=near_copies.keep)),
    )
    return [*flows], [following]
