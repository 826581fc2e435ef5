"""Mails that lie on this machine, as a maildir or as mbox files, become documents one by one."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.errors import SourceUnavailable
from ingestion.reading.pool import ReadingPool
from retrieval.catalog import Catalog
from tests.integration.mail_samples import make_mail
from tests.integration.mirrored_place import MirroredPlace

_NOTICE = make_mail("納期のお知らせ", "納期は五月十日です。", identity="a")
_REPLY = make_mail("Re: 納期のお知らせ", "承知しました。", identity="b", day=2)


class Maildir:
    """A maildir as a mail program keeps it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for place in ("cur", "new", "tmp"):
            (root / place).mkdir(parents=True)

    def deliver(self, name: str, mail: bytes, folder: str = "") -> Path:
        for place in ("cur", "new", "tmp"):
            (self.root / folder / place).mkdir(parents=True, exist_ok=True)
        path = self.root / folder / "new" / name
        path.write_bytes(mail)
        return path


@pytest.fixture
def maildir(tmp_path: Path) -> Maildir:
    return Maildir(tmp_path / "Maildir")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return tmp_path / "仕事.mbox"


@pytest.fixture
def place(tmp_path: Path, catalog: Catalog, maildir: Maildir) -> MirroredPlace:
    return MirroredPlace(tmp_path, catalog, "maildir", str(maildir.root))


@pytest.fixture
def boxed(tmp_path: Path, catalog: Catalog, box: Path) -> MirroredPlace:
    return MirroredPlace(tmp_path, catalog, "mbox", str(box))


def _append(box: Path, *mails: bytes) -> None:
    with box.open("ab") as file:
        for mail in mails:
            quoted = mail.replace(b"\nFrom ", b"\n>From ")
            file.write(b"From taro@example.com Mon Apr  1 10:00:00 2024\n" + quoted + b"\n")


def _subjects(names: list[str]) -> list[str]:
    return sorted(name.rpartition("/")[2] for name in names)


def test_mails_of_a_maildir_are_named_by_folder_date_and_subject(
    place: MirroredPlace, maildir: Maildir
) -> None:
    maildir.deliver("1.host", _NOTICE)
    maildir.deliver("2.host", make_mail("契約書", "契約の件です。", identity="c"), ".&TtVOiw-.2024")
    names = place.run().added
    assert [name.split("/")[0] for name in names] == ["INBOX", "仕事"]
    assert names[0].startswith("INBOX/2024/04-01 ")
    assert names[0].endswith("/納期のお知らせ.eml")
    assert names[1].startswith("仕事/2024/2024/04-01 ")
    sent = place.states()[names[0]].metadata
    assert sent.department == ""


def test_flags_change_the_file_name_and_nothing_else(
    place: MirroredPlace, maildir: Maildir
) -> None:
    path = maildir.deliver("1.host", _NOTICE)
    place.run()
    path.rename(maildir.root / "cur" / "1.host:2,S")
    report = place.run()
    assert (report.unchanged, report.added, report.removed, report.moved) == (1, [], [], [])
    (maildir.root / "cur" / "1.host:2,S").rename(maildir.root / "cur" / "1.host:2,RS")
    maildir.deliver("2.host", _REPLY)
    report = place.run()
    assert _subjects(report.added) == ["Re 納期のお知らせ.eml"]
    assert report.unchanged == 1


def test_a_mail_moved_to_another_folder_is_the_same_document(
    place: MirroredPlace, maildir: Maildir
) -> None:
    path = maildir.deliver("1.host", _NOTICE)
    place.run()
    maildir.deliver("9.host", _NOTICE, ".Archive")
    path.unlink()
    report = place.run()
    assert len(report.moved) == 1
    assert (report.added, report.removed) == ([], [])
    assert len(place.reader.read_names) == 1


def test_a_removed_mail_goes_and_a_lost_maildir_removes_nothing(
    place: MirroredPlace, maildir: Maildir
) -> None:
    path = maildir.deliver("1.host", _NOTICE)
    maildir.deliver("2.host", _REPLY)
    place.run()
    path.unlink()
    assert _subjects(place.run().removed) == ["納期のお知らせ.eml"]
    maildir.root.rename(maildir.root.with_name("unmounted"))
    with pytest.raises(SourceUnavailable):
        place.run()
    maildir.root.mkdir()
    with pytest.raises(SourceUnavailable, match="no maildir"):
        place.run()
    assert len(place.texts()) == 1


def test_the_mirror_keeps_what_a_mail_program_renames_while_it_is_read(
    place: MirroredPlace, maildir: Maildir
) -> None:
    path = maildir.deliver("1.host", _NOTICE)
    item = place.list().items[0]
    path.rename(maildir.root / "cur" / "1.host:2,S")
    assert item.path.read_bytes() == _NOTICE
    assert item.modified_at == datetime(2024, 4, 1, 1, tzinfo=UTC)


def test_mails_are_chosen_by_day_folder_and_size(place: MirroredPlace, maildir: Maildir) -> None:
    maildir.deliver("1.host", _NOTICE)
    maildir.deliver("2.host", _REPLY)
    maildir.deliver("3.host", make_mail("大きい", "あ" * 400_000, identity="d", day=3))
    maildir.deliver("4.host", make_mail("ごみ", "いりません。", identity="e"), ".Trash")
    place.settings = {"since": "2024-04-02", "max_megabytes": 1, "exclude_folders": ["Trash"]}
    listing = place.list()
    assert _subjects([item.external_id for item in listing.items]) == ["Re 納期のお知らせ.eml"]
    assert listing.skipped == {"INBOX/3.host": "too-large"}
    assert listing.complete


def test_two_mails_of_one_name_are_two_documents_and_copies_one(
    place: MirroredPlace, maildir: Maildir
) -> None:
    other = make_mail("納期のお知らせ", "別の本文です。", identity="a")
    for number, mail in enumerate([_NOTICE, other, _NOTICE]):
        maildir.deliver(f"{number}.host", mail)
    listing = place.list()
    endings = sorted(item.external_id.rpartition("/")[2] for item in listing.items)
    assert endings == ["納期のお知らせ (2).eml", "納期のお知らせ.eml"]
    assert list(listing.skipped.values()) == ["mail-copy"]


def test_mails_of_an_mbox_are_documents_and_an_appended_one_is_the_only_new_one(
    boxed: MirroredPlace, box: Path
) -> None:
    _append(box, _NOTICE)
    first = boxed.run().added
    assert first[0].startswith("仕事/2024/04-01 ")
    before = boxed.list().items[0].path.stat().st_ino
    _append(box, _REPLY)
    report = boxed.run()
    assert _subjects(report.added) == ["Re 納期のお知らせ.eml"]
    assert (report.unchanged, report.changed) == (1, [])
    assert len(boxed.reader.read_names) == 2
    assert before in {item.path.stat().st_ino for item in boxed.list().items}


def test_quoted_lines_and_marks_of_mail_programs_are_undone(
    boxed: MirroredPlace, box: Path
) -> None:
    mail = make_mail("引用", "次の行です。\n\nFrom here on it is text.\n", identity="q")
    _append(box, mail)
    assert boxed.list().items[0].path.read_bytes() == mail.rstrip(b"\n") + b"\n"
    signature = boxed.list().items[0].signature
    marked = box.read_bytes().replace(b"Subject:", b"X-Mozilla-Status: 0001\nStatus: RO\nSubject:")
    box.write_bytes(marked)
    assert boxed.list().items[0].signature == signature


def test_an_unchanged_mbox_is_not_opened_again(boxed: MirroredPlace, box: Path) -> None:
    _append(box, _NOTICE, _REPLY)
    boxed.run()
    facts = box.stat()
    box.write_bytes(b"\0" * facts.st_size)  # as it was, by all that is looked at
    os.utime(box, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    box.write_bytes(b"From " + b"a 10:00\n".ljust(facts.st_size - 5, b"x"))
    os.utime(box, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert boxed.run().unchanged == 2


def test_a_folder_of_boxes_is_walked_and_what_is_no_box_left_alone(
    boxed: MirroredPlace, tmp_path: Path
) -> None:
    folder = tmp_path / "Mail"
    (folder / "Lists").mkdir(parents=True)
    _append(folder / "Inbox", _NOTICE)
    _append(folder / "Lists" / "dev.mbox", _REPLY)
    (folder / "Inbox.msf").write_text("// an index", encoding="utf-8")
    boxed.location = str(folder)
    assert [name.split("/2024")[0] for name in boxed.run().added] == ["Inbox", "Lists/dev"]
    boxed.location = str(folder / "Inbox.msf")
    with pytest.raises(SourceUnavailable, match="not an mbox"):
        boxed.run()
    assert len(boxed.texts()) == 2


def test_a_mail_that_is_too_large_is_named_and_the_next_one_read(
    boxed: MirroredPlace, box: Path
) -> None:
    _append(box, make_mail("大きい", "あいうえお\n" * 100_000, identity="d"), _NOTICE)
    boxed.settings = {"max_megabytes": 1}
    listing = boxed.list()
    assert _subjects([item.external_id for item in listing.items]) == ["納期のお知らせ.eml"]
    assert listing.skipped == {"仕事/1": "too-large"}


@pytest.mark.parametrize("raw", [b"\x1b$BG<4|\x1b(B", "納期".encode("cp932"), "納期".encode()])
def test_a_subject_that_breaks_the_rules_is_still_a_name(
    boxed: MirroredPlace, box: Path, raw: bytes
) -> None:
    _append(box, b"Subject: " + raw + b"\nFrom: a@example.com\n\ntext\n")
    assert boxed.list().items[0].external_id.startswith("仕事/undated/")
    assert boxed.list().items[0].external_id.endswith("/納期.eml")


def test_names_from_outside_lead_nowhere(boxed: MirroredPlace, box: Path) -> None:
    _append(box, make_mail("../../etc/passwd\x00‮", "本文です。", encoding="utf-8"))
    _append(box, make_mail("", "件名がありません。"))
    names = [item.external_id for item in boxed.list().items]
    assert all(name.count("/") == 3 and ".." not in name.split("/") for name in names)


def test_a_kill_between_mails_loses_none_and_reads_none_twice(
    place: MirroredPlace, maildir: Maildir
) -> None:
    for number in range(250):
        mail = make_mail(f"連絡{number}", f"連絡その{number}です。", identity=str(number))
        maildir.deliver(f"{number:03}.host", mail)

    class Killed(BaseException):
        pass

    def kill(count: int) -> None:
        if count >= 200:
            raise Killed

    with pytest.raises(Killed):
        place.list(kill)
    kept = {path: path.stat().st_ino for path in (place.mirror / "mails").rglob("*.*")}
    (place.mirror / "mails" / "ab").mkdir(exist_ok=True)
    (place.mirror / "mails" / "ab" / "unfinished.part").write_bytes(b"half")
    assert len(place.list().items) == 250
    assert not list(place.mirror.rglob("*.part"))
    assert all(path.stat().st_ino == inode for path, inode in kept.items() if path.exists())


def test_a_mail_is_private_until_somebody_is_allowed(
    tmp_path: Path, catalog: Catalog, maildir: Maildir
) -> None:
    maildir.deliver("1.host", _NOTICE)
    private = MirroredPlace(tmp_path, catalog, "maildir", str(maildir.root))
    private.access = type(private.access)()
    private.run()
    assert len(private.states()) == 1
    assert private.texts() == {}


def test_a_mail_is_shown_by_its_subject_and_found_with_its_conversation(
    place: MirroredPlace, maildir: Maildir
) -> None:
    maildir.deliver("1.host", _NOTICE)
    heads = ["In-Reply-To: <a@example.com>", "References: <a@example.com>\n <b@example.com>"]
    for number, more in enumerate(heads):
        maildir.deliver(f"r{number}.host", make_mail("返信", "承知。", identity=more, more=more))
    maildir.deliver("o.host", make_mail("別件", "別件です。", identity="o"))
    with ReadingPool(1) as pool:
        place.reader = pool  # type: ignore[assignment]
        place.run()
    facts = {state.metadata.title: state.metadata for state in place.states().values()}
    assert facts["納期のお知らせ"].modified_at == datetime(2024, 4, 1, 1, tzinfo=UTC)
    threads = [
        tag
        for state in place.states().values()
        for tag in state.metadata.tags
        if tag.startswith("thread:")
    ]
    assert len(threads) == 4
    assert sorted(map(threads.count, set(threads))) == [1, 3]
