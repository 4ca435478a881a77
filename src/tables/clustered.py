"""Second intervals, which allow for pairs that are alike because a column says the same of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..evaluation.metric_registry import AUC, metric_label
from ..wording import intervals as wording
from .selection import model_name, reference_label
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..models import ClusteredIntervals, Estimate, ModelSummary, PairedDifference


def clustered_table(models: Sequence[ModelSummary]) -> Table:
    """Metrics x models: the score, and below it the difference to the reference, with their second intervals."""
    of = _clustered(models)
    metrics = dict.fromkeys(found.name for clustered in of.values() for found in clustered.estimates)
    rows = [row for metric in metrics for row in _rows(metric, list(of.values()), reference_label(models))]
    return table(f"Intervals clustered by {_column(of)}", ("Metric", *of), rows, _note(of))


def scores_note(models: Sequence[ModelSummary]) -> str:
    """The second interval of each model's AUC, in a sentence; empty if nothing was clustered."""
    of = _clustered(models)
    return _sentence(of, {name: _estimate(clustered, AUC.name) for name, clustered in of.items()})


def differences_note(models: Sequence[ModelSummary]) -> str:
    """The second interval of each trained model's difference of AUC, in a sentence."""
    of = _clustered(models)
    return _sentence(of, {name: _difference(clustered, AUC.name) for name, clustered in of.items()})


def _clustered(models: Sequence[ModelSummary]) -> dict[str, ClusteredIntervals]:
    return {model_name(model.evaluation.model): model.clustered for model in models if model.clustered is not None}


def _column(of: Mapping[str, ClusteredIntervals]) -> str:
    return next((formats.plain_name(clustered.column) for clustered in of.values()), "nothing")


def _why_none(of: Mapping[str, ClusteredIntervals]) -> str:
    return next((clustered.reason for clustered in of.values()), "")


def _sentence(of: Mapping[str, ClusteredIntervals], found: Mapping[str, Estimate | PairedDifference | None]) -> str:
    if why := _why_none(of):
        return wording.not_clustered(_column(of), why)
    limits = {name: formats.interval(one.low, one.high) for name, one in found.items() if one is not None}
    told = [f"{name} {interval}" for name, interval in limits.items() if interval]
    return wording.of_auc(_column(of), told) if told else ""


def _note(of: Mapping[str, ClusteredIntervals]) -> str:
    if why := _why_none(of):
        return wording.not_clustered(_column(of), why)
    return next((wording.clustered(_column(of), one.n_clusters, one.effective_clusters) for one in of.values()), "")


def _rows(metric: str, models: Sequence[ClusteredIntervals], reference: str) -> Iterator[list[Cell | str]]:
    yield [metric_label(metric), *(_score_cell(_estimate(one, metric)) for one in models)]
    yield [f"{metric_label(metric)}, minus {reference}", *(_change_cell(_difference(one, metric)) for one in models)]


def _estimate(clustered: ClusteredIntervals, metric: str) -> Estimate | None:
    return next((one for one in clustered.estimates if one.name == metric), None)


def _difference(clustered: ClusteredIntervals, metric: str) -> PairedDifference | None:
    return next((one for one in clustered.differences if one.metric == metric), None)


def _score_cell(found: Estimate | None) -> Cell:
    if found is None:
        return Cell("")
    return cell(formats.number(found.value), found.reason, formats.interval(found.low, found.high))


def _change_cell(found: PairedDifference | None) -> Cell:
    return Cell("") if found is None else cell(formats.signed(found.value), "", formats.interval(found.low, found.high))
