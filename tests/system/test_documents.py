"""What the documents claim of this repository is so."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PROMISES = ("README.md", "SECURITY.md")
SOURCES = sorted(path.stem for path in (REPOSITORY / "src").glob("*.py") if path.stem != "__init__")


def text(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def functions_of(file: str) -> set[str]:
    tree = ast.parse(text(file))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def rows_of_the_file_table() -> list[list[str]]:
    """Module names in each row of CLAUDE.md's table of files, from the top."""
    table = text("CLAUDE.md").split("| file | holds |\n", 1)[1].split("\n\n", 1)[0]
    named = [re.findall(r"`(\w+)\.py`", row.split("|")[1]) for row in table.splitlines()]
    return [row for row in named if row]


def modules_imported_by(name: str) -> set[str]:
    tree = ast.parse(text(f"src/{name}.py"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "src":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("src."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("src.")}
    return found


def test_every_source_file_stands_once_in_the_table_of_files() -> None:
    assert sorted(name for row in rows_of_the_file_table() for name in row) == SOURCES


@pytest.mark.parametrize("name", SOURCES)
def test_imports_point_down_the_table_of_files_or_stay_in_a_row(name: str) -> None:
    place = {module: number for number, row in enumerate(rows_of_the_file_table()) for module in row}

    assert [other for other in modules_imported_by(name) if place[other] < place[name]] == []


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
