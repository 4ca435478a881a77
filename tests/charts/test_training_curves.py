from __future__ import annotations

from src.charts.training_curves import TrainingCurves, training_curve
from tests.support.chart_figures import MODELS, notes, printed, traces, words
from tests.support.factories import TRAINED, make_comparison, make_training
from tests.support.table_reading import column

UNTRAINED = "n/a: no model of this comparison was trained here"


def test_a_step_without_loss_is_left_out() -> None:
    training = make_training()

    assert training_curve(training, "train_loss").steps == (75, 150, 225, 300)
    assert training_curve(training, "spearman").steps == (0, 75, 150, 225, 300)


class TestFigure:
    def test_it_has_spearman_loss_and_the_kept_step_of_each_training(self) -> None:
        figure = TrainingCurves(make_comparison()).figure()

        assert len(traces(figure, mode="lines+markers")) == 2 * len(TRAINED)
        assert [star.x for star in traces(figure, mode="markers")] == [(225,)] * len(TRAINED)
        assert figure.data[0].name == "standard (lr 2e-5)"
        assert "ceiling 0.866" in notes(figure)

    def test_where_nothing_was_trained_it_says_so(self) -> None:
        assert notes(TrainingCurves(make_comparison(("baseline",))).figure()) == [UNTRAINED]


class TestPrintFigure:
    def test_it_has_a_line_a_training_and_the_kept_step(self) -> None:
        figure = printed(TrainingCurves(make_comparison()))
        upper, lower = figure.axes
        stars = [line for line in upper.lines if line.get_marker() == "*"]

        assert [star.get_xdata() for star in stars] == [[225]] * len(TRAINED)
        assert len(lower.lines) == len(TRAINED)
        assert (upper.get_ylabel(), lower.get_ylabel()) == ("Spearman, eval pairs", "training loss")
        assert "ceiling 0.866" in words(figure)

    def test_where_nothing_was_trained_it_says_so(self) -> None:
        assert UNTRAINED in words(printed(TrainingCurves(make_comparison(("baseline",)))))


def test_the_table_has_every_evaluation_of_every_training() -> None:
    [table] = TrainingCurves(make_comparison()).tables()

    assert [cell.text for cell in column(table, "Training")] == [name for name in MODELS[1:] for _ in range(5)]
