"""What the documents claim of this repository is so."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PROMISES = ("README.md", "SECURITY.md")


def text(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def functions_of(file: str) -> set[str]:
    tree = ast.parse(text(file))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", PROMISES)
def test_every_test_that_a_promise_names_exists(name: str) -> None:
    named = NAMED_TEST.findall(text(name))

    assert named
    assert [(file, test) for file, test in named if test not in functions_of(file)] == []


@pytest.mark.parametrize("name", PROMISES)
def test_every_promise_names_its_tests(name: str) -> None:
    tables = re.findall(r"^\| promise \| shown by \|\n\|[-|]+\n((?:\|.*\n)+)", text(name), re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]

    assert rows
    assert [row for row in rows if not NAMED_TEST.search(row)] == []


def test_every_dependency_is_pinned_with_hashes() -> None:
    pinned = re.findall(
        r"^([a-z0-9][a-z0-9._-]*)==\S+.*?((?: *\\\n +--hash=sha256:[0-9a-f]{64})*)$",
        text("requirements.lock"),
        re.MULTILINE,
    )
    project = tomllib.loads(text("pyproject.toml"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]

    assert [name for name, hashes in pinned if not hashes] == []
    assert {re.split(r"[<>=~! ]", name)[0] for name in wanted} <= {name for name, _ in pinned}
    assert len(pinned) == sum(not line.startswith((" ", "#")) for line in text("requirements.lock").splitlines())
    assert "--require-hashes" in text("Makefile")
