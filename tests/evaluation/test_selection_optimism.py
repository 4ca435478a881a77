from __future__ import annotations

import pytest

from src.evaluation.selection_optimism import checkpoint_selection, expected_optimism
from src.models import SelectOn
from tests.support.factories import make_training


@pytest.mark.parametrize(("compared", "low", "high"), [(5, 0.007, 0.022), (6, 0.007, 0.022), (50, 0.015, 0.042)])
def test_equally_good_checkpoints_are_too_high_by_as_much_as_simulations_say(
    compared: int, low: float, high: float
) -> None:
    found = expected_optimism([0.8] * compared, 148, 147)

    assert found is not None
    assert low < found < high


def test_one_checkpoint_is_not_chosen_and_none_has_no_optimism() -> None:
    assert expected_optimism([0.8], 148, 147) == 0.0
    assert expected_optimism([], 148, 147) is None


def test_a_checkpoint_far_ahead_of_the_others_would_be_chosen_on_any_pairs() -> None:
    found = expected_optimism([0.5, 0.5, 0.95], 148, 147)

    assert found == pytest.approx(0.0, abs=5e-4)


def test_more_pairs_and_more_alike_checkpoints_are_less_optimistic() -> None:
    found = expected_optimism([0.8] * 5, 148, 147)

    assert found is not None
    assert (expected_optimism([0.8] * 5, 1480, 1470) or 0) < found
    assert (expected_optimism([0.8] * 5, 148, 147, correlation=0.99) or 0) < found


def test_the_same_history_has_the_same_optimism_and_step_0_is_no_checkpoint() -> None:
    first, again = (checkpoint_selection(make_training()) for _ in range(2))

    assert first == again
    assert (first.select_on, first.n, first.compared) == (SelectOn.TEST, 120, 4)


def test_where_validation_chose_nothing_was_chosen_on_the_eval_pairs() -> None:
    found = checkpoint_selection(make_training(select_on="validation"))

    assert (found.select_on, found.n, found.compared, found.optimism) == (SelectOn.VALIDATION, 72, 5, None)
