"""Every value that crosses a module border: frozen, checked when built, extra fields refused.

Symbols: N pairs, D = 384 dimensions, cosine in [-1, 1], label 1 = compatible, 0 = incompatible.
A number that is not defined (one class only, a constant column) is None with a reason, never 0.0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime  # noqa: TC003 - Pydantic needs the type when the class is built
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - the same
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from .core.errors import NAME_LIMIT, printable
from .core.option_types import LONGEST_PROMPT
from .core.paths import BASELINE, CHALLENGE, NAME_PATTERN

if TYPE_CHECKING:
    from collections.abc import Sized

    import numpy as np
    from numpy.typing import NDArray

# names of the slices of the eval pairs
ALL = "all"
DEDUPLICATED = "not copied from train"
TEXT_DISJOINT = "no text shared with train"
CLEAN = "no text shared with train, no near-duplicate"
# name of the guard that ships with the project
GENERAL_ENGLISH = "general English"
# where the decision begins: the least gain of AUC, and the largest loss that a guard accepts
MIN_GAIN, MAX_LOSS = 0.02, 0.03
MAX_STEPS = 1_000_000_000
# largest difference of two models' embeddings that are equal but for rounding
UNCHANGED = 1e-5
# what the column of groups is called
GROUP = "group"

Cosine = Annotated[float, Field(ge=-1.0001, le=1.0001)]
Margin = Annotated[float, Field(ge=-2.001, le=2.001)]
Threshold = Annotated[float, Field(ge=-1.001, le=1.001)]
Share = Annotated[float, Field(ge=0, le=1)]
Correlation = Annotated[float, Field(ge=-1, le=1)]
# no count and no number of a result is larger: what is, was not written by this pipeline and could not be drawn
Count = Annotated[int, Field(ge=0, le=10**15)]
Number = Annotated[float, Field(ge=-1e18, le=1e18)]
# not Literal[1], which takes `true` for it
Version = Annotated[int, Field(ge=1, le=1)]
Positive = Annotated[float, Field(ge=0, le=1e18)]
Coordinate = Annotated[float, Field(ge=-1e6, le=1e6)]
Score100 = Annotated[float, Field(ge=0, le=100)]
# not the enumeration itself: a new check of the data must not make every model stale
Code = Annotated[str, Field(pattern=r"^[A-Z]+-\d{3}$", description="one of `audit.finding_codes`")]


class Value(BaseModel):
    """Base of every value: frozen, no unknown fields, no NaN and no infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _of_one_length(*columns: Sized) -> None:
    if len({len(column) for column in columns}) > 1:
        raise ValueError(
            f"columns of {', '.join(str(len(column)) for column in columns)} values; one length is expected"
        )


def _at_most(part: int, whole: int) -> None:
    if part > whole:
        raise ValueError(f"{part} of {whole}")


# --- data -----------------------------------------------------------------------------------------------


class ProfileName(StrEnum):
    """Which kind of data it is."""

    AUTO = "auto"
    DATING = "dating"
    PAIRS = "pairs"


class LabelKind(StrEnum):
    """What the labels of a file are."""

    AUTO = "auto"
    BINARY = "binary"
    GRADED = "graded"
    CLASSES = "classes"


class Words(Value):
    """What the labels and the columns of the data are called; the defaults are those of the dating profile."""

    positive: str = Field(default="compatible", min_length=1, description="label 1")
    negative: str = Field(default="incompatible", min_length=1, description="label 0")
    relation: str = Field(default="compatibility", min_length=1, description="what the label is about")
    category: str = Field(default="category", description="column that groups the pairs; empty where there is none")
    pair_type: str = Field(default="pair_type", description="second such column; empty where there is none")

    ranking: str = Field(
        default="AUC",
        exclude_if=lambda word: word == "AUC",
        description="what says how well a score orders the pairs; left out where it is the AUC",
    )
    challenge: str = Field(
        default="naturally phrased pairs",
        exclude_if=lambda word: word == "naturally phrased pairs",
        description="what the pairs of the challenge set are",
    )

    def fill(self, text: str) -> str:
        """A sentence of ours with these words in place of the names of the fields in braces, such as `{positive}`."""
        for name, word in {**self.model_dump(), "ranking": self.ranking}.items():
            text = text.replace(f"{{{name}}}", word.replace("_", " ") if name in ("category", "pair_type") else word)
        return text


DATING_WORDS = Words()


class GradeScale(Value):
    """The scale of graded labels."""

    low: Number = Field(description="least grade")
    high: Number = Field(description="largest grade")
    positive_at: Number | None = Field(
        default=None, description="grade from which on a pair is positive; None where nobody named one"
    )
    classes: dict[str, Number] = Field(default_factory=dict, description="grade of each class; empty for numbers")

    @property
    def cut(self) -> float:
        """Where the pairs fall in two groups: the grade that was named, else the middle of the scale."""
        return (self.low + self.high) / 2 if self.positive_at is None else self.positive_at

    @property
    def has_cut(self) -> bool:
        """Whether the two groups are labels that somebody named, so that a threshold can be judged by them."""
        return self.positive_at is not None


class DatingPair(Value):
    """One labelled pair, as a line of a data file has it."""

    text_1: str = Field(description="'boy: ...' or 'girl: ...', something after the colon")
    text_2: str = Field(description="'boy: ...' or 'girl: ...', something after the colon")
    label: Annotated[int, Field(strict=True, ge=0, le=1)] = Field(description="1 compatible, 0 incompatible")
    category: str = Field(min_length=1, description="domain of the pair, for example 'values'")
    subcategory: str = Field(min_length=1, description="finer domain, free text")
    pair_type: str = Field(min_length=1, description="how the pair was made, for example 'dealbreaker'")


@dataclass(frozen=True, eq=False)
class PairSet:
    """The N pairs of one file, by column: a million of them fit in memory."""

    path: Path
    sha256: str
    text_1: list[str]
    text_2: list[str]
    labels: NDArray[np.int8]  # (N,), 0 or 1
    lines: NDArray[np.int64]  # (N,), line of each pair in the file, from 1; blank lines count
    category: list[str]
    subcategory: list[str]
    pair_type: list[str]
    groups: list[str] | None = None  # (N,), pairs of one group belong together; None where that is not known
    ids: list[str] | None = None  # (N,), what the user calls the pairs; None where they are known by line alone
    grades: NDArray[np.float64] | None = None  # (N,), what the labels were cut from; None where they are labels
    scale: GradeScale | None = None  # of the grades
    words: Words = DATING_WORDS
    has_speakers: bool = True  # whether each text begins with 'boy:' or 'girl:'
    mapped_sha256: str = ""  # of the file and of what its columns were mapped to; empty where nothing was mapped

    @property
    def slices(self) -> dict[str, list[str]]:
        """The columns that group the pairs, by name; empty where the data has none."""
        columns = {self.words.category: self.category, self.words.pair_type: self.pair_type}
        return {name: column for name, column in columns.items() if name}

    @property
    def has_labels(self) -> bool:
        """Whether the pairs have two labels, given or cut from grades where somebody said."""
        return self.scale is None or self.scale.has_cut

    @property
    def clusters(self) -> dict[str, list[str]]:
        """The columns whose values may be clusters, by name; the first one is taken where none is named."""
        if self.has_speakers:
            return {"subcategory": self.subcategory, **self.slices}
        own = {} if self.groups is None else {GROUP: self.groups}
        return {**own, **self.slices, **own}

    def place(self, row: int) -> str:
        """Where a pair stands, as FILE:LINE, and what the user calls it where that is known."""
        place = f"{self.path.name}:{self.lines[row]}"
        return f"{place} ({printable(self.ids[row], NAME_LIMIT)})" if self.ids and self.ids[row] else place

    @property
    def targets(self) -> NDArray[np.float64]:
        """What a model learns, (N,), 0 to 1: the labels, or the grades on their scale."""
        if self.grades is None or self.scale is None:
            return self.labels.astype(float)
        return (self.grades - self.scale.low) / (self.scale.high - self.scale.low)

    @property
    def content_sha256(self) -> str:
        """Hash of everything that the pairs were made from."""
        return self.mapped_sha256 or self.sha256

    def __len__(self) -> int:
        return len(self.text_1)

    def __getitem__(self, index: int) -> DatingPair:
        return DatingPair(
            text_1=self.text_1[index],
            text_2=self.text_2[index],
            label=int(self.labels[index]),
            category=self.category[index],
            subcategory=self.subcategory[index],
            pair_type=self.pair_type[index],
        )

    def take(self, rows: NDArray[np.intp]) -> PairSet:
        """The pairs at these places, counted from 0, as a set of their own."""
        places = rows.tolist()

        def taken(column: list[str]) -> list[str]:
            return [column[place] for place in places]

        return PairSet(
            path=self.path,
            sha256=self.sha256,
            text_1=taken(self.text_1),
            text_2=taken(self.text_2),
            labels=self.labels[rows],
            lines=self.lines[rows],
            category=taken(self.category),
            subcategory=taken(self.subcategory),
            pair_type=taken(self.pair_type),
            groups=None if self.groups is None else taken(self.groups),
            ids=None if self.ids is None else taken(self.ids),
            grades=None if self.grades is None else self.grades[rows],
            scale=self.scale,
            words=self.words,
            has_speakers=self.has_speakers,
            mapped_sha256=self.mapped_sha256,
        )


class Prompts(Value):
    """What a model reads before each text of a pair."""

    prompt_1: str = Field(default="", max_length=LONGEST_PROMPT, description="before text 1; empty for nothing")
    prompt_2: str = Field(default="", max_length=LONGEST_PROMPT, description="before text 2; empty for nothing")

    def before(self, pairs: PairSet) -> PairSet:
        """The pairs as the model reads them."""
        if self == NO_PROMPTS:
            return pairs
        return replace(
            pairs,
            text_1=[self.prompt_1 + text for text in pairs.text_1],
            text_2=[self.prompt_2 + text for text in pairs.text_2],
        )


NO_PROMPTS = Prompts()


class Split(StrEnum):
    """A part of the data; the value names its artifacts, in which the test pairs are called `eval`."""

    TRAIN = "train"
    TEST = "eval"
    CHALLENGE = "challenge"
    VALIDATION = "validation"  # may choose a checkpoint; no model is measured on it


class SelectOn(StrEnum):
    """Which pairs choose the checkpoint of a training."""

    TEST = "test"
    VALIDATION = "validation"


class ReportTo(StrEnum):
    """Which program shows the curves of a training beside ours."""

    TENSORBOARD = "tensorboard"
    MLFLOW = "mlflow"
    TRACKIO = "trackio"


class FittedOn(StrEnum):
    """Which pairs a calibration was fitted on."""

    TRAIN = "train"
    VALIDATION = "validation"


class DataFile(Value):
    """Which file a result was made from."""

    name: str = Field(description="file name, without folder")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    n: Count = Field(description="number of pairs")
    n_compatible: Count = Field(description="number of pairs with label 1")
    words: Words = Field(
        default=DATING_WORDS,
        exclude_if=lambda words: words == DATING_WORDS,
        description="what its labels and columns are called; left out where they have the dating profile's names",
    )
    scale: GradeScale | None = Field(
        default=None, exclude_if=lambda scale: scale is None, description="of graded labels; left out for two labels"
    )

    @property
    def has_labels(self) -> bool:
        """Whether the pairs have two labels, given or cut from grades where somebody said."""
        return self.scale is None or self.scale.has_cut

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        _at_most(self.n_compatible, self.n)
        return self


# --- where a result comes from --------------------------------------------------------------------------


class Provenance(Value):
    """The one block of a result that may differ between two runs of the same data, recipe and seed."""

    created_at: datetime = Field(description="UTC")
    duration_seconds: Positive
    command: str = Field(description="what was typed, without folders")
    device: str | None = Field(default=None, description="cpu, mps or cuda; None where no model was used")
    python: str
    platform: str = Field(description="system and machine, no host name")
    packages: dict[str, str] = Field(description="package name to version")
    fingerprint: str = Field(description="hash of everything that the result was made from")


class OutputFile(Value):
    """One file that a stage wrote."""

    path: str = Field(description="relative to the root or the folder it is in, with forward slashes")
    size: Count = Field(description="bytes")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @field_validator("path")
    @classmethod
    def _stays_below(cls, path: str) -> str:
        if path.startswith("/") or any(part in ("", "..") for part in path.split("/")):
            raise ValueError("leads out of its folder")
        return path


class RecordProvenance(Value):
    """What differs between two runs of the same data, recipe and seed: results hold the time of their making."""

    outputs: tuple[OutputFile, ...]
    duration_seconds: Positive


class StageRecord(Value):
    """Written last by a stage; without it, or with another fingerprint, the stage counts as not run."""

    schema_version: Version = 1
    stage: str
    fingerprint: str = Field(description="hash of data, options, weights and code that went in")
    inputs: dict[str, str] = Field(description="name of each input to its hash or value; says why a stage is stale")
    provenance: RecordProvenance


class CheckpointMark(Value):
    """Written last into a checkpoint; without it, or with other files than it names, the checkpoint is not used."""

    schema_version: Version = 1
    fingerprint: str = Field(description="hash of everything that goes into the training")
    recipe: str = Field(default="", description="JSON of the recipe, for a message")
    step: Count
    best_step: Count = Field(description="step of the best checkpoint until then")
    files: tuple[OutputFile, ...] = Field(description="every other file of the checkpoint")


class StageState(StrEnum):
    """What `status` says of a stage."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"
    DAMAGED = "damaged"


class StageStatus(Value):
    """One line of `status`."""

    stage: str
    state: StageState
    reason: str = Field(description="empty when fresh")
    command: str = Field(description="what makes it, as typed after the program's name")
    outputs: tuple[str, ...] = ()


# --- a model that was trained elsewhere -----------------------------------------------------------------


class FolderKind(StrEnum):
    """What the folder of a model holds."""

    FULL = "full"
    ADAPTER = "adapter"


class JudgedModel(Value):
    """A model that was trained elsewhere, as its folder was; written as `eval/<name>_judged_model.json`.

    Nothing is known of its training: not on which pairs, nor how its checkpoint was chosen.
    """

    schema_version: Version = 1
    name: str = Field(pattern=NAME_PATTERN)
    kind: FolderKind = Field(description="all weights, or an adapter of the run's base model")
    files_sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of all files that the libraries read")
    weights_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    width: int = Field(ge=1, le=10**6, description="dimensions of an embedding")
    prompt: str = Field(description="what it reads before each text, or before text 1; empty for nothing")
    prompt_2: str | None = Field(
        default=None,
        exclude_if=lambda prompt: prompt is None,
        description="what it reads before text 2; left out where that is the same",
    )
    provenance: Provenance

    @property
    def prompts(self) -> Prompts:
        """What it reads before each text of a pair."""
        return Prompts(prompt_1=self.prompt, prompt_2=self.prompt if self.prompt_2 is None else self.prompt_2)


# --- data quality ---------------------------------------------------------------------------------------


class CheckResult(Value):
    """One check of the data: what was seen, what was expected, how it scores."""

    name: str
    dimension: str
    score: Score100 | None = Field(description="None when the check cannot be decided on this data")
    observed: str = Field(description="what was measured, with its unit")
    limit: str = Field(description="what full marks ask for")
    n: Count = Field(description="how many pairs or texts the check looked at")
    why: str = Field(description="one line: why it matters for training or evaluation")
    reason: str = Field(default="", description="why the check is not applicable")


class DimensionResult(Value):
    """One of the four scored dimensions; its score is the mean of its decidable checks."""

    name: str
    score: Score100 | None
    checks: tuple[CheckResult, ...]


class FindingStatus(StrEnum):
    """How bad a finding of the audit is."""

    OK = "ok"
    NOTE = "note"
    WARN = "warn"
    BLOCKER = "blocker"


class AuditFinding(Value):
    """One finding of the audit of train, eval and the split."""

    code: Code
    role: Split = Field(description="which file it is about; of two compared files, the one whose rows it names")
    name: str = Field(description="role of the file, a colon, what was looked for")
    status: FindingStatus
    observed: str
    limit: str
    n: Count
    why: str
    action: str = Field(description="what to do about it")
    about_split: bool = Field(default=False, description="whether it compares two files")
    rows: tuple[str, ...] = Field(default=(), description="a few places to look at, as FILE:LINE or FILE:LINE (ID)")


class ShallowBaseline(Value):
    """AUC of a classifier on words, length or category. A fine-tuned model must beat it.

    Of graded labels it is the concordance: the share of couples of different grades that are ordered as these are.
    """

    name: str
    auc_roc: Share | None = Field(description="on eval, fitted on train; None when a class is missing")
    auc_low: Share | None = Field(default=None, description="95 % interval, lower end")
    auc_high: Share | None = Field(default=None, description="95 % interval, upper end")
    n: Count
    cv_auc_roc: Share | None = Field(
        default=None, description="on train, cross-validated by components of shared texts"
    )
    challenge_auc_roc: Share | None = Field(default=None, description="on the challenge set, fitted on train")
    reason: str = ""
    cv_reason: str = Field(default="", description="why there is no cross-validated AUC")
    challenge_reason: str = Field(default="", description="why there is no AUC on the challenge set")


class Learnability(Value):
    """Whether the labels of train can be learned: AUC of a linear discriminant, cross-validated by shared texts."""

    seen: str = Field(description="what it looked at: the base embeddings, or character n-grams of the texts")
    auc_roc: Share | None
    auc_low: Share | None = Field(default=None, description="95 % interval, lower end; as wide as with shuffled labels")
    auc_high: Share | None = Field(default=None, description="95 % interval, upper end")
    shuffled_low: Share | None = Field(default=None, description="lowest AUC with labels shuffled 100 times")
    shuffled_high: Share | None = Field(default=None, description="highest AUC with shuffled labels")
    n: Count = Field(description="train pairs that were looked at")
    reason: str = Field(default="", description="why there is no AUC")

    @property
    def beyond_chance(self) -> bool:
        """Whether no shuffled labels gave so high an AUC."""
        return self.auc_roc is not None and self.shuffled_high is not None and self.auc_roc > self.shuffled_high


class DataQuality(Value):
    """Dimensions of one file."""

    file: DataFile
    overall: Score100 | None = Field(description="mean of the dimensions, 0-100")
    dimensions: tuple[DimensionResult, ...]
    reason: str = Field(default="", description="why there is no overall score")


class DataQualityReport(Value):
    """Result of `evaluate-data`."""

    schema_version: Version = 1
    overall: Score100 | None = Field(description="the training file's score, at most 50 where a finding caps it")
    target: Score100 = 60.0
    capped_by: str = Field(default="", description="name of the finding that caps the score, if any")
    train: DataQuality
    eval: DataQuality
    validation: DataQuality | None = Field(
        default=None, exclude_if=lambda found: found is None, description="left out where there is no validation file"
    )
    audit: tuple[AuditFinding, ...]
    trivial_baselines: tuple[ShallowBaseline, ...]
    provenance: Provenance

    @property
    def files(self) -> tuple[DataQuality, ...]:
        """The dimensions of each file: train, eval, and validation if there is such a file."""
        return (self.train, self.eval, *([self.validation] if self.validation else []))


# --- metrics --------------------------------------------------------------------------------------------


class Separation(Value):
    """How far the cosines of the two labels lie apart (metrics 1 and 5)."""

    compatible_mean_cosine: Cosine | None = Field(description="mean cosine of label 1")
    incompatible_mean_cosine: Cosine | None = Field(description="mean cosine of label 0")
    compatibility_margin: Margin | None = Field(description="difference of the two means")
    cohens_d: Number | None = Field(description="margin over the pooled standard deviation")
    t_statistic: Number | None = Field(description="Welch's t")
    p_value: Share | None = Field(description="two-sided, Welch")


class ThresholdMetrics(Value):
    """Confusion at one threshold; a pair is called compatible when its cosine is at least the threshold."""

    threshold: Threshold
    true_positives: Count
    false_positives: Count
    false_negatives: Count
    true_negatives: Count
    accuracy: Share
    precision: Share | None = Field(description="None when nothing is called compatible")
    recall: Share | None = Field(description="None without compatible pairs")
    f1: Share | None
    false_positive_rate: Share | None = Field(description="None without incompatible pairs")


class RocCurve(Value):
    """At most 501 points of a ROC curve, from (0, 0) to (1, 1)."""

    false_positive_rate: tuple[Share, ...] = Field(min_length=2)
    true_positive_rate: tuple[Share, ...]

    @model_validator(mode="after")
    def _columns_agree(self) -> Self:
        _of_one_length(self.false_positive_rate, self.true_positive_rate)
        return self


class RocBand(Value):
    """95 % band of a ROC curve, point by point: limits of the true positive rate at each false positive rate."""

    false_positive_rate: tuple[Share, ...] = Field(min_length=1)
    low: tuple[Share, ...]
    high: tuple[Share, ...]
    method: str = Field(description="how the band was made")

    @model_validator(mode="after")
    def _columns_agree(self) -> Self:
        _of_one_length(self.false_positive_rate, self.low, self.high)
        return self


class Histogram(Value):
    """Cosines by label, counted in equal bins over [-1, 1]."""

    edges: tuple[Threshold, ...] = Field(description="one more than the counts")
    compatible: tuple[Count, ...] = Field(min_length=1)
    incompatible: tuple[Count, ...]

    @model_validator(mode="after")
    def _columns_agree(self) -> Self:
        _of_one_length(self.edges[1:], self.compatible, self.incompatible)
        if any(a >= b for a, b in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("edges: not ascending")
        return self


class Projection(Value):
    """UMAP of the pairs: a point is the concatenation of a pair's two unit-length embeddings (2D -> 2)."""

    indices: tuple[Count, ...] = Field(min_length=1, description="row of each point in the eval file, ascending")
    x: tuple[Coordinate, ...] = Field(description="one a point; UMAP's axes have no unit")
    y: tuple[Coordinate, ...] = Field(description="one a point; UMAP's axes have no unit")
    clusters: tuple[Annotated[int, Field(ge=-1, le=10**9)], ...] = Field(
        description="HDBSCAN label, -1 noise; empty when not clustered"
    )
    n_neighbors: Count = Field(description="UMAP's: how many points make a point's surroundings")
    aligned_to: str | None = Field(default=None, description="model whose map this one started from")
    sampled_from: Count = Field(description="number of pairs that the points were sampled from")

    @model_validator(mode="after")
    def _columns_agree(self) -> Self:
        _of_one_length(self.indices, self.x, self.y, self.clusters or self.indices)
        if any(a >= b for a, b in zip(self.indices, (*self.indices[1:], self.sampled_from), strict=True)):
            raise ValueError(f"indices: not rows of {self.sampled_from} pairs in ascending order")
        return self


class PurityRange(Value):
    """Lowest and highest cluster purity over maps that differ in their seed; no interval."""

    low: Share | None
    high: Share | None
    n_maps: Count = Field(description="maps, each with a seed of its own; one without clusters has no purity")
    reason: str = Field(default="", description="why there is no range")

    @model_validator(mode="after")
    def _ends_agree(self) -> Self:
        if (self.low is None) != (self.high is None) or (self.low or 0.0) > (self.high or 0.0):
            raise ValueError(f"from {self.low} to {self.high}")
        return self


class ClusterSummary(Value):
    """HDBSCAN on the map (metric 3)."""

    cluster_purity: Share | None = Field(description="share of clustered points with their cluster's majority label")
    eta_squared: Share | None = Field(
        default=None,
        exclude_if=lambda found: found is None,
        description="share of the variance of the grades that lies between clusters; of graded labels alone",
    )
    shuffled_eta_squared: Share | None = Field(
        default=None, exclude_if=lambda found: found is None, description="the same under shuffled grades, mean of 200"
    )
    shuffled_purity: Share | None = Field(description="the same under shuffled labels, mean of 200 shuffles")
    n_clusters: Count | None
    noise_ratio: Share | None
    min_cluster_size: Count = Field(description="HDBSCAN's, in points")
    min_samples: Count = Field(description="HDBSCAN's, in points")
    n: Count = Field(description="points that were clustered")
    reason: str = ""
    over_seeds: PurityRange | None = Field(default=None, description="of the purity; None without a map")


class Estimate(Value):
    """A number with its 95 % interval."""

    name: str
    value: Number | None = Field(description="in the unit of the metric that it names")
    low: Number | None = Field(default=None, description="lower end of the interval")
    high: Number | None = Field(default=None, description="upper end of the interval")
    method: str = Field(default="", description="how the interval was made")
    reason: str = ""


class GradeBin(Value):
    """The cosines of pairs with grades in one range."""

    low: Number = Field(description="least grade")
    high: Number = Field(description="largest grade; it belongs to the bin")
    n: Count
    mean: Cosine
    mean_low: Number | None = Field(description="95 % interval of the mean, lower end; None where there is none")
    mean_high: Number | None = Field(description="upper end")
    quantiles: tuple[Cosine, Cosine, Cosine, Cosine, Cosine] = Field(description="5, 25, 50, 75 and 95 %")


class ClassPair(Value):
    """How well the cosine tells two classes apart."""

    upper: str = Field(description="class of the higher grade")
    lower: str = Field(description="class of the lower grade")
    n_upper: Count
    n_lower: Count
    auc_roc: Share | None
    auc_low: Share | None = Field(default=None, description="95 % interval, lower end")
    auc_high: Share | None = Field(default=None, description="95 % interval, upper end")
    reason: str = ""


class GroupMetrics(Value):
    """Metrics of one slice, category or pair type; undefined ones are None with a reason (metric 7)."""

    name: str
    n: Count
    n_compatible: Count
    compatibility_margin: Margin | None = Field(default=None, description="difference of the mean cosines, -2 to 2")
    margin_low: Number | None = Field(default=None, description="lower end of the margin's 95 % interval")
    margin_high: Number | None = Field(default=None, description="upper end")
    cohens_d: Number | None = Field(default=None, description="margin over the pooled standard deviation")
    auc_roc: Share | None = None
    auc_low: Share | None = None
    auc_high: Share | None = None
    spearman_correlation: Correlation | None = None
    estimates: tuple[Estimate, ...] = Field(
        default=(), exclude_if=lambda found: not found, description="of graded labels: their metrics with intervals"
    )
    accuracy: Share | None = Field(default=None, description="at the operating threshold")
    false_positives: Count | None = Field(
        default=None, description="incompatible pairs at or above the operating threshold"
    )
    false_positive_rate: Share | None = None
    false_positive_low: Share | None = Field(default=None, description="lower end of its 95 % interval, Wilson's")
    false_positive_high: Share | None = Field(default=None, description="upper end")
    reason: str = Field(default="", description="why numbers are missing")

    @property
    def ranking(self) -> Estimate:
        """What models are compared by: the AUC, or Spearman's correlation with graded labels."""
        auc = Estimate(name="auc_roc", value=self.auc_roc, low=self.auc_low, high=self.auc_high, reason=self.reason)
        return next((found for found in self.estimates if found.name == "spearman_correlation"), auc)

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        _at_most(self.n_compatible + (self.false_positives or 0), self.n)
        return self


class Geometry(Value):
    """Shape of the space, labels aside (Wang & Isola 2020; Roy & Vetterli 2007)."""

    random_pair_cosine: Cosine | None = Field(description="mean cosine of random pairs of different texts")
    alignment: Positive | None = Field(description="mean squared distance of compatible pairs, 0-4, lower is closer")
    uniformity: Annotated[Number, Field(le=0)] | None = Field(
        description="log mean Gaussian potential, -4 is spread, 0 is collapsed"
    )
    effective_rank: Positive | None = Field(description="exp of the entropy of the singular values, 1 to D")
    n_texts: Count


class ModelChange(Value):
    """What the training did to the embeddings, against the base model's of the same texts."""

    max_abs_difference: Positive = Field(description="largest change of one coordinate of a unit-length embedding")
    mean_cosine_to_base: Cosine = Field(description="mean cosine of a text's embedding before and after")


class Calibration(Value):
    """Logistic regression of the label on the cosine: log-odds of label 1 = intercept + slope x cosine.

    Fitted without a penalty. The slope's 95 % interval is that of the profile likelihood, which takes pairs as
    independent. An end that lies at infinity is None.
    """

    fitted_on: FittedOn
    n: Count = Field(description="pairs that it was fitted on")
    n_compatible: Count
    intercept: Number | None = Field(default=None, description="None without a finite slope")
    slope: Number | None = Field(
        default=None, description="None with one label or one cosine, and where the labels' cosines do not overlap"
    )
    slope_low: Number | None = None
    slope_high: Number | None = None
    separated_at: Threshold | None = Field(
        default=None, description="middle between the labels' cosines where they do not overlap"
    )


class CheckpointSelection(Value):
    """Which pairs chose the checkpoint of a trained model, and what that does to its AUC on the eval pairs."""

    select_on: SelectOn
    from_file: bool = Field(
        default=False,
        exclude_if=lambda found: not found,
        description="whether the pairs of a validation file chose; left out where other pairs did",
    )
    n: Count = Field(description="pairs that chose")
    compared: Count = Field(description="evaluations that were compared")
    recipes: Count | None = Field(
        default=None,
        exclude_if=lambda n: n is None,
        description="recipes that were tried on validation pairs, of which this is the best; left out where none was",
    )
    optimism: Number | None = Field(
        default=None, description="expected excess of the AUC on the eval pairs; None where they chose nothing"
    )


class EcosystemMetrics(Value):
    """Metrics on the eval pairs as the evaluators of sentence-transformers compute and name them."""

    cosine_ap: Share | None = Field(description="average precision")
    cosine_f1: Share | None = Field(description="best F1, at a threshold chosen on these pairs")
    cosine_f1_threshold: Threshold | None
    cosine_accuracy: Share | None = Field(description="best accuracy, at a threshold chosen on these pairs")
    cosine_accuracy_threshold: Threshold | None
    spearman_cosine: Correlation | None = Field(description="with the grades, else with the labels")
    pearson_cosine: Correlation | None = Field(description="with the grades, else with the labels")


class Evaluation(Value):
    """All metrics of one model on the eval pairs; written as `eval/*_metrics.json`.

    The 16 names at the top are the contract with users' own scripts.
    """

    compatible_mean_cosine: Cosine | None
    incompatible_mean_cosine: Cosine | None
    compatibility_margin: Margin | None = Field(description="difference of the two mean cosines, -2 to 2")
    cohens_d: Number | None = Field(description="margin over the pooled standard deviation")
    t_statistic: Number | None = Field(description="Welch's t")
    p_value: Share | None
    auc_roc: Share | None
    best_threshold: Threshold | None = Field(description="threshold of the best F1 on eval itself: optimistic")
    best_f1: Share | None
    accuracy_at_best_threshold: Share | None
    precision_at_best_threshold: Share | None
    recall_at_best_threshold: Share | None
    cluster_purity: Share | None
    n_clusters: Count | None
    noise_ratio: Share | None
    spearman_correlation: Correlation | None

    schema_version: Version = 1
    model: str
    average_precision: Share | None
    spearman_ceiling: Correlation | None = Field(description="Spearman of a perfect ranking with these labels")
    operating_point: ThresholdMetrics | None = Field(
        description="threshold of the best F1 on the pairs that it was fitted on, applied to eval"
    )
    threshold_fitted_on: FittedOn = Field(
        default=FittedOn.TRAIN,
        exclude_if=lambda where: where is FittedOn.TRAIN,
        description="pairs of the operating threshold; left out for train",
    )
    optimistic_point: ThresholdMetrics | None = Field(description="threshold of the best F1 on eval")
    false_positive_rate_at_95_recall: Share | None
    estimates: tuple[Estimate, ...] = Field(description="headline metrics with intervals")
    n_texts: Count = Field(description="different texts in the eval pairs")
    effective_texts: Positive = Field(
        description="as many texts, used equally often, would say as much: (sum of uses)^2 / sum of squared uses"
    )
    train_auc_roc: Share | None
    train_auc_low: Share | None = Field(default=None, description="lower end of its 95 % interval")
    train_auc_high: Share | None = Field(default=None, description="upper end")
    histogram: Histogram
    roc: RocCurve | None
    roc_band: RocBand | None = Field(default=None, description="None where the AUC has no interval")
    clusters: ClusterSummary
    projection: Projection | None
    by_category: tuple[GroupMetrics, ...]
    by_pair_type: tuple[GroupMetrics, ...]
    slices: tuple[GroupMetrics, ...]
    challenge_groups: tuple[GroupMetrics, ...] = ()
    ecosystem: EcosystemMetrics | None = Field(
        default=None,
        exclude_if=lambda found: found is None,
        description="under sentence-transformers' names; left out in the dating profile",
    )
    geometry: Geometry
    by_grade: tuple[GradeBin, ...] = Field(
        default=(), exclude_if=lambda bins: not bins, description="cosines by grade; left out for two labels"
    )
    class_pairs: tuple[ClassPair, ...] = Field(
        default=(), exclude_if=lambda pairs: not pairs, description="each two classes; left out without classes"
    )
    change: ModelChange | None = Field(default=None, description="None for the base model")
    calibration: Calibration | None = None
    selection: CheckpointSelection | None = Field(default=None, description="None for the base model")
    learnability: Learnability | None = Field(
        default=None, description="of the labels of train; the base model's alone"
    )
    judged: JudgedModel | None = Field(
        default=None,
        exclude_if=lambda judged: judged is None,
        description="the model, where it was trained elsewhere; left out for others",
    )
    prompts: Prompts = Field(
        default=NO_PROMPTS,
        exclude_if=lambda prompts: prompts == NO_PROMPTS,
        description="what the model read before each text; left out where it read nothing",
    )
    train_data: DataFile
    eval_data: DataFile
    challenge_data: DataFile | None = None
    base_sha256: str = Field(description="SHA-256 of the base model's weights")
    provenance: Provenance

    @property
    def data_files(self) -> dict[Split, DataFile | None]:
        """The files that it was made from, by split; None without a challenge set."""
        return {Split.TRAIN: self.train_data, Split.TEST: self.eval_data, Split.CHALLENGE: self.challenge_data}

    @model_validator(mode="after")
    def _map_is_of_the_eval_pairs(self) -> Self:
        if self.projection is not None and self.projection.sampled_from != self.eval_data.n:
            raise ValueError(f"the map was made of {self.projection.sampled_from} pairs, not of {self.eval_data.n}")
        return self

    def estimate(self, metric: str) -> Estimate:
        """A metric with its interval, or its bare value if it has none.

        Args:
            metric: Name of an estimate or of a field of this class.
        """
        for candidate in self.estimates:
            if candidate.name == metric:
                return candidate
        value = getattr(self, metric, None)
        return Estimate(name=metric, value=value if isinstance(value, float) else None)

    @property
    def eta_squared(self) -> float | None:
        """Share of the variance of the grades that lies between clusters; None for two labels."""
        return self.clusters.eta_squared

    @property
    def ranking(self) -> Estimate:
        """What models are compared by: the AUC, or Spearman's correlation with graded labels."""
        return self.estimate("auc_roc" if self.eval_data.scale is None else "spearman_correlation")

    @property
    def challenge(self) -> GroupMetrics | None:
        """The metrics on the challenge set, if there was one."""
        return next((group for group in self.slices if group.name == CHALLENGE), None)


# --- training -------------------------------------------------------------------------------------------


class TrainingMode(StrEnum):
    """Which weights are trained."""

    STANDARD = "standard"
    LORA = "lora"


class Loss(StrEnum):
    """A loss of sentence-transformers: its name in a recipe, and the name of its class in the library."""

    COSINE = "cosine", "CosineSimilarityLoss"
    CONTRASTIVE = "contrastive", "ContrastiveLoss"
    ONLINE_CONTRASTIVE = "online-contrastive", "OnlineContrastiveLoss"
    COSENT = "cosent", "CoSENTLoss"

    class_name: str

    def __new__(cls, name: str, class_name: str) -> Self:
        """Make the member `name`, which also knows its class."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.class_name = class_name
        return member


ModuleName = Annotated[str, Field(pattern=r"^[A-Za-z_]\w{0,79}$")]


def _names(given: object) -> object:
    """Names with commas between them, as a command line has them, or in a list, as JSON has them."""
    if isinstance(given, str):
        return tuple(name.strip() for name in given.split(","))
    return tuple(given) if isinstance(given, list) else given


class LoraSettings(Value):
    """The adapter of Hu et al. 2021 on some linear modules of the encoder."""

    rank: int = Field(default=8, ge=1, le=384, description="rank of the update")
    alpha: int = Field(default=16, ge=1, le=1_000_000, description="the update is scaled by alpha / rank")
    dropout: float = Field(default=0.1, ge=0, lt=1, description="dropout on the input of the update")
    target_modules: Annotated[tuple[ModuleName, ...], BeforeValidator(_names), Field(min_length=1)] | None = Field(
        default=None, description="names of the modules to adapt, with commas between them"
    )


class TrainConfig(Value):
    """The whole recipe of one training; `training/options.py` turns its fields into the options of `train`."""

    name: str = Field(pattern=NAME_PATTERN, description="names the model")
    mode: TrainingMode = Field(description="all weights, or an adapter")
    epochs: int = Field(default=4, ge=1, le=1000, description="passes over the train pairs")
    batch_size: int = Field(default=16, ge=1, le=4096, description="pairs a step")
    learning_rate: float = Field(default=2e-5, gt=0, le=1, description="learning rate at the end of the warm-up")
    warmup_steps: int = Field(
        default=100, ge=0, le=MAX_STEPS, description="steps of linear warm-up, before linear decay to 0"
    )
    eval_steps: int = Field(
        default=500,
        ge=1,
        le=MAX_STEPS,
        description="steps between evaluations, besides those at step 0 and after each epoch",
    )
    weight_decay: float = Field(default=0.01, ge=0, lt=1)
    max_grad_norm: float = Field(default=1.0, gt=0)
    precision: Literal["auto", "fp32", "bf16"] = Field(
        default="auto", description="number format of a training step; auto takes the faster one"
    )
    loss: Loss = Field(default=Loss.COSINE, description="loss of sentence-transformers; ADR-003 compares them")
    select_on: SelectOn = Field(
        default=SelectOn.TEST,
        description="pairs that choose the step: the test pairs, or a validation file's, or train pairs set aside",
    )
    instruction: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_PROMPT,
        exclude_if=lambda text: text is None,
        description="what this model reads before both texts, with a space after it, in place of other prompts",
    )
    chosen_among: int | None = Field(
        default=None,
        ge=2,
        le=1_000_000,
        exclude_if=lambda n: n is None,
        description="recipes that were tried on validation pairs before this one was chosen; the reports say so",
    )
    seed: int = Field(default=42, ge=0, le=2**32 - 1)
    lora: LoraSettings | None = Field(default=None, description="given exactly when mode is lora")

    @model_validator(mode="after")
    def _lora_belongs_to_its_mode(self) -> TrainConfig:
        if (self.lora is not None) != (self.mode is TrainingMode.LORA):
            raise ValueError("rank, alpha and dropout belong to --mode lora")
        return self

    def prompts(self, of_base: Prompts) -> Prompts:
        """What the model reads before each text, in training and later: the instruction, else what its base reads."""
        if self.instruction is None:
            return of_base
        text = self.instruction if self.instruction[-1].isspace() else f"{self.instruction} "
        return Prompts(prompt_1=text, prompt_2=text)

    def epoch_steps(self, n_pairs: int) -> int:
        """Optimizer steps of one pass over so many pairs."""
        return math.ceil(n_pairs / self.batch_size)

    def steps(self, n_pairs: int) -> int:
        """Optimizer steps of a training on so many pairs."""
        return self.epochs * self.epoch_steps(n_pairs)

    def warmup(self, n_pairs: int) -> int:
        """Steps of the warm-up in a training on so many pairs: a tenth of all where it would not end before them."""
        steps = self.steps(n_pairs)
        return self.warmup_steps if self.warmup_steps < steps else steps // 10


class TrainingPoint(Value):
    """One evaluation during training, on the pairs that choose the checkpoint: see `TrainConfig.select_on`.

    Where several parts of the train pairs were set aside in turn, each number is a mean over them.
    """

    step: Count = Field(description="optimizer steps; where validation chose, those of the training on all train pairs")
    epoch: Positive
    train_loss: Positive | None = Field(description="mean since the point before; None at step 0")
    spearman: Correlation | None = Field(description="on the eval pairs, or on the validation pairs")
    auc_roc: Share | None = Field(description="on the eval pairs, or on the validation pairs")
    learning_rate: Positive | None


class MeasuredPoint(Value):
    """One evaluation on pairs that were set aside, with the cosines that it found."""

    point: TrainingPoint
    cosines: tuple[Cosine, ...] = Field(description="of the pairs, or of a sample of them")


class MeasuredPart(Value):
    """A training on all train pairs but one part, which was measured; kept until the whole training ends."""

    schema_version: Version = 1
    fingerprint: str = Field(description="hash of everything that goes into the training")
    recipe: str = Field(description="JSON of the recipe, for a message")
    points: tuple[MeasuredPoint, ...] = Field(min_length=1)


class SetAside(Value):
    """Train pairs that chose the checkpoint: at first they were not trained on."""

    n: Count
    n_compatible: Count
    lines: tuple[Count, ...] = Field(description="their lines in the train file; empty where they are more than 1,000")
    sha256: str = Field(
        pattern=r"^[0-9a-f]{64}$", description="of all their line numbers, in decimal digits with commas between them"
    )


class ValidationChoice(Value):
    """How validation chose the checkpoint: on the pairs of a file, or on train pairs that were set aside.

    Where train pairs were set aside, the model was then trained again on all of them.
    """

    parts: tuple[SetAside, ...] = Field(
        default=(), description="one; with few pairs one a fold, each in its turn; none where there is a file"
    )
    file: DataFile | None = Field(
        default=None, exclude_if=lambda file: file is None, description="the validation file; left out without one"
    )
    epoch: Positive = Field(description="the chosen point")
    calibration: Calibration | None = Field(
        description="of the cosines at that point, each part's by the model without it; None for grades without a cut"
    )
    threshold: Threshold | None = Field(
        default=None,
        exclude_if=lambda threshold: threshold is None,
        description="of the best F1 on the pairs of the file; left out without one, and for grades without a cut",
    )

    @property
    def n(self) -> int:
        """Pairs that chose."""
        return sum(part.n for part in self.parts) if self.file is None else self.file.n

    @model_validator(mode="after")
    def _of_parts_or_of_a_file(self) -> Self:
        if bool(self.parts) == (self.file is not None):
            raise ValueError("choice: made on train pairs that were set aside, or on a file, not on both")
        return self


class SavedModelCheck(Value):
    """Proof that the saved folder is the trained model: it was loaded again and its embeddings compared."""

    max_abs_difference_to_trained: Positive = Field(description="must be at most 1e-5")
    max_abs_difference_to_base: Positive = Field(
        description="above 1e-5, unless the training changed nothing or validation chose step 0, the base model"
    )
    n_texts: Count

    @property
    def is_unchanged(self) -> bool:
        """Whether the embeddings equal the base model's."""
        return self.max_abs_difference_to_base <= UNCHANGED


class TrainingInfo(Value):
    """Result of `train`, written as `training/<name>_training_info.json`."""

    schema_version: Version = 1
    config: TrainConfig
    precision: Literal["fp32", "bf16"] = Field(description="what `auto` was resolved to")
    steps: Count = Field(description="optimizer steps taken")
    trainable_parameters: Count
    total_parameters: Count
    best_step: Count = Field(description="step of the saved checkpoint, the one with the best Spearman")
    best_spearman: Correlation = Field(description="on the eval pairs, or on the validation pairs")
    history: tuple[TrainingPoint, ...]
    saved: SavedModelCheck
    weights_sha256: str = Field(description="of model.safetensors or adapter_model.safetensors")
    base_sha256: str
    adapted_modules: tuple[str, ...] = Field(
        default=(),
        exclude_if=lambda names: not names,
        description="the modules of the encoder that LoRA adapted, all else was frozen; left out without LoRA",
    )
    train_data: DataFile
    eval_data: DataFile | None = Field(description="None where validation chose: the training did not look at it")
    choice: ValidationChoice | None = Field(default=None, description="None where the eval pairs chose")
    resumed_from_step: Count | None = Field(
        default=None, description="where validation chose, of the training on all train pairs"
    )
    provenance: Provenance

    @property
    def changed_nothing(self) -> bool:
        """Whether its steps left the base model as it was; at step 0 it is what validation chose."""
        return self.saved.is_unchanged and self.best_step > 0

    @model_validator(mode="after")
    def _chosen_as_the_recipe_says(self) -> Self:
        on_test = self.config.select_on is SelectOn.TEST
        if (self.choice is None, self.eval_data is not None) != (on_test, on_test):
            raise ValueError(f"choice: not that of a recipe that selects on {self.config.select_on}")
        return self


# --- comparison -----------------------------------------------------------------------------------------


class TrialState(StrEnum):
    """How a trial of a search ended."""

    COMPLETE = "complete"
    PRUNED = "pruned"  # below the median of earlier trials at an evaluation
    FAILED = "failed"


class Trial(Value):
    """One recipe that a search tried, on validation pairs alone."""

    number: Count = Field(description="from 0, in the order in which the recipes were drawn")
    parameters: dict[str, int | float | str] = Field(description="what the search varies")
    state: TrialState
    spearman: Correlation | None = Field(
        description="best of the evaluations on the validation pairs; None if it failed"
    )
    auc_roc: Share | None = Field(description="at that evaluation")
    epoch: Positive | None = Field(description="of that evaluation; 0 is the base model")
    curve: dict[int, Correlation] = Field(
        description="Spearman that the median is taken of, by evaluation: 100,000 for each part before, and tenths of "
        "an epoch"
    )
    steps: Count = Field(description="optimizer steps that it took")
    seconds: Positive
    reason: str = Field(default="", description="why it was pruned or failed")


class Search(Value):
    """The trials of a search that have ended, and the recipe that they chose."""

    schema_version: Version = 1
    mode: TrainingMode
    space: dict[str, tuple[int | float | str, ...]] = Field(description="lowest and highest value, or all values")
    seed: int = Field(description="of the draws, and of each training")
    trials: tuple[Trial, ...]
    best: Count | None = Field(description="number of the best complete trial; None where none is complete")
    recipe: TrainConfig | None = Field(description="the whole recipe of that trial; None where none is complete")
    train_data: DataFile
    validation_data: DataFile | None = Field(description="None where train pairs were set aside")
    provenance: Provenance


class Outcome(StrEnum):
    """What to do with the candidate. INVALID: the numbers must not be used."""

    SHIP = "SHIP"
    DO_NOT_SHIP = "DO NOT SHIP"
    CANNOT_TELL = "CANNOT TELL"
    INVALID = "INVALID"


class DecisionRules(Value):
    """What a user may say about the decision, before the numbers are known."""

    candidate: str | None = Field(
        default=None, description="name of the model that may be shipped; None takes standard, or the only one"
    )
    min_gain: float = Field(default=MIN_GAIN, ge=0, le=1, description="least gain of AUC over the reference")
    max_loss: float = Field(default=MAX_LOSS, ge=0, le=1, description="largest loss of AUC that a guard accepts")
    must_hold: tuple[str, ...] = Field(default=(), description="slices that must not lose, as COLUMN=VALUE")
    against: str | None = Field(
        default=None, description="name of the reference that it is compared with; None takes the base model"
    )


class DecisionTestKind(StrEnum):
    """What a test of the decision asks."""

    GAIN = "gain"
    CHALLENGE_CHANGE = "challenge change"
    CHALLENGE_AUC = "challenge AUC"
    SHALLOW_BASELINE = "shallow baseline"
    SLICE = "slice"
    GUARD = "guard"
    GENERAL_ENGLISH = "general English"


class DecisionTest(Value):
    """One test of the decision: an AUC, or a difference of two, whose 95 % interval is compared with a limit."""

    kind: DecisionTestKind
    metric: str = "auc_roc"
    against: str = Field(description="what is subtracted; empty where an AUC stands for itself")
    slice: str = Field(description="name of the slice of the pairs")
    n: Count = Field(description="pairs of the slice")
    estimate: Number | None
    low: Number | None = Field(description="95 % interval, lower end; None where there is no interval")
    high: Number | None = Field(description="upper end")
    limit: Number = Field(description="where the interval has to lie above")
    state: Literal["pass", "fail", "open"]
    pairs_to_close: Count | None = Field(
        default=None, description="pairs that an open test would need; None where no number of them is known to do"
    )
    findings: tuple[Code, ...] = Field(default=(), description="codes of the findings of a test that does not pass")
    reason: str = Field(default="", description="why there is no interval")

    @property
    def decides(self) -> bool:
        """Whether the decision rests on it: the guard that ships has too few pairs to hold a decision up while open."""
        return self.kind is not DecisionTestKind.GENERAL_ENGLISH or self.state != "open"


class Decision(Value):
    """Whether the candidate may be shipped, and the tests that say so; the primary one first."""

    outcome: Outcome
    candidate: str
    reference: str = BASELINE
    min_gain: Number
    max_loss: Number
    score: Correlation | None = Field(description="metric of the primary test of the candidate, on its slice")
    baseline: Correlation | None = Field(description="that of the reference on the same pairs")
    faults: tuple[Code, ...] = Field(description="codes of what makes the numbers invalid")
    tests: tuple[DecisionTest, ...]


class VerdictFinding(Value):
    """One finding beside the decision."""

    code: Code
    role: Literal["reason", "note"] = Field(description="whether the decision rests on it; a note never decides")
    model: str = Field(default="", description="the model it is about; empty where it is about the data")
    name: str
    text: str


class Verdict(Value):
    """The decision in words; the same words in the terminal, the JSON, the summary, the report and the model card."""

    decision: Decision
    statement: str = Field(description="one or two sentences, without the outcome")
    line: str = Field(
        pattern=r"^VERDICT: [ -_a-~]+$", description="the last line of `compare`, `run` and `decide`, in ASCII"
    )
    findings: tuple[VerdictFinding, ...]


class PairedDifference(Value):
    """A model's metric minus another's on the same pairs, with the interval of the paired difference."""

    model: str
    against: str = Field(default=BASELINE, description="the base model or the shallow baseline that is subtracted")
    metric: str
    value: Number | None = Field(description="in the unit of the metric")
    low: Number | None = Field(default=None, description="95 % interval, lower end")
    high: Number | None = Field(default=None, description="95 % interval, upper end")
    outcome: Literal["better", "worse", "not distinguishable", "not estimable"]
    method: str = Field(default="", description="how the interval was made")


class OverSeeds(Value):
    """A number of one recipe, or its difference to that of another, over several seeds."""

    metric: str
    values: tuple[Number | None, ...] = Field(description="one of each seed, in their order")
    mean: Number | None = Field(default=None, description="over the seeds, in the unit of the metric")
    deviation: Number | None = Field(default=None, description="standard deviation of the seeds")
    low: Number | None = Field(default=None, description="95 % interval of the mean over seeds and pairs, lower end")
    high: Number | None = Field(default=None, description="upper end")
    outcome: Literal["better", "worse", "not distinguishable", "not estimable"] = Field(
        default="not estimable", description="of a difference: what its interval says"
    )
    method: str = Field(default="", description="how the interval was made")
    reason: str = Field(default="", description="why there is no interval")


class SliceDifference(Value):
    """A model's AUC on one slice of the pairs, and its paired difference to other scores of the same pairs."""

    slice: str = Field(description="name of the slice, or COLUMN=VALUE")
    n: Count
    n_compatible: Count
    auc_roc: Share | None
    other_auc_roc: Share | None = Field(description="AUC of what is subtracted")
    spearman: Correlation | None = Field(
        default=None, exclude_if=lambda found: found is None, description="in place of the AUC where labels are grades"
    )
    other_spearman: Correlation | None = Field(default=None, exclude_if=lambda found: found is None)
    difference: PairedDifference

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        _at_most(self.n_compatible, self.n)
        return self


class GuardDifference(SliceDifference):
    """A model's Spearman or AUC on pairs of another kind, which it should not get worse at; the slice is their name."""

    shipped: bool = Field(description="whether the pairs are those that ship with the project")


class ExploratorySlice(Value):
    """The change of AUC on a slice that nobody named beforehand."""

    slice: str = Field(description="COLUMN=VALUE; `challenge: ` before those of the challenge set")
    n: Count
    difference: PairedDifference
    p_value: Share = Field(description="two-sided, from the interval")
    q_value: Share = Field(description="lowest false discovery rate at which it is a discovery (Benjamini-Hochberg)")
    survives: bool = Field(description="whether that is at most 5 %")
    shrunk: Number | None = Field(
        description="the difference drawn toward the mean of its column (empirical Bayes); None for fewer than 3 slices"
    )


class ExploratorySlices(Value):
    """Every slice of a model that reports show beside the headline numbers."""

    looked_at: Count = Field(description="categories, pair types and groups of the challenge set")
    slices: tuple[ExploratorySlice, ...] = Field(description="those that are large enough for a difference")


class ClusteredIntervals(Value):
    """Second intervals of one model, which allow for pairs that are alike because a column says the same of them."""

    column: str = Field(description="of the pairs; its values are the clusters")
    n_clusters: Count
    effective_clusters: Positive = Field(
        description="as many clusters of equal size would say as much: (sum of sizes)^2 / sum of squared sizes"
    )
    estimates: tuple[Estimate, ...] = Field(description="headline metrics")
    differences: tuple[PairedDifference, ...] = Field(description="to the base model; empty for the base model")
    reason: str = Field(default="", description="why no metric has such an interval")


class TargetResult(Value):
    """One of the targets that were set before the first training."""

    model: str
    metric: str
    target: Number = Field(description="in the unit of the metric; at least this much was hoped for")
    observed: Number | None = Field(description="in the unit of the metric, on the eval pairs")
    low: Number | None = Field(default=None, description="95 % interval, lower end")
    high: Number | None = Field(default=None, description="95 % interval, upper end")
    outcome: Literal["met", "not met", "not decidable"]
    note: str = ""


class ModelSummary(Value):
    """One model in the comparison."""

    name: str
    evaluation: Evaluation
    differences: tuple[PairedDifference, ...] = Field(default=(), description="empty for the baseline")
    against_trivial: PairedDifference | None = Field(
        default=None, description="AUC minus that of the best shallow baseline; None for the base model"
    )
    slice_differences: tuple[SliceDifference, ...] = Field(
        default=(), description="by slice, to the base model and to the best shallow baseline"
    )
    guards: tuple[GuardDifference, ...] = Field(
        default=(),
        exclude_if=lambda found: not found,
        description="to the reference, on each guard; left out where there is none, and for the reference",
    )
    clustered: ClusteredIntervals | None = Field(default=None, description="beside those of estimates and differences")
    exploratory: ExploratorySlices | None = Field(default=None, description="None for the base model")
    training: TrainingInfo | None = Field(default=None, description="None for the baseline")


class Costs(Value):
    """What a wrong call costs, in any unit; only the ratio moves a threshold. And how common positive pairs are."""

    false_positive: float = Field(default=1.0, gt=0, le=1e9)
    false_negative: float = Field(default=1.0, gt=0, le=1e9)
    base_rate: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="share of positive pairs in use; left out where it is that of the data",
        exclude_if=lambda rate: rate is None,
    )


class CostThreshold(Value):
    """The threshold of one model that costs ask for, and what it costs on the eval pairs."""

    model: str
    fitted_on: FittedOn
    threshold: Threshold | None
    false_positive_rate: Share | None = None
    recall: Share | None = None
    cost: Positive | None = Field(default=None, description="expected cost a pair")
    reason: str = Field(default="", description="why there is no threshold")


class CostThresholds(Value):
    """Thresholds by costs, and beside them the two rules that need no model."""

    costs: Costs
    accept_all: Positive = Field(description="cost a pair of calling every eval pair compatible")
    reject_all: Positive = Field(description="cost a pair of calling none compatible")
    models: tuple[CostThreshold, ...]


class RecipeSeeds(Value):
    """One recipe, trained with several seeds."""

    model: str = Field(description="artifact name of the model that the comparison shows; its seed is the first")
    seeds: tuple[int, ...] = Field(min_length=2, description="the first is that of the model")
    estimates: tuple[OverSeeds, ...] = Field(description="of the test pairs")
    differences: tuple[OverSeeds, ...] = Field(
        default=(), description="minus the reference, over the seeds that both have"
    )
    challenge: OverSeeds | None = Field(default=None, description="what models are compared by, on the challenge set")
    challenge_difference: OverSeeds | None = Field(default=None, description="the same, minus the reference")

    def estimate(self, metric: str) -> OverSeeds | None:
        """What is known of a metric."""
        return next((found for found in self.estimates if found.metric == metric), None)

    def difference(self, metric: str) -> OverSeeds | None:
        """What is known of a metric minus that of the reference."""
        return next((found for found in self.differences if found.metric == metric), None)


class RecipeDifference(Value):
    """What models are compared by, of one recipe minus another's, over the seeds that both have."""

    model: str
    against: str
    seeds: tuple[int, ...] = Field(description="those that both have")
    difference: OverSeeds


class SeedsResult(Value):
    """What several seeds say of the recipes."""

    recipes: tuple[RecipeSeeds, ...] = ()
    between: tuple[RecipeDifference, ...] = Field(default=(), description="each two recipes")


class ComparisonResult(Value):
    """Result of `compare`."""

    schema_version: Version = 1
    verdict: Verdict
    models: tuple[ModelSummary, ...] = Field(min_length=1, description="the baseline first")
    trivial_baselines: tuple[ShallowBaseline, ...]
    hypotheses: tuple[TargetResult, ...]
    threshold_by_cost: CostThresholds | None = Field(default=None, description="None in results of older versions")
    seeds: SeedsResult = Field(default=SeedsResult(), description="empty where each recipe was trained with one seed")
    audit: tuple[AuditFinding, ...] = Field(description="of the data, then one shortcut a shallow baseline")
    eval_data: DataFile
    guard_data: tuple[DataFile, ...] = Field(
        default=(), exclude_if=lambda found: not found, description="files of the guards; left out where there is none"
    )
    provenance: Provenance

    @model_validator(mode="after")
    def _models_agree(self) -> Self:
        names = [model.name for model in self.models]
        if names != list(dict.fromkeys(names)) or names != [model.evaluation.model for model in self.models]:
            raise ValueError("models: two of one name, or an evaluation of another model")
        _of_one_length(*(model.evaluation.histogram.edges for model in self.models))
        return self


class PairScore(Value):
    """Result of `score` for one pair."""

    text_1: str
    text_2: str
    cosine: Cosine
    threshold: float | None = Field(description="cosine from which on the model calls a pair compatible")
    compatible: bool | None = Field(description="None, as the threshold, for grades without a cut")
    model: str
    words: Words = Field(default=DATING_WORDS, exclude=True, description="what the labels are called")


# --- export ---------------------------------------------------------------------------------------------


class ExportFormat(StrEnum):
    """As what a model is exported."""

    MERGED = "merged"
    ONNX = "onnx"
    INT8 = "int8"


class ExportSide(Value):
    """One side of an export: the model of the run, or what was written."""

    score: Number | None = Field(description="the metric that models are compared by, on the test pairs")
    weights_megabytes: Positive = Field(description="of the files that hold weights; of an adapter with its base model")
    texts_per_second: Positive = Field(description="on this machine, in batches, both sides with as many threads")


class Export(Value):
    """An exported model beside the model of the run; written as `export.json` into its folder."""

    schema_version: Version = 1
    name: str = Field(pattern=NAME_PATTERN, description="of the training or judged model")
    format: ExportFormat
    file: str = Field(description="of the weights, below the folder")
    source_sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of the weights of the model of the run")
    base_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    test_data: DataFile
    n_texts: Count = Field(description="different texts of the test pairs")
    original: ExportSide
    exported: ExportSide = Field(description="loaded again from where it was written")
    difference: PairedDifference = Field(description="exported minus original")
    least: Number | None = Field(
        description="the lower end of its interval, 0 where all cosines are the same; None where the pairs are too few"
    )
    reason: str = Field(description="why the difference has no interval; empty where it has one")
    largest_cosine_difference: Margin = Field(ge=0)
    tolerance: Share
    provenance: Provenance


# --- plan -----------------------------------------------------------------------------------------------


class CostBasis(StrEnum):
    """What an expected duration is taken from."""

    MEASURED = "measured"
    RECORDED = "recorded"
    USUAL = "usual"


class PlannedStage(Value):
    """One stage of a command that was not run yet."""

    stage: str
    reason: str = Field(description="why it is made; empty where its result is reused")
    seconds: Positive | None = Field(default=None, description="expected; None where its result is reused")
    basis: CostBasis | None = Field(default=None, description="of the seconds")
    steps: Count | None = Field(default=None, description="optimizer steps of a training, at most")

    @property
    def is_reused(self) -> bool:
        """Whether its result is up to date and stays."""
        return not self.reason


class Plan(Value):
    """What a command would do; nothing was written. `planning/resources.py` has the formulas of memory and disk."""

    stages: tuple[PlannedStage, ...]
    n_measured_steps: Count = Field(description="training steps that were done for the expected durations")
    memory_bytes: Count = Field(description="expected peak of the process")
    result_bytes: Count = Field(description="expected size of the results that are made")
    checkpoint_bytes: Count = Field(description="expected size of the checkpoints beside them, while a training runs")
    free_bytes: Count = Field(description="free on the disk of the root")

    @property
    def seconds(self) -> float:
        """Expected duration of all stages that are made."""
        return sum(stage.seconds or 0 for stage in self.stages)


# --- learning curve -------------------------------------------------------------------------------------


class CurveCosines(Value):
    """What one training of a learning curve scored; kept so that it is not trained twice."""

    fingerprint: str = Field(description="of all that the training was made from")
    cosines: dict[Split, tuple[Cosine, ...]] = Field(description="of the pairs of each measured split, in their order")


class CurvePoint(Value):
    """The trainings on one share of the train pairs."""

    share: float = Field(gt=0, le=100, description="percent of the train pairs that was wanted")
    pairs: tuple[Count, ...] = Field(description="train pairs of each seed, in whole components")
    over_seeds: OverSeeds = Field(description="the metric; of one seed its interval is about the trained file alone")


class CurveForecast(Value):
    """What a training on so many pairs is expected to give."""

    pairs: Count
    value: Number
    low: Number = Field(description="95 % interval over seeds, train pairs of the same source and measured pairs")
    high: Number


class PairsNeeded(Value):
    """How many train pairs a target needs."""

    target: Number = Field(description="of the metric, or of its gain over the fitted value at all train pairs")
    is_gain: bool
    pairs: Count | None = Field(default=None, description="None where that cannot be told")
    low: Count | None = Field(default=None, description="95 % interval, lower end")
    high: Count | None = Field(default=None, description="None where no end is known")
    reason: str = Field(default="", description="why it cannot be told")


class CurveFit(Value):
    """The metric, on the scale of its intervals, as a - b n^-c of the train pairs n; `curve/fit.py` says how."""

    doubling: CurveForecast = Field(description="gain of twice as many pairs over all train pairs, and its interval")
    forecasts: tuple[CurveForecast, ...] = Field(description="of twice and four times as many pairs")
    needed: tuple[PairsNeeded, ...]
    line: tuple[CurveForecast, ...] = Field(description="the curve as it is drawn")


class SplitCurve(Value):
    """The curve on the pairs of one split."""

    split: Split
    n: Count = Field(description="measured pairs")
    base: Estimate = Field(description="of the base model, which no pair trained")
    points: tuple[CurvePoint, ...]
    fit: CurveFit | None
    reason: str = Field(default="", description="why there is no fit")

    @model_validator(mode="after")
    def _fitted_or_told_why(self) -> Self:
        if (self.fit is None) != bool(self.reason):
            raise ValueError("a curve has either a fit or a reason why there is none")
        return self


class LearningCurve(Value):
    """A metric against the number of train pairs; written as `learning_curve.json`."""

    schema_version: Version = 1
    metric: str
    recipe: TrainConfig
    seeds: tuple[int, ...] = Field(description="each part of train was trained on once with each")
    train_pairs: Count = Field(description="all of them")
    words: Words
    curves: tuple[SplitCurve, ...] = Field(description="on test, and on the challenge set where there is one")
    provenance: Provenance
