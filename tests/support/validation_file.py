"""A run with a validation file."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from src.data.options import DataOptions
from src.models import Split
from tests.support.data_files import records, write_jsonl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from src.workflow.context import RunContext


def with_validation(context: RunContext, rows: Iterable[dict[str, Any]] | None = None) -> RunContext:
    """A run on the same train and eval pairs, read as any labelled pairs, with a validation file beside them.

    Args:
        context: The run.
        rows: Records of the validation file; 24 of their own by default.
    """
    paths = context.paths
    file = write_jsonl(paths.data_dir / "validation.jsonl", records(24, "v") if rows is None else rows)
    files = {Split.TRAIN: paths.train_pairs, Split.TEST: paths.eval_pairs, Split.VALIDATION: file}
    return dataclasses.replace(context, data=DataOptions(files=files, searched=False))
