"""How many steps a search takes, so that a slow pattern is found without a clock.

`re` does not tell its steps. `Search` takes a pattern as `re` parsed it and tries the same ways in the same order. It
has none of the short cuts of `re`, which only save steps.
"""

from __future__ import annotations

import re
import sys
from itertools import product
from re import _constants as op  # type: ignore[attr-defined] # nothing public tells what a pattern is made of
from re import _parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Then = Callable[[int], int | None]  # what has to match from a place on: its end, or None

UNITS = 8
_MOST_UNITS = 100
_MOST_STEPS = 20_000
_DEPTH = 5_000
_MOST_SAMPLES = 12
_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_SINGLE = (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN)
# for the parts of a pattern that take more than one character
_PLAIN = "a0 .!_<\n"


def is_linear(pattern: str) -> bool:
    """Whether a search of all matches takes steps that grow with the length of the text alone, as far as units tell.

    The texts repeat what a repeat of the pattern takes, in pairs of characters, and what the pattern begins with.
    """
    repeated = sorted(set(_repeated(pattern)))
    stops = [char for char in _PLAIN if char not in repeated][:1]
    units = {"".join(pair) for pair in product(repeated, repeated)} | set(_beginnings(pattern))
    return not any(steps_grow(pattern, unit, end) for unit in units for end in ("", *stops))


def steps_grow(pattern: str, unit: str, end: str = "") -> bool:
    """Whether the third eight units take more steps than the second; a few more may come of where matches end."""
    if not any(_parts(_parser.parse(pattern), inside=False)):
        return False  # at each place a few steps at most
    first, second, third = (Search(pattern, unit * n + end).steps for n in (UNITS, 2 * UNITS, 3 * UNITS))
    return third >= _MOST_STEPS or third - second >= second - first + UNITS


# --- steps ----------------------------------------------------------------------------------------------


class Search:
    """All matches of a pattern in a text.

    Attributes:
        spans: Start and end of each match, as `re.finditer` has them.
        steps: How often a part of the pattern was tried; the search ends after 20,000.
    """

    def __init__(self, pattern: str, text: str) -> None:
        self.text, self.steps = text, 0
        self.spans: list[tuple[int, int]] = []
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(_DEPTH)  # a repeat of a group goes deeper with each time
        try:
            self._search(list(_parser.parse(pattern)))
        finally:
            sys.setrecursionlimit(limit)

    def _search(self, tree: list[Any]) -> None:
        place, nonempty = 0, False
        while place <= len(self.text) and self.steps < _MOST_STEPS:
            # behind an empty match there is no other one at the same place
            end = self._match(tree, place, _not_at(place) if nonempty else _itself)
            if end is None:
                place, nonempty = place + 1, False
                continue
            self.spans.append((place, end))
            place, nonempty = (end, False) if end > place else (place, True)

    def _match(self, tree: list[Any], place: int, then: Then) -> int | None:
        if not tree:
            return then(place)
        self.steps += 1
        if self.steps > _MOST_STEPS:
            return None
        (kind, value), rest = tree[0], tree[1:]
        return self._part(kind, value, place, lambda end: self._match(rest, end, then))

    def _part(self, kind: Any, value: Any, place: int, then: Then) -> int | None:
        if kind in _REPEATS:
            return self._repeat(kind, value, place, then)
        if kind is op.BRANCH:
            return _first(self._match(list(way), place, then) for way in value[1])
        if kind is op.SUBPATTERN:
            return self._match(list(value[3]), place, then)
        if kind is op.ATOMIC_GROUP:
            return _go_on(self._match(list(value), place, _itself), then)
        if kind in (op.ASSERT, op.ASSERT_NOT):
            return then(place) if self._look(value, place) == (kind is op.ASSERT) else None
        if kind is op.AT:
            return then(place) if self._at(value, place) else None
        return then(place + 1) if self._takes(kind, value, place) else None

    def _takes(self, kind: Any, value: Any, place: int) -> bool:
        return place < len(self.text) and _fits(kind, value, self.text[place])

    def _repeat(self, kind: Any, value: Any, place: int, then: Then) -> int | None:
        least, most, body = value
        if len(body) == 1 and body[0][0] in _SINGLE:
            return self._run(kind, value, place, then)
        leave: Then = _itself if kind is op.POSSESSIVE_REPEAT else then

        def again(done: int, start: int) -> int | None:
            def once_more() -> Iterator[int | None]:
                if done < most:
                    yield self._match(list(body), start, lambda end: again(done + 1, end) if end > start else None)

            def enough() -> Iterator[int | None]:
                if done >= least:
                    yield leave(start)

            ways = (enough, once_more) if kind is op.MIN_REPEAT else (once_more, enough)
            return _first(end for way in ways for end in way())

        end = again(0, place)
        return _go_on(end, then) if kind is op.POSSESSIVE_REPEAT else end

    def _run(self, kind: Any, value: Any, place: int, then: Then) -> int | None:
        """A repeat of one character, without recursion."""
        (least, most, ((of, what),)), end = value, place
        while end - place < most and self._takes(of, what, end):
            end += 1
        self.steps += end - place
        if end - place < least:
            return None
        if kind is op.POSSESSIVE_REPEAT:
            return then(end)
        ends = range(place + least, end + 1)
        return _first(map(then, ends if kind is op.MIN_REPEAT else reversed(ends)))

    def _look(self, value: Any, place: int) -> bool:
        direction, body = value
        start = place if direction > 0 else place - body.getwidth()[0]
        return start >= 0 and self._match(list(body), start, _itself) is not None

    def _at(self, where: Any, place: int) -> bool:
        if where in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            return place == 0
        if where is op.AT_END:
            return self.text[place:] in ("", "\n")
        if where is op.AT_END_STRING:
            return place == len(self.text)
        words = [re.match(r"\w", self.text[max(at, 0) : at + 1]) is not None for at in (place - 1, place)]
        return (words[0] != words[1]) == (where is op.AT_BOUNDARY)


def _itself(end: int) -> int:
    return end


def _not_at(place: int) -> Then:
    return lambda end: end if end > place else None


def _go_on(end: int | None, then: Then) -> int | None:
    return None if end is None else then(end)


def _first(ends: Iterable[int | None]) -> int | None:
    return next((end for end in ends if end is not None), None)


def _fits(kind: Any, value: Any, char: str) -> bool:
    if kind is op.LITERAL:
        return bool(ord(char) == value)
    if kind is op.NOT_LITERAL:
        return bool(ord(char) != value)
    if kind is op.ANY:
        return char != "\n"
    if kind is op.RANGE:
        return bool(value[0] <= ord(char) <= value[1])
    if kind is op.CATEGORY:
        return re.match(_CATEGORIES[value], char) is not None
    if kind is op.IN:
        negated = value[0][0] is op.NEGATE
        return any(_fits(of, what, char) for of, what in value[negated:]) != negated
    raise NotImplementedError(f"{kind}: teach this matcher what it is")


# --- texts ----------------------------------------------------------------------------------------------


def _repeated(pattern: str) -> Iterator[str]:
    """A character of each kind that some repeat without a small bound takes."""
    chars = sorted(set(_PLAIN) | set(_characters(_parser.parse(pattern))))
    for kind, value in _parts(_parser.parse(pattern), inside=False):
        yield from (char for char in chars if _fits(kind, value, char))


def _parts(tree: Any, *, inside: bool) -> Iterator[Any]:
    """The parts of a pattern that take one character, of those that stand in a repeat without a small bound."""
    for kind, value in tree:
        if kind in _SINGLE:
            if inside:
                yield kind, value
            continue
        within = inside or (kind in _REPEATS and value[1] > _MOST_UNITS)
        for below in _subpatterns(value):
            yield from _parts(below, inside=within)


def _subpatterns(value: Any) -> Iterator[Any]:
    if isinstance(value, _parser.SubPattern):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _subpatterns(part)


def _characters(tree: Any) -> Iterator[str]:
    """The characters that a pattern names."""
    for part in tree:
        kind, value = part if isinstance(part, tuple) else (None, part)
        if kind in (op.LITERAL, op.NOT_LITERAL):
            yield chr(value)
        elif kind is op.RANGE:
            yield chr(value[1])
        elif isinstance(value, (list, tuple, _parser.SubPattern)):
            yield from _characters(value)


def _beginnings(pattern: str) -> Iterator[str]:
    """Beginnings of texts that match, with each repeat as short as it may be, and once."""
    chars = [*_PLAIN, *_characters(_parser.parse(pattern))]
    for sample in _samples(list(_parser.parse(pattern)), chars):
        yield from (sample[:end] for end in range(1, len(sample) + 1))


def _samples(tree: list[Any], chars: list[str]) -> list[str]:
    samples = [""]
    for kind, value in tree:
        ways = _ways(kind, value, chars)
        samples = [before + way for before, way in product(samples, ways)][:_MOST_SAMPLES]
    return samples


def _ways(kind: Any, value: Any, chars: list[str]) -> list[str]:
    if kind in _SINGLE:
        return [char for char in chars if _fits(kind, value, char)][:1]
    if kind in _REPEATS:
        once = _samples(list(value[2]), chars)
        return [text * times for text in once for times in {value[0], max(value[0], 1)}]
    if kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
        return [""]
    return [way for below in _subpatterns(value) for way in _samples(list(below), chars)]
