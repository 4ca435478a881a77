"""Small data files for tests; every text is made here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TOPICS = {
    "lifestyle": ("quiet mornings", "late parties", "long runs", "slow cooking"),
    "interests": ("old films", "board games", "city trips", "garden work"),
    "values": ("honest talk", "close family", "saving money", "shared faith"),
}
VERBS = ("love", "need", "seek", "enjoy", "avoid", "fear", "skip", "hate")


def record(**changes: object) -> dict[str, Any]:
    """One valid record, with some fields changed."""
    return {
        "text_1": "boy: I like tea",
        "text_2": "girl: tea is fine",
        "label": 1,
        "category": "interests",
        "subcategory": "drinks",
        "pair_type": "compatible",
    } | changes


def records(n: int, salt: str) -> list[dict[str, Any]]:
    """N records, labels in turn, all texts different; `salt` keeps two files apart."""
    made = []
    categories = list(TOPICS)
    for i in range(n):
        category = categories[i // 2 % len(categories)]
        first, second = (TOPICS[category][(i + k) % 4] for k in (0, 1))
        label = i % 2
        made.append(
            record(
                text_1=f"boy: i {VERBS[i % 8]} {first} {salt}{i}",
                text_2=f"girl: we {VERBS[(i + 4 * (1 - label)) % 8]} {second} {salt}{i}",
                label=label,
                category=category,
                subcategory="group a" if i % 4 < 2 else "group b",
                pair_type="compatible" if label else "incompatible",
            )
        )
    return made


def write_jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """Write records, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_data(folder: Path) -> None:
    """Write a whole data folder."""
    write_jsonl(folder / "dating_pairs.jsonl", records(48, "t"))
    write_jsonl(folder / "eval_pairs.jsonl", records(24, "e"))
    write_jsonl(folder / "challenge_pairs.jsonl", records(16, "c"))
