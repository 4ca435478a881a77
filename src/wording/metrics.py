"""What each metric is called in tables, and how it is defined for readers."""

from __future__ import annotations

from typing import NamedTuple


class MetricText(NamedTuple):
    """The words for one metric.

    Attributes:
        label: As in tables.
        definition: One or two sentences, after the label.
    """

    label: str
    definition: str


MARGIN = MetricText("Margin", "mean cosine of {positive} pairs minus mean cosine of {negative} pairs.")
COHENS_D = MetricText("Cohen's d", "the margin divided by the pooled standard deviation. Its t and p are Welch's.")
AUC_ROC = MetricText(
    "AUC-ROC",
    "the chance that a pair labelled {positive} has a higher cosine than one labelled {negative}; 0.5 is guessing.",
)
AVERAGE_PRECISION = MetricText(
    "Average precision",
    "mean precision over all thresholds, weighted by the gain in recall; the share of {positive} pairs is guessing.",
)
SPEARMAN = MetricText(
    "Spearman",
    "rank correlation of cosine and label. With 0/1 labels even a perfect ranking stays below 1; the ceiling says how"
    " far.",
)
SPEARMAN_OF_GRADES = MetricText(
    "Spearman",
    "rank correlation of cosine and grade. Pairs of one grade keep even a perfect ranking below 1; the ceiling says how"
    " far.",
)
PEARSON = MetricText("Pearson", "linear correlation of cosine and grade.")
CONCORDANCE = MetricText(
    "Concordance",
    "the chance that of two pairs with different grades the one with the higher grade has the higher cosine; 0.5 is"
    " guessing. With two labels it is the AUC.",
)
GRADE_SLOPE = MetricText("Slope", "how much the cosine rises with one unit of grade, by least squares.")
THIRDS_MARGIN = MetricText(
    "Top less bottom third",
    "mean cosine of the third of the pairs with the highest grades minus that of the third with the lowest.",
)
ETA_SQUARED = MetricText(
    "Eta squared",
    "share of the variance of the grades that lies between the clusters; clusters are HDBSCAN's on the map. Shuffled is"
    " the mean over 200 shuffles of the grades.",
)
CLUSTER_PURITY = MetricText(
    "Cluster purity",
    "share of clustered points that carry their cluster's majority label; clusters are HDBSCAN's on the map. Shuffled"
    " purity is the mean over 200 shuffles of the labels.",
)
FALSE_POSITIVE_RATE = MetricText(
    "FP rate at 95 % recall",
    "share of {negative} pairs at or above the highest threshold that finds 95 % of the {positive} ones; it compares"
    " models whose cosines have different scales. Lower is better.",
)
F1 = MetricText("F1", "harmonic mean of precision and recall at the operating threshold.")
