from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.core.errors import PipelineError
from src.embedding.encoder import encode_texts
from src.embedding.loading import loaded_model
from src.metrics import auc_roc, cosine_similarities, grade_spearman, spearman
from src.models import GradeScale
from src.training.pair_evaluator import PairEvaluator

if TYPE_CHECKING:
    from src.workflow.context import RunContext


def test_the_scores_are_those_of_the_models_cosines(context: RunContext) -> None:
    pairs = context.pair_sets["eval"]
    with loaded_model(context.base, "cpu") as model:
        found = PairEvaluator(pairs)(model)
        sides = [encode_texts(model, texts) for texts in (pairs.text_1, pairs.text_2)]
        del model

    cosines = cosine_similarities(np.stack(sides, axis=1))
    assert found["spearman"] == pytest.approx(spearman(cosines, pairs.labels), abs=1e-6)
    assert found["auc_roc"] == pytest.approx(auc_roc(cosines, pairs.labels), abs=1e-6)


def test_of_grades_it_is_the_spearman_of_the_grades(context: RunContext) -> None:
    labelled = context.pair_sets["eval"]
    grades = np.random.default_rng(0).uniform(0, 5, len(labelled))
    pairs = dataclasses.replace(labelled, grades=grades, scale=GradeScale(low=0, high=5))
    with loaded_model(context.base, "cpu") as model:
        found = PairEvaluator(pairs)(model)
        sides = [encode_texts(model, texts) for texts in (pairs.text_1, pairs.text_2)]
        del model

    cosines = cosine_similarities(np.stack(sides, axis=1))
    assert found["spearman"] == pytest.approx(grade_spearman(cosines, grades), abs=1e-6)


def test_every_different_text_is_embedded_once(context: RunContext) -> None:
    pairs = context.pair_sets["eval"]

    evaluator = PairEvaluator(pairs)

    assert sorted(evaluator.texts) == sorted({*pairs.text_1, *pairs.text_2})


def test_one_label_only_is_not_a_number(context: RunContext) -> None:
    pairs = dataclasses.replace(context.pair_sets["eval"], labels=np.ones(len(context.pair_sets["eval"]), np.int8))
    with loaded_model(context.base, "cpu") as model:
        found = PairEvaluator(pairs)(model)
        del model

    assert np.isnan([found["spearman"], found["auc_roc"]]).all()


def test_an_embedding_that_is_not_finite_ends_the_training(context: RunContext) -> None:
    with loaded_model(context.base, "cpu") as model:
        for parameter in model.parameters():
            parameter.data.fill_(float("nan"))
        with pytest.raises(PipelineError, match="the training diverged"):
            PairEvaluator(context.pair_sets["eval"])(model)
        del model
