from __future__ import annotations

import pytest

from src.wording import intervals


@pytest.mark.parametrize(
    ("resamples", "told"),
    [(2_000, "2,000 resamples, seed 7"), (1_000, "1,000 resamples (instead of 2,000: more than 50 pairs)")],
)
def test_fewer_resamples_than_usual_are_told(resamples: int, told: str) -> None:
    assert told in intervals.bootstrap(resamples, 7, usual=2_000, usual_up_to=50)
