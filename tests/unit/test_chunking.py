"""Chunking: exact spans, sentence ends, tables with their header, stable ids."""

from hypothesis import given
from hypothesis import strategies as st

from ingestion.chunking import ChunkSettings, cut, measure
from ingestion.cleaning import Cleaned, clean
from ingestion.model import Parsed
from retrieval.model import Block, BlockKind, Chunk

_ID = "6f1e7b6e-0000-5000-8000-000000000000"
_SMALL = ChunkSettings(target=60, least=15)


def _clean(*blocks: Block) -> Cleaned:
    return clean(Parsed(blocks))


def _cut(cleaned: Cleaned, size: ChunkSettings = _SMALL, context: str = "題") -> tuple[Chunk, ...]:
    return cut(_ID, cleaned.text, cleaned.blocks, context, size)


def _heading(text: str, level: int, page: int | None = None) -> Block:
    return Block(BlockKind.HEADING, text, page=page, level=level)


def _paragraph(text: str, page: int | None = None) -> Block:
    return Block(BlockKind.PARAGRAPH, text, page=page)


_BLOCKS = st.lists(
    st.builds(
        Block,
        st.sampled_from([BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST, BlockKind.CODE]),
        st.text(st.sampled_from("ab 。、．\n\t漢字かなA1.-"), max_size=300),
        st.none() | st.integers(1, 3),
        level=st.integers(1, 4),
    ),
    max_size=12,
)


@given(_BLOCKS)
def test_every_chunk_is_exactly_its_span(blocks: list[Block]) -> None:
    cleaned = _clean(*blocks)
    for chunk in _cut(cleaned):
        assert cleaned.text[chunk.start : chunk.end] == chunk.text


@given(_BLOCKS)
def test_chunks_cover_all_that_is_not_space(blocks: list[Block]) -> None:
    cleaned = _clean(*blocks)
    shown = "".join(chunk.text for chunk in _cut(cleaned))
    assert "".join(shown.split()) == "".join(cleaned.text.split())


@given(_BLOCKS)
def test_ids_differ_within_a_document_and_stay_from_run_to_run(blocks: list[Block]) -> None:
    cleaned = _clean(*blocks)
    ids = [chunk.id for chunk in _cut(cleaned)]
    assert len(set(ids)) == len(ids)
    assert ids == [chunk.id for chunk in _cut(cleaned)]


def test_no_chunk_is_larger_than_the_target_allows() -> None:
    cleaned = _clean(_paragraph("有給休暇は入社日に十二日を与える。" * 40))
    assert max(measure(chunk.text) for chunk in _cut(cleaned)) <= _SMALL.target


def test_long_japanese_text_is_cut_at_sentence_ends() -> None:
    cleaned = _clean(
        _paragraph("有給休暇は入社日に十二日を与える。以後は勤続に応じて増やす。" * 20)
    )
    assert all(chunk.text.endswith("。") for chunk in _cut(cleaned))


def test_long_english_text_is_cut_at_sentence_ends() -> None:
    cleaned = _clean(_paragraph("Leave is granted on the first day. It grows every year. " * 30))
    assert all(chunk.text.endswith(".") for chunk in _cut(cleaned))


def test_the_heading_path_is_kept_and_indexed_but_the_title_only_once() -> None:
    cleaned = _clean(
        _heading("就業規則", 1),
        _heading("第4章 休暇", 2),
        _heading("第20条（年次有給休暇）", 3),
        _paragraph("入社日に12日の年次有給休暇を与える。" * 2),
    )
    (chunk,) = _cut(cleaned, ChunkSettings(), context="就業規則 (2024-04-01)")
    assert chunk.heading == ("就業規則", "第4章 休暇", "第20条（年次有給休暇）")
    assert chunk.context == "就業規則 (2024-04-01) > 第4章 休暇 > 第20条（年次有給休暇）"


def test_a_section_large_enough_is_not_mixed_with_the_next() -> None:
    cleaned = _clean(
        _heading("A", 1),
        _paragraph("一つ目の節には十分な長さの本文がある。"),
        _heading("B", 1),
        _paragraph("二つ目の節にも十分な長さの本文がある。"),
    )
    assert [chunk.heading for chunk in _cut(cleaned)] == [("A",), ("B",)]


def test_short_sections_below_one_heading_go_together() -> None:
    cleaned = _clean(
        _heading("規程", 1),
        _heading("第1条", 2),
        _paragraph("短い条。"),
        _heading("第2条", 2),
        _paragraph("これも短い条。"),
    )
    assert [chunk.heading for chunk in _cut(cleaned)] == [("規程",)]


def test_short_sections_on_different_slides_stay_apart() -> None:
    cleaned = _clean(
        _heading("一枚目", 2, 1),
        _paragraph("短い。", 1),
        _heading("二枚目", 2, 2),
        _paragraph("短い。", 2),
    )
    assert [chunk.page for chunk in _cut(cleaned)] == [1, 2]


def test_a_long_table_repeats_its_header_row() -> None:
    rows = "\n".join(f"品番{number}\t{number}00円" for number in range(30))
    cleaned = _clean(Block(BlockKind.TABLE, f"品番\t価格\n{rows}", sheet="価格表"))
    chunks = _cut(cleaned)
    assert len(chunks) > 2
    for chunk in chunks:
        assert chunk.text.startswith("品番\t価格\n")
        assert chunk.text.endswith(cleaned.text[chunk.start : chunk.end])
        assert chunk.kind is BlockKind.TABLE
        assert chunk.context == "題 > 価格表"
    body = "\n".join(cleaned.text[chunk.start : chunk.end] for chunk in chunks)
    assert body == cleaned.text


def test_a_row_longer_than_a_chunk_is_cut_without_loss() -> None:
    cleaned = _clean(Block(BlockKind.TABLE, "項目\t内容\n規程\t" + "長い文。" * 100))
    shown = "".join(cleaned.text[chunk.start : chunk.end] for chunk in _cut(cleaned))
    assert "".join(shown.split()) == "".join(cleaned.text.split())


def test_sheets_are_never_mixed() -> None:
    cleaned = _clean(
        Block(BlockKind.TABLE, "a\tb\n1\t2", sheet="一"),
        Block(BlockKind.TABLE, "a\tb\n1\t2", sheet="二"),
    )
    assert [chunk.sheet for chunk in _cut(cleaned)] == ["一", "二"]


def test_the_same_text_twice_has_two_ids() -> None:
    text = "同じ文がここにもう一度現れることがある。十分に長い。"
    cleaned = _clean(_heading("A", 1), _paragraph(text), _heading("A", 1), _paragraph(text))
    first, second = _cut(cleaned)
    assert first.text == second.text
    assert first.id != second.id


def test_a_change_in_one_section_keeps_the_ids_of_the_others() -> None:
    def ids(middle: str) -> list[str]:
        sections = [
            ("A", "最初の節の本文はいつも同じである。"),
            ("B", middle),
            ("C", "最後の節の本文もいつも同じである。"),
        ]
        blocks = [
            block for title, text in sections for block in (_heading(title, 1), _paragraph(text))
        ]
        return [chunk.id for chunk in _cut(_clean(*blocks))]

    before, after = (
        ids("真ん中の節の本文は変わることがある。"),
        ids("真ん中の節の本文はこう変わったのである。"),
    )
    assert (before[0], before[2]) == (after[0], after[2])
    assert before[1] != after[1]


def test_measure_counts_japanese_letters_and_quarters_of_others() -> None:
    assert measure("有給休暇") == 4
    assert measure("leave it") == 2
