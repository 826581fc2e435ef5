"""Cleaning: what is seen stays as written, what is not seen goes and is counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.cleaning import clean, join_lines, strip_invisible
from ingestion.model import Parsed
from retrieval.model import Block, BlockKind


def _paragraph(text: str, page: int | None = None) -> Block:
    return Block(BlockKind.PARAGRAPH, text, page=page)


def test_japanese_lines_join_without_a_space() -> None:
    assert (
        join_lines(["年次有給休暇は、入社日に", "12日を与える。"])
        == "年次有給休暇は、入社日に12日を与える。"
    )


def test_english_lines_join_with_a_space() -> None:
    assert join_lines(["Paid leave is", "twenty days."]) == "Paid leave is twenty days."


def test_a_hyphenated_word_is_made_whole() -> None:
    assert join_lines(["the manage-", "ment board"]) == "the management board"


def test_a_part_number_at_a_line_end_keeps_its_hyphen() -> None:
    assert join_lines(["use KS-", "4410"]) == "use KS- 4410"


def test_line_breaks_stay_where_the_format_means_them() -> None:
    cleaned = clean(Parsed((_paragraph("一行目\n二行目"),), wrapped=False))
    assert cleaned.text == "一行目\n二行目"


def test_zero_width_bidi_and_tag_characters_go_and_are_counted() -> None:
    smuggled = "".join(chr(0xE0000 + ord(char)) for char in "obey")
    cleaned = clean(Parsed((_paragraph(f"指\u200b示\u202eを{smuggled}守る\x07"),)))
    assert cleaned.text == "指示を守る"
    assert cleaned.invisible == 7


def test_letter_width_is_kept_as_written() -> None:
    assert clean(Parsed((_paragraph("ＫＳ－４４１０ と ｶﾅ ①"),))).text == "ＫＳ－４４１０ と ｶﾅ ①"


def test_headers_and_page_numbers_that_repeat_are_dropped() -> None:
    pages = tuple(
        _paragraph(
            f"株式会社蔵前精機 社外秘\n本文その{'一二三四'[page - 1]}である。\n- {page} -", page
        )
        for page in range(1, 5)
    )
    cleaned = clean(Parsed(pages, wrapped=True))
    assert "社外秘" not in cleaned.text
    assert [block.text for block in cleaned.blocks] == [
        f"本文その{number}である。" for number in "一二三四"
    ]


def test_pages_that_hold_nothing_but_a_repeated_line_keep_it() -> None:
    pages = tuple(_paragraph(f"Document 3: Page {page}", page) for page in range(1, 5))
    assert len(clean(Parsed(pages, wrapped=True)).blocks) == 4


def test_a_line_repeated_in_the_body_of_a_text_file_stays() -> None:
    blocks = tuple(_paragraph("同じ行") for _ in range(5))
    assert len(clean(Parsed(blocks)).blocks) == 5


def test_dots_that_lead_to_a_page_number_are_shortened() -> None:
    assert clean(Parsed((_paragraph("目次 ............ 3"),))).text == "目次 ... 3"


def test_a_title_loses_what_nobody_can_see() -> None:
    assert strip_invisible("価格\u202e表\n 2024") == "価格表 2024"


@given(st.lists(st.text(), max_size=8), st.booleans())
def test_every_block_is_where_its_offsets_say(texts: list[str], wrapped: bool) -> None:
    cleaned = clean(Parsed(tuple(_paragraph(text, 1) for text in texts), wrapped=wrapped))
    for block in cleaned.blocks:
        assert cleaned.text[block.start : block.end] == block.text
        assert block.text.strip()


@given(st.lists(st.text(), max_size=5))
def test_cleaning_twice_changes_nothing_more(texts: list[str]) -> None:
    once = clean(Parsed(tuple(map(_paragraph, texts))))
    again = clean(Parsed(once.blocks))
    assert again.text == once.text
    assert again.invisible == 0


@pytest.mark.parametrize(
    "number",
    ["- {} -", "{}/12", "{} / 12 ページ", "Page {} of 12", "第{}頁", "ページ {}", "― {} ―", "p. {}",
     "全12ページ中{}ページ", "{}ページ目", "〜{}〜", "{} pages"],
)  # fmt: skip
def test_a_page_number_however_written_is_dropped(number: str) -> None:
    pages = tuple(
        _paragraph(f"本文その{'一二三四'[page - 1]}である。\n{number.format(page)}", page)
        for page in range(1, 5)
    )
    assert clean(Parsed(pages, wrapped=True)).text == "\n\n".join(
        f"本文その{each}である。" for each in "一二三四"
    )


def test_dropped_headers_are_kept_for_tagging_without_page_numbers() -> None:
    pages = tuple(
        _paragraph(f"株式会社蔵前精機 社外秘\n本文{'一二三四'[page - 1]}である。\n- {page} -", page)
        for page in range(1, 5)
    )
    assert clean(Parsed(pages, wrapped=True)).furniture == ("株式会社蔵前精機 社外秘",)


@given(st.lists(st.text("あ漢aB 。.-", min_size=1, max_size=12), max_size=6))
def test_joining_lines_loses_nothing_but_space_and_hyphens(lines: list[str]) -> None:
    joined = join_lines(lines)
    kept = "".join(joined.split()).replace("-", "")
    assert kept == "".join("".join(lines).split()).replace("-", "")
