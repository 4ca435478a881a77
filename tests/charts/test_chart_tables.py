from __future__ import annotations

import pytest

from src.charts.clusters import cluster_table
from src.charts.distributions import distribution_table
from src.charts.effects import effect_table
from src.charts.map_parts import map_points, map_table
from src.charts.roc import ROC_ROWS, roc_table
from src.models import ClusterSummary
from tests.support.factories import make_evaluation, make_pairs
from tests.support.table_reading import column


def test_the_distribution_table_holds_every_pair() -> None:
    table = distribution_table([make_evaluation(), make_evaluation("lora")])

    assert sum(int(cell.text) for cell in column(table, "LoRA, compatible")) == 60


def test_the_roc_table_runs_from_corner_to_corner() -> None:
    table = roc_table([make_evaluation()])

    assert [cell.text for cell in table.rows[0][1:3]] == ["0.000", "0.000"]
    assert [cell.text for cell in table.rows[-1][1:3]] == ["1.000", "1.000"]
    assert len(table.rows) <= ROC_ROWS


def test_the_roc_table_has_the_band_at_each_rate() -> None:
    evaluation = make_evaluation()
    band = evaluation.roc_band
    table = roc_table([evaluation])

    assert table.rows[0][3].text == f"[{band.low[0]:.3f}, {band.high[0]:.3f}]"
    assert table.rows[-1][3].text == f"[{band.low[-1]:.3f}, {band.high[-1]:.3f}]"
    assert roc_table([make_evaluation(roc_band=None)]).rows[0][3].text == "n/a"


def test_without_curve_the_roc_table_says_n_a() -> None:
    assert roc_table([make_evaluation(roc=None)]).rows[0][1].text == "n/a"


@pytest.mark.parametrize(("by", "groups"), [("label", 2), ("category", 6), ("cluster", 3)])
def test_the_map_table_counts_its_groups(by: str, groups: int) -> None:
    table = map_table([map_points(make_evaluation(), make_pairs())], by)

    assert len(table.rows) == groups
    assert "the map by" in table.caption.lower()


def test_without_map_its_table_says_so() -> None:
    assert map_table([None]).note == "There is no map of these pairs."


def test_clusters_that_were_not_made_say_why() -> None:
    clusters = ClusterSummary(
        cluster_purity=None, shuffled_purity=None, n_clusters=None, noise_ratio=None, min_cluster_size=10,
        min_samples=5, n=0, reason="fewer than 16 pairs",
    )  # fmt: skip
    [cell] = column(cluster_table([make_evaluation(clusters=clusters)]), "Purity")

    assert (cell.text, cell.title) == ("n/a", "fewer than 16 pairs")


def test_an_effect_has_its_interval() -> None:
    evaluation = make_evaluation()
    [cells] = effect_table([evaluation]).rows

    assert cells[1].text == f"{evaluation.cohens_d:+.3f}"
    assert cells[2].text == f"[{evaluation.cohens_d - 0.04:.3f}, {evaluation.cohens_d + 0.04:.3f}]"
