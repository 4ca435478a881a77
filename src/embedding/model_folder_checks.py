"""A model folder, checked before a library opens one of its files.

A trained folder holds the expected files and nothing else; in a base model's folder those places are looked at that the
libraries read. The configuration says what `allowed_config.py` allows, sizes are those of the weights, and every weight
is finite.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..core.errors import ModelFolderError
from ..storage.files import SYSTEM_FILES, fingerprint, sha256_file
from . import allowed_config as allowed
from .architecture import POOLER, Architecture, checked_architecture, word_embedding
from .model_files import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    CONFIG,
    MODEL_SETTINGS,
    MODULES,
    TOKENIZERS,
    TRAIN_AGAIN,
    USE_ANOTHER,
    WEIGHTS,
    damaged,
    has_tokenizer,
    quoted,
    read_settings,
    read_settings_if_there,
    read_weights,
    refuse_special_files,
)
from .modules import STATIC, Module, read_modules, refuse_other_modules, refuse_unfit_modules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentence_transformers import SentenceTransformer

_HASHED = frozenset({".json", ".model", ".txt"})
_SENTENCE_CONFIGS = tuple(
    f"sentence_{family}_config.json"
    for family in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
_TOKENIZER_SETTINGS, _ADDED_TOKENS = "tokenizer_config.json", "added_tokens.json"
# the files in the encoder's folder, and what each may say
_TABLES = MappingProxyType(
    {
        CONFIG: allowed.ARCHITECTURE,
        **dict.fromkeys(_SENTENCE_CONFIGS, allowed.TRANSFORMER),
        _TOKENIZER_SETTINGS: allowed.TOKENIZER,
        "tokenizer.json": allowed.TOKENIZER_MODEL,
        "special_tokens_map.json": allowed.SPECIAL_TOKENS,
        _ADDED_TOKENS: allowed.ADDED_TOKENS,
        "generation_config.json": allowed.GENERATION,
    }
)
_MODEL_FILES = frozenset({MODULES, MODEL_SETTINGS, "README.md"})
# what a training writes into the encoder's folder, beside configuration and weights
ENCODER_SETTINGS = frozenset({*_TABLES, *TOKENIZERS, "merges.txt"} - {CONFIG, "generation_config.json"})
# what the libraries read where it is there, and an encoder of sentences does not need
_NOT_IN_A_BASE = frozenset(
    {
        *(ADAPTER_CONFIG, ADAPTER_WEIGHTS, "adapter_model.bin"),
        *("processor_config.json", "preprocessor_config.json", "video_preprocessor_config.json"),
        *("chat_template.jinja", "chat_template.json", "additional_chat_templates"),
        *("tekken.json", "tiktoken.model"),
    }
)
# where a file of such a name lies, the library reads every safetensors file of the folder
_SHARD = "shard-"
# the keys that define the architecture; the libraries write others, and change some of those in training
_ARCHITECTURE = (
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "layer_norm_eps",
    "feed_forward_proj",
    "max_position_embeddings",
    "model_type",
    "num_attention_heads",
    "num_hidden_layers",
    "pad_token_id",
    "position_embedding_type",
    "type_vocab_size",
    "vocab_size",
)
_DIGITS = 9


@dataclass(frozen=True)
class ModelFolder:
    """A model folder that was found right.

    Attributes:
        path: The folder.
        weights: Its encoder's weights.
        modules: What a text passes through.
        config: The encoder's configuration.
        architecture: The encoder's sizes and tensors.
        dimensions: Those of an embedding.
        remedy: What to do where it turns out to be wrong.
    """

    path: Path
    weights: Path
    modules: tuple[Module, ...]
    config: dict[str, Any]
    architecture: Architecture
    dimensions: int
    remedy: str


# --- a whole folder -------------------------------------------------------------------------------------


def read_base(folder: Path) -> ModelFolder:
    """Check a base model's folder, which anyone may have made, and which may be links into a cache.

    Raises:
        ModelFolderError: It must not be used, or cannot be.
    """
    try:
        if not (folder / MODULES).exists():
            raise _incomplete(folder, MODULES)
        refuse_special_files(folder, USE_ANOTHER)
        modules = read_modules(folder, USE_ANOTHER)
        encoder = folder / modules[0].path
        for place in (folder / module.path for module in modules):
            refuse_special_files(place, USE_ANOTHER)
        for place in (folder, encoder):
            _refuse_what_a_base_lacks(place)
        if not (encoder / WEIGHTS).exists():
            raise _incomplete(encoder, WEIGHTS)
        if not has_tokenizer(encoder):
            raise _incomplete(encoder, "tokenizer")
        return _checked(folder, modules, USE_ANOTHER)
    except OSError as error:
        raise damaged(folder, error, USE_ANOTHER) from None


def read_trained(folder: Path) -> ModelFolder:
    """Check the folder of a full fine-tune, which holds what this pipeline wrote and nothing else.

    Raises:
        ModelFolderError: It must not be used, or cannot be.
    """
    modules = read_modules(folder, TRAIN_AGAIN)
    refuse_foreign_files(folder, modules, frozenset(map(modules[0].file, {CONFIG, WEIGHTS} | ENCODER_SETTINGS)))
    if not has_tokenizer(folder / modules[0].path):
        raise ModelFolderError(f"{folder}: no tokenizer; {TRAIN_AGAIN}")
    return _checked(folder, modules, TRAIN_AGAIN)


def refuse_foreign_files(folder: Path, modules: tuple[Module, ...], more: frozenset[str]) -> None:
    """Refuse a trained folder with a file that this pipeline does not write.

    Args:
        folder: The folder.
        modules: Its modules.
        more: Files of its encoder or adapter.

    Raises:
        ModelFolderError: There is one.
    """
    expected = _MODEL_FILES.union(more, *(module.files for module in modules[1:]))
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or path.name in SYSTEM_FILES:
            continue
        if path.relative_to(folder).as_posix() not in expected:
            raise ModelFolderError(f"{path}: does not belong to this model; remove it, or {TRAIN_AGAIN}")


def refuse_other_files_settings(folder: Path, modules: tuple[Module, ...], remedy: str) -> None:
    """Refuse a folder with a configuration file that says more than its table allows.

    Raises:
        ModelFolderError: One of them does.
    """
    for name, table in _TABLES.items():
        read_settings_if_there(folder / modules[0].path / name, table, remedy)
    read_settings_if_there(folder / MODEL_SETTINGS, allowed.SENTENCE_TRANSFORMER, remedy)
    refuse_other_modules(folder, modules, remedy)


def folder_fingerprint(folder: Path, modules: tuple[Module, ...], weights_sha256: str = "") -> str:
    """Hash of all files that the libraries read from the folder of a model or of an adapter.

    Args:
        folder: The folder.
        modules: Its modules; none for an adapter that lies alone.
        weights_sha256: Hash of its encoder's weights, which are not hashed again; empty for an adapter.
    """
    places = {folder, *(folder / module.path for module in modules)}
    found = (path for place in places if place.is_dir() for path in place.iterdir() if path.is_file())
    known = {folder / modules[0].path / WEIGHTS: weights_sha256} if weights_sha256 else {}
    return fingerprint(
        {
            path.relative_to(folder).as_posix(): known.get(path) or sha256_file(path)
            for path in found
            if path.name in (WEIGHTS, ADAPTER_WEIGHTS) or path.suffix in _HASHED
        }
    )


def _incomplete(folder: Path, what: str) -> ModelFolderError:
    return ModelFolderError(f"{folder}: no {what}; a sentence-transformers folder is expected")


def _refuse_what_a_base_lacks(place: Path) -> None:
    for path in sorted(place.iterdir()):
        if path.name in _NOT_IN_A_BASE or (path.name.startswith(_SHARD) and path.suffix == ".safetensors"):
            raise ModelFolderError(f"{path}: does not belong in a base model's folder; remove it, or {USE_ANOTHER}")


def _checked(folder: Path, modules: tuple[Module, ...], remedy: str) -> ModelFolder:
    """What both kinds of folders have to keep."""
    refuse_other_files_settings(folder, modules, remedy)
    encoder = folder / modules[0].path
    tensors = read_weights(encoder / WEIGHTS, remedy)
    config: dict[str, Any] = {}
    if modules[0].kind == STATIC:
        architecture = word_embedding(tensors, encoder / WEIGHTS, remedy)
    else:
        config = read_settings(encoder / CONFIG, allowed.ARCHITECTURE, remedy)
        architecture = checked_architecture(config, tensors, encoder / CONFIG, remedy)
    _refuse_longer_texts(encoder, architecture, remedy)
    _refuse_foreign_tokens(encoder, architecture, remedy)
    dimensions = refuse_unfit_modules(folder, modules, architecture.width, remedy)
    kept = min(_truncated_to(folder, remedy) or dimensions, dimensions)
    return ModelFolder(folder, encoder / WEIGHTS, modules, config, architecture, kept, remedy)


def normalises(folder: Path, remedy: str = USE_ANOTHER) -> bool:
    """Whether every embedding of a model has the length 1; the begin of a longer one has not.

    Raises:
        ModelFolderError: The list of its modules or its settings are damaged.
    """
    return read_modules(folder, remedy)[-1].kind == "Normalize" and _truncated_to(folder, remedy) is None


def _truncated_to(folder: Path, remedy: str) -> int | None:
    """How many dimensions of an embedding a model keeps, at most."""
    settings = read_settings_if_there(folder / MODEL_SETTINGS, allowed.SENTENCE_TRANSFORMER, remedy)
    found: int | None = settings.get("truncate_dim")
    return found


def stated_limit(encoder: Path, remedy: str) -> int:
    """How many tokens of a text a model reads, by its own files, as the library understands them.

    Raises:
        ModelFolderError: One of them is damaged.
    """
    for name in _SENTENCE_CONFIGS:
        stated = read_settings_if_there(encoder / name, allowed.TRANSFORMER, remedy).get("max_seq_length")
        if stated is not None:
            return int(stated)
    # a word embedding has no such file, and some encoders take a text of any length
    settings = read_settings_if_there(encoder / CONFIG, allowed.ARCHITECTURE, remedy)
    most = settings.get("max_position_embeddings", sys.maxsize)
    stated = read_settings_if_there(encoder / _TOKENIZER_SETTINGS, allowed.TOKENIZER, remedy).get("model_max_length")
    return int(most if stated is None else min(stated, most))


def _refuse_longer_texts(encoder: Path, architecture: Architecture, remedy: str) -> None:
    """Refuse a number of tokens for which the weights have no positions."""
    for name in _SENTENCE_CONFIGS:
        limit = read_settings_if_there(encoder / name, allowed.TRANSFORMER, remedy).get("max_seq_length")
        if limit is not None and limit > architecture.max_tokens:
            raise ModelFolderError(
                f"{encoder / name}: max_seq_length is {limit}, the weights have positions for "
                f"{architecture.max_tokens} tokens; {remedy}"
            )


def _refuse_foreign_tokens(encoder: Path, architecture: Architecture, remedy: str) -> None:
    """Refuse added tokens that are numbered beyond the word embedding's rows."""
    for file, number in _added_tokens(encoder, remedy):
        if not 0 <= number < architecture.vocabulary:
            raise ModelFolderError(
                f"{file}: it numbers a token {number}, the weights have {architecture.vocabulary} tokens; {remedy}"
            )


def _added_tokens(encoder: Path, remedy: str) -> Iterator[tuple[Path, int]]:
    for number in read_settings_if_there(encoder / _ADDED_TOKENS, allowed.ADDED_TOKENS, remedy).values():
        yield encoder / _ADDED_TOKENS, number
    settings = read_settings_if_there(encoder / _TOKENIZER_SETTINGS, allowed.TOKENIZER, remedy)
    for key in settings.get("added_tokens_decoder", ()):
        yield encoder / _TOKENIZER_SETTINGS, int(key) if key.isdecimal() and len(key) <= _DIGITS else -1


# --- a trained model and its base -----------------------------------------------------------------------


def refuse_other_architecture(trained: ModelFolder, base: ModelFolder) -> None:
    """Refuse a full fine-tune whose architecture differs from its base model's.

    Raises:
        ModelFolderError: Configuration or tensor shapes differ.
    """
    ours, theirs = trained.config, base.config
    for key in _ARCHITECTURE:
        if key in ours and key in theirs and ours[key] != theirs[key]:
            raise ModelFolderError(
                f"{trained.weights.with_name(CONFIG)}: {key} is {quoted(repr(ours[key]))}, "
                f"the base model's is {quoted(repr(theirs[key]))}; {TRAIN_AGAIN}"
            )
    wanted, found = base.architecture.tensors, trained.architecture.tensors
    for name in sorted(wanted.keys() & found.keys()):
        if found[name].shape != wanted[name].shape:
            raise ModelFolderError(
                f"{trained.weights}: the tensor {quoted(name)} has shape {found[name].shape}, "
                f"the base model's {wanted[name].shape}; {TRAIN_AGAIN}"
            )


def network_of(module: Any) -> Any:  # noqa: ANN401 - of a library that has no types
    """What holds the weights of a module, under the names that they have in its file.

    Args:
        module: One of those of a loaded model.
    """
    return getattr(module, "model", module)


def refuse_missing_weights(model: SentenceTransformer, folder: ModelFolder) -> None:
    """Refuse a model whose file lacks a tensor; the library would initialise that tensor at random.

    Args:
        model: The model as loaded from the folder, without an adapter.
        folder: The folder.

    Raises:
        ModelFolderError: A tensor is missing.
    """
    network = network_of(model[0])
    found = folder.architecture.tensors
    state = network.state_dict()
    # tied tensors are saved once
    there = {tensor.data_ptr() for name, tensor in state.items() if name in found}
    for name, tensor in state.items():
        if name not in found and not name.startswith(POOLER) and tensor.data_ptr() not in there:
            raise ModelFolderError(f"{folder.weights}: the tensor {quoted(name)} is missing; {folder.remedy}")
