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


def test_what_stands_in_brackets_is_told_and_how_much_the_pairs_say() -> None:
    evaluation = make_evaluation(n_texts=200, effective_texts=150.2)

    assert "allow for texts" in interval_note([evaluation])
    assert "120 pairs of 200 texts, which count as 150 texts" in interval_note([evaluation])


def test_without_a_model_there_is_nothing_to_count() -> None:
    assert interval_note([]).endswith("share.")
