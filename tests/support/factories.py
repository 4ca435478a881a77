"""Valid values of `src.models` for tests: made from seeded random cosines, with the numbers that belong to them."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from src.evaluation.cost_threshold import cost_thresholds
from src.models import (
    CLEAN,
    AuditFinding,
    Calibration,
    CheckpointSelection,
    ClusteredIntervals,
    ClusterSummary,
    ComparisonResult,
    Costs,
    DataFile,
    Decision,
    DecisionTest,
    DecisionTestKind,
    Estimate,
    Evaluation,
    ExploratorySlice,
    ExploratorySlices,
    FindingStatus,
    FittedOn,
    FolderKind,
    Geometry,
    GroupMetrics,
    Histogram,
    JudgedModel,
    LoraSettings,
    ModelChange,
    ModelSummary,
    Outcome,
    PairedDifference,
    PairSet,
    Projection,
    Provenance,
    PurityRange,
    RocBand,
    RocCurve,
    SavedModelCheck,
    SelectOn,
    SetAside,
    ShallowBaseline,
    SliceDifference,
    Split,
    TargetResult,
    ThresholdMetrics,
    TrainConfig,
    TrainingInfo,
    TrainingMode,
    TrainingPoint,
    ValidationChoice,
    Verdict,
    VerdictFinding,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

CATEGORIES = ("lifestyle", "interests", "dealbreakers", "values", "values_and_interests", "rare_topic")
PAIR_TYPES = {
    1: ("compatible", "subtle_mismatch", "llm_judged_compatible"),
    0: ("incompatible", "dealbreaker", "subtle_mismatch", "complex_incompatible"),
}
TRAINED = ("finetuned", "lora", "lora-tuned")
HASH = "a" * 64
# text that must be shown as it is and do nothing
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<b>x</b>",
    "{{7*7}}",
    "%{x}",
    "$\\frac{$",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "${7*7}",
    "=1+1&amp;\"'",
    '<a href="javascript:alert(1)">c</a>',
    "{% raw %}",
    "%{customdata[0]}",
    "$\\href{javascript:alert(1)}{x}$",
    "https://evil.invalid/x.png",
)
# how far the labels lie apart in a model's cosines
SHIFTS = {"baseline": -0.08, "finetuned": 0.9, "lora": 0.1, "lora-tuned": 0.7}


def make_pairs(n: int = 120, seed: int = 0, **columns: list[str]) -> PairSet:
    """N pairs with both labels, five categories of some size and one with a single pair.

    Args:
        n: Number of pairs.
        seed: Of everything random.
        columns: Values that replace a column, for example `text_1`.
    """
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 2 == 0).astype(np.int8)
    category = [CATEGORIES[i] for i in rng.integers(0, len(CATEGORIES) - 1, n)]
    category[-1] = CATEGORIES[-1]
    values: dict[str, list[str]] = {
        "text_1": [f"boy: I like activity number {i} on most weekends" for i in range(n)],
        "text_2": [f"girl: my evenings are for hobby number {i}" for i in range(n)],
        "category": category,
        "subcategory": ["general"] * n,
        "pair_type": [PAIR_TYPES[int(y)][int(rng.integers(len(PAIR_TYPES[int(y)])))] for y in labels],
    }
    values |= columns
    digest = hashlib.sha256(repr((labels.tolist(), values)).encode()).hexdigest()
    return PairSet(path=Path("eval_pairs.jsonl"), sha256=digest, labels=labels, lines=np.arange(1, n + 1), **values)


def make_provenance(**changes: Any) -> Provenance:  # noqa: ANN401 - any field
    """Where a result comes from."""
    values: dict[str, Any] = {
        "created_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "duration_seconds": 12.34,
        "command": "python -m src.cli run",
        "device": "cpu",
        "python": "3.12.1",
        "platform": "Linux x86_64",
        "packages": {"torch": "2.15.0", "sentence-transformers": "6.2.0"},
        "fingerprint": "f" * 64,
    }
    return Provenance(**values | changes)


def make_data_file(pairs: PairSet) -> DataFile:
    """The file that a set of pairs stands for."""
    ones = int(pairs.labels.sum())
    return DataFile(name=pairs.path.name, sha256=pairs.sha256, n=len(pairs), n_compatible=ones, words=pairs.words)


def make_cosines(pairs: PairSet, model: str = "baseline", seed: int = 0) -> NDArray[np.float64]:
    """A model's cosine of each pair, shape (N,)."""
    rng = np.random.default_rng([seed, *model.encode()])
    shift = SHIFTS.get(model, 0.4)
    return np.clip(rng.normal(0.45 + shift * (pairs.labels - 0.5), 0.17), -1, 1)


def make_evaluation(
    model: str = "baseline",
    pairs: PairSet | None = None,
    seed: int = 0,
    **changes: Any,  # noqa: ANN401 - any field
) -> Evaluation:
    """All metrics of one model.

    Args:
        model: Name; known names differ in how well they tell the labels apart.
        pairs: The eval pairs, else those of `make_pairs()`.
        seed: Of the cosines and the map.
        changes: Fields that replace the made ones.
    """
    pairs = make_pairs() if pairs is None else pairs
    cosines = make_cosines(pairs, model, seed)
    best = _threshold_metrics(cosines, pairs.labels, 0.45)
    operating = _threshold_metrics(cosines, pairs.labels, 0.5)
    headline = _headline(cosines, pairs.labels)
    clusters = _clusters()
    values: dict[str, Any] = {
        **headline,
        "best_threshold": best.threshold,
        "best_f1": best.f1,
        "accuracy_at_best_threshold": best.accuracy,
        "precision_at_best_threshold": best.precision,
        "recall_at_best_threshold": best.recall,
        "cluster_purity": clusters.cluster_purity,
        "n_clusters": clusters.n_clusters,
        "noise_ratio": clusters.noise_ratio,
        "model": model,
        "average_precision": float(average_precision_score(pairs.labels, cosines)),
        "spearman_ceiling": 0.866,
        "operating_point": operating,
        "optimistic_point": best,
        "false_positive_rate_at_95_recall": 0.31,
        "estimates": _estimates(headline),
        "n_texts": 240,
        "effective_texts": 240.0,
        "train_auc_roc": 0.51 if model == "baseline" else 0.99,
        "train_auc_low": 0.46 if model == "baseline" else 0.98,
        "train_auc_high": 0.56 if model == "baseline" else 1.0,
        "histogram": _histogram(cosines, pairs.labels),
        "roc": _roc(cosines, pairs.labels),
        "roc_band": _band(cosines, pairs.labels),
        "clusters": clusters,
        "projection": _projection(pairs, model, seed),
        "by_category": _groups(cosines, pairs, pairs.category),
        "by_pair_type": _groups(cosines, pairs, pairs.pair_type),
        "slices": _slices(cosines, pairs),
        "geometry": Geometry(random_pair_cosine=0.12, alignment=0.8, uniformity=-2.9, effective_rank=88.4, n_texts=240),
        "change": None if model == "baseline" else ModelChange(max_abs_difference=0.21, mean_cosine_to_base=0.64),
        "calibration": Calibration(
            fitted_on=FittedOn.TRAIN, n=480, n_compatible=250, intercept=-2.0, slope=5.0, slope_low=4.0, slope_high=6.0
        ),
        "selection": None if model == "baseline" else make_selection(),
        "train_data": DataFile(name="dating_pairs.jsonl", sha256=HASH, n=480, n_compatible=250, words=pairs.words),
        "eval_data": make_data_file(pairs),
        "challenge_data": DataFile(name="challenge_pairs.jsonl", sha256=HASH, n=60, n_compatible=30),
        "base_sha256": HASH,
        "provenance": make_provenance(),
    }
    return Evaluation(**values | changes)


def make_selection(**changes: Any) -> CheckpointSelection:  # noqa: ANN401 - any field
    """The best of four evaluations on the eval pairs."""
    values: dict[str, Any] = {"select_on": SelectOn.TEST, "n": 120, "compared": 4, "optimism": 0.006}
    return CheckpointSelection(**values | changes)


def make_choice(**changes: Any) -> ValidationChoice:  # noqa: ANN401 - any field
    """What validation chose: epoch 3, on 72 train pairs."""
    values: dict[str, Any] = {
        "parts": (SetAside(n=72, n_compatible=36, lines=(), sha256=HASH),),
        "epoch": 3.0,
        "calibration": Calibration(
            fitted_on=FittedOn.VALIDATION,
            n=72,
            n_compatible=36,
            intercept=-2.0,
            slope=5.0,
            slope_low=3.0,
            slope_high=7.0,
        ),
    }
    return ValidationChoice(**values | changes)


def make_training(
    name: str = "standard",
    mode: TrainingMode | None = None,
    select_on: str = "test",
    **changes: Any,  # noqa: ANN401 - any field
) -> TrainingInfo:
    """A finished training of 300 steps."""
    mode = mode or (TrainingMode.LORA if name.startswith("lora") else TrainingMode.STANDARD)
    lora = LoraSettings(target_modules=("query", "value")) if mode is TrainingMode.LORA else None
    final = min(SHIFTS.get("finetuned" if name == "standard" else name, 0.4), 0.85)
    history = tuple(_training_point(step, final) for step in (0, 75, 150, 225, 300))
    values: dict[str, Any] = {
        "config": TrainConfig(
            name=name,
            mode=mode,
            lora=lora,
            learning_rate=2e-4 if "tuned" in name else 2e-5,
            select_on=SelectOn(select_on),
        ),
        "precision": "fp32",
        "steps": 300,
        "trainable_parameters": 73_728 if lora else 22_713_216,
        "total_parameters": 22_786_944,
        "best_step": 225,
        "best_spearman": history[3].spearman,
        "history": history,
        "saved": SavedModelCheck(max_abs_difference_to_trained=3e-7, max_abs_difference_to_base=0.21, n_texts=32),
        "weights_sha256": "b" * 64,
        "base_sha256": HASH,
        "train_data": DataFile(name="dating_pairs.jsonl", sha256=HASH, n=480, n_compatible=250),
        "eval_data": DataFile(name="eval_pairs.jsonl", sha256=HASH, n=120, n_compatible=60),
        "provenance": make_provenance(duration_seconds=185.2),
    }
    if select_on == "validation":
        values |= {"eval_data": None, "choice": make_choice()}
    return TrainingInfo(**values | changes)


def make_judged(name: str = "vendor", **changes: Any) -> JudgedModel:  # noqa: ANN401 - any field
    """What is known of a model that was trained elsewhere."""
    values: dict[str, Any] = {
        "name": name,
        "kind": FolderKind.FULL,
        "files_sha256": "e" * 64,
        "weights_sha256": "f" * 64,
        "width": 384,
        "prompt": "query: ",
        "provenance": make_provenance(device=None),
    }
    return JudgedModel(**values | changes)


def make_comparison(
    names: Sequence[str] = ("baseline", *TRAINED),
    pairs: PairSet | None = None,
    **changes: Any,  # noqa: ANN401 - any field
) -> ComparisonResult:
    """A comparison of any models, the first being the baseline.

    Args:
        names: Names of the models.
        pairs: The eval pairs, else those of `make_pairs()`.
        changes: Fields that replace the made ones.
    """
    pairs = make_pairs() if pairs is None else pairs
    evaluations = [make_evaluation(name, pairs) for name in names]
    values: dict[str, Any] = {
        "verdict": make_verdict(names[1] if len(names) > 1 else names[0]),
        "models": tuple(_summary(evaluation, evaluations[0]) for evaluation in evaluations),
        "trivial_baselines": make_trivial_baselines(),
        "hypotheses": tuple(_hypothesis(evaluation) for evaluation in evaluations[1:]),
        "threshold_by_cost": cost_thresholds(
            {evaluation.model: evaluation.calibration for evaluation in evaluations},
            {name: make_cosines(pairs, name) for name in names},
            pairs.labels,
            Costs(),
        ),
        "audit": make_audit(),
        "eval_data": make_data_file(pairs),
        "provenance": make_provenance(device=None),
    }
    return ComparisonResult(**values | changes)


def make_verdict(candidate: str = "finetuned", **changes: Any) -> Verdict:  # noqa: ANN401 - any field
    """A candidate that fails on the challenge set, with one note."""
    tests = (
        _decision_test(DecisionTestKind.GAIN, (0.4, 0.35, 0.45), 0.02),
        _decision_test(
            DecisionTestKind.CHALLENGE_AUC,
            (0.4, 0.3, 0.49),
            0.5,
            "fail",
            against="",
            slice="challenge",
            findings=("CHAL-002",),
        ),
        _decision_test(
            DecisionTestKind.SHALLOW_BASELINE,
            (0.1, -0.1, 0.3),
            0.0,
            "open",
            against="bag_of_words",
            findings=("GAIN-002",),
        ),
    )
    decision = Decision(
        outcome=Outcome.DO_NOT_SHIP,
        candidate=candidate,
        min_gain=0.02,
        max_loss=0.03,
        score=0.9,
        baseline=0.5,
        faults=(),
        tests=tests,
    )
    values: dict[str, Any] = {
        "decision": decision,
        "statement": "standard fails 1 of 3 tests: AUC-ROC on the challenge set is 0.400.",
        "line": "VERDICT: DO NOT SHIP | score=0.900 | findings=CHAL-002,LEAK-001",
        "findings": (
            VerdictFinding(
                code="CHAL-002", role="reason", model=candidate, name="below chance", text="0.400 is below chance"
            ),
            VerdictFinding(code="LEAK-001", role="note", name="leakage", text="42 eval pairs are copies of train"),
        ),
    }
    return Verdict(**values | changes)


def _decision_test(
    kind: DecisionTestKind,
    ends: tuple[float, float, float],
    limit: float,
    state: str = "pass",
    **changes: Any,  # noqa: ANN401 - any field
) -> DecisionTest:
    estimate, low, high = ends
    values: dict[str, Any] = {"against": "baseline", "slice": CLEAN, "n": 120, "findings": ()}
    return DecisionTest(kind=kind, estimate=estimate, low=low, high=high, limit=limit, state=state, **values | changes)


def make_audit() -> tuple[AuditFinding, ...]:
    """One finding of each status, the worst one last."""
    return tuple(
        AuditFinding(
            code="LEAK-001",
            role=Split.TEST,
            name=f"eval: finding {i}",
            status=status,
            observed=f"{i} of 120 pairs",
            limit="warn above 5 %",
            n=120,
            why=f"why {i}",
            action=f"action {i}",
            about_split=status is FindingStatus.WARN,
            rows=tuple(f"eval_pairs.jsonl:{line}" for line in range(1, i + 1)),
        )
        for i, status in enumerate(FindingStatus)
    )


def make_trivial_baselines() -> tuple[ShallowBaseline, ...]:
    """Two that work and one that cannot be decided."""
    return (
        ShallowBaseline(
            name="text_2_only",
            auc_roc=0.95,
            auc_low=0.928,
            auc_high=0.975,
            n=120,
            cv_auc_roc=0.93,
            challenge_auc_roc=0.52,
        ),
        ShallowBaseline(name="bag_of_words", auc_roc=0.977, auc_low=0.96, auc_high=0.99, n=120, cv_auc_roc=0.96),
        ShallowBaseline(name="category_only", auc_roc=None, n=120, reason="one category only"),
    )


# --- parts ----------------------------------------------------------------------------------------------


def _headline(cosines: NDArray[np.float64], labels: NDArray[np.int8]) -> dict[str, float]:
    compatible, incompatible = cosines[labels == 1], cosines[labels == 0]
    margin = float(compatible.mean() - incompatible.mean())
    welch = stats.ttest_ind(compatible, incompatible, equal_var=False)
    return {
        "compatible_mean_cosine": float(compatible.mean()),
        "incompatible_mean_cosine": float(incompatible.mean()),
        "compatibility_margin": margin,
        "cohens_d": margin / float(np.sqrt((compatible.var(ddof=1) + incompatible.var(ddof=1)) / 2)),
        "t_statistic": float(welch.statistic),
        "p_value": float(welch.pvalue),
        "auc_roc": float(roc_auc_score(labels, cosines)),
        "spearman_correlation": float(stats.spearmanr(cosines, labels).statistic),
    }


def _estimates(headline: dict[str, float]) -> tuple[Estimate, ...]:
    names = ("compatibility_margin", "cohens_d", "auc_roc", "spearman_correlation")
    return tuple(
        Estimate(
            name=name,
            value=headline[name],
            low=headline[name] - 0.04,
            high=headline[name] + 0.04
            if name in ("compatibility_margin", "cohens_d")
            else min(headline[name] + 0.04, 1),
            method="Student's t",
        )
        for name in names
    )


def _threshold_metrics(cosines: NDArray[np.float64], labels: NDArray[np.int8], threshold: float) -> ThresholdMetrics:
    called, compatible = cosines >= threshold, labels == 1
    tp, fp = int((called & compatible).sum()), int((called & ~compatible).sum())
    fn, tn = int((~called & compatible).sum()), int((~called & ~compatible).sum())
    return ThresholdMetrics(
        threshold=threshold,
        true_positives=tp,
        false_positives=fp,
        false_negatives=fn,
        true_negatives=tn,
        accuracy=(tp + tn) / len(labels),
        precision=tp / (tp + fp) if tp + fp else None,
        recall=tp / (tp + fn) if tp + fn else None,
        f1=2 * tp / (2 * tp + fp + fn) if tp else None,
        false_positive_rate=fp / (fp + tn) if fp + tn else None,
    )


def _histogram(cosines: NDArray[np.float64], labels: NDArray[np.int8]) -> Histogram:
    edges = np.linspace(-1, 1, 101)
    counts = {label: np.histogram(cosines[labels == label], edges)[0].tolist() for label in (0, 1)}
    return Histogram(edges=tuple(edges.tolist()), compatible=tuple(counts[1]), incompatible=tuple(counts[0]))


def _roc(cosines: NDArray[np.float64], labels: NDArray[np.int8]) -> RocCurve:
    fpr, tpr, _ = roc_curve(labels, cosines)
    kept = np.unique(np.linspace(0, len(fpr) - 1, min(len(fpr), 501)).astype(int))
    return RocCurve(false_positive_rate=tuple(fpr[kept].tolist()), true_positive_rate=tuple(tpr[kept].tolist()))


def _band(cosines: NDArray[np.float64], labels: NDArray[np.int8]) -> RocBand:
    fpr, tpr, _ = roc_curve(labels, cosines)
    grid = np.linspace(0, 1, 11)
    rates = np.interp(grid, fpr, tpr)
    low, high = np.clip(rates - 0.06, 0, 1), np.clip(rates + 0.06, 0, 1)
    return RocBand(
        false_positive_rate=tuple(grid.tolist()), low=tuple(low.tolist()), high=tuple(high.tolist()), method="bootstrap"
    )


def _projection(pairs: PairSet, model: str, seed: int) -> Projection:
    """Three blobs and some noise, of at most 2,000 pairs; a trained model pulls the labels apart."""
    rng = np.random.default_rng([seed, *model.encode()])
    rows = np.linspace(0, len(pairs) - 1, min(len(pairs), 2_000)).astype(int)
    blob = rows % 3
    pull = 6 * max(SHIFTS.get(model, 0.4), 0) * pairs.labels[rows]
    x = 5 * np.cos(blob * 2.1) + rng.normal(0, 0.6, len(rows)) + pull
    y = 5 * np.sin(blob * 2.1) + rng.normal(0, 0.6, len(rows))
    noise = rng.random(len(rows)) < 0.1
    return Projection(
        indices=tuple(rows.tolist()),
        x=tuple(x.tolist()),
        y=tuple(y.tolist()),
        clusters=tuple(np.where(noise, -1, blob).tolist()),
        n_neighbors=15,
        aligned_to=None if model == "baseline" else "baseline",
        sampled_from=len(pairs),
    )


def _clusters() -> ClusterSummary:
    return ClusterSummary(
        cluster_purity=0.71,
        shuffled_purity=0.58,
        n_clusters=3,
        noise_ratio=0.1,
        min_cluster_size=10,
        min_samples=5,
        n=108,
        over_seeds=PurityRange(low=0.64, high=0.79, n_maps=10),
    )


def _groups(cosines: NDArray[np.float64], pairs: PairSet, names: list[str]) -> tuple[GroupMetrics, ...]:
    column = np.asarray(names)
    return tuple(_group(name, cosines, pairs.labels, column == name) for name in dict.fromkeys(names))


def _slices(cosines: NDArray[np.float64], pairs: PairSet) -> tuple[GroupMetrics, ...]:
    everything = np.ones(len(pairs), dtype=bool)
    shares = {"all": 1, "not copied from train": 2, "no text shared with train": 3, "challenge": 4}
    return tuple(
        _group(name, cosines, pairs.labels, everything & (np.arange(len(pairs)) % share < 2))
        for name, share in shares.items()
    )


def _group(
    name: str, cosines: NDArray[np.float64], labels: NDArray[np.int8], members: NDArray[np.bool_]
) -> GroupMetrics:
    own, y = cosines[members], labels[members]
    at_threshold = _threshold_metrics(own, y, 0.5)
    shared: dict[str, Any] = {
        "name": name,
        "n": len(y),
        "n_compatible": int(y.sum()),
        "accuracy": at_threshold.accuracy,
        "false_positives": at_threshold.false_positives,
        "false_positive_rate": at_threshold.false_positive_rate,
        **_limits("false_positive", at_threshold.false_positive_rate),
    }
    if len(y) < 5:
        return GroupMetrics(**shared, reason="fewer than 5 pairs")
    if min(y.sum(), len(y) - y.sum()) < 2 or 0 in (np.ptp(own[y == 1]), np.ptp(own[y == 0])):
        return GroupMetrics(**shared, reason="one label only")
    headline = _headline(own, y)
    auc = headline["auc_roc"]
    return GroupMetrics(
        **shared,
        **{key: headline[key] for key in ("compatibility_margin", "cohens_d", "auc_roc", "spearman_correlation")},
        margin_low=headline["compatibility_margin"] - 0.1,
        margin_high=headline["compatibility_margin"] + 0.1,
        auc_low=max(auc - 0.05, 0),
        auc_high=min(auc + 0.05, 1),
    )


def _limits(name: str, value: float | None) -> dict[str, float]:
    if value is None:
        return {}
    return {f"{name}_low": max(value - 0.1, 0.0), f"{name}_high": min(value + 0.1, 1.0)}


def _training_point(step: int, final: float) -> TrainingPoint:
    done = 1 - np.exp(-step / 80)
    spearman = float(-0.2 + (final + 0.2) * done)
    return TrainingPoint(
        step=step,
        epoch=step / 75,
        train_loss=float(0.3 - 0.25 * final * done) if step else None,
        spearman=spearman,
        auc_roc=(spearman + 1) / 2,
        learning_rate=2e-5,
    )


def _summary(evaluation: Evaluation, baseline: Evaluation) -> ModelSummary:
    if evaluation is baseline:
        return ModelSummary(name=evaluation.model, evaluation=evaluation, clustered=_clustered(evaluation, baseline))
    name = "standard" if evaluation.model == "finetuned" else evaluation.model
    return ModelSummary(
        name=evaluation.model,
        evaluation=evaluation,
        differences=tuple(_difference(evaluation, baseline, e.name) for e in evaluation.estimates),
        against_trivial=_against_baseline(evaluation),
        slice_differences=tuple(_slice_differences(evaluation, baseline)),
        clustered=_clustered(evaluation, baseline),
        exploratory=_explored(evaluation, baseline),
        training=make_training(name if re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name) else "other"),
    )


def _explored(evaluation: Evaluation, baseline: Evaluation) -> ExploratorySlices:
    """One slice that survives and one that does not."""
    found = _difference(evaluation, baseline, "auc_roc")
    slices = (
        ExploratorySlice(
            slice="category=values", n=60, difference=found, p_value=0.001, q_value=0.002, survives=True, shrunk=0.15
        ),
        ExploratorySlice(
            slice="pair_type=dealbreaker",
            n=40,
            difference=found,
            p_value=0.3,
            q_value=0.3,
            survives=False,
            shrunk=None,
        ),
    )
    return ExploratorySlices(looked_at=14, slices=slices[::-1])


def _clustered(evaluation: Evaluation, baseline: Evaluation) -> ClusteredIntervals:
    names = [] if evaluation is baseline else [e.name for e in evaluation.estimates]
    return ClusteredIntervals(
        column="subcategory",
        n_clusters=40,
        effective_clusters=21.4,
        estimates=evaluation.estimates,
        differences=tuple(_difference(evaluation, baseline, name) for name in names),
    )


def _difference(evaluation: Evaluation, baseline: Evaluation, metric: str) -> PairedDifference:
    value = getattr(evaluation, metric) - getattr(baseline, metric)
    low, high = value - 0.05, value + 0.05
    outcome = "better" if low > 0 else "worse" if high < 0 else "not distinguishable"
    return PairedDifference(model=evaluation.model, metric=metric, value=value, low=low, high=high, outcome=outcome)


def _against_baseline(evaluation: Evaluation) -> PairedDifference:
    value = evaluation.auc_roc - 0.977
    outcome = "worse" if value < -0.02 else "not distinguishable"
    limits = {"value": value, "low": value - 0.02, "high": value + 0.02}
    return PairedDifference(model=evaluation.model, against="bag_of_words", metric="auc_roc", outcome=outcome, **limits)


def _slice_differences(evaluation: Evaluation, baseline: Evaluation) -> Iterator[SliceDifference]:
    """What a decision asks for: all pairs are clean."""
    auc, base = evaluation.auc_roc, baseline.auc_roc
    assert auc is not None
    assert base is not None
    sizes = {"n": evaluation.eval_data.n, "n_compatible": evaluation.eval_data.n_compatible}
    for against, other in (("baseline", base), ("bag_of_words", 0.977)):
        yield SliceDifference(
            slice=CLEAN,
            **sizes,
            auc_roc=auc,
            other_auc_roc=other,
            difference=PairedDifference.model_validate(
                {
                    "model": evaluation.model,
                    "against": against,
                    "metric": "auc_roc",
                    "value": auc - other,
                    "low": auc - other - 0.02,
                    "high": auc - other + 0.02,
                    "outcome": "not distinguishable",
                }
            ),
        )


def _hypothesis(evaluation: Evaluation) -> TargetResult:
    observed = evaluation.cohens_d
    return TargetResult(
        model=evaluation.model,
        metric="cohens_d",
        target=0.8,
        observed=observed,
        low=observed - 0.04,
        high=observed + 0.04,
        outcome="met" if observed > 0.84 else "not met",
    )
