from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from src import metrics
from src.data.overlap import SplitOverlap, split_overlap
from src.evaluation import evaluate as ev
from src.evaluation import purity_range
from src.evaluation.estimates import auc_estimate, scored
from src.evaluation.roc_band import roc_band
from src.evaluation.variance import Sample
from src.metrics import cosine_similarities
from src.models import Evaluation, GradeScale
from tests.support.contract import CONTRACT
from tests.support.factories import make_provenance
from tests.support.known_scores import METRIC_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from src.models import PairSet

SIZES = {"train": 80, "eval": 60, "challenge": 30}


@pytest.fixture(autouse=True)
def few_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten maps of each model would take most of the time."""
    monkeypatch.setattr(purity_range, "SEEDS", 2)


def _embeddings(labels: np.ndarray, shift: float, seed: int) -> np.ndarray:
    """Pairs (N, 2, 8) whose sides are closer, the higher the shift, when the label is 1."""
    rng = np.random.default_rng(seed)
    one, other = rng.normal(size=(2, len(labels), 8))
    return np.stack([one, other + (shift * labels)[:, None] * one], axis=1).astype(np.float32)


@pytest.fixture
def pairs(pair_set: Callable[..., PairSet]) -> dict[str, PairSet]:
    """Train, eval and challenge; eval rows 0-9 are copied from train, 10-19 share a text with it."""
    sets = {}
    for split, n in SIZES.items():
        one, two = ([f"{who}: {split} says {who} number {i}" for i in range(n)] for who in ("boy", "girl"))
        if split == "eval":
            one[:20], two[:10] = sets["train"].text_1[:20], sets["train"].text_2[:10]
        sets[split] = pair_set(
            one,
            two,
            name=f"{split}.jsonl",
            category=[f"category {i % 3}" for i in range(n)],
            subcategory=[f"topic {i // 10}" for i in range(n)],
            pair_type=["dealbreaker" if i % 2 == 0 else "compatible" for i in range(n)],
        )
    return sets


@pytest.fixture
def inputs(pairs: dict[str, PairSet]) -> Callable[..., ev.EvaluationInputs]:
    """Makes the inputs of a model whose embeddings tell the labels apart."""

    def make(shift: float = 0.8, **changes: Any) -> ev.EvaluationInputs:  # noqa: ANN401 - any field
        values: dict[str, Any] = {
            "model": "baseline",
            "pairs": pairs,
            "embeddings": {split: _embeddings(p.labels, shift, i) for i, (split, p) in enumerate(pairs.items())},
            "overlap": split_overlap(pairs["train"], pairs["eval"]),
            "base_sha256": "a" * 64,
            "seed": 42,
            "provenance": make_provenance,
        }
        return ev.EvaluationInputs(**values | changes)

    return make


def _cosines(inputs: ev.EvaluationInputs, split: str) -> np.ndarray:
    return metrics.cosine_similarities(inputs.embeddings[split])


class TestNumbers:
    def test_the_contract_names_are_at_the_top_with_known_values(
        self, inputs: Callable[..., ev.EvaluationInputs]
    ) -> None:
        given = inputs()
        cosines, labels = _cosines(given, "eval"), given.pairs["eval"].labels

        found = ev.evaluate_embeddings(given)

        assert list(Evaluation.model_fields)[:16] == CONTRACT
        assert all(getattr(found, name) is not None for name in CONTRACT)
        assert found.auc_roc == pytest.approx(roc_auc_score(labels, cosines))
        assert found.compatibility_margin == pytest.approx(cosines[labels == 1].mean() - cosines[labels == 0].mean())
        assert found.best_f1 == pytest.approx(max(f1_score(labels, cosines >= t) for t in cosines))
        assert found.train_auc_roc == metrics.auc_roc(_cosines(given, "train"), given.pairs["train"].labels)
        assert (found.cluster_purity, found.n_clusters) == (found.clusters.cluster_purity, found.clusters.n_clusters)
        assert [e.name for e in found.estimates] == list(METRIC_NAMES)
        assert found.projection is not None
        assert len(found.projection.clusters) == 60

    def test_the_train_auc_has_the_interval_of_its_pairs(self, inputs: Callable[..., ev.EvaluationInputs]) -> None:
        given = inputs()
        expected = auc_estimate(cosine_similarities(given.embeddings["train"]), Sample.of(given.pairs["train"]))

        found = ev.evaluate_embeddings(given)

        assert expected.low is not None
        assert found.train_auc_roc == expected.value
        assert (found.train_auc_low, found.train_auc_high) == (expected.low, expected.high)

    def test_the_operating_threshold_is_fitted_on_train_and_the_oracle_threshold_on_eval(
        self, inputs: Callable[..., ev.EvaluationInputs]
    ) -> None:
        given = inputs()
        fitted = metrics.best_threshold(_cosines(given, "train"), given.pairs["train"].labels)
        optimistic = metrics.best_threshold(_cosines(given, "eval"), given.pairs["eval"].labels)
        assert fitted is not None

        found = ev.evaluate_embeddings(given)

        assert found.operating_point == metrics.threshold_metrics(
            _cosines(given, "eval"), given.pairs["eval"].labels, fitted
        )
        assert found.best_threshold == optimistic != fitted
        assert found.optimistic_point is not None
        assert found.operating_point.f1 == found.estimates[5].value
        assert found.best_f1 == found.optimistic_point.f1 >= found.operating_point.f1

    def test_the_curve_has_a_band_of_the_same_pairs_as_the_intervals(
        self, inputs: Callable[..., ev.EvaluationInputs]
    ) -> None:
        given = inputs()
        found = ev.evaluate_embeddings(given)

        assert found.roc_band == roc_band(scored(_cosines(given, "eval"), Sample.of(given.pairs["eval"])))

    def test_a_result_survives_its_json(self, inputs: Callable[..., ev.EvaluationInputs]) -> None:
        found = ev.evaluate_embeddings(inputs())

        assert Evaluation.model_validate_json(found.model_dump_json()) == found

    def test_embeddings_from_disk_give_the_same(
        self, inputs: Callable[..., ev.EvaluationInputs], tmp_path: Path
    ) -> None:
        given, mapped = inputs(), {}
        for split, embeddings in given.embeddings.items():
            np.save(tmp_path / f"{split}.npy", embeddings)
            mapped[split] = np.load(tmp_path / f"{split}.npy", mmap_mode="r")

        assert ev.evaluate_embeddings(inputs(embeddings=mapped)) == ev.evaluate_embeddings(given)


class TestGroups:
    def test_slices_tell_copies_and_shared_texts_apart(self, inputs: Callable[..., ev.EvaluationInputs]) -> None:
        given = inputs()

        slices = ev.evaluate_embeddings(given).slices

        assert [(s.name, s.n) for s in slices] == [
            ("all", 60),
            ("not copied from train", 50),
            ("no text shared with train", 40),
            ("challenge", 30),
        ]
        cosines, labels = _cosines(given, "eval"), given.pairs["eval"].labels
        assert slices[2].auc_roc == pytest.approx(roc_auc_score(labels[20:], cosines[20:]))
        challenge = roc_auc_score(given.pairs["challenge"].labels, _cosines(given, "challenge"))
        assert slices[3].auc_roc == pytest.approx(challenge)

    def test_the_overlap_that_is_given_is_used(self, inputs: Callable[..., ev.EvaluationInputs]) -> None:
        fresh, apart = np.arange(60) < 33, np.arange(60) < 3

        slices = ev.evaluate_embeddings(inputs(overlap=SplitOverlap(fresh, apart))).slices

        assert [s.n for s in slices] == [60, 33, 3, 30]
        assert slices[2].auc_roc is None
        assert slices[2].reason == "fewer than 5 pairs"

    def test_categories_pair_types_and_challenge_topics_have_groups(
        self, inputs: Callable[..., ev.EvaluationInputs]
    ) -> None:
        found = ev.evaluate_embeddings(inputs())

        assert [(g.name, g.n) for g in found.by_category] == [(f"category {i}", 20) for i in range(3)]
        assert [g.name for g in found.by_pair_type] == ["compatible", "dealbreaker"]
        assert {g.reason for g in found.by_pair_type} == {"one label only"}
        assert [(g.name, g.n) for g in found.challenge_groups] == [(f"topic {i}", 10) for i in range(3)]
        assert found.challenge_data is not None
        assert found.challenge_data.name == "challenge.jsonl"

    def test_without_a_challenge_set_nothing_is_said_of_one(
        self, inputs: Callable[..., ev.EvaluationInputs], pairs: dict[str, PairSet]
    ) -> None:
        del pairs["challenge"]

        found = ev.evaluate_embeddings(inputs())

        assert (found.challenge_groups, found.challenge_data) == ((), None)
        assert len(found.slices) == 3


class TestBaseline:
    def test_has_no_change_and_a_map_of_its_own(self, inputs: Callable[..., ev.EvaluationInputs]) -> None:
        found = ev.evaluate_embeddings(inputs())

        assert found.change is None
        assert found.projection is not None
        assert found.projection.aligned_to is None

    def test_is_what_a_trained_model_starts_from_and_is_held_against(
        self, inputs: Callable[..., ev.EvaluationInputs]
    ) -> None:
        before = inputs()
        trained = inputs(
            2.0,
            model="finetuned",
            baseline=ev.evaluate_embeddings(before),
            baseline_embeddings=before.embeddings,
        )

        found = ev.evaluate_embeddings(trained)

        assert found.model == "finetuned"
        assert found.change is not None
        assert found.change.max_abs_difference > 0.1
        assert found.projection is not None
        assert found.projection.aligned_to == "baseline"

    def test_the_purity_lies_in_its_range_over_other_maps(self, inputs: Callable[..., ev.EvaluationInputs]) -> None:
        given = inputs()

        found = ev.evaluate_embeddings(given)

        assert found.clusters.over_seeds is not None
        assert found.clusters.over_seeds == purity_range.purity_range(
            found.projection, found.cluster_purity, given.embeddings["eval"], given.pairs["eval"].labels, 42
        )
        assert found.clusters.over_seeds.low <= found.cluster_purity <= found.clusters.over_seeds.high

    def test_embeddings_that_equal_the_baselines_are_seen(self, inputs: Callable[..., ev.EvaluationInputs]) -> None:
        given = inputs()

        found = ev.evaluate_embeddings(inputs(baseline_embeddings=given.embeddings))

        assert found.change is not None
        assert found.change.max_abs_difference == 0


class TestEdges:
    def test_train_pairs_of_one_label_give_no_operating_threshold(
        self, inputs: Callable[..., ev.EvaluationInputs], pairs: dict[str, PairSet]
    ) -> None:
        pairs["train"].labels[:] = 1

        found = ev.evaluate_embeddings(inputs())

        assert (found.operating_point, found.train_auc_roc, found.estimates[5].value) == (None, None, None)
        assert found.optimistic_point is not None
        assert "no operating threshold" in found.slices[0].reason

    def test_eval_pairs_of_one_label_leave_the_separation_undefined(
        self, inputs: Callable[..., ev.EvaluationInputs], pairs: dict[str, PairSet]
    ) -> None:
        pairs["eval"].labels[:] = 0

        found = ev.evaluate_embeddings(inputs())

        assert (found.auc_roc, found.compatibility_margin, found.best_threshold, found.roc) == (None,) * 4
        assert found.incompatible_mean_cosine is not None
        assert found.operating_point is not None

    def test_three_pairs_have_no_map(
        self,
        inputs: Callable[..., ev.EvaluationInputs],
        pairs: dict[str, PairSet],
        pair_set: Callable[..., PairSet],
    ) -> None:
        pairs["eval"] = pair_set(["boy: a", "boy: b", "boy: c"], ["girl: a", "girl: b", "girl: c"])

        found = ev.evaluate_embeddings(inputs())

        assert found.projection is None
        assert (found.cluster_purity, found.clusters.n) == (None, 3)

    def test_embeddings_of_other_pairs_are_refused(self, inputs: Callable[..., ev.EvaluationInputs]) -> None:
        given = inputs()
        given.embeddings["eval"] = given.embeddings["eval"][:50]

        with pytest.raises(ValueError, match=r"\(50,\), labels of shape \(60,\)"):
            ev.evaluate_embeddings(given)

    def test_where_it_comes_from_is_asked_last(
        self, inputs: Callable[..., ev.EvaluationInputs], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order: list[str] = []
        change = ev.model_change
        monkeypatch.setattr(ev, "model_change", lambda *a: (order.append("change"), change(*a))[1])
        given = inputs()

        ev.evaluate_embeddings(
            inputs(
                baseline_embeddings=given.embeddings,
                provenance=lambda: (order.append("provenance"), make_provenance())[1],
            )
        )

        assert order == ["change", "provenance"]


class TestGrades:
    @pytest.fixture
    def graded(self, pairs: dict[str, PairSet], inputs: Callable[..., ev.EvaluationInputs]) -> Callable[..., Any]:
        """Makes the evaluation of graded pairs, with a cut or without one."""

        def make(cut: float | None) -> Evaluation:
            scale = GradeScale(low=0, high=4, positive_at=cut)
            rng = np.random.default_rng(1)
            sets = {
                split: dataclasses.replace(one, grades=3.0 * one.labels + rng.integers(0, 2, len(one)), scale=scale)
                for split, one in pairs.items()
            }
            return ev.evaluate_embeddings(inputs(pairs=sets))

        return make

    def test_without_a_cut_nothing_is_said_of_two_labels(self, graded: Callable[..., Any]) -> None:
        found = graded(None)

        assert [one.name for one in found.estimates] == [
            "spearman_correlation", "pearson_correlation", "concordance", "grade_slope", "thirds_margin",
        ]  # fmt: skip
        of_labels = ("auc_roc", "average_precision", "cohens_d", "operating_point", "roc", "best_f1", "cluster_purity")
        assert [getattr(found, name) for name in of_labels] == [None] * len(of_labels)
        assert found.ranking.name == "spearman_correlation"
        assert found.ecosystem is None or found.ecosystem.cosine_ap is None
        assert found.slices[0].estimates[0] == found.estimates[0]
        assert [one.low for one in found.by_grade] == [0, 1, 3, 4]

    def test_with_a_cut_the_metrics_of_two_labels_follow(self, graded: Callable[..., Any]) -> None:
        found = graded(3.0)

        names = [one.name for one in found.estimates]
        assert names[:2] == ["spearman_correlation", "pearson_correlation"]
        assert names[-2:] == ["average_precision", "f1"]
        assert len(names) == len(set(names))
        assert found.operating_point is not None
        assert found.auc_roc is not None
