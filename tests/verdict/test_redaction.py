from __future__ import annotations

from src.audit.finding_codes import FindingCode
from src.models import AuditFinding, FindingStatus, Split
from src.verdict.findings import audit_finding
from src.verdict.redaction import redacted
from src.wording import audit as wording
from tests.support.factories import make_comparison, make_verdict

CORRELATED = wording.words(2, 9, 1, 0.5, wording.strongest([wording.word(1, "secret: word", 0.1, 40, -6.2)]))
UNKNOWN = wording.share(3, 12, 0.25, wording.have_unknown_tokens([("secret", 3)], 2))


def finding(code: FindingCode, observed: str) -> AuditFinding:
    return AuditFinding(
        code=code,
        role=Split.TEST,
        name=f"eval: {code.name}",
        status=FindingStatus.WARN,
        observed=observed,
        limit="warn above 1 %",
        n=12,
        why="why",
        action="do this",
    )


FINDINGS = (
    finding(FindingCode.LABEL_CORRELATED_WORDS, CORRELATED),
    finding(FindingCode.UNKNOWN_TOKENS, UNKNOWN),
    finding(FindingCode.SMALL_SLICES, "1 of 4 categories: values (n=3)"),
)


def test_no_word_of_a_text_is_left_in_the_audit_or_in_the_verdict_that_repeats_it() -> None:
    verdict = make_verdict(findings=tuple(audit_finding(one, "note") for one in FINDINGS))

    left = redacted(make_comparison(audit=FINDINGS, verdict=verdict))

    assert "secret" not in left.model_dump_json()
    words, unknown, slices = left.audit
    assert words.observed.startswith("2 of 9 words correlate with the label, 1 of them strongly")
    assert unknown.observed == "3 of 12 pairs (25.0%) have a text with an unknown token: left out"
    assert slices == FINDINGS[2]
    assert left.verdict.findings[1].text == f"{unknown.name}: {unknown.observed}; do this"


def test_without_quoted_words_nothing_changes() -> None:
    none = (finding(FindingCode.LABEL_CORRELATED_WORDS, wording.words(0, 9, 0, 0, wording.strongest([]))),)
    result = make_comparison(audit=none)

    assert redacted(result) == result
