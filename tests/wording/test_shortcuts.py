from __future__ import annotations

import pytest

from src.wording import shortcuts


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.6, 0.8, "{ranking} 0.700 [0.600, 0.800] on eval, fitted on train"),
        (None, None, "{ranking} 0.700 on eval, fitted on train"),
    ],
)
def test_an_auc_without_an_interval_leaves_no_gap(low: float | None, high: float | None, text: str) -> None:
    assert shortcuts.observed(0.7, low, high) == text
