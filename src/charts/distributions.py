"""Cosine distributions by label."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core import formatting as formats
from ..tables.selection import model_label
from ..tables.table import Table, table
from .chart import Chart
from .palette import INK, NEUTRAL, label_styles, translucent
from .plotly_parts import grid_places, panels, rounded, sized
from .print_parts import SMALL, legend_entry, print_legend, print_panels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import plotly.graph_objects as go
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..models import Estimate, Evaluation, Histogram, Split
    from .palette import LabelStyle


@dataclass(frozen=True, eq=False)
class CosineDistributions(Chart):
    """Cosines of both labels, a panel a model."""

    evaluations: Sequence[Evaluation]
    elsewhere: Mapping[Split, Sequence[Evaluation]] = field(default_factory=dict)  # on other splits

    name = "cosine_distributions"
    title = "Cosine of {positive} and {negative} pairs"
    reading = (
        "The less the two shapes overlap, the better the cosine tells the labels apart. Lines mark the means and the "
        "threshold: the operating one, or the slider's."
    )
    group = "Distributions"

    def figure(self) -> go.Figure:
        """Histograms as overlaid bars."""
        return _cosine_distributions(self.evaluations)

    def print_figure(self) -> Figure:
        """Histograms as stairs."""
        return _print_distributions(self.evaluations)

    def tables(self) -> tuple[Table, ...]:
        """Counts of each bin."""
        return (distribution_table(self.evaluations),)

    def on_splits(self) -> dict[Split, Chart]:
        """Cosines of the pairs of other splits."""
        return {split: replace(self, evaluations=found, elsewhere={}) for split, found in self.elsewhere.items()}


MAX_BINS = 50


def margin_label(evaluation: Evaluation) -> str:
    """A model's name and its margin with interval."""
    margin = evaluation.estimate("compatibility_margin")
    return f"{model_label(evaluation)}: margin {formats.signed(margin.value)} {_limits(margin)}".rstrip()


def _limits(found: Estimate) -> str:
    return formats.interval(found.low, found.high)


@dataclass(frozen=True)
class Distribution:
    """Cosines of one model; `counts` and `shares` are by label, one entry a bin."""

    title: str
    styles: Mapping[int, LabelStyle]  # by label
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
        styles=label_styles(evaluation.eval_data.words),
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


def _cosine_distributions(evaluations: Sequence[Evaluation]) -> go.Figure:
    distributions = [distribution(evaluation) for evaluation in evaluations]
    count = len(distributions)
    figure = panels(
        count, 1, [shown.heading for shown in distributions], shared_xaxes=True, vertical_spacing=min(0.12, 0.3 / count)
    )
    for shown, place in zip(distributions, grid_places(count, 1), strict=True):
        _distribution(figure, shown, place)
    figure.update_xaxes(range=list(common_span(distributions)), ticklabelstandoff=6)
    figure.update_xaxes(title_text="cosine of the two texts", row=count)
    figure.update_yaxes(title_text="share of label", rangemode="tozero")
    figure.update_layout(barmode="overlay", bargap=0)
    return sized(figure, 150 + max(150 * count, 230), titled=True)


def _distribution(figure: go.Figure, shown: Distribution, place: dict[str, int]) -> None:
    edges = np.asarray(shown.edges)
    for label, style in shown.styles.items():
        used = np.flatnonzero(shown.counts[label])
        figure.add_bar(
            x=rounded((edges[:-1] + edges[1:])[used] / 2, 4),
            y=rounded(np.asarray(shown.shares[label])[used], 4),
            width=float(edges[1] - edges[0]),
            name=style.name,
            legendgroup=style.name,
            showlegend=place["row"] == 1,
            marker=_bars(style),
            hovertext=[
                f"cosine {edges[i]:.2f} to {edges[i + 1]:.2f}<br>{shown.counts[label][i]} {style.name}" for i in used
            ],
            hoverinfo="text",
            **place,
        )
        _vertical(figure, shown.means[label], style.colour, "solid" if label else "dash", place)
    # by this name the page finds the line that its slider moves
    _vertical(figure, shown.threshold, NEUTRAL, "dot", {**place, "name": "threshold"})


def _bars(style: LabelStyle) -> dict[str, object]:
    """Bars that let those behind them through, within an outline that can be seen on any page."""
    outline = {"color": style.colour, "width": 1}
    return {"color": translucent(style.colour, 0.6), "line": outline, "pattern": {"shape": style.pattern, "size": 6}}


def _vertical(figure: go.Figure, x: float | None, colour: str, dash: str, place: dict[str, Any]) -> None:
    if x is not None:
        figure.add_vline(x=x, line={"color": colour, "dash": dash, "width": 1.5}, **place)


def _print_distributions(evaluations: Sequence[Evaluation]) -> Figure:
    distributions = [distribution(evaluation) for evaluation in evaluations]
    height = 1.3 + max(1.35 * len(distributions), 2.2)
    figure, panels = print_panels(len(distributions), 1, height, sharex=True)
    for axes, shown in zip(panels, distributions, strict=True):
        _print_distribution(axes, shown)
    panels[-1].set(xlabel="cosine of the two texts", xlim=common_span(distributions))
    print_legend(figure, _print_handles(distributions[0]))
    return figure


def _print_distribution(axes: Axes, shown: Distribution) -> None:
    for label, style in shown.styles.items():
        axes.stairs(shown.shares[label], shown.edges, fill=True, color=style.colour, alpha=0.25)
        axes.stairs(shown.shares[label], shown.edges, color=style.colour, linestyle=style.dash, linewidth=1.5)
        mean = shown.means[label]
        if mean is not None:
            axes.axvline(mean, color=style.colour, linestyle=style.dash, linewidth=1.2)
    if shown.threshold is not None:
        axes.axvline(shown.threshold, color=INK, linestyle=":", linewidth=1.5)
    axes.set_title(shown.heading, fontsize=SMALL)
    axes.set_ylabel("share", fontsize=SMALL)


def _print_handles(shown: Distribution) -> list[Artist]:
    from matplotlib.patches import Patch  # noqa: PLC0415 - a page needs no matplotlib

    labels = [
        Patch(facecolor=f"{style.colour}40", edgecolor=style.colour, linestyle=style.dash, label=style.name)
        for style in shown.styles.values()
    ]
    return [*labels, legend_entry("threshold", color=INK, linestyle=":")]


def distribution_table(evaluations: Sequence[Evaluation]) -> Table:
    """Counts of each bin that holds a pair."""
    shown = [distribution(evaluation) for evaluation in evaluations]
    low, high = common_span(shown)
    edges = shown[0].edges
    used = [i for i, edge in enumerate(edges[:-1]) if low <= edge < high]
    rows = [
        [
            f"{edges[i]:.2f} to {edges[i + 1]:.2f}",
            *(formats.count(one.counts[label][i]) for one in shown for label in one.styles),
        ]
        for i in used
    ]
    columns = [f"{one.title}, {style.name}" for one in shown for style in one.styles.values()]
    return table("Pairs in each bin of cosine", ("Cosine", *columns), rows)
