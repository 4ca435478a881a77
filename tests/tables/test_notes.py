from __future__ import annotations

import pytest

from src.tables.notes import interval_note, selection_note
from tests.support.factories import make_evaluation


def test_what_was_chosen_on_which_pairs_is_told() -> None:
    note = selection_note(["baseline", "finetuned"])

    assert "so the scores on them are optimistic" in note
    assert "No step, threshold or learning rate was chosen on the challenge set" in note


@pytest.mark.parametrize(("name", "told"), [("lora-tuned", True), ("lora", False)])
def test_the_learning_rate_of_lora_tuned_is_told_of_where_that_model_is(name: str, told: bool) -> None:
    assert ("learning rate of lora-tuned was chosen" in selection_note([name])) == told


def test_the_method_of_the_intervals_is_named_once() -> None:
    note = interval_note([make_evaluation(), make_evaluation("lora")])

    assert note.count("percentile bootstrap, 2,000 draws of pairs") == 1


def test_without_any_interval_no_method_is_named() -> None:
    assert interval_note([make_evaluation(estimates=())]).startswith("In brackets 95 % intervals. On")
