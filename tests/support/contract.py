"""The names that users' own scripts read at the top of a metrics file."""

CONTRACT = [
    "compatible_mean_cosine",
    "incompatible_mean_cosine",
    "compatibility_margin",
    "cohens_d",
    "t_statistic",
    "p_value",
    "auc_roc",
    "best_threshold",
    "best_f1",
    "accuracy_at_best_threshold",
    "precision_at_best_threshold",
    "recall_at_best_threshold",
    "cluster_purity",
    "n_clusters",
    "noise_ratio",
    "spearman_correlation",
]
