"""Hash of the code that a result depends on, so that changed code makes the result stale.

A part of the package is a folder of `src`, or one of the files at its front. The version of a part covers all of its
files and every part that one of them imports, directly or not. Comments, docstrings, the descriptions of Pydantic
fields and formatting do not count.
"""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = Path(__file__).parents[1]


def code_version(part: str, *, package: Path = _PACKAGE) -> str:
    """Hash of a part of the package and of everything that it imports from it.

    Args:
        part: A folder or a front file without its suffix, for example `training` or `trainer`.
        package: Folder of the package.

    Returns:
        16 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for name in sorted(imported_parts(part, package)):
        for source in _sources(package, name):
            digest.update(f"{source.relative_to(package).as_posix()}\0{_parsed(source).sha256}\0".encode())
        for template in sorted((package / name).glob("templates/*")):
            digest.update(template.name.encode() + b"\0" + template.read_bytes())
    return digest.hexdigest()[:16]


def imported_parts(part: str, package: Path = _PACKAGE) -> set[str]:
    """The part and all parts that it imports, directly or not."""
    found, waiting = set[str](), {part}
    while waiting:
        found.add(name := waiting.pop())
        for source in _sources(package, name):
            waiting |= {part_of(package, imported) for imported in _parsed(source).imports} - found
    return found


def part_of(package: Path, source: Path) -> str:
    """The part that a file or folder of the package belongs to."""
    return source.relative_to(package).parts[0].removesuffix(".py")


def _sources(package: Path, part: str) -> list[Path]:
    return sorted((package / part).rglob("*.py")) or [package / f"{part}.py"]


class _Parsed:
    """One source file: the hash of its code without documentation, and the files that it imports."""

    def __init__(self, source: Path, content: bytes) -> None:
        tree = ast.parse(content)
        self.imports = frozenset(_imports(tree, source))
        self.sha256 = hashlib.sha256(ast.dump(_Undocumented().visit(tree)).encode()).hexdigest()


def _parsed(source: Path) -> _Parsed:
    return _parsed_content(source, source.read_bytes())


@cache
def _parsed_content(source: Path, content: bytes) -> _Parsed:
    return _Parsed(source, content)


def _imports(tree: ast.Module, source: Path) -> Iterator[Path]:
    """Files and folders of the package that a file imports, wherever in the file; all such imports are relative."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            folder = source.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            if folder.is_dir():
                yield from (folder / alias.name for alias in node.names)
            else:
                yield folder


class _Undocumented(ast.NodeTransformer):
    """Removes docstrings and the descriptions of Pydantic fields."""

    def visit(self, node: ast.AST) -> ast.AST:
        """Visit a node and all nodes within it."""
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            node.body = node.body[1:]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Field":
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != "description"]
        return self.generic_visit(node)
