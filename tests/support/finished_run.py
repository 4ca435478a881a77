"""One small `run`, finished once for the whole session and copied by each test that needs it."""

from __future__ import annotations

import atexit
import dataclasses
import gc
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file, save_file

from src import pipeline
from src.core.paths import ProjectPaths
from src.core.progress import Reporter
from src.embedding.model_files import ADAPTER_WEIGHTS
from src.models import LoraSettings, TrainConfig, TrainingMode
from src.storage.files import sha256_file, write_json
from src.training_stage import read_training
from src.workflow.stage import read_record, write_record

if TYPE_CHECKING:
    from src.workflow.context import RunContext

NAMES = ("standard", "lora", "lora-tuned")
ARTIFACTS = ("finetuned", "lora", "lora-tuned")


class Listener(Reporter):
    """Keeps what a stage says instead of printing it."""

    def __init__(self) -> None:
        super().__init__(-1)
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def recipe(name: str, /, **changes: object) -> TrainConfig:
    """A training of one short epoch that moves the tiny model; a name that begins with `lora` is an adapter's."""
    mode = TrainingMode.LORA if name.startswith("lora") else TrainingMode.STANDARD
    values = {
        "name": name,
        "mode": mode,
        "epochs": 1,
        "batch_size": 8,
        "learning_rate": 1e-2,
        "warmup_steps": 2,
        "precision": "fp32",
        "lora": LoraSettings() if mode is TrainingMode.LORA else None,
    }
    return TrainConfig.model_validate(values | changes)


def quick_trainings(seed: int) -> tuple[TrainConfig, ...]:
    """Stands in for the trainings of `run`, whose warm-up alone is longer than a tiny data set."""
    return tuple(recipe(name, seed=seed) for name in NAMES)


def copy_finished_run(context: RunContext) -> None:
    """Fill the root of a context with a finished run on its data and its base model."""
    finished = Path(context.base_model or "").parent / "finished"
    if not finished.exists():
        half_done = finished.with_name("half_done")
        _finish(context, half_done)
        half_done.rename(finished)
    shutil.copytree(finished, context.paths.root)


def _finish(context: RunContext, root: Path) -> None:
    paths = ProjectPaths(root=root, data_dir=context.paths.data_dir)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "trainings_of_run", quick_trainings)
        pipeline.run_all(dataclasses.replace(context, paths=paths))
    # what was imported by now stays; without this every release of a model would search it all again
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)


def zero_adapter(context: RunContext, name: str) -> None:
    """Make an adapter do nothing, and the record of its training accept it: as if it had never been applied."""
    file, known = context.paths.model(name) / ADAPTER_WEIGHTS, read_training(context, name)
    weights = {key: torch.zeros_like(value) if "lora_B" in key else value for key, value in load_file(file).items()}
    save_file(weights, file, metadata={"format": "pt"})
    info = known.model_copy(update={"weights_sha256": sha256_file(file)})
    write_json(context.paths.training_info(name), info)
    record = read_record(context.paths, f"train-{name}")
    outputs = [context.paths.root / output.path for output in record.provenance.outputs]
    write_record(context.paths, record.stage, record.inputs, outputs, 0.0)
