"""All metrics of one model on the eval pairs, put together in the same way for every model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..data_loader import data_file
from ..metrics import (
    best_threshold,
    calibration,
    cosine_similarities,
    grade_ceiling,
    histogram,
    roc_points,
    separation,
    spearman_ceiling,
    threshold_metrics,
)
from ..models import ALL, DEDUPLICATED, NO_PROMPTS, TEXT_DISJOINT, Evaluation, FittedOn, Prompts, Separation, Split
from .ecosystem import ecosystem_metrics
from .estimates import auc_estimate, estimates, scored
from .geometry import geometry, model_change
from .grades import of_grades
from .groups import group_metrics, metrics_by_group
from .metric_registry import METRICS, metrics_of
from .projection import cluster, project, unclustered
from .purity_range import purity_range
from .roc_band import roc_band
from .variance import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from ..data.overlap import SplitOverlap
    from ..models import (
        Calibration,
        CheckpointSelection,
        ClusterSummary,
        GroupMetrics,
        JudgedModel,
        ModelChange,
        PairSet,
        Projection,
        Provenance,
        ThresholdMetrics,
    )
    from .metric_registry import Scored

    Scores = Mapping[Split, NDArray[np.float64]]
    Samples = Mapping[Split, Sample]


@dataclass(frozen=True, eq=False)
class EvaluationInputs:
    """What one model is evaluated on: train and eval, and the challenge set if there is one."""

    model: str
    pairs: Mapping[Split, PairSet]  # by split
    embeddings: Mapping[Split, NDArray[np.float32]]  # by split, (N, 2, D) of that split's N pairs
    overlap: SplitOverlap  # of the eval pairs with train
    base_sha256: str
    seed: int
    provenance: Callable[[], Provenance]  # called last, so that it knows how long everything took
    baseline: Evaluation | None = None  # whose map this model's map starts from; None for the baseline itself
    baseline_embeddings: Mapping[Split, NDArray[np.float32]] | None = None  # by split, of the same pairs
    selection: CheckpointSelection | None = None  # None for the baseline
    calibration: Calibration | None = None  # None where it is to be fitted on the train cosines
    threshold: float | None = None  # fitted on validation pairs; None where it is to be fitted on the train cosines
    judged: JudgedModel | None = None  # the model, where it was trained elsewhere
    prompts: Prompts = NO_PROMPTS  # what the model read before each text


def evaluate_embeddings(inputs: EvaluationInputs) -> Evaluation:
    """Measure a model by its embeddings alone.

    The operating threshold is fitted on the train cosines, unless validation pairs gave it, and applied everywhere
    else. The oracle threshold is fitted on the eval cosines themselves; the JSON calls its point optimistic.

    Args:
        inputs: Model, data and embeddings, in memory or mapped.

    Raises:
        ValueError: Embeddings and pairs of a split differ in number, a vector is zero or not finite, or the
            baseline's map was made of other pairs.
    """
    scores = {split: cosine_similarities(inputs.embeddings[split]) for split in inputs.pairs}
    train, pairs, cosines = inputs.pairs[Split.TRAIN], inputs.pairs[Split.TEST], scores[Split.TEST]
    samples = {split: Sample.of(pairs) for split, pairs in inputs.pairs.items()}
    test = samples[Split.TEST]
    threshold = inputs.threshold
    if threshold is None and test.has_labels:
        threshold = best_threshold(scores[Split.TRAIN], train.labels)
    of_test = scored(cosines, test, threshold)
    projection, clusters = _map(inputs)
    return Evaluation(
        **_scores(of_test),
        **_oracle(of_test),
        **_challenge(inputs, scores, samples, threshold),
        model=inputs.model,
        spearman_ceiling=spearman_ceiling(pairs.labels) if test.grades is None else grade_ceiling(test.grades),
        operating_point=_point(of_test, threshold),
        threshold_fitted_on=FittedOn.TRAIN if inputs.threshold is None else FittedOn.VALIDATION,
        estimates=estimates(of_test),
        n_texts=test.n_texts,
        effective_texts=test.effective_texts,
        **_train_auc(scores[Split.TRAIN], samples[Split.TRAIN]),
        histogram=histogram(cosines, pairs.labels),
        roc=roc_points(cosines, pairs.labels) if test.has_labels else None,
        roc_band=roc_band(of_test) if test.has_labels else None,
        cluster_purity=clusters.cluster_purity if test.has_labels else None,
        n_clusters=clusters.n_clusters,
        noise_ratio=clusters.noise_ratio,
        clusters=clusters,
        projection=projection,
        by_category=metrics_by_group(pairs.category, cosines, test, threshold) if pairs.words.category else (),
        by_pair_type=metrics_by_group(pairs.pair_type, cosines, test, threshold) if pairs.words.pair_type else (),
        ecosystem=None if pairs.has_speakers else ecosystem_metrics(cosines, pairs),
        slices=_slices(inputs, scores, samples, threshold),
        geometry=geometry(inputs.embeddings[Split.TEST], pairs.labels, inputs.seed),
        **of_grades(of_test, pairs.scale),
        change=_change(inputs),
        calibration=_calibration(inputs, scores[Split.TRAIN]),
        selection=inputs.selection,
        judged=inputs.judged,
        prompts=inputs.prompts,
        train_data=data_file(train),
        eval_data=data_file(pairs),
        base_sha256=inputs.base_sha256,
        provenance=inputs.provenance(),
    )


def _change(inputs: EvaluationInputs) -> ModelChange | None:
    """What the training did to the embeddings; None where those of the base model have another width."""
    base = inputs.baseline_embeddings
    if base is None or base[Split.TEST].shape != inputs.embeddings[Split.TEST].shape:
        return None
    return model_change(inputs.embeddings[Split.TEST], base[Split.TEST])


def _scores(of: Scored) -> dict[str, Any]:
    """The fields of an evaluation that cosines alone fill; a metric fills the field of its name, if there is one."""
    labels, labelled = of.sample.labels, of.sample.has_labels
    wanted = metrics_of(graded=of.sample.grades is not None, labelled=labelled)
    fields = dict.fromkeys(metric.name for metric in METRICS)
    fields |= {metric.name: metric.compute(of) for metric in wanted if metric.compute}
    apart = separation(of.scores, labels).model_dump() if labelled else dict.fromkeys(Separation.model_fields)
    own = {name for name in fields if name in Evaluation.model_fields and name != "cluster_purity"}
    return apart | {name: fields[name] for name in own}


def _point(of: Scored, threshold: float | None) -> ThresholdMetrics | None:
    return None if threshold is None else threshold_metrics(of.scores, of.sample.labels, threshold)


def _calibration(inputs: EvaluationInputs, cosines: NDArray[np.float64]) -> Calibration | None:
    train = inputs.pairs[Split.TRAIN]
    if not train.has_labels:
        return None
    return inputs.calibration or calibration(cosines, train.labels, FittedOn.TRAIN)


def _train_auc(cosines: NDArray[np.float64], sample: Sample) -> dict[str, Any]:
    if not sample.has_labels:
        return {"train_auc_roc": None}
    found = auc_estimate(cosines, sample)
    return {"train_auc_roc": found.value, "train_auc_low": found.low, "train_auc_high": found.high}


def _oracle(of: Scored) -> dict[str, Any]:
    """The fields of an evaluation that belong to the oracle threshold."""
    point = _point(of, best_threshold(of.scores, of.sample.labels) if of.sample.has_labels else None)
    return {
        "optimistic_point": point,
        "best_threshold": point and point.threshold,
        "best_f1": point and point.f1,
        "accuracy_at_best_threshold": point and point.accuracy,
        "precision_at_best_threshold": point and point.precision,
        "recall_at_best_threshold": point and point.recall,
    }


def _map(inputs: EvaluationInputs) -> tuple[Projection | None, ClusterSummary]:
    pairs, baseline = inputs.pairs[Split.TEST], inputs.baseline
    projection = project(
        inputs.embeddings[Split.TEST],
        baseline.projection if baseline else None,
        aligned_to=baseline.model if baseline else None,
        seed=inputs.seed,
    )
    if projection is None:
        return None, unclustered(len(pairs))
    drawn, clusters = cluster(projection, pairs.labels, inputs.seed, pairs.grades)
    if not pairs.has_labels:
        return drawn, clusters
    base = inputs.baseline_embeddings
    over_seeds = purity_range(
        drawn,
        clusters.cluster_purity,
        inputs.embeddings[Split.TEST],
        pairs.labels,
        inputs.seed,
        base_embeddings=None if base is None or projection.aligned_to is None else base[Split.TEST],
    )
    return drawn, clusters.model_copy(update={"over_seeds": over_seeds})


def _slices(
    inputs: EvaluationInputs, scores: Scores, samples: Samples, threshold: float | None
) -> tuple[GroupMetrics, ...]:
    cosines, sample = scores[Split.TEST], samples[Split.TEST]
    slices = [group_metrics(ALL, cosines, sample, threshold)]
    overlap = inputs.overlap
    for name, rows in ((DEDUPLICATED, overlap.deduplicated), (TEXT_DISJOINT, overlap.text_disjoint)):
        slices.append(group_metrics(name, cosines[rows], sample[rows], threshold))
    if Split.CHALLENGE in inputs.pairs:
        slices.append(group_metrics(Split.CHALLENGE, scores[Split.CHALLENGE], samples[Split.CHALLENGE], threshold))
    return tuple(slices)


def _challenge(inputs: EvaluationInputs, scores: Scores, samples: Samples, threshold: float | None) -> dict[str, Any]:
    """The fields of an evaluation that belong to the challenge set."""
    pairs = inputs.pairs.get(Split.CHALLENGE)
    if pairs is None:
        return {}
    cosines, sample = scores[Split.CHALLENGE], samples[Split.CHALLENGE]
    groups = metrics_by_group(pairs.subcategory, cosines, sample, threshold) if pairs.has_speakers else ()
    return {"challenge_groups": groups, "challenge_data": data_file(pairs)}
