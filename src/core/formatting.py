"""How numbers and names are written wherever a person reads them; None is always "n/a", never 0."""

from __future__ import annotations

import html
from types import MappingProxyType

NOT_AVAILABLE = "n/a"
NAME_CHARACTERS = 28
SMALLEST_P = 0.0001
SMALLEST_IN_DECIMALS = 0.001
ELLIPSIS = "…"
# what a training is called by the user, where its files carry another name
_DISPLAY_NAMES = MappingProxyType({"finetuned": "standard"})


def number(value: float | None, digits: int = 3) -> str:
    """A number with a fixed count of decimals; a value that rounds to zero has no sign."""
    if value is None:
        return NOT_AVAILABLE
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def signed(value: float | None, digits: int = 3) -> str:
    """A difference, with its sign."""
    text = number(value, digits)
    return text if value is None or text.startswith("-") else f"+{text}"


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """An interval as `[low, high]`, empty where there is none."""
    if low is None or high is None:
        return ""
    return f"[{number(low, digits)}, {number(high, digits)}]"


def signed_interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """The interval of a difference as `[-low, +high]`, empty where there is none."""
    if low is None or high is None:
        return ""
    return f"[{signed(low, digits)}, {signed(high, digits)}]"


def p_value(value: float | None) -> str:
    """A probability; what would round to 0.0000 is written `< 0.0001`."""
    if value is not None and value < SMALLEST_P:
        return f"< {SMALLEST_P}"
    return number(value, 4)


def percent(share: float | None, digits: int = 1) -> str:
    """A share of 0-1 as percent."""
    return NOT_AVAILABLE if share is None else f"{number(100 * share, digits)} %"


def count(value: int | None) -> str:
    """A count with thousands set apart."""
    return NOT_AVAILABLE if value is None else f"{value:,}"


def scientific(value: float) -> str:
    """A learning rate as `2e-5`."""
    if not value:
        return "0"
    mantissa, _, exponent = f"{value:.3e}".partition("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def small_number(value: float | None) -> str:
    """A size that is never written as 0 unless it is 0: what would round to that is written as `1.3e-4`."""
    if value is None or not 0 < abs(value) < SMALLEST_IN_DECIMALS:
        return number(value)
    return f"{value:.1e}".replace("e-0", "e-")


def decimals(size: float) -> int:
    """Decimals in which values of this size show three digits: 3 from 0.1 on and for 0, at most 15."""
    magnitude = int(f"{size:.16e}".partition("e")[2]) if size else 0
    return min(15, max(3, 2 - magnitude))


def duration(seconds: float) -> str:
    """A duration in the unit that a person would use."""
    if seconds < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def gigabytes(size: int) -> str:
    """Bytes in GB."""
    return f"{number(size / 1e9, 2)} GB"


def cut(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


def display_name(model: str) -> str:
    """The name that a reader sees for a model: that which a user types."""
    return _DISPLAY_NAMES.get(model, model)


def plain_name(name: str) -> str:
    """A name of the project's own, such as `bag_of_words`, in words."""
    return name.replace("_", " ")


def json_line(text: str) -> str:
    """JSON that is one line for every reader: some end a line at U+2028 or U+0085 too. What has no shape is escaped."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _json_escape(c) for c in text)


def _json_escape(char: str) -> str:
    digits = char.encode("utf-16-be").hex()
    return "".join(f"\\u{digits[start : start + 4]}" for start in range(0, len(digits), 4))


def short_name(name: str, limit: int = NAME_CHARACTERS) -> str:
    """A category's, pair type's or model's name on one line, fit for an axis."""
    visible = "".join(c if c.isprintable() else " " for c in name)
    return cut(" ".join(visible.split()), limit) or NOT_AVAILABLE


def plotly_text(text: str) -> str:
    """Data for a plotly string: plotly reads names, ticks and hover as HTML, and what stands between `$` as TeX."""
    return html.escape(text, quote=False).replace("$", "&#36;")


def capitalised(text: str) -> str:
    """A name that begins a heading: its first letter is a capital one, the others stay as they are."""
    return text[:1].upper() + text[1:]
