"""Models and their embeddings: the base model, model folders, one loaded model at a time, encoding in shards.

May import `storage`, `models` and `core`.
"""
