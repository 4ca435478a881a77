"""The run that a stage belongs to: options, data, base model, lock, provenance."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import platform
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from ..core.distributed import is_main_process
from ..core.errors import DataFileError, UserInputError
from ..core.paths import JUDGED_SUFFIX, ProjectPaths, is_name
from ..core.progress import Reporter
from ..data.files import files_of, find_files
from ..data.formats.faults import quote
from ..data.guards import Guard, GuardFile, read_guards
from ..data.mapped_pairs import load_mapped_pairs
from ..data.options import FILE_OPTIONS, DataOptions
from ..data.overlap import SplitOverlap, split_overlap
from ..data.profiles import DATING, PAIRS, Profile
from ..data_loader import data_file, load_pairs
from ..embedding.base_model import BaseModel, base_fingerprint, resolve_base_model
from ..embedding.loading import resolve_device
from ..embedding.tokenizer import BaseTokenizer, base_tokenizer
from ..models import Costs, DataFile, DecisionRules, PairSet, ProfileName, Provenance, ReportTo, Split
from ..storage.files import is_file
from ..storage.lock import RunLock, refuse_links
from ..storage.transaction import consistent_read, recover
from .environment import ADAPTERS, MAPS, MODELS, NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

ResultT = TypeVar("ResultT")

_PACKAGES = (*NUMBERS, *MODELS, *ADAPTERS, *MAPS)
MIN_TRAIN_PAIRS = 2
_REQUIRED_SPLITS = (Split.TRAIN, Split.TEST)
_EMBEDDED_SPLITS = (*_REQUIRED_SPLITS, Split.CHALLENGE)


@dataclass(frozen=True)
class RunContext:
    """The shared options of the command line; data, base model and device are resolved once, on first use."""

    paths: ProjectPaths
    data: DataOptions = field(default_factory=DataOptions)
    base_model: str | None = None
    allow_download: bool = False
    max_seq_length: int | None = None  # tokens of a text that the model reads; None for the base model's own limit
    prompt_1: str | None = None  # what it reads before text 1, empty for nothing; None for its own prompt
    prompt_2: str | None = None  # the same of text 2
    device_wanted: str = "auto"
    seed: int = 42
    redact: bool = False  # whether the reports leave the texts of the pairs out
    rules: DecisionRules = field(default_factory=DecisionRules)  # of the decision that ends a comparison
    costs: Costs = field(default_factory=Costs)  # of a wrong call, for the thresholds of a comparison
    guard_files: tuple[GuardFile, ...] = ()  # pairs of another kind that a comparison must not lose on
    cluster_by: str | None = None  # column of the second intervals of a comparison; None for the first that there is
    report_to: ReportTo | None = None  # program that shows the curves of a training too; no input of any stage
    command: str = ""
    reporter: Reporter = field(default_factory=Reporter)

    @cached_property
    def base(self) -> BaseModel:
        """The base model, found and hashed but not loaded."""
        return resolve_base_model(
            self.base_model,
            allow_download=self.allow_download,
            max_seq_length=self.max_seq_length,
            prompt_1=self.prompt_1,
            prompt_2=self.prompt_2,
        )

    @cached_property
    def tokenizer(self) -> BaseTokenizer | None:
        """How the base model reads texts; None where its folder has no `tokenizer.json`."""
        return base_tokenizer(self.base)

    @cached_property
    def base_fingerprint(self) -> str:
        """Hash of everything that makes the base model what it is: weights, tokenizer, pooling, configuration."""
        return base_fingerprint(self.base)

    @cached_property
    def device(self) -> str:
        """`cpu`, `mps` or `cuda`; asking for it imports torch."""
        return resolve_device(self.device_wanted)

    @cached_property
    def profile(self) -> Profile:
        """What kind of data it is: pairs where options or file names say so, else dating."""
        if self.data.profile is not ProfileName.AUTO:
            return {profile.name: profile for profile in (DATING, PAIRS)}[self.data.profile.value]
        if self.data.of_pairs_alone:
            return PAIRS
        if os.path.lexists(self.paths.train_pairs) or os.path.lexists(self.paths.eval_pairs):
            return DATING
        has_others = any(files_of(self.paths.data_dir, split) for split in (Split.TRAIN, Split.TEST))
        return PAIRS if has_others else DATING

    @cached_property
    def pair_sets(self) -> dict[Split, PairSet]:
        """The pairs that every model embeds, by split, read and checked; train and test are always there."""
        return {split: self._all_sets[split] for split in _EMBEDDED_SPLITS if split in self._all_sets}

    def with_pairs(self, *splits: Split) -> RunContext:
        """A copy that holds the pairs of some splits, read and checked, and no others; it may be sent to a worker.

        Args:
            splits: Those that are there are kept.
        """
        copy = dataclasses.replace(self)
        copy.__dict__["_all_sets"] = {split: pairs for split, pairs in self._all_sets.items() if split in splits}
        return copy

    def in_root(self, root: Path) -> RunContext:
        """A copy that writes below another root, with the pairs that were read."""
        copy = dataclasses.replace(self, paths=dataclasses.replace(self.paths, root=root))
        copy.__dict__["_all_sets"] = self._all_sets
        return copy

    def __getstate__(self) -> dict[str, object]:
        """What a worker needs: the fields, and the pairs if they were read; it finds out the rest by itself."""
        sent = {*(field.name for field in dataclasses.fields(self)), "_all_sets"}
        return {name: value for name, value in self.__dict__.items() if name in sent}

    @property
    def validation_pairs(self) -> PairSet | None:
        """The pairs of the validation file, read and checked; None where there is no such file."""
        return self._all_sets.get(Split.VALIDATION)

    @cached_property
    def _all_sets(self) -> dict[Split, PairSet]:
        sets = self._dating_sets() if self.profile is DATING else self._mapped_sets()
        _check_sets(sets[Split.TRAIN], sets[Split.TEST])
        return sets

    def _dating_sets(self) -> dict[Split, PairSet]:
        files = {split: self.paths.pairs(split) for split in _EMBEDDED_SPLITS}
        return {
            split: load_pairs(file)
            for split, file in files.items()
            if split in _REQUIRED_SPLITS or os.path.lexists(file)
        }

    def _mapped_sets(self) -> dict[Split, PairSet]:
        files = find_files(self.paths.data_dir, self.data)
        return {
            split: load_mapped_pairs(file, self.data, f"{FILE_OPTIONS[split]} names the file", self.say_once)
            for split, file in files.items()
        }

    @property
    def cluster_column(self) -> str | None:
        """The column whose values are clusters; None where the data has none.

        Raises:
            UserInputError: It was named, and is not there.
        """
        known = self.pair_sets[Split.TEST].clusters
        if self.cluster_by is None:
            return next(iter(known), None)
        if self.cluster_by not in known:
            there = ", ".join(map(quote, known)) or "none; name one with --slice-by, or with --columns group=..."
            raise UserInputError(f"--cluster-by {quote(self.cluster_by)}: no column to cluster by; there is {there}")
        return self.cluster_by

    @cached_property
    def guards(self) -> list[Guard]:
        """Pairs of another kind that a comparison measures too: those that were named, then those that ship.

        Raises:
            DataFileError: A file cannot be read, or has too few pairs.
            UserInputError: Two have one name.
        """
        train, held_out = self.pair_sets[Split.TRAIN], self.pair_sets[Split.TEST]
        return read_guards(self.guard_files, self.paths.guard_pairs, train, held_out, self.say_once)

    @cached_property
    def overlap(self) -> SplitOverlap:
        """What the eval pairs have in common with train.

        Raises:
            DataFileError: All of them are in train.
        """
        train, held_out = self.pair_sets[Split.TRAIN], self.pair_sets[Split.TEST]
        found = split_overlap(train, held_out)
        if not found.deduplicated.any():
            raise _nothing_held_out(train, held_out)
        return found

    def refuse_copied_eval(self) -> None:
        """Refuse eval pairs that are all in train, before a model is loaded.

        Raises:
            DataFileError: All eval pairs are in train.
        """
        _ = self.overlap

    @cached_property
    def lock(self) -> RunLock:
        """The lock that a process holds while it writes below the root."""
        return RunLock(self.paths, self.command)

    @cached_property
    def _said(self) -> set[str]:
        """What was told once: a faulty data file is read again by each stage."""
        return set()

    def say_once(self, message: str) -> None:
        """Tell the user, unless this run did so before."""
        if message not in self._said:
            self._said.add(message)
            self.reporter.say(message)

    @cached_property
    def _told(self) -> set[Path]:
        """What was left alone, and told."""
        return set()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock; on entry, finish or discard what an interrupted run left behind.

        Raises:
            PipelineError: Another process writes there, or nothing can be written.
        """
        if not is_main_process():
            yield
            return
        if not self.paths.root.exists():
            _ = self.pair_sets  # no root is made for data that cannot be read
        with self.lock.held() as first:
            if first:
                self.leave_alone(recover(self.paths))
            yield

    @property
    def judged(self) -> list[str]:
        """Names of the models that were trained elsewhere and are judged here, in order."""
        files = sorted(self.paths.judged_models.glob(f"*{JUDGED_SUFFIX}"))
        names = [file.name.removesuffix(JUDGED_SUFFIX) for file in files if is_file(file)]
        return [name for name in names if is_name(name) and is_file(self.paths.stage_record(judged_stage_name(name)))]

    def leave_alone(self, paths: Iterable[Path]) -> None:
        """Tell once of what lies among the results and no stage made."""
        for path in paths:
            if path not in self._told:
                self.reporter.say(f"{path}: not made by a stage; left alone")
                self._told.add(path)

    def consistent_read(self, read: Callable[[], ResultT]) -> ResultT:
        """Read several files without the lock, all from before or all from after a commit."""

        def finish() -> None:
            with self.writing():
                pass

        refuse_links(self.paths)
        return consistent_read(self.paths, finish, read)

    @property
    def data_hashes(self) -> dict[str, str]:
        """Hash of each split's pairs, as the inputs of a stage name them; 'none' for a split that is absent.

        A stage that looks at validation pairs adds `validation_hash`.
        """
        return {split.value: self._hash_of(split) for split in _EMBEDDED_SPLITS}

    @property
    def validation_hash(self) -> dict[str, str]:
        """The same of the validation pairs."""
        return {Split.VALIDATION.value: self._hash_of(Split.VALIDATION)}

    def _hash_of(self, split: Split) -> str:
        return self._all_sets[split].content_sha256 if split in self._all_sets else "none"

    @cached_property
    def data_files(self) -> dict[Split, DataFile]:
        """Name, hash and counts of each split's file, as results carry them."""
        return {split: data_file(pairs) for split, pairs in self._all_sets.items()}

    def provenance(self, fingerprint: str, started: float, *, device: str | None = None) -> Provenance:
        """Where a result comes from.

        Args:
            fingerprint: Hash of what it was made from.
            started: `time.monotonic()` at the start of the work.
            device: Where the model ran, None without a model.
        """
        return Provenance(
            created_at=datetime.now(UTC).replace(microsecond=0),
            duration_seconds=round(time.monotonic() - started, 2),
            command=self.command,
            device=device,
            python=platform.python_version(),
            platform=f"{platform.system()} {platform.machine()}",
            packages={name: importlib.metadata.version(name) for name in _PACKAGES},
            fingerprint=fingerprint,
        )


def judged_stage_name(name: str) -> str:
    """Name of the stage that records a model that was trained elsewhere."""
    return f"judge-{name}"


def _check_sets(train: PairSet, held_out: PairSet) -> None:
    if train.sha256 == held_out.sha256:
        raise _nothing_held_out(train, held_out)
    if train.grades is not None:
        # the labels of graded pairs are the sides of a cut, which no training needs
        if len(train) and train.targets.min() == train.targets.max():
            raise DataFileError(
                f"{train.path}: all {len(train)} pairs have the grade {train.grades[0]:g}; training needs two grades"
            )
        return
    ones = int(train.labels.sum(dtype=int))
    if min(ones, len(train) - ones) < MIN_TRAIN_PAIRS:
        raise DataFileError(
            f"{train.path}: {ones} pairs with label 1 and {len(train) - ones} with label 0; "
            f"training needs at least {MIN_TRAIN_PAIRS} of each"
        )


def _nothing_held_out(train: PairSet, held_out: PairSet) -> DataFileError:
    return DataFileError(
        f"{held_out.path}: the same records as {train.path.name}: 100 % of the eval pairs are in train; "
        "hold other pairs out"
    )
