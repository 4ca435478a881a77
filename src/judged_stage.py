"""Stage `judge`: a model that was trained elsewhere, found right and recorded; and where its folder lies."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .core.distributed import barrier, is_main_process
from .core.errors import ArtifactError, MissingStageError, StageError, UserInputError, printable
from .core.paths import INSTRUCTION, NAME_RULE, SHALLOW_BASELINES, TAKEN_NAMES, TUNED_LORA, is_name
from .core.shell import shell_word
from .embedding.foreign import foreign_fingerprint, read_foreign
from .models import JudgedModel, TrainingMode
from .storage.files import opened, whole, write_bytes, write_json
from .workflow.code_version import code_version
from .workflow.context import judged_stage_name
from .workflow.stage import Stage, read_record, read_result

if TYPE_CHECKING:
    from .core.paths import ProjectPaths
    from .embedding.foreign import ForeignModel
    from .workflow.context import RunContext

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9_-]++")
_NAME_LENGTH = 40
_NAME_LIMIT = 60
# a judged model of such a name would stand in the way of a training of `run`
_RESERVED = (*TAKEN_NAMES, *(mode.value for mode in TrainingMode), TUNED_LORA, INSTRUCTION)


class GivenFolder(NamedTuple):
    """A folder that was found right, and what it holds."""

    folder: Path
    model: ForeignModel


def judged_stage(
    context: RunContext, name: str, given: GivenFolder | None = None, *, verify: bool = True
) -> Stage[JudgedModel]:
    """What is known of one model that was trained elsewhere.

    Args:
        context: The run.
        name: Its name here.
        given: Where it lies, and what it holds; None for where it lay when it was judged. Where that folder is gone,
            what was recorded of it counts.
        verify: Hash its files instead of looking at their sizes only.
    """
    place = given.folder if given else judged_folder(context, name)

    def inputs() -> dict[str, str]:
        if given is not None:
            files = given.model.files_sha256
        else:
            files = _recorded(context, name) if place is None else foreign_fingerprint(place)
        return {
            "folder": files,
            "base": context.base_fingerprint,
            "prompts": context.base.prompts.model_dump_json(),
            "code": code_version("judged_stage"),
        }

    def make(paths: ProjectPaths, made_from: str) -> None:
        started = time.monotonic()
        found = given.model if given else read_foreign(_there(name, place), context.base)
        first, second = found.prompts.prompt_1, found.prompts.prompt_2
        judged = JudgedModel(
            name=name,
            kind=found.kind,
            files_sha256=found.files_sha256,
            weights_sha256=found.weights_sha256,
            width=found.width,
            prompt=first,
            prompt_2=None if second == first else second,
            provenance=context.provenance(made_from, started),
        )
        write_json(paths.judged_model(name), judged)

    return Stage(
        context=context,
        name=judged_stage_name(name),
        command=judge_command(name, place),
        inputs=inputs,
        make=make,
        load=lambda: _load(context, name),
        verify=verify,
    )


def judge_command(name: str, folder: Path | None = None) -> str:
    """The command that judges a model; without a folder, DIR stands for it."""
    return f"evaluate --model {shell_word(str(folder)) if folder else 'DIR'} --name {name}"


def record_judged(context: RunContext, name: str, given: GivenFolder) -> None:
    """Record a model, and remember where its folder lies.

    Args:
        context: The run.
        name: What it is called here.
        given: Its folder.
    """
    with context.writing():
        judged_stage(context, name, given).ensure()
        if is_main_process():
            write_bytes(context.paths.judged_folder(name), os.fsencode(given.folder))
        barrier()  # the other processes read where it lies


def judged_folder(context: RunContext, name: str) -> Path | None:
    """Where the folder of a judged model lies; None where it is gone."""
    with suppress(StageError, OSError, ValueError):
        with opened(context.paths.judged_folder(name)) as file:
            folder = os.fsdecode(whole(file))
        # Path.is_dir raises for a name that is too long
        return Path(folder) if os.path.isdir(folder) else None  # noqa: PTH112
    return None


def judged_model(context: RunContext, name: str) -> JudgedModel | None:
    """What is known of a model as it stands; None where no judged model has this name.

    Raises:
        StageError: It cannot be read.
    """
    return _load(context, name) if name in context.judged else None


def folder_to_embed_with(context: RunContext, name: str) -> Path:
    """The folder of a judged model.

    Raises:
        MissingStageError: It is gone.
    """
    return _there(name, judged_folder(context, name))


def name_of_folder(folder: Path) -> str:
    """What a model is called that was given no name: its folder's name, with what no name may hold left out.

    Raises:
        UserInputError: Nothing is left of it.
    """
    name = _NOT_IN_A_NAME.sub("-", folder.name.lower()).strip("-_")[:_NAME_LENGTH].strip("-_")
    if not is_name(name):
        raise UserInputError(f"--model {folder}: its name cannot be used; give a --name: {NAME_RULE}")
    return name


def refuse_taken_name(name: str, trainings: list[str]) -> None:
    """Refuse a name for a judged model that another model has.

    Raises:
        UserInputError: A training has it, or one of `run` will have it.
    """
    shown = printable(name, _NAME_LIMIT)
    if name in trainings:
        raise UserInputError(f"--name {shown}: a training has this name; choose another --name")
    if name in SHALLOW_BASELINES:
        raise UserInputError(f"--name {shown}: a shallow baseline has this name; choose another --name")
    if name in _RESERVED:
        raise UserInputError(f"--name {shown}: a model of this program is called so; choose another --name")


def _there(name: str, folder: Path | None) -> Path:
    if folder is None:
        raise MissingStageError(
            f"{name}: its folder is gone, so no text can be embedded with it", command=judge_command(name)
        )
    return folder


def _recorded(context: RunContext, name: str) -> str:
    """Hash of the folder's files as it was judged."""
    return read_record(context.paths, judged_stage_name(name)).inputs.get("folder", "")


def _load(context: RunContext, name: str) -> JudgedModel:
    """What is known of a judged model.

    Raises:
        ArtifactError: The file is damaged, or is about another model.
    """
    path, stage = context.paths.judged_model(name), judged_stage_name(name)
    judged = read_result(context.paths, stage, path, JudgedModel)
    if judged.name != name or judged.files_sha256 != _recorded(context, name):
        raise ArtifactError(f"{path}: damaged, it is about another model than its record")
    return judged
