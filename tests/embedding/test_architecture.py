from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from src.core.errors import ModelFolderError
from src.embedding.architecture import FAMILIES
from src.embedding.base_model import resolve_base_model
from src.embedding.encoder import encode_texts
from src.embedding.loading import loaded_model
from src.embedding.model_folder_checks import read_base
from tests.support.tiny_bases import ENCODERS, Shape, build_base

if TYPE_CHECKING:
    from pathlib import Path

# the last one is longer than the positions of each
TEXTS = ["boy: i love tea", "girl: no tea for me", "girl: " + "word " * 50]
# of 140 positions, those of padding and before it take no token
TOKENS = dict.fromkeys(("camembert", "mpnet", "roberta", "xlm-roberta"), 138)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tiny model of each family."""
    return {
        family: build_base(tmp_path_factory.mktemp(family), Shape(family, max_tokens=TOKENS.get(family, 140)))
        for family in ENCODERS
    }


def test_every_family_is_tried() -> None:
    assert ENCODERS.keys() == FAMILIES.keys()


@pytest.mark.parametrize("family", FAMILIES)
def test_lora_adapts_what_pefts_own_table_names(family: str) -> None:
    from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as TABLE

    # the table lacks some families
    assert FAMILIES[family].targets == tuple(TABLE.get(family, FAMILIES[family].targets))


@pytest.mark.parametrize("family", ENCODERS)
def test_a_model_of_each_family_is_read_and_gives_the_librarys_vectors(folders: dict[str, Path], family: str) -> None:
    with loaded_model(resolve_base_model(str(folders[family])), "cpu") as model:
        found = encode_texts(model, TEXTS)
        del model

    np.testing.assert_allclose(found, SentenceTransformer(str(folders[family]), device="cpu").encode(TEXTS), atol=1e-6)


@pytest.mark.parametrize(
    ("family", "key"),
    [
        (family, key)
        for family, entry in FAMILIES.items()
        for key in (*entry.sizes, entry.layers[0], entry.heads[0], *(entry.head_size or ())[:1])
    ],
)
@pytest.mark.parametrize("size", [5, 1_000_000])
def test_a_size_that_the_weights_do_not_have_is_refused(
    folders: dict[str, Path], family: str, key: str, size: int
) -> None:
    file = folders[family] / "config.json"
    before = file.read_text()
    file.write_text(json.dumps(json.loads(before) | {key: size}))

    try:
        with pytest.raises(ModelFolderError, match=rf"config\.json: {key} is {size}, "):
            read_base(folders[family])
    finally:
        file.write_text(before)


@pytest.mark.parametrize("alias", FAMILIES["distilbert"].aliases)
def test_a_second_name_of_a_size_has_to_say_the_same(folders: dict[str, Path], alias: str) -> None:
    file = folders["distilbert"] / "config.json"
    before = json.loads(file.read_text())
    key = FAMILIES["distilbert"].aliases[alias]

    try:
        file.write_text(json.dumps(before | {alias: before[key]}))
        read_base(folders["distilbert"])
        file.write_text(json.dumps(before | {alias: 4}))
        with pytest.raises(ModelFolderError, match=f"{alias} is 4, the weights have {before[key]}"):
            read_base(folders["distilbert"])
    finally:
        file.write_text(json.dumps(before))


@pytest.mark.parametrize("family", ["roberta", "mpnet"])
def test_a_limit_of_tokens_counts_the_positions_that_no_token_takes(folders: dict[str, Path], family: str) -> None:
    file = folders[family] / "sentence_bert_config.json"
    before = file.read_text()
    file.write_text(json.dumps(json.loads(before) | {"max_seq_length": 140}))

    try:
        with pytest.raises(ModelFolderError, match=f"the weights have positions for {TOKENS[family]} tokens"):
            read_base(folders[family])
    finally:
        file.write_text(before)
