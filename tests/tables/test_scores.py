from __future__ import annotations

import pytest

from src.models import Estimate, ModelChange
from src.tables import scores as score_tables
from src.tables.table import Change
from tests.support.factories import make_comparison, make_evaluation, make_trivial_baselines
from tests.support.table_reading import column, row, width


class TestScores:
    def test_models_and_what_needs_none_share_one_table_under_names_in_words(self) -> None:
        result = make_comparison()
        evaluations = [model.evaluation for model in result.models]
        differences = [difference for model in result.models for difference in model.differences]
        table = score_tables.score_table(evaluations, differences, make_trivial_baselines())

        assert [cells[0].text for cells in table.rows] == [
            "Baseline", "Standard", "LoRA", "LoRA tuned", "text 2 only", "bag of words", "category only",
        ]  # fmt: skip
        assert {width(cells) for cells in table.rows} == {len(table.columns)}
        assert "percentile bootstrap, 2,000 draws of pairs" in table.note

    def test_a_score_has_its_interval_and_its_paired_difference(self) -> None:
        result = make_comparison()
        evaluation, differences = result.models[1].evaluation, result.models[1].differences
        [cell] = column(score_tables.score_table([evaluation], differences), "Margin")
        difference = next(d for d in differences if d.metric == "compatibility_margin")

        assert cell.text == f"{evaluation.compatibility_margin:.3f}"
        assert (
            cell.note == f"[{evaluation.compatibility_margin - 0.04:.3f}, {evaluation.compatibility_margin + 0.04:.3f}]"
        )
        lines = (f"{difference.value:+.3f} [{difference.low:.3f}, {difference.high:.3f}]", "better")
        assert cell.changes == (Change(lines, "better"),)

    def test_the_difference_to_the_best_that_needs_no_model_stands_below_the_auc_with_its_name(self) -> None:
        model = make_comparison().models[1]
        found = model.against_trivial
        table = score_tables.score_table([model.evaluation], [*model.differences, found])
        [cell] = column(table, "AUC-ROC")

        assert [change.kind for change in cell.changes] == ["better", "not-distinguishable"]
        assert cell.changes[1].lines == (
            "to bag of words:",
            f"{found.value:+.3f} [{found.low:.3f}, {found.high:.3f}]",
            "not distinguishable",
        )
        assert "what needs no model" in table.note
        assert "what needs no model" not in score_tables.score_table([model.evaluation], model.differences).note

    def test_a_score_without_an_interval_says_why(self) -> None:
        estimate = Estimate(name="auc_roc", value=0.7, reason="every resample gives the same number: no interval")
        [cell] = column(score_tables.score_table([make_evaluation(estimates=(estimate,))]), "AUC-ROC")

        assert (cell.text, cell.note) == ("0.700", "every resample gives the same number: no interval")

    def test_the_false_positive_rate_at_95_percent_recall_has_its_column(self) -> None:
        [cell] = column(score_tables.separation_table([make_evaluation()]), "FP rate at 95 % recall")

        assert cell.text == "0.310"

    def test_a_trivial_baseline_that_cannot_be_decided_is_n_a_with_its_reason(self) -> None:
        cells = row(score_tables.score_table([], (), make_trivial_baselines()), "category only")

        assert (cells[1].text, cells[1].title) == ("n/a", "one category only")

    def test_the_challenge_set_has_its_column(self) -> None:
        evaluation = make_evaluation()
        challenge = next(group for group in evaluation.slices if group.name == "challenge")
        [cell] = column(score_tables.score_table([evaluation]), "AUC-ROC, challenge set")

        assert cell.text == f"{challenge.auc_roc:.3f}"
        assert cell.note.endswith(f"n={challenge.n}")

    def test_without_challenge_set_the_column_says_why(self) -> None:
        [cell] = column(score_tables.score_table([make_evaluation(slices=())]), "AUC-ROC, challenge set")

        assert (cell.text, cell.title) == ("n/a", "there is no challenge set")

    def test_a_score_of_none_is_n_a(self) -> None:
        evaluation = make_evaluation(auc_roc=None, estimates=())
        [cell] = column(score_tables.score_table([evaluation]), "AUC-ROC")

        assert (cell.text, cell.kind) == ("n/a", "missing")


class TestThresholds:
    def test_each_model_stands_at_the_threshold_of_its_training_pairs(self) -> None:
        evaluation = make_evaluation()
        table = score_tables.threshold_table([evaluation, make_evaluation("lora")])
        point = evaluation.operating_point

        assert [cells[0].text for cells in table.rows] == ["Baseline", "LoRA"]
        assert [cell.text for cell in table.rows[0][1:6]] == [
            f"{point.threshold:.3f}",
            *(
                str(count)
                for count in (point.true_positives, point.false_positives, point.false_negatives, point.true_negatives)
            ),
        ]

    def test_the_threshold_of_hindsight_is_another_table_and_folded(self) -> None:
        table = score_tables.hindsight_table([make_evaluation()])

        assert table.rows[0][1].text == "0.450"
        assert table.folded

    def test_without_a_best_threshold_hindsight_blames_the_eval_pairs(self) -> None:
        table = score_tables.hindsight_table([make_evaluation(optimistic_point=None)])

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
    def test_a_threshold_that_decides_nothing_is_named(self, never: tuple[str, ...], words: str) -> None:
        point = make_evaluation().operating_point.model_copy(update=dict.fromkeys(never, 0))
        table = score_tables.threshold_table([make_evaluation(operating_point=point)])

        assert [cell.note for cell in column(table, "Threshold")] == [words]

    def test_a_precision_of_none_says_why(self) -> None:
        point = make_evaluation().operating_point.model_copy(update={"precision": None})
        [cell] = column(score_tables.threshold_table([make_evaluation(operating_point=point)]), "Precision")

        assert (cell.text, cell.title) == ("n/a", "nothing is called compatible")

    def test_a_model_without_threshold_is_n_a_in_every_column(self) -> None:
        table = score_tables.threshold_table([make_evaluation(operating_point=None)])

        assert {cell.text for cell in table.rows[0][1:]} == {"n/a"}
        assert all("one label only" in cell.title for cell in table.rows[0][1:])
        assert width(table.rows[0]) == len(table.columns)


def test_a_small_p_is_written_as_such() -> None:
    [cell] = column(score_tables.separation_table([make_evaluation("finetuned")]), "p")

    assert cell.text == "< 0.0001"


def test_the_base_model_did_not_move() -> None:
    baseline, trained = column(
        score_tables.geometry_table([make_evaluation(), make_evaluation("lora")]), "Mean cosine to the base"
    )

    assert (baseline.text, baseline.title) == ("n/a", "this is the base model")
    assert trained.text == "0.640"


def test_a_change_that_would_round_to_zero_is_not_written_as_zero() -> None:
    change = ModelChange(max_abs_difference=1.3e-4, mean_cosine_to_base=1.0)
    [cell] = column(
        score_tables.geometry_table([make_evaluation("lora", change=change)]), "Largest change of a coordinate"
    )

    assert cell.text == "1.3e-4"


def test_a_target_is_held_against_what_was_seen() -> None:
    table = score_tables.hypothesis_table(make_comparison().hypotheses)

    assert [cell.text for cell in column(table, "Outcome")] == ["met", "not met", "met"]
    assert [cell.kind for cell in column(table, "Outcome")] == ["met", "not-met", "met"]
    assert {cell.text for cell in column(table, "Metric")} == {"Cohen's d"}
