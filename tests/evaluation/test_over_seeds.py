from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm, t

from src.evaluation.estimates import difference, estimate, scored
from src.evaluation.metric_registry import AUC, MARGIN
from src.evaluation.over_seeds import FEWEST_SEEDS, SeedScores, difference_over_seeds, over_seeds, recipe_seeds
from src.evaluation.variance import Sample

SEEDS = 5


def of_seeds(rng: np.random.Generator, seeds: int = SEEDS, *, n: int = 120, between: float = 0.3) -> list:
    """Scores of one recipe: all seeds see the same difficult pairs, and each has a margin of its own."""
    labels = rng.permutation(np.arange(n) % 2)
    sample, common = Sample(labels == 1), rng.standard_normal(n)
    margins = 1 + between * rng.standard_normal(seeds)
    return [scored(common + 0.3 * rng.standard_normal(n) + margin * labels, sample, 0.5) for margin in margins]


def test_the_mean_and_the_deviation_are_those_of_the_seeds() -> None:
    seeds = of_seeds(np.random.default_rng(0))

    found = over_seeds(AUC, seeds)

    assert found.values == tuple(AUC.compute(one) for one in seeds)
    assert found.mean == pytest.approx(np.mean(found.values))
    assert found.deviation == pytest.approx(np.std(found.values, ddof=1))
    assert found.low < found.mean < found.high
    assert "5 seeds" in found.method


def test_seeds_that_are_all_alike_leave_the_interval_of_the_file() -> None:
    [seed] = of_seeds(np.random.default_rng(0), 1)
    [base] = of_seeds(np.random.default_rng(0), 1, between=0)

    found, alone = over_seeds(MARGIN, [seed] * SEEDS), estimate(MARGIN, seed)
    change, single = difference_over_seeds(MARGIN, [seed] * SEEDS, [base]), difference(MARGIN, seed, base, "a", "b")

    assert (found.low, found.high) == pytest.approx((alone.low, alone.high))
    assert (change.mean, change.low, change.high) == pytest.approx((single.value, single.low, single.high))


def test_pairs_that_say_it_exactly_leave_the_interval_of_the_seeds() -> None:
    labels = np.arange(40) % 2
    margins = np.array([0.1, 0.2, 0.4])
    seeds = [scored(margin * labels, Sample(labels == 1)) for margin in margins]

    found = over_seeds(MARGIN, seeds)

    half = t.ppf(0.975, 2) * margins.std(ddof=1) / math.sqrt(3)
    assert (found.low, found.high) == pytest.approx((margins.mean() - half, margins.mean() + half))


@pytest.mark.parametrize("seeds", range(1, FEWEST_SEEDS))
def test_too_few_seeds_have_a_mean_and_the_reason_why_there_is_no_interval(seeds: int) -> None:
    found = over_seeds(AUC, of_seeds(np.random.default_rng(0), seeds))

    assert found.mean is not None
    assert (found.low, found.high, found.deviation is None) == (None, None, seeds == 1)
    assert "3 are needed" in found.reason


def test_a_metric_that_one_seed_leaves_undefined_has_no_mean() -> None:
    seeds = of_seeds(np.random.default_rng(0), 3)
    seeds[1] = scored(seeds[1].scores, Sample(np.ones(120, dtype=bool)))

    found = over_seeds(AUC, seeds)

    assert (found.mean, found.values[1]) == (None, None)
    assert found.reason


def test_a_difference_of_two_recipes_pairs_their_seeds() -> None:
    rng = np.random.default_rng(0)
    ours = of_seeds(rng)
    better = [scored(one.scores + 0.5 * one.sample.labels, one.sample) for one in ours]

    paired, turned = difference_over_seeds(MARGIN, better, ours), difference_over_seeds(MARGIN, better, ours[::-1])

    assert paired.values == pytest.approx((0.5,) * SEEDS)
    assert paired.outcome == "better"
    assert paired.mean == pytest.approx(turned.mean)
    assert paired.deviation < 1e-9 < turned.deviation


def test_a_recipe_minus_itself_is_no_difference() -> None:
    seeds = of_seeds(np.random.default_rng(0))

    found = difference_over_seeds(AUC, seeds, seeds)

    assert (found.mean, found.low, found.outcome) == (0.0, None, "not estimable")


@pytest.mark.parametrize(
    ("theirs", "values"),
    [
        ((1, 2, 3, 4, 5), (0.5,) * 5),
        ((5, 3, 1), (0.5,) * 3),  # in our order: those of seeds 1, 3 and 5
        ((3, 9, 8), None),  # one seed in common tells nothing of pairs of seeds
        ((8, 9), None),
        ((), None),  # a judged model
    ],
)
def test_a_recipe_is_compared_with_the_reference_over_the_seeds_that_both_have(
    theirs: tuple[int, ...], values: tuple[float, ...] | None
) -> None:
    scores = of_seeds(np.random.default_rng(0))
    better = [scored(one.scores + 0.5 * one.sample.labels, one.sample) for one in scores]
    by_seed = dict(zip(range(1, 6), scores, strict=True))
    others = [by_seed.get(seed, scores[0]) for seed in theirs] or scores[:1]

    found = recipe_seeds(
        "ours", SeedScores((1, 2, 3, 4, 5), better, better), against=SeedScores(theirs, others, others)
    )

    against_first = difference_over_seeds(MARGIN, better, others[:1]).values
    difference = found.difference(MARGIN.name)
    assert difference is not None
    assert difference.values == pytest.approx(values or against_first)
    assert found.challenge_difference is not None
    assert len(found.challenge_difference.values) == len(values or against_first)


def test_unequal_numbers_of_seeds_are_refused() -> None:
    seeds = of_seeds(np.random.default_rng(0))

    with pytest.raises(ValueError, match="5 seeds cannot be compared with 2"):
        difference_over_seeds(AUC, seeds, seeds[:2])


def test_the_interval_holds_for_other_seeds_and_other_pairs_where_that_of_one_file_does_not() -> None:
    between, runs, rng = 0.3, 300, np.random.default_rng(1)
    draws = rng.standard_normal(200_000)
    truth = norm.cdf((1 + between * draws) / math.sqrt(2 * 1.09)).mean()
    held, of_one = 0, 0
    for _ in range(runs):
        seeds = of_seeds(rng, between=between)
        found, alone = over_seeds(AUC, seeds), estimate(AUC, seeds[0])
        held += found.low <= truth <= found.high
        of_one += alone.low <= truth <= alone.high

    # a share of 0.95 gives fewer than 276 of 300 in one of 10,000 cases
    assert held >= 276
    assert of_one < held
