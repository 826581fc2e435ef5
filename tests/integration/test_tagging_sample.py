"""Tags and owners of the sample company, against what a person would write beside each document.

``expected_tags.tsv`` holds what people would expect, not what comes out: some of it is missed.
"""

import csv
from pathlib import Path

import pytest

from ingestion import cleaning, tagging
from ingestion.cleaning import Cleaned
from ingestion.errors import ReadingFailed
from ingestion.model import Limits, Parsed
from ingestion.reading.pool import ReadingPool
from ingestion.vocabulary import read_vocabulary
from retrieval.model import Metadata

ROOT = Path(__file__).parents[2] / "data" / "documents"
EXPECTED = Path(__file__).with_name("expected_tags.tsv")


@pytest.fixture(scope="module")
def read() -> dict[str, tuple[Parsed, Cleaned]]:
    found: dict[str, tuple[Parsed, Cleaned]] = {}
    with ReadingPool(2, Limits()) as pool:
        for path in sorted(ROOT.rglob("[!.]*.*")):
            try:
                parsed = pool.read(path, path.name, ())
            except ReadingFailed:
                continue
            found[path.relative_to(ROOT).as_posix()] = (parsed, cleaning.clean(parsed))
    return found


def _describe(name: str, parsed: Parsed, cleaned: Cleaned) -> Metadata:
    known = tagging.Known(
        external_id=name,
        media_type=parsed.media_type,
        modified_at=None,
        declared_title=parsed.title,
        author=parsed.properties.get("author", ""),
        sender=parsed.properties.get("from", ""),
        furniture=cleaned.furniture,
    )
    return tagging.describe(known, cleaned.blocks, cleaned.text, read_vocabulary())


def _expected() -> dict[str, tuple[set[str], str]]:
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {row["path"]: (set(row["tags"].split()), row["owner"]) for row in rows}


def _categories(tags: set[str], categories: str) -> set[str]:
    return {tag for tag in tags if tag.partition(":")[0] in categories.split()}


@pytest.mark.parametrize(
    ("categories", "precision", "recall"),
    [
        ("type", 1.0, 1.0),
        ("effective expires revised", 1.0, 1.0),
        ("version", 1.0, 1.0),
        ("confidentiality status", 1.0, 1.0),
        ("department", 0.95, 0.9),
    ],
)
def test_tags_are_those_a_person_would_give(
    read: dict[str, tuple[Parsed, Cleaned]], categories: str, precision: float, recall: float
) -> None:
    right = given = wanted = 0
    for name, (tags, _) in _expected().items():
        found = _categories(set(_describe(name, *read[name]).tags), categories)
        expected = _categories(tags, categories)
        right, given, wanted = (
            right + len(found & expected),
            given + len(found),
            wanted + len(expected),
        )
    assert given > 0
    assert right / given >= precision
    assert right / wanted >= recall


def test_owners_are_those_the_documents_state(read: dict[str, tuple[Parsed, Cleaned]]) -> None:
    wanted = {name: owner for name, (_, owner) in _expected().items()}
    found = {name: _describe(name, *read[name]).owner for name in wanted}
    right = sum(1 for name, owner in found.items() if owner and owner == wanted[name])
    assert right / sum(1 for owner in found.values() if owner) >= 0.9
    assert right / sum(1 for owner in wanted.values() if owner) >= 0.95


def test_a_surer_origin_is_more_often_right(read: dict[str, tuple[Parsed, Cleaned]]) -> None:
    surely = {True: [0, 0], False: [0, 0]}
    for name, (_, owner) in _expected().items():
        metadata = _describe(name, *read[name])
        for origin in metadata.fact_origins:
            if origin.tag == "owner":
                counts = surely[origin.confidence > 0.4]
                counts[0] += metadata.owner == owner
                counts[1] += 1
    (sure, all_sure), (unsure, all_unsure) = surely[True], surely[False]
    assert sure / all_sure > 0.95 > unsure / max(1, all_unsure)


def test_keywords_are_few_and_of_the_text(read: dict[str, tuple[Parsed, Cleaned]]) -> None:
    for name, (parsed, cleaned) in read.items():
        metadata = _describe(name, parsed, cleaned)
        assert len(metadata.keywords) <= 8
        assert len(set(metadata.keywords)) == len(metadata.keywords)
        assert metadata.keywords == _describe(name, parsed, cleaned).keywords
    leave = read["人事/育児・介護休業ガイド.docx"]
    assert "育児休業" in _describe("x.docx", *leave).keywords
    travel = read["america/travel-policy.pdf"]
    assert "travel policy" in _describe("x.pdf", *travel).keywords
