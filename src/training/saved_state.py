"""Checks of what a checkpoint holds, beyond its hashes: the libraries take over some damaged states without a word."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import torch
from pydantic import BaseModel, ConfigDict
from transformers import TrainerState

from ..core.errors import ArtifactError, PipelineError
from ..storage.files import is_file, read_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STATE, OPTIMIZER, SCHEDULER = "trainer_state.json", "optimizer.pt", "scheduler.pt"
_MOMENTS = ("exp_avg", "exp_avg_sq")
_CHANGES = ("lr", "params")  # fields of a group of parameters that differ from step to step, or are numbered anew


class _Point(BaseModel):
    """One evaluation, as the library logs it; other keys are its own."""

    step: int
    epoch: float
    eval_spearman: float
    eval_auc_roc: float
    train_loss: float | None
    learning_rate: float | None


class SavedState(BaseModel):
    """What a training reads of the library's state file; other keys are its own."""

    model_config = ConfigDict(extra="allow")

    global_step: int
    best_global_step: int
    best_metric: float
    epoch: float
    max_steps: int
    num_train_epochs: int
    train_batch_size: int | None
    total_flos: float
    log_history: list[_Point]


def read_state(checkpoint: Path) -> SavedState:
    """The library's state of a checkpoint, whose files for optimizer, scheduler and random numbers are there.

    Raises:
        PipelineError: A file is missing or damaged, or the state belongs to another step.
    """
    for name in (OPTIMIZER, SCHEDULER):
        if not is_file(checkpoint / name):
            raise ArtifactError(f"{name} is missing")
    if not any(map(is_file, checkpoint.glob("rng_state*.pth"))):
        raise ArtifactError("the state of the random numbers is missing")
    state = read_json(checkpoint / STATE, SavedState)
    if not {*(state.model_extra or {})} <= {field.name for field in dataclasses.fields(TrainerState)}:
        raise ArtifactError(f"{STATE} is of another version")
    evaluated = [point.step for point in state.log_history]
    if checkpoint.name != f"checkpoint-{state.global_step}" or state.best_global_step not in evaluated:
        raise ArtifactError(f"{STATE} belongs to another step")
    return state


def without_state(folder: Path) -> set[str]:
    """Names of the checkpoints whose state cannot be read.

    Args:
        folder: The training's folder of checkpoints.
    """
    names = set()
    for checkpoint in folder.glob("checkpoint-*"):
        try:
            read_state(checkpoint)
        except PipelineError:
            names.add(checkpoint.name)
    return names


def refuse_other_tensors(found: Mapping[str, torch.Tensor], expected: Mapping[str, torch.Tensor]) -> None:
    """Refuse tensors of another shape or type than those of the same names; a library would convert them.

    Raises:
        ArtifactError: There is one.
    """
    for name, tensor in found.items():
        own = expected.get(name)
        if own is not None and (tensor.shape, tensor.dtype) != (own.shape, own.dtype):
            raise ArtifactError(
                f"{name} is {tensor.dtype} of shape {tuple(tensor.shape)}, expected {own.dtype} of {tuple(own.shape)}"
            )


def refuse_other_optimizer(checkpoint: Path, optimizer: Any, scheduler: Any) -> None:  # noqa: ANN401 - wrapped by accelerate
    """Refuse an optimizer and a scheduler that are not those of this training at the checkpoint's step.

    Args:
        checkpoint: Its folder.
        optimizer: The training's own, before its first step.
        scheduler: The training's own.

    Raises:
        ArtifactError: The saved ones differ in structure, shapes, types or settings.
    """
    saved = _loaded(checkpoint / OPTIMIZER)
    for theirs, ours, plain in _in_pairs(saved["param_groups"], optimizer.param_groups, optimizer.state_dict()):
        if any(theirs[name] != value for name, value in plain.items() if name not in _CHANGES):
            raise ArtifactError(f"{OPTIMIZER} has other settings")
        for number, parameter in zip(theirs["params"], ours["params"], strict=True):
            known = saved["state"].get(number, {})
            refuse_other_tensors(known, dict.fromkeys(_MOMENTS, parameter))
            if known and not {*_MOMENTS, "step"} <= known.keys():
                raise ArtifactError(f"{OPTIMIZER} lacks a state")
    if not saved["state"]:
        raise ArtifactError(f"{OPTIMIZER} is empty")
    schedule, own = _loaded(checkpoint / SCHEDULER), scheduler.state_dict()
    same = {name: type(value) for name, value in schedule.items()} == {name: type(own[name]) for name in own}
    if not same or schedule["base_lrs"] != own["base_lrs"] or checkpoint.name != f"checkpoint-{schedule['last_epoch']}":
        raise ArtifactError(f"{SCHEDULER} belongs to another training or step")


def _in_pairs(saved: list[Any], own: list[Any], plain: dict[str, Any]) -> list[tuple[Any, Any, Any]]:
    return list(zip(saved, own, plain["param_groups"], strict=True))


def _loaded(file: Path) -> dict[str, Any]:
    # weights_only builds tensors and runs nothing; the map reads headers alone
    content = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    if not isinstance(content, dict):
        raise ArtifactError(f"{file.name} holds no state")
    return content
