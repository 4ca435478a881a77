"""Types of what a command line gives: a finite number, and a text or a path that is not blank."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import os
    from typing import Any

LONGEST_PROMPT = 10_000
_BLANK = "it is empty; give a value, or leave it out"


def is_blank(text: str) -> bool:
    """Whether a text has no visible character: an unset variable, or what cannot be told from it by eye."""
    # a surrogate stands for a byte of a name in another encoding
    return not any((c.isprintable() and not c.isspace()) or "\ud800" <= c <= "\udfff" for c in text)


class Text(click.types.StringParamType):
    """A text or a name; a blank one is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's own type
        """The text; click's usage error where it is blank."""
        if is_blank(str(value)):
            self.fail(_BLANK, param, ctx)
        return str(super().convert(value, param, ctx))


class PromptText(click.types.StringParamType):
    """What stands before a text; an empty one is nothing, and one of spaces alone is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's own type
        """The text; click's usage error where it cannot stand before another."""
        text = str(super().convert(value, param, ctx))
        if text and is_blank(text):
            self.fail("it has no visible character; give a text, or '' for no prompt", param, ctx)
        if len(text) > LONGEST_PROMPT:
            self.fail(f"it has {len(text):,} characters; give at most {LONGEST_PROMPT:,}", param, ctx)
        if any("\ud800" <= character <= "\udfff" for character in text):
            self.fail("it is no UTF-8; write it as UTF-8", param, ctx)
        return text


class PathTo(click.Path):
    """A path; a blank one is refused, because the working directory would be taken in its place."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401 - click's own type
        """The path; click's usage error where it is blank."""
        if is_blank(str(value)):
            self.fail(_BLANK, param, ctx)
        return super().convert(value, param, ctx)


class FiniteFloat(click.types.FloatParamType):
    """A number; NaN and infinity are refused, because no limit can be compared with them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 - click's own type
        """The number; click's usage error where it is not finite."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


class FiniteFloatRange(click.FloatRange, FiniteFloat):
    """A finite number within a range."""
