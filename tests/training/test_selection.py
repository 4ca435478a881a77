from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.core.errors import DataFileError, PipelineError
from src.models import GradeScale, MeasuredPoint, TrainConfig, TrainingMode, TrainingPoint
from src.training.selection import Phase, choose, chosen_on_file, refit, refuse_small_file, validation_phases

if TYPE_CHECKING:
    from src.models import PairSet
    from tests.conftest import PairSetFactory


def recipe(**changes: object) -> TrainConfig:
    return TrainConfig.model_validate({"name": "a", "mode": TrainingMode.STANDARD, "select_on": "validation"} | changes)


def texts(pairs: PairSet) -> set[str]:
    return {*pairs.text_1, *pairs.text_2}


def lines(phases: list[Phase]) -> list[list[int]]:
    return [phase.measured.lines.tolist() for phase in phases if phase.measured]


@pytest.mark.parametrize(
    ("n", "set_aside"),
    [(500, 200), (1000, 200), (2000, 300)],  # 100 of each label if that is at most 40 %, else 15 %
)
def test_15_percent_are_set_aside_and_at_least_100_of_each_label(
    random_pairs: PairSetFactory, n: int, set_aside: int
) -> None:
    pairs = random_pairs(n)
    pairs.labels[:] = np.arange(n) % 2

    [phase] = validation_phases(pairs, recipe())

    assert phase.measured is not None
    assert np.bincount(phase.measured.labels).tolist() == [set_aside // 2] * 2
    assert sorted([*phase.train.lines.tolist(), *phase.measured.lines.tolist()]) == pairs.lines.tolist()


def test_of_a_rare_label_at_most_40_percent_are_set_aside(random_pairs: PairSetFactory) -> None:
    pairs = random_pairs(1000)
    pairs.labels[:] = np.arange(1000) % 20 == 0

    [phase] = validation_phases(pairs, recipe())

    assert phase.measured is not None
    assert np.bincount(phase.measured.labels).tolist() == [round(0.15 * 950), 20]


def test_few_pairs_are_set_aside_in_turn_each_once(random_pairs: PairSetFactory) -> None:
    pairs = random_pairs(100)

    phases = validation_phases(pairs, recipe())

    assert [phase.part for phase in phases] == [1, 2, 3, 4, 5]
    assert sorted(line for part in lines(phases) for line in part) == pairs.lines.tolist()


@pytest.mark.parametrize("n", [90, 900])
def test_no_text_that_was_set_aside_is_trained_on(pair_set: PairSetFactory, n: int) -> None:
    rng = np.random.default_rng(0)
    pairs = pair_set([f"boy: a{i // 3}" for i in range(n)], [f"girl: b{i}" for i in rng.integers(0, 2 * n, n)])

    for phase in validation_phases(pairs, recipe()):
        assert phase.measured is not None
        assert not texts(phase.train) & texts(phase.measured)


@pytest.mark.parametrize("n", [100, 600])
def test_the_seed_draws_the_parts_and_the_order_of_the_rows_does_not(random_pairs: PairSetFactory, n: int) -> None:
    pairs = random_pairs(n)
    shuffled = pairs.take(np.random.default_rng(1).permutation(n))

    one, again, other = (lines(validation_phases(pairs, recipe(seed=seed))) for seed in (1, 1, 2))

    assert one == again
    assert one != other
    assert [set(part) for part in lines(validation_phases(shuffled, recipe(seed=1)))] == [set(part) for part in one]


@pytest.mark.parametrize("n", [60, 600])
def test_one_text_in_every_pair_leaves_nothing_to_set_aside(pair_set: PairSetFactory, n: int) -> None:
    pairs = pair_set(["boy: hub"] * n, [f"girl: b{i}" for i in range(n)])

    with pytest.raises(DataFileError, match=rf"shared texts join {n} of {n} pairs, .*; use --select-on test"):
        validation_phases(pairs, recipe())


def test_a_label_that_is_too_rare_to_be_set_aside_is_refused(random_pairs: PairSetFactory) -> None:
    pairs = random_pairs(600)
    pairs.labels[:] = np.arange(600) % 100 == 0

    with pytest.raises(DataFileError, match="or a label is rare; use --select-on test"):
        validation_phases(pairs, recipe())


def test_the_time_left_is_that_of_all_phases(random_pairs: PairSetFactory) -> None:
    pairs, config = random_pairs(100), recipe(epochs=2, batch_size=10)
    pairs.labels[:] = np.arange(100) % 2

    phases = validation_phases(pairs, config)

    assert [phase.later_steps for phase in phases] == [84, 68, 52, 36, 20]
    assert [phase.n_steps(config) for phase in phases] == [16] * 5


# --- the choice -----------------------------------------------------------------------------------------


def measured(spearman: list[float | None], n: int, epochs: list[float] | None = None) -> list[MeasuredPoint]:
    """The points of a part; the cosines of each are its number, and the labels tell nothing."""
    epochs = epochs or [float(place) for place in range(len(spearman))]
    return [
        MeasuredPoint(
            point=TrainingPoint(
                step=place * 7, epoch=epoch, train_loss=None, spearman=value, auc_roc=0.5, learning_rate=0.0
            ),
            cosines=tuple(place / 10 + i / 10_000 for i in range(n)),
        )
        for place, (epoch, value) in enumerate(zip(epochs, spearman, strict=True))
    ]


@pytest.fixture
def five(random_pairs: PairSetFactory) -> tuple[PairSet, TrainConfig, list[Phase]]:
    """A recipe of ten steps an epoch, and its five parts of 20 pairs."""
    pairs, config = random_pairs(100), recipe(batch_size=10)
    pairs.labels[:] = np.arange(100) % 2
    return pairs, config, validation_phases(pairs, config)


def test_the_point_with_the_best_mean_over_the_parts_is_chosen(five) -> None:
    curves = [measured([0.0, 0.9, 0.5], 20), *[measured([0.0, 0.1, 0.5], 20) for _ in range(4)]]

    found = choose(*five, curves)

    assert [point.spearman for point in found.history] == pytest.approx([0.0, 0.26, 0.5])
    assert found.choice.epoch == 2
    # of the training on all pairs, not of a part
    assert found.best_step == 20
    assert [point.step for point in found.history] == [0, 10, 20]
    assert refit(five[0], found).n_steps(five[1]) == 20


def test_of_equal_points_the_first_is_chosen_and_it_may_be_the_base_model(five) -> None:
    assert choose(*five, [measured([0.4, 0.4, 0.3], 20)] * 5).best_step == 0


def test_a_point_between_epochs_belongs_to_the_nearest_one_of_another_part(five) -> None:
    curves = [measured([0.0, 0.2, 0.4], 20, [0.0, 0.5, 1.0]), *[measured([0.0, 0.3, 0.4], 20, [0.0, 0.48, 1.0])] * 4]

    assert [point.spearman for point in choose(*five, curves).history] == pytest.approx([0.0, 0.28, 0.4])


def test_a_point_that_one_part_has_no_correlation_at_is_not_chosen(five) -> None:
    curves = [measured([0.1, None], 20), *[measured([0.1, 0.9], 20)] * 4]

    assert choose(*five, curves).best_step == 0
    with pytest.raises(PipelineError, match="both labels are needed"):
        choose(*five, [measured([None, None], 20)] * 5)


def test_the_calibration_is_of_the_cosines_at_the_chosen_point_by_the_models_without_the_pair(five) -> None:
    _, _, phases = five
    curves = []
    for phase in phases:
        assert phase.measured is not None
        points = measured([0.1, 0.9], 20)
        apart = tuple(0.5 + 0.1 * label for label in phase.measured.labels.tolist())
        curves.append([points[0], points[1].model_copy(update={"cosines": apart})])

    found = choose(*five, curves).choice.calibration

    assert (found.fitted_on, found.n, found.n_compatible) == ("validation", 100, 50)
    assert found.separated_at == pytest.approx(0.55)


def test_the_rows_that_were_set_aside_are_recorded(five) -> None:
    pairs, _, phases = five

    found = choose(*five, [measured([0.1, 0.9], 20)] * 5).choice

    assert [list(part.lines) for part in found.parts] == lines(phases)
    assert found.n == len(pairs)
    assert len({part.sha256 for part in found.parts}) == 5


def test_of_many_rows_their_number_and_a_hash_are_recorded(random_pairs: PairSetFactory) -> None:
    pairs, config = random_pairs(7000), recipe()
    [phase] = validation_phases(pairs, config)

    [part] = choose(pairs, config, [phase], [measured([0.1], len(phase.sampled))]).choice.parts

    assert (part.n, part.lines) == (len(phase.measured or ()), ())


# --- a validation file ----------------------------------------------------------------------------------


def test_a_validation_file_gives_the_threshold_of_the_best_f1_and_the_calibration(random_pairs: PairSetFactory) -> None:
    pairs = random_pairs(40)
    pairs.labels[:] = np.arange(40) % 2

    found = chosen_on_file(pairs, 2.0, np.where(pairs.labels == 1, 0.6, 0.2))

    assert (found.n, found.epoch, found.threshold, found.parts) == (40, 2.0, pytest.approx(0.4), ())
    assert found.file is not None
    assert found.file.name == pairs.path.name
    assert found.calibration is not None
    assert (found.calibration.fitted_on, found.calibration.n) == ("validation", 40)


def test_grades_without_a_cut_give_neither(random_pairs: PairSetFactory) -> None:
    pairs = dataclasses.replace(random_pairs(40), grades=np.arange(40.0), scale=GradeScale(low=0, high=40))

    found = chosen_on_file(pairs, 2.0, np.linspace(0, 1, 40))

    assert (found.threshold, found.calibration) == (None, None)


@pytest.mark.parametrize("ones", [0, 9, 10, 30, 31])
def test_a_validation_file_needs_ten_pairs_of_each_label(random_pairs: PairSetFactory, ones: int) -> None:
    pairs = random_pairs(40)
    pairs.labels[:] = np.arange(40) < ones

    if 10 <= ones <= 30:
        refuse_small_file(pairs)
        return
    message = (
        f"{ones} compatible and {40 - ones} incompatible pairs, too few .* at least 10 of each; .* --select-on test"
    )
    with pytest.raises(DataFileError, match=message):
        refuse_small_file(pairs)


@pytest.mark.parametrize(
    ("n", "step", "what"), [(19, 1, "19 pairs with 19 different grades"), (40, 0, "1 different grade,")]
)
def test_a_graded_validation_file_needs_twenty_pairs_and_two_grades(
    random_pairs: PairSetFactory, n: int, step: int, what: str
) -> None:
    pairs = dataclasses.replace(random_pairs(n), grades=step * np.arange(float(n)), scale=GradeScale(low=0, high=40))

    with pytest.raises(DataFileError, match=what):
        refuse_small_file(pairs)
