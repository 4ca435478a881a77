"""What the map charts share: points of a map, their groups, markers and table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core import formatting as formats
from ..core.errors import ArtifactError
from ..models import DATING_WORDS
from ..tables.selection import model_label
from ..tables.table import Table, table
from .palette import LABEL_STYLES, label_styles
from .plotly_parts import rounded
from .print_parts import SMALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..models import Evaluation, PairSet, Words
    from ..tables.shown_pairs import ShownPairs


MAX_PANELS = 12


NOISE = -1


OTHER = "all other categories"


_HULL_POINTS = 3


@dataclass(frozen=True, eq=False)
class MapPoints:
    """The n points of one model's map."""

    title: str
    rows: NDArray[np.int64]  # (n,), rows of the eval file
    x: NDArray[np.float64]  # (n,)
    y: NDArray[np.float64]  # (n,)
    labels: NDArray[np.int8]  # (n,)
    categories: NDArray[np.object_]  # (n,), texts; an array of str_ would keep room for the longest one in each row
    clusters: NDArray[np.int64]  # (n,), -1 noise; empty when not clustered
    sampled_from: int
    words: Words

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, kept: NDArray[np.bool_]) -> MapPoints:
        """Some of the points, by a mask (n,)."""
        clusters = self.clusters[kept] if self.clusters.size else self.clusters
        columns = {name: getattr(self, name)[kept] for name in ("rows", "x", "y", "labels", "categories")}
        return replace(self, clusters=clusters, **columns)

    @property
    def sample(self) -> str:
        """How many points are shown, of how many."""
        shown, everything = formats.count(len(self)), formats.count(self.sampled_from)
        return f"{shown} pairs" if len(self) == self.sampled_from else f"{shown} of {everything} pairs shown"


@dataclass(frozen=True, eq=False)
class ModelMap:
    """One panel of a map chart; `reason` says why points or clusters are missing."""

    title: str
    points: MapPoints | None
    reason: str

    @property
    def heading(self) -> str:
        """The model and how many pairs are shown."""
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
        categories=np.asarray([pairs.category[row] for row in projection.indices], dtype=np.object_),
        clusters=np.asarray(projection.clusters, dtype=np.int64),
        sampled_from=projection.sampled_from,
        words=evaluation.eval_data.words,
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
    """Which points have which label, label 1 first; labels without points are left out."""
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


def print_bare(axes: Axes) -> None:
    """A map's coordinates have no meaning, so they get no numbers."""
    axes.set(xticks=[], yticks=[])
    axes.set_xlabel("UMAP 1", fontsize=SMALL)
    axes.set_ylabel("UMAP 2", fontsize=SMALL)


def print_label_points(axes: Axes, points: MapPoints, within: np.ndarray | None = None, size: float = 12) -> None:
    """Draw points in the colours of their labels; `within` is a mask (n,)."""
    for label, members in label_members(points).items():
        style = LABEL_STYLES[label]
        shown = members if within is None else members & within
        axes.scatter(points.x[shown], points.y[shown], s=size, c=style.colour, marker=style.marker, alpha=0.7, lw=0)


def map_table(points: Sequence[MapPoints | None], by: str = "label") -> Table:
    """What lies where on each map: count and centre by label, category or cluster."""
    rows = [
        (
            one.title,
            formats.short_name(group.name, 60),
            formats.count(group.n),
            formats.count(group.n_compatible),
            formats.number(group.centre_x, 2),
            formats.number(group.centre_y, 2),
        )
        for one in points
        if one is not None
        for group in _map_groups(one, by)
    ]
    words = next((one.words for one in points if one is not None), DATING_WORDS)
    name = words.fill("{category}") if by == "category" else by
    columns = (
        "Model", formats.capitalised(name), "Points", formats.capitalised(words.positive),
        "Centre, UMAP 1", "Centre, UMAP 2",
    )  # fmt: skip
    return table(f"The map by {name}", columns, rows, "" if rows else "There is no map of these pairs.")


def _map_groups(points: MapPoints, by: str) -> list[MapGroup]:
    if by == "label":
        named = {label_styles(points.words)[label].name: members for label, members in label_members(points).items()}
    elif by == "category":
        named = category_members(points)
    else:
        return [outline.group for outline in outlines(points)]
    return [map_group(points, name, members) for name, members in named.items()]


def shown_map(evaluation: Evaluation, drawn: ShownPairs) -> ModelMap:
    """A model's map of the pairs that the page draws, or why there is none.

    Raises:
        ArtifactError: The evaluation was made from another file than the drawn pairs.
    """
    shown = model_map(evaluation, drawn.pairs)
    return shown if shown.points is None else shown.at(drawn.places(shown.points.rows) >= 0)


def label_points(figure: go.Figure, points: MapPoints, drawn: ShownPairs, position: int, **place: int) -> None:
    """Add a trace a label."""
    for label, members in label_members(points).items():
        style = label_styles(points.words)[label]
        figure.add_scatter(
            **pair_trace(points.at(members), drawn, position),
            name=style.name,
            legendgroup=style.name,
            showlegend=not any(trace.name == style.name for trace in figure.data),
            marker={"color": style.colour, "symbol": style.symbol, "size": 7},
            **place,
        )


def pair_trace(points: MapPoints, drawn: ShownPairs, position: int) -> dict[str, Any]:
    """What every trace of pairs has; the page puts in the hover text."""
    return {
        "x": rounded(points.x),
        "y": rounded(points.y),
        "customdata": drawn.places(points.rows).tolist(),
        "meta": {"map": position},
        "mode": "markers",
        "hoverinfo": "text",
    }


def bare(figure: go.Figure) -> None:
    """A map's coordinates have no meaning, so they get no numbers."""
    figure.update_xaxes(showticklabels=False, showgrid=False, zeroline=False, showline=True, mirror=True)
    figure.update_yaxes(showticklabels=False, showgrid=False, zeroline=False, showline=True, mirror=True)
