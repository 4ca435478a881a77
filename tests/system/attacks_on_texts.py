"""Attacks by texts, names and paths, as tables: a new case is one more line.

The numbers are those of the kinds of attack: 4 texts that cost time, 10 values that are quoted, 13b cells of a CSV.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from tests.support.data_files import record

LONG = 100_000
X = "x" * LONG
PAIR = ("boy: i love tea", "girl: no tea for me")

# 4: what a line repeats
UNITS = (
    ".", "<", "&", "a", " ", "\u200b", "'", "-", "0", "!", "\U0001f600", "\u0301",
    "<a", "a.", ". ", "&#", "a'", "()", "http://",
    # from the sentence
    "</a", "<a>", "&#1", "\u2026", "!?", "'n", "n't ", "not", "es", "ee", "_", "_a", "\t", "\u3000", "\u00e3\u0080",
    "1.", "1,", "1e-", "e\u0301", "\u0301\u0316", "a\u0315\u0300\u05ae", "\u0344", "\uff9e\u3099", "\u1100\u1161\u11a8",
    "\ufdfa", "\u0130", "boy:", "\u00df", "\ud7a3", "\U0001f468\u200d",
)  # fmt: skip


class Told(NamedTuple):
    """A command line with a value of 100 kB, which no message may quote whole."""

    name: str
    arguments: tuple[str, ...] = ("evaluate-data",)
    line: str = ""  # of the train file, behind good ones


# 10: values that are too long to be quoted
LONG_VALUES = (
    Told("a training's name", ("train", "--mode", "standard", "--name", X)),
    Told("a model's name", ("evaluate", "--name", X)),
    Told("a name to score with", ("score", *PAIR, "--model", X)),
    # from the sentence
    Told("a command", (X,)),
    Told("an option", (f"--{X}", "status")),
    Told("an option of a command", ("status", f"--{X}")),
    Told("a device", ("--device", X, "status")),
    Told("a seed", ("--seed", "9" * LONG, "status")),
    Told("a seed that is no number", ("--seed", X, "status")),
    Told("a root", ("--root", X, "evaluate-data")),
    Told("a root that is read", ("--root", X, "compare")),
    Told("a root of many folders", ("--root", "folder-10/" * (LONG // 10), "evaluate-data")),
    Told("a data folder", ("--data-dir", X, "evaluate-data")),
    Told("a base model", ("--base-model", X, "baseline")),
    Told("a base model beside missing results", ("--base-model", X, "compare")),
    Told("a file to score", ("score", "--input", X)),
    Told("a text without a speaker", ("score", X, "girl: hi")),
    Told("a text of words", ("score", "x " * (LONG // 2), "girl: hi")),
    Told("a mode", ("train", "--mode", X)),
    Told("a learning rate", ("train", "--mode", "standard", "--learning-rate", "9" * LONG)),
    Told("epochs", ("train", "--mode", "standard", "--epochs", "9" * 4_000)),
    Told("a limit", ("evaluate-data", "--fail-under", X)),
    Told("a third text", ("score", *PAIR, X)),
    Told("a label", line=json.dumps(record(label=X))),
    Told("a list as a label", line=json.dumps(record(label=[X]))),
    Told("a field", line=json.dumps(record(**{X: 1}))),
    Told("a field like another", line=json.dumps(record(**{f"text_{X}": 1})).replace('"text_1"', '"text1"')),
    Told("a field that stands twice", line=f'{{"{X}": 1, "{X}": 2}}'),
    Told("a side", line=json.dumps(record(text_1=X))),
    Told("a category", line=json.dumps(record(category={X: X}))),
    Told("a line that is a text", line=json.dumps(X)),
    Told("control characters", line=json.dumps(record(text_1="\x1b" * LONG))),
)

# 10: folders that a command must name so that it can be pasted
ODD_FOLDERS = (
    b"two\nlines", b"caf\xe9",
    # from the sentence
    b"\nfirst", b"last\n", b"tab\there", b"it's\n", b"back\\slash\n", b"$HOME\n`x`", b"\xff\xfe", b"\xe9'\xe8",
    b"bell\x07", b"\x1b[31m", "a\u2028".encode(), "a\u202e".encode(), "caf\u00e9\n".encode(), b"!history\n", b"a b\n c",
    "a\u00a0".encode(), b"'quoted'", b"\xc3\n\xa9", b"del\x7f", b"-dash\n", "\U0001f600\u200d".encode(),
)  # fmt: skip

# 10: what some reader takes for the end of a line, or a terminal for an order
UNSEEN = (
    "\u2028", "\u2029", "\x85",
    # from the sentence
    "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\r", "\n", "\r\n", "\x7f", "\x9b31m", "\u202e", "\u200b", "\ufeff", "\xad",
    "\U000e0001", "\x1b[2J", "\u2066", "\ufff9",
)  # fmt: skip

MARK, GOOD = b"\xef\xbb\xbf", json.dumps(record()).encode()


class Joined(NamedTuple):
    """The bytes of two files that were joined, and the line at which the second one begins."""

    content: bytes
    line: int


# 10: byte-order marks that do not begin the file
JOINED = (
    Joined(GOOD + b"\n" + MARK + GOOD + b"\n", 2),
    # from the sentence
    Joined(GOOD + MARK + GOOD, 1),
    Joined(MARK + GOOD + b"\n" + MARK + GOOD, 2),
    Joined(MARK + MARK + GOOD, 1),
    Joined(GOOD + b"\r\n" + MARK + GOOD + b"\r\n", 2),
    Joined(GOOD + b"\n\n\n" + MARK + GOOD, 4),
    Joined(GOOD + b"\n" + MARK, 2),
    Joined(GOOD + b"\n" + MARK + b"\n" + GOOD, 2),
    Joined(GOOD + b"\n  " + MARK + GOOD, 2),
    Joined(GOOD + b"\n" + GOOD + b" " + MARK + GOOD, 2),
    Joined(b"\n" + MARK + GOOD, 2),
    Joined(GOOD + b"\n{" + MARK + GOOD[1:], 2),
    Joined(GOOD + b"\n" + json.dumps(record()).encode("utf-16"), 2),
    Joined(GOOD + b"\n\xfe\xff" + json.dumps(record()).encode("utf-16-be"), 2),
    Joined(GOOD + json.dumps(record()).encode("utf-16"), 1),
)

# 10: values of COLUMNS in which a table would have a letter a line
NARROW = ("1", "0", "2", "3", "5", "8", "13", "21", "39", "001", "\uff11", "\u0661")


class CsvCell(NamedTuple):
    """A text of a CSV, and whether a spreadsheet would take it for a formula."""

    text: str
    is_formula: bool


# 13b
CSV_CELLS = (
    *(CsvCell(f"{sign}1+1", is_formula=True) for sign in "=+-@\uff1d\uff0b\uff0d\uff20"),
    *(CsvCell(f"{space}=1+1", is_formula=True) for space in (" ", "\t", "\r", "\n")),
    # from the sentence
    *(CsvCell(f"{sign}1+1", is_formula=True) for sign in "\ufe66\ufe62\ufe63\ufe6b\u207a\u208c\u207b\u2212\ufb29"),
    *(CsvCell(f"{space}\uff1d1+1", is_formula=True) for space in ("\u3000", "\u00a0", "\u200b", "\ufeff", "\u202e")),
    *(CsvCell(f"{space}@SUM(A1)", is_formula=True) for space in ("\u2028", "\x0b", "\x00", "\u180e", "\u115f", "\xad")),
    *(CsvCell(f"{space}tea", is_formula=True) for space in "\t\r\n"),
    CsvCell(" " * LONG + "=1+1", is_formula=True),
    CsvCell(" \t\u3000\uff0bcmd|' /C calc'!A0", is_formula=True),
    CsvCell('=HYPERLINK("http://evil.invalid","x")', is_formula=True),
    *(
        CsvCell(text, is_formula=False)
        for text in ("", " ", "boy: 1+1=2", "1-1", "(=1)", "'=1", '"=1"', "a\t=1", "\u4e00=")
    ),
)
