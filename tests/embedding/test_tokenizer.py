from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from src.core.errors import ModelFolderError, UserInputError
from src.embedding.base_model import BaseModel, base_fingerprint, resolve_base_model
from src.embedding.loading import loaded_model
from src.embedding.tokenizer import BaseTokenizer, base_tokenizer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def base(tiny_model: Path) -> BaseModel:
    return resolve_base_model(str(tiny_model))


@pytest.fixture
def tokenizer(base: BaseModel) -> BaseTokenizer:
    found = base_tokenizer(base)
    assert found is not None
    return found


def test_a_text_is_long_where_the_model_cuts_it(base: BaseModel, tokenizer: BaseTokenizer) -> None:
    lengths = (1, 125, 126, 127, 300)
    texts = [" ".join("a" * n) for n in lengths]
    with loaded_model(base, "cpu") as model:
        whole = [len(model.tokenizer(text, verbose=False)["input_ids"]) for text in texts]
        limit = model.max_seq_length
        del model

    assert tokenizer.limit == limit == 128
    assert tokenizer.count(texts).long.tolist() == [n > 128 for n in whole] == [n > 126 for n in lengths]


def test_what_the_vocabulary_lacks_is_counted_once_a_text(tokenizer: BaseTokenizer) -> None:
    found = tokenizer.count(["tea \U0001f600 or \U0001f600", "plain tea", "東 \U0001f600"])

    assert found.unknown.tolist() == [True, False, True]
    assert found.pieces == {"\U0001f600": 2, "東": 1}


def test_no_texts_have_no_counts(tokenizer: BaseTokenizer) -> None:
    assert len(tokenizer.count([]).long) == 0


@pytest.mark.parametrize(
    ("model", "unknown"),
    [
        (models.BPE({"a": 0}, []), False),  # without an unknown token
        (models.BPE({"a": 0, "?": 1}, [], unk_token="?"), True),
        (models.WordLevel({"a": 0, "?": 1}, unk_token="?"), True),
        (models.Unigram([("a", -1.0), ("?", -2.0)], unk_id=1), True),
    ],
    ids=["no unknown token", "BPE", "word level", "unigram"],
)
def test_each_kind_of_tokenizer_says_what_it_does_not_know(tmp_path: Path, model: object, *, unknown: bool) -> None:
    made = Tokenizer(model)
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.decoder = decoders.Fuse()
    made.save(str(tmp_path / "tokenizer.json"))

    assert BaseTokenizer(tmp_path / "tokenizer.json", 8).count(["a", "b"]).unknown.tolist() == [False, unknown]


def test_a_base_model_without_the_file_has_no_tokenizer_to_count_with(base: BaseModel, tmp_path: Path) -> None:
    folder = shutil.copytree(base.source, tmp_path / "copied")
    (folder / "tokenizer.json").unlink()

    assert base_tokenizer(replace(base, source=str(folder))) is None


def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")

    with pytest.raises(ModelFolderError, match=r"tokenizer\.json: cannot be used: .*; use a complete model") as caught:
        BaseTokenizer(tmp_path / "tokenizer.json", 8).count(["a"])
    assert "\n" not in str(caught.value)


# --- another limit --------------------------------------------------------------------------------------


def test_a_limit_of_tokens_is_part_of_the_base_model_and_of_what_the_audit_reads(
    base: BaseModel, tokenizer: BaseTokenizer
) -> None:
    short = resolve_base_model(base.source, max_seq_length=5)
    counted = base_tokenizer(short)

    assert base_fingerprint(short) != base_fingerprint(base)
    assert counted is not None
    assert counted.fingerprint != tokenizer.fingerprint
    assert counted.count(["a b c", "a b c d"]).long.tolist() == [False, True]


def test_the_base_models_own_limit_changes_nothing(base: BaseModel) -> None:
    assert resolve_base_model(base.source, max_seq_length=128) == base


def test_more_tokens_than_the_model_has_positions_for_are_refused(base: BaseModel) -> None:
    with pytest.raises(UserInputError, match="--max-seq-length 129: the base model has positions for 128 tokens"):
        resolve_base_model(base.source, max_seq_length=129)


def test_a_model_reads_no_more_than_the_limit(base: BaseModel) -> None:
    with loaded_model(resolve_base_model(base.source, max_seq_length=5), "cpu") as model:
        one, other = model.encode(["a b c d", "a b c e"])
        del model

    assert one.tolist() == other.tolist()
