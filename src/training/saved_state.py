"""Checks of what a checkpoint holds, beyond its hashes: the libraries take over some damaged states without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field

from ..core.errors import ArtifactError, PipelineError
from ..models import Count
from ..storage.files import is_file, read_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STATE, OPTIMIZER, SCHEDULER = "trainer_state.json", "optimizer.pt", "scheduler.pt"
_MOMENTS = ("exp_avg", "exp_avg_sq")
_CHANGES = ("lr", "params")  # fields of a group of parameters that differ from step to step, or are numbered anew

_Number = Annotated[Count, Field(ge=1)]


class _Point(BaseModel):
    """One evaluation, as the library logs it; other keys are its own."""

    step: int
    epoch: float
    eval_spearman: float | None = None  # a refit measures nothing
    eval_auc_roc: float | None = None
    train_loss: float | None
    learning_rate: float | None


class _Control(BaseModel):
    """What the library's loop was about to do."""

    model_config = ConfigDict(extra="forbid")

    should_training_stop: bool
    should_epoch_stop: bool
    should_save: bool
    should_evaluate: bool
    should_log: bool


class _SavedControl(BaseModel):
    args: _Control
    attributes: dict[str, Any] = Field(max_length=0)


class _Callbacks(BaseModel):
    model_config = ConfigDict(extra="forbid")

    control: _SavedControl = Field(alias="TrainerControl")


class SavedState(BaseModel):
    """The library's state file: all of its fields, because the library takes them over unchecked."""

    model_config = ConfigDict(extra="forbid")

    global_step: _Number
    best_global_step: _Number | None
    best_metric: float | None
    best_model_checkpoint: str | None
    epoch: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    max_steps: _Number
    num_train_epochs: _Number
    train_batch_size: _Number | None
    logging_steps: _Number
    eval_steps: _Number
    save_steps: _Number
    num_input_tokens_seen: Count
    total_flos: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    log_history: list[_Point]
    is_local_process_zero: bool
    is_world_process_zero: bool
    is_hyper_param_search: Literal[False]
    trial_name: None
    trial_params: None
    stateful_callbacks: _Callbacks


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
    evaluated = [point.step for point in state.log_history if point.eval_spearman is not None]
    best_is_known = state.best_global_step in evaluated if evaluated else state.best_global_step is None
    if checkpoint.name != f"checkpoint-{state.global_step}" or not best_is_known:
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
