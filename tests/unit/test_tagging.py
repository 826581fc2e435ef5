"""Tagging: title, language, dates and type as an office would name them."""

from datetime import UTC, date, datetime

import pytest

from ingestion.dating import find_effective_date
from ingestion.tagging import Known, choose_title, describe, find_language, find_tags
from retrieval.model import Block, BlockKind


def _known(external_id: str = "人事/規程.docx", title: str = "", **facts: object) -> Known:
    values: dict[str, object] = {"media_type": "text/plain", "modified_at": None, **facts}
    return Known(external_id=external_id, declared_title=title, **values)  # type: ignore[arg-type]


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
    assert choose_title(_known(title="就業規則"), [_heading("第1章 総則")]) == "就業規則"


@pytest.mark.parametrize(
    "title", ["Word Document", "無題", "Microsoft Word - a.doc", "Slide 1", ""]
)
def test_a_title_that_says_nothing_is_passed_over(title: str) -> None:
    assert choose_title(_known(title=title), [_heading("経費精算規程")]) == "経費精算規程"


def test_a_file_name_that_says_more_than_the_heading_is_the_title() -> None:
    known = _known("人事/就業規則_2024年版.docx")
    assert choose_title(known, [_heading("就業規則")]) == "就業規則_2024年版"


def test_a_numbered_section_is_not_a_title() -> None:
    assert choose_title(_known("a/固定資産.txt"), [_heading("1. 区分", 2)]) == "固定資産"


def test_a_file_name_without_direction_marks_is_shown() -> None:
    assert choose_title(_known("report\u202efdp.txt"), []) == "reportfdp"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("取締役会議事録", "minutes"),
        ("経費精算規程", "policy"),
        ("VPN接続手順", "procedure"),
        ("価格表 2024", "price-list"),
        ("取引基本契約書", "contract"),
        ("Memo", ""),
    ],
)
def test_the_type_is_told_by_the_title(title: str, expected: str) -> None:
    tags = [each.tag for each in find_tags(_known("x/y.txt"), title, "")]
    assert tags == ([f"type:{expected}"] if expected else [])


def test_given_tags_come_before_those_found() -> None:
    known = _known(
        "人事/a.txt", tags=("人事",), warnings=("hidden-text",), department="人事", owner="佐藤"
    )
    text = "この規程は令和6年4月1日から施行する。"
    metadata = describe(known, [_heading("通勤手当規程")], text)
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
    modified_at = describe(known, [], "text").modified_at
    assert modified_at == datetime(2024, 7, 11, 7, 42, tzinfo=UTC)


def test_a_mail_without_a_readable_date_is_as_old_as_its_file() -> None:
    written = datetime(2026, 1, 1, tzinfo=UTC)
    assert describe(_known(modified_at=written, date="soon"), [], "text").modified_at == written
