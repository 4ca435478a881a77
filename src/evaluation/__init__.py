"""All numbers of one model: metrics with intervals, groups, geometry, the map, and the registry of metrics.

May import `metrics`, `data` and what lies below them.
"""
