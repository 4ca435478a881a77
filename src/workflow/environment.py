"""Versions of the installed packages that a stage's numbers or pictures depend on."""

from __future__ import annotations

import importlib.metadata

NUMBERS = ("numpy", "scipy", "scikit-learn")
MAPS = ("umap-learn", "pynndescent", "numba", "hdbscan")
MODELS = ("torch", "transformers", "tokenizers", "sentence-transformers")
ADAPTERS = ("peft", "accelerate")
PICTURES = ("plotly", "matplotlib", "seaborn", "jinja2")


def versions(*packages: str) -> str:
    """Installed versions of some packages, as one line."""
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
