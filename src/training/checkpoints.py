"""Checkpoints of a training. Incomplete checkpoints and those of other trainings are ignored."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from safetensors import SafetensorError

from ..core.errors import MAKE_ROOM, ArtifactError, PipelineError, first_line, is_out_of_memory
from ..models import CheckpointMark
from ..storage.files import read_json, write_json
from ..storage.manifest import damage_of, output_file
from ..storage.transaction import files_below

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_PREFIX = "checkpoint-"
_MARK = "complete.json"


def checkpoint_folder(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step lies.

    Args:
        folder: The training's folder of checkpoints.
        step: Optimizer steps taken.
    """
    return folder / f"{_PREFIX}{step}"


def seal(checkpoint: Path, step: int, fingerprint: str, best_step: int) -> None:
    """Mark a checkpoint as complete by writing the names, sizes and hashes of its files, last of all.

    Args:
        checkpoint: Its folder.
        step: Optimizer steps taken.
        fingerprint: Hash of everything that goes into the training.
        best_step: Step of the best checkpoint so far; a resumed training may end with it.

    Raises:
        PipelineError: The disk is full or cannot be written.
    """
    mark = checkpoint / _MARK
    mark.unlink(missing_ok=True)
    files = files_below(checkpoint)
    for file in files:
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
    outputs = tuple(output_file(file, checkpoint) for file in files)
    write_json(mark, CheckpointMark(fingerprint=fingerprint, step=step, best_step=best_step, files=outputs))


def newest_complete(folder: Path, fingerprint: str) -> tuple[Path | None, list[str]]:
    """The newest usable checkpoint of a training, and the names of the checkpoints that were ignored.

    A checkpoint is usable if it and the best checkpoint that it names are complete.

    Args:
        folder: The training's folder of checkpoints.
        fingerprint: Hash of everything that goes into the training.
    """
    found = {checkpoint: _whole(checkpoint, fingerprint) for checkpoint in folder.glob(f"{_PREFIX}*")}
    whole = {mark.step: mark.best_step for mark in found.values() if mark is not None}
    usable = [step for step, best in whole.items() if best in whole]
    ignored = sorted(path.name for path, mark in found.items() if mark is None or mark.step not in usable)
    return (checkpoint_folder(folder, max(usable)) if usable else None), ignored


def _whole(checkpoint: Path, fingerprint: str) -> CheckpointMark | None:
    """The mark of a checkpoint if it is complete and of this training, else None."""
    if checkpoint.is_symlink() or not checkpoint.is_dir():
        return None
    try:
        mark = read_json(checkpoint / _MARK, CheckpointMark)
    except PipelineError:
        return None
    names = {file.relative_to(checkpoint).as_posix() for file in files_below(checkpoint)}
    fits = (
        mark.fingerprint == fingerprint
        and checkpoint.name == f"{_PREFIX}{mark.step}"
        and names == {_MARK, *(file.path for file in mark.files)}
        and not any(damage_of(file, checkpoint, verify=True) for file in mark.files)
    )
    return mark if fits else None


def keep_only(folder: Path, kept: Collection[str]) -> None:
    """Remove all checkpoints except some.

    Args:
        folder: The training's folder of checkpoints.
        kept: Names of those that stay.
    """
    for checkpoint in folder.glob(f"{_PREFIX}*"):
        if checkpoint.name not in kept:
            _remove(checkpoint)


def remove_unsealed(folder: Path) -> None:
    """Remove incomplete checkpoints, and the folder if no complete one is left."""
    sealed = {mark.parent.name for mark in folder.glob(f"{_PREFIX}*/{_MARK}")}
    if sealed:
        keep_only(folder, sealed)
    else:
        remove_all(folder)


def remove_all(folder: Path) -> None:
    """Remove the folder with all checkpoints of a training."""
    _remove(folder)


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Turn the errors that the libraries raise on a full or read-only disk into one of ours.

    Raises:
        PipelineError: The folder cannot be written.
    """
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        raise PipelineError(f"{folder}: cannot be written: {first_line(error)}; {MAKE_ROOM}") from None


@contextmanager
def read_whole(checkpoint: str | None) -> Iterator[None]:
    """Turn any error that the libraries raise while they read a checkpoint into one of ours.

    Raises:
        ArtifactError: The checkpoint cannot be read, although its hashes match its mark.
    """
    try:
        yield
    except PipelineError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        raise ArtifactError(f"{checkpoint}: cannot be read ({first_line(error)}); train without --resume") from None


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
