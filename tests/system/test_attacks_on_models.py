"""Model folders that were spoilt, and unusual ones that are not; the cases stand in `attacks_on_models.py`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from src.core.errors import ModelFolderError
from src.core.paths import ProjectPaths
from src.core.progress import Reporter
from src.embedding.base_model import base_fingerprint, resolve_base_model
from src.embedding.encoder import encode_texts
from src.embedding.loading import loaded_model
from src.models import StageState
from src.training_stage import training_stage
from src.workflow.context import RunContext
from tests.support.data_files import write_data
from tests.support.finished_run import copy_finished_run
from tests.system.attacks_on_models import BASE, CODE, MALFORMED, STRAYS, VALID, WEIGHTS_OF_NO_USE, Attack

ATTACKS = (*CODE, *WEIGHTS_OF_NO_USE, *MALFORMED)
TEXTS = ["boy: i love tea", "girl: no tea for me"]


def named(attack: Attack) -> str:
    return f"{attack.of}: {attack.name}"


@pytest.fixture(scope="module")
def trained(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> RunContext:
    """A finished run that no test changes."""
    folder = tmp_path_factory.mktemp("trained")
    write_data(folder / "data")
    context = RunContext(
        paths=ProjectPaths(root=folder / "root", data_dir=folder / "data"),
        base_model=str(tiny_model),
        device_wanted="cpu",
        reporter=Reporter(-1),
    )
    copy_finished_run(context)
    return context


def trap_in(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder whose modules leave a trace when they are imported."""
    for name in ("megatron", "megatron_here", "evil", "kernels", "mistral_common", "gptqmodel", "timm"):
        (here / name).mkdir(parents=True)
        for file in ("__init__.py", "core.py", "module.py"):
            (here / name / file).write_text("from pathlib import Path\nPath(__file__).with_name('ran').touch()\n")
    monkeypatch.chdir(here)
    monkeypatch.setattr(sys, "path", [str(here), "", *sys.path])


def spoilt(context: RunContext, attack: Attack, tmp_path: Path) -> Path:
    source = Path(context.base.source) if attack.of == BASE else context.paths.model(attack.of)
    folder = shutil.copytree(source, tmp_path / "spoilt" / source.name)
    attack.spoil(folder)
    return folder


def load(context: RunContext, attack: Attack, folder: Path) -> None:
    base = resolve_base_model(str(folder)) if attack.of == BASE else context.base
    with loaded_model(base, "cpu", None if attack.of == BASE else folder):
        pass


@pytest.mark.timeout(30, func_only=True)
@pytest.mark.parametrize("attack", ATTACKS, ids=named)
def test_a_folder_that_was_spoilt_is_refused_in_one_line_and_runs_nothing(
    trained: RunContext, attack: Attack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = spoilt(trained, attack, tmp_path)
    trap_in(tmp_path / "here", monkeypatch)

    with pytest.raises(ModelFolderError, match=attack.told) as caught:
        load(trained, attack, folder)

    assert str(folder) in str(caught.value)
    assert str(caught.value).isprintable()
    assert caught.value.exit_code == 2
    assert not list((tmp_path / "here").rglob("ran"))


@pytest.mark.parametrize("valid", VALID, ids=named)
def test_an_unusual_folder_is_read(trained: RunContext, valid: Attack, tmp_path: Path) -> None:
    base = resolve_base_model(str(spoilt(trained, valid, tmp_path)))

    with loaded_model(base, "cpu") as model:
        vectors = encode_texts(model, TEXTS)
        del model

    assert np.isfinite(vectors).all()
    assert len(base_fingerprint(base)) == 64


@pytest.mark.parametrize("stray", STRAYS, ids=named)
def test_a_file_that_no_record_names_makes_a_training_damaged(finished: RunContext, stray: Attack) -> None:
    stray.spoil(finished.paths.model("standard"))

    status = training_stage(finished, "standard").status()

    assert status.state is StageState.DAMAGED
    assert status.command.startswith("train --mode standard")
    assert status.reason.startswith(f"training/model/standard_model/{stray.told}")
    assert status.reason.endswith("does not belong there; remove it")
