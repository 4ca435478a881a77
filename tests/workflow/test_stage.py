from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

from src.core.errors import ArtifactError, MissingStageError
from src.core.paths import ProjectPaths
from src.models import StageState, StageStatus
from src.storage.files import fingerprint, opened
from src.workflow.context import RunContext
from src.workflow.stage import Stage, read_record, write_record
from tests.support.finished_run import Listener

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMMAND = "cook --slowly"
INPUTS = {"data": "1", "code": "2"}
FRESH, STALE, MISSING, DAMAGED = StageState.FRESH, StageState.STALE, StageState.MISSING, StageState.DAMAGED


class Kitchen:
    """A stage that counts how often it worked."""

    def __init__(self, paths: ProjectPaths) -> None:
        self.listener = Listener()
        self.context = RunContext(paths=paths, reporter=self.listener)
        self.dish = paths.root / "eval" / "dish.txt"
        self.fingerprints: list[str] = []

    def stage(self, *, verify: bool = True, **inputs: str) -> Stage[str]:
        return Stage(
            context=self.context,
            name="cook",
            command=COMMAND,
            inputs=lambda: inputs or INPUTS,
            make=self.make,
            load=self.load,
            verify=verify,
        )

    def make(self, paths: ProjectPaths, made_from: str) -> None:
        self.fingerprints.append(made_from)
        dish = paths.root / "eval" / "dish.txt"
        dish.parent.mkdir()
        dish.write_text("soup")

    def load(self) -> str:
        with opened(self.dish) as file:
            return file.read().decode()


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    root = tmp_path / "root"
    root.mkdir()
    return ProjectPaths(root=root, data_dir=tmp_path / "data")


@pytest.fixture
def kitchen(paths: ProjectPaths) -> Kitchen:
    return Kitchen(paths)


@pytest.fixture
def cooked(kitchen: Kitchen) -> Kitchen:
    kitchen.stage().ensure()
    return kitchen


# --- status ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verify", [False, True])
def test_a_stage_with_the_same_inputs_and_outputs_is_fresh(cooked: Kitchen, verify: bool) -> None:
    assert cooked.stage(verify=verify).status() == StageStatus(
        stage="cook", state=FRESH, reason="", command=COMMAND, outputs=("eval/dish.txt",)
    )


def test_a_stage_without_a_record_is_missing(kitchen: Kitchen) -> None:
    status = kitchen.stage().status()

    assert (status.state, status.reason, status.command) == (MISSING, "not run", COMMAND)


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"data": "9", "code": "2"}, "changed since: data"),
        ({"data": "9", "code": "9"}, "changed since: code, data"),
        ({**INPUTS, "seed": "7"}, "changed since: seed"),
    ],
)
def test_a_stale_stage_names_the_inputs_that_changed(cooked: Kitchen, inputs: dict[str, str], reason: str) -> None:
    status = cooked.stage(**inputs).status()

    assert (status.state, status.reason) == (STALE, reason)


def test_an_input_that_only_the_record_has_is_not_compared(cooked: Kitchen) -> None:
    assert cooked.stage(data="1").status().state is FRESH


def remove(file: Path) -> None:
    file.unlink()


def lengthen(file: Path) -> None:
    file.write_text("soup and salad")


def change_a_byte(file: Path) -> None:
    file.write_text("soap")


@pytest.mark.parametrize(
    ("harm", "verify", "state", "reason"),
    [
        (remove, False, DAMAGED, "eval/dish.txt is gone"),
        (lengthen, False, DAMAGED, "eval/dish.txt has 14 bytes instead of 4"),
        (change_a_byte, False, FRESH, ""),
        (change_a_byte, True, DAMAGED, "eval/dish.txt was changed since it was written"),
    ],
)
def test_a_harmed_output_is_noticed(
    cooked: Kitchen, harm: Callable[[Path], None], verify: bool, state: StageState, reason: str
) -> None:
    harm(cooked.dish)

    status = cooked.stage(verify=verify).status()

    assert (status.state, status.reason) == (state, reason)


@pytest.fixture
def served(kitchen: Kitchen) -> Stage[str]:
    """A stage that wrote a folder of its own."""

    def make(paths: ProjectPaths, _: str) -> None:
        plate = paths.baseline_charts / "plate" / "soup.txt"
        plate.parent.mkdir(parents=True)
        plate.write_text("soup")

    stage = dataclasses.replace(kitchen.stage(), make=make, load=lambda: "soup")
    stage.ensure()
    return stage


@pytest.mark.parametrize("name", ["fly.txt", "plate/fly", "deep/er/fly", ".fly"])
@pytest.mark.parametrize("verify", [False, True])
def test_a_file_that_the_record_does_not_name_is_noticed_in_the_folder_of_a_stage(
    served: Stage[str], name: str, verify: bool
) -> None:
    stray = served.context.paths.baseline_charts / name
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.touch()

    status = dataclasses.replace(served, verify=verify).status()

    assert (status.state, status.command) == (DAMAGED, COMMAND)
    assert status.reason.startswith(f"eval/visualizations/baseline/{name} does not belong there; remove it")


def test_a_file_that_the_record_does_not_name_is_told_also_of_a_stale_stage(served: Stage[str]) -> None:
    (served.context.paths.baseline_charts / "fly").touch()

    status = dataclasses.replace(served, inputs=lambda: {"data": "9"}).status()

    assert (status.state, "baseline/fly does not belong there" in status.reason) == (DAMAGED, True)


@pytest.mark.parametrize("name", ["baseline/.DS_Store", "another_stage.txt", "another_stage/dish.txt"])
def test_a_file_elsewhere_or_of_the_system_changes_nothing(served: Stage[str], name: str) -> None:
    other = served.context.paths.baseline_charts.parent / name
    other.parent.mkdir(exist_ok=True)
    other.touch()

    assert served.status().state is FRESH


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema_version": 2}'])
def test_a_record_that_cannot_be_read_is_damaged_and_no_crash(cooked: Kitchen, content: str) -> None:
    record = cooked.context.paths.stage_record("cook")
    record.write_text(content)

    status = cooked.stage().status()

    assert (status.state, status.command) == (DAMAGED, COMMAND)
    assert status.reason.startswith(f"{record}: damaged")


def test_the_record_of_another_stage_is_damaged_and_no_crash(cooked: Kitchen) -> None:
    record = cooked.context.paths.stage_record("cook")
    record.write_text(record.read_text().replace('"stage": "cook"', '"stage": "bake"'))

    status = cooked.stage().status()

    assert (status.state, status.command) == (DAMAGED, COMMAND)
    assert status.reason == f"{record}: the record of another stage, bake"


def unreadable(kitchen: Kitchen, **options: bool) -> Stage[str]:
    """The stage, whose result is no soup; its record says that this is what was written."""

    def load() -> str:
        if (found := kitchen.load()) != "soup":
            raise ArtifactError(f"{kitchen.dish}: no soup")
        return found

    kitchen.dish.write_text("mud")
    write_record(kitchen.context.paths, "cook", INPUTS, [kitchen.dish], 0.0)
    return dataclasses.replace(kitchen.stage(), load=load, **options)


@pytest.mark.parametrize(("verify", "state"), [(True, DAMAGED), (False, FRESH)])
def test_a_result_that_cannot_be_read_is_damaged_whatever_its_record_says(
    cooked: Kitchen, verify: bool, state: StageState
) -> None:
    status = unreadable(cooked, verify=verify).status()

    assert status.state is state
    assert status.reason == (f"{cooked.dish}: no soup" if verify else "")


def test_a_result_that_cannot_be_read_is_refused_with_its_command(cooked: Kitchen) -> None:
    with pytest.raises(ArtifactError, match="no soup") as caught:
        unreadable(cooked).require()

    assert caught.value.command == COMMAND


def test_a_result_that_cannot_be_read_is_made_again(cooked: Kitchen) -> None:
    assert unreadable(cooked).ensure() == "soup"

    assert len(cooked.fingerprints) == 2


def without_inputs() -> dict[str, str]:
    raise MissingStageError("shop has not been run", command="shop")


def test_a_stage_whose_inputs_are_missing_is_stale_and_says_why(cooked: Kitchen) -> None:
    status = dataclasses.replace(cooked.stage(), inputs=without_inputs).status()

    assert (status.state, status.reason, status.command) == (STALE, "shop has not been run", COMMAND)


def test_a_stage_that_was_not_run_is_missing_whatever_else_is_missing(kitchen: Kitchen) -> None:
    status = dataclasses.replace(kitchen.stage(), inputs=without_inputs).status()

    assert (status.state, status.reason) == (MISSING, "not run")


# --- ensure ---------------------------------------------------------------------------------------------


def test_a_stage_works_once_and_then_says_that_nothing_is_to_do(kitchen: Kitchen) -> None:
    assert kitchen.stage().ensure() == "soup"
    assert kitchen.listener.said == []
    assert kitchen.stage().ensure() == "soup"

    assert kitchen.fingerprints == [fingerprint(INPUTS)]
    assert kitchen.listener.said == ["cook: up to date, nothing to do"]


def test_a_stage_works_again_when_an_input_changed(kitchen: Kitchen) -> None:
    kitchen.stage(data="1").ensure()
    kitchen.stage(data="2").ensure()

    assert kitchen.fingerprints == [fingerprint({"data": "1"}), fingerprint({"data": "2"})]


@pytest.mark.parametrize("harm", [remove, lengthen, change_a_byte])
def test_a_stage_works_again_when_an_output_was_harmed(cooked: Kitchen, harm: Callable[[Path], None]) -> None:
    harm(cooked.dish)

    assert cooked.stage().ensure() == "soup"
    assert len(cooked.fingerprints) == 2


def test_a_stage_works_again_when_a_required_file_is_lost(kitchen: Kitchen) -> None:
    pantry = kitchen.context.paths.root / "salt.txt"
    pantry.write_text("salt")
    stage = dataclasses.replace(kitchen.stage(), required_files=lambda: [pantry])
    stage.ensure()
    pantry.write_text("pepper")

    stage.ensure()

    assert len(kitchen.fingerprints) == 2


def test_a_stage_that_fails_is_not_recorded(kitchen: Kitchen) -> None:
    def fail(_: ProjectPaths, __: str) -> None:
        raise ArtifactError("no salt")

    with pytest.raises(ArtifactError, match="no salt"):
        dataclasses.replace(kitchen.stage(), make=fail).ensure()

    assert kitchen.stage().status().state is MISSING


# --- require and read -----------------------------------------------------------------------------------


def test_a_stage_that_was_not_run_is_refused_with_its_command(kitchen: Kitchen) -> None:
    with pytest.raises(MissingStageError) as caught:
        kitchen.stage().require()

    assert (str(caught.value), caught.value.command) == ("cook has not been run", COMMAND)


def test_a_stale_stage_is_refused_with_its_command(cooked: Kitchen) -> None:
    with pytest.raises(MissingStageError) as caught:
        cooked.stage(data="9").require()

    assert (str(caught.value), caught.value.command) == ("cook is stale, changed since: data", COMMAND)


def test_a_damaged_stage_is_refused_with_its_command(cooked: Kitchen) -> None:
    cooked.dish.unlink()

    with pytest.raises(ArtifactError) as caught:
        cooked.stage().require()

    assert (str(caught.value), caught.value.command) == ("cook: eval/dish.txt is gone", COMMAND)


def test_a_fresh_stage_may_be_built_on(cooked: Kitchen) -> None:
    assert cooked.stage().require() == "soup"


def test_reading_what_is_not_there_names_the_command(kitchen: Kitchen) -> None:
    with pytest.raises(MissingStageError, match=r"dish\.txt: missing") as caught:
        kitchen.stage().read()

    assert caught.value.command == COMMAND


# --- the record -----------------------------------------------------------------------------------------


def test_a_record_holds_the_fingerprint_and_no_folder_of_this_machine(cooked: Kitchen) -> None:
    record = cooked.stage().record()

    assert record.fingerprint == fingerprint(INPUTS)
    assert record.inputs == INPUTS
    assert str(cooked.context.paths.root) not in cooked.context.paths.stage_record("cook").read_text()
    # SHA-256 of "soup"
    assert {output.sha256[:8] for output in record.provenance.outputs} == {"9014fac8"}


def test_a_record_rounds_its_duration_and_sorts_its_outputs(paths: ProjectPaths) -> None:
    files = [paths.root / "eval" / name for name in ("b.txt", "a.txt")]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("soup")

    write_record(paths, "cook", INPUTS, files, 1.23456)

    found = read_record(paths, "cook").provenance
    assert found.duration_seconds == 1.23
    assert [output.path for output in found.outputs] == ["eval/a.txt", "eval/b.txt"]


def test_the_record_of_a_stage_that_was_not_run_names_its_command(kitchen: Kitchen) -> None:
    with pytest.raises(MissingStageError, match="stage cook has not been run") as caught:
        kitchen.stage().record()

    assert caught.value.command == COMMAND


def test_a_record_is_readable_json_with_a_schema_version(cooked: Kitchen) -> None:
    assert json.loads(cooked.context.paths.stage_record("cook").read_text())["schema_version"] == 1
