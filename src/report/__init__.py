"""What people read: the HTML pages and their templates, terminal output, Markdown. Computes no number.

May import `visualizations`, `charts`, `verdict`, `tables` and what lies below them.
"""
