"""Where sentences end, in stored text and in a reply that arrives in pieces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.citing import Draft, ReplyParser
from app.answering.sentences import split


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text)]


def parse(reply: str, size: int) -> list[Draft]:
    parser = ReplyParser()
    drafts: list[Draft] = []
    for at in range(0, len(reply), size):
        drafts += parser.feed(reply[at : at + size])
    return drafts + parser.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10日です。「前日。必ず」に行います！", ["10日です。", "「前日。必ず」に行います！"]),
        ("Mr. Li paid 3.5 dollars. See a.com now.", ["Mr. Li paid 3.5 dollars.", "See a.com now."]),
        ("第1条\n本規則は全社員に適用する。", ["第1条", "本規則は全社員に適用する。"]),
        ("手順:\n1. 開く\n2. 押す", ["手順:", "1. 開く", "2. 押す"]),
        ("He said \"stop.\" Then he left.", ['He said "stop."', "Then he left."]),
        ("", []),
        ("終わりのない文", ["終わりのない文"]),
    ],
)  # fmt: skip
def test_stored_text_is_cut_at_its_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_hard_wrapped_line_does_not_end_a_sentence() -> None:
    text = "Employees who have worked for more than\nsix months receive ten days. Others do not."
    assert sentences(text) == [
        "Employees who have worked for more than\nsix months receive ten days.",
        "Others do not.",
    ]


def test_a_text_without_any_full_stop_is_still_cut() -> None:
    assert all(len(part) <= 1_100 for part in sentences("あ、" * 400 + "。「" + "い。" * 2_000))


@given(st.text(alphabet="あ漢a1 .。!「」[]［１\n)（", max_size=80))
def test_pieces_of_stored_text_never_overlap_and_lose_no_word(text: str) -> None:
    spans = split(text)
    assert all(a < b for a, b in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    kept = "".join(text[a:b] for a, b in spans)
    assert "".join(kept.split()) == "".join(text.split())


REPLIES = [
    "有給休暇は10日です[1]。申請は前日までです。[2][3]次です。【1】\n- 項目 ［１］\n- 次 [1, 2]\n",
    "You get 10 days [1]. Apply by e-mail. [2] Mr. Doe approves it.[1,3]\n\n"
    "1. First [1]\n2. Next [2]",
    "費用は 3.5 万円です [出典2]。以上です。 [Source 3]",
]


@pytest.mark.parametrize("reply", REPLIES)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
def test_a_reply_gives_the_same_sentences_however_it_is_cut(reply: str, size: int) -> None:
    assert parse(reply, size) == parse(reply, 10_000)


def test_marks_of_every_kind_are_read_and_removed() -> None:
    drafts = parse(REPLIES[0], 1)
    assert [(d.text, d.marks) for d in drafts] == [
        ("有給休暇は10日です。", (1,)),
        ("申請は前日までです。", (2, 3)),
        ("次です。", (1,)),
        ("- 項目", (1,)),
        ("- 次", (1, 2)),
    ]
    assert [d.starts_line for d in drafts] == [True, False, False, True, True]


def test_marks_after_the_full_stop_belong_to_the_sentence_before() -> None:
    drafts = parse(REPLIES[1], 1)
    assert [(d.text, d.marks) for d in drafts][:3] == [
        ("You get 10 days.", (1,)),
        ("Apply by e-mail.", (2,)),
        ("Mr. Doe approves it.", (1, 3)),
    ]


def test_a_sentence_is_given_before_the_next_one_ends() -> None:
    parser = ReplyParser()
    assert parser.feed("有給休暇は10日です。[1]") == []
    assert [d.text for d in parser.feed("申")] == ["有給休暇は10日です。"]


def test_links_and_images_leave_only_their_words() -> None:
    (draft,) = parse(
        "See ![chart](http://evil.example/x.png) and [the page](http://evil.example) [1].", 5
    )
    assert draft == Draft("See chart and the page.", (1,), starts_line=True)


def test_a_mark_that_was_cut_off_is_no_text() -> None:
    assert parse("Ten days.[1", 3) == [Draft("Ten days.", (), starts_line=True)]


@given(st.text(alphabet="あa1 .。[]【】12,\n", max_size=60), st.integers(1, 5))
def test_no_reply_breaks_the_parser(reply: str, size: int) -> None:
    for draft in parse(reply, size):
        assert draft.text.strip() == draft.text != ""


SCRAPS = "休暇 は10日 です 。 [1] 」 「 （ ） 【3】 … \n - 1. Mr. word ends. ! ? 3.5 e.g. [1,2]"


@given(st.lists(st.sampled_from([*SCRAPS.split(" "), " "]), max_size=18))
def test_what_a_reply_says_does_not_depend_on_how_it_arrives(scraps: list[str]) -> None:
    reply = "".join(scraps)
    assert parse(reply, 1) == parse(reply, 1_000)


@pytest.mark.parametrize("size", [1, 4, 100])
@pytest.mark.parametrize(
    ("reply", "text", "marks"),
    [
        ("日当は2,200円です（出典：[1]）。", "日当は2,200円です。", (1,)),
        ("日当は2,200円です。（資料1、資料2）", "日当は2,200円です。", (1, 2)),
        ("It is 3. (Source 1)", "It is 3.", (1,)),
        ("It is 3 (source: [1][2]).", "It is 3.", (1, 2)),
        ("手当（一般は2,200円[1]）です。", "手当（一般は2,200円）です。", (1,)),
        ("別紙（資料1を参照）です。[2]", "別紙（資料1を参照）です。", (2,)),
        ("**課長**の日当は**2,800円**です。[1]", "課長の日当は2,800円です。", (1,)),
        ("- **課長**: 2,800円 [1]", "- 課長: 2,800円", (1,)),
        ("<b>日当</b>は<strong>3円</strong>です。[1]", "日当は3円です。", (1,)),
        ("| 課長 | 2,800円 | [1]", "課長 | 2,800円", (1,)),
        ("会員番号は****1234、2**3 は 8 です。[1]", "会員番号は****1234、2**3 は 8 です。", (1,)),
    ],
)
def test_marks_and_markup_are_no_words_of_a_sentence(
    reply: str, text: str, marks: tuple[int, ...], size: int
) -> None:
    assert parse(reply, size) == [Draft(text, marks, starts_line=True)]
