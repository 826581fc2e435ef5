"""Which documents have a live page, and what their files are called."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.api.locating import find_web_url, name_original
from retrieval.model import Access, Document, DocumentStatus, Metadata

DOCUMENT = Document(
    id="d",
    source_id="s",
    source_name="intranet",
    external_id="",
    metadata=Metadata(title="x", media_type="text/html"),
    acl_id=1,
    access=Access(frozenset({"everyone"})),
    status=DocumentStatus.CURRENT,
    reason="",
    version=1,
    content_hash="",
    size=0,
    ingested_at=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("external_id", "web_url"),
    [
        ("https://intra.example/a?b=1", "https://intra.example/a?b=1"),
        ("http://h/a.eml!/price.xlsx", "http://h/a.eml"),
        ("人事/規程.txt", ""),
        ("javascript:alert(1)", ""),
        ("https:/x", ""),
        ("https://user@h/", ""),
        ("https://h/a\nb", ""),
        ("https://[h/", ""),
    ],
)
def test_only_a_web_address_is_offered_as_a_live_page(external_id: str, web_url: str) -> None:
    assert find_web_url(replace(DOCUMENT, external_id=external_id)) == web_url


@pytest.mark.parametrize(
    ("external_id", "name"),
    [
        ("https://h/", "h.html"),
        ("https://h/docs/", "docs.html"),
        ("https://h/%E4%BC%91%E6%9A%87?x=1", "休暇.html"),
        ("https://h/price.csv?v=2", "price.csv"),
        ("http://h/a.eml!/x/price.xlsx", "price.xlsx"),
        ("人事/規程.txt", "規程.txt"),
    ],
)
def test_a_download_has_a_name_that_a_file_can_have(external_id: str, name: str) -> None:
    assert name_original(replace(DOCUMENT, external_id=external_id)) == name
