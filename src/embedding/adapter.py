"""The folder of a LoRA adapter, checked before a library opens it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.errors import ModelFolderError
from .allowed_config import ADAPTER
from .model_files import ADAPTER_CONFIG, ADAPTER_WEIGHTS, BASE_RECORD, TRAIN_AGAIN, quoted, read_settings, read_weights
from .model_folder_checks import ENCODER_SETTINGS, refuse_foreign_files, refuse_other_files_settings
from .modules import read_modules

if TYPE_CHECKING:
    from pathlib import Path

    from ..storage.tensors import Tensor
    from .model_folder_checks import ModelFolder

_OWN_FILES = frozenset({ADAPTER_CONFIG, ADAPTER_WEIGHTS, BASE_RECORD})
_MATRIX = 2
_Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Adapter:
    """What a LoRA adapter's configuration says; all else is switched off."""

    rank: int
    alpha: int
    dropout: float
    target_modules: tuple[str, ...]
    excluded: tuple[str, ...] = ()


def read_adapter(folder: Path, base: ModelFolder) -> Adapter:
    """Check an adapter's folder: plain LoRA whose tensors fit its configuration and the base model.

    Raises:
        ModelFolderError: It must not be used, or does not fit.
    """
    modules = read_modules(folder, TRAIN_AGAIN)
    refuse_foreign_files(folder, modules, _OWN_FILES | ENCODER_SETTINGS)
    refuse_other_files_settings(folder, modules, TRAIN_AGAIN)
    return refuse_unfit_adapter(folder, base.architecture.tensors)


def refuse_unfit_adapter(folder: Path, base: dict[str, Tensor], remedy: str = TRAIN_AGAIN) -> Adapter:
    """Refuse an adapter that is not plain LoRA, or whose tensors do not fit its configuration and the base model.

    Args:
        folder: The adapter's folder.
        base: The base model's tensors; their names are those of the modules.
        remedy: What to do, for the message.

    Returns:
        What its configuration says.

    Raises:
        ModelFolderError: The adapter does not fit.
    """
    config = read_settings(folder / ADAPTER_CONFIG, ADAPTER, remedy)
    rank, targets, excluded = int(config["r"]), tuple(config["target_modules"]), config.get("exclude_modules") or ()
    wanted = _adapter_shapes(
        {name: base[name] for name in base if name.removesuffix(".weight") not in excluded}, rank, targets
    )
    if not wanted:
        raise ModelFolderError(f"{folder / ADAPTER_CONFIG}: target_modules name no module; {remedy}")
    tensors = read_weights(folder / ADAPTER_WEIGHTS, remedy)
    found = {name.removeprefix("base_model.model."): tensor.shape for name, tensor in tensors.items()}
    for name in sorted(wanted.keys() | found.keys()):
        if found.get(name) != wanted.get(name):
            has = found.get(name, "not there")
            raise ModelFolderError(
                f"{folder / ADAPTER_WEIGHTS}: does not fit the base model and its configuration: "
                f"{quoted(name)} is {has}, expected {wanted.get(name, 'not there')}; {remedy}"
            )
    return Adapter(rank, config["lora_alpha"], config.get("lora_dropout", 0.0), targets, tuple(excluded))


def _adapter_shapes(base: dict[str, Tensor], rank: int, targets: tuple[str, ...]) -> _Shapes:
    shapes: _Shapes = {}
    for name, tensor in base.items():
        module = name.removesuffix(".weight")
        if name.endswith(".weight") and module.rpartition(".")[2] in targets and len(tensor.shape) == _MATRIX:
            shapes[f"{module}.lora_A.weight"] = (rank, tensor.shape[1])
            shapes[f"{module}.lora_B.weight"] = (tensor.shape[0], rank)
    return shapes
