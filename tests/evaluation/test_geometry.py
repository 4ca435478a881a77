from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from src.evaluation import geometry as g

if TYPE_CHECKING:
    from pathlib import Path


def _unit(n: int, d: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, d))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _pairs(n: int, d: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 2, d)).astype(np.float32)


class TestFormulas:
    def test_cosine_of_random_pairs_is_the_mean_over_all_pairs_of_rows(self) -> None:
        texts = _unit(60, 5)

        assert g.random_pair_cosine(texts) == pytest.approx((1 - pdist(texts, "cosine")).mean())

    def test_uniformity_is_that_of_the_paper_beyond_one_block(self) -> None:
        texts = _unit(1200, 5)

        assert g.uniformity(texts) == pytest.approx(np.log(np.exp(-2 * pdist(texts, "sqeuclidean")).mean()))

    def test_alignment_is_that_of_the_paper(self) -> None:
        left, right = _unit(40, 5), _unit(40, 5, seed=1)
        expected = (np.linalg.norm(left - right, axis=1) ** 2).mean()

        assert g.alignment(np.stack([left, right], axis=1)) == pytest.approx(expected)

    def test_orthogonal_texts_are_spread(self) -> None:
        texts = np.eye(6)

        assert g.random_pair_cosine(texts) == pytest.approx(0)
        assert g.uniformity(texts) == pytest.approx(-4)
        assert g.effective_rank(texts) == pytest.approx(6)

    def test_parallel_texts_are_collapsed(self) -> None:
        texts = np.repeat(_unit(1, 6), 20, axis=0)

        assert g.random_pair_cosine(texts) == pytest.approx(1)
        assert g.uniformity(texts) == pytest.approx(0)
        assert g.effective_rank(texts) == pytest.approx(1)

    def test_effective_rank_lies_between_when_directions_differ_in_weight(self) -> None:
        texts = np.repeat(np.eye(3)[:2], [9, 1], axis=0)
        shares = np.array([3, 1]) / 4  # singular values are the roots of 9 and 1

        assert g.effective_rank(texts) == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))

    @pytest.mark.parametrize("n", [0, 1])
    def test_too_few_texts_have_no_pairs(self, n: int) -> None:
        assert g.random_pair_cosine(_unit(n, 4)) is None
        assert g.uniformity(_unit(n, 4)) is None

    def test_nothing_has_neither_alignment_nor_rank(self) -> None:
        assert g.alignment(np.empty((0, 2, 4))) is None
        assert g.effective_rank(np.empty((0, 4))) is None


class TestGeometry:
    def test_a_repeated_text_counts_once(self) -> None:
        embeddings = _pairs(30)
        embeddings[10:20] = embeddings[:10]

        found = g.geometry(embeddings, [0, 1] * 15, seed=0)

        assert found.n_texts == 40
        kept = np.concatenate([embeddings[:10], embeddings[20:]]).reshape(-1, 8)
        assert found.random_pair_cosine == pytest.approx((1 - pdist(kept, "cosine")).mean(), abs=1e-6)

    def test_the_length_of_a_vector_does_not_matter(self) -> None:
        embeddings, labels = _pairs(30), [0, 1] * 15
        stretched = embeddings * np.linspace(0.5, 4, 30, dtype=np.float32)[:, None, None]

        one, other = g.geometry(embeddings, labels, 0), g.geometry(stretched, labels, 0)

        assert other.model_dump() == pytest.approx(one.model_dump(), abs=1e-6)

    def test_alignment_looks_at_compatible_pairs_only(self) -> None:
        embeddings = np.repeat(_pairs(20)[:, :1], 2, axis=1)
        embeddings[1::2, 1] *= -1

        assert g.geometry(embeddings, [1, 0] * 10, 0).alignment == pytest.approx(0)
        assert g.geometry(embeddings, [0, 1] * 10, 0).alignment == pytest.approx(4)
        assert g.geometry(embeddings, [0] * 20, 0).alignment is None

    def test_a_large_set_is_sampled_by_the_seed(self) -> None:
        embeddings, labels = _pairs(6_000, d=4), np.arange(6_000) % 2

        found = g.geometry(embeddings, labels, seed=1)

        assert found.n_texts == 5_000
        assert found == g.geometry(embeddings, labels, seed=1)
        assert found != g.geometry(embeddings, labels, seed=2)
        assert found.random_pair_cosine == pytest.approx(0, abs=0.01)

    def test_a_memory_map_gives_the_same(self, tmp_path: Path) -> None:
        embeddings, labels = _pairs(50), [0, 1] * 25
        np.save(tmp_path / "embeddings.npy", embeddings)
        mapped = np.load(tmp_path / "embeddings.npy", mmap_mode="r")

        assert g.geometry(mapped, labels, 0) == g.geometry(embeddings, labels, 0)

    def test_another_number_of_labels_is_refused(self) -> None:
        with pytest.raises(ValueError, match="labels of shape"):
            g.geometry(_pairs(4), [0, 1], 0)


class TestModelChange:
    def test_the_same_embeddings_did_not_change(self) -> None:
        embeddings = _pairs(20)

        found = g.model_change(embeddings, embeddings.copy())

        assert found.max_abs_difference == 0
        assert found.mean_cosine_to_base == pytest.approx(1)

    def test_another_length_is_no_change(self) -> None:
        embeddings = _pairs(20)

        assert g.model_change(embeddings * 3, embeddings).max_abs_difference < 1e-6

    def test_one_changed_text_is_found_in_any_block(self) -> None:
        before = np.zeros((5_000, 2, 2), dtype=np.float32)
        before[..., 0] = 1
        after = before.copy()
        after[4_800, 1] = [0, 1]

        found = g.model_change(after, before)

        assert found.max_abs_difference == 1
        assert found.mean_cosine_to_base == pytest.approx(1 - 1 / 10_000)

    @pytest.mark.parametrize(("n", "n_base"), [(3, 4), (0, 0)])
    def test_embeddings_of_other_pairs_are_refused(self, n: int, n_base: int) -> None:
        with pytest.raises(ValueError, match="equal ones are expected"):
            g.model_change(_pairs(n), _pairs(n_base))
