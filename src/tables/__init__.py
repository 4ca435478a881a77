"""Rows and columns of every table, built once. `report` draws them in the terminal, in Markdown and in HTML.

May import `evaluation`, `models` and `core`.
"""
