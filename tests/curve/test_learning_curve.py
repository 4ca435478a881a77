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

SHARES = (40.0, 100.0)


def draw(context: RunContext, *targets: float) -> LearningCurve:
    return learning_curve(context, recipe("standard", epochs=1), SHARES, (42,), targets)


def test_a_curve_is_measured_written_and_kept(context: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    found = draw(context, 0.9)

    of_test, of_challenge = found.curves
    assert (of_test.split, of_challenge.split) == (Split.TEST, Split.CHALLENGE)
    assert [point.pairs for point in of_test.points] == [(20,), (48,)]
    assert of_test.fit is None
    assert of_test.reason.startswith("2 different numbers of pairs and 2 trainings are too few")
    folder = curve_folder(context)
    assert read_json(folder / "learning_curve.json", LearningCurve) == found
    assert sorted(path.name for path in folder.iterdir()) == ["learning_curve.json", "learning_curve.png", "points"]

    monkeypatch.setattr(points, "run_training", lambda *_, **__: pytest.fail("it is trained again"))
    again = draw(context, 0.9)
    assert again.curves == found.curves


def test_a_curve_that_is_cut_off_goes_on_with_the_training_under_way(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []

    def second_is_killed(*arguments, **options):
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(run_training(*arguments, **options))

    monkeypatch.setattr(points, "run_training", second_is_killed)
    with pytest.raises(KeyboardInterrupt):
        draw(context)
    done.clear()
    draw(context)

    assert len(done) == 1
