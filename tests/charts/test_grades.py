from __future__ import annotations

import pytest

from src.charts.grades import CosineByGrade
from src.models import ClassPair, Estimate, Evaluation, GradeBin, GradeScale, GroupMetrics
from src.report.badges import threshold_badge
from src.tables.grades import class_table, grade_table
from src.tables.groups import slice_table, slices_by_model
from src.tables.scores import score_table
from src.visualizations import baseline_charts
from tests.support.chart_figures import all_pairs, printed, traces, words
from tests.support.factories import make_evaluation
from tests.support.table_reading import row


def graded(model: str = "baseline", cut: float | None = None) -> Evaluation:
    plain = make_evaluation(model)
    data = plain.eval_data.model_copy(update={"scale": GradeScale(low=0, high=2, positive_at=cut)})
    rank = Estimate(name="spearman_correlation", value=0.51, low=0.4, high=0.6)
    bins = [
        GradeBin(low=i, high=i, n=40, mean=mean, mean_low=mean - 0.05, mean_high=None if i else mean + 0.05,
                 quantiles=(mean - 0.2, mean - 0.1, mean, mean + 0.1, mean + 0.2))
        for i, mean in enumerate((0.2, 0.4, 0.7))
    ]  # fmt: skip
    group = GroupMetrics(name="all", n=120, n_compatible=60, estimates=(rank,))
    pair = ClassPair(upper="yes", lower="no", n_upper=40, n_lower=60, auc_roc=0.9, auc_low=0.8, auc_high=0.95)
    changes = {"eval_data": data, "estimates": (rank,), "by_grade": tuple(bins), "slices": (group,)}
    return plain.model_copy(update=changes | {"class_pairs": (pair,)})


def test_a_box_for_each_grade_and_the_line_of_the_means() -> None:
    figure = CosineByGrade([graded(), graded("finetuned")]).figure()
    boxes, lines = ([trace for trace in traces(figure) if trace.type == kind] for kind in ("box", "scatter"))

    assert [len(box.q1) for box in boxes] == [3, 3]
    assert list(lines[0].y) == [0.2, 0.4, 0.7]
    assert figure.layout.annotations[0].text == "baseline: Spearman 0.510 [0.400, 0.600]"


def test_the_print_figure_names_the_grades() -> None:
    figure = printed(CosineByGrade([graded()]))

    assert "mean, with its 95 % interval" in words(figure)
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["0", "1", "2"]


@pytest.mark.parametrize(("cut", "shown"), [(None, False), (1.0, True)])
def test_charts_and_columns_of_two_labels_need_a_cut(cut: float | None, *, shown: bool) -> None:
    evaluation = graded(cut=cut)
    names = {chart.name for chart in baseline_charts(evaluation, all_pairs())}

    assert "cosine_by_grade" in names
    assert ("roc" in names, "cosine_distributions" in names, "false_positives_by_pair_type" in names) == (shown,) * 3
    assert ("AUC-ROC" in score_table([evaluation]).columns) is shown
    assert ("--positive-at" in score_table([evaluation]).note) is not shown
    assert (threshold_badge([evaluation]).status == "PASS") is shown


def test_tables_of_graded_pairs_show_their_metrics() -> None:
    both = [graded(), graded("finetuned")]

    assert [cell.text for cell in row(grade_table(both), "1")] == ["1", "40", "0.400", "0.400"]
    assert slices_by_model(both).caption == "Spearman by slice"
    assert slice_table("Slices", both[0].slices).columns == ("Group", "N", "Spearman")
    assert row(class_table(both), "yes")[3].parts == ("0.900", "[0.800, 0.950]")
