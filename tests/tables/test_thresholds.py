from __future__ import annotations

import pytest

from src.tables.thresholds import cost_table, oracle_table, threshold_table
from tests.support.factories import make_comparison, make_evaluation
from tests.support.table_reading import column


def test_each_model_stands_at_the_threshold_of_its_training_pairs() -> None:
    evaluation = make_evaluation()
    table = threshold_table([evaluation, make_evaluation("lora")])
    point = evaluation.operating_point

    assert [cells[0].text for cells in table.rows] == ["baseline", "lora"]
    assert [cell.text for cell in table.rows[0][1:6]] == [
        f"{point.threshold:.3f}",
        *(
            str(count)
            for count in (point.true_positives, point.false_positives, point.false_negatives, point.true_negatives)
        ),
    ]


def test_the_oracle_threshold_has_a_table_of_its_own_that_is_folded() -> None:
    table = oracle_table([make_evaluation()])

    assert table.rows[0][1].text == "0.450"
    assert table.folded == "Oracle threshold (best on the eval pairs themselves)"


def test_without_an_oracle_threshold_the_reason_is_the_eval_pairs() -> None:
    table = oracle_table([make_evaluation(optimistic_point=None)])

    assert {cell.title for cell in table.rows[0][1:]} == {
        "the eval pairs have one label only, so that no threshold is the best"
    }


@pytest.mark.parametrize(
    ("never", "words"),
    [
        (("false_negatives", "true_negatives"), "calls every pair compatible"),
        (("true_positives", "false_positives"), "calls no pair compatible"),
        ((), ""),
    ],
)
def test_a_threshold_that_decides_nothing_is_named(never: tuple[str, ...], words: str) -> None:
    point = make_evaluation().operating_point.model_copy(update=dict.fromkeys(never, 0))
    table = threshold_table([make_evaluation(operating_point=point)])

    assert [cell.note for cell in column(table, "Threshold")] == [words]


def test_a_precision_of_none_says_why() -> None:
    point = make_evaluation().operating_point.model_copy(update={"precision": None})
    [cell] = column(threshold_table([make_evaluation(operating_point=point)]), "Precision")

    assert (cell.text, cell.title) == ("n/a", "nothing is called compatible")


def test_a_model_without_threshold_is_n_a_in_every_column() -> None:
    table = threshold_table([make_evaluation(operating_point=None)])

    assert {cell.text for cell in table.rows[0][1:]} == {"n/a"}
    assert all("one label only" in cell.title for cell in table.rows[0][1:])
    assert len(table.rows[0]) == len(table.columns)


def test_the_threshold_by_cost_stands_beside_what_both_rules_without_a_model_cost() -> None:
    table = cost_table(make_comparison().threshold_by_cost)

    assert table.caption == "Threshold by cost: false positive 1, false negative 1"
    assert [cell.text for cell in column(table, "Model")][-2:] == ["accept all", "reject all"]
    assert {cell.text for cell in column(table, "Threshold")[:-2]} == {"0.400"}
    costs = [float(cell.text) for cell in column(table, "Cost a pair")]
    cheaper = [float(cell.text) for cell in column(table, "Minus the cheaper rule")[:-2]]
    assert cheaper == pytest.approx([cost - min(costs[-2:]) for cost in costs[:-2]], abs=0.0011)
    assert column(table, "Fitted on")[0].text == "train pairs"
    assert column(table, "Fitted on")[1].text == "its own train pairs"
    assert "so its threshold fits them too well" in table.note


def test_costs_of_rare_positive_pairs_keep_three_digits() -> None:
    found = make_comparison().threshold_by_cost
    rare = found.models[0].model_copy(update={"cost": 0.000472})
    table = cost_table(found.model_copy(update={"models": (rare,), "accept_all": 0.9995, "reject_all": 0.0005}))

    assert [cell.text for cell in column(table, "Cost a pair")] == ["0.000472", "0.999500", "0.000500"]
    assert column(table, "Minus the cheaper rule")[0].text == "-0.000028"


def test_a_model_without_a_threshold_by_cost_says_why() -> None:
    found = make_comparison().threshold_by_cost
    bare = found.models[0].model_copy(
        update={"threshold": None, "false_positive_rate": None, "recall": None, "cost": None, "reason": "it falls"}
    )
    table = cost_table(found.model_copy(update={"models": (bare,)}))

    assert [cell.title for cell in table.rows[0][2:]] == ["it falls", *["there is no threshold"] * 4]
    assert "too well" not in table.note


def test_a_threshold_of_validation_pairs_says_so() -> None:
    models = [make_evaluation(), make_evaluation("finetuned", threshold_fitted_on="validation")]

    notes = [cell.note for cell in column(threshold_table(models), "Threshold")]

    assert notes == ["", "fitted on validation"]


def test_the_train_pairs_are_not_those_of_a_model_that_was_trained_elsewhere() -> None:
    found = make_comparison(("baseline", "vendor")).threshold_by_cost
    assert found is not None

    ours, judged = cost_table(found), cost_table(found, {"vendor"})

    assert "its own train pairs" in [row[1].text for row in ours.rows]
    assert [row[1].text for row in judged.rows][:2] == ["train pairs", "train pairs"]
    assert len(judged.note) < len(ours.note)
