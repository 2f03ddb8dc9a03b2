"""`moderation worker`: the workers of one role, or of all, until they are told to stop."""

import logging
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal

import click

from streams.cli.failure import CONFIGURATION, Failure
from streams.topology import ROLES, Role

if TYPE_CHECKING:
    from streams.core.policy import Policy
    from streams.settings import Settings

# Numerical libraries start a thread for each core when they are imported, which wait for work by turning: on matrices
# of a few hundred texts they gain nothing, and take the cores from the other workers. Scale out by processes.
THREADS: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@click.command()
@click.option("--role", type=click.Choice([*ROLES, "all"]), default="all", show_default=True, help="What to work on.")
@click.option("--supervise", is_flag=True, help="Start a worker that crashed again (always with --role all).")
@click.option("--parent", type=int, hidden=True, help="Stop when this process is gone.")
def worker(role: Role | Literal["all"], supervise: bool, parent: int | None) -> None:
    """Run the workers of one role, or of all that the policy needs, each as its own process.

    Exit codes: 0 stopped by a signal, 65 most of a topic cannot be read, 69 Kafka does not answer, 70 crashed (start
    it again), 78 settings, policy or topics are wrong.
    """
    from streams.settings import Settings

    for name in THREADS:  # before anything imports numpy
        os.environ.setdefault(name, "1")
    settings = Settings()  # from the environment
    if role == "bridge" and settings.sqs_queue is None:
        raise Failure("MODERATION_SQS_QUEUE names no queue: the role bridge relays one", CONFIGURATION)
    tell(settings.log)
    roles = ROLES if parent is not None else _checked(settings)  # the supervisor has looked
    if role == "all" or supervise:
        sys.exit(_supervise(settings, roles if role == "all" else (role,)))
    _work(settings, role, parent)


def _checked(settings: "Settings") -> Sequence[Role]:
    """Return the roles that the policies in force need, or the one of the settings where none is published.

    Looks at policy, broker and topics before anything starts: one line for each thing that is wrong.
    """
    from streams.adapters import topics
    from streams.adapters.policies import load
    from streams.cli.needing import roles_for

    own = load(settings.policy).policy
    wrong = [problem for problem in topics.check(settings) if problem.level == "error"]
    if wrong:
        for problem in wrong:
            click.echo(f"moderation: topic {problem.topic} {problem.text}", err=True)
        raise Failure("the topics are not as they must be, nothing was started", CONFIGURATION)
    return roles_for(_published(settings) or [own], settings)


def _published(settings: "Settings") -> "list[Policy]":
    """Return the policies in force; without one that does not load: its workers say so, and go on with another."""
    from streams.adapters.lists import Unreadable
    from streams.adapters.policies import PolicyErrors, load_from
    from streams.adapters.publishing import published

    found, policies = published(settings), []
    for ref in found.refs:
        try:
            policies.append(load_from(found.source(ref), ref.version).policy)
        except (PolicyErrors, Unreadable) as error:
            click.echo(f"moderation: policy {ref.id} {ref.version} does not load: {error}", err=True)
    return policies


def _work(settings: "Settings", role: Role, parent: int | None) -> None:
    from streams.app import start

    start(settings, role, parent=parent)


def _supervise(settings: "Settings", roles: Sequence[Role]) -> int:
    from streams.runtime.supervisor import Child, Supervisor

    children = []
    for place, role in enumerate(roles):
        environment = dict(os.environ)
        if settings.metrics_port:  # 0, a free port, is right for every child
            environment["MODERATION_METRICS_PORT"] = str(settings.metrics_port + place)
        command = [sys.executable, "-m", "streams", "worker", "--role", role, "--parent", str(os.getpid())]
        children.append(Child(role, command, environment))
    return Supervisor(children, settings.grace + 2).run()


def tell(level: str) -> None:
    """Write log lines of a level and above to standard error; of libraries that say much, warnings only."""
    from streams.adapters.quiet import quiet

    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr, force=True
    )
    # Their info lines tell of every rebalance in dozens; their warnings matter.
    for name in ("aiokafka", "faust", "mode", "streams.runtime.transport", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    quiet()
