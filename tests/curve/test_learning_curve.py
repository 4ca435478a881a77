from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.curve import points
from src.curve.learning_curve import learning_curve
from src.curve.points import curve_folder
from src.models import LearningCurve, Split
from src.storage.files import read_json
from src.training_stage import run_training
from tests.support.finished_run import recipe

if TYPE_CHECKING:
    from src.workflow.context import RunContext


def test_a_curve_goes_on_where_it_was_cut_off_and_is_kept(context: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[int] = []

    def draw() -> LearningCurve:
        return learning_curve(context, recipe("standard", epochs=1), (40.0, 100.0), (42,))

    def cut_off_before_the_second(inside: RunContext, *rest, **options):
        checkpoint = inside.paths.root / "checkpoint"
        if len(trained) == 1:
            trained.append(0)
            checkpoint.mkdir(parents=True)
            raise KeyboardInterrupt
        assert checkpoint.exists() == (len(trained) == 2)  # what was measured before takes none away
        run_training(inside, *rest, **options)
        trained.append(len(inside.pair_sets[Split.TRAIN]))

    monkeypatch.setattr(points, "run_training", cut_off_before_the_second)
    with pytest.raises(KeyboardInterrupt):
        draw()
    found = draw()
    again = draw()

    assert trained == [20, 0, 48]
    assert again.curves == found.curves
    of_test, of_challenge = found.curves
    assert (of_test.split, of_challenge.split) == (Split.TEST, Split.CHALLENGE)
    assert [point.pairs for point in of_test.points] == [(20,), (48,)]
    assert of_test.points[0].over_seeds.mean != of_test.base.value
    assert of_test.reason.startswith("2 different numbers of pairs and 2 trainings are too few")
    folder = curve_folder(context)
    assert read_json(folder / "learning_curve.json", LearningCurve) == again
    assert sorted(path.name for path in folder.iterdir()) == ["learning_curve.json", "learning_curve.png", "points"]
