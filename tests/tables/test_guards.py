from __future__ import annotations

import io

from rich.console import Console

from src.core.formatting import signed, signed_interval
from src.models import GuardDifference, ModelSummary, PairedDifference
from src.report.markdown import summary_markdown
from src.report.terminal import show_comparison
from src.tables.guards import guard_table
from tests.support.factories import make_comparison
from tests.support.judged_models import make_models
from tests.support.table_reading import column


def on_guard(model: str, **scores: float | None) -> GuardDifference:
    change = PairedDifference(
        model=model, metric="auc_roc", value=-0.05, low=-0.08, high=-0.02, outcome="worse", method="paired"
    )
    known = {"auc_roc": None, "other_auc_roc": None} | scores
    return GuardDifference(slice="old.csv", n=60, n_compatible=30, difference=change, shipped=False, **known)


def guarded_models() -> list[ModelSummary]:
    """A base model and two others, measured on a binary and on a graded guard."""
    base, *others = make_models("finetuned", "lora")
    scores = ({"auc_roc": 0.7, "other_auc_roc": 0.75}, {"spearman": 0.6, "other_spearman": 0.75})
    measured = ({"guards": (on_guard(one.name, **of),)} for one, of in zip(others, scores, strict=True))
    return [base, *(one.model_copy(update=of) for one, of in zip(others, measured, strict=True))]


def test_a_guard_has_the_score_of_the_reference_and_of_each_model_with_its_change() -> None:
    found = guard_table(guarded_models())

    assert found.caption == "Forgetting, compared with the base model"
    assert found.columns == ("Guard", "baseline", "standard", "lora")
    assert column(found, "Guard")[0].parts == ("old.csv", "(60 pairs)")
    assert column(found, "baseline")[0].text == "0.750"
    assert column(found, "standard")[0].text == "0.700"
    assert column(found, "standard")[0].note == f"{signed(-0.05)} {signed_interval(-0.08, -0.02)} worse"
    assert column(found, "lora")[0].text == "0.600"


def test_terminal_and_summary_show_it_where_there_are_guards_and_only_there() -> None:
    without = make_comparison(("baseline", "finetuned", "lora"))
    models = tuple(
        one.model_copy(update={"guards": other.guards})
        for one, other in zip(without.models, guarded_models(), strict=True)
    )

    for result, times in ((without, 0), (without.model_copy(update={"models": models}), 1)):
        stream = io.StringIO()
        show_comparison(Console(width=100, file=stream), result)
        for text in (stream.getvalue(), summary_markdown(result)):
            assert text.count("Forgetting, compared with the base model") == times
