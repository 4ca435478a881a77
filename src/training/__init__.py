"""Parts of a training: recipe, batches, losses, precision, checkpoints, and what makes a step fast.

May import `workflow`, `embedding`, `metrics` and what lies below them; never `trainer`.
"""
