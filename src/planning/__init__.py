"""What a command would do, before it does it: stages, time, memory and disk."""
