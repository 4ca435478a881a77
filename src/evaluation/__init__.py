"""All numbers of one model: metrics with intervals, groups, geometry, the map, learnability, and the registry.

May import `metrics`, `data` and what lies below them.
"""
