"""What every part shares: errors, paths, formatting, progress, several processes. Imports nothing of this package."""
