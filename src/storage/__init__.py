"""Files that survive a crash: atomic writes, manifests, transactions, the lock. Knows no machine learning.

May import `models` and `core`.
"""
