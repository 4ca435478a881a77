from __future__ import annotations

import pytest

from src.models import Estimate, PurityRange
from src.tables.scores import difference_table, score_table
from tests.support.factories import make_comparison, make_evaluation
from tests.support.table_reading import column, row


class TestScores:
    def test_each_model_has_a_row_and_each_metric_a_column_under_names_in_words(self) -> None:
        table = score_table([model.evaluation for model in make_comparison().models])

        assert [cells[0].text for cells in table.rows] == ["baseline", "standard", "lora", "lora-tuned"]
        assert table.columns == (
            "Model", "Margin", "Cohen's d", "AUC-ROC", "Average precision", "Spearman", "Cluster purity",
            "FP rate at 95 % recall", "AUC-ROC, challenge set",
        )  # fmt: skip
        assert "In brackets 95 % intervals" in table.note

    def test_the_caption_says_on_how_many_pairs(self) -> None:
        assert score_table([make_evaluation()]).caption == "Scores on 120 eval pairs"

    def test_a_score_has_its_interval(self) -> None:
        evaluation = make_evaluation("finetuned")
        [cell] = column(score_table([evaluation]), "Margin")
        margin = evaluation.compatibility_margin

        assert (cell.text, cell.note) == (f"{margin:.3f}", f"[{margin - 0.04:.3f}, {margin + 0.04:.3f}]")

    def test_an_estimate_that_is_no_headline_metric_gets_a_column(self) -> None:
        estimate = Estimate(name="f1", value=0.7, low=0.6, high=0.8)
        [cell] = column(score_table([make_evaluation(estimates=(estimate,))]), "F1")

        assert cell.parts == ("0.700", "[0.600, 0.800]")

    def test_a_score_without_an_interval_says_why(self) -> None:
        estimate = Estimate(name="auc_roc", value=0.7, reason="every resample gives the same number: no interval")
        [cell] = column(score_table([make_evaluation(estimates=(estimate,))]), "AUC-ROC")

        assert cell.parts == ("0.700", "(every resample gives the same number: no interval)")

    def test_a_score_of_none_is_n_a(self) -> None:
        [cell] = column(score_table([make_evaluation(auc_roc=None, estimates=())]), "AUC-ROC")

        assert (cell.text, cell.kind) == ("n/a", "missing")

    def test_a_score_of_none_says_its_reason_once(self) -> None:
        estimate = Estimate(name="auc_roc", value=None, reason="one label only")
        [cell] = column(score_table([make_evaluation(estimates=(estimate,))]), "AUC-ROC")

        assert cell.parts == ("n/a", "(one label only)")

    def test_the_purity_stands_beside_its_range_and_what_shuffled_labels_give(self) -> None:
        [cell] = column(score_table([make_evaluation()]), "Cluster purity")

        assert cell.parts == ("0.710", "(0.640-0.790, shuffled 0.580, noise 10.0 %)")

    def test_a_purity_of_one_map_has_no_range(self) -> None:
        one_map = PurityRange(low=None, high=None, n_maps=0, reason="more than 500 points: one map only")
        clusters = make_evaluation().clusters.model_copy(update={"over_seeds": one_map})
        found = score_table([make_evaluation(clusters=clusters)])
        [cell] = column(found, "Cluster purity")

        assert cell.parts == ("0.710", "(shuffled 0.580, noise 10.0 %)")
        assert "10 seeds" not in found.note
        assert "10 seeds" in score_table([make_evaluation(clusters=clusters), make_evaluation()]).note

    def test_a_purity_of_none_says_why(self) -> None:
        clusters = make_evaluation().clusters.model_copy(update={"reason": "fewer than 16 pairs"})
        [cell] = column(score_table([make_evaluation(cluster_purity=None, clusters=clusters)]), "Cluster purity")

        assert (cell.text, cell.title) == ("n/a", "fewer than 16 pairs")

    def test_the_challenge_set_has_its_column(self) -> None:
        evaluation = make_evaluation()
        challenge = next(group for group in evaluation.slices if group.name == "challenge")
        [cell] = column(score_table([evaluation]), "AUC-ROC, challenge set")

        assert cell.text == f"{challenge.auc_roc:.3f}"
        assert cell.note.endswith(f"n={challenge.n}")

    def test_without_challenge_set_the_column_says_why(self) -> None:
        [cell] = column(score_table([make_evaluation(slices=())]), "AUC-ROC, challenge set")

        assert (cell.text, cell.title) == ("n/a", "there is no challenge set")

    @pytest.mark.parametrize(("models", "told"), [(("baseline",), False), (("baseline", "lora"), True)])
    def test_what_was_chosen_on_these_pairs_is_told_where_something_was(
        self, models: tuple[str, ...], told: bool
    ) -> None:
        note = score_table([make_evaluation(model) for model in models]).note

        assert ("so the scores on them are optimistic" in note) == told


class TestDifferences:
    def test_each_trained_model_has_a_column_and_each_metric_a_row(self) -> None:
        table = difference_table(make_comparison().models)

        assert table.columns == ("Metric", "standard", "lora", "lora-tuned")
        assert [cells[0].text for cells in table.rows] == ["Margin", "Cohen's d", "AUC-ROC", "Spearman"]

    def test_a_difference_has_its_sign_its_interval_and_its_outcome(self) -> None:
        model = make_comparison().models[1]
        found = model.differences[0]
        cell = row(difference_table([model]), "Margin")[1]

        assert cell.text == f"{found.value:+.3f}"
        assert cell.note == f"[{found.low:+.3f}, {found.high:+.3f}] better"
        assert "better" in cell.kind.split()

    def test_a_difference_that_cannot_be_estimated_says_so(self) -> None:
        model = make_comparison().models[1]
        nothing = {"value": None, "low": None, "high": None, "outcome": "not estimable"}
        odd = model.model_copy(update={"differences": (model.differences[0].model_copy(update=nothing),)})

        assert row(difference_table([odd]), "Margin")[1].parts == ("n/a", "not estimable")

    def test_a_metric_that_one_model_was_not_compared_in_is_n_a(self) -> None:
        first, second = make_comparison().models[1:3]
        poor = second.model_copy(update={"differences": second.differences[1:]})

        assert row(difference_table([first, poor]), "Margin")[2].parts == ("n/a", "(not compared)")

    def test_without_a_trained_model_the_table_says_so(self) -> None:
        table = difference_table(make_comparison(("baseline",)).models)

        assert (table.rows, table.note) == ((), "There is no trained model.")
