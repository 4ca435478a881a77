from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import numpy as np
import pytest

from src.models import FittedOn, Split
from src.report.splits import split_choices
from src.views.on_splits import split_views
from tests.support.factories import make_cosines, make_evaluation, make_pairs
from tests.support.report_pages import made_baseline, made_views, unpacked


@cache
def page(*, redact: bool = False) -> str:
    return made_baseline(redact=redact)


def split_data(html: str) -> dict[str, Any]:
    packed = re.search(r'id="split-data">([^<]*)<', html)
    assert packed is not None
    found: dict[str, Any] = json.loads(unpacked(packed[1]))
    return found


def test_the_switch_names_each_split_and_what_its_pairs_are() -> None:
    evaluation = make_evaluation()
    train, test, challenge = split_choices(made_views([evaluation, evaluation.model_copy(update={"model": "lora"})]))

    assert [choice.name for choice in (train, test, challenge)] == ["Train", "Test", "Challenge"]
    assert train.note == ("500 train pairs: the trainings saw them, and the operating thresholds were fitted on them.")
    assert test.note == "120 test pairs."
    assert challenge.note == "50 pairs of the challenge set: naturally phrased pairs."


@pytest.mark.parametrize(
    ("fitted_on", "note"),
    [
        (FittedOn.TRAIN, "120 validation pairs."),
        (
            FittedOn.VALIDATION,
            "120 validation pairs: operating thresholds were fitted on them, and checkpoints chosen.",
        ),
    ],
)
def test_the_switch_says_of_the_validation_pairs_what_they_chose(fitted_on: FittedOn, note: str) -> None:
    pairs, evaluation = make_pairs(), make_evaluation(threshold_fitted_on=fitted_on)
    scores = {split: {evaluation.model: make_cosines(pairs)} for split in (Split.TEST, Split.VALIDATION)}

    first, _ = split_choices(split_views([evaluation], dict.fromkeys(scores, pairs), scores))

    assert (first.name, first.note) == ("Validation", note)


def test_without_other_splits_there_is_no_switch() -> None:
    assert split_choices(made_views([make_evaluation()])[1:2]) == ()


def test_a_page_holds_curves_decisions_counts_and_pairs_of_the_other_splits() -> None:
    found = split_data(page())
    train = made_views([make_evaluation()])[0]
    hits = sum(found["thresholds"]["train"][0]["true_positives"])

    assert set(found["figures"]) >= {"baseline-roc-train", "baseline-roc-challenge"}
    assert found["figures"].keys() == found["tables"].keys()
    assert found["decisions"]["challenge"]["caption"] == "Decisions at the threshold"
    assert [block["split"] for block in found["pairs"]] == ["train", "challenge"]
    assert hits == np.count_nonzero(train.pairs.labels)


def test_the_train_pairs_are_a_sample_and_the_page_says_so() -> None:
    train = split_data(page())["pairs"][0]

    assert (train["n"], len(train["rows"]), len(train["models"][0]["cosine"])) == (500, 400, 400)
    assert train["text_1"][0] == f"boy: train pair number {train['rows'][0] - 1}"
    assert "Of the 500 train pairs 400 are listed, drawn at random with seed 42; curves" in page()


@pytest.mark.parametrize("column", ["text_1", "text_2"])
def test_redacted_the_other_splits_have_no_texts_either(column: str) -> None:
    assert all(column not in block for block in split_data(page(redact=True))["pairs"])
