"""The list of topics and tables, and the roles that a policy needs."""

import pytest

from streams.core.content import ID_LIMIT
from streams.engines.catalog import APART as ENGINES
from streams.engines.catalog import JOBS as JOB_ENGINES
from streams.engines.catalog import PICTURES as PICTURE_ENGINES
from streams.topology import ALWAYS, APART, JOBS, PICTURES, ROLES, SOURCES, TABLES, needed, table, tasks_of, topics


@pytest.mark.parametrize(
    ("engines", "roles"),
    [
        ((), ALWAYS),
        (("velocity_user",), (*ALWAYS, "velocity_user")),
        (("velocity_user", "text_llm"), (*ALWAYS, "text_llm", "velocity_user")),
    ],
)
def test_the_role_of_a_single_engine_runs_only_where_the_policy_names_it(
    engines: tuple[str, ...], roles: tuple[str, ...]
) -> None:
    assert needed(engines) == roles
    assert needed((*APART, *PICTURES, *JOBS), queue=True, effects=True) == ROLES


def test_every_engine_with_a_role_of_its_own_has_role_topic_and_table() -> None:
    assert set(ENGINES) == set(APART)
    assert set(PICTURE_ENGINES) == set(PICTURES)
    assert set(JOB_ENGINES) == set(JOBS)
    sources = {spec.name: spec for spec in SOURCES}
    for engine in (*APART, *PICTURES, *JOBS):
        assert sources[tasks_of(engine)].read_by == engine
        assert [spec.source for spec in TABLES if spec.role == engine] == [tasks_of(engine)]
    assert sources["tasks-velocity-user"].key == "user_id"
    assert sources["tasks-rekognition"].key == "SHA-256 of the picture"
    assert table("velocity_user", "authors").topic == "velocity-user-authors-state"


def test_every_source_has_one_table_and_every_table_a_source() -> None:
    assert sorted(spec.source for spec in TABLES) == sorted(spec.name for spec in SOURCES)


def test_topic_names_are_unique_short_and_spelled_one_way() -> None:
    names = [spec.name for spec in topics()]
    assert len(set(names)) == len(names)
    # A dot and an underscore collide in the broker's metrics.
    assert all(name.replace("-", "").isalnum() and name == name.lower() and len(name) < ID_LIMIT / 2 for name in names)
