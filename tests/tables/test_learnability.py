from __future__ import annotations

from src.models import Learnability
from src.tables.learnability import learnability_table


def test_the_auc_stands_with_its_interval_and_with_what_shuffled_labels_gave() -> None:
    found = Learnability(
        seen="base embeddings",
        auc_roc=0.62,
        auc_low=0.55,
        auc_high=0.69,
        shuffled_low=0.43,
        shuffled_high=0.57,
        n=1195,
    )
    [cells] = learnability_table(found).rows

    assert [cell.parts for cell in cells] == [("base embeddings",), ("0.620", "[0.550, 0.690]"), ("0.570",), ("1,195",)]


def test_without_an_auc_the_reason_stands_there() -> None:
    found = Learnability(seen="base embeddings", auc_roc=None, n=12, reason="fewer than 10 pairs of a label")
    [cells] = learnability_table(found).rows

    assert [cell.text for cell in cells] == ["base embeddings", "n/a", "n/a", "12"]
    assert "fewer than 10 pairs of a label" in " ".join(cells[1].parts)
