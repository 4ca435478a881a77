"""Sentences about numbers, one subject a file: constants, and functions that put numbers into a sentence.

Nothing is computed here. May import `models` and `core`.
"""
