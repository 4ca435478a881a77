from __future__ import annotations

from src.models import FindingStatus
from src.tables.audit import COLUMNS, audit_tables
from tests.support.factories import make_audit


def test_the_worst_stands_first_and_what_is_in_order_is_folded_away() -> None:
    bad, fine = audit_tables(make_audit())

    assert [cells[1].text for cells in bad.rows] == ["blocker", "warn", "note"]
    assert [cells[1].text for cells in fine.rows] == ["ok"]
    assert fine.columns == ("Finding", "Status", "Observed", "Limit", "N")
    assert (bad.folded, fine.folded) == ("", "1 checks without a finding")


def test_a_finding_is_told_whole_and_its_rows_are_places_in_a_file() -> None:
    cells = [cell.text for cell in audit_tables(make_audit())[0].rows[1]]

    assert cells == [
        "eval: finding 2", "warn", "2 of 120 pairs", "warn above 5 %", "120", "why 2", "action 2",
        "eval_pairs.jsonl:1, 2",
    ]  # fmt: skip
    assert len(cells) == len(COLUMNS)


def test_data_without_fault_says_so() -> None:
    fine = [finding for finding in make_audit() if finding.status is FindingStatus.OK]
    first, second = audit_tables(fine)

    assert (first.rows, first.note) == ((), "No check has a finding.")
    assert len(second.rows) == 1
