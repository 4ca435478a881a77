"""Checks of model folders that the libraries lack: which files they may hold, and whether all weights are there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import ModelError, PipelineError, first_line, printable
from ..storage.files import fingerprint, open_regular, read_tensor_shapes, sha256_file, whole

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

WEIGHTS = "model.safetensors"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
ADAPTER_CONFIG = "adapter_config.json"
TRAIN_AGAIN = "train the model again"
USE_ANOTHER = "use a complete model"
_TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model", "spiece.model")
_PICKLES = frozenset({".bin", ".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth"})
_READ = frozenset({".json", ".model", ".safetensors", ".txt"})
_OWN_CODE = "sentence_transformers."
# the keys that define the architecture; the libraries write others, and change some of those in training
_ARCHITECTURE = (
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "layer_norm_eps",
    "max_position_embeddings",
    "model_type",
    "num_attention_heads",
    "num_hidden_layers",
    "pad_token_id",
    "position_embedding_type",
    "type_vocab_size",
    "vocab_size",
)
# mean pooling does not use the pooler, and many published models leave it out
_UNREAD = "pooler."
_MATRIX = 2
_QUOTE_LIMIT = 80
_Shapes = dict[str, tuple[int, ...]]


def refuse_foreign_files(folder: Path, *, ours: bool) -> None:
    """Refuse a folder that asks for custom code or holds pickled weights.

    Args:
        folder: The model folder.
        ours: Whether this pipeline wrote it; such a folder holds no links and no pickles at all.

    Raises:
        ModelError: The folder must not be used.
    """
    for path in sorted(folder.rglob("*")):
        if ours and path.is_symlink():
            raise ModelError(f"{path}: a link, which is not followed; {TRAIN_AGAIN}")
        if not (path.is_file() or path.is_dir()):
            # the libraries would wait for ever for what a pipe holds
            raise ModelError(f"{path}: no file and no folder; {TRAIN_AGAIN if ours else USE_ANOTHER}")
        if path.suffix in _PICKLES and (ours or _would_be_unpickled(folder, path)):
            raise ModelError(f"{path}: a pickle can run code and is never opened; only safetensors are")
    for path in sorted(folder.rglob("*.json")):
        _refuse_own_code(path, _read(path, TRAIN_AGAIN if ours else USE_ANOTHER))


def _would_be_unpickled(folder: Path, path: Path) -> bool:
    """Whether the libraries would open a pickle; next to safetensors weights they ignore it."""
    return path.parent != folder and not (path.parent / WEIGHTS).is_file()


def _refuse_own_code(path: Path, config: Any) -> None:  # noqa: ANN401 - any JSON
    modules = config if path.name == "modules.json" else []
    if not isinstance(modules, list):
        raise ModelError(f"{path}: damaged: a list is expected; {USE_ANOTHER}")
    foreign = [m for m in modules if not (isinstance(m, dict) and str(m.get("type", "")).startswith(_OWN_CODE))]
    if foreign or (isinstance(config, dict) and "auto_map" in config):
        raise ModelError(f"{path}: asks for code of its own, which is never run; use a model without it")


def _read(path: Path, remedy: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        # a base model may be a folder of links; in our folders they were refused before
        with open_regular(Path(os.path.realpath(path))) as file:
            return json.loads(whole(file).decode("utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path}: missing; {remedy}") from None
    except OSError as error:
        raise ModelError(f"{path}: damaged: {error.strerror or first_line(error)}; {remedy}") from None
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: damaged: {first_line(error)}; {remedy}") from None


def has_tokenizer(folder: Path) -> bool:
    """Whether a model folder has a tokenizer; without one, the library makes a tokenizer with an empty vocabulary."""
    return any((folder / name).is_file() for name in _TOKENIZERS)


def folder_fingerprint(folder: Path, weights_sha256: str) -> str:
    """Hash of all files that the libraries read from a base model's folder.

    Args:
        folder: The base model's folder.
        weights_sha256: Hash of its weights, which are not hashed again.
    """
    files = [path for path in folder.rglob("*") if path.suffix in _READ and path.is_file()]
    names = {path.relative_to(folder).as_posix(): path for path in files}
    return fingerprint({name: weights_sha256 if name == WEIGHTS else sha256_file(path) for name, path in names.items()})


def refuse_other_architecture(trained: Path, base: Path) -> None:
    """Refuse a full fine-tune whose architecture differs from its base model's.

    Raises:
        ModelError: Configuration or tensor shapes differ, or a file is damaged.
    """
    ours, theirs = _read(trained / "config.json", TRAIN_AGAIN), _read(base / "config.json", USE_ANOTHER)
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        raise ModelError(f"{trained / 'config.json'}: damaged: an object is expected; {TRAIN_AGAIN}")
    for key in _ARCHITECTURE:
        if key in ours and key in theirs and ours[key] != theirs[key]:
            raise ModelError(
                f"{trained / 'config.json'}: {key} is {_cut(repr(ours[key]))}, "
                f"the base model's is {_cut(repr(theirs[key]))}; {TRAIN_AGAIN}"
            )

    wanted, found = _shapes(base / WEIGHTS, USE_ANOTHER), _shapes(trained / WEIGHTS, TRAIN_AGAIN)
    for name in sorted(wanted.keys() & found.keys()):
        if found[name] != wanted[name]:
            raise ModelError(
                f"{trained / WEIGHTS}: the tensor {_cut(name)} has shape {found[name]}, "
                f"the base model's {wanted[name]}; {TRAIN_AGAIN}"
            )


def refuse_missing_weights(model: SentenceTransformer, weights: Path, remedy: str) -> None:
    """Refuse a model whose file lacks a tensor; the library would initialise that tensor at random.

    Args:
        model: The model as loaded from the file, without an adapter.
        weights: The file.
        remedy: What to do, for the message.

    Raises:
        ModelError: A tensor is missing.
    """
    network: Any = model[0].model
    prefix = f"{network.base_model_prefix}."
    found = {name.removeprefix(prefix) for name in _shapes(weights, remedy)}
    state = network.state_dict()
    # tied tensors are saved once
    there = {tensor.data_ptr() for name, tensor in state.items() if name in found}
    for name, tensor in state.items():
        if name not in found and not name.startswith(_UNREAD) and tensor.data_ptr() not in there:
            raise ModelError(f"{weights}: the tensor {_cut(name)} is missing; {remedy}")


def refuse_unfit_adapter(folder: Path, base_weights: Path) -> None:
    """Refuse an adapter that is not plain LoRA, or whose tensors do not fit its configuration and the base model.

    Args:
        folder: The adapter's folder.
        base_weights: The base model's weights; their header names the modules.

    Raises:
        ModelError: The adapter does not fit.
    """
    config = _read(folder / ADAPTER_CONFIG, TRAIN_AGAIN)
    try:
        kind, rank, targets = config["peft_type"], int(config["r"]), [str(name) for name in config["target_modules"]]
    except (TypeError, KeyError, ValueError, OverflowError):
        kind, rank, targets = "", 0, []
    if kind != "LORA" or not targets:
        raise ModelError(f"{folder / ADAPTER_CONFIG}: damaged, no LoRA adapter; {TRAIN_AGAIN}")
    wanted = _adapter_shapes(_shapes(base_weights, USE_ANOTHER), rank, targets)
    shapes = _shapes(folder / ADAPTER_WEIGHTS, TRAIN_AGAIN)
    found = {name.removeprefix("base_model.model."): shape for name, shape in shapes.items()}
    for name in sorted(wanted.keys() | found.keys()):
        if found.get(name) != wanted.get(name):
            has = found.get(name, "not there")
            raise ModelError(
                f"{folder / ADAPTER_WEIGHTS}: does not fit the base model and its configuration: "
                f"{_cut(name)} is {has}, expected {wanted.get(name, 'not there')}; {TRAIN_AGAIN}"
            )


def _adapter_shapes(base: _Shapes, rank: int, targets: list[str]) -> _Shapes:
    shapes: _Shapes = {}
    for name, shape in base.items():
        module = name.removesuffix(".weight")
        if name.endswith(".weight") and module.rpartition(".")[2] in targets and len(shape) == _MATRIX:
            shapes[f"{module}.lora_A.weight"] = (rank, shape[1])
            shapes[f"{module}.lora_B.weight"] = (shape[0], rank)
    return shapes


def _cut(text: str) -> str:
    return printable(text, _QUOTE_LIMIT)


def _shapes(weights: Path, remedy: str) -> _Shapes:
    try:
        return read_tensor_shapes(weights)
    except PipelineError as error:
        raise ModelError(f"{error}; {remedy}") from None
