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


@cache
def code_version(part: str) -> str:
    """Hash of a part of this package and of everything that it imports from it; its files are read once a process."""
    return version_of(part, _PACKAGE)


def version_of(part: str, package: Path) -> str:
    """Hash of a part of a package and of everything that it imports from it, as its files are now.

    Args:
        part: A folder or a front file without its suffix, for example `training` or `trainer`.
        package: Folder of the package.

    Returns:
        16 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for name, sources in sorted(imported_parts(part, package).items()):
        for source in sources:
            digest.update(f"{source.name}\0{source.sha256}\0".encode())
        for template in sorted((package / name).glob("templates/*")):
            digest.update(template.name.encode() + b"\0" + template.read_bytes())
    return digest.hexdigest()[:16]


def imported_parts(part: str, package: Path = _PACKAGE) -> dict[str, list[_Source]]:
    """The sources of the part and of all parts that it imports, directly or not, by part."""
    found, waiting = dict[str, list[_Source]](), {part}
    while waiting:
        name = waiting.pop()
        files = sorted((package / name).rglob("*.py")) or [package / f"{name}.py"]
        found[name] = [_source(file.relative_to(package).as_posix(), file.read_bytes()) for file in files]
        waiting = waiting.union(*(source.imports for source in found[name])) - found.keys()
    return found


class _Source:
    """One source file: its name in the package, the hash of its code without documentation, the parts it imports."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.imports = set[str]()
        self.sha256 = hashlib.sha256(repr([*self._code(ast.parse(content))]).encode()).hexdigest()

    def _code(self, tree: ast.Module) -> Iterator[object]:
        """The code as a flat sequence: the kind of each node, the length of each list, and each name and constant."""
        waiting: list[object] = [tree]
        while waiting:
            value = waiting.pop()
            if isinstance(value, list):
                yield len(value)
                waiting += value
            elif isinstance(value, ast.AST):
                self._visit(value)
                yield type(value).__name__
                # ctx says whether a name is read or written; so does its place
                waiting += [getattr(value, field) for field in value._fields if field != "ctx"]
            else:
                yield value

    def _visit(self, node: ast.AST) -> None:
        """Note which parts a node imports; remove its docstring, or the description of a Pydantic field."""
        match node:
            case ast.ImportFrom() if node.level:
                # all imports within the package are relative; those from the package itself name parts
                module = [*self.name.split("/")[: -node.level], *(node.module or "").split(".")]
                self.imports |= {module[0]} if module[0] else {alias.name for alias in node.names}
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                if ast.get_docstring(node, clean=False) is not None:
                    del node.body[0]
            case ast.Call(func=ast.Name(id="Field")):
                node.keywords = [keyword for keyword in node.keywords if keyword.arg != "description"]


@cache
def _source(name: str, content: bytes) -> _Source:
    return _Source(name, content)
