"""Own results, spoilt while their records say that all is well: each is refused where its stage is read."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from src.baseline_analysis import baseline_embeddings
from src.core.errors import ArtifactError, printable
from src.core.paths import ProjectPaths
from src.core.progress import Reporter
from src.models import StageState
from src.quality_stage import quality_stage
from src.storage import files
from src.workflow.context import RunContext
from tests.support.data_files import write_data
from tests.support.finished_run import copy_finished_run
from tests.support.refusals import told
from tests.system.attacks_on_artifacts import (
    ANY_ARRAY,
    ANY_FILE,
    ANY_JSON,
    ARRAY_READERS,
    JSON_READERS,
    LARGEST,
    SAID,
    Attack,
    Reader,
    edited,
    fit_records,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from src.workflow.stage import Stage

READERS = {reader.file: reader for reader in (*JSON_READERS, *ARRAY_READERS)}
CASES = [
    *((reader, attack) for reader in JSON_READERS for attack in (*ANY_FILE, *ANY_JSON)),
    *((reader, attack) for reader in ARRAY_READERS for attack in (*ANY_FILE, *ANY_ARRAY)),
    *((READERS[said.file], Attack(said.name, edited(said.change), said.words)) for said in SAID),
]
IDS = [f"{reader.file.rpartition('/')[2]}: {attack.name}" for reader, attack in CASES]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> RunContext:
    """A finished run; whatever a test spoils in it is put back."""
    folder = tmp_path_factory.mktemp("attacked")
    write_data(folder / "data")
    context = RunContext(
        paths=ProjectPaths(root=folder / "root", data_dir=folder / "data"),
        base_model=str(tiny_model),
        device_wanted="cpu",
        command="tests",
        reporter=Reporter(-1),
    )
    copy_finished_run(context)
    return context


@pytest.fixture(scope="module")
def stages(attacked: RunContext) -> dict[str, Stage[Any]]:
    """The stage of each reader, by its file; what the stage is made from is found out once, because that is slow."""
    found = {file: reader.stage(attacked) for file, reader in READERS.items()}
    inputs = {file: stage.inputs() for file, stage in found.items()}
    return {file: dataclasses.replace(stage, inputs=partial(inputs.get, file)) for file, stage in found.items()}


@contextmanager
def spoilt(context: RunContext, reader: Reader, attack: Attack) -> Iterator[None]:
    """The file of a reader is spoilt, and the records that list it fit."""
    root, names = context.paths.root, (reader.file, *(f".pipeline/{stage}.json" for stage in reader.fit))
    before = {root / name: (root / name).read_bytes() for name in names}
    try:
        attack.spoil(root / reader.file, root / reader.other)
        fit_records(context.paths, *reader.fit)
        yield
    finally:
        for path, content in before.items():
            remove(path)
            path.write_bytes(content)


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()


@pytest.mark.parametrize(("reader", "attack"), CASES, ids=IDS)
def test_a_spoilt_result_is_refused_in_one_line_with_the_command_that_remakes_it(
    attacked: RunContext,
    stages: dict[str, Stage[Any]],
    monkeypatch: pytest.MonkeyPatch,
    reader: Reader,
    attack: Attack,
) -> None:
    monkeypatch.setattr(files, "TEXT_LIMIT", LARGEST)
    stage = stages[reader.file]
    with spoilt(attacked, reader, attack):
        with pytest.raises(ArtifactError) as caught:
            stage.require()
        status = stage.status()

    line = printable(told(caught.value))
    assert re.search(attack.words, line), line
    assert line.endswith(f"; run `{stage.command}` again")
    assert len(line) < 1_000
    assert (status.state, status.command) == (StageState.DAMAGED, stage.command)
    assert re.search(attack.words, printable(status.reason)), status.reason


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_a_result_that_nobody_spoilt_is_read(
    attacked: RunContext, stages: dict[str, Stage[Any]], reader: Reader
) -> None:
    stage = stages[reader.file]
    with spoilt(attacked, reader, Attack("nothing", lambda _, __: None, "")):
        stage.require()
        assert stage.status().state is StageState.FRESH


@pytest.mark.parametrize("attack", [ANY_FILE[0], ANY_FILE[1], ANY_JSON[0]], ids=lambda attack: attack.name)
def test_the_command_that_is_told_makes_a_spoilt_report_on_the_data_anew(context: RunContext, attack: Attack) -> None:
    copy_finished_run(context)
    reader = JSON_READERS[0]
    file = context.paths.root / reader.file
    before = quality_stage(context).require()
    attack.spoil(file, file)
    fit_records(context.paths, *reader.fit)

    after = quality_stage(dataclasses.replace(context)).ensure()

    assert after.model_copy(update={"provenance": before.provenance}) == before
    assert quality_stage(context).status().state is StageState.FRESH


@pytest.mark.parametrize("attack", [ANY_FILE[0], ANY_ARRAY[-6]], ids=lambda attack: attack.name)
def test_the_command_that_is_told_makes_spoilt_embeddings_anew(context: RunContext, attack: Attack) -> None:
    copy_finished_run(context)
    reader = ARRAY_READERS[0]
    file = context.paths.root / reader.file
    before = file.read_bytes()
    attack.spoil(file, file)
    fit_records(context.paths, *reader.fit)

    baseline_embeddings(dataclasses.replace(context)).ensure()

    assert file.read_bytes() == before


def test_every_case_has_a_name_of_its_own() -> None:
    assert sorted(set(IDS)) == sorted(IDS)
    assert [said.name for said in SAID if said.file not in READERS] == []
