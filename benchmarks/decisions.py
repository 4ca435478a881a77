"""How often the decision is right, by simulation.

A situation says how good the base model, the candidate and the best shallow baseline really are, on the test pairs and
on the challenge set. In each run the pairs are drawn anew, measured as the program measures them, and decided about.

    python -m benchmarks.decisions [--runs 500] [--only TEXT]

Prints a Markdown table: the share of runs with each outcome. Where the truth is not better than the least gain, or a
guard does not hold in truth, SHIP is an error; it is to stay at 3 % or below.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import click
import numpy as np
from rich.console import Console
from rich.progress import track
from scipy.stats import norm

from src.audit.finding_codes import FindingCode
from src.evaluation.estimates import estimate, ranking_difference, ranking_metric, scored
from src.evaluation.variance import Sample
from src.models import CLEAN, DecisionRules, Outcome
from src.verdict.decision import SPEARMAN, Evidence, Fault, Measured, decide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CHALLENGE_PAIRS = 256
# of two models that were trained from one, and of a model and a shallow baseline
ALIKE, UNLIKE = 0.8, 0.3
RULES = DecisionRules()
console = Console()


@dataclass(frozen=True)
class Situation:
    """The truth.

    Attributes:
        name: For readers.
        n: Test pairs without a text of train.
        base: AUC of the base model on the test pairs; of graded labels Spearman's correlation.
        candidate: That of the candidate.
        shallow: That of the best shallow baseline.
        challenge: That of the base model and of the candidate on the challenge set.
        uses: How many test pairs hold the same text.
        leaked: Whether the test pairs are copies of train, and no clean slice is left.
    """

    name: str
    n: int
    base: float
    candidate: float
    shallow: float = 0.6
    challenge: tuple[float, float] = (0.6, 0.7)
    uses: int = 1
    leaked: bool = False
    graded: bool = False

    @property
    def may_ship(self) -> bool:
        """Whether the gain is above the least one, and every guard holds."""
        before, after = self.challenge
        gain = self.candidate - self.base > RULES.min_gain
        holds = (
            after - before >= -RULES.max_loss and after >= (0 if self.graded else 0.5) and self.candidate > self.shallow
        )
        return gain and holds and not self.leaked


_EFFECTS = (
    Situation("no effect", 0, 0.8, 0.8),
    Situation("gain of 0.02, the least that counts", 0, 0.8, 0.82),
    Situation("gain of 0.08", 0, 0.8, 0.88),
    Situation("harm", 0, 0.8, 0.78),
    Situation("weak base model", 0, 0.5, 0.85),
    Situation("templates learned: the challenge set is lost", 0, 0.5, 0.95, challenge=(0.5, 0.42)),
    Situation("no better than a shallow baseline", 0, 0.7, 0.85, shallow=0.85),
)


_GRADED = (
    Situation("graded labels: no effect", 0, 0.8, 0.8, 0.3, (0.7, 0.75), graded=True),
    Situation("graded labels: gain of 0.02, the least that counts", 0, 0.8, 0.82, 0.3, (0.7, 0.75), graded=True),
    Situation("graded labels: gain of 0.06", 0, 0.8, 0.86, 0.3, (0.7, 0.75), graded=True),
    Situation("graded labels: harm", 0, 0.8, 0.78, 0.3, (0.7, 0.75), graded=True),
)


def situations() -> list[Situation]:
    """All rows of the table."""
    sizes = [replace(effect, n=n) for effect, n in product(_EFFECTS, (100, 300, 1_000, 5_000))]
    shared = [replace(effect, n=1_000, uses=10) for effect in _EFFECTS[:4]]
    large = [replace(effect, n=20_000) for effect in _EFFECTS[:2]]
    leaked = [Situation("copies of train, no clean slice", n, 0.6, 0.99, leaked=True) for n in (300, 1_000)]
    graded = [replace(effect, n=n) for effect, n in product(_GRADED, (300, 1_400))]
    return [*sizes, *shared, *large, *leaked, *graded]


def outcomes(situation: Situation, runs: int, seed: int = 0) -> Counter[Outcome]:
    """How often each outcome is decided.

    Args:
        situation: The truth.
        runs: How many draws.
        seed: Of the draws.
    """
    rng = np.random.default_rng(seed)
    return Counter(decide(_evidence(rng, situation), RULES, "candidate").outcome for _ in range(runs))


def _evidence(rng: np.random.Generator, of: Situation) -> Evidence:
    draw = _drawn_graded if of.graded else _drawn
    sample, (base, ours, shallow) = draw(rng, of.n, of.uses, (of.base, of.candidate, of.shallow))
    there, (base_there, ours_there) = draw(rng, CHALLENGE_PAIRS, 1, of.challenge)
    auc = estimate(ranking_metric(there), scored(ours_there, there))
    rarer = min(there.n_positive, there.n_negative)
    on_challenge = Measured("challenge", CHALLENGE_PAIRS, rarer, auc.value, auc.low, auc.high, score=auc.value)
    faults = (Fault(FindingCode.COPIED_PAIRS, frozenset({CLEAN})),) if of.leaked else ()
    # of copies no pair is left on the clean slice, so that it cannot carry the test
    slice_ = "deduplicated" if of.leaked else CLEAN
    return Evidence(
        gains=(_difference(slice_, ours, base, sample, "baseline"),),
        shallow=(_difference(slice_, ours, shallow, sample, "bag_of_words"),),
        challenge_change=_difference("challenge", ours_there, base_there, there, "baseline"),
        challenge_auc=on_challenge,
        faults=faults,
        metric=SPEARMAN if of.graded else "auc_roc",
    )


def _difference(slice_: str, ours: Floats, others: Floats, sample: Sample, against: str) -> Measured:
    found = ranking_difference(ours, others, sample, "candidate", against)
    n, rarer = sample.labels.size, min(sample.n_positive, sample.n_negative)
    return Measured(slice_, n, rarer, found.value, found.low, found.high, against=against)


def _drawn(rng: np.random.Generator, n: int, uses: int, aucs: tuple[float, ...]) -> tuple[Sample, tuple[Floats, ...]]:
    """Pairs, and the scores of models whose errors are alike, the last of three less so."""
    labels = rng.random(n) < 0.5  # noqa: PLR2004 - a coin
    groups = rng.permutation(n) // uses
    common = _noise(rng, groups, uses)
    alike = (ALIKE, ALIKE, UNLIKE)
    scores = tuple(
        math.sqrt(share) * common + math.sqrt(1 - share) * _noise(rng, groups, uses) + labels * _apart(auc)
        for auc, share in zip(aucs, alike, strict=False)
    )
    texts = None if uses == 1 else np.stack([groups, groups.max() + 1 + np.arange(n)], axis=1)
    return Sample(labels, texts), scores


def _drawn_graded(
    rng: np.random.Generator, n: int, uses: int, spearmans: tuple[float, ...]
) -> tuple[Sample, tuple[Floats, ...]]:
    """Pairs with normal grades, and the scores of models whose errors are alike, the last of three less so."""
    grades, groups = rng.standard_normal(n), rng.permutation(n) // uses
    common, scores = _noise(rng, groups, uses), []
    for spearman, share in zip(spearmans, (ALIKE, ALIKE, UNLIKE), strict=False):
        r = 2 * math.sin(math.pi * spearman / 6)  # of normal variables (Pearson 1907)
        noise = math.sqrt(share) * common + math.sqrt(1 - share) * _noise(rng, groups, uses)
        scores.append(r * grades + math.sqrt(1 - r * r) * noise)
    return Sample(grades > 0, None, grades, has_labels=False), tuple(scores)


def _noise(rng: np.random.Generator, groups: NDArray[np.int64], uses: int) -> Floats:
    own = rng.standard_normal(groups.size)
    if uses == 1:
        return own
    of_text = rng.standard_normal(int(groups.max()) + 1)[groups]
    return math.sqrt(0.4) * of_text + math.sqrt(0.6) * own


def _apart(auc: float) -> float:
    return float(norm.ppf(auc)) * math.sqrt(2)


@click.command()
@click.option("--runs", type=int, default=500, show_default=True, help="Draws of each situation.")
@click.option("--only", default="", help="Only situations whose name holds this.")
def main(runs: int, only: str) -> None:
    """Simulate, and print the table."""
    write = partial(console.print, soft_wrap=True, markup=False, highlight=False)
    write(f"| situation | pairs | may ship | {' | '.join(outcome.value for outcome in Outcome)} |")
    write("|---" * (3 + len(Outcome)) + "|")
    wanted = [situation for situation in situations() if only in situation.name]
    for situation in track(wanted, console=Console(stderr=True), description="situations"):
        found = outcomes(situation, runs)
        shares = " | ".join(f"{found[outcome] / runs:.1%}" for outcome in Outcome)
        shared = f", {situation.uses} a text" if situation.uses > 1 else ""
        write(f"| {situation.name} | {situation.n:,}{shared} | {'yes' if situation.may_ship else 'no'} | {shares} |")


if __name__ == "__main__":
    main()
