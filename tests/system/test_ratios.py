from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.ratios import KEPT, Spread, fallen, keep_ratios, kept_ratios

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = Spread(2.5, 2.4, 2.7)


@pytest.mark.parametrize(("median", "told"), [(3.0, False), (2.5, False), (2.21, False), (2.19, True), (0.5, True)])
def test_a_ratio_has_fallen_when_it_is_below_the_kept_one_by_more_than_its_spread(median: float, told: bool) -> None:
    assert bool(fallen({"lora": Spread(median, 0, 9)}, {"lora": BEFORE})) is told


def test_a_ratio_that_was_never_kept_has_not_fallen() -> None:
    assert fallen({"standard": Spread(0.1, 0.1, 0.1)}, {"lora": BEFORE}) == []


def test_what_is_kept_for_one_processor_leaves_the_others_and_other_names(tmp_path: Path) -> None:
    file = tmp_path / "ratios.json"
    file.write_text(json.dumps({"A": {"lora": BEFORE, "standard": BEFORE}, "B": {"lora": BEFORE}}))

    keep_ratios("A", {"lora": Spread.of([3.004, 2.0, 4.0])}, file)

    assert kept_ratios("A", file) == {"lora": Spread(3.0, 2.0, 4.0), "standard": BEFORE}
    assert kept_ratios("B", file) == {"lora": BEFORE}
    assert kept_ratios("C", file) == {}


def test_the_file_of_the_project_holds_ratios() -> None:
    for processor in json.loads(KEPT.read_text()):
        assert all(ratio.low <= ratio.median <= ratio.high for ratio in kept_ratios(processor).values())
