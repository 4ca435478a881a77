"""Sizes that a configuration declares, checked against the tensors that the weights hold, before a network is built.

A library that is told of a million layers builds them. Here each family of encoders has one entry: which dimension of
which tensor shows a size.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..core.errors import ModelFolderError, printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..storage.tensors import Tensor

Tensors = dict[str, "Tensor"]

_QUOTE_LIMIT = 80
# names that the library gives to tensors of old files
_RENAMED = MappingProxyType({"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"})
_NUMBER = re.compile(r"(\d{1,9})\.")
# matrices that are looked up and not multiplied with
_LOOKED_UP = re.compile(r"^(embeddings|shared)\.|embed_tokens\.|relative_attention_bias\.")
# mean pooling does not use the pooler, and many published models leave it out
POOLER = "pooler."
_MATRIX = 2
WORD_EMBEDDING = "embedding.weight"


@dataclass(frozen=True)
class Family:
    """Where one family of encoders shows its sizes.

    Attributes:
        prefix: What tensor names begin with in a file that holds a language model's head as well.
        sizes: Each key of the configuration with a tensor, its dimension, and how often the size is in that.
        layers: The key of the number of layers, and what the names of their tensors begin with.
        heads: The key of the number of attention heads, and that of the size which they share.
        counts_from_padding: Whether the first token's position follows the padding token's id.
        aliases: Keys that the library takes for another one.
        targets: The last names of the modules that LoRA adapts: peft's table, where it has the family.
        head_size: The key of the size of a head, and a tensor with the size of all; None where the heads share a width.
        positions: The key of the number of positions; None where a text may have any number of tokens.
        unread: What the names of tensors begin with that the encoder does not have.
    """

    prefix: str
    sizes: Mapping[str, tuple[str, int, int]]
    layers: tuple[str, str]
    heads: tuple[str, str]
    counts_from_padding: bool = False
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    targets: tuple[str, ...] = ("query", "value")
    head_size: tuple[str, str] | None = None
    positions: str | None = "max_position_embeddings"
    unread: tuple[str, ...] = ()

    @property
    def hidden(self) -> str:
        """The key of the width of the token embeddings that the encoder gives."""
        return self.heads[1]


_BERT = MappingProxyType(
    {
        "vocab_size": ("embeddings.word_embeddings.weight", 0, 1),
        "hidden_size": ("encoder.layer.0.attention.output.dense.weight", 0, 1),
        "max_position_embeddings": ("embeddings.position_embeddings.weight", 0, 1),
        "type_vocab_size": ("embeddings.token_type_embeddings.weight", 0, 1),
        "intermediate_size": ("encoder.layer.0.intermediate.dense.weight", 0, 1),
    }
)
_BERT_LAYERS = ("num_hidden_layers", "encoder.layer.")
_BERT_HEADS = ("num_attention_heads", "hidden_size")
_T5_BIAS = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"

FAMILIES = MappingProxyType(
    {
        "bert": Family("bert", _BERT, _BERT_LAYERS, _BERT_HEADS),
        "electra": Family(
            "electra",
            MappingProxyType({**_BERT, "embedding_size": ("embeddings.word_embeddings.weight", 1, 1)}),
            _BERT_LAYERS,
            _BERT_HEADS,
        ),
        **{
            name: Family("roberta", _BERT, _BERT_LAYERS, _BERT_HEADS, counts_from_padding=True)
            for name in ("roberta", "xlm-roberta", "camembert")
        },
        "mpnet": Family(
            "mpnet",
            MappingProxyType(
                {key: place for key, place in _BERT.items() if key not in ("type_vocab_size", "hidden_size")}
                | {
                    "hidden_size": ("encoder.layer.0.attention.attn.o.weight", 0, 1),
                    "num_attention_heads": ("encoder.relative_attention_bias.weight", 1, 1),
                    "relative_attention_num_buckets": ("encoder.relative_attention_bias.weight", 0, 1),
                }
            ),
            _BERT_LAYERS,
            _BERT_HEADS,
            counts_from_padding=True,
            targets=("q", "v"),
        ),
        "distilbert": Family(
            "distilbert",
            MappingProxyType(
                {
                    "vocab_size": ("embeddings.word_embeddings.weight", 0, 1),
                    "dim": ("embeddings.word_embeddings.weight", 1, 1),
                    "max_position_embeddings": ("embeddings.position_embeddings.weight", 0, 1),
                    "hidden_dim": ("transformer.layer.0.ffn.lin1.weight", 0, 1),
                }
            ),
            ("n_layers", "transformer.layer."),
            ("n_heads", "dim"),
            aliases=MappingProxyType(
                {"hidden_size": "dim", "num_attention_heads": "n_heads", "num_hidden_layers": "n_layers"}
            ),
            targets=("q_lin", "v_lin"),
        ),
        "modernbert": Family(
            "model",
            MappingProxyType(
                {
                    "vocab_size": ("embeddings.tok_embeddings.weight", 0, 1),
                    "hidden_size": ("embeddings.tok_embeddings.weight", 1, 1),
                    "intermediate_size": ("layers.0.mlp.Wi.weight", 0, 2),
                }
            ),
            ("num_hidden_layers", "layers."),
            _BERT_HEADS,
            targets=("Wqkv",),
        ),
        "t5": Family(
            "transformer",
            MappingProxyType(
                {
                    "vocab_size": ("shared.weight", 0, 1),
                    "d_model": ("encoder.final_layer_norm.weight", 0, 1),
                    "d_ff": ("encoder.block.0.layer.1.DenseReluDense.wo.weight", 1, 1),
                    "num_heads": (_T5_BIAS, 1, 1),
                    "relative_attention_num_buckets": (_T5_BIAS, 0, 1),
                }
            ),
            ("num_layers", "encoder.block."),
            ("num_heads", "d_model"),
            targets=("q", "v"),
            head_size=("d_kv", "encoder.block.0.layer.0.SelfAttention.q.weight"),
            positions=None,
            unread=("decoder.", "lm_head."),
        ),
    }
)


@dataclass(frozen=True)
class Architecture:
    """What was found right: sizes in numbers, and the encoder's tensors under the names that the library gives them.

    Attributes:
        width: Dimensions of a token's embedding.
        vocabulary: Rows of the word embedding.
        max_tokens: How many tokens a text may have; infinite where there is no limit.
        tensors: The encoder's tensors, without those of another head.
        targets: The last names of the modules that LoRA adapts; none where it has nothing to adapt.
    """

    width: int
    vocabulary: int
    max_tokens: float
    tensors: Tensors
    targets: tuple[str, ...]

    @property
    def linear_modules(self) -> tuple[str, ...]:
        """Names of the linear modules that an embedding passes through."""
        return tuple(
            name.removesuffix(".weight")
            for name, tensor in self.tensors.items()
            if name.endswith(".weight")
            and len(tensor.shape) == _MATRIX
            and self.targets
            and not name.startswith(POOLER)
            and not _LOOKED_UP.search(name)
        )


def checked_architecture(
    config: Mapping[str, Any], tensors: Mapping[str, Tensor], file: Path, remedy: str
) -> Architecture:
    """Check each size of a configuration against the weights' tensors.

    Args:
        config: The configuration, whose values have the right types.
        tensors: What the weights' file declares.
        file: The configuration's file, for the message.
        remedy: What to do, for the message.

    Raises:
        ModelFolderError: The family is not known, or a size is missing or differs.
    """
    kind = config["model_type"]
    if not isinstance(kind, str) or kind not in FAMILIES:
        shown = printable(repr(kind), _QUOTE_LIMIT)
        raise ModelFolderError(f"{file}: model_type is {shown}, expected one of {', '.join(FAMILIES)}; {remedy}")
    family = FAMILIES[kind]
    if config.get("is_encoder_decoder") and not family.unread:
        raise ModelFolderError(f"{file}: is_encoder_decoder is True, expected False; {remedy}")
    found = _encoder_tensors(tensors, family)
    declared = _Declared(config, file, remedy)
    for alias, key in family.aliases.items():
        if alias in config:
            declared.refuse_unless(alias, config.get(key))
    for key, place in family.sizes.items():
        declared.refuse_unless(key, _size(found, place))
    declared.refuse_unless(family.layers[0], _count_layers(found, family.layers[1]))
    if family.head_size is None:
        _refuse_uneven_heads(config, family, file, remedy)
    else:
        key, tensor = family.head_size
        declared.refuse_unless(key, _size(found, (tensor, 0, declared.get(family.heads[0]))))
    padding = config.get("pad_token_id") if family.counts_from_padding else None
    # these families number the tokens from the padding token's id on
    taken = (1 if padding is None else int(padding)) + 1 if family.counts_from_padding else 0
    return Architecture(
        width=config[family.hidden],
        vocabulary=config["vocab_size"],
        max_tokens=math.inf if family.positions is None else declared.get(family.positions) - taken,
        tensors=found,
        targets=family.targets,
    )


def word_embedding(tensors: Mapping[str, Tensor], file: Path, remedy: str) -> Architecture:
    """The sizes of a model that takes the mean of word embeddings, without an encoder.

    Args:
        tensors: What the weights' file declares.
        file: That file, for the message.
        remedy: What to do, for the message.

    Raises:
        ModelFolderError: It holds something else than one matrix.
    """
    shape = tensors[WORD_EMBEDDING].shape if WORD_EMBEDDING in tensors else ()
    if len(shape) != _MATRIX or len(tensors) != 1:
        raise ModelFolderError(f"{file}: expected one matrix with the name {WORD_EMBEDDING}; {remedy}")
    return Architecture(width=shape[1], vocabulary=shape[0], max_tokens=math.inf, tensors=dict(tensors), targets=())


@dataclass(frozen=True)
class _Declared:
    """The sizes of one configuration."""

    config: Mapping[str, Any]
    file: Path
    remedy: str

    def get(self, key: str) -> int:
        if key not in self.config:
            raise ModelFolderError(f"{self.file}: damaged: {key} is missing; {self.remedy}")
        return int(self.config[key])

    def refuse_unless(self, key: str, found: int | None) -> None:
        """Refuse a size that the weights do not have."""
        if self.get(key) != found:
            has = "have none" if found is None else f"have {found}"
            raise ModelFolderError(f"{self.file}: {key} is {self.config[key]}, the weights {has}; {self.remedy}")


def _encoder_tensors(tensors: Mapping[str, Tensor], family: Family) -> Tensors:
    """The encoder's tensors under the names that the library gives them."""
    start = f"{family.prefix}."
    within = {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}
    return {
        _renamed(name): tensor for name, tensor in (within or tensors).items() if not name.startswith(family.unread)
    }


def _renamed(name: str) -> str:
    for old, new in _RENAMED.items():
        name = name.replace(old, new)
    return name


def _size(tensors: Tensors, place: tuple[str, int, int]) -> int | None:
    name, axis, times = place
    shape = tensors[name].shape if name in tensors else ()
    return shape[axis] // times if axis < len(shape) else None


def _count_layers(tensors: Tensors, start: str) -> int | None:
    """How many layers there are; None where their numbers have a gap."""
    matches = (_NUMBER.match(name, len(start)) for name in tensors if name.startswith(start))
    numbers = {int(match[1]) for match in matches if match}
    return len(numbers) if numbers == set(range(len(numbers))) else None


def _refuse_uneven_heads(config: Mapping[str, Any], family: Family, file: Path, remedy: str) -> None:
    key, shared = family.heads
    heads = config.get(key)
    if not isinstance(heads, int) or config[shared] % heads:
        raise ModelFolderError(f"{file}: {key} is {heads}, which does not divide {shared}, {config[shared]}; {remedy}")
