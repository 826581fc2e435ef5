"""Uploads: files that come by name and content hash, each its owner's own."""

import pytest

from ingestion.model import Upload
from ingestion.report import Report
from retrieval.catalog import NewSource
from retrieval.model import Scope
from retrieval.originals import OriginalStore
from tests.fakes.keeping import keep
from tests.integration.ingestion_place import CALLER, EVERYONE, Place


def _upload(place: Place, name: str, text: str, owner: str) -> Upload:
    digest = keep(OriginalStore(place.home / "originals"), text.encode())
    return Upload(name, digest, EVERYONE, department="人事", owner=owner, tags=("案",))


def _ingest(place: Place, *uploads: Upload) -> Report:
    source = place.catalog.sources.add(NewSource("uploads", "upload", ""))
    return place.pipeline().ingest_upload(source, uploads, lambda _: None, pause=lambda: None)


def test_an_upload_becomes_a_document(place: Place) -> None:
    report = _ingest(place, _upload(place, "案.txt", "アップロードした文書です。", "hanako"))
    assert report.added == ["hanako/案.txt"]
    (document,) = place.catalog.documents.list(Scope(CALLER), limit=10)
    facts = document.metadata
    assert (facts.title, facts.department, facts.owner, facts.tags) == (
        "案",
        "人事",
        "hanako",
        ("案",),
    )


def test_an_upload_of_the_same_name_replaces_only_the_own_document(place: Place) -> None:
    _ingest(place, _upload(place, "案.txt", "花子の案です。", "hanako"))
    report = _ingest(
        place,
        _upload(place, "案.txt", "太郎の案です。", "taro"),
        _upload(place, "案.txt", "花子の新しい案です。", "hanako"),
    )
    assert (report.added, report.changed) == (["taro/案.txt"], ["hanako/案.txt"])


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "taro/../../etc/passwd"),
        ("a\r\nb\u202e.txt", "taro/a\r\nb\u202e.txt"),
        ("\udc8b.txt", "taro/\\x8b.txt"),
        ("あ" * 90 + ".txt", "taro/" + "あ" * 90 + ".txt"),
    ],
)
def test_the_name_of_an_upload_is_only_data(place: Place, name: str, kept: str) -> None:
    assert _ingest(place, _upload(place, name, "中身です。", "taro")).added == [kept]


def test_an_upload_whose_original_is_missing_fails_with_a_reason(place: Place) -> None:
    report = _ingest(place, Upload("a.txt", "0" * 64, EVERYONE))
    assert [failure.code for failure in report.failed] == ["unreadable"]


def test_a_message_shows_no_control_characters_of_a_name(place: Place) -> None:
    report = _ingest(place, _upload(place, "a\r\n\x1b[2J\u202eb.txt", "LOCKED", "taro"))
    assert "「taro/a  [2Jb.txt」" in report.failed[0].ja
