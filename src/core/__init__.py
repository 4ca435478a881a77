"""What every part shares, from errors and paths to environment variables. Imports nothing of this package."""
