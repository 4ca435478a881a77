from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from transformers import DistilBertConfig, ModernBertConfig, MPNetConfig

from src.core.errors import UserInputError
from src.export.onnx_files import FOLDER, ONNX_FILE, prepare_tokenizer, refuse_unfit, variant_of, write_onnx
from src.export.onnx_model import OnnxModel
from tests.support.tiny_model import build_tiny_encoder

if TYPE_CHECKING:
    from pathlib import Path

SIZES: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
TEXTS = ["one", "some words", "many words " * 30, "girl: hm"]


def graph_of(model: SentenceTransformer, folder: Path) -> OnnxModel:
    model.save_pretrained(str(folder), create_model_card=False)
    prepare_tokenizer(model, folder)
    write_onnx(model, folder / FOLDER / ONNX_FILE)
    return OnnxModel(folder)


def test_everything_after_the_encoder_is_part_of_the_graph(tiny_model: Path, tmp_path: Path) -> None:
    model = SentenceTransformer(str(tiny_model), device="cpu")
    torch.manual_seed(0)
    layers = [modules.Dense(32, 8), modules.Normalize()]
    model = SentenceTransformer(
        modules=[*list(model)[:2], *layers], device="cpu", prompts={"say": "girl: "}, default_prompt_name="say"
    )

    found = graph_of(model, tmp_path / "model").embed(TEXTS)

    assert found.shape == (4, 8)
    np.testing.assert_allclose(found, model.encode(TEXTS), atol=1e-6)


@pytest.mark.parametrize(
    "config",
    [
        MPNetConfig(**SIZES, max_position_embeddings=130),
        DistilBertConfig(dim=32, n_layers=2, n_heads=2, hidden_dim=64, max_position_embeddings=130),
        ModernBertConfig(
            **SIZES,
            max_position_embeddings=130,
            pad_token_id=0,
            local_attention=16,
            cls_token_id=2,
            sep_token_id=3,
            bos_token_id=2,
            eos_token_id=3,
        ),
    ],
    ids=lambda config: config.model_type,
)
def test_each_family_gives_the_same_embeddings_whatever_the_lengths(config: Any, tmp_path: Path) -> None:  # noqa: ANN401 - each its own type
    model = SentenceTransformer(str(build_tiny_encoder(tmp_path, config, 64)), device="cpu")

    found = graph_of(model, tmp_path / "new").embed(TEXTS)

    np.testing.assert_allclose(found, model.encode(TEXTS), atol=1e-6)


def test_pooling_that_leaves_out_the_prompt_is_refused(tiny_model: Path) -> None:
    model = SentenceTransformer(str(tiny_model), device="cpu", prompts={"say": "x "}, default_prompt_name="say")
    refuse_unfit(model)
    model[1].include_prompt = False

    with pytest.raises(UserInputError, match=r"leaves out the prompt.*--format merged"):
        refuse_unfit(model)


@pytest.mark.parametrize(
    ("machine", "capabilities", "file"),
    [
        ("arm64", {}, "model_qint8_arm64.onnx"),
        ("aarch64", {}, "model_qint8_arm64.onnx"),
        ("x86_64", {"avx2": True, "avx512_vnni": True}, "model_qint8_avx512_vnni.onnx"),
        ("AMD64", {"avx2": True, "avx512_vnni": False}, "model_quint8_avx2.onnx"),
    ],
)
def test_the_kind_of_int8_follows_the_processor(machine: str, capabilities: dict[str, bool], file: str) -> None:
    assert variant_of(machine, capabilities).file == file
