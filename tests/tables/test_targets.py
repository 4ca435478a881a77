from __future__ import annotations

from src.models import TargetResult
from src.tables.targets import target_table
from tests.support.factories import make_comparison
from tests.support.table_reading import column


def test_a_target_is_held_against_what_was_observed() -> None:
    table = target_table(make_comparison().hypotheses)

    assert [cell.text for cell in column(table, "Outcome")] == ["met", "not met", "met"]
    assert [cell.kind for cell in column(table, "Outcome")] == ["met", "not-met", "met"]
    assert {cell.text for cell in column(table, "Metric")} == {"Cohen's d"}


def test_a_target_has_its_interval_and_its_note() -> None:
    target = TargetResult(
        model="lora", metric="auc_roc", target=0.8, observed=0.75, low=0.7, high=0.81, outcome="not decidable", note="x"
    )
    [cells] = target_table([target]).rows

    assert [" ".join(cell.parts) for cell in cells] == [
        "lora", "AUC-ROC", "0.80", "0.750 [0.700, 0.810]", "not decidable", "x",
    ]  # fmt: skip
