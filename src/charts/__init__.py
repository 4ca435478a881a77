"""The charts: one file a chart, with its data, its plotly figure, its print figure and its table.

May import `tables` and what lies below it.
"""
