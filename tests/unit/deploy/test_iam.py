"""The policy of whoever carries effects out allows what the code calls, where it calls it, and nothing else."""

import ast
import json
from pathlib import Path
from typing import Any, Final

import pytest

# File -> who is on the other side.
EXECUTORS: Final = {"stored_object.py": "s3", "sns.py": "sns", "dynamodb.py": "dynamodb"}
# What each operation needs, from the services' authorisation references; the second of a pair is for named versions.
NEEDED: Final = {
    # ListBucket: without it a missing object is denied, too
    ("s3", "head_object"): {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"},
    ("s3", "copy_object"): {"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectTagging"},
    ("s3", "delete_object"): {"s3:DeleteObject", "s3:DeleteObjectVersion"},
    ("s3", "get_object_tagging"): {"s3:GetObjectTagging", "s3:GetObjectVersionTagging"},
    ("s3", "put_object_tagging"): {"s3:PutObjectTagging", "s3:PutObjectVersionTagging"},
    ("sns", "publish"): {"sns:Publish"},
    ("dynamodb", "put_item"): {"dynamodb:PutItem"},
}


def called(source: str) -> set[str]:
    """Return the methods of `client` that Python code calls."""
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {
        call.attr
        for call in calls
        if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.value.id == "client"
    }


@pytest.fixture(scope="module")
def statements(root: Path) -> list[dict[str, Any]]:
    """Return the statements of the policy."""
    found: list[dict[str, Any]] = json.loads((root / "deploy/iam/actuator.json").read_text("utf-8"))["Statement"]
    return found


@pytest.fixture(scope="module")
def operations(root: Path) -> set[tuple[str, str]]:
    """Return what the executors call."""
    return {
        (service, operation)
        for file, service in EXECUTORS.items()
        for operation in called((root / "streams/adapters" / file).read_text("utf-8"))
    }


def test_every_call_is_looked_up(operations: set[tuple[str, str]]) -> None:
    assert operations == NEEDED.keys()


def test_what_is_called_is_allowed_and_nothing_else(
    operations: set[tuple[str, str]], statements: list[dict[str, Any]]
) -> None:
    allowed = {action for statement in statements for action in statement["Action"]}
    assert allowed == set().union(*(NEEDED[operation] for operation in operations))


def test_no_statement_allows_everything_or_everywhere(statements: list[dict[str, Any]]) -> None:
    for statement in statements:
        assert statement["Effect"] == "Allow"
        assert not [action for action in statement["Action"] if "*" in action]
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        assert not [resource for resource in resources if "*" in resource.removesuffix("/*")]


def test_objects_go_both_ways_between_uploads_and_quarantine(statements: list[dict[str, Any]]) -> None:
    by_name = {statement["Sid"]: set(statement["Action"]) for statement in statements}
    moving = NEEDED["s3", "copy_object"] | NEEDED["s3", "delete_object"] | NEEDED["s3", "get_object_tagging"]
    assert moving <= by_name["JudgedObjects"]
    assert moving <= by_name["QuarantinedCopies"]
    # only what lies at home is tagged where it lies
    assert by_name["JudgedObjects"] - by_name["QuarantinedCopies"] == {"s3:PutObjectVersionTagging"}
