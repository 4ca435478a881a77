"""Versions of the installed packages that a stage's numbers or pictures depend on."""

from __future__ import annotations

import importlib.metadata
from functools import cache

NUMBERS = ("numpy", "scipy", "scikit-learn")
MAPS = ("umap-learn", "pynndescent", "numba", "hdbscan")
TOKENIZERS = ("tokenizers",)
MODELS = ("torch", "transformers", *TOKENIZERS, "sentence-transformers")
ADAPTERS = ("peft", "accelerate")
PICTURES = ("plotly", "matplotlib", "seaborn", "jinja2")


def versions(*packages: str) -> str:
    """Installed versions of some packages, as one line."""
    return ", ".join(f"{name} {_installed(name)}" for name in packages)


@cache
def _installed(name: str) -> str:
    """The version of one package; reading it takes milliseconds, and stages ask for it a hundred times a command."""
    return importlib.metadata.version(name)
