"""The compose file and the image, as files: names in them are real, and what they promise is written."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from streams.cli.main import COMMANDS
from streams.settings import Settings
from streams.topology import ALWAYS, ROLES

OURS = re.compile(r"^moderation-streams(-embedded)?:local$")
VERSIONED = re.compile(r"^[a-z0-9./-]+:\d[\w.-]*$")


@pytest.fixture(scope="module")
def services(root: Path) -> dict[str, Any]:
    """Return the services of the compose file, anchors resolved."""
    compose: dict[str, Any] = yaml.safe_load((root / "docker-compose.yml").read_text("utf-8"))
    found: dict[str, Any] = compose["services"]
    return found


@pytest.fixture(scope="module")
def dockerfile(root: Path) -> str:
    """Return the text of the Dockerfile."""
    return (root / "Dockerfile").read_text("utf-8")


def workers(services: dict[str, Any]) -> dict[str, Any]:
    return {name: service for name, service in services.items() if service.get("command", [""])[0] == "worker"}


def test_every_role_has_a_service_of_its_name(services: dict[str, Any]) -> None:
    assert {name: each["command"] for name, each in workers(services).items()} == {
        role: ["worker", "--role", role] for role in ROLES
    }


def test_the_role_of_a_single_engine_starts_with_its_profile_only(services: dict[str, Any]) -> None:
    profiles = {name: each["profiles"] for name, each in workers(services).items() if "profiles" in each}
    assert profiles == {role: [role] for role in ROLES if role not in ALWAYS}


def test_every_setting_is_one_that_the_program_has(services: dict[str, Any]) -> None:
    named = {
        name for each in services.values() for name in each.get("environment", {}) if name.startswith("MODERATION")
    }
    assert named
    assert named <= {f"MODERATION_{name.upper()}" for name in Settings.model_fields}


def test_the_settings_of_a_worker_are_accepted(services: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in services["screen"]["environment"].items():
        monkeypatch.setenv(name, value)
    assert Settings().bootstrap == "broker:19092"


def test_every_command_is_one_that_the_program_has(services: dict[str, Any]) -> None:
    ours = [each for each in services.values() if OURS.match(each["image"]) and "entrypoint" not in each]
    assert len(ours) > len(ROLES)
    assert {each["command"][0] for each in ours} <= set(COMMANDS)


def test_workers_start_when_kafka_answers_and_the_topics_are_there(services: dict[str, Any]) -> None:
    for worker in workers(services).values():
        assert worker["depends_on"]["broker"] == {"condition": "service_healthy"}
        assert worker["depends_on"]["topics"] == {"condition": "service_completed_successfully"}
        assert "readyz" in worker["healthcheck"]["test"][-1]


def test_a_stopping_worker_has_longer_than_its_own_grace(services: dict[str, Any]) -> None:
    for worker in workers(services).values():
        assert int(worker["stop_grace_period"].removesuffix("s")) > Settings().grace


def test_the_review_service_keeps_its_store_and_is_asked_whether_it_is_ready(
    services: dict[str, Any], dockerfile: str
) -> None:
    review = services["review"]
    assert review["command"] == ["review", "serve"]
    assert review["depends_on"]["topics"] == {"condition": "service_completed_successfully"}
    assert "8088/readyz" in review["healthcheck"]["test"][-1]
    assert review["ports"] == ["127.0.0.1:8088:8088"]
    assert int(review["stop_grace_period"].removesuffix("s")) > Settings().grace
    (mounted,) = (volume.partition(":")[2] for volume in review["volumes"])
    assert f"{mounted}/" in review["environment"]["MODERATION_REVIEW_DATABASE"]
    assert re.search(rf"^RUN install -d .*-o 10001 .*{mounted}$", dockerfile, re.MULTILINE)


def test_a_database_server_starts_with_its_profile_only(services: dict[str, Any]) -> None:
    assert services["postgres"]["profiles"] == ["postgres"]
    assert "ports" not in services["postgres"]


def test_the_broker_is_healthy_when_it_answers_its_own_protocol(services: dict[str, Any]) -> None:
    assert services["broker"]["healthcheck"]["test"][1].endswith("kafka-broker-api-versions.sh")


def test_ports_are_open_to_this_machine_only(services: dict[str, Any]) -> None:
    ports = [port for each in services.values() for port in each.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_images_of_others_carry_a_version(services: dict[str, Any]) -> None:
    foreign = {each["image"] for each in services.values() if not OURS.match(each["image"])}
    assert foreign == {"apache/kafka:4.1.1", "postgres:17.6"}
    assert all(VERSIONED.match(image) for image in foreign)


def test_our_containers_have_no_rights_that_they_do_not_need(services: dict[str, Any]) -> None:
    for each in services.values():
        if OURS.match(each["image"]):
            assert each["read_only"] is True
            assert each["cap_drop"] == ["ALL"]
            assert each["security_opt"] == ["no-new-privileges:true"]


def test_every_target_is_a_stage_of_the_dockerfile(services: dict[str, Any], dockerfile: str) -> None:
    targets = {each["build"]["target"] for each in services.values() if "build" in each}
    assert targets <= set(re.findall(r"^FROM \S+ AS (\S+)$", dockerfile, re.MULTILINE))


def test_the_image_installs_nothing_without_a_hash_and_runs_as_nobody_special(dockerfile: str) -> None:
    installs = [line for line in dockerfile.splitlines() if "pip install" in line]
    assert installs
    assert all("--require-hashes -r requirements/" in line for line in installs)
    assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", dockerfile, re.MULTILINE)


def test_what_the_image_copies_exists_and_reaches_the_build(root: Path, dockerfile: str) -> None:
    let_in = [line.removeprefix("!") for line in (root / ".dockerignore").read_text("utf-8").splitlines()]
    copies = [line.split()[1:-1] for line in dockerfile.splitlines() if re.match(r"COPY (?!--from)", line)]
    assert copies
    for source in (source for sources in copies for source in sources):
        assert (root / source).exists()
        assert source.split("/")[0] in let_in


def test_docker_compose_accepts_the_file(root: Path) -> None:
    program = shutil.which("docker-compose")
    if program is None:
        assert "CI" not in os.environ, "docker-compose is missing: .ci/run installs it"
        pytest.skip("docker-compose is not installed: apt-get install docker-compose")
    done = subprocess.run(
        [program, "-f", root / "docker-compose.yml", "--profile", "sample", "config", "-q"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
