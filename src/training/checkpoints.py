"""Checkpoints of a training. Incomplete checkpoints are ignored; those of other trainings are kept.

Beside them lies one file for each finished part of a training whose checkpoint validation chooses.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from safetensors import SafetensorError

from ..core.errors import MAKE_ROOM, CheckpointError, PipelineError, first_line, is_out_of_memory
from ..models import CheckpointMark, MeasuredPart
from ..storage.files import is_file, is_folder, read_json, remove_if_empty, write_json
from ..storage.manifest import damage_of, output_file
from ..storage.transaction import files_below

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_PREFIX = "checkpoint-"
_IS_CHECKPOINT = re.compile(rf"{_PREFIX}\d+", re.ASCII)
_PART = "part-{}.json"
_MARK = "complete.json"
_OF_THE_LIBRARY = "eval"  # an empty folder for an evaluator's files


def checkpoint_folder(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step lies.

    Args:
        folder: The training's folder of checkpoints.
        step: Optimizer steps taken.
    """
    return folder / f"{_PREFIX}{step}"


def seal(checkpoint: Path, step: int, fingerprint: str, best_step: int, recipe: str = "") -> None:
    """Mark a checkpoint as complete by writing the names, sizes and hashes of its files, last of all.

    Args:
        checkpoint: Its folder.
        step: Optimizer steps taken.
        fingerprint: Hash of everything that goes into the training.
        best_step: Step of the best checkpoint so far; a resumed training may end with it.
        recipe: JSON of the recipe.

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
    known = CheckpointMark(fingerprint=fingerprint, recipe=recipe, step=step, best_step=best_step, files=outputs)
    write_json(mark, known)


def refuse_strays(folder: Path) -> None:
    """Refuse what stands where a checkpoint would be written and is no folder.

    Raises:
        PipelineError: Such a file, link or pipe is there; nothing of it was opened.
    """
    for path in (folder, *_named(folder)):
        if os.path.lexists(path) and not is_folder(path):
            raise PipelineError(f"{path}: no folder of checkpoints; move it away and run again")


def recipes_of_others(folder: Path, fingerprint: str) -> list[str]:
    """The recipe of each checkpoint and part that another training made, as JSON; empty where it is not known.

    Args:
        folder: The training's folder of checkpoints.
        fingerprint: Hash of everything that goes into the training.
    """
    made = (*map(_mark_of, _named(folder)), *map(_read_part, _parts(folder)))
    return [found.recipe for found in made if found and not _is_of(found, fingerprint)]


def _is_of(found: CheckpointMark | MeasuredPart, fingerprint: str) -> bool:
    """Whether a training made it, in whatever phase: see `Phase.fingerprint`."""
    return found.fingerprint.partition("/")[0] == fingerprint


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob(_PART.format("*")))


def _read_part(file: Path) -> MeasuredPart | None:
    try:
        return read_json(file, MeasuredPart)
    except PipelineError:
        return None


def read_part(folder: Path, part: int, fingerprint: str) -> MeasuredPart | None:
    """A finished part of this training; None if there is none, or it cannot be read.

    Args:
        folder: The training's folder of checkpoints.
        part: Its number.
        fingerprint: Hash of everything that goes into the training.
    """
    found = _read_part(folder / _PART.format(part))
    return found if found is not None and _is_of(found, fingerprint) else None


def write_part(folder: Path, part: int, measured: MeasuredPart) -> None:
    """Keep a finished part, see `read_part`."""
    write_json(folder / _PART.format(part), measured)


def remove_phase(folder: Path, fingerprint: str) -> None:
    """Remove the checkpoints of a finished phase.

    Args:
        folder: The training's folder of checkpoints.
        fingerprint: That of the phase.
    """
    marks = {path.name: _mark_of(path) for path in _named(folder)}
    keep_only(folder, {name for name, mark in marks.items() if mark is None or mark.fingerprint != fingerprint})


def _named(folder: Path) -> list[Path]:
    """What is called as a checkpoint is."""
    return sorted(path for path in folder.glob(f"{_PREFIX}*") if _IS_CHECKPOINT.fullmatch(path.name))


def _mark_of(checkpoint: Path) -> CheckpointMark | None:
    if not is_folder(checkpoint):
        return None
    try:
        return read_json(checkpoint / _MARK, CheckpointMark)
    except PipelineError:
        return None


def newest_complete(folder: Path, fingerprint: str, without: Collection[str] = ()) -> tuple[Path | None, list[str]]:
    """The newest usable checkpoint of a training, and the names of the checkpoints that were ignored.

    A checkpoint is usable if it and the best checkpoint that it names are complete.

    Args:
        folder: The training's folder of checkpoints.
        fingerprint: Hash of everything that goes into the training.
        without: Names of checkpoints that turned out to be of no use.
    """
    found = {
        checkpoint: None if checkpoint.name in without else _whole(checkpoint, fingerprint)
        for checkpoint in _named(folder)
    }
    whole = {mark.step: mark.best_step for mark in found.values() if mark is not None}
    usable = [step for step, best in whole.items() if best in whole]
    ignored = sorted(path.name for path, mark in found.items() if mark is None or mark.step not in usable)
    return (checkpoint_folder(folder, max(usable)) if usable else None), ignored


def _whole(checkpoint: Path, fingerprint: str) -> CheckpointMark | None:
    """The mark of a checkpoint if it is complete and of this training, else None."""
    mark = _mark_of(checkpoint)
    if mark is None:
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
    for checkpoint in _named(folder):
        if checkpoint.name not in kept and is_folder(checkpoint):
            shutil.rmtree(checkpoint, ignore_errors=True)


def remove_unsealed(folder: Path) -> None:
    """Remove incomplete checkpoints, and the folder if nothing is left in it."""
    whole = {path.name for path in _named(folder) if (path / _MARK).exists()}
    _remove_all_but(folder, whole | {path.name for path in _parts(folder)})


def remove_own(folder: Path, fingerprint: str) -> None:
    """Remove all checkpoints and parts but those of other trainings, and the folder if nothing is left in it.

    Args:
        folder: The training's folder of checkpoints.
        fingerprint: Hash of everything that goes into the training.
    """
    marks = {path.name: _mark_of(path) for path in _named(folder)}
    parts = {path.name: _read_part(path) for path in _parts(folder)}
    _remove_all_but(
        folder, {name for name, found in (marks | parts).items() if found and not _is_of(found, fingerprint)}
    )


def remove_all(folder: Path) -> None:
    """Remove all checkpoints and parts, of whatever training, and the folder if nothing is left in it."""
    _remove_all_but(folder, ())


def _remove_all_but(folder: Path, kept: Collection[str]) -> None:
    if is_folder(folder):
        keep_only(folder, kept)
        for part in filter(is_file, _parts(folder)):
            if part.name not in kept:
                part.unlink(missing_ok=True)
        for empty in (folder / _OF_THE_LIBRARY, folder):
            remove_if_empty(empty)


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
        CheckpointError: The checkpoint cannot be read, although its hashes match its mark.
    """
    try:
        yield
    except Exception as error:
        if is_out_of_memory(error):
            raise
        raise CheckpointError(f"{checkpoint}: cannot be read ({first_line(error)}); train without --resume") from None
