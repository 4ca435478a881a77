"""Tests, one file a module of `src`."""
