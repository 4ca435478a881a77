"""The parts of every check of the audit: files with their arrays, outcomes, limits, findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, TypeVar

import numpy as np

from ..data.minhash import band_keys
from ..data.normalisation import codes
from ..data.text_table import TextTable, text_table
from ..models import AuditFinding, FindingStatus
from ..wording import audit as wording
from ..wording import reasons

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ..embedding.tokenizer import BaseTokenizer, TokenCounts
    from ..models import PairSet, Split
    from ..wording.audit import CheckText
    from .finding_codes import FindingCode

    Mask = NDArray[np.bool_]
    Rows = NDArray[np.intp]

MAX_ROWS = 10
TOKENIZED_PAIRS = 20_000


@dataclass(frozen=True, eq=False)
class AuditFile:
    """One file and the arrays that several checks share; each is computed once."""

    role: Split
    pairs: PairSet
    tokenizer: BaseTokenizer | None = None  # how the base model reads texts, where that is known

    @cached_property
    def table(self) -> TextTable:
        """Words and keys of the distinct texts."""
        return text_table(self.pairs)

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        """Order-free normalised key of each pair, shape (N,)."""
        return self.table.pair_keys

    @cached_property
    def raw(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Each pair's exact texts as one number: in order and swapped, shapes (N,)."""
        n = len(self.pairs)
        coded, names = codes([*self.pairs.text_1, *self.pairs.text_2])
        one, two = coded[:n].astype(np.int64), coded[n:].astype(np.int64)
        return one * len(names) + two, two * len(names) + one

    @cached_property
    def token_counts(self) -> TokenCounts | None:
        """What the base model reads of the texts of `sampled` rows, all first texts before all second ones."""
        rows = self.sampled.tolist()
        if self.tokenizer is None:
            return None
        read = self.tokenizer.prompts
        sides = ((read.prompt_1, self.pairs.text_1), (read.prompt_2, self.pairs.text_2))
        return self.tokenizer.count([prompt + side[row] for prompt, side in sides for row in rows])

    @cached_property
    def sampled(self) -> Rows:
        """Up to 20,000 drawn rows, ascending, whose texts are read as the base model does."""
        n = len(self.pairs)
        return np.sort(np.random.default_rng(0).permutation(n)[:TOKENIZED_PAIRS])

    @cached_property
    def distinct(self) -> Rows:
        """The first row of each pair, ascending."""
        return rows_of(~repeats(self.keys))

    @cached_property
    def buckets(self) -> NDArray[np.uint64]:
        """Bucket of each pair in each band of its MinHash, shape (6, N)."""
        return band_keys(self.table)

    def title(self, check: str) -> str:
        """Name of a finding in this file."""
        return wording.file_title(self.role, check)


@dataclass(frozen=True, eq=False)
class FilePair:
    """Two files that should have nothing in common."""

    source: AuditFile
    target: AuditFile

    @property
    def role(self) -> Split:
        """The file that the rows of a finding belong to."""
        return self.target.role

    @property
    def pairs(self) -> PairSet:
        """The pairs that the rows of a finding belong to."""
        return self.target.pairs

    def title(self, check: str) -> str:
        """Name of a finding in the target."""
        return wording.split_title(self.role, check, self.source.role)


Subject = TypeVar("Subject", AuditFile, FilePair)


class Grade(NamedTuple):
    """A status and the value that it starts above."""

    status: FindingStatus
    above: float


def _no_rows() -> Rows:
    return np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, eq=False)
class AuditOutcome:
    """What a check measured. Without a value, `observed` says why there is none."""

    value: float | None
    observed: str
    n: int
    rows: Rows = field(default_factory=_no_rows)  # places in the file, from 0


@dataclass(frozen=True)
class AuditCheck(Generic[Subject]):
    """One line of a table. The grades ascend; the last one that the value exceeds is the status."""

    code: FindingCode
    text: CheckText
    unit: Literal["share", "z"]
    grades: tuple[Grade, ...]
    measure: Callable[[Subject], AuditOutcome]

    @property
    def limit(self) -> str:
        """The grades in words."""
        return wording.limit(self.grades, self.unit)


def finding(check: AuditCheck[Subject], subject: Subject) -> AuditFinding:
    """Run a check on a file or a split and grade its outcome."""
    outcome = check.measure(subject)
    return AuditFinding(
        code=check.code,
        role=subject.role,
        name=subject.title(check.text.name),
        status=_status(outcome.value, check.grades),
        observed=outcome.observed if outcome.value is not None else reasons.not_applicable(outcome.observed),
        limit=check.limit,
        n=outcome.n,
        why=check.text.why,
        action=check.text.action,
        about_split=isinstance(subject, FilePair),
        rows=tuple(map(subject.pairs.place, outcome.rows[:MAX_ROWS])),
    )


def _status(value: float | None, grades: tuple[Grade, ...]) -> FindingStatus:
    exceeded = [grade.status for grade in grades if value is not None and value > grade.above]
    return exceeded[-1] if exceeded else FindingStatus.OK


def share_of(mask: Mask, what: str) -> AuditOutcome:
    """Outcome of a check that marks rows, shape (N,)."""
    share = float(mask.mean()) if len(mask) else 0.0
    observed = wording.share(int(mask.sum()), len(mask), share, what)
    return AuditOutcome(share, observed, len(mask), rows_of(mask))


def rows_of(mask: Mask) -> Rows:
    """Places that a mask of shape (N,) marks, counted from 0."""
    return np.flatnonzero(mask)


def repeats(keys: NDArray[np.uint64] | NDArray[np.int64]) -> Mask:
    """Rows whose key is that of an earlier row, shape (N,)."""
    repeated = np.ones(len(keys), dtype=np.bool_)
    repeated[np.unique(keys, return_index=True)[1]] = False
    return repeated
