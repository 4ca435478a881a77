from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

import numpy as np

from src.comparison import COMMAND
from src.core.paths import BASELINE
from src.embedding.encoder import encode_texts
from src.embedding.loading import loaded_model
from src.embedding_stage import embedding_stage
from src.judged_stage import judged_stage
from src.metrics import cosine_similarities
from src.models import Split, StageState
from src.storage.files import write_bytes
from src.validation_stage import validation_cosines
from tests.support.data_files import records
from tests.support.finished_run import Listener
from tests.support.judged_run import WIDE
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from pathlib import Path

    from src.workflow.context import RunContext


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
