"""What each metric is called in tables. `report/terms.py` explains it to readers."""

from __future__ import annotations

MARGIN = "Margin"
COHENS_D = "Cohen's d"
AUC_ROC = "AUC-ROC"
AVERAGE_PRECISION = "Average precision"
SPEARMAN = "Spearman"
PEARSON = "Pearson"
CONCORDANCE = "Concordance"
GRADE_SLOPE = "Slope"
THIRDS_MARGIN = "Top less bottom third"
ETA_SQUARED = "Eta squared"
CLUSTER_PURITY = "Cluster purity"
FALSE_POSITIVE_RATE = "FP rate at 95 % recall"
F1 = "F1"
