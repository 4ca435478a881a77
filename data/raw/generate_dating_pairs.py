"""Draws dating_pairs.jsonl and eval_pairs.jsonl from the hand-written statement bank, byte for byte the same each time.

A reference script, no stage of the pipeline: `python data/raw/generate_dating_pairs.py [FOLDER]`.
The rules that give each label are told in docs/data-card.md.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

HERE = Path(__file__).parent
SEED = 42
CANDIDATES = 200

# topics that train never mentions
UNSEEN = frozenset(
    {
        "background_noise_tv",
        "dogs_in_the_home",
        "forgiveness_and_second_chances",
        "guns_at_home",
        "home_cooking",
        "honesty_even_when_it_hurts",
        "hunting",
        "karaoke",
        "meat_eating",
        "motorbikes",
        "museums",
        "public_affection",
        "punctuality",
        "reading_quietly_together",
        "slow_sundays",
        "tattoos",
        "vaping",
        "wanting_children",
        "winter_sports",
    }
)
# topics whose statements are divided: some for train alone, some for eval alone
DIVIDED = frozenset(
    {
        "board_games",
        "camping",
        "cats_in_the_home",
        "city_centre_living",
        "closeness_to_parents",
        "dancing",
        "debt",
        "early_mornings",
        "environmental_living",
        "frugal_spending",
        "gambling",
        "hiking",
        "large_family_vs_small_circle",
        "living_near_family",
        "marriage",
        "monogamy",
        "moving_abroad",
        "night_shifts_or_night_owl_life",
        "saving_for_the_future",
        "smoking",
        "tidy_home",
    }
)
AGREE = (("for", "for"), ("against", "against"))
CLASH = (("for", "against"),)
REFUSED = (("demand", "disclosure"), ("demand", "for"))
UNTOUCHED = (("demand", "against"),)
SHARED_HABIT = (("disclosure", "disclosure"), ("disclosure", "for"))

# pair type, label, what it is drawn by, how many in train and in eval
PLAN = (
    ("compatible", 1, "agree", 240, 60),
    ("subtle_mismatch", 1, "untouched", 85, 21),
    ("subtle_mismatch", 1, "shared_habit", 60, 14),
    ("subtle_mismatch", 1, "related_fit", 25, 7),
    ("subtle_mismatch", 1, "aside_agree", 20, 5),
    ("subtle_mismatch", 0, "related_clash", 15, 1),
    ("subtle_mismatch", 0, "aside_clash", 25, 2),
    ("dealbreaker", 0, "refused", 180, 45),
    ("incompatible", 0, "clash", 150, 38),
    ("incompatible", 0, "related_clash", 30, 7),
    ("llm_judged_compatible", 1, "twice_agree", 134, 32),
    ("llm_judged_incompatible", 0, "twice_clash", 106, 28),
    ("complex_compatible", 1, "both_agree", 63, 18),
    ("complex_incompatible", 0, "both_clash", 57, 12),
)


class Statement(NamedTuple):
    """One line of the bank."""

    topic: str
    domain: str
    stance: str
    text: str


class Draft(NamedTuple):
    """The statements of the two sides of a pair."""

    left: tuple[Statement, ...]
    right: tuple[Statement, ...]


@dataclass
class Pool:
    """The statements that one file, or one part of it, may draw on, and how often each was used with each label."""

    statements: list[Statement]
    relations: list[dict[str, str | int]]
    rng: random.Random
    used: dict[int, Counter[Statement]] = field(default_factory=lambda: {0: Counter(), 1: Counter()})
    seen: set[frozenset[tuple[Statement, ...]]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.by_stance: dict[tuple[str, str], list[Statement]] = defaultdict(list)
        for statement in self.statements:
            self.by_stance[statement.topic, statement.stance].append(statement)
        self.topics = sorted({statement.topic for statement in self.statements})

    def draw(self, kind: str, label: int) -> Draft | None:
        """The candidate that keeps its statements' two counts closest together; None when none is left."""
        source = KINDS[kind]
        candidates = list(itertools.islice(filter(self._is_new, source(self)), CANDIDATES))
        if not candidates:
            return None
        best = min(candidates, key=lambda draft: self._cost(draft, label))
        for statement in (*best.left, *best.right):
            self.used[label][statement] += 1
        self.seen.add(frozenset((best.left, best.right)))
        return best

    def _is_new(self, draft: Draft) -> bool:
        return draft.left != draft.right and frozenset((draft.left, draft.right)) not in self.seen

    def _cost(self, draft: Draft, label: int) -> float:
        same, other = self.used[label], self.used[1 - label]
        ahead = {s: same[s] + 1 - other[s] for s in (*draft.left, *draft.right)}
        # squared, so that two statements one ahead are better than one that is two ahead
        return sum(4 * n * abs(n) + same[s] + other[s] for s, n in ahead.items())

    def one_of(self, topic: str, stance: str) -> Statement | None:
        """A random statement, None when the topic has none of this stance."""
        return self.rng.choice(found) if (found := self.by_stance[topic, stance]) else None

    def two_sides(self, stances: Iterable[tuple[str, str]], topic: str) -> tuple[Statement, Statement] | None:
        """Two different statements of one topic with one of these pairs of stances, in either order."""
        first, second = self.rng.choice(list(stances))
        sides = self.one_of(topic, first), self.one_of(topic, second)
        if sides[0] is None or sides[1] is None or sides[0] == sides[1]:
            return None
        return (sides[0], sides[1]) if self.rng.random() < 0.5 else (sides[1], sides[0])


def _single(stances: tuple[tuple[str, str], ...]) -> Callable[[Pool], Iterator[Draft]]:
    def drafts(pool: Pool) -> Iterator[Draft]:
        for _ in range(100 * CANDIDATES):
            if sides := pool.two_sides(stances, pool.rng.choice(pool.topics)):
                yield Draft((sides[0],), (sides[1],))

    return drafts


def _related(label: int) -> Callable[[Pool], Iterator[Draft]]:
    def drafts(pool: Pool) -> Iterator[Draft]:
        relations = [relation for relation in pool.relations if relation["label"] == label]
        for _ in range(100 * CANDIDATES):
            relation = pool.rng.choice(relations)
            sides = [pool.one_of(str(relation[f"topic_{k}"]), str(relation[f"stance_{k}"])) for k in (1, 2)]
            pool.rng.shuffle(sides)
            if sides[0] is not None and sides[1] is not None:
                yield Draft((sides[0],), (sides[1],))

    return drafts


def _aside(stances: tuple[tuple[str, str], ...]) -> Callable[[Pool], Iterator[Draft]]:
    """One side says something about the topic before it says what it wants."""

    def drafts(pool: Pool) -> Iterator[Draft]:
        for _ in range(100 * CANDIDATES):
            topic = pool.rng.choice(pool.topics)
            sides, aside = pool.two_sides(stances, topic), pool.one_of(topic, "mention")
            if sides and aside:
                yield Draft((sides[0],), (aside, sides[1]))

    return drafts


def _two_topics(
    first: tuple[tuple[str, str], ...], second: tuple[tuple[str, str], ...]
) -> Callable[[Pool], Iterator[Draft]]:
    """Both sides speak of the same two topics."""

    def drafts(pool: Pool) -> Iterator[Draft]:
        for _ in range(100 * CANDIDATES):
            topics = pool.rng.sample(pool.topics, 2)
            one, two = pool.two_sides(first, topics[0]), pool.two_sides(second, topics[1])
            if one and two:
                order = pool.rng.sample((0, 1), 2)
                yield Draft(*(tuple((one[side], two[side])[k] for k in order) for side in (0, 1)))

    return drafts


def _said_twice(stances: tuple[tuple[str, str], ...]) -> Callable[[Pool], Iterator[Draft]]:
    """One side says what it wants in two statements, the other in one."""

    def drafts(pool: Pool) -> Iterator[Draft]:
        for _ in range(100 * CANDIDATES):
            topic = pool.rng.choice(pool.topics)
            sides = pool.two_sides(stances, topic)
            more = sides and pool.one_of(topic, sides[1].stance)
            if sides and more and more not in sides:
                draft = Draft((sides[0],), (sides[1], more))
                yield draft if pool.rng.random() < 0.5 else Draft(draft.right, draft.left)

    return drafts


KINDS: dict[str, Callable[[Pool], Iterator[Draft]]] = {
    "agree": _single(AGREE),
    "clash": _single(CLASH),
    "refused": _single(REFUSED),
    "untouched": _single(UNTOUCHED),
    "shared_habit": _single(SHARED_HABIT),
    "related_fit": _related(1),
    "related_clash": _related(0),
    "aside_agree": _aside(AGREE),
    "aside_clash": _aside(CLASH),
    "twice_agree": _said_twice(AGREE),
    "twice_clash": _said_twice(CLASH),
    "both_agree": _two_topics(AGREE, UNTOUCHED),
    "both_clash": _two_topics(CLASH, CLASH),
}


def divide(bank: list[Statement]) -> tuple[list[Statement], list[Statement], list[Statement]]:
    """Statements for train, for eval on topics that train has, and for eval on topics that it has not."""
    train, seen = [], []
    groups = itertools.groupby(
        sorted((s for s in bank if s.topic not in UNSEEN), key=lambda s: (s.topic, s.stance)),
        key=lambda s: (s.topic, s.stance),
    )
    for (topic, _), group in groups:
        statements = list(group)
        train += statements[::2] if topic in DIVIDED else statements
        seen += statements[1::2] if topic in DIVIDED else []
    return train, seen, [s for s in bank if s.topic in UNSEEN]


def to_record(
    draft: Draft, pair_type: str, label: int, speakers: tuple[str, str], domains: dict[str, str]
) -> dict[str, str | int]:
    """A line of a data file; a refusal or a disclosure makes a pair of two statements one about dealbreakers."""
    statements = (*draft.left, *draft.right)
    if len(statements) == 2 and any(s.stance in ("demand", "disclosure") for s in statements):
        named = ["dealbreakers"]
    else:
        named = list(dict.fromkeys(domains[s.topic] for s in statements))
    return {
        "text_1": f"{speakers[0]}: " + " ".join(s.text for s in draft.left),
        "text_2": f"{speakers[1]}: " + " ".join(s.text for s in draft.right),
        "label": label,
        "category": "_and_".join(named),
        "subcategory": "+".join(dict.fromkeys(s.topic for s in statements)),
        "pair_type": pair_type,
    }


def make_file(
    pools: dict[str, Pool],
    column: int,
    realistic: list[dict[str, str | int]],
    domains: dict[str, str],
    rng: random.Random,
) -> list[tuple[dict[str, str | int], str]]:
    """All records of a file with the name of the pool that each was drawn from, in random order."""
    slots = [(pair_type, label, kind) for pair_type, label, kind, *counts in PLAN for _ in range(counts[column])]
    rng.shuffle(slots)
    made = [
        (
            {key: row[key] for key in ("text_1", "text_2", "label")}
            | {"category": "realistic_example", "subcategory": "written", "pair_type": "curated_realistic"},
            "realistic",
        )
        for row in realistic
    ]
    names = list(pools)
    for number, (pair_type, label, kind) in enumerate(slots):
        # the pools take turns; one that has no pair of this kind left hands over
        turns = itertools.chain(names[number % len(names) :], names)
        draft, name = next((draft, name) for name in turns if (draft := pools[name].draw(kind, label)))
        speakers = ("boy", "girl") if rng.random() < 0.5 else ("girl", "boy")
        made.append((to_record(draft, pair_type, label, speakers, domains), name))
    rng.shuffle(made)
    return made


def metadata(records: list[dict[str, str | int]], unseen_rows: list[int] | None) -> dict[str, object]:
    """Counts of a file."""
    types = Counter(str(record["pair_type"]) for record in records)
    facts: dict[str, object] = {
        "total_pairs": len(records),
        "compatible_pairs": sum(int(record["label"]) for record in records),
        "incompatible_pairs": sum(1 - int(record["label"]) for record in records),
        "pairs_by_type": dict(sorted(types.items())),
        "categories_used": sorted({str(record["category"]) for record in records}),
        "random_seed": SEED,
    }
    if unseen_rows is not None:
        facts["topics_not_in_train"] = sorted(UNSEEN)
        facts["rows_on_topics_not_in_train"] = unseen_rows
    return facts


def read_lines(path: Path) -> list[dict[str, str | int]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def generate(folder: Path) -> None:
    """Write the two data files and their metadata into a folder."""
    # a stream of random numbers for each file: a change in one leaves the other as it is
    rngs = [random.Random(f"{SEED} {name}") for name in ("train", "eval")]  # noqa: S311 - draws pairs, keeps no secret
    bank = [Statement(**row) for row in read_lines(HERE / "statement_bank.jsonl")]
    domains = {statement.topic: statement.domain for statement in bank if statement.stance == "for"}
    relations, realistic = read_lines(HERE / "topic_relations.jsonl"), read_lines(HERE / "realistic_pairs.jsonl")
    train, seen, unseen = (
        Pool(statements, relations, rng)
        for statements, rng in zip(divide(bank), (rngs[0], rngs[1], rngs[1]), strict=True)
    )
    splits = (
        ("dating_pairs", {"train": train}, "train"),
        ("eval_pairs", {"unseen": unseen, "seen": seen}, "eval"),
    )
    for column, (name, pools, split) in enumerate(splits):
        made = make_file(pools, column, [row for row in realistic if row["split"] == split], domains, rngs[column])
        records = [record for record, _ in made]
        unseen_rows = [i + 1 for i, (_, pool) in enumerate(made) if pool == "unseen"] if split == "eval" else None
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8", newline="\n")
        facts = json.dumps(metadata(records, unseen_rows), indent=2, ensure_ascii=False) + "\n"
        (folder / f"{name}_metadata.json").write_text(facts, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
