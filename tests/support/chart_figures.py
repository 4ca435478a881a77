"""Charts of made results, and what is drawn and written in their figures."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Any

from src.charts.palette import matplotlib_theme
from src.charts.png import titled_print_figure
from src.models import ClusterSummary
from src.tables.selection import population
from src.tables.shown_pairs import shown_pairs
from tests.support.factories import make_comparison, make_evaluation, make_pairs

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from matplotlib.figure import Figure

    from src.charts.chart import Chart
    from src.models import Evaluation
    from src.tables.shown_pairs import ShownPairs

BASELINE_NAMES = [
    "cosine_distributions",
    "roc",
    "umap_by_label",
    "clusters",
    "umap_by_category",
    "margins_by_category",
    "margins_by_pair_type",
    "false_positives_by_pair_type",
]
COMPARISON_NAMES = [
    "slopes",
    "roc",
    "cohens_d",
    "purity",
    "cosine_distributions",
    "false_positives_by_pair_type",
    "margin_heatmap",
    "expected_cost",
    "reliability",
    "movement",
    "umap",
    "training_curves",
]
MODELS = ["baseline", "standard", "lora", "lora-tuned"]


# --- results --------------------------------------------------------------------------------------------


@cache
def four_models() -> tuple[Evaluation, ...]:
    """The baseline and three trained models, on the pairs of `make_pairs()`."""
    return tuple(model.evaluation for model in make_comparison().models)


@cache
def all_pairs() -> ShownPairs:
    """All 120 pairs of `make_pairs()`, shown for the baseline alone."""
    return shown_pairs(four_models()[:1], make_pairs())


@cache
def all_pairs_of_four() -> ShownPairs:
    """All 120 pairs of `make_pairs()`, shown for a comparison."""
    return shown_pairs(four_models(), make_pairs())


def without_map(model: str = "baseline", reason: str = "fewer than 16 pairs") -> Evaluation:
    """A model without map and clusters, and why it has none."""
    clusters = ClusterSummary(
        cluster_purity=None,
        shuffled_purity=None,
        n_clusters=None,
        noise_ratio=None,
        min_cluster_size=10,
        min_samples=5,
        n=0,
        reason=reason,
    )
    return make_evaluation(model, projection=None, clusters=clusters)


def without_numbers() -> Evaluation:
    """A baseline of which no number is defined and no group is known."""
    undefined = (
        "compatible_mean_cosine",
        "compatibility_margin",
        "cohens_d",
        "auc_roc",
        "roc",
        "roc_band",
        "operating_point",
        "optimistic_point",
        "spearman_ceiling",
    )
    return make_evaluation(**dict.fromkeys(undefined), estimates=(), by_category=(), by_pair_type=())


# --- figures of a page ----------------------------------------------------------------------------------


def traces(figure: go.Figure, **wanted: object) -> list[Any]:
    """The traces of a figure with the wanted properties."""
    return [trace for trace in figure.data if all(getattr(trace, key) == value for key, value in wanted.items())]


def notes(figure: go.Figure) -> list[str]:
    """What is written in a figure beside its axes and traces."""
    return [annotation.text for annotation in figure.layout.annotations]


def places(figure: go.Figure) -> list[int]:
    """Which of the shown pairs a map holds, ascending."""
    return sorted(place for trace in figure.data if trace.meta for place in trace.customdata)


# --- figures for print ----------------------------------------------------------------------------------


def printed(chart: Chart) -> Figure:
    """A chart's print figure, with its title, in the theme of the PNG files."""
    with matplotlib_theme():
        return titled_print_figure(chart, population(four_models()[0]))


def png(figure: Figure) -> bytes:
    """A print figure as a small picture."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=40)
    return buffer.getvalue()


def words(figure: Figure) -> str:
    """Everything that is written in a print figure."""
    legends = [text for legend in figure.legends for text in legend.get_texts()]
    axes = [text for ax in figure.axes for text in (*ax.texts, ax.title, *ax.get_xticklabels(), *ax.get_yticklabels())]
    left = [ax.get_title(loc="left") for ax in figure.axes]
    return "\n".join([figure.get_suptitle(), *left, *(text.get_text() for text in (*legends, *axes))])
