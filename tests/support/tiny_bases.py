"""Base models of many shapes, small and random, built without a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import AutoModel, PreTrainedTokenizerFast, T5EncoderModel

from tests.support.tiny_model import LETTERS, word_piece_tokenizer

if TYPE_CHECKING:
    from pathlib import Path

_LAYERS = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": 140}
_ENDS = {"bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3}
_DISTILBERT = {"n_layers": 2, "n_heads": 2, "hidden_dim": 64, "max_position_embeddings": 140}
_T5 = {"d_ff": 64, "d_kv": 16, "num_heads": 2, "num_layers": 2, "relative_attention_num_buckets": 8}
# each family's class of configurations, its settings, and what it calls the width
ENCODERS: dict[str, tuple[str, dict[str, Any], str]] = {
    "bert": ("BertConfig", _LAYERS, "hidden_size"),
    "camembert": ("CamembertConfig", {**_LAYERS, "pad_token_id": 1}, "hidden_size"),
    "electra": ("ElectraConfig", {**_LAYERS, "embedding_size": 16}, "hidden_size"),
    "mpnet": ("MPNetConfig", {**_LAYERS, "pad_token_id": 1}, "hidden_size"),
    "distilbert": ("DistilBertConfig", _DISTILBERT, "dim"),
    "roberta": ("RobertaConfig", {**_LAYERS, "pad_token_id": 1}, "hidden_size"),
    "xlm-roberta": ("XLMRobertaConfig", {**_LAYERS, "pad_token_id": 1}, "hidden_size"),
    "modernbert": ("ModernBertConfig", {**_LAYERS, **_ENDS, "pad_token_id": 0}, "hidden_size"),
    "t5": ("T5Config", _T5, "d_model"),
}
# these count positions from the padding token on, whose number is 1 here; T5 does not, and has another number
_UNIGRAM = ("camembert", "mpnet", "roberta", "xlm-roberta", "t5")


@dataclass(frozen=True)
class Shape:
    """One shape of a base model.

    Attributes:
        family: Name of the encoder's family; `static` for a word embedding alone.
        pooling: How token embeddings become one.
        dense: Dimensions that a dense layer after the pooling gives; 0 for none.
        normalize: Whether embeddings get the length 1.
        half: Whether its weights are stored with 16 bits.
        truncate_dim: Dimensions that are kept of an embedding.
        max_tokens: Tokens of a text that it reads.
        width: Dimensions of a token's embedding.
    """

    family: str
    pooling: str = "mean"
    dense: int = 0
    normalize: bool = True
    half: bool = False
    truncate_dim: int | None = None
    max_tokens: int = 100
    width: int = 32

    def __str__(self) -> str:
        told = {"dense": self.dense, "half": self.half, "truncated": self.truncate_dim, "plain": not self.normalize}
        return "-".join([self.family, self.pooling, *(name for name, value in told.items() if value)])


def build_base(folder: Path, shape: Shape) -> Path:
    """Write a model of a shape; its words are spelled letter by letter."""
    torch.manual_seed(0)
    if shape.family == "static":
        first: Any = modules.StaticEmbedding(word_piece_tokenizer(), embedding_dim=shape.width)
        found, width = [first], shape.width
    else:
        found, width = [_encoder(folder / "encoder", shape)], shape.width
        found.append(modules.Pooling(width, pooling_mode=shape.pooling))
    if shape.dense:
        found.append(modules.Dense(width, shape.dense))
    if shape.normalize:
        found.append(modules.Normalize())
    model = SentenceTransformer(modules=found, device="cpu", truncate_dim=shape.truncate_dim)
    if shape.half:
        model.half()
    model.save_pretrained(str(folder / "model"), create_model_card=False)
    return folder / "model"


def _encoder(folder: Path, shape: Shape) -> modules.Transformer:
    name, settings, width = ENCODERS[shape.family]
    tokenizer = unigram_tokenizer() if shape.family in _UNIGRAM else word_piece_tokenizer()
    config = getattr(transformers, name)(**settings, **{width: shape.width}, vocab_size=len(tokenizer))
    network = T5EncoderModel(config) if shape.family == "t5" else AutoModel.from_config(config)
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return modules.Transformer(str(folder), max_seq_length=shape.max_tokens)


def unigram_tokenizer() -> PreTrainedTokenizerFast:
    """As XLM-RoBERTa and T5 have one: pieces with scores, and a mark where a word begins."""
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    letters = ["▁", *LETTERS, ":", ",", ".", "'"]
    pieces = [(token, 0.0) for token in special] + [(letter, -3.0) for letter in letters]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=140,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
    )


# each family, pooling and setting at least once, with and without a dense layer
SHAPES = (
    Shape("bert", dense=16),
    Shape("bert", pooling="cls", half=True),
    Shape("bert", truncate_dim=16, max_tokens=128),
    Shape("electra", pooling="max", normalize=False),
    Shape("mpnet", max_tokens=128),
    Shape("distilbert", pooling="cls", dense=48),
    Shape("roberta", width=48),
    Shape("xlm-roberta", pooling="max", dense=16, half=True),
    Shape("modernbert"),
    Shape("t5", dense=16),
    Shape("static"),
    Shape("static", dense=16, normalize=False, half=True, truncate_dim=8),
)
ENCODER_SHAPES = tuple(shape for shape in SHAPES if shape.family != "static")
