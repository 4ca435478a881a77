"""How often the decision is right, by simulation.

A situation says how good the base model, the candidate and the best shallow baseline really are, on the test pairs and
on the challenge set. Other trainings may stand beside the candidate. In each run the pairs are drawn anew, measured as
the program measures them, and judged.

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
from typing import TYPE_CHECKING, Any, Literal

import click
import numpy as np
from rich.console import Console
from rich.progress import track
from scipy.stats import norm

from src.audit.finding_codes import FindingCode
from src.core.paths import BASELINE, CHALLENGE
from src.evaluation.estimates import estimate, ranking_difference, ranking_metric, scored
from src.evaluation.variance import Sample
from src.metrics import auc_roc
from src.models import (
    CLEAN,
    DEDUPLICATED,
    GENERAL_ENGLISH,
    AuditFinding,
    DataFile,
    DecisionRules,
    Evaluation,
    FindingStatus,
    Geometry,
    GradeScale,
    GroupMetrics,
    GuardDifference,
    ModelSummary,
    Outcome,
    SliceDifference,
    Split,
)
from src.verdict.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CHALLENGE_PAIRS = 256
VALIDATION_PAIRS = 200
SHIPPED_PAIRS = 200
# of two models that were trained from one, and of a model and a shallow baseline
ALIKE, UNLIKE = 0.8, 0.3
RULES = DecisionRules()
_DATA = DataFile(name="pairs.jsonl", sha256="0" * 64, n=0, n_compatible=0)
_GRADED_DATA = _DATA.model_copy(update={"scale": GradeScale(low=-5, high=5)})
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
        others: AUC of further trainings, on the test pairs and on the challenge set.
        chosen: How the candidate was chosen among all trainings: beforehand, or as the best on other pairs.
        guard: Spearman of the base model and of the candidate on a guard with graded labels; None without a guard.
        guard_pairs: Pairs of the guard; 200 are those that ship, which decide only where they fail.
    """

    name: str
    n: int
    base: float
    candidate: float
    shallow: float = 0.6
    challenge: tuple[float, float] = (0.6, 0.7)
    uses: int = 1
    leaked: bool = False
    others: tuple[tuple[float, float], ...] = ()
    chosen: Literal["beforehand", "on validation"] = "beforehand"
    graded: bool = False
    guard: tuple[float, float] | None = None
    guard_pairs: int = SHIPPED_PAIRS
    named: bool = False  # whether the guard was named with `--guard`

    @property
    def on_test(self) -> tuple[float, ...]:
        """AUC on the test pairs of the base model, the first training, the shallow baseline and the other trainings."""
        return self.base, self.candidate, self.shallow, *(auc for auc, _ in self.others)

    @property
    def on_challenge(self) -> tuple[float, ...]:
        """AUC on the challenge set of the base model and all trainings."""
        return *self.challenge, *(auc for _, auc in self.others)

    @property
    def may_ship(self) -> bool:
        """Whether the gain is above the least one, and every guard holds."""
        before, after = self.challenge
        gain = self.candidate - self.base > RULES.min_gain
        holds = (
            after - before >= -RULES.max_loss and after >= (0 if self.graded else 0.5) and self.candidate > self.shallow
        )
        kept = self.guard is None or self.guard[1] - self.guard[0] >= -RULES.max_loss
        return gain and holds and kept and not self.leaked


_EFFECTS = (
    Situation("no effect", 0, 0.8, 0.8),
    Situation("gain of 0.02, the least that counts", 0, 0.8, 0.82),
    Situation("gain of 0.08", 0, 0.8, 0.88),
    Situation("harm", 0, 0.8, 0.78),
    Situation("weak base model", 0, 0.5, 0.85),
    Situation("templates learned: the challenge set is lost", 0, 0.5, 0.95, challenge=(0.5, 0.42)),
    Situation("no better than a shallow baseline", 0, 0.7, 0.85, shallow=0.85),
)
_N = (100, 300, 1_000, 5_000)


_GRADED = (
    Situation("graded labels: no effect", 0, 0.8, 0.8, 0.3, (0.7, 0.75), graded=True),
    Situation("graded labels: gain of 0.02, the least that counts", 0, 0.8, 0.82, 0.3, (0.7, 0.75), graded=True),
    Situation("graded labels: gain of 0.06", 0, 0.8, 0.86, 0.3, (0.7, 0.75), graded=True),
    Situation("graded labels: harm", 0, 0.8, 0.78, 0.3, (0.7, 0.75), graded=True),
)


def situations() -> list[Situation]:
    """All rows of the table."""
    sizes = [replace(effect, n=n) for effect, n in product(_EFFECTS, _N)]
    shared = [replace(effect, n=1_000, uses=10) for effect in _EFFECTS[:4]]
    large = [replace(effect, n=20_000) for effect in _EFFECTS[:2]]
    leaked = [Situation("copies of train, no clean slice", n, 0.6, 0.99, leaked=True) for n in (300, 1_000)]
    control = [
        replace(_EFFECTS[4], name=f"{_EFFECTS[4].name}, worse control arm", n=n, others=((0.45, 0.5),)) for n in _N
    ]
    graded = [replace(effect, n=n) for effect, n in product(_GRADED, (300, 1_400))]
    return [*sizes, *shared, *large, *leaked, *control, *_eight(), *graded, *_guarded()]


def _eight() -> Iterator[Situation]:
    """Eight trainings that are all as good."""
    for effect, chosen, n in product(_EFFECTS[:2], ("beforehand", "on validation"), (300, 1_000)):
        others = 7 * ((effect.candidate, effect.challenge[1]),)
        yield replace(effect, name=f"{effect.name}, 8 models, chosen {chosen}", n=n, others=others, chosen=chosen)


def _guarded() -> Iterator[Situation]:
    """A gain on the test pairs, with and without a loss on pairs of another kind."""
    sizes = (
        ("the guard that ships", SHIPPED_PAIRS, False),
        ("a named guard", SHIPPED_PAIRS, True),
        ("a named guard", 1_400, True),
    )
    for (guard, pairs, named), lost in product(sizes, (0.0, 0.03, 0.06, 0.15)):
        yield replace(
            _EFFECTS[2],
            name=f"gain of 0.08, {guard} of {pairs:,} pairs, loses {lost:g}",
            n=1_000,
            guard=(0.75, 0.75 - lost),
            guard_pairs=pairs,
            named=named,
        )


def outcomes(situation: Situation, runs: int, seed: int = 0) -> Counter[Outcome]:
    """How often each outcome is decided.

    Args:
        situation: The truth.
        runs: How many draws.
        seed: Of the draws.
    """
    rng = np.random.default_rng(seed)
    return Counter(_outcome(rng, situation) for _ in range(runs))


def _outcome(rng: np.random.Generator, of: Situation) -> Outcome:
    models = list(_models(rng, of))
    candidate = models[1 + _chosen(rng, of)].name
    audit = (_copies(of.n),) if of.leaked else ()
    return judge(models, audit, RULES.model_copy(update={"candidate": candidate})).decision.outcome


def _chosen(rng: np.random.Generator, of: Situation) -> int:
    """Place of the candidate among the trainings."""
    if of.chosen == "beforehand":
        return 0
    sample, (_, ours, _, *others) = _drawn(rng, VALIDATION_PAIRS, 1, of.on_test)
    return int(np.argmax([auc_roc(scores, sample.labels) or 0.0 for scores in (ours, *others)]))


def _models(rng: np.random.Generator, of: Situation) -> Iterator[ModelSummary]:
    """The base model, the first training, and the others, measured on pairs that are drawn now."""
    draw = _drawn_graded if of.graded else _drawn
    sample, (base, ours, shallow, *others) = draw(rng, of.n, of.uses, of.on_test)
    there, (base_there, *all_there) = draw(rng, CHALLENGE_PAIRS, 1, of.on_challenge)
    guard = None if of.guard is None else _drawn_graded(rng, of.guard_pairs, 1, of.guard)
    # of copies no pair is left on the clean slice, so that it cannot carry the test
    slice_ = DEDUPLICATED if of.leaked else CLEAN
    yield ModelSummary(name=BASELINE, evaluation=_evaluation(BASELINE, base, sample, base_there, there))
    for place, (scores, scores_there) in enumerate(zip((ours, *others), all_there, strict=True)):
        name = f"training-{place}"
        yield ModelSummary(
            name=name,
            evaluation=_evaluation(name, scores, sample, scores_there, there),
            slice_differences=(
                _difference(slice_, scores, base, sample, (name, BASELINE)),
                _difference(slice_, scores, shallow, sample, (name, "bag_of_words")),
                _difference(CHALLENGE, scores_there, base_there, there, (name, BASELINE)),
            ),
            guards=() if guard is None else (_on_guard(guard, name, named=of.named),),
        )


def _on_guard(drawn: tuple[Sample, tuple[Floats, ...]], name: str, *, named: bool) -> GuardDifference:
    sample, (base, ours) = drawn
    slice_ = "named" if named else GENERAL_ENGLISH
    found = _difference(slice_, ours, base, sample, (name, BASELINE))
    return GuardDifference(**dict(found), shipped=not named)


def _evaluation(name: str, scores: Floats, sample: Sample, scores_there: Floats, there: Sample) -> Evaluation:
    """The fields that a verdict reads."""
    ranking = ranking_metric(sample)
    value, found = (estimate(ranking, scored(values, of)) for values, of in ((scores, sample), (scores_there, there)))
    graded = sample.grades is not None
    data = _GRADED_DATA if graded else _DATA
    fields: dict[str, Any] = {
        "model": name,
        "auc_roc": None if graded else value.value,
        "spearman_correlation": value.value,
        "estimates": (),
        "slices": (
            GroupMetrics(
                name=CHALLENGE,
                n=CHALLENGE_PAIRS,
                n_compatible=there.n_positive,
                auc_roc=None if graded else found.value,
                auc_low=None if graded else found.low,
                auc_high=None if graded else found.high,
                estimates=(found,) if graded else (),
            ),
        ),
        "projection": None,
        "by_category": (),
        "by_pair_type": (),
        "geometry": Geometry(random_pair_cosine=0.1, alignment=1.0, uniformity=-3.0, effective_rank=90.0, n_texts=0),
        "train_data": data,
        "eval_data": data,
        "challenge_data": data,
    }
    return Evaluation.model_construct(**fields)


def _copies(n: int) -> AuditFinding:
    return AuditFinding(
        code=FindingCode.COPIED_PAIRS,
        role=Split.TEST,
        name="eval: copies of train",
        status=FindingStatus.BLOCKER,
        observed=f"{n:,} of {n:,} pairs",
        limit="blocker above 5 %",
        n=n,
        why="their answers were seen in training",
        action="hold other pairs out",
        about_split=True,
    )


def _difference(slice_: str, ours: Floats, others: Floats, sample: Sample, names: tuple[str, str]) -> SliceDifference:
    return SliceDifference(
        slice=slice_,
        n=sample.labels.size,
        n_compatible=sample.n_positive,
        auc_roc=None,
        other_auc_roc=None,
        difference=ranking_difference(ours, others, sample, *names),
    )


def _drawn(rng: np.random.Generator, n: int, uses: int, aucs: tuple[float, ...]) -> tuple[Sample, tuple[Floats, ...]]:
    """Pairs, and the scores of models whose errors are alike, the third one's less so."""
    labels = rng.random(n) < 0.5  # noqa: PLR2004 - a coin
    groups = rng.permutation(n) // uses
    common = _noise(rng, groups, uses)
    alike = (ALIKE, ALIKE, UNLIKE, *[ALIKE] * len(aucs))
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
    return Sample(grades > 0, grades=grades, has_labels=False), tuple(scores)


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
