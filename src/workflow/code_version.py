"""Hash of the code that a result depends on, so that changed code makes its results stale."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# what no result depends on, and the stages, each of which answers for its own code
NOT_FOLLOWED = frozenset(
    {
        "artifacts",
        "baseline_analysis",
        "checkpoints",
        "cli",
        "code_digest",
        "comparison",
        "console",
        "embedding_cache",
        "errors",
        "model_files",
        "paths",
        "pipeline",
        "post_training_eval",
        "progress",
        "publication",
        "quality_stage",
        "run_context",
        "run_lock",
        "stage_records",
        "training_stage",
    }
)


@cache
def code_digest(*roots: str) -> str:
    """Hash of the source of some modules and of all that they import from this package, wherever in the file.

    Args:
        roots: Module names; `report` brings its templates.
    """
    folder = Path(__file__).parent
    names, waiting = set[str](), list(roots)
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            waiting += [found for found in _imported(folder / f"{name}.py") if found not in NOT_FOLLOWED]
    sources = [folder / f"{name}.py" for name in sorted(names)]
    if "report" in names:
        sources += sorted((folder / "templates").iterdir())
    return _digest(sources)


def _imported(source: Path) -> list[str]:
    tree = ast.parse(source.read_bytes())
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "src":
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("src."):
            found.append((node.module or "").removeprefix("src."))
    return found


def _digest(sources: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
