from __future__ import annotations

import numpy as np
import pytest

from src.evaluation import purity_range as r
from src.evaluation.projection import cluster, project
from src.models import Projection

LABELS = np.arange(60) % 2


def pairs(seed: int = 0) -> np.ndarray:
    """Pairs (60, 2, 6) in blobs that overlap, so that the clusters depend on the map."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(6, 2, 6))[rng.integers(0, 6, 60)]
    return (2 * centres + rng.normal(size=(60, 2, 6))).astype(np.float32)


def purities(seeds: range, start: np.ndarray | None = None) -> list[float | None]:
    maps = [project(pairs(), None if start is None else project(start, seed=seed), seed=seed) for seed in seeds]
    return [cluster(drawn, LABELS)[1].cluster_purity for drawn in maps if drawn is not None]


def found_range(own: float | None, seed: int, base: np.ndarray | None = None) -> r.PurityRange:
    drawn = project(pairs(), seed=seed)
    assert drawn is not None
    return r.purity_range(drawn, own, pairs(), LABELS, seed, base_embeddings=base)


@pytest.fixture(autouse=True)
def few_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(r, "SEEDS", 4)


@pytest.mark.parametrize("base", [None, pairs(1)], ids=["base model", "trained model"])
def test_it_goes_from_the_lowest_to_the_highest_purity_of_runs_with_other_seeds(base: np.ndarray | None) -> None:
    own, *others = purities(range(7, 11), base)
    known = [purity for purity in (own, *others) if purity is not None]

    found = found_range(own, 7, base)

    assert (found.low, found.high, found.n_maps, found.reason) == (min(known), max(known), 4, "")
    assert found.low < found.high


def test_it_holds_the_purity_that_is_shown_and_the_seeds_start_again_after_the_highest() -> None:
    found = found_range(0.99, 2**32 - 1)

    assert found.high == 0.99
    assert found.low == min(purity for purity in purities(range(3)) if purity is not None)


def test_more_points_than_fit_have_no_range_but_a_reason() -> None:
    large = Projection(
        indices=tuple(range(501)), x=(0.0,) * 501, y=(0.0,) * 501, clusters=(), n_neighbors=15, sampled_from=501
    )

    found = r.purity_range(large, 0.7, pairs(), LABELS, 42)

    assert (found.low, found.high, found.n_maps) == (None, None, 0)
    assert found.reason == "more than 500 points: one map only"
