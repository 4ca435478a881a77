"""Buttons that explain a word where a page uses it first, and the explanations that they open.

A button opens an HTML popover: no script, the keyboard and touch work, and on paper all explanations stand at the end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from .drawings import drawing, mark_of_pairs
from .terms import TERMS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..evaluation.metric_registry import Metric
    from ..models import Words
    from .terms import Term

_BY_WORD = {word: term for term in TERMS for word in term.words}
_BY_WORD |= {word[:1].upper() + word[1:]: term for word, term in _BY_WORD.items()}
_BY_CHART = {name: term for term in TERMS for name in term.charts}
_BY_METRIC = {name: term for term in TERMS for name in term.metrics}
# no word has a sign that means something in a pattern; "oracle threshold" is not a use of "threshold"
_USES = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(_BY_WORD, key=len, reverse=True))})(?!\w)")
_KEYS = {
    "yes": "Circles are {positive} pairs, triangles {negative} ones.",
    "hump-yes": "The hump with the dashed outline is {negative} pairs, the other one {positive} pairs.",
}
_ALWAYS = ("Cosine", "Intervals", "n/a")


class Explained:
    """Which terms one page has used so far, in their order.

    Attributes:
        methods: Name of a metric to how its interval is made.
    """

    def __init__(self, words: Words, seed: int, metrics: Iterable[Metric]) -> None:
        """Begin a page.

        Args:
            words: Of the data.
            seed: Of the maps.
            metrics: Those that the page is about; they are explained even where no heading names them.
        """
        self._words, self._seed = words, seed
        self._methods = {metric.name: metric.method for metric in metrics if metric.method}
        self._needed = [_BY_METRIC[metric.name] for metric in metrics]
        self._used: dict[str, Term] = {}

    def first_uses(self, text: str) -> Markup:
        """A text of the page, escaped, with a button behind each term that the page has not used before.

        Args:
            text: Such as a heading or a note.
        """
        parts, end = [], 0
        for found in _USES.finditer(text):
            term = _BY_WORD[found.group()]
            if term.name not in self._used:
                last_word = found.start() + found.group().rfind(" ") + 1
                parts += [escape(text[end:last_word]), self._with_button(found.string[last_word : found.end()], term)]
                end = found.end()
        return Markup("").join([*parts, escape(text[end:])])

    def of_chart(self, name: str) -> Markup:
        """The button of a chart, empty for a chart without an explanation.

        Args:
            name: `Chart.name`.
        """
        return self._button(_BY_CHART[name]) if name in _BY_CHART else Markup("")

    def terms(self) -> list[Term]:
        """The terms of the page by name; to be asked when all else is drawn."""
        always = [term for term in TERMS if term.name in _ALWAYS]
        found = {term.name: term for term in (*self._used.values(), *self._needed, *always)}
        return [found[name] for name in sorted(found, key=str.casefold)]

    def button(self, term: Term) -> Markup:
        """A button with the term's name on it."""
        return Markup('<button type="button" class="term-name" popovertarget="{}">{}</button>').format(
            term_id(term), term.name
        )

    def text(self, term: Term) -> str:
        """The two sentences."""
        return self._words.fill(term.text)

    def good(self, term: Term) -> str:
        """What is good, as a sentence."""
        return f"Good here means {self._words.fill(term.good)}."

    def details(self, term: Term) -> list[str]:
        """What only some readers want: the key of the drawing, the formula, how the interval is made."""
        methods = dict.fromkeys(self._methods[name] for name in term.metrics if name in self._methods)
        exactly = self._words.fill(term.exactly).replace("{seed}", str(self._seed))
        key = self._words.fill(_KEYS.get(mark_of_pairs(term.drawing), ""))
        return [line for line in (key, exactly, *(f"Interval: {method}." for method in methods)) if line]

    def drawing(self, term: Term) -> Markup:
        """The drawing."""
        return drawing(term.drawing)

    def _with_button(self, word: str, term: Term) -> Markup:
        """A word and its button, which no end of a line comes between."""
        return Markup('<span class="first-use">{}{}</span>').format(word, self._button(term))

    def _button(self, term: Term) -> Markup:
        self._used[term.name] = term
        return Markup(
            '<button type="button" class="explain" popovertarget="{}" aria-label="What is {}?"></button>'
        ).format(term_id(term), term.name)


def term_id(term: Term) -> str:
    """The id of an explanation on a page."""
    plain = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in term.name.lower())
    return "-".join(["term", *plain.split()])
