"""What chunking promises, on any sequence of blocks and on the sample's documents."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.chunking import ChunkSettings, cut, measure
from ingestion.cleaning import Cleaned, clean
from ingestion.errors import ReadingFailed
from ingestion.model import Limits, Parsed
from ingestion.reading.pool import ReadingPool
from retrieval.model import Block, BlockKind, Chunk

ID = "6f1e7b6e-0000-5000-8000-000000000000"
SMALL = ChunkSettings(target=60, least=15)
ROOT = Path(__file__).parents[2] / "data" / "documents"

_SENTENCES = st.lists(
    st.sampled_from(
        [
            "有給休暇は入社日に十二日を与える。",
            "申請は三日前までに行う。",
            "Leave is granted on the first day. ",  # written on, English needs its space
            "短い。",
        ]
    ),
    min_size=1,
    max_size=12,
).map("".join)
_TABLES = st.lists(st.tuples(st.integers(0, 99), st.integers(100, 99_999)), max_size=30).map(
    lambda rows: "\n".join(["品番\t価格", *(f"K{one}\t{two}円" for one, two in rows)])
)
_BLOCKS = st.lists(
    st.one_of(
        st.builds(
            lambda level: Block(BlockKind.HEADING, f"見出し{level}", level=level),
            st.integers(1, 3),
        ),
        st.builds(lambda text: Block(BlockKind.PARAGRAPH, text), _SENTENCES),
        st.builds(lambda text: Block(BlockKind.TABLE, text), _TABLES),
    ),
    max_size=14,
)


def _cut(cleaned: Cleaned, size: ChunkSettings) -> tuple[Chunk, ...]:
    return cut(ID, cleaned.text, cleaned.blocks, "題 (2024-04-01)", size)


def _check(cleaned: Cleaned, chunks: tuple[Chunk, ...], size: ChunkSettings) -> None:
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    starts = [chunk.start for chunk in chunks]
    assert starts == sorted(starts)
    for chunk in chunks:
        _check_heading(cleaned, chunk)
        assert chunk.context.startswith("題 (2024-04-01)")
        if chunk.text.startswith(chunk.context):
            pytest.fail("the context is shown")
        header = chunk.text.split("\n", 1)[0] if chunk.kind is BlockKind.TABLE else ""
        assert measure(chunk.text) <= size.target + measure(header) + 1


def _check_heading(cleaned: Cleaned, chunk: Chunk) -> None:
    """A chunk has the path of headings that it lies below, or what its parts share of it."""
    path: list[Block] = []
    paths: list[tuple[str, ...]] = []
    for block in cleaned.blocks:
        if block.kind is BlockKind.HEADING:
            while path and path[-1].level >= block.level:
                path.pop()
            path.append(block)
        if block.start < chunk.end and block.end > chunk.start:
            paths.append(tuple(each.text for each in path))
    assert any(each[: len(chunk.heading)] == chunk.heading for each in paths)
    if len(set(paths)) == 1:
        assert chunk.heading == paths[0]


@settings(max_examples=60)
@given(_BLOCKS)
def test_every_sequence_of_blocks_is_cut_as_promised(blocks: list[Block]) -> None:
    cleaned = clean(Parsed(tuple(blocks)))
    _check(cleaned, _cut(cleaned, SMALL), SMALL)


@settings(max_examples=60)
@given(_TABLES)
def test_a_table_is_whole_or_cut_between_rows_each_part_with_its_header(table: str) -> None:
    cleaned = clean(Parsed((Block(BlockKind.TABLE, table),)))
    chunks = _cut(cleaned, SMALL)
    rows = table.split("\n")
    shown = [row for chunk in chunks for row in chunk.text.split("\n")[1:]]
    assert shown == rows[1:]
    assert all(chunk.text.split("\n")[0] == rows[0] for chunk in chunks)
    if measure(table) <= SMALL.target:
        assert len(chunks) == 1


@settings(max_examples=60)
@given(_SENTENCES)
def test_a_paragraph_is_cut_where_sentences_end(text: str) -> None:
    cleaned = clean(Parsed((Block(BlockKind.PARAGRAPH, text),)))
    for chunk in _cut(cleaned, SMALL):
        assert chunk.text.rstrip().endswith(("。", "."))


@pytest.fixture(scope="module")
def sample() -> dict[str, Cleaned]:
    found: dict[str, Cleaned] = {}
    with ReadingPool(2, Limits()) as pool:
        for path in sorted(ROOT.rglob("[!.]*.*")):
            try:
                found[path.name] = clean(pool.read(path, path.name, ()))
            except ReadingFailed:
                continue
    return found


@pytest.mark.parametrize("size", [SMALL, ChunkSettings()], ids=["small", "usual"])
def test_the_sample_is_cut_as_promised(sample: dict[str, Cleaned], size: ChunkSettings) -> None:
    assert len(sample) > 70
    for cleaned in sample.values():
        _check(cleaned, _cut(cleaned, size), size)


def test_a_paragraph_of_the_sample_that_is_cut_is_cut_where_a_sentence_ends(
    sample: dict[str, Cleaned],
) -> None:
    ends = [
        chunk.text[-1] in "。！？.!?"
        for cleaned in sample.values()
        for chunk in _cut(cleaned, SMALL)
        if chunk.kind is BlockKind.PARAGRAPH and chunk.end not in {b.end for b in cleaned.blocks}
    ]
    assert len(ends) > 50
    assert sum(ends) / len(ends) > 0.95
