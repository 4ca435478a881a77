"""Near-duplicates by meaning: pairs whose two texts the base model places beside those of one pair of the source.

The search by words stands in `near_duplicates.py`; a paraphrase shares few words and has nearly the same embedding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..data.normalisation import is_in
from ..metrics import unit_blocks
from ..models import FindingStatus
from ..wording import audit as wording
from .finding_codes import FindingCode
from .framework import AuditCheck, AuditOutcome, Grade, finding, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..models import AuditFinding
    from .framework import FilePair

    Embeddings = NDArray[np.float32]

CLOSE = 0.95
# couples of pairs that are compared at most; a hundred million take some ten seconds on one core
MAX_COUPLES = 400_000_000
MIN_EXAMINED = 200
_TARGETS, _SOURCES = 512, 2048


def close_copies(split: FilePair, target: Embeddings, source: Embeddings) -> AuditFinding:
    """Finding about the pairs that are not in the source but have a pair there with two cosines of 0.95.

    Args:
        split: M pairs of the source and N pairs of the target.
        target: The base model's embeddings of the target, shape (N, 2, D), in memory or mapped.
        source: Those of the source, shape (M, 2, D).
    """
    fresh = rows_of(~is_in(split.target.keys, split.source.keys))
    examined = max(MIN_EXAMINED, MAX_COUPLES // max(1, len(source)))
    if len(fresh) > examined:
        fresh = np.sort(np.random.default_rng(0).choice(fresh, examined, replace=False))

    def measure(split: FilePair) -> AuditOutcome:
        if not len(fresh):
            return AuditOutcome(None, wording.NOTHING_TO_COMPARE, 0)
        found = fresh[are_close(target[fresh], source)]
        share = len(found) / len(fresh)
        observed = wording.close(len(found), len(fresh), share, split.source.role, CLOSE)
        return AuditOutcome(share, observed, len(fresh), found)

    check: AuditCheck[FilePair] = AuditCheck(
        code=FindingCode.CLOSE_COPIES,
        text=wording.CLOSE_COPIES,
        unit="share",
        grades=(Grade(FindingStatus.NOTE, 0.0), Grade(FindingStatus.WARN, 0.05)),
        measure=measure,
    )
    return finding(check, split)


def are_close(target: Embeddings, source: Embeddings) -> NDArray[np.bool_]:
    """Which target pairs have a source pair with a cosine of 0.95 or more on both sides, in either order of its sides.

    Args:
        target: Shape (N, 2, D).
        source: Shape (M, 2, D), read in blocks.

    Returns:
        Shape (N,), in constant memory beside the target.
    """
    found = [np.zeros(0, dtype=np.bool_)]
    for asked in unit_blocks(target, _TARGETS):
        sides = asked.astype(np.float32)
        near = np.zeros(len(sides), dtype=np.bool_)
        for block in unit_blocks(source, _SOURCES):
            others = block.astype(np.float32)
            for order in (others, others[:, ::-1]):
                close = sides[:, 0] @ order[:, 0].T >= CLOSE
                if close.any():
                    near |= (close & (sides[:, 1] @ order[:, 1].T >= CLOSE)).any(axis=1)
        found.append(near)
    return np.concatenate(found)
