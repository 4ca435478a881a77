"""Stage `train`: one training, recorded; and what a later stage needs to know of it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from src.artifacts import read_json, write_json
from src.code_digest import code_digest
from src.models import TrainingInfo, TrainingMode
from src.stage_records import ensure, require_fresh, stage_status

if TYPE_CHECKING:
    from pathlib import Path

    from src.models import TrainConfig
    from src.run_context import RunContext
    from src.trainer import StandardTrainer

INFO_SUFFIX = "_training_info.json"


def train_command(name: str) -> str:
    """The command that makes a training; only the modes' own names say how it was made."""
    if name in list(TrainingMode):
        return f"python -m src.cli train --mode {name}"
    return f"python -m src.cli train --mode MODE --name {name}"


def training_inputs(context: RunContext) -> dict[str, str]:
    """What every training is made from, its recipe aside."""
    return {
        "train": context.data_hashes["train"],
        "eval": context.data_hashes["eval"],
        "base": context.base.sha256,
        "code": code_digest("trainer", "lora_trainer"),
    }


def run_training(context: RunContext, config: TrainConfig, *, resume: bool = False) -> TrainingInfo:
    """Train one model and publish its folder, unless this very training still stands.

    Raises:
        PipelineError: The training diverged, or the saved folder is not the trained model.
    """
    inputs = {**training_inputs(context), "recipe": config.model_dump_json()}

    def make(fingerprint: str) -> list[Path]:
        trainer = _trainer(context, config)
        info = trainer.train(fingerprint, resume=resume)
        write_json(context.paths.training_info(config.name), info)
        return [context.paths.training_info(config.name), *filter(_is_file, trainer.folder.rglob("*"))]

    ensure(context, _stage(config.name), train_command(config.name), inputs, make)
    # only now: a training that is cut off before it is recorded can still be resumed
    shutil.rmtree(context.paths.checkpoints(config.name), ignore_errors=True)
    return read_json(context.paths.training_info(config.name), TrainingInfo, train_command(config.name))


def read_training(context: RunContext, name: str) -> TrainingInfo:
    """A finished training that a later stage builds on.

    Raises:
        MissingStageError: It was not run, or data, base model or code changed since.
        ArtifactError: One of its files is damaged.
    """
    require_fresh(stage_status(context.paths, _stage(name), training_inputs(context), train_command(name)))
    return read_json(context.paths.training_info(name), TrainingInfo, train_command(name))


def known_trainings(context: RunContext) -> list[str]:
    """Names of the trainings that left an info file: standard first, then lora, then the others by name."""
    names = [path.name.removesuffix(INFO_SUFFIX) for path in context.paths.trainings.glob(f"*{INFO_SUFFIX}")]
    modes = list(TrainingMode)
    return sorted(names, key=lambda name: (modes.index(TrainingMode(name)) if name in modes else len(modes), name))


def _stage(name: str) -> str:
    return f"train-{name}"


def _is_file(path: Path) -> bool:
    return path.is_file()


def _trainer(context: RunContext, config: TrainConfig) -> StandardTrainer:
    if config.mode is TrainingMode.LORA:
        from src.lora_trainer import LoraTrainer  # noqa: PLC0415 - imports torch and peft

        return LoraTrainer(context, config)
    from src.trainer import StandardTrainer  # noqa: PLC0415 - imports torch

    return StandardTrainer(context, config)
