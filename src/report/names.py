"""What a page is about: the run, its base model and its data, as every title and heading names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.formatting import short_name

if TYPE_CHECKING:
    from datetime import datetime

_LIMIT = 60


@dataclass(frozen=True)
class RunNames:
    """Names of a run, none of them a path.

    Attributes:
        run: The last folder of `--root`.
        base_model: Name of the base model, without any folder.
        data: The data set.
    """

    run: str
    base_model: str
    data: str

    def about(self, made: datetime) -> str:
        """Base model, data set and date."""
        base, data = short_name(self.base_model, _LIMIT), short_name(self.data, _LIMIT)
        return f"Base model: {base}; data: {data}; {made.date().isoformat()}"

    @property
    def heading(self) -> str:
        """The run's own name."""
        return short_name(self.run, _LIMIT)
