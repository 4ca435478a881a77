"""A real sentence-transformers model, small and random, built without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, BertTokenizerFast

if TYPE_CHECKING:
    from pathlib import Path

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def build_tiny_model(folder: Path) -> Path:
    """Write the model; words are spelled letter by letter, so that every text has tokens of its own."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(word_pieces()),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    return _save(folder, BertModel(config), 128)


def _save(folder: Path, network: torch.nn.Module, max_tokens: int) -> Path:
    encoder = folder / "bert"
    network.save_pretrained(encoder)  # type: ignore[operator]
    word_piece_tokenizer().save_pretrained(encoder)
    transformer = modules.Transformer(str(encoder), max_seq_length=max_tokens)
    model = SentenceTransformer(
        modules=[transformer, modules.Pooling(network.config.hidden_size), modules.Normalize()], device="cpu"
    )
    model.save_pretrained(str(folder / "model"), create_model_card=False)
    return folder / "model"


def word_pieces() -> list[str]:
    """The vocabulary, special tokens first."""
    return [*SPECIAL, ":", ",", ".", "'", *LETTERS, *(f"##{letter}" for letter in LETTERS)]


def word_piece_tokenizer() -> BertTokenizerFast:
    """As BERT has one."""
    numbers = {token: i for i, token in enumerate(word_pieces())}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return BertTokenizerFast(tokenizer_object=tokenizer, model_max_length=128)
