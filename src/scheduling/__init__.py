"""Independent tasks: one after another in this process, or on several machines with Ray.

Knows no machine learning. May import `storage` and `core`.
"""
