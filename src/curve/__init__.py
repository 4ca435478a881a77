"""The learning curve: the recipe trained on nested parts of train, measured, and extrapolated."""
