from __future__ import annotations

import importlib.metadata

import pytest

from src.workflow.environment import ADAPTERS, MAPS, MODELS, NUMBERS, PICTURES, versions


def test_the_versions_are_those_that_are_installed() -> None:
    assert versions("numpy", "scipy") == (
        f"numpy {importlib.metadata.version('numpy')}, scipy {importlib.metadata.version('scipy')}"
    )


@pytest.mark.parametrize("packages", [NUMBERS, MAPS, MODELS, ADAPTERS, PICTURES])
def test_every_package_that_a_result_depends_on_is_installed(packages: tuple[str, ...]) -> None:
    assert versions(*packages).count(", ") == len(packages) - 1
