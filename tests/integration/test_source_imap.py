"""The mails of an IMAP account become documents: over TLS, read-only, each fetched once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.errors import SourceUnavailable
from retrieval.catalog import Catalog
from tests.fakes.certificate import write_certificate
from tests.fakes.imap_server import Folder, ImapServer
from tests.integration.mail_samples import make_mail
from tests.integration.mirrored_place import MirroredPlace

_PASSWORD = '合言葉 "x\\'


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ImapServer]:
    context = write_certificate(tmp_path / "ca.pem")
    with ImapServer("taro@example.com", _PASSWORD, context) as server:
        _deliver(server, "納期のお知らせ", day=1)
        _deliver(server, "見積の件", day=2)
        yield server


@pytest.fixture
def place(tmp_path: Path, server: ImapServer) -> Iterator[MirroredPlace]:
    (tmp_path / "password").write_text(_PASSWORD + "\n", encoding="utf-8")
    with Catalog(tmp_path / "catalog.sqlite") as catalog:
        yield MirroredPlace(
            tmp_path,
            catalog,
            "imap",
            f"imaps://taro%40example.com@localhost:{server.port}",
            {"password_file": str(tmp_path / "password"), "ca_file": str(tmp_path / "ca.pem")},
        )


def _deliver(server: ImapServer, subject: str, folder: str = "INBOX", day: int = 3) -> int:
    box = server.folders.setdefault(folder, Folder())
    mail = make_mail(subject, f"{subject}についてです。", identity=f"{subject}-{folder}", day=day)
    return box.add(mail.replace(b"\n", b"\r\n"))


def _subjects(names: list[str]) -> list[str]:
    return sorted(name.rpartition("/")[2] for name in names)


def _reason(place: MirroredPlace) -> str:
    with pytest.raises(SourceUnavailable) as refused:
        place.run()
    return str(refused.value.details["reason"])


def test_mails_are_fetched_and_none_is_marked_as_read(
    place: MirroredPlace, server: ImapServer
) -> None:
    names = place.run().added
    assert _subjects(names) == ["納期のお知らせ.eml", "見積の件.eml"]
    assert all(name.startswith("INBOX/2024/04-0") for name in names)
    assert server.folders["INBOX"].seen == set()
    assert "EXAMINE" in server.commands
    assert {"SELECT", "UID STORE"}.isdisjoint(server.commands)


def test_an_unchanged_account_fetches_nothing_and_a_new_mail_only_itself(
    place: MirroredPlace, server: ImapServer
) -> None:
    place.run()
    server.fetched.clear()
    assert place.run().unchanged == 2
    assert server.fetched == []
    uid = _deliver(server, "新しい連絡")
    report = place.run()
    assert _subjects(report.added) == ["新しい連絡.eml"]
    assert server.fetched == [("INBOX", uid)]
    assert len(place.reader.read_names) == 3


def test_a_removed_mail_is_removed(place: MirroredPlace, server: ImapServer) -> None:
    place.run()
    del server.folders["INBOX"].mails[1]
    assert _subjects(place.run().removed) == ["納期のお知らせ.eml"]
    assert len([path for path in (place.mirror / "mails").rglob("*") if path.is_file()]) == 1


def test_a_moved_mail_is_the_same_document(place: MirroredPlace, server: ImapServer) -> None:
    place.location += "/*"
    place.run()
    mails = server.folders["INBOX"].mails
    server.folders["済み"] = Folder({7: mails.pop(1)})
    report = place.run()
    assert [move.split(" -> ")[1].split("/")[0] for move in report.moved] == ["済み"]
    assert (report.added, report.removed) == ([], [])
    assert len(place.reader.read_names) == 2


def test_numbers_that_were_given_anew_change_no_document(
    place: MirroredPlace, server: ImapServer
) -> None:
    place.run()
    before = set(place.states())
    box = server.folders["INBOX"]
    box.validity = 2
    box.mails = {uid + 40: mail for uid, mail in reversed(box.mails.items())}
    server.fetched.clear()
    report = place.run()
    assert (report.unchanged, report.added, report.removed) == (2, [], [])
    assert set(place.states()) == before
    assert len(server.fetched) == 2
    assert len(place.reader.read_names) == 2


def test_a_connection_that_breaks_removes_nothing_and_loses_nothing(
    place: MirroredPlace, server: ImapServer
) -> None:
    place.run()
    del server.folders["INBOX"].mails[1]
    for number in range(120):
        _deliver(server, f"連絡{number}")
    server.cut_after = 60
    report = place.run()
    assert report.removed == []
    assert report.skipped == {"INBOX": "connection-broken"}
    assert len(place.states()) == 52  # one batch of fifty, and the two of before
    server.cut_after = None
    server.fetched.clear()
    report = place.run()
    assert len(report.added) == 70
    assert _subjects(report.removed) == ["納期のお知らせ.eml"]
    assert len(server.fetched) == 70


def test_a_stop_in_the_middle_is_finished_by_the_next_run(
    place: MirroredPlace, server: ImapServer
) -> None:
    for number in range(120):
        _deliver(server, f"連絡{number}")

    class Stopped(Exception):
        pass

    def stop(count: int) -> None:
        if count >= 50:
            raise Stopped

    with pytest.raises(Stopped):
        place.list(stop)
    fetched = len(server.fetched)
    assert len(place.list().items) == 122
    assert len(server.fetched) == fetched + 122 - 50


def test_a_folder_that_may_not_be_opened_keeps_its_documents(
    place: MirroredPlace, server: ImapServer
) -> None:
    _deliver(server, "契約", "仕事/契約")
    place.settings = {**place.settings, "folders": ["INBOX", "仕事"]}
    assert len(place.run().added) == 3
    server.folders["仕事/契約"].is_refused = True
    report = place.run()
    assert report.removed == []
    assert report.skipped == {"仕事/契約": "folder-refused"}
    assert len(place.texts()) == 3


def test_a_folder_that_vanished_keeps_its_documents(
    place: MirroredPlace, server: ImapServer
) -> None:
    _deliver(server, "契約", "仕事")
    place.settings = {**place.settings, "folders": ["INBOX", "仕事"]}
    assert len(place.run().added) == 3
    del server.folders["仕事"]
    report = place.run()
    assert (report.removed, report.skipped) == ([], {"仕事": "folder-missing"})
    assert len(place.texts()) == 3


def test_folders_day_and_size_choose_the_mails(place: MirroredPlace, server: ImapServer) -> None:
    _deliver(server, "契約", "仕事/契約")
    _deliver(server, "ごみ", "仕事/Trash")
    large = make_mail("大きい", "あ" * 400_000, identity="l", day=9)
    uid = server.folders["仕事/契約"].add(large)
    server.folders["仕事/契約"].add(make_mail("古い", "古い。", identity="o", day=1))
    place.settings = {
        **place.settings,
        "folders": ["仕事"],
        "exclude_folders": ["**/Trash"],
        "since": "2024-04-02",
        "max_megabytes": 1,
    }
    listing = place.list()
    assert _subjects([item.external_id for item in listing.items]) == ["契約.eml"]
    assert listing.skipped == {f"仕事/契約/UID {uid}": "too-large"}
    assert listing.complete


def test_a_wrong_password_a_strange_server_and_none_are_said(
    place: MirroredPlace, server: ImapServer, tmp_path: Path
) -> None:
    place.run()
    trusted = place.settings
    place.settings = {"password_file": trusted["password_file"]}
    assert "certificate" in _reason(place)
    place.settings = trusted
    (tmp_path / "password").write_text("ひみつ\n", encoding="utf-8")
    reason = _reason(place)
    assert "AUTHENTICATIONFAILED" in reason
    assert "ひみつ" not in reason
    (tmp_path / "password").unlink()
    assert "No such file" in _reason(place)
    server.folders.clear()
    place.location = "imaps://taro@localhost:1"
    assert _reason(place)
    assert len(place.texts()) == 2


def test_an_account_is_opened_with_starttls_or_a_token(
    place: MirroredPlace, tmp_path: Path
) -> None:
    context = write_certificate(tmp_path / "ca.pem")
    (tmp_path / "password").write_text("token\n", encoding="utf-8")
    with ImapServer("taro", "token", context, starts_plain=True) as server:
        _deliver(server, "納期のお知らせ")
        place.location = f"imap://taro@localhost:{server.port}"
        for way in ("password", "xoauth2"):
            place.settings = {**place.settings, "authentication": way}
            assert len(place.list().items) == 1
    assert {"STARTTLS", "LOGIN", "AUTHENTICATE"} <= set(server.commands)


def test_a_mirror_that_cannot_be_written_is_not_taken_for_a_broken_connection(
    place: MirroredPlace,
) -> None:
    place.run()
    shutil.rmtree(place.mirror / "mails")
    (place.mirror / "mails").write_bytes(b"in the way")
    assert "directory" in _reason(place).lower()


def test_the_password_is_written_nowhere(place: MirroredPlace) -> None:
    place.run()
    written = [path.read_bytes() for path in place.mirror.rglob("*") if path.is_file()]
    assert written
    assert not any("合言葉".encode() in data for data in written)
