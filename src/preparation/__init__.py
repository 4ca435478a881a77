"""What comes before a run: the recipe file, its first draft, and one file divided into train, validation and test."""
