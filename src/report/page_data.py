"""The data of a page as JSON: the shown pairs and the counts of the threshold slider.

Figures store pair indices only; coordinates and texts are stored once and shared by all maps.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from ..core import formatting as formats
from ..metrics import validated
from ..tables.selection import model_label
from ..views.movement import movement, movement_alone_tells

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import plotly.graph_objects as go
    from numpy.typing import ArrayLike, NDArray

    from ..models import Calibration, Evaluation, ThresholdMetrics
    from ..tables.shown_pairs import ShownPairs
    from ..views.on_splits import SplitView

    Scores = Mapping[str, NDArray[np.float64]]

# Texts are cut at the first of these numbers of characters that keeps all of them together below the bytes.
TEXT_CHARACTERS = (300, 250, 200, 150, 100, 75, 50, 40)
TEXT_BYTES = 1_600_000
TEXT_BYTES_ELSEWHERE = 100_000  # of each other split


def script_json(value: object) -> Markup:
    """JSON without `<`, so that it cannot end its script element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - what makes it safe is the line above


def figure_json(figure: go.Figure) -> Markup:
    """A figure; where it draws pairs (`meta.map` of a trace names the model) it holds their places alone."""
    drawing = json.loads(figure.to_json())
    for trace in drawing["data"]:
        if "map" in trace.get("meta", {}):
            del trace["x"], trace["y"]
    return script_json(drawing)


@dataclass(frozen=True, eq=False)
class ShownSplit:
    """The pairs of another split than test that a page lists."""

    view: SplitView
    drawn: ShownPairs


def text_limit(drawn: ShownPairs, most: int = TEXT_BYTES) -> int:
    """At how many characters the texts of the drawn pairs are cut, so that the page stays small in any script.

    Args:
        drawn: The pairs.
        most: Bytes of all texts together.
    """
    texts = [column[row] for column in (drawn.pairs.text_1, drawn.pairs.text_2) for row in drawn.rows]
    for limit in TEXT_CHARACTERS:
        if len(script_json([formats.cut(text, limit) for text in texts]).encode()) <= most:
            return limit
    return TEXT_CHARACTERS[-1]


def pair_json(drawn: ShownPairs, evaluations: Sequence[Evaluation], scores: Scores, *, redact: bool) -> Markup:
    """The drawn pairs by column: row, label, names, texts, and what each model makes of them.

    Args:
        drawn: Which pairs.
        evaluations: The baseline first.
        scores: Artifact name to the cosines of all N pairs, (N,).
        redact: Whether the texts are left out.
    """
    block = _columns(drawn, evaluations, scores, TEXT_BYTES, redact=redact)
    for model, evaluation in zip(block["models"], evaluations, strict=True):
        model["map"] = _map(drawn, evaluation)
    block["by_movement"] = len(evaluations) > 1 and movement_alone_tells(evaluations)
    return script_json({"words": drawn.pairs.words.model_dump(), "file": drawn.pairs.path.name, **block})


def listed_pairs(shown: ShownSplit, *, redact: bool) -> dict[str, Any]:
    """The same of another split, whose pairs stand on no map.

    Args:
        shown: Its pairs.
        redact: Whether the texts are left out.
    """
    view = shown.view
    block = _columns(shown.drawn, view.evaluations, view.scores, TEXT_BYTES_ELSEWHERE, redact=redact)
    return {"split": view.split.value, **block}


def _columns(
    drawn: ShownPairs, evaluations: Sequence[Evaluation], scores: Scores, most: int, *, redact: bool
) -> dict[str, Any]:
    """The drawn pairs by column, with at most so many bytes of texts."""
    pairs, rows = drawn.pairs, drawn.rows
    categories, pair_types = sorted(set(drawn.categories)), sorted(set(drawn.pair_types))
    block = {
        "n": len(pairs),
        "rows": (rows + 1).tolist(),
        "labels": pairs.labels[rows].tolist(),
        "categories": categories,
        "category": [categories.index(name) for name in drawn.categories],
        "pair_types": pair_types,
        "pair_type": [pair_types.index(name) for name in drawn.pair_types],
        "models": [_model(drawn, one, scores, evaluations[0].model) for one in evaluations],
    }
    if pairs.grades is not None:
        block["grades"] = pairs.grades[rows].tolist()
    if pairs.ids is not None:
        block["ids"] = [formats.cut(pairs.ids[row], TEXT_CHARACTERS[-1]) for row in rows]
    if not redact:
        limit = text_limit(drawn, most)
        block["text_1"] = [formats.cut(pairs.text_1[row], limit) for row in rows]
        block["text_2"] = [formats.cut(pairs.text_2[row], limit) for row in rows]
    return block


def _model(drawn: ShownPairs, evaluation: Evaluation, scores: Scores, base: str) -> dict[str, Any]:
    name = evaluation.model
    cosines, point = scores[name][drawn.rows], evaluation.operating_point
    right = None
    if point is not None:
        right = ((cosines >= point.threshold) == (drawn.pairs.labels[drawn.rows] == 1)).astype(int).tolist()
    way = movement(name, scores[base], scores[name], drawn.pairs).way[drawn.rows]
    return {
        "key": name,
        "name": model_label(evaluation),
        "cosine": _rounded(cosines).tolist(),
        "right": right,
        "moved": None if name == base else way.tolist(),
    }


def _rounded(cosines: NDArray[np.float64]) -> NDArray[np.float64]:
    """To five digits, and never up to a threshold of the slider that the cosine itself does not reach."""
    near = np.round(cosines, 5)
    onto = (near > cosines) & (near == np.round(near, 3))
    return np.where(onto, np.round(near - 1e-5, 5), near)


def _map(drawn: ShownPairs, evaluation: Evaluation) -> dict[str, list[float | None]] | None:
    """Coordinates of the drawn pairs on a model's map, None for a pair that is not on it."""
    projection = evaluation.projection
    if projection is None:
        return None
    x: list[float | None] = [None] * len(drawn)
    y = x.copy()
    places = drawn.places(np.asarray(projection.indices, dtype=np.int64)).tolist()
    for place, a, b in zip(places, projection.x, projection.y, strict=True):
        if place >= 0:
            x[place], y[place] = round(a, 3), round(b, 3)
    return {"x": x, "y": y}


def threshold_json(evaluations: Sequence[Evaluation], scores: Scores, labels: NDArray[np.int8]) -> Markup:
    """For each model the pairs between every two thresholds, by label, and the counts at its operating threshold.

    Args:
        evaluations: One entry each.
        scores: Artifact name to the cosines of all N pairs, (N,).
        labels: (N,) 0 or 1.
    """
    return script_json(threshold_entries(evaluations, scores, labels))


def threshold_entries(
    evaluations: Sequence[Evaluation], scores: Scores, labels: NDArray[np.int8]
) -> list[dict[str, Any]]:
    """What `threshold_json` writes."""
    return [_thresholds(one, threshold_counts(scores[one.model], labels)) for one in evaluations]


def _thresholds(evaluation: Evaluation, counts: ThresholdCounts) -> dict[str, Any]:
    return {
        "name": model_label(evaluation),
        "positive": counts.n_positive,
        "negative": counts.n_negative,
        "true_positives": _falls(counts.true_positives),
        "false_positives": _falls(counts.false_positives),
        "train": _train_point(evaluation.operating_point),
        "calibration": _calibration(evaluation.calibration),
    }


def _calibration(found: Calibration | None) -> dict[str, float | None] | None:
    """What a threshold by costs is computed from; None where the costs ask for none."""
    if found is None or not (found.slope_low is not None and found.slope_low > 0):
        return None
    share = found.n_compatible / found.n
    return {"intercept": found.intercept, "slope": found.slope, "separated_at": found.separated_at, "share": share}


def _falls(counts: NDArray[np.int64]) -> list[int]:
    """Counts that only fall, as the differences to the next one and the last count: mostly zeros, short to write."""
    falls: list[int] = [*(-np.diff(counts)).tolist(), int(counts[-1])]
    return falls


def _train_point(point: ThresholdMetrics | None) -> dict[str, Any] | None:
    if point is None:
        return None
    return {
        "threshold": point.threshold,
        "true_positives": point.true_positives,
        "false_positives": point.false_positives,
    }


STEPS = 1_000


@dataclass(frozen=True, eq=False)
class ThresholdCounts:
    """Pairs that are called compatible at the thresholds -1.000, -0.999, ... 1.000, of each label."""

    true_positives: NDArray[np.int64]  # (2001,)
    false_positives: NDArray[np.int64]  # (2001,)
    n_positive: int
    n_negative: int


def threshold_counts(scores: ArrayLike, labels: ArrayLike) -> ThresholdCounts:
    """Count at every threshold, in O(N log N); a pair is called compatible when its score is at least the threshold.

    Args:
        scores: (N,) cosines.
        labels: (N,) 0 or 1.

    Raises:
        ValueError: See `metrics.validated`.
    """
    values, compatible = validated(scores, labels)
    high, low = np.sort(values[compatible]), np.sort(values[~compatible])
    # k / 1000 is the nearest float to each threshold, here and in the browser alike
    thresholds = np.arange(-STEPS, STEPS + 1) / STEPS
    return ThresholdCounts(
        true_positives=high.size - np.searchsorted(high, thresholds, side="left"),
        false_positives=low.size - np.searchsorted(low, thresholds, side="left"),
        n_positive=high.size,
        n_negative=low.size,
    )
