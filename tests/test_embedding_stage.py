from __future__ import annotations

import dataclasses
import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer

from src import embedding_stage as embedding_cache
from src.core.errors import ArtifactError, MissingStageError, ModelError
from src.embedding import sharded as encoding
from src.embedding.encoder import distinct_texts, encode_texts
from src.embedding.loading import loaded_model
from src.embedding.model_files import WEIGHTS
from src.embedding_stage import embedding_stage
from src.models import Split
from tests.support.data_files import records, write_jsonl
from tests.support.factories import make_training

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from src.workflow.context import RunContext

COMMAND = "baseline"
SIZES = {"train": 48, "eval": 24, "challenge": 16}


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that any model has encoded since the test began."""
    texts: list[str] = []
    original = SentenceTransformer.encode

    def encode(self, inputs, *args, **options):
        texts.extend([inputs] if isinstance(inputs, str) else inputs)
        return original(self, inputs, *args, **options)

    monkeypatch.setattr(SentenceTransformer, "encode", encode)
    return texts


def test_each_split_has_a_float32_array_of_both_sides_of_its_pairs(context: RunContext) -> None:
    found = embedding_stage(context, "baseline", COMMAND).ensure()

    assert {split: array.shape for split, array in found.items()} == {s: (n, 2, 32) for s, n in SIZES.items()}
    assert all(array.dtype == np.float32 for array in found.values())
    for split in SIZES:
        file = np.load(context.paths.embeddings("baseline", split), allow_pickle=False)
        np.testing.assert_array_equal(file, found[split])


def test_a_row_holds_the_embeddings_of_the_two_texts_of_its_pair(context: RunContext) -> None:
    found = embedding_stage(context, "baseline", COMMAND).ensure()["eval"]

    pairs = context.pair_sets["eval"]
    with loaded_model(context.base, "cpu") as model:
        for i in (0, 11, 23):
            np.testing.assert_allclose(found[i], encode_texts(model, [pairs.text_1[i], pairs.text_2[i]]), atol=1e-6)


def test_a_text_with_two_prompts_has_two_embeddings(context: RunContext, encoded: list[str]) -> None:
    context = dataclasses.replace(context, prompt_2="passage: ")
    pairs = context.pair_sets["eval"].take(np.arange(2))
    text = pairs.text_2[0] = pairs.text_1[0]
    context.__dict__["pair_sets"] = {Split.TEST: pairs}

    found = embedding_stage(context, "baseline", COMMAND).ensure()["eval"]

    assert {text, f"passage: {text}"} <= set(encoded)
    plain = SentenceTransformer(context.base_model, device="cpu")
    np.testing.assert_allclose(found[0, 0], plain.encode(text), atol=1e-6)
    np.testing.assert_allclose(found[0, 1], plain.encode(text, prompt="passage: "), atol=1e-6)
    assert np.abs(found[0, 0] - found[0, 1]).max() > 1e-3


def test_every_text_is_encoded_once_and_not_again(
    context: RunContext, fresh: Callable[[], RunContext], encoded: list[str]
) -> None:
    first = embedding_stage(context, "baseline", COMMAND).ensure()
    assert sorted(encoded) == sorted(distinct_texts(list(context.pair_sets.values())))
    encoded.clear()

    again = embedding_stage(fresh(), "baseline", COMMAND).ensure()

    assert encoded == []
    for split, array in first.items():
        np.testing.assert_array_equal(array, again[split])


def test_reading_encodes_nothing_and_loads_no_model(
    context: RunContext, fresh: Callable[[], RunContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = embedding_stage(context, "baseline", COMMAND).ensure()
    monkeypatch.delattr(SentenceTransformer, "__init__")

    for split, array in embedding_stage(fresh(), "baseline", COMMAND).read().items():
        np.testing.assert_array_equal(array, made[split])


def other_data(context: RunContext, _: pytest.MonkeyPatch) -> RunContext:
    write_jsonl(context.paths.eval_pairs, records(24, "other"))
    return dataclasses.replace(context)


def other_base(context: RunContext, _: pytest.MonkeyPatch) -> RunContext:
    folder = shutil.copytree(context.base_model, context.paths.root.parent / "other")
    weights = load_file(folder / WEIGHTS)
    save_file({name: value * 1.5 for name, value in weights.items()}, folder / WEIGHTS, metadata={"format": "pt"})
    return dataclasses.replace(context, base_model=str(folder))


def other_code(context: RunContext, patch: pytest.MonkeyPatch) -> RunContext:
    patch.setattr(embedding_cache, "code_version", lambda *_: "other")
    return dataclasses.replace(context)


def other_device(context: RunContext, patch: pytest.MonkeyPatch) -> RunContext:
    later = dataclasses.replace(context)
    # the same processor under another name: what stands was made elsewhere
    patch.setitem(later.__dict__, "device", "cpu:0")
    return later


def other_prompt(context: RunContext, _: pytest.MonkeyPatch) -> RunContext:
    return dataclasses.replace(context, prompt_1="query: ", prompt_2="query: ")


def other_versions(context: RunContext, patch: pytest.MonkeyPatch) -> RunContext:
    patch.setattr(embedding_cache, "versions", lambda *_: "torch 0.1")
    return dataclasses.replace(context)


def file_cut_short(context: RunContext, _: pytest.MonkeyPatch) -> RunContext:
    cut(context.paths.embeddings("baseline", "eval"))
    return dataclasses.replace(context)


def file_gone(context: RunContext, _: pytest.MonkeyPatch) -> RunContext:
    context.paths.embeddings("baseline", "challenge").unlink()
    return dataclasses.replace(context)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-8])


@pytest.mark.parametrize(
    "change",
    [other_data, other_base, other_prompt, other_code, other_device, other_versions, file_cut_short, file_gone],
)
def test_texts_are_encoded_again_when_something_changed(
    context: RunContext,
    encoded: list[str],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[RunContext, pytest.MonkeyPatch], RunContext],
) -> None:
    embedding_stage(context, "baseline", COMMAND).ensure()
    encoded.clear()
    later = change(context, monkeypatch)

    found = embedding_stage(later, "baseline", COMMAND).ensure()

    read = map(later.base.prompts.before, later.pair_sets.values())
    assert sorted(encoded) == sorted(distinct_texts(list(read)))
    assert {split: array.shape for split, array in found.items()} == {s: (n, 2, 32) for s, n in SIZES.items()}


def test_a_trained_models_texts_are_encoded_again_when_its_weights_changed(
    context: RunContext, encoded: list[str], tiny_model: Path
) -> None:
    training = make_training()
    trained = shutil.copytree(tiny_model, context.paths.model(training.config.name))
    first = embedding_stage(context, "mine", "evaluate", training).ensure()["eval"].copy()
    weights = load_file(trained / WEIGHTS)
    torch.manual_seed(0)
    changed = {name: value + 0.1 * torch.randn_like(value) for name, value in weights.items()}
    save_file(changed, trained / WEIGHTS, metadata={"format": "pt"})
    encoded.clear()

    kept = embedding_stage(context, "mine", "evaluate", training).ensure()["eval"].copy()
    assert encoded == []
    new = embedding_stage(
        context, "mine", "evaluate", training.model_copy(update={"weights_sha256": "c" * 64})
    ).ensure()["eval"]

    assert encoded
    np.testing.assert_array_equal(kept, first)
    assert np.abs(new - first).max() > 1e-3


def test_two_models_are_kept_apart(context: RunContext, encoded: list[str]) -> None:
    embedding_stage(context, "baseline", COMMAND).ensure()
    encoded.clear()

    embedding_stage(context, "another", COMMAND).ensure()

    assert encoded
    assert context.paths.embeddings("baseline", "eval").exists()
    assert context.paths.embeddings("another", "eval").exists()


def test_a_file_cut_short_is_refused_by_a_reader(context: RunContext) -> None:
    embedding_stage(context, "baseline", COMMAND).ensure()
    cut(context.paths.embeddings("baseline", "eval"))

    with pytest.raises(ArtifactError, match=r"baseline_eval\.npy: damaged, .* bytes") as caught:
        embedding_stage(context, "baseline", COMMAND).read()

    assert caught.value.command == COMMAND


def test_embeddings_of_other_pairs_are_refused_by_a_reader(
    context: RunContext, fresh: Callable[[], RunContext]
) -> None:
    embedding_stage(context, "baseline", COMMAND).ensure()
    write_jsonl(context.paths.eval_pairs, records(20, "e"))

    with pytest.raises(ArtifactError, match=r"shape \(24, 2, 32\), expected \(20, 2, 32\)"):
        embedding_stage(fresh(), "baseline", COMMAND).read()


def test_embeddings_that_were_never_made_name_the_command(context: RunContext) -> None:
    with pytest.raises(MissingStageError, match="missing") as caught:
        embedding_stage(context, "baseline", COMMAND).read()

    assert caught.value.command == COMMAND


def test_the_record_names_what_the_embeddings_were_made_from(context: RunContext) -> None:
    embedding_stage(context, "baseline", COMMAND).ensure()

    record = json.loads(context.paths.stage_record("embeddings-baseline").read_text())
    made_from = {"train", "eval", "challenge", "base", "weights", "prompts", "device", "packages", "code"}
    assert set(record["inputs"]) == made_from
    assert [output["path"] for output in record["provenance"]["outputs"]] == [
        f"data/embeddings/baseline_{split}.npy" for split in sorted(SIZES)
    ]


@pytest.mark.parametrize(("value", "what"), [(0.0, "zero"), (float("nan"), "not finite"), (float("inf"), "not finite")])
def test_embeddings_without_a_direction_are_refused_and_not_kept(
    context: RunContext, monkeypatch: pytest.MonkeyPatch, value: float, what: str
) -> None:
    def encode(_: object, texts: list[str], __: object = None) -> np.ndarray:
        return np.full((len(texts), 32), value, dtype=np.float32)

    monkeypatch.setattr(encoding, "encode_texts", encode)

    with pytest.raises(ModelError, match=rf"texts are {what}, first that of '.*; the model is damaged"):
        embedding_stage(context, "baseline", COMMAND).ensure()
    assert not context.paths.embeddings("baseline", "train").exists()


def test_a_shard_that_is_marked_as_done_and_holds_no_embeddings_is_refused_and_forgotten(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = embedding_stage(context, "baseline", COMMAND)
    with monkeypatch.context() as patch:
        patch.setattr(encoding, "encode_texts", lambda _, texts, __: np.full((len(texts), 32), 7, dtype=np.float32))
        with pytest.raises(ArtifactError, match=r"npy: damaged, text 1 of pair 1 has an embedding of length") as caught:
            stage.ensure()

    assert caught.value.command == COMMAND
    assert not context.paths.encoding("baseline").exists()
    assert not context.paths.embeddings("baseline", "eval").exists()
    stage.ensure()
