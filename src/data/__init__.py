"""Text and label statistics of pairs: normal forms, token tables, overlap of the splits, components, MinHash.

May import `metrics`, `models` and `core`.
"""
