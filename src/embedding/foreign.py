"""A model that was trained elsewhere: a folder of sentence-transformers, or a LoRA adapter of the base model."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import ArtifactError, ModelFolderError, UserInputError, first_line
from ..models import NO_PROMPTS, FolderKind, Prompts
from ..storage.files import sha256_file
from .adapter import Adapter, refuse_unfit_adapter
from .model_files import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    BASE_RECORD,
    MODULES,
    USE_ANOTHER,
    WEIGHTS,
    a_pickle,
    read_json,
    refuse_special_files,
)
from .model_folder_checks import (
    ModelFolder,
    folder_fingerprint,
    read_base,
    refuse_other_files_settings,
)
from .modules import described_modules, read_modules, refuse_unfit_modules
from .prompts import prompts_of, prompts_of_adapter, refuse_pooling_without_prompts, refuse_prompts

if TYPE_CHECKING:
    from .base_model import BaseModel

_WITHOUT_PROMPTS = "judge a model whose pooling includes them"
_NAME_ITS_BASE = "name its base model with --base-model"
_PICKLED_ADAPTER = "adapter_model.bin"


@dataclass(frozen=True)
class ForeignModel:
    """What a folder holds that was found right.

    Attributes:
        kind: All weights, or an adapter.
        files_sha256: Hash of all files that the libraries read.
        weights_sha256: Hash of the weights' file.
        width: Dimensions of an embedding.
        prompts: What it reads before each text.
    """

    kind: FolderKind
    files_sha256: str
    weights_sha256: str
    width: int
    prompts: Prompts


def read_foreign(folder: Path, base: BaseModel) -> ForeignModel:
    """Check a model that was trained elsewhere, without loading it.

    Args:
        folder: Its folder.
        base: The base model of the run, which an adapter has to fit.

    Raises:
        UserInputError: There is no such folder.
        ModelFolderError: It must not be used, or cannot be.
    """
    if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises for a name that is too long
        raise UserInputError(f"--model {folder}: no such folder; give a folder of sentence-transformers or an adapter")
    if kind_of(folder) is FolderKind.FULL:
        found = read_base(folder)
        weights = sha256_file(found.weights)
        files = folder_fingerprint(folder, found.modules, weights)
        prompts = prompts_of(folder, USE_ANOTHER)
        if prompts != NO_PROMPTS:
            refuse_pooling_without_prompts(folder, _WITHOUT_PROMPTS)
        return ForeignModel(FolderKind.FULL, files, weights, found.dimensions, prompts)
    base_folder = read_base(Path(base.source))
    read_foreign_adapter(folder, base_folder, base.sha256)
    prompts = prompts_of_adapter(folder, base, USE_ANOTHER)
    refuse_prompts(base, prompts, _WITHOUT_PROMPTS)
    return ForeignModel(
        kind=FolderKind.ADAPTER,
        files_sha256=foreign_fingerprint(folder),
        weights_sha256=sha256_file(folder / ADAPTER_WEIGHTS),
        width=base_folder.dimensions,
        prompts=prompts,
    )


def kind_of(folder: Path) -> FolderKind:
    """Whether a folder holds an adapter or a whole model.

    Raises:
        ModelFolderError: It holds both.
    """
    if not os.path.lexists(folder / ADAPTER_CONFIG):
        return FolderKind.FULL
    if os.path.lexists(folder / WEIGHTS):
        raise ModelFolderError(f"{folder}: holds {WEIGHTS} and {ADAPTER_CONFIG}, expected one; {USE_ANOTHER}")
    return FolderKind.ADAPTER


def foreign_fingerprint(folder: Path) -> str:
    """Hash of all files that the libraries read from a folder, which is not checked.

    Raises:
        ModelFolderError: A file is missing, damaged or cannot be read.
    """
    full = kind_of(folder) is FolderKind.FULL
    modules = read_modules(folder, USE_ANOTHER) if full or os.path.lexists(folder / MODULES) else ()
    try:
        return folder_fingerprint(folder, modules, sha256_file(folder / modules[0].file(WEIGHTS)) if full else "")
    except (OSError, ArtifactError) as error:
        raise ModelFolderError(f"{folder}: cannot be read: {first_line(error)}; {USE_ANOTHER}") from None


def read_foreign_adapter(folder: Path, base: ModelFolder, base_sha256: str) -> Adapter:
    """Check an adapter that was trained elsewhere; other files may lie beside it, and it may name no base model.

    Args:
        folder: Its folder.
        base: The base model that it has to fit.
        base_sha256: Hash of the base model's weights.

    Raises:
        ModelFolderError: It must not be used, or does not fit.
    """
    refuse_special_files(folder, USE_ANOTHER)
    if not os.path.lexists(folder / ADAPTER_WEIGHTS) and os.path.lexists(folder / _PICKLED_ADAPTER):
        raise a_pickle(folder / _PICKLED_ADAPTER)
    if os.path.lexists(folder / BASE_RECORD):
        _refuse_other_base(folder, base_sha256)
    if os.path.lexists(folder / MODULES):
        _refuse_other_modules(folder, base)
    return refuse_unfit_adapter(folder, base.architecture.tensors, USE_ANOTHER)


def _refuse_other_base(folder: Path, base_sha256: str) -> None:
    record = read_json(folder / BASE_RECORD, USE_ANOTHER)
    if not isinstance(record, dict) or record.get("sha256") != base_sha256:
        raise ModelFolderError(f"{folder}: the adapter belongs to another base model; {_NAME_ITS_BASE}")


def _refuse_other_modules(folder: Path, base: ModelFolder) -> None:
    """Refuse an adapter whose texts pass through other modules than the base model's, which are those that are used."""
    modules = read_modules(folder, USE_ANOTHER)
    refuse_other_files_settings(folder, modules, USE_ANOTHER)
    refuse_unfit_modules(folder, modules, base.architecture.width, USE_ANOTHER)
    ours, theirs = (
        described_modules(folder, modules, USE_ANOTHER),
        described_modules(base.path, base.modules, USE_ANOTHER),
    )
    if ours != theirs:
        raise ModelFolderError(f"{folder}: its modules are {ours}, the base model's {theirs}; {_NAME_ITS_BASE}")
