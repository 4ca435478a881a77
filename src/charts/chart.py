"""What the static and the interactive charts draw: results picked, ordered and labelled, once for both.

A chart's words (title, how to read it) are here too, because a picture and its page say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..core import formatting as formats
from ..core.errors import ArtifactError
from ..tables.selection import group_names, group_of, model_label, n_incompatible
from .palette import LABEL_STYLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ..models import (
        Estimate,
        Evaluation,
        GroupMetrics,
        Histogram,
        ModelSummary,
        PairSet,
        ThresholdMetrics,
        TrainingInfo,
    )

MAX_BINS = 50
MAX_PANELS = 12
NOISE = -1
OTHER = "all other categories"
_HULL_POINTS = 3


@dataclass(frozen=True)
class ChartText:
    """The words of one chart."""

    title: str
    reading: str


_FALSE_POSITIVES = ChartText(
    "False positives by pair type",
    "The share of a pair type's incompatible pairs that are called compatible at the operating threshold, which was "
    "fitted on the training pairs, with its 95 % interval. A type without incompatible pairs is n/a.",
)
_DISTRIBUTIONS = ChartText(
    "Cosine of compatible and incompatible pairs",
    "The less the two shapes overlap, the better the cosine tells the labels apart. Lines mark the means and the "
    "operating threshold.",
)
BASELINE_TEXTS: Mapping[str, ChartText] = MappingProxyType(
    {
        "cosine_distributions": _DISTRIBUTIONS,
        "umap_by_label": ChartText(
            "Map of the pairs by label",
            "Each point is a pair; neighbours on the map are neighbours in the space. Distances between clusters and "
            "the directions of the axes mean nothing.",
        ),
        "umap_by_category": ChartText(
            "Map of the pairs by category",
            "The same map, one panel a category: grey are the other pairs. A category in one place shows that the "
            "space is ordered by topic.",
        ),
        "clusters": ChartText(
            "Clusters on the map",
            "HDBSCAN finds dense groups without knowing the labels. A cluster of one colour is pure; crosses are noise "
            "that belongs to no cluster.",
        ),
        "roc": ChartText(
            "ROC curve",
            "The diagonal is guessing, below it is worse; the band is where 95 % of resampled curves lie. The "
            "operating threshold was fitted on the training pairs, the optimistic one on these pairs themselves.",
        ),
        "margins_by_category": ChartText(
            "Margin and accuracy by category",
            "Margin: mean cosine of compatible minus incompatible pairs with its 95 % interval, undefined with fewer "
            "than 5 pairs or one label. Accuracy is at the operating threshold.",
        ),
        "margins_by_pair_type": ChartText(
            "Margin and accuracy by pair type",
            "Most pair types have one label only and so no margin; their accuracy at the operating threshold says how "
            "they fare.",
        ),
        "false_positives_by_pair_type": _FALSE_POSITIVES,
    }
)
COMPARISON_TEXTS: Mapping[str, ChartText] = MappingProxyType(
    {
        "cosine_distributions": _DISTRIBUTIONS,
        "umap": ChartText(
            "Maps of the pairs, side by side",
            "Each trained model's map starts from the baseline's, so a pair can be followed from panel to panel. "
            "Distances between clusters mean nothing.",
        ),
        "purity": ChartText(
            "Cluster purity beside chance",
            "Purity alone misleads: small clusters look pure by chance. The hollow marker is the purity under shuffled "
            "labels, mean of 200 shuffles; only the distance to it counts.",
        ),
        "roc": ChartText(
            "ROC curves of all models",
            "The diagonal is guessing, below it is worse than guessing. In brackets the 95 % interval of the area; the "
            "bands are where 95 % of resampled curves lie.",
        ),
        "margin_heatmap": ChartText(
            "Margin by category and model",
            "Mean cosine of compatible minus incompatible pairs, N below it. Hatched cells have no margin: one label "
            "only, or fewer than 5 pairs.",
        ),
        "cohens_d": ChartText(
            "Effect size (Cohen's d)",
            "The margin in pooled standard deviations, with its 95 % interval. An interval that spans 0 shows no "
            "effect.",
        ),
        "training_curves": ChartText(
            "Training curves",
            "Spearman on the eval pairs, and the mean training loss since the point before. A star marks the step "
            "whose weights were kept; the dotted line is the highest Spearman that 0/1 labels allow.",
        ),
        "false_positives_by_pair_type": _FALSE_POSITIVES,
    }
)


# --- headline numbers -----------------------------------------------------------------------------------


def roc_label(evaluation: Evaluation) -> str:
    """A model's legend entry on a ROC chart: name, area, interval."""
    area = evaluation.estimate("auc_roc")
    text = f"{model_label(evaluation)}: AUC {formats.number(area.value)}"
    return f"{text} {formats.interval(area.low, area.high)}".rstrip()


def margin_label(evaluation: Evaluation) -> str:
    """A model's name and its margin with interval."""
    margin = evaluation.estimate("compatibility_margin")
    return f"{model_label(evaluation)}: margin {formats.signed(margin.value)} {_limits(margin)}".rstrip()


def _limits(found: Estimate) -> str:
    return formats.interval(found.low, found.high)


def effect_label(evaluation: Evaluation) -> str:
    """A model's name and its effect size with interval."""
    effect = evaluation.estimate("cohens_d")
    numbers = f"{formats.signed(effect.value, 2)} {formats.interval(effect.low, effect.high, 2)}".rstrip()
    return f"{model_label(evaluation)}\n{numbers}"


def purity_label(evaluation: Evaluation) -> str:
    """A model's name and what its clusters are made of."""
    found = evaluation.clusters
    noise = formats.percent(found.noise_ratio, 0)
    return f"{model_label(evaluation)}\n{formats.count(found.n_clusters)} clusters, {noise} noise"


def cluster_heading(evaluation: Evaluation) -> str:
    """What the clusters of a model's map are made of, beside what it is by chance."""
    found = evaluation.clusters
    return (
        f"{formats.count(found.n_clusters)} clusters, noise {formats.percent(found.noise_ratio)}, "
        f"purity {formats.number(found.cluster_purity)} (shuffled {formats.number(found.shuffled_purity)})"
    )


def thresholds(evaluation: Evaluation) -> dict[str, ThresholdMetrics]:
    """The two thresholds that are defined, by what they are called on a chart."""
    named = {"operating threshold": evaluation.operating_point, "optimistic threshold": evaluation.optimistic_point}
    return {name: point for name, point in named.items() if point is not None}


# --- distributions --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Distribution:
    """Cosines of one model; `counts` and `shares` are by label, one entry a bin."""

    title: str
    heading: str  # the model, its margin and the margin's interval
    edges: tuple[float, ...]
    counts: Mapping[int, tuple[int, ...]]
    shares: Mapping[int, tuple[float, ...]]
    means: Mapping[int, float | None]
    threshold: float | None

    @property
    def span(self) -> tuple[float, float]:
        """From the first to the last bin that holds a pair or the threshold."""
        used = np.flatnonzero(np.sum(list(self.counts.values()), axis=0))
        if not used.size:
            return self.edges[0], self.edges[-1]
        low, high = self.edges[used[0]], self.edges[used[-1] + 1]
        if self.threshold is None:
            return low, high
        bin_width = self.edges[1] - self.edges[0]
        return min(low, self.threshold - bin_width), max(high, self.threshold + bin_width)


def distribution(evaluation: Evaluation) -> Distribution:
    """The histogram of one model, in at most 50 bins, as shares of each label."""
    step = _bins_to_join(len(evaluation.histogram.compatible))
    counts = {label: _joined(values, step) for label, values in _by_label(evaluation.histogram).items()}
    point = evaluation.operating_point
    return Distribution(
        title=model_label(evaluation),
        heading=margin_label(evaluation),
        edges=evaluation.histogram.edges[::step],
        counts=counts,
        shares={label: tuple(value / max(sum(values), 1) for value in values) for label, values in counts.items()},
        means={1: evaluation.compatible_mean_cosine, 0: evaluation.incompatible_mean_cosine},
        threshold=None if point is None else point.threshold,
    )


def common_span(distributions: Sequence[Distribution]) -> tuple[float, float]:
    """The cosines that any of the models needs on its axis."""
    return min(d.span[0] for d in distributions), max(d.span[1] for d in distributions)


def _by_label(histogram: Histogram) -> dict[int, tuple[int, ...]]:
    return {1: histogram.compatible, 0: histogram.incompatible}


def _bins_to_join(bins: int) -> int:
    return next(step for step in range(1, bins + 1) if bins % step == 0 and bins // step <= MAX_BINS)


def _joined(values: tuple[int, ...], step: int) -> tuple[int, ...]:
    return tuple(sum(values[start : start + step]) for start in range(0, len(values), step))


# --- maps -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class MapPoints:
    """The n points of one model's map."""

    title: str
    rows: NDArray[np.int64]  # (n,), rows of the eval file
    x: NDArray[np.float64]  # (n,)
    y: NDArray[np.float64]  # (n,)
    labels: NDArray[np.int8]  # (n,)
    categories: NDArray[np.str_]  # (n,)
    clusters: NDArray[np.int64]  # (n,), -1 noise; empty when not clustered
    sampled_from: int

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, kept: NDArray[np.bool_]) -> MapPoints:
        """Some of the points, by a mask (n,)."""
        clusters = self.clusters[kept] if self.clusters.size else self.clusters
        columns = {name: getattr(self, name)[kept] for name in ("rows", "x", "y", "labels", "categories")}
        return replace(self, clusters=clusters, **columns)

    @property
    def sample(self) -> str:
        """How many points are drawn, of how many."""
        drawn, everything = formats.count(len(self)), formats.count(self.sampled_from)
        return f"{drawn} pairs" if len(self) == self.sampled_from else f"{drawn} of {everything} pairs drawn"


@dataclass(frozen=True, eq=False)
class ModelMap:
    """One panel of a map chart; `reason` says why points or clusters are missing."""

    title: str
    points: MapPoints | None
    reason: str

    @property
    def heading(self) -> str:
        """The model and how many pairs are drawn."""
        return self.title if self.points is None else f"{self.title}: {self.points.sample}"

    def at(self, kept: NDArray[np.bool_]) -> ModelMap:
        """The panel with some of its points, by a mask (n,)."""
        return self if self.points is None else replace(self, points=self.points.at(kept))


@dataclass(frozen=True)
class MapGroup:
    """Points of a map that belong together."""

    name: str
    n: int
    n_compatible: int
    centre_x: float
    centre_y: float


@dataclass(frozen=True, eq=False)
class Outline:
    """One cluster's convex hull, closed."""

    cluster: int
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    group: MapGroup


def map_points(evaluation: Evaluation, pairs: PairSet) -> MapPoints | None:
    """A model's map joined to its pairs; None when no map was made.

    Raises:
        ArtifactError: The evaluation was made from another file than `pairs`.
    """
    if pairs.sha256 != evaluation.eval_data.sha256:
        raise ArtifactError(
            f"{evaluation.model}: evaluated on another eval file than the one given; run 'evaluate' again"
        )
    projection = evaluation.projection
    if projection is None:
        return None
    rows = np.asarray(projection.indices, dtype=np.int64)
    return MapPoints(
        title=model_label(evaluation),
        rows=rows,
        x=np.asarray(projection.x, dtype=np.float64),
        y=np.asarray(projection.y, dtype=np.float64),
        labels=pairs.labels[rows],
        categories=np.asarray([pairs.category[row] for row in projection.indices], dtype=np.str_),
        clusters=np.asarray(projection.clusters, dtype=np.int64),
        sampled_from=projection.sampled_from,
    )


def model_map(evaluation: Evaluation, pairs: PairSet) -> ModelMap:
    """A model's map, or why there is none.

    Raises:
        ArtifactError: The evaluation was made from another file than `pairs`.
    """
    reason = evaluation.clusters.reason or "no map was made of these pairs"
    return ModelMap(model_label(evaluation), map_points(evaluation, pairs), f"{formats.NOT_AVAILABLE}: {reason}")


def map_group(points: MapPoints, name: str, members: NDArray[np.bool_]) -> MapGroup:
    """Count and centre (median) of some points of a map."""
    return MapGroup(
        name=name,
        n=int(members.sum()),
        n_compatible=int(points.labels[members].sum()),
        centre_x=float(np.median(points.x[members])),
        centre_y=float(np.median(points.y[members])),
    )


def label_members(points: MapPoints) -> dict[int, NDArray[np.bool_]]:
    """Which points have which label, compatible first; labels without points are left out."""
    return {label: points.labels == label for label in LABEL_STYLES if (points.labels == label).any()}


def category_members(points: MapPoints) -> dict[str, NDArray[np.bool_]]:
    """Which points have which category, the largest first; from the twelfth on they share one entry."""
    names, sizes = np.unique(points.categories, return_counts=True)
    ordered = [str(names[i]) for i in np.argsort(-sizes, kind="stable")]
    kept = ordered if len(ordered) <= MAX_PANELS else ordered[: MAX_PANELS - 1]
    members = {name: points.categories == name for name in kept}
    if len(kept) < len(ordered):
        members[OTHER] = ~np.isin(points.categories, kept)
    return members


def outlines(points: MapPoints) -> list[Outline]:
    """The hull of every cluster, by cluster number; noise has none."""
    found = []
    for cluster in np.unique(points.clusters[points.clusters != NOISE]):
        members = points.clusters == cluster
        hull = _convex_hull(points.x[members], points.y[members])
        group = map_group(points, f"cluster {cluster}", members)
        found.append(Outline(int(cluster), hull[:, 0], hull[:, 1], group))
    return found


def _convex_hull(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Andrew's monotone chain: it takes points in a line, or all in one place, where Qhull refuses."""
    points = np.unique(np.column_stack([x, y]), axis=0)
    if len(points) < _HULL_POINTS:
        return np.vstack([points, points[:1]])
    lower, upper = _half_hull(points), _half_hull(points[::-1])
    return np.asarray([*lower[:-1], *upper])


def _half_hull(points: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    chain: list[NDArray[np.float64]] = []
    for point in points:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


# --- groups ---------------------------------------------------------------------------------------------


def margin_span(groups: Sequence[GroupMetrics]) -> tuple[float, float]:
    """Limits of an axis of margins: 0, the margins with their intervals, and on the right a column for the numbers."""
    known = [
        end
        for group in groups
        for end in (group.compatibility_margin, group.margin_low, group.margin_high)
        if end is not None
    ]
    low, high = min([0.0, *known]), max([0.0, *known])
    width = max(high - low, 0.1)
    return low - 0.06 * width, high + 0.65 * width


def false_positive_label(group: GroupMetrics, limit: int = formats.NAME_CHARACTERS, apart: str = " ") -> str:
    """A pair type's name and how many of its pairs can be false positives."""
    return f"{formats.short_name(group.name, limit)}{apart}(n={formats.count(n_incompatible(group))})"


def false_positive_groups(evaluations: Sequence[Evaluation]) -> list[GroupMetrics]:
    """The pair types of a false-positive chart, from the first model that has each."""
    return [
        next(group for evaluation in evaluations if (group := group_of(evaluation, "by_pair_type", name)))
        for name in group_names(evaluations, "by_pair_type")
    ]


@dataclass(frozen=True, eq=False)
class Heatmap:
    """Margins of C categories and M models."""

    categories: list[str]
    models: list[str]
    margins: NDArray[np.float64]  # (C, M), NaN where there is none
    texts: list[list[str]]  # margin and N, or n/a and N

    @property
    def limit(self) -> float:
        """End of the colour scale, the same on both sides of 0."""
        finite = np.abs(self.margins[np.isfinite(self.margins)])
        return max(float(finite.max()), 0.1) if finite.size else 1.0


def margin_heatmap(evaluations: Sequence[Evaluation]) -> Heatmap:
    """The margin of every category under every model."""
    names = group_names(evaluations, "by_category")
    cells = [[group_of(evaluation, "by_category", name) for evaluation in evaluations] for name in names]
    margins = [[_or_nan(cell.compatibility_margin) if cell else np.nan for cell in row] for row in cells]
    return Heatmap(
        categories=[formats.short_name(name) for name in names],
        models=[model_label(evaluation) for evaluation in evaluations],
        margins=np.asarray(margins, dtype=np.float64).reshape(len(names), len(evaluations)),
        texts=[[_cell_text(cell) for cell in row] for row in cells],
    )


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _cell_text(group: GroupMetrics | None) -> str:
    if group is None:
        return formats.NOT_AVAILABLE
    return f"{formats.signed(group.compatibility_margin, 2)}\nn={formats.count(group.n)}"


# --- training -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TrainingCurve:
    """One quantity over the steps of one training; steps where it was not measured are left out."""

    steps: tuple[int, ...]
    values: tuple[float, ...]


def training_curve(training: TrainingInfo, quantity: Literal["spearman", "train_loss"]) -> TrainingCurve:
    """Spearman or loss of a training, in the order of its steps."""
    measured = [(point.step, getattr(point, quantity)) for point in training.history]
    kept = [(step, value) for step, value in measured if value is not None]
    return TrainingCurve(tuple(step for step, _ in kept), tuple(value for _, value in kept))


def training_label(model: ModelSummary, training: TrainingInfo) -> str:
    """A training's legend entry: name and learning rate."""
    return f"{model_label(model.evaluation)} (lr {formats.scientific(training.config.learning_rate)})"
