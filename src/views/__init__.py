"""What a page shows beside the results: the models on other splits, and how single pairs moved.

It is computed from stored cosines where a page is drawn. Nothing that is measured imports it, so that a change here
measures nothing again. May import `evaluation`, `metrics`, `models` and `core`.
"""
