from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from src.comparison import COMMAND
from src.core.paths import BASELINE
from src.data.guards import parse_guard
from src.embedding.encoder import encode_texts
from src.embedding.loading import loaded_model
from src.embedding_stage import embedding_stage
from src.judged_stage import judged_stage
from src.metrics import cosine_similarities
from src.models import Split, StageState
from src.other_pairs_stage import guard_scores, guard_stage, validation_cosines
from src.storage.files import write_bytes
from tests.support.data_files import records
from tests.support.finished_run import Listener
from tests.support.guard_files import GRADED, OLD, guard_file, with_guards
from tests.support.judged_run import WIDE
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from pathlib import Path

    from src.workflow.context import RunContext


@pytest.fixture
def guarded(context: RunContext, tmp_path: Path) -> RunContext:
    """A run with a graded and a binary guard."""
    return with_guards(context, guard_file(tmp_path / GRADED, 60, 3), guard_file(tmp_path / OLD, 40, 2))


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that any model has encoded since the test began."""
    texts: list[str] = []
    original = SentenceTransformer.encode

    def encode(self, inputs, *args, **options):
        texts.extend(inputs)
        return original(self, inputs, *args, **options)

    monkeypatch.setattr(SentenceTransformer, "encode", encode)
    return texts


def texts(context: RunContext, name: str) -> set[str]:
    pairs = next(guard.pairs for guard in context.guards if guard.name == name)
    return {*pairs.text_1, *pairs.text_2}


def test_the_scores_of_a_guard_are_the_cosines_of_the_pairs_that_train_does_not_hold(guarded: RunContext) -> None:
    pairs = guarded.guards[0].pairs
    kept = np.arange(5, len(pairs))
    guarded.guards[0] = dataclasses.replace(guarded.guards[0], kept=kept)

    found = guard_scores(guarded, {BASELINE: None})

    with loaded_model(guarded.base, "cpu") as model:
        sides = [encode_texts(model, side) for side in (pairs.text_1, pairs.text_2)]
        del model
    assert {name: list(scores) for name, scores in found.items()} == {GRADED: [BASELINE], OLD: [BASELINE]}
    np.testing.assert_allclose(found[GRADED][BASELINE], cosine_similarities(np.stack(sides, axis=1))[kept], atol=1e-6)


def test_a_new_or_changed_guard_is_embedded_and_nothing_else(
    guarded: RunContext, tmp_path: Path, encoded: list[str]
) -> None:
    def made(context: RunContext) -> set[str]:
        encoded.clear()
        guard_scores(context, {BASELINE: None})
        return set(encoded)

    first = with_guards(guarded, tmp_path / GRADED)
    assert made(first) == texts(first, GRADED)
    assert made(guarded) == texts(guarded, OLD)
    guard_file(tmp_path / GRADED, 61, 3)
    changed = dataclasses.replace(guarded)
    assert made(changed) == texts(changed, GRADED)
    assert made(changed) == set()


def test_another_train_file_leaves_the_embeddings_of_a_guard_as_they_are(guarded: RunContext) -> None:
    stage = guard_stage(guarded, guarded.guards[1], BASELINE, None)
    stage.ensure()
    with guarded.paths.train_pairs.open("a") as file:
        file.write(guarded.paths.train_pairs.read_text().splitlines()[0].replace("boy: i", "boy: we") + "\n")

    again = dataclasses.replace(guarded)

    assert again.data_hashes != guarded.data_hashes
    assert guard_stage(again, again.guards[1], BASELINE, None).status().state is StageState.FRESH


def test_a_model_whose_folder_is_gone_is_left_out_and_told(judged: RunContext, tmp_path: Path) -> None:
    listener = Listener()
    context = dataclasses.replace(
        judged, guard_files=(parse_guard(str(guard_file(tmp_path / OLD, 40, 2))),), reporter=listener
    )
    write_bytes(context.paths.judged_folder(WIDE), os.fsencode(tmp_path / "gone"))

    assert guard_scores(context, {WIDE: judged_stage(context, WIDE).read()}) == {OLD: {}}
    assert any(said.startswith("old.jsonl: not measured with wide: wide: its folder is gone") for said in listener.said)


def test_texts_that_are_not_english_leave_out_the_guard_that_ships_and_say_so_once(context: RunContext) -> None:
    listener = Listener()
    context = dataclasses.replace(context, reporter=listener)

    assert guard_scores(context, {BASELINE: None}) == {}
    assert [said.partition(":")[0] for said in listener.said] == ["The pairs of general English are left out"]


# --- the validation file --------------------------------------------------------------------------------


def test_the_cosines_are_those_of_the_pairs_of_the_validation_file(context: RunContext) -> None:
    validated = with_validation(context)
    pairs = validated.validation_pairs
    assert pairs is not None

    found = validation_cosines(validated, {BASELINE: None}, COMMAND)

    with loaded_model(validated.base, "cpu") as model:
        sides = [encode_texts(model, side) for side in (pairs.text_1, pairs.text_2)]
        del model
    assert list(found) == [Split.VALIDATION]
    np.testing.assert_allclose(
        found[Split.VALIDATION][BASELINE], cosine_similarities(np.stack(sides, axis=1)), atol=1e-6
    )


def test_without_a_validation_file_there_are_none_and_nothing_is_made(context: RunContext) -> None:
    assert validation_cosines(context, {BASELINE: None}, COMMAND) == {}
    assert not context.paths.stage_record(f"validation-{BASELINE}").exists()


def test_a_changed_validation_file_leaves_the_other_embeddings_as_they_are(context: RunContext) -> None:
    first = with_validation(context)
    embedding_stage(first, BASELINE, "baseline").ensure()
    validation_cosines(first, {BASELINE: None}, COMMAND)

    second = with_validation(context, records(30, "w"))
    found = validation_cosines(second, {BASELINE: None}, COMMAND)

    assert len(found[Split.VALIDATION][BASELINE]) == 30
    assert embedding_stage(second, BASELINE, "baseline").status().state is StageState.FRESH


def test_where_a_models_folder_is_gone_there_are_none_and_that_is_told(judged: RunContext, tmp_path: Path) -> None:
    listener = Listener()
    context = dataclasses.replace(with_validation(judged), reporter=listener)
    write_bytes(context.paths.judged_folder(WIDE), os.fsencode(tmp_path / "gone"))

    assert validation_cosines(context, {BASELINE: None, WIDE: judged_stage(context, WIDE).read()}, COMMAND) == {}
    assert any(
        said.startswith("The report does not show the validation pairs: wide: its folder is gone")
        for said in listener.said
    )
