"""The small drawings beside the explanations of terms, as SVG of a few shapes each.

A drawing is 120 units wide and 60 high, y grows downwards. Colours are the page's own CSS variables, through the
classes that `report.css` names, so that light, dark and paper work. A circle is a pair of label 1, a triangle one of
label 0.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Points = Iterable[tuple[float, float]]

_FLOOR = 50  # y of an axis


def drawing(name: str) -> Markup:
    """One drawing as an SVG element; it is hidden from screen readers, which have the text.

    Args:
        name: A key of `SHAPES`.

    Raises:
        KeyError: There is no such drawing.
    """
    return Markup(  # noqa: S704 - made of the numbers and words below
        f'<svg class="drawing" viewBox="0 0 120 60" aria-hidden="true" focusable="false">{SHAPES[name]}</svg>'
    )


def mark_of_pairs(name: str) -> str:
    """How a drawing shows both labels, which needs a key: by `yes` and `no`, or by `hump-yes` and `hump-no`.

    Returns:
        The class of label 1; empty for a drawing that does not show both labels.
    """
    for yes, no in (("yes", "no"), ("hump-yes", "hump-no")):
        if f'class="{yes}"' in SHAPES[name] and f'class="{no}"' in SHAPES[name]:
            return yes
    return ""


def _yes(*points: tuple[float, float]) -> str:
    return "".join(f'<circle class="yes" cx="{x}" cy="{y}" r="3"/>' for x, y in points)


def _no(*points: tuple[float, float]) -> str:
    return "".join(f'<path class="no" d="M{x - 3.5} {y + 3}h7l-3.5 -6.5z"/>' for x, y in points)


def _path(steps: str, kind: str = "axis") -> str:
    return f'<path class="{kind}" d="{steps}"/>'


def _text(x: float, y: float, words: str) -> str:
    return f'<text x="{x}" y="{y}">{words}</text>'


def _arrow(x: float, to: float, y: float) -> str:
    back = -4 if to > x else 4
    return _path(f"M{x} {y}H{to}m{back} -3L{to} {y}l{back} 3", "line")


def _bar(x: float, y: float, width: float, height: float, kind: str = "fill") -> str:
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}"/>'


def _axis() -> str:
    return _path(f"M4 {_FLOOR}h112")


def _frame() -> str:
    return _path("M34 6v46h50")


def _hump(middle: float, kind: str, half: float = 28) -> str:
    """A bell on the axis."""
    near, far = half * 0.4, half
    return _path(f"M{middle - far} {_FLOOR}C{middle - near} {_FLOOR} {middle - near} 16 {middle} 16"
                 f"S{middle + near} {_FLOOR} {middle + far} {_FLOOR}z", kind)  # fmt: skip


def _interval(x_low: float, x: float, x_high: float, y: float) -> str:
    return _path(f"M{x_low} {y}H{x_high}M{x_low} {y - 3}v6M{x_high} {y - 3}v6", "line") + _bar(x - 2, y - 2, 4, 4)


def _rows(*kinds: str) -> str:
    """A list of pairs, the highest cosine on top: `y` and `n` from top to bottom."""
    marks = (_yes((20, 8 + 9 * i)) if kind == "y" else _no((20, 8 + 9 * i)) for i, kind in enumerate(kinds))
    bars = (_bar(30, 6 + 9 * i, 74 - 12 * i, 4, "faint") for i in range(len(kinds)))
    return "".join((*marks, *bars))


def _counts(*cells: int) -> str:
    """The four counts of a threshold, some of them filled: 0 TP, 1 FN, 2 FP, 3 TN."""
    names = ("TP", "FN", "FP", "TN")
    places = ((30, 4), (62, 4), (30, 31), (62, 31))
    boxes = (_bar(x, y, 29, 24, "strong" if i in cells else "empty") for i, (x, y) in enumerate(places))
    return "".join((*boxes, *(_text(x + 9, y + 15, name) for (x, y), name in zip(places, names, strict=True))))


def _two_humps(low: float, high: float, half: float = 28) -> str:
    return _hump(low, "hump-no", half) + _hump(high, "hump-yes", half) + _axis()


def _threshold(x: float) -> str:
    return _path(f"M{x} 6V{_FLOOR}", "dashed")


_CLOUDS = (
    _yes((22, 18), (30, 12), (34, 22), (26, 28), (38, 14)) + _no((84, 40), (92, 34), (96, 46), (104, 38), (88, 50))
)  # fmt: skip
_TIGHT = _yes((22, 20), (27, 15), (30, 22), (24, 26)) + _no((90, 40), (95, 35), (98, 42), (92, 46))
_ROC = _path("M34 52C36 22 50 10 84 6", "line") + _path("M34 52L84 6", "dashed") + _frame()
_ROC_AREA = _path("M34 52C36 22 50 10 84 6V52z", "faint")
_RISING = _yes((44, 44), (52, 36), (58, 40), (64, 28), (70, 24), (78, 14))
_SLOPE = _path("M36 50L82 10", "line")
_PAGES = _bar(14, 8, 30, 44, "empty") + _bar(76, 8, 30, 44, "empty")

SHAPES: Mapping[str, str] = MappingProxyType(
    {
        "accuracy": _counts(0, 3),
        "alignment": _yes((30, 20), (42, 24))
        + _path("M33 21L39 23", "line")
        + _yes((78, 40), (88, 34))
        + _path("M81 39L85 36", "line"),
        "area": _ROC_AREA + _ROC + _text(56, 44, "area"),
        "audit": _bar(30, 6, 42, 48, "empty")
        + _path("M37 18h28M37 28h28M37 38h18", "axis")
        + _path("M78 36l6 7 14 -18", "line"),
        "base": _bar(14, 14, 34, 24, "faint")
        + _arrow(54, 66, 26)
        + _bar(72, 14, 34, 24)
        + _text(22, 50, "base")
        + _text(76, 50, "trained"),
        "checkpoint": _path("M12 46C30 16 56 10 72 14S100 22 110 24", "line") + _bar(62, 9, 7, 7, "strong") + _axis(),
        "class": _text(4, 12, "same")
        + _yes((70, 9), (82, 9), (94, 9))
        + _text(4, 32, "open")
        + _bar(52, 26, 6, 6)
        + _bar(64, 26, 6, 6)
        + _text(4, 52, "opposite")
        + _no((44, 49), (52, 49)),
        "clusters": _path("M12 20C12 4 46 2 46 20S14 36 12 20z", "faint")
        + _path("M80 40C80 28 108 26 108 42S80 54 80 40z", "faint")
        + _TIGHT
        + _path("M60 14l5 5m0 -5l-5 5M64 48l5 5m0 -5l-5 5"),
        "component": _path("M16 16L34 30L20 46M34 30L50 20M84 18L102 34", "line")
        + "".join(_bar(x - 3, y - 3, 6, 6) for x, y in ((16, 16), (34, 30), (20, 46), (50, 20), (84, 18), (102, 34))),
        "cosine": _path("M14 50L104 40M14 50L78 8", "line")
        + _path("M40 47A26 26 0 0 0 36 36")
        + _text(46, 40, "angle"),
        "cost": _path("M10 12C30 60 66 58 110 20", "line")
        + _path("M54 8V50", "dashed")
        + _axis()
        + _text(58, 14, "cheapest"),
        "curve": _path("M10 8C24 38 50 44 110 46", "dashed")
        + _path("M10 46C26 20 50 14 110 12", "line")
        + _axis()
        + _text(84, 42, "loss"),
        "decision": _path("M60 6V52", "dashed")
        + _interval(70, 86, 102, 16)
        + _interval(46, 62, 80, 31)
        + _interval(14, 28, 44, 46),
        "difference": _yes((30, 40), (30, 28), (30, 14))
        + _bar(87, 29, 6, 6)
        + _bar(87, 17, 6, 6)
        + _bar(87, 7, 6, 6)
        + _path("M34 40L86 32M34 28L86 20M34 14L86 10", "line")
        + _text(16, 57, "before")
        + _text(78, 57, "after"),
        "effect": _two_humps(40, 82, 34) + _path("M40 12H82M40 9v6M82 9v6", "line") + _path("M62 34h40", "dashed"),
        "effective": _bar(14, 14, 14, 10)
        + _bar(14, 28, 14, 10)
        + _bar(14, 42, 14, 10)
        + _arrow(34, 54, 32)
        + _bar(66, 21, 14, 10)
        + _bar(66, 35, 7, 10)
        + _text(86, 36, "= 1.5"),
        "eta": _bar(16, 34, 8, 16)
        + _bar(26, 30, 8, 20)
        + _bar(36, 33, 8, 17)
        + _bar(72, 12, 8, 38)
        + _bar(82, 8, 8, 42)
        + _bar(92, 13, 8, 37)
        + _axis(),
        "false-positive-rate": _counts(2),
        "fingerprint": _bar(10, 10, 26, 36, "empty")
        + _path("M15 20h16M15 28h16M15 36h10")
        + _arrow(42, 56, 28)
        + _text(62, 31, "9f3a 07c1"),
        "fixed": _no((30, 14), (90, 46)) + _yes((90, 14), (30, 46)) + _arrow(38, 78, 14) + _arrow(38, 78, 46),
        "forgetting": _bar(20, 30, 14, 20, "faint")
        + _bar(36, 12, 14, 38)
        + _bar(74, 16, 14, 34, "faint")
        + _bar(90, 19, 14, 31)
        + _axis()
        + _text(18, 58, "your pairs")
        + _text(76, 58, "others"),
        "grade": _bar(18, 38, 12, 12, "faint")
        + _bar(38, 30, 12, 20, "faint")
        + _bar(58, 22, 12, 28, "faint")
        + _bar(78, 12, 12, 38, "faint")
        + _path("M24 34L44 26L64 18L84 8", "line")
        + _axis(),
        "histogram": _two_humps(44, 78),
        "interval": _axis() + _interval(38, 64, 92, 26) + _path("M28 8V50", "dashed"),
        "intervals": _path("M60 4V54", "dashed")
        + _interval(46, 62, 78, 10)
        + _interval(40, 54, 70, 22)
        + _interval(50, 66, 84, 34)
        + _interval(66, 80, 96, 46),
        "leakage": _PAGES
        + _path("M20 18h18M20 26h18M20 42h18M82 18h18M82 34h18M82 42h18")
        + _bar(19, 31, 20, 6)
        + _bar(81, 23, 20, 6)
        + _path("M42 34L78 26", "line"),
        "learnability": _bar(16, 16, 20, 34)
        + _bar(50, 34, 20, 16, "faint")
        + _bar(80, 36, 20, 14, "faint")
        + _axis()
        + _text(54, 28, "shuffled"),
        "lora": _bar(14, 8, 44, 44, "faint")
        + _text(22, 33, "frozen")
        + _text(64, 33, "+")
        + _bar(76, 8, 6, 44)
        + _bar(86, 8, 28, 6),
        "map": _CLOUDS,
        "margin": _two_humps(36, 84) + _path("M36 10H84M36 7v6M84 7v6", "line"),
        "missing": _path("M36 14h48v32h-48z", "dashed") + _text(52, 33, "n/a"),
        "mistakes": _counts(1, 2),
        "oracle": _hump(44, "hump-no") + _hump(78, "hump-yes") + _axis() + _threshold(56) + _path("M62 6V50", "line"),
        "overlap": _two_humps(58, 66) + _threshold(46),
        "percentiles": _path("M20 8V52M100 8V52")
        + _path("M20 40L100 16M20 26L100 12", "line")
        + _path("M20 14L100 44", "dashed")
        + _text(6, 58, "before")
        + _text(88, 58, "after"),
        "precision": _counts(0, 2),
        "prompt": _bar(10, 22, 36, 14)
        + _bar(50, 22, 60, 14, "empty")
        + _path("M56 29h44")
        + _text(12, 48, "prompt")
        + _text(66, 48, "text"),
        "rank": _path("M60 30m-44 0a44 14 0 1 0 88 0a44 14 0 1 0 -88 0", "faint")
        + _path("M60 30H102M60 30V17", "line"),
        "recall": _counts(0, 1),
        "reliability": _path("M34 52L84 6", "dashed") + _path("M36 46L48 42L58 26L70 22L82 10", "line") + _frame(),
        "roc": _ROC,
        "scatter": _RISING + _SLOPE + _frame(),
        "seeds": _path("M20 44h80", "dashed")
        + _yes((44, 20), (56, 16), (62, 24), (74, 18), (80, 26))
        + _interval(46, 63, 82, 34),
        "shallow": _bar(12, 12, 40, 12, "empty")
        + _bar(68, 12, 40, 12, "empty")
        + _bar(20, 15, 10, 6)
        + _bar(92, 15, 10, 6)
        + _path("M25 24V38H97V24", "line")
        + _text(44, 50, "same word"),
        "shrunk": _path("M60 6V54", "dashed")
        + _yes((100, 14), (88, 30), (20, 46))
        + _arrow(96, 78, 14)
        + _arrow(84, 72, 30)
        + _arrow(24, 42, 46),
        "slices": _bar(20, 8, 70, 8)
        + _bar(20, 21, 54, 8)
        + _bar(20, 34, 12, 8, "strong")
        + _bar(20, 47, 62, 8)
        + _path("M20 4V58"),
        "sorted": _rows("y", "y", "n", "y", "n", "n"),
        "slopes": _path("M20 12L60 24L100 32", "line")
        + _yes((20, 12), (60, 24), (100, 32))
        + _path("M8 42h104", "dashed")
        + _text(10, 57, "train")
        + _text(54, 57, "test")
        + _text(78, 57, "challenge"),
        "space": _path("M60 30m-24 0a24 24 0 1 0 48 0a24 24 0 1 0 -48 0")
        + _yes((60, 6), (81, 18), (81, 42), (60, 54), (39, 42), (39, 18)),
        "steps": _path("M10 14C24 60 66 60 110 20")
        + _yes((16, 25), (26, 39), (38, 46), (52, 49))
        + _path("M18 29L24 36M29 41L35 45M42 47L48 49", "line"),
        "target": _path("M14 18H108", "dashed")
        + _bar(30, 26, 16, 24, "faint")
        + _bar(64, 12, 16, 38)
        + _axis()
        + _text(88, 14, "target"),
        "third": _RISING + _bar(36, 34, 18, 18, "faint") + _bar(68, 6, 18, 24, "faint") + _frame(),
        "threshold": _two_humps(44, 80) + _threshold(60) + _text(64, 12, "called so"),
        "three-files": _bar(12, 12, 26, 36, "faint")
        + _bar(47, 12, 26, 36, "faint")
        + _bar(82, 12, 26, 36)
        + _text(16, 57, "train")
        + _text(52, 57, "test")
        + _text(78, 57, "challenge"),
        "two-files": _bar(20, 8, 34, 38)
        + _bar(74, 24, 30, 22, "empty")
        + _text(28, 57, "train")
        + _text(82, 57, "test"),
    }
)
