"""Search for a recipe: trials on validation pairs, of which the best is trained.

May import the training stage, `scheduling` and what lies below them.
"""
