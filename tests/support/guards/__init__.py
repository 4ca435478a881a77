"""Guards that tests put around the real command."""
