"""Fine-tunes a sentence-embedding model on labelled pairs and measures what that changed."""
