from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from src.core.errors import ArtifactError, MissingStageError
from src.core.paths import ProjectPaths
from src.models import StageState, StageStatus
from src.storage.files import fingerprint
from src.workflow.context import RunContext
from src.workflow.stage import ensure, read_record, require_fresh, stage_status, write_record
from tests.support.finished_run import Listener

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMMAND = "python -m src.cli cook"
INPUTS = {"data": "1", "code": "2"}
FRESH, STALE, MISSING, DAMAGED = StageState.FRESH, StageState.STALE, StageState.MISSING, StageState.DAMAGED


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    return ProjectPaths(root=tmp_path / "root", data_dir=tmp_path / "data")


@pytest.fixture
def outputs(paths: ProjectPaths) -> list[Path]:
    """Two files that a stage called `cook` wrote and recorded."""
    files = [paths.root / "eval" / name for name in ("b.txt", "a.txt")]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("soup")
    write_record(paths, "cook", INPUTS, files, 1.23456)
    return files


@pytest.mark.usefixtures("outputs")
@pytest.mark.parametrize("verify", [False, True])
def test_a_stage_with_the_same_inputs_and_outputs_is_fresh(paths: ProjectPaths, verify: bool) -> None:
    status = stage_status(paths, "cook", INPUTS, COMMAND, verify=verify)

    assert status == StageStatus(
        stage="cook", state=FRESH, reason="", command=COMMAND, outputs=("eval/a.txt", "eval/b.txt")
    )


def test_a_stage_without_a_record_is_missing(paths: ProjectPaths) -> None:
    status = stage_status(paths, "cook", INPUTS, COMMAND)

    assert (status.state, status.reason, status.command) == (MISSING, "not run", COMMAND)


@pytest.mark.usefixtures("outputs")
@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"data": "9", "code": "2"}, "changed since: data"),
        ({"data": "9", "code": "9"}, "changed since: code, data"),
        ({**INPUTS, "seed": "7"}, "changed since: seed"),
    ],
)
def test_a_stale_stage_names_the_inputs_that_changed(paths: ProjectPaths, inputs: dict[str, str], reason: str) -> None:
    status = stage_status(paths, "cook", inputs, COMMAND)

    assert (status.state, status.reason) == (STALE, reason)


@pytest.mark.usefixtures("outputs")
def test_an_input_that_only_the_record_has_is_not_compared(paths: ProjectPaths) -> None:
    assert stage_status(paths, "cook", {"data": "1"}, COMMAND).state is FRESH


def remove(file: Path) -> None:
    file.unlink()


def lengthen(file: Path) -> None:
    file.write_text("soup and salad")


def change_a_byte(file: Path) -> None:
    file.write_text("soap")


@pytest.mark.parametrize(
    ("harm", "verify", "state", "reason"),
    [
        (remove, False, DAMAGED, "eval/a.txt is gone"),
        (lengthen, False, DAMAGED, "eval/a.txt has 14 bytes instead of 4"),
        (change_a_byte, False, FRESH, ""),
        (change_a_byte, True, DAMAGED, "eval/a.txt was changed since it was written"),
    ],
)
def test_a_harmed_output_is_noticed(
    outputs: list[Path], harm: Callable[[Path], None], verify: bool, state: StageState, reason: str
) -> None:
    root = outputs[1].parents[1]
    harm(outputs[1])

    status = stage_status(ProjectPaths(root, root), "cook", INPUTS, COMMAND, verify=verify)

    assert (status.state, status.reason) == (state, reason)


@pytest.mark.usefixtures("outputs")
@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema_version": 2}'])
def test_a_record_that_cannot_be_read_is_damaged_and_no_crash(paths: ProjectPaths, content: str) -> None:
    paths.stage_record("cook").write_text(content)

    status = stage_status(paths, "cook", INPUTS, COMMAND)

    assert status.state is DAMAGED
    assert f"run `{COMMAND}`" in status.reason


@pytest.mark.usefixtures("outputs")
def test_a_record_holds_the_fingerprint_and_no_folder_of_this_machine(paths: ProjectPaths) -> None:
    record = read_record(paths, "cook", COMMAND)

    assert record.fingerprint == fingerprint(INPUTS)
    assert record.inputs == INPUTS
    assert record.provenance.duration_seconds == 1.23
    assert str(paths.root) not in paths.stage_record("cook").read_text()
    # SHA-256 of "soup"
    assert {output.sha256[:8] for output in record.provenance.outputs} == {"9014fac8"}


def test_the_record_of_a_stage_that_was_not_run_names_its_command(paths: ProjectPaths) -> None:
    with pytest.raises(MissingStageError, match=f"stage cook has not been run; run `{COMMAND}` first"):
        read_record(paths, "cook", COMMAND)


# --- ensure ---------------------------------------------------------------------------------------------


class Kitchen:
    """A stage that counts how often it worked."""

    def __init__(self, paths: ProjectPaths) -> None:
        self.listener = Listener()
        self.context = RunContext(paths=paths, reporter=self.listener)
        self.file = paths.root / "dish.txt"
        self.fingerprints: list[str] = []

    def ensure(self, **inputs: str) -> None:
        ensure(self.context, "cook", COMMAND, inputs, self.make)

    def make(self, made_from: str, paths: ProjectPaths) -> None:
        self.fingerprints.append(made_from)
        (paths.root / "dish.txt").write_text("dish")


@pytest.fixture
def kitchen(paths: ProjectPaths) -> Kitchen:
    return Kitchen(paths)


def test_a_stage_works_once_and_then_says_that_nothing_is_to_do(kitchen: Kitchen) -> None:
    kitchen.ensure(data="1")
    assert kitchen.listener.said == []
    kitchen.ensure(data="1")

    assert kitchen.fingerprints == [fingerprint({"data": "1"})]
    assert kitchen.listener.said == ["cook: up to date, nothing to do"]


def test_a_stage_works_again_when_an_input_changed(kitchen: Kitchen) -> None:
    kitchen.ensure(data="1")
    kitchen.ensure(data="2")

    assert kitchen.fingerprints == [fingerprint({"data": "1"}), fingerprint({"data": "2"})]


@pytest.mark.parametrize("harm", [remove, lengthen, change_a_byte])
def test_a_stage_works_again_when_an_output_was_harmed(kitchen: Kitchen, harm: Callable[[Path], None]) -> None:
    kitchen.ensure(data="1")
    harm(kitchen.file)
    kitchen.ensure(data="1")

    assert len(kitchen.fingerprints) == 2
    assert kitchen.file.read_text() == "dish"


def test_a_stage_that_fails_is_not_recorded(paths: ProjectPaths) -> None:
    def fail(_: str, __: ProjectPaths) -> None:
        raise ArtifactError("no salt")

    with pytest.raises(ArtifactError, match="no salt"):
        ensure(RunContext(paths=paths, reporter=Listener()), "cook", COMMAND, INPUTS, fail)

    assert stage_status(paths, "cook", INPUTS, COMMAND).state is MISSING


# --- require_fresh --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "reason", "error", "message"),
    [
        (MISSING, "not run", MissingStageError, f"cook has not been run; run `{COMMAND}` first"),
        (STALE, "changed since: data", MissingStageError, f"cook is stale, changed since: data; run `{COMMAND}` first"),
        (DAMAGED, "a.txt is gone", ArtifactError, f"cook: a.txt is gone; run `{COMMAND}` again"),
    ],
)
def test_nothing_is_built_on_a_stage_that_does_not_stand(
    state: StageState, reason: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        require_fresh(StageStatus(stage="cook", state=state, reason=reason, command=COMMAND))

    assert str(caught.value) == message


def test_a_fresh_stage_may_be_built_on() -> None:
    require_fresh(StageStatus(stage="cook", state=FRESH, reason="", command=COMMAND))


@pytest.mark.usefixtures("outputs")
def test_a_record_is_readable_json_with_a_schema_version(paths: ProjectPaths) -> None:
    assert json.loads(paths.stage_record("cook").read_text())["schema_version"] == 1
