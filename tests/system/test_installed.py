"""The installed package, far from the clone: the libraries are those of this interpreter."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.data_files import record, records, write_data, write_jsonl

REPOSITORY = Path(__file__).parents[2]
PACKAGE = "finetune_evidence"
SHIPPED = ("challenge_pairs.jsonl", "guard_pairs.jsonl")
DONE, WRONG = 0, 2
_EVALUATE_AND_LIST = """
import json, sys
from finetune_evidence.cli import entry

sys.argv[1:] = ["-q", "evaluate-data"]
try:
    entry()
except SystemExit as ended:
    assert not ended.code, ended.code
with open("modules.json", "w") as file:
    json.dump({name: getattr(module, "__file__", None) for name, module in sys.modules.items()}, file)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-build-isolation", "--wheel-dir", folder, REPOSITORY)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the package and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    pip("install", "--target", folder, wheel)
    return folder


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder with data to work in, whose challenge set is missing."""
    write_data(tmp_path / "data" / "raw")
    (tmp_path / "data" / "raw" / "challenge_pairs.jsonl").unlink()
    return tmp_path


def pip(command: str, *arguments: str | Path) -> None:
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    ended = subprocess.run(
        [sys.executable, "-m", "pip", command, *quiet, *arguments], capture_output=True, text=True, check=False
    )
    assert ended.returncode == DONE, ended.stderr


def process(installed: Path, folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed), "COLUMNS": "80"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def started_as(name: str, installed: Path) -> list[str | Path]:
    script = installed / "bin" / "finetune-evidence"
    return [script] if name == "finetune-evidence" else [sys.executable, "-m", f"{PACKAGE}.cli"]


def test_the_wheel_holds_the_sources_the_templates_the_shipped_pairs_and_no_more(wheel: Path) -> None:
    sources = [path for path in (REPOSITORY / "src").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    expected = {path.relative_to(REPOSITORY / "src").as_posix() for path in sources}
    expected |= {f"shipped/{name}" for name in SHIPPED}

    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
        shipped = {name: archive.read(f"{PACKAGE}/shipped/{name}") for name in SHIPPED}

    assert sorted(names) == sorted(f"{PACKAGE}/{name}" for name in expected)
    assert any(name.startswith("report/templates/") for name in expected)
    assert shipped == {name: (REPOSITORY / "data" / "raw" / name).read_bytes() for name in SHIPPED}


@pytest.mark.parametrize("name", ["finetune-evidence", f"python -m {PACKAGE}.cli"])
def test_help_calls_the_program_as_the_user_did(installed: Path, tmp_path: Path, name: str) -> None:
    ended = process(installed, tmp_path, *started_as(name, installed), "--help")

    assert (ended.returncode, ended.stderr) == (DONE, "")
    assert ended.stdout.startswith(f"Usage: {name} [OPTIONS] COMMAND")
    assert "src.cli" not in ended.stdout


@pytest.mark.parametrize("name", ["finetune-evidence", f"python -m {PACKAGE}.cli"])
def test_a_command_to_run_next_begins_as_the_user_began(installed: Path, outside: Path, name: str) -> None:
    ended = process(installed, outside, *started_as(name, installed), "-q", "compare")

    assert ended.returncode == WRONG
    assert ended.stderr.endswith(f"run `{name} train --mode standard` first\n")


def test_the_installed_command_evaluates_data_and_calls_it_fresh(installed: Path, outside: Path) -> None:
    program = started_as("finetune-evidence", installed)
    ended = process(installed, outside, *program, "-q", "evaluate-data")
    status = process(installed, outside, *program, "status")

    assert (ended.returncode, ended.stderr) == (DONE, "")
    report = json.loads((outside / "data" / "evaluation" / "data_quality_report.json").read_text())
    assert report["provenance"]["command"] == "finetune-evidence evaluate-data"
    assert any(baseline["challenge_auc_roc"] is not None for baseline in report["trivial_baselines"])
    assert status.returncode == DONE
    assert re.match(r"evaluate-data +fresh\n", status.stdout)
    assert "run: finetune-evidence baseline\n" in status.stdout


def test_the_installed_command_passes_its_own_warnings_on(installed: Path, outside: Path) -> None:
    write_jsonl(outside / "data" / "raw" / "eval_pairs.jsonl", [record(pair_type="odd"), *records(20, "e")])

    ended = process(installed, outside, *started_as("finetune-evidence", installed), "evaluate-data")

    assert ended.returncode == DONE
    assert "pair_type odd is not one of the known types; kept" in " ".join(ended.stderr.split())


def test_nothing_is_imported_from_the_clone(installed: Path, outside: Path) -> None:
    ended = process(installed, outside, sys.executable, "-c", _EVALUATE_AND_LIST)

    assert (ended.returncode, ended.stderr) == (DONE, "")
    modules = json.loads((outside / "modules.json").read_text())
    own = [Path(file) for name, file in modules.items() if name.partition(".")[0] == PACKAGE]
    assert own
    assert [file for file in own if not file.is_relative_to(installed)] == []
    assert [name for name in modules if name.partition(".")[0] in ("src", "tests")] == []
