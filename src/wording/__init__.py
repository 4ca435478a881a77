"""Sentences about numbers, one subject a file: constants, and functions that put numbers into a sentence.

Titles, captions and names of columns stand where they are shown, in `report`, `tables` and `charts`. Nothing is
computed here. May import `models` and `core`.
"""
