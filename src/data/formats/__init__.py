"""Readers of data files, one format a file: each yields a number and a mapping of column to value, in bounded memory.

The number is the line where a record begins, or the record's place in Parquet and in a JSON array, from 1.
"""
