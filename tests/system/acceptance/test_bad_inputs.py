from __future__ import annotations

import ast
import re
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.real_command import DONE, REPOSITORY, WRONG, Place, is_one_line_of_error
from tests.system.acceptance.bad_formats import FORMAT_CASES, format_cases
from tests.system.acceptance.bad_inputs import AUDIT, CASES, CATALOGUE, ELSEWHERE, TRAIN, cases

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = Path(__file__).parent
# a fault is found in less than ten seconds; slow machines and other tests beside this one have more
PATIENCE = 60
# 500 MB of data, as much as a fault may cost before it is found; where the system can set that limit
LIMITED_MEMORY = {resource.RLIMIT_DATA: 500_000_000} if sys.platform == "linux" else {}


# those that train a model first take longest
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n.startswith("F15 trained") else n for n in CASES]
)
def test_what_is_wrong_is_told_in_one_line_and_changes_nothing(request: pytest.FixtureRequest, name: str) -> None:
    case = CASES[name]
    place: Place = request.getfixturevalue("finished" if case.finished else "audited")
    case.prepare(place)
    before = place.hashes()
    guards = dict(case.environment) | ({} if case.loads else {"NO_TORCH": "1"})

    limits = {} if case.loads else LIMITED_MEMORY
    ended = place.run(*case.command, limits=limits, timeout=PATIENCE, **guards)

    assert (ended.code, ended.out) == (case.code, ""), ended.err
    # the table names no place
    assert re.search(case.message, ended.err.rstrip("\n").replace(place.program(), "python -m src.cli")), ended.err
    assert ended.err.count("run `python -m src.cli") == ended.err.count("run `python -m src.cli --root "), ended.err
    lines = ended.err.splitlines()
    assert len(lines) == case.lines, ended.err
    assert all(text.replace("\t", "").isprintable() for text in lines), ended.err
    told = lines[-1 if case.lines == 4 else 0]
    assert is_one_line_of_error(told), ended.err
    assert "; " in told or lines[1].endswith("--help' for help."), f"does not say what to do: {told}"
    # a command that begins to write makes the root and keeps the lock's file there
    kept = {"root", "root/.pipeline", "root/.pipeline/lock"} - before.keys()
    assert {path: what for path, what in place.hashes().items() if path not in kept} == before
    assert not (place.root.parent / "canary").exists()


# --- the same fault, met by other commands --------------------------------------------------------------

FAULTS = {name: CASES[name] for name in ("A01 no file", "A07 Latin-1", "B13 30 faults")}
COMMANDS = {"baseline": ("baseline",), "train": TRAIN, "run": ("run",)}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_fault_of_the_data_is_told_alike_by_every_command_that_reads_it(
    audited: Place, command: str, name: str
) -> None:
    fault = FAULTS[name]
    fault.prepare(audited)
    before = audited.hashes()

    expected = audited.run(*AUDIT, limits=LIMITED_MEMORY, timeout=PATIENCE, NO_TORCH="1")
    ended = audited.run(*COMMANDS[command], limits=LIMITED_MEMORY, timeout=PATIENCE, NO_TORCH="1")

    assert ended == expected
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (WRONG, "", fault.lines)
    assert re.search(fault.message, ended.err.rstrip("\n")), ended.err
    assert audited.hashes() == before


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_file_to_score_is_told_as_that_of_a_data_file(audited: Place, name: str) -> None:
    fault = FAULTS[name]
    fault.prepare(audited)
    given = "data/dating_pairs.jsonl"
    before = audited.hashes()

    ended = audited.run("score", "--input", given, limits=LIMITED_MEMORY, timeout=PATIENCE, NO_TORCH="1")

    message = fault.message.replace("--data-dir names", "--input names")
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (WRONG, "", fault.lines), ended.err
    assert re.search(message, ended.err.rstrip("\n")), ended.err
    assert is_one_line_of_error(ended.err.splitlines()[0])
    assert audited.hashes() == before


@pytest.mark.parametrize("name", FAULTS)
def test_the_status_tells_a_fault_of_the_data_and_is_no_error(audited: Place, name: str) -> None:
    fault = FAULTS[name]
    fault.prepare(audited)
    before = audited.hashes()

    ended = audited.run("status", limits=LIMITED_MEMORY, timeout=PATIENCE, NO_TORCH="1", COLUMNS="1000")

    message = "jsonl:1: label is 7; .*and more faults" if name.startswith("B13") else fault.message
    assert (ended.code, ended.err) == (DONE, "")
    assert re.search(message, ended.out), ended.out
    assert ended.out.count("label is 7") <= 2  # for the stage and for its report
    assert audited.hashes() == before


# --- completeness ---------------------------------------------------------------------------------------


def ids_in(texts: Iterable[str]) -> set[str]:
    return {found for text in texts for found in re.findall(r"\b[A-J]\d\d\b", text)}


def docstrings() -> list[str]:
    """What the tests of this folder say of themselves."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in sorted(HERE.glob("test_*.py"))]
    functions = [node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [ast.get_docstring(node) or "" for node in functions if node.name.startswith("test_")]


def test_every_id_of_the_catalogue_has_a_case_a_test_or_a_reason() -> None:
    assert len(CASES) == len(list(cases()))
    assert len(FORMAT_CASES) == len(list(format_cases()))
    shown = ids_in(name[:3] for name in (*CASES, *FORMAT_CASES)) | ids_in(docstrings())

    assert sorted(CATALOGUE - shown - set(ELSEWHERE)) == []
    assert sorted(shown & set(ELSEWHERE)) == []


def test_every_test_that_a_reason_names_is_there() -> None:
    named = [found for why in ELSEWHERE.values() for found in re.findall(r"(tests/[\w/]+\.py)::(\w+)", why)]

    assert named
    for file, name in named:
        assert f"def {name}" in (REPOSITORY / file).read_text(encoding="utf-8"), name
