"""One template in several scripts; a word of the second text, or a sign, gives the label away."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from src.models import PairSet
    from tests.conftest import PairSetFactory


class Script(NamedTuple):
    """A way to write the template.

    Attributes:
        template: With a place for the topic, one for the detail, and one for what gives the label away.
        topics: Six of them.
        details: Five of them.
        with_0: What goes with label 0.
        with_1: What goes with label 1.
    """

    template: str
    topics: tuple[str, ...]
    details: tuple[str, ...]
    with_0: str
    with_1: str


_ENGLISH = ("tea", "music", "films", "sports", "travel", "books"), ("today", "early", "at home", "outside", "again")

SCRIPTS = {
    "English": Script("I {2} {0} {1}", *_ENGLISH, "avoid", "enjoy"),
    "Chinese": Script(
        "我{2}{0}{1}",
        ("茶", "音乐", "电影", "运动", "旅行", "读书"),
        ("今天", "早上", "在家", "外面", "再次"),
        "讨厌",
        "喜欢",
    ),
    "Japanese": Script(
        "{1}{0}が{2}です",
        ("お茶", "音楽", "映画", "スポーツ", "旅行", "読書"),
        ("今日", "朝", "家で", "外で", "また"),
        "嫌い",
        "好き",
    ),
    "Thai": Script(
        "ฉัน{2}{0}{1}",
        ("ชา", "ดนตรี", "หนัง", "กีฬา", "เที่ยว", "หนังสือ"),
        ("วันนี้", "เช้า", "ที่บ้าน", "ข้างนอก", "อีก"),
        "เกลียด",
        "ชอบ",
    ),
    "Hindi": Script(
        "मुझे {1} {0} {2} है",
        ("चाय", "संगीत", "फिल्में", "खेल", "यात्रा", "किताबें"),
        ("आज", "सुबह", "घर पर", "बाहर", "फिर"),
        "नापसंद",
        "पसंद",
    ),
    "Arabic": Script(
        "أنا {2} {0} {1}",
        ("الشاي", "الموسيقى", "الأفلام", "الرياضة", "السفر", "الكتب"),
        ("اليوم", "صباحا", "في البيت", "خارجا", "مجددا"),
        "أكره",
        "أحب",
    ),
    "Korean": Script(
        "나는 {1} {0} {2}",
        ("차를", "음악을", "영화를", "운동을", "여행을", "책을"),
        ("오늘", "아침에", "집에서", "밖에서", "다시"),
        "싫어해",
        "좋아해",
    ),
    "emoji": Script("{0} {1} {2}", *_ENGLISH, "\U0001f44e\U0001f3fd", "\U0001f44d\U0001f3fd"),
    "emoticons": Script("{0} {1} {2}", *_ENGLISH, ":(", ":)"),
    "code": Script("{0}.{1}({2}=True)", _ENGLISH[0], ("get", "put", "pop", "add", "set"), "strict", "lazy"),
}


def given_away(pair_set: PairSetFactory, script: Script) -> PairSet:
    """All 900 pairs of the template's texts; whatever the topics, the second text gives the label away."""
    topics = list(product(script.topics, script.details))
    rows = list(product(topics, topics))
    labels = [(i * i // 7 + i) % 2 for i in range(len(rows))]
    return pair_set(
        [f"boy: {script.template.format(*one, '')}" for one, _ in rows],
        [
            f"girl: {script.template.format(*two, script.with_1 if y else script.with_0)}"
            for (_, two), y in zip(rows, labels, strict=True)
        ],
        labels,
    )
