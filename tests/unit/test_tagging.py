"""Tagging: title, language, dates and type as an office would name them."""

from datetime import UTC, date, datetime

import pytest

from ingestion.dating import find_effective_date, find_expiry_date, find_revision
from ingestion.tagging import Known, describe, find_language
from ingestion.titling import choose_title
from ingestion.vocabulary import read_vocabulary
from retrieval.model import Block, BlockKind, Metadata


def _known(external_id: str = "人事/規程.docx", title: str = "", **facts: object) -> Known:
    values: dict[str, object] = {"media_type": "text/plain", "modified_at": None, **facts}
    return Known(external_id=external_id, declared_title=title, **values)  # type: ignore[arg-type]


def _describe(known: Known, text: str = "", *blocks: Block) -> Metadata:
    return describe(known, blocks, text, read_vocabulary())


def _paragraph(text: str) -> Block:
    return Block(BlockKind.PARAGRAPH, text)


def _title(known: Known, *blocks: Block) -> str:
    return choose_title(known.external_id, known.declared_title, blocks)[0]


def _heading(text: str, level: int = 1) -> Block:
    return Block(BlockKind.HEADING, text, level=level)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("この規程は令和6年4月1日から施行する。", date(2024, 4, 1)),
        ("施行日 令和元年５月１日", date(2019, 5, 1)),
        ("平成30年10月1日施行、令和5年4月1日施行", date(2023, 4, 1)),
        ("適用開始日：2024/04/01", date(2024, 4, 1)),
        ("Effective date: March 1, 2024", date(2024, 3, 1)),
        ("This policy is effective as of 15 April 2024.", date(2024, 4, 15)),
        ("Effective 2024-07-01", date(2024, 7, 1)),
        ("令和元年五月一日から施行する。", date(2019, 5, 1)),
        ("適用開始\t２０２４年４月１日", date(2024, 4, 1)),
        ("有効期間 2021年4月1日から2022年3月31日まで", date(2021, 4, 1)),
        ("令和6年13月45日から施行する。", None),
        ("会議は2024年4月1日に開く。", None),
    ],
)
def test_the_effective_date_is_found(text: str, expected: date | None) -> None:
    assert find_effective_date(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("年次有給休暇は20日です。", "ja"),
        ("KS-4410-B の仕様 Rotating spindle for machine tools", "ja"),
        ("Paid time off is granted at the start of each calendar year.", "en"),
        ("Die Hasen und die Frösche lebten an einem Teich im Walde.", ""),
        ("12345", ""),
    ],
)
def test_the_language_is_told(text: str, expected: str) -> None:
    assert find_language(text) == expected


def test_a_declared_title_comes_first() -> None:
    assert _title(_known(title="就業規則"), _heading("第1章 総則")) == "就業規則"


@pytest.mark.parametrize(
    "title", ["Word Document", "無題", "Microsoft Word - a.doc", "Slide 1", ""]
)
def test_a_title_that_says_nothing_is_passed_over(title: str) -> None:
    assert _title(_known(title=title), _heading("経費精算規程")) == "経費精算規程"


def test_a_file_name_that_says_more_than_the_heading_is_the_title() -> None:
    known = _known("人事/就業規則_2024年版.docx")
    assert _title(known, _heading("就業規則")) == "就業規則_2024年版"


def test_a_numbered_section_is_not_a_title() -> None:
    assert _title(_known("a/固定資産.txt"), _heading("1. 区分", 2)) == "固定資産"


def test_a_file_name_without_direction_marks_is_shown() -> None:
    assert _title(_known("report\u202efdp.txt")) == "reportfdp"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("取締役会議事録", "minutes"),
        ("経費精算規程", "policy"),
        ("VPN接続手順", "procedure"),
        ("価格表 2024", "price-list"),
        ("取引基本契約書", "contract"),
        ("契約書の管理と押印の手順", "procedure"),
        ("Contract review process", "procedure"),
        ("Memo", ""),
    ],
)
def test_the_type_is_told_by_the_last_word_of_the_title(title: str, expected: str) -> None:
    tags = _describe(_known("x/y.txt", title)).tags
    tags = tuple(tag for tag in tags if tag.startswith("type:"))
    assert tags == ((f"type:{expected}",) if expected else ())


def test_given_tags_come_before_those_found() -> None:
    known = _known(
        "人事/a.txt", tags=("人事",), warnings=("hidden-text",), department="人事", owner="佐藤"
    )
    text = "この規程は令和6年4月1日から施行する。"
    metadata = _describe(known, text, _heading("通勤手当規程"))
    found = ("effective:2024-04-01", "type:policy", "department:hr", "warning:hidden-text")
    assert metadata.tags == ("人事", *found)
    assert [(each.tag, each.source) for each in metadata.tag_origins] == list(
        zip(found, ("text", "title", "path", "reading"), strict=True)
    )
    assert (metadata.title, metadata.department, metadata.owner) == ("通勤手当規程", "人事", "佐藤")


def test_a_mail_is_as_old_as_its_date_says() -> None:
    known = _known(
        media_type="message/rfc822",
        modified_at=datetime(2026, 1, 1, tzinfo=UTC),
        date="Thu, 11 Jul 2024 16:42:00 +0900",
    )
    modified_at = _describe(known, "text").modified_at
    assert modified_at == datetime(2024, 7, 11, 7, 42, tzinfo=UTC)


def test_a_mail_without_a_readable_date_is_as_old_as_its_file() -> None:
    written = datetime(2026, 1, 1, tzinfo=UTC)
    assert _describe(_known(modified_at=written, date="soon"), "text").modified_at == written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("有効期間 2021年4月1日から2022年3月31日まで", date(2022, 3, 31)),
        ("契約期間：２０２４年４月１日～２０２５年３月３１日", date(2025, 3, 31)),
        ("有効期間は令和4年10月1日から3年間とする。", date(2025, 9, 30)),
        ("有効期間は令和4年10月1日から3年間とし、申し出がなければ1年ごとに更新する。", None),
        ("見積りの有効期間は発行日から30日", None),
    ],
)
def test_the_last_day_of_a_term_is_found(text: str, expected: date | None) -> None:
    assert find_expiry_date(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("制定 平成17年4月1日　改定 令和5年6月1日", "2023-06-01"),
        ("総務部 庶務課　2024年4月改訂", "2024-04"),
        ("最終更新 2024年5月20日", "2024-05-20"),
        ("Form W-7, revised May 2024", "2024-05"),
        ("2024年4月に改定内容を説明します。", ""),
        ("改定の手順", ""),
    ],
)
def test_the_last_revision_is_found(text: str, expected: str) -> None:
    assert find_revision(text) == expected


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("安全規程 第3版", "", "version:3"),
        ("規程（改訂第２版）", "", "version:2"),
        ("手順書", "文書番号 A-1 第十二版 2024年", "version:12"),
        ("Manual Ver.1.2", "", "version:1.2"),
        ("図面 Rev.B", "", "version:B"),
        ("就業規則（2024年版）", "", "version:2024"),
        ("spec_v2.1", "", "version:2.1"),
        ("手順書", "標準部品は価格表2024年版を使う。", ""),
        ("Review of revisions", "", ""),
        ("第3回 会議", "", ""),
    ],
)
def test_the_edition_is_found(title: str, text: str, expected: str) -> None:
    blocks = [_heading(title), _paragraph(text)] if text else [_heading(title)]
    tags = _describe(_known("x/y.txt"), f"{title}\n\n{text}", *blocks).tags
    assert [tag for tag in tags if tag.startswith("version:")] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("文書番号 A-1　主管 経理部 支払課（鈴木 美咲、内線2301）",), "経理部 支払課"),
        (("担当部署：総務部　施行日 2024年4月1日",), "総務部"),
        (("Effective March 1, 2024. Owner: Robert Hayes, Controller",), "Robert Hayes, Controller"),
        (("Author: Linda Brooks (ext. 501)",), "Linda Brooks"),
        (("人事部長 佐々木 恵　取扱注意",), "人事部長 佐々木 恵"),
        (("文書番号 SPEC-1 第5版 2023年12月8日 設計課 吉田 学",), "設計課 吉田 学"),
        (("会議室の予約は総務部へ申請します。",), ""),
        (("本文です。", "- Buy a machine. Owner: Tom Becker."), ""),
    ],
)
def test_the_owner_is_who_the_text_names(lines: tuple[str, ...], expected: str) -> None:
    blocks = [_heading("文書"), *map(_paragraph, lines)]
    metadata = _describe(_known("x/y.txt"), "\n\n".join(lines), *blocks)
    assert metadata.owner == expected


def test_the_rules_name_the_owner_before_the_text_and_the_text_before_the_file() -> None:
    block = _paragraph("主管 経理部")
    ruled = _known("x.txt", owner="佐藤", author="鈴木 一郎")
    assert _describe(ruled, "", _heading("文書"), block).owner == "佐藤"
    stated = _describe(_known("x.txt", author="鈴木 一郎"), "", _heading("文書"), block)
    assert stated.owner == "経理部"
    filed = _describe(_known("x.txt", author="鈴木 一郎"), "", _heading("文書"))
    assert (filed.owner, filed.fact_origins[1].source) == ("鈴木 一郎", "file")
    assert _describe(_known("x.txt", author="Microsoft Office User"), "").owner == ""


def test_a_mail_belongs_to_who_sent_it() -> None:
    known = _known("x.eml", media_type="message/rfc822", sender="小泉 直人<koizumi@example.jp>")
    assert _describe(known, "主管 経理部").owner == "小泉 直人"


@pytest.mark.parametrize(
    ("title", "text", "furniture", "expected"),
    [
        ("価格表【社外秘】", "", (), "confidentiality:confidential"),
        ("価格表", "本書は社外秘とする。", (), "confidentiality:confidential"),
        ("価格表", "", ("株式会社蔵 関係者外秘",), "confidentiality:restricted"),
        ("価格表", "STRICTLY CONFIDENTIAL", (), "confidentiality:secret"),
        ("社外秘文書取扱規程", "社外秘文書の扱いを定める。", (), ""),
        ("Confidential information policy", "", (), ""),
        (
            "Security",
            "Customer drawings marked Confidential stay in the Vault folder, always.",
            (),
            "",
        ),
    ],
)
def test_a_stamp_is_told_from_a_word_of_the_text(
    title: str, text: str, furniture: tuple[str, ...], expected: str
) -> None:
    tags = _describe(_known("x/y.txt", title, furniture=furniture), text).tags
    found = [tag for tag in tags if tag.startswith("confidentiality:")]
    assert found == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("規程/就業規則_案.docx", "draft"),
        ("規程/会議_案内.docx", ""),
        ("旧/就業規則.docx", "superseded"),
        ("規程/旧図面台帳.docx", ""),
        ("policies/DRAFT travel.docx", "draft"),
        ("policies/old/travel.docx", "superseded"),
        ("policies/threshold/travel.docx", ""),
        ("就業規則_最新版.docx", "current"),
    ],
)
def test_the_status_is_told_by_marks(path: str, expected: str) -> None:
    tags = [tag for tag in _describe(_known(path)).tags if tag.startswith("status:")]
    assert tags == ([f"status:{expected}"] if expected else [])


def test_a_department_is_that_of_the_folder_before_that_of_the_title() -> None:
    found = {each.tag: each for each in _describe(_known("総務/工場の防災.pdf")).tag_origins}
    assert found["department:general-affairs"].source == "path"
    assert "department:production" not in found


def test_keywords_do_not_depend_on_where_the_document_lies() -> None:
    text = "育児休業の申出は一か月前までに行う。育児休業は分割できる。社内報も参照する。"
    one = _describe(_known("a/b.txt"), text, _heading("育児休業ガイド"))
    other = _describe(_known("c/d.txt", department="人事"), text, _heading("育児休業ガイド"))
    assert one.keywords == other.keywords
    assert "育児休業ガイド" in one.keywords or "育児休業" in one.keywords
    assert len(one.keywords) <= 8
