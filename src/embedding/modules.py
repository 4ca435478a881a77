"""What a text passes through in a model: an encoder with pooling or a word embedding; dense layers, normalisation."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..core.errors import ModelFolderError
from ..storage.files import sha256_file
from .allowed_config import DENSE, MODULE, NORMALIZE, POOLING, refuse_other_settings
from .model_files import (
    CONFIG,
    MODULES,
    PICKLES,
    WEIGHTS,
    a_pickle,
    quoted,
    read_json,
    read_settings,
    read_settings_if_there,
    read_weights,
)

if TYPE_CHECKING:
    from pathlib import Path

# a word embedding alone
STATIC = "StaticEmbedding"
# names of the library's classes in its old and new versions
_KINDS = MappingProxyType(
    {
        f"sentence_transformers.{place}": kind
        for kind, home in (
            *(("Transformer", "base"), ("Dense", "base"), ("Normalize", "base")),
            ("Pooling", "sentence_transformer"),
        )
        for place in (
            f"models.{kind}",
            f"models.{kind}.{kind}",
            f"{home}.modules.{kind}",
            f"{home}.modules.{kind.lower()}.{kind}",
            f"sentence_transformer.modules.{kind}",
        )
    }
    | {
        f"sentence_transformers.{place}": STATIC
        for place in (
            "models.StaticEmbedding",
            "models.StaticEmbedding.StaticEmbedding",
            "sentence_transformer.modules.StaticEmbedding",
            "sentence_transformer.modules.static_embedding.StaticEmbedding",
        )
    }
)
_WITH_WEIGHTS = ("Transformer", STATIC, "Dense")
# how older versions of the library write a pooling mode, where it is not called the same
_OLD_MODE = "pooling_mode_"
_NEW_MODES = MappingProxyType(
    {"cls_token": "cls", "max_tokens": "max", "mean_tokens": "mean", "weightedmean_tokens": "weightedmean"}
)
_DIGITS = 12
_TABLES = MappingProxyType({"Pooling": POOLING, "Dense": DENSE, "Normalize": NORMALIZE})


@dataclass(frozen=True)
class Module:
    """One entry of `modules.json`: what it is, and its folder below the model's."""

    kind: str
    path: str

    def file(self, name: str) -> str:
        """A file of the module, from the model's folder."""
        return f"{self.path}/{name}" if self.path else name

    @property
    def has_weights(self) -> bool:
        """Whether it has weights, in a file of its own."""
        return self.kind in _WITH_WEIGHTS

    @property
    def files(self) -> frozenset[str]:
        """The files that the library reads, of a module after the encoder."""
        return frozenset(map(self.file, (CONFIG, WEIGHTS) if self.kind == "Dense" else (CONFIG,)))


def read_modules(folder: Path, remedy: str) -> tuple[Module, ...]:
    """The modules of a model, the encoder first.

    Args:
        folder: The model's folder.
        remedy: What to do where it is wrong, for the message.

    Raises:
        ModelFolderError: `modules.json` is damaged, names something else than the library's modules, or their order is
            none that gives one vector a text.
    """
    file = folder / MODULES
    entries = read_json(file, remedy)
    if not isinstance(entries, list) or not entries:
        raise ModelFolderError(f"{file}: damaged: a list of modules is expected; {remedy}")
    for number, entry in enumerate(entries):
        refuse_other_settings(file, entry, MODULE, remedy)
        if entry["type"] not in _KINDS:
            shown = quoted(entry["type"])
            raise ModelFolderError(f"{file}: asks for code of its own, which is never run: {shown}; {remedy}")
        if entry["idx"] != number or entry["name"] in [other["name"] for other in entries[:number]]:
            raise ModelFolderError(f"{file}: damaged: module {number} has the number or name of another; {remedy}")
    modules = tuple(Module(_KINDS[entry["type"]], entry["path"]) for entry in entries)
    kinds = [module.kind for module in modules]
    first = 1 if kinds[0] == STATIC else 2
    if kinds[:first] not in ([STATIC], ["Transformer", "Pooling"]) or not set(kinds[first:]) <= {"Dense", "Normalize"}:
        raise ModelFolderError(
            f"{file}: the modules are {', '.join(kinds)}; expected Transformer and Pooling or {STATIC}, then Dense or "
            f"Normalize; {remedy}"
        )
    return modules


def refuse_other_modules(folder: Path, modules: tuple[Module, ...], remedy: str) -> None:
    """Refuse modules after the encoder whose configuration says more than its table allows.

    Raises:
        ModelFolderError: One of them does.
    """
    for module in modules[1:]:
        read_settings_if_there(folder / module.path / CONFIG, _TABLES[module.kind], remedy)


def refuse_unfit_modules(folder: Path, modules: tuple[Module, ...], width: int, remedy: str) -> int:
    """Refuse pooling and dense layers whose sizes are not those of what comes before them.

    Args:
        folder: The model's folder.
        modules: Its modules.
        width: Dimensions of the encoder's token embeddings.
        remedy: What to do, for the message.

    Returns:
        Dimensions of an embedding.

    Raises:
        ModelFolderError: One does not fit, or its weights are not there.
    """
    for module in modules[1:]:
        file = folder / module.path / CONFIG
        if module.kind == "Pooling":
            width = _pooled_width(file, read_settings(file, POOLING, remedy), width, remedy)
        elif module.kind == "Dense":
            width = _dense_width(file, read_settings(file, DENSE, remedy), width, remedy)
    return width


def described_modules(folder: Path, modules: tuple[Module, ...], remedy: str) -> str:
    """What a text passes through, in the same words for two folders that pool and transform alike.

    Raises:
        ModelFolderError: A configuration is damaged.
        ArtifactError: Weights cannot be read.
    """
    told = {
        "Pooling": lambda place: " and ".join(_pooling_modes(read_settings(place / CONFIG, POOLING, remedy))),
        "Dense": lambda place: sha256_file(place / WEIGHTS)[:_DIGITS],
    }
    return ", ".join(
        f"{module.kind} {told[module.kind](folder / module.path)}" if module.kind in told else module.kind
        for module in modules
    )


def _pooling_modes(config: dict[str, Any]) -> list[str]:
    if "pooling_mode" in config:
        modes = config["pooling_mode"]
        return modes if isinstance(modes, list) else [modes]
    old = [key.removeprefix(_OLD_MODE) for key, value in config.items() if key.startswith(_OLD_MODE) and value is True]
    # without any, the library takes the mean
    return [_NEW_MODES.get(mode, mode) for mode in old] or ["mean"]


def _pooled_width(file: Path, config: dict[str, Any], width: int, remedy: str) -> int:
    declared = {config[key] for key in ("embedding_dimension", "word_embedding_dimension") if key in config}
    if declared != {width}:
        shown = ", ".join(map(str, sorted(declared))) or "missing"
        raise ModelFolderError(f"{file}: the embedding dimension is {shown}, the encoder's is {width}; {remedy}")
    count = len(_pooling_modes(config))
    if not count:
        raise ModelFolderError(f"{file}: damaged: pooling_mode is empty; {remedy}")
    return width * count


def _dense_width(file: Path, config: dict[str, Any], width: int, remedy: str) -> int:
    weights = file.parent / WEIGHTS
    pickles = sorted(path for path in file.parent.iterdir() if path.suffix in PICKLES)
    if pickles and not weights.exists():
        raise a_pickle(pickles[0])
    found = {name: tensor.shape for name, tensor in read_weights(weights, remedy).items()}
    wide = int(config["out_features"])
    wanted: dict[str, tuple[int, ...]] = {"linear.weight": (wide, width)}
    if config.get("bias", True):
        wanted["linear.bias"] = (wide,)
    if config.get("use_residual", False) and wide != width:
        wanted["residual.weight"] = (wide, width)
    if config["in_features"] != width or found != wanted:
        raise ModelFolderError(f"{weights}: does not fit {CONFIG} and the {width} dimensions before it; {remedy}")
    return wide
