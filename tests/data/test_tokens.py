from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data import tokens as module
from src.data.tokens import terms, tokens, words_of

ASCII = string.ascii_lowercase + string.digits + string.punctuation + " "
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
THUMB = "\U0001f44d\U0001f3fd"
FLAG = "\U0001f1e9\U0001f1ea"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I can't wait, rock'n'roll at 8pm -- 'really'", ["i", "can't", "wait", "rock'n'roll", "at", "8pm", "really"]),
        ("我们明天见面。", list("我们明天见面")),
        ("iPhone手机2024年", ["iphone", "手", "机", "2024", "年"]),
        ("コーヒーを飲む", list("コーヒーを飲む")),
        ("ดีมาก", ["ดี", "ม", "า", "ก"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("مُحَمَّد يشرب", ["مُحَمَّد", "يشرب"]),
        ("می‌خواهم", ["می\u200cخواهم"]),
        ("안녕하세요, 세계!", ["안녕하세요", "세계"]),
        ("naïve Café", ["naïve", "café"]),
        (f"so good{THUMB}{FAMILY}{FLAG}", ["so", "good", THUMB, FAMILY, FLAG]),
        ("5 € × 2", ["5", "€", "×", "2"]),
        ("if (snake_case(x) != getName()):", ["if", "snake", "case", "x", "getname"]),
        ("fine :) or :-( or ;D", ["fine", ":)", "or", ":-(", "or", ";d"]),
        ("i <3 you </3", ["i", "<3", "you", "</3"]),
        ("http://a.b 10:30 f:(x) list: (a)", ["http", "a", "b", "10", "30", "f", "x", "list", "a"]),
        ("-5 or 3-5 or x-1", ["-5", "or", "3", "5", "or", "x", "1"]),
        ("... ?! --", []),
    ],
)
def test_a_token_is_a_word_a_character_without_spaces_or_a_sign(text: str, expected: list[str]) -> None:
    assert words_of(text) == expected


def test_an_emoji_is_one_token_however_it_is_to_be_drawn() -> None:
    assert words_of("\u2764\ufe0f") == words_of("\u2764") == ["\u2764"]


@given(st.text(ASCII, max_size=40))
def test_the_quick_way_for_ascii_gives_the_same_tokens(text: str) -> None:
    assert module._ASCII.findall(text) == module._ANY.findall(text)


@given(st.text(max_size=60))
def test_no_token_of_any_text_is_empty(text: str) -> None:
    assert all(words_of(text))
    assert all(terms(text.casefold()))


@pytest.mark.parametrize("unit", ["a'", "'", "é'", "\u200c", "ก", "\U0001f44d\u200d", "é:-", "é -", "</é"])
def test_a_long_text_is_read_in_time_that_grows_with_its_length(unit: str) -> None:
    assert len(tokens(unit * 30_000)) <= 2 * 30_000


def test_a_bag_holds_tokens_and_pairs_of_neighbours() -> None:
    assert list(terms("a 东 don't :)")) == ["东", "don", ":)", "东 don", "don :)"]
