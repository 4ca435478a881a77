"""What the metrics are called."""

from __future__ import annotations

from ..core import formatting as formats

HEADLINES = {
    "compatibility_margin": "Margin",
    "cohens_d": "Cohen's d",
    "auc_roc": "AUC-ROC",
    "average_precision": "Average precision",
    "spearman_correlation": "Spearman",
    "cluster_purity": "Cluster purity",
    "false_positive_rate_at_95_recall": "FP rate at 95 % recall",
}


_METRIC_NAMES = {**HEADLINES, "accuracy": "Accuracy", "f1": "F1"}


def metric_name(metric: str) -> str:
    """A metric's name for readers."""
    return _METRIC_NAMES.get(metric, formats.plain_name(metric))
