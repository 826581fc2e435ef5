"""Documents that lie in others: mails with attachments, archives, mailboxes."""

import zipfile
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from ingestion.model import Limits
from ingestion.reading.pool import ReadingPool
from retrieval.model import Access, DocumentStatus
from retrieval.originals import OriginalStore
from tests.integration.ingestion_place import Place


@pytest.fixture(scope="module")
def pool() -> Iterator[ReadingPool]:
    with ReadingPool(1, Limits(members=5)) as pool:
        yield pool


def test_what_lies_in_a_document_is_a_document_of_its_own(place: Place) -> None:
    place.write("mail.txt", "送付します。\n@価格.txt: 価格は百円です。")
    report = place.run()
    assert report.added == ["mail.txt", "mail.txt!/価格.txt"]
    inner = place.states()["mail.txt!/価格.txt"]
    assert inner.parent_id == place.states()["mail.txt"].id
    assert place.texts()["mail.txt!/価格.txt"] == "価格は百円です。"
    kept = OriginalStore(place.home / "originals").path(inner.content_hash)
    assert kept.read_text(encoding="utf-8") == "価格は百円です。"


def test_a_second_run_leaves_contents_alone(place: Place) -> None:
    place.write("mail.txt", "送付します。\n@a.txt: 百円です。")
    place.run()
    head = place.catalog.changes.head()
    report = place.run()
    assert (report.unchanged, report.removed, report.held) == (1, [], [])
    assert place.catalog.changes.head() == head


def test_contents_follow_their_document(place: Place) -> None:
    path = place.write("mail.txt", "送付します。\n@a.txt: 百円です。\n@b.txt: 二百円です。")
    place.run()
    place.write("mail.txt", "もう一度送付します。\n@a.txt: 百円です。")
    report = place.run()
    assert (report.removed, report.changed) == (["mail.txt!/b.txt"], ["mail.txt"])
    assert set(place.texts()) == {"mail.txt", "mail.txt!/a.txt"}
    path.unlink()
    place.write("other.txt", "残る文書です。")
    place.run()
    assert set(place.states()) == {"other.txt"}


def test_contents_are_readable_by_whom_their_document_is(place: Place) -> None:
    place.write("mail.txt", "送付します。\n@a.txt: 百円です。")
    place.run()
    rule = '[[rule]]\npath = "mail.txt"\nallow = ["group:hr"]\ndepartment = "人事"\n'
    place.write(".kura.toml", rule)
    place.run()
    inner = place.states()["mail.txt!/a.txt"]
    assert inner.access == Access(frozenset({"group:hr"}))
    assert inner.metadata.department == "人事"
    assert place.texts() == {}


def test_narrowing_a_document_by_hand_narrows_its_contents_at_once(place: Place) -> None:
    place.write("mail.txt", "送付します。\n@a.txt: 百円です。")
    place.run()
    narrow = Access(frozenset({"user:taro"}))
    place.catalog.documents.update(place.states()["mail.txt"].id, access=narrow)
    assert place.states()["mail.txt!/a.txt"].access == narrow
    assert place.texts() == {}


def test_removing_a_document_removes_its_contents(place: Place) -> None:
    place.write("mail.txt", "送付します。\n@a.txt: 百円です。")
    place.run()
    assert place.catalog.documents.remove([place.states()["mail.txt"].id], "asked") == 2
    assert place.states() == {}


def test_a_file_whose_name_looks_like_a_content_keeps_its_own_rules(place: Place) -> None:
    place.write("mail.txt", "送付します。\n@a.txt: 添付の本文です。")
    place.write("mail.txt!/a.txt", "本物の文書です。")
    place.write(".kura.toml", '[[rule]]\npath = "mail.txt!/**"\nallow = ["group:hr"]\n')
    place.run()
    state = place.states()["mail.txt!/a.txt"]
    assert (state.parent_id, state.access.allow) == (None, frozenset({"group:hr"}))
    assert "本物の文書です。" not in place.texts().values()


def test_a_content_that_fails_is_tried_again_when_there_is_a_password(place: Place) -> None:
    place.write("mail.txt", "送付します。\n@a.txt: LOCKED秘密 百円です。")
    report = place.run()
    assert [failure.external_id for failure in report.failed] == ["mail.txt!/a.txt"]
    assert place.run().failed == []
    place.write(".kura.toml", 'passwords = ["秘密"]\n')
    place.run()
    assert place.states()["mail.txt!/a.txt"].status is DocumentStatus.CURRENT


def _mail(*attachments: tuple[str, bytes]) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "見積書の送付"
    mail["From"] = "佐藤 <sato@example.jp>"
    mail.set_content("見積書を送ります。\n\n> 先日の依頼です。\n> よろしく。\n")
    for name, data in attachments:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def test_mails_in_archives_with_attachments_are_read_to_the_third_level(
    place: Place, pool: ReadingPool
) -> None:
    place.reader = pool
    text = "価格は九百八十円です。".encode("cp932")
    with zipfile.ZipFile(place.folder / "送付.zip", "w") as archive:
        archive.writestr("mails/見積.eml", _mail(("価格.txt", text), ("../../evil.txt", text)))
        archive.writestr("__MACOSX/._x", b"x")
    report = place.run()
    assert report.added == [
        "送付.zip",
        "送付.zip!/mails/見積.eml",
        "送付.zip!/mails/見積.eml!/価格.txt",
        "送付.zip!/mails/見積.eml!/evil.txt",
    ]
    assert place.texts()["送付.zip!/mails/見積.eml!/価格.txt"] == "価格は九百八十円です。"


def test_a_mailbox_is_a_table_and_its_mails(place: Place, pool: ReadingPool) -> None:
    place.reader = pool
    mails = b"".join(b"From a@b Mon Jun 01 10:00:00 2026\n" + _mail() + b"\n" for _ in range(2))
    (place.folder / "受信.mbox").write_bytes(mails)
    place.run()
    texts = place.texts()
    assert texts["受信.mbox"].startswith("Date\tFrom\tSubject\n")
    assert "先日の依頼です。\nよろしく。" in texts["受信.mbox!/0001 見積書の送付.eml"]
    assert len(texts) == 3


def test_more_members_than_allowed_are_left_out_and_said(place: Place, pool: ReadingPool) -> None:
    place.reader = pool
    with zipfile.ZipFile(place.folder / "many.zip", "w") as archive:
        for number in range(9):
            archive.writestr(f"{number}.txt", f"本文その{number}です。")
    report = place.run()
    assert len(report.added) == 1 + 5
    assert report.warnings["many.zip"] == ["cut-at-limit"]
