from __future__ import annotations

import importlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.evaluation import projection as p
from src.models import Projection

if TYPE_CHECKING:
    from pathlib import Path


def _pairs(n: int, d: int = 6, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 2, d)).astype(np.float32)


def _blobs(sizes: tuple[int, ...], scatter: int = 0) -> Projection:
    """Tight blobs far from one another in a row, then scattered points."""
    rng = np.random.default_rng(0)
    blob = np.repeat(np.arange(len(sizes)), sizes)
    points = rng.normal(0, 0.1, (len(blob), 2)) + 100 * blob[:, None]
    points = np.concatenate([points, rng.uniform(-1e4, 1e4, (scatter, 2))])
    return Projection(
        indices=tuple(range(len(points))),
        x=tuple(points[:, 0].tolist()),
        y=tuple(points[:, 1].tolist()),
        clusters=(),
        n_neighbors=15,
        sampled_from=len(points),
    )


class TestProject:
    def test_every_pair_is_a_point_and_the_map_is_the_same_twice(self) -> None:
        embeddings = _pairs(40)

        found = p.project(embeddings)

        assert found is not None
        assert found.indices == tuple(range(40))
        assert (found.n_neighbors, found.sampled_from, found.aligned_to, found.clusters) == (15, 40, None, ())
        assert found == p.project(embeddings)
        assert found != p.project(embeddings, seed=1)

    def test_coordinates_have_four_decimals(self) -> None:
        found = p.project(_pairs(20))

        assert found is not None
        assert [round(x, 4) for x in (*found.x, *found.y)] == [*found.x, *found.y]

    def test_the_length_of_a_vector_does_not_matter(self) -> None:
        embeddings = _pairs(20)

        assert p.project(embeddings * 4) == p.project(embeddings)

    def test_neighbours_in_the_space_are_neighbours_on_the_map(self) -> None:
        centres = np.repeat(_pairs(2, seed=1), 30, axis=0)

        found = p.project(centres + _pairs(60) / 20)

        assert found is not None
        points = np.stack([found.x, found.y], axis=1)
        distance = np.linalg.norm(points[:, None] - points, axis=2)
        assert distance[:30, :30].max() < distance[:30, 30:].min()

    @pytest.mark.parametrize(("n", "neighbors"), [(4, 3), (5, 4), (15, 14), (16, 15), (17, 15)])
    @pytest.mark.parametrize("kind", ["random", "collapsed", "opposite"])
    def test_few_points_have_a_map_of_finite_numbers(self, n: int, neighbors: int, kind: str) -> None:
        embeddings = _pairs(n)
        if kind != "random":
            embeddings[:] = embeddings[0]
        if kind == "opposite":
            embeddings[0] *= -1

        found = p.project(embeddings)

        assert found is not None
        assert (len(found.x), found.n_neighbors) == (n, neighbors)

    @pytest.mark.parametrize("n", [0, 1, 3])
    def test_three_points_have_no_map(self, n: int) -> None:
        assert p.project(_pairs(n)) is None

    def test_a_trained_models_map_lies_beside_the_baselines(self) -> None:
        centres = np.repeat(_pairs(6, seed=1), 50, axis=0)
        base = p.project(centres + _pairs(300) / 10)
        assert base is not None

        found = p.project(centres + _pairs(300, seed=2) / 10, base, aligned_to="baseline")

        assert found is not None
        assert found.aligned_to == "baseline"
        for axis, base_axis in ((found.x, base.x), (found.y, base.y)):
            assert np.corrcoef(axis, base_axis)[0, 1] > 0.7

    def test_turning_a_map_back_undoes_a_turn_and_changes_no_distance(self) -> None:
        start = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
        turn = np.array([[0, 1], [1, 0]])  # mirrors the axes

        assert p._aligned(start @ turn + 5, start) == pytest.approx(start, abs=1e-5)
        assert p._aligned(3 * start, start) == pytest.approx(
            3 * (start - start.mean(axis=0)) + start.mean(axis=0), abs=1e-5
        )

    def test_more_points_than_wanted_are_sampled_by_the_seed(self) -> None:
        embeddings = _pairs(60)

        found = p.project(embeddings, max_points=20)

        assert found is not None
        assert (len(found.indices), found.sampled_from) == (20, 60)
        assert list(found.indices) == sorted(set(found.indices))
        other = p.project(embeddings, max_points=20, seed=1)
        assert other is not None
        assert other.indices != found.indices

    def test_the_map_of_a_trained_model_has_the_rows_of_the_baseline(self) -> None:
        base = p.project(_pairs(60), max_points=20)

        found = p.project(_pairs(60, seed=1), base, aligned_to="baseline", seed=5)

        assert base is not None
        assert found is not None
        assert found.indices == base.indices

    def test_a_map_of_other_pairs_is_refused(self) -> None:
        base = p.project(_pairs(20))

        with pytest.raises(ValueError, match="made of 20 pairs, not 21"):
            p.project(_pairs(21), base)


def test_a_map_is_made_where_neither_the_installation_nor_the_home_can_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where numba finds no folder for the code that it compiles, it refuses the function."""
    (tmp_path / "installed.py").write_text("import numba\n\n@numba.njit(cache=True)\ndef one():\n    return 1\n")
    (tmp_path / "__pycache__").write_text("no folder can be made in this place, not even by root")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("HOME", "/dev/null/home")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.delenv("XDG_CACHE_HOME")

    p.project(_pairs(4))

    assert importlib.import_module("installed").one.py_func() == 1


class TestCluster:
    def test_blobs_are_clusters_and_the_rest_is_noise(self) -> None:
        labels = np.repeat([1, 0, 1, 0], [20, 20, 20, 5])

        clustered, found = p.cluster(_blobs((20, 20, 20), scatter=5), labels)

        assert (found.n_clusters, found.cluster_purity, found.n) == (3, 1.0, 65)
        assert found.noise_ratio == pytest.approx(5 / 65)
        assert clustered.clusters[60:] == (-1,) * 5
        assert len(set(clustered.clusters[:20])) == 1
        assert (found.min_cluster_size, found.min_samples, found.reason) == (10, 5, "")

    def test_labels_belong_to_the_rows_that_were_sampled(self) -> None:
        points = _blobs((20, 20)).model_copy(update={"indices": tuple(range(0, 80, 2)), "sampled_from": 80})
        labels = np.zeros(80)
        labels[0:40:2] = 1  # the first blob; the rows between the sampled ones would spoil the purity
        labels[1::4] = 1

        assert p.cluster(points, labels)[1].cluster_purity == 1

    def test_purity_beside_shuffled_labels(self) -> None:
        labels = np.random.default_rng(1).integers(0, 2, 60)

        _, found = p.cluster(_blobs((20, 20, 20)), labels)

        assert found.cluster_purity == pytest.approx(found.shuffled_purity, abs=0.12)
        assert p.cluster(_blobs((20, 20, 20)), labels)[1] == found

    def test_all_noise_has_no_purity_but_a_reason(self) -> None:
        clustered, found = p.cluster(_blobs((), scatter=12), [0, 1] * 6)

        assert set(clustered.clusters) == {-1}
        assert (found.cluster_purity, found.shuffled_purity) == (None, None)
        assert (found.n_clusters, found.noise_ratio) == (0, 1)
        assert "all points are noise" in found.reason

    @pytest.mark.parametrize(("sizes", "size", "samples"), [((2, 2), 2, 2), ((6, 6), 6, 5), ((9, 10), 9, 5)])
    def test_few_points_lower_the_sizes_and_say_so(self, sizes: tuple[int, int], size: int, samples: int) -> None:
        n = sum(sizes)

        _, found = p.cluster(_blobs(sizes), np.arange(n) % 2)

        assert (found.min_cluster_size, found.min_samples) == (size, samples)
        assert f"lowered for {n} points" in found.reason

    def test_another_number_of_labels_is_refused(self) -> None:
        with pytest.raises(ValueError, match="labels of shape"):
            p.cluster(_blobs((10, 10)), [0, 1])

    def test_too_few_pairs_for_a_map_have_a_reason(self) -> None:
        found = p.unclustered(3)

        assert (found.cluster_purity, found.n_clusters, found.noise_ratio, found.n) == (None, None, None, 3)
        assert "fewer than 4 pairs" in found.reason


class TestPurity:
    def test_is_the_share_of_the_majority_labels(self) -> None:
        clusters = np.array([0, 0, 0, 3, 3, 3, 3])
        compatible = np.array([True, True, False, False, False, False, True])

        assert p.purity(clusters, compatible) == pytest.approx(5 / 7)

    def test_of_pairs_under_shuffled_labels_is_known(self) -> None:
        # two clusters of two, two labels of two: 1 of 3 shuffles is pure, the others are half pure
        found = p.shuffled_purity(np.array([0, 0, 1, 1]), np.array([True, True, False, False]), 0, shuffles=20_000)

        assert found == pytest.approx(1 / 3 + 2 / 3 / 2, abs=0.01)

    def test_one_label_is_pure_however_it_is_shuffled(self) -> None:
        clusters, compatible = np.array([0, 0, 1]), np.ones(3, dtype=bool)

        assert p.purity(clusters, compatible) == p.shuffled_purity(clusters, compatible, 0) == 1

    def test_no_points_have_none(self) -> None:
        nothing = np.array([], dtype=np.int64)

        assert p.purity(nothing, nothing == 1) is None
        assert p.shuffled_purity(nothing, nothing == 1, 0) is None


def test_making_a_map_leaves_the_number_of_threads_that_the_user_set() -> None:
    program = """
import numpy as np, torch
from src.evaluation.projection import project
torch.ones(64, 64) @ torch.ones(64, 64)
project(np.random.default_rng(0).normal(size=(30, 2, 8)).astype(np.float32), None)
print(torch.get_num_threads())
"""
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_THREADING_LAYER"}
    environment["OMP_NUM_THREADS"] = "1"

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)

    assert found.stdout.strip() == "1"
