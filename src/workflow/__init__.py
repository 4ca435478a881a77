"""How stages run: the run's context, the `Stage` value, what makes a stage stale.

May import `embedding`, `data`, `storage` and what lies below them.
"""
