from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules

from src.core.errors import UserInputError
from src.export.onnx_files import FOLDER, ONNX_FILE, prepare_tokenizer, refuse_unfit, variant_of, write_onnx
from src.export.onnx_model import OnnxModel
from tests.support.tiny_bases import Shape, build_base

if TYPE_CHECKING:
    from pathlib import Path

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

    found = graph_of(model, tmp_path / "model").embed([f"girl: {text}" for text in TEXTS])

    assert found.shape == (4, 8)
    np.testing.assert_allclose(found, model.encode(TEXTS), atol=1e-6)


@pytest.mark.parametrize(
    "shape",
    [Shape("mpnet"), Shape("distilbert"), Shape("modernbert"), Shape("t5"), Shape("bert", truncate_dim=16)],
    ids=str,
)
def test_each_family_gives_the_same_embeddings_whatever_the_lengths(shape: Shape, tmp_path: Path) -> None:
    model = SentenceTransformer(str(build_base(tmp_path, shape)), device="cpu")

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


def test_a_word_embedding_without_an_encoder_is_refused(tmp_path: Path) -> None:
    model = SentenceTransformer(str(build_base(tmp_path, Shape("static"))), device="cpu")

    with pytest.raises(UserInputError, match="without an encoder"):
        refuse_unfit(model)
