"""Rows and columns of every table, built once; `report` renders them for terminal, Markdown and HTML.

May import `evaluation`, `models` and `core`.
"""
