from __future__ import annotations

from src.tables import groups as group_tables
from tests.support.factories import make_evaluation
from tests.support.table_reading import row


def test_a_slice_leads_nowhere_because_no_filter_is_a_slice() -> None:
    table = group_tables.slice_table("Slices", make_evaluation().slices)

    assert table.rows[0][0].text == "all"
    assert all(not cells[0].href for cells in table.rows)


def test_slices_stand_by_model_with_their_n() -> None:
    models = [make_evaluation(), make_evaluation("lora", slices=())]
    table = group_tables.slices_by_model(models)
    cells = row(table, "no text shared with train")

    assert cells[1].text == "80"
    assert cells[2].note.startswith("[")
    assert cells[3].title == "this model was not evaluated on it"
