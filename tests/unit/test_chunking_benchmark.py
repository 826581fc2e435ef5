"""The chunking benchmark counts characters as the set means it, and copies apart."""

from datetime import UTC, datetime

from benchmarks.retrieval.chunking import Right, find_copies, keep, measure, take
from retrieval.model import Access, Chunk, Document, DocumentStatus, Metadata, Passage

_TEXT = "Rent is due in May. Rent is paid. Rent is due in May."


def _passage(start: int, end: int, score: float) -> Passage:
    document = Document(
        id="d",
        source_id="s",
        source_name="s",
        external_id="text",
        metadata=Metadata("text"),
        status=DocumentStatus.CURRENT,
        reason="",
        version=1,
        size=len(_TEXT),
        content_hash="",
        ingested_at=datetime(2024, 1, 1, tzinfo=UTC),
        acl_id=1,
        access=Access(),
    )
    chunk = Chunk(f"c{start}", "d", start, _TEXT[start:end], start=start, end=end)
    return Passage(chunk, document, score, {})


def test_the_marked_place_and_its_copies_are_counted_apart() -> None:
    copies = find_copies(_TEXT, 0, 19)
    assert copies == [(0, 19), (34, 53)]
    right = Right("text", [(0, 19)], [copies])
    assert measure(right, [("text", (34, 53))]) == (0.0, 0.0, 0.0, 1.0)
    assert measure(right, [("text", (0, 38))]) == (1.0, 0.5, 0.5, 1.0)
    assert measure(right, [("other", (0, 19))]) == (0.0, 0.0, 0.0, 0.0)


def test_what_does_not_fit_any_more_is_passed_over() -> None:
    passages = [_passage(0, 20, 0.9), _passage(20, 53, 0.8), _passage(34, 53, 0.4)]
    assert take(passages, 40) == [("text", (0, 20)), ("text", (34, 53))]


def test_what_scores_less_than_a_share_of_the_best_is_left_out() -> None:
    passages = (_passage(0, 20, 0.8), _passage(20, 34, 0.4), _passage(34, 53, 0.39))
    assert [each.score for each in keep(passages, 0.5)] == [0.8, 0.4]
