"""How well colours can be told from each other, as WCAG 2.2 computes it, and the colours of a page."""

from __future__ import annotations

import re

from matplotlib.colors import to_rgba

from src.report.page_shell import asset

SCHEMES = ("light", "dark")


def luminance(colour: tuple[float, ...]) -> float:
    """Relative luminance of red, green and blue from 0 to 1."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str, behind: str, opacity: float = 1.0) -> float:
    """The contrast of a colour, 1 to 21, with what it stands on.

    Args:
        colour: `#RRGGBB` or plotly's `rgba(R,G,B,A)`.
        behind: The same, without opacity.
        opacity: Of the mark, beside that of its colour.
    """
    back = _rgba(behind)
    red, green, blue, own = _rgba(colour)
    share = own * opacity
    seen = tuple(front * share + below * (1 - share) for front, below in zip((red, green, blue), back, strict=False))
    light, dark = sorted((luminance(seen), luminance(back)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def page_colours(scheme: str) -> dict[str, str]:
    """The named colours of a page, light or dark."""
    roots = re.findall(r":root \{(.*?)\}", asset("report.css"), re.DOTALL)
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", roots[SCHEMES.index(scheme)]))


def _rgba(colour: str) -> tuple[float, float, float, float]:
    parts = re.fullmatch(r"rgba\((.*),(.*),(.*),(.*)\)", colour)
    if parts is None:
        return to_rgba(colour)
    red, green, blue, opacity = map(float, parts.groups())
    return red / 255, green / 255, blue / 255, opacity
