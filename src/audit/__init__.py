"""Checks of train, eval and the split: leakage, near-duplicates, label-correlated words, shallow baselines, shortcuts.

May import `evaluation`, `data`, the data front (`data_loader`, `data_evaluator`) and what lies below them.
"""
