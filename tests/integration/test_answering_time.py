"""Which edition answers a question, and what is said of text that does not hold now."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.answering.model import AnswerKind, Turn
from tests.integration.answering_place import BOARD, EVERYONE, AnsweringPlace, codes

FILES = {
    "人事/就業規則_2021年版.md": (
        "# 就業規則_2021年版\n\n施行日: 2021年4月1日\n\n従業員の定年は満60歳とする。"
    ),
    "人事/就業規則_2024年版.md": (
        "# 就業規則_2024年版\n\n施行日: 令和6年4月1日\n\n従業員の定年は満65歳とする。"
    ),
    "人事/就業規則_2091年版.md": (
        "# 就業規則_2091年版\n\n施行日: 2091年4月1日\n\n従業員の定年は満70歳とする。"
    ),
    "経理/旅費規程（旧）.md": (
        "# 旅費規程（旧）\n\n施行日: 2019年4月1日\n\n国内出張の日当は2,000円とする。"
    ),
    "経理/旅費規程.md": ("# 旅費規程\n\n施行日: 2023年10月1日\n\n国内出張の日当は3,000円とする。"),
    "hr/Travel policy 2022.md": (
        "# Travel policy 2022\n\nEffective April 1, 2022\n\nThe hotel limit is $150 per night."
    ),
    "hr/Travel policy 2024.md": (
        "# Travel policy 2024\n\nEffective April 1, 2024\n\nThe hotel limit is $200 per night."
    ),
    "総務/駐車場の特例.md": (
        "# 駐車場の特例\n\n施行日: 2020年4月1日\n失効日: 2022年3月31日\n\n"
        "来客用駐車場の料金は1回500円とする。"
    ),
    "総務/在宅勤務手当規程.md": (
        "# 在宅勤務手当規程\n\nこの規程は2092年4月1日から施行する。\n\n"
        "在宅勤務手当は月額5,000円とする。"
    ),
    "総務/保養所規程（旧）.md": (
        "# 保養所規程（旧）\n\n施行日: 2015年4月1日\n\n保養所の利用料は1泊3,500円とする。"
    ),
    "営業/価格表_2021年版.md": "# 価格表 2021年版\n\nKP-1000の単価は28,000円です。",
    "営業/価格表_2024年版.md": "# 価格表 2024年版\n\nKP-1000の単価は30,000円です。",
    "営業/売上報告_2022年度.md": "# 売上報告 2022年度\n\n売上高は12億円でした。",
    "営業/売上報告_2023年度.md": "# 売上報告 2023年度\n\n売上高は15億円でした。",
    "情シス/手順 第2版.md": "# 端末の手順 第2版\n\n端末の自動ロックは10分後です。",
    "情シス/手順 第10版.md": "# 端末の手順 第10版\n\n端末の自動ロックは5分後です。",
    "2020/備品規程.md": "# 備品規程\n\n備品の購入上限は40,000円とする。",
    "2023/備品規程.md": "# 備品規程\n\n備品の購入上限は50,000円とする。",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnsweringPlace]:
    with AnsweringPlace(tmp_path_factory.mktemp("time")) as opened:
        opened.take_in(FILES)
        yield opened


@pytest.mark.parametrize(
    ("question", "holds", "other"),
    [
        ("従業員の定年は何歳ですか", "65歳", "60歳"),
        ("国内出張の日当はいくらですか", "3,000円", "2,000円"),
        ("KP-1000の単価はいくらですか", "30,000円", "28,000円"),
        ("端末の自動ロックは何分後ですか", "5分後", "10分後"),
        ("備品の購入上限はいくらですか", "50,000円", "40,000円"),
        ("What is the hotel limit?", "$200", "$150"),
    ],
)
def test_asked_of_now_the_edition_in_force_answers_alone(
    place: AnsweringPlace, question: str, holds: str, other: str
) -> None:
    for answer in place.ask_both_ways(question):
        assert holds in answer.text
        assert other not in answer.text
        assert "70歳" not in answer.text
        assert not {"as-of", "conflicting-sources", "not-in-force"} & set(codes(answer))


@pytest.mark.parametrize(
    ("question", "held", "now", "document"),
    [
        ("2023年4月時点の従業員の定年は何歳ですか", "60歳", "65歳", "2021-04-01"),
        ("2024年3月31日時点の定年は何歳ですか", "60歳", "65歳", "2021-04-01"),
        ("令和5年度の従業員の定年は何歳でしたか", "60歳", "65歳", "2021-04-01"),
        ("2021年版の就業規則では定年は何歳ですか", "60歳", "65歳", "2021-04-01"),
        ("旧規程では国内出張の日当はいくらですか", "2,000円", "3,000円", "2019-04-01"),
        ("改定前の国内出張の日当はいくらでしたか", "2,000円", "3,000円", "2019-04-01"),
        ("2021年のKP-1000の単価は", "28,000円", "30,000円", "価格表 2021年版"),
        ("2021年の備品の購入上限はいくらですか", "40,000円", "50,000円", "備品規程"),
        ("What was the hotel limit as of April 2023?", "$150", "$200", "2022-04-01"),
        ("What is the hotel limit in the 2022 edition?", "$150", "$200", "2022-04-01"),
        ("What was the hotel limit on 31 March 2024?", "$150", "$200", "2022-04-01"),
        ("What was the hotel limit under the old policy?", "$150", "$200", "2022-04-01"),
        ("2091年4月からの従業員の定年は何歳ですか", "70歳", "65歳", "2091-04-01"),
    ],
)
def test_superseded_and_coming_text_answers_when_its_time_is_asked_and_says_so(
    place: AnsweringPlace, question: str, held: str, now: str, document: str
) -> None:
    for answer in place.ask_both_ways(question):
        assert held in answer.text
        assert now not in answer.text
        (message,) = [each.message for each in answer.notices if each.code == "as-of"]
        assert document in message


def test_on_the_day_it_takes_effect_the_new_edition_holds(place: AnsweringPlace) -> None:
    answer = place.ask("2024年4月1日時点の従業員の定年は何歳ですか")
    assert "65歳" in answer.text
    assert "as-of" not in codes(answer)


def test_of_a_time_before_any_edition_the_oldest_does_not_pass_for_an_answer(
    place: AnsweringPlace,
) -> None:
    refused = place.ask("2009年時点の従業員の定年は何歳でしたか")
    assert refused.kind is AnswerKind.REFUSAL
    assert "就業規則_2021年版" in [each.title for each in refused.nearest]
    oldest = place.ask("2015年時点の従業員の定年は何歳でしたか")  # a year that others name
    assert oldest.kind is AnswerKind.REFUSAL or "not-in-force" in codes(oldest)


def test_when_the_asker_joined_is_not_the_time_asked_about(place: AnsweringPlace) -> None:
    answer = place.ask("2021年5月に入社しました。従業員の定年は何歳ですか")
    assert "65歳" in answer.text
    assert "60歳" not in answer.text


@pytest.mark.parametrize(
    ("question", "figure", "other"),
    [
        ("2022年度の売上高はいくらですか", "12億円", "15億円"),
        ("2023年の売上高は", "15億円", "12億円"),
    ],
)
def test_of_reports_the_one_of_the_year_asked_for_answers(
    place: AnsweringPlace, question: str, figure: str, other: str
) -> None:
    answer = place.ask(question)
    assert figure in answer.text
    assert other not in answer.text


def test_asked_of_two_times_both_editions_answer(place: AnsweringPlace) -> None:
    for answer in place.ask_both_ways("KP-1000の単価は2021年と2024年でどう違いますか"):
        assert "28,000円" in answer.text
        assert "30,000円" in answer.text
        assert "conflicting-sources" not in codes(answer)


@pytest.mark.parametrize(
    ("question", "code", "day"),
    [
        ("来客用駐車場の料金はいくらですか", "expired", "2022-03-31"),
        ("在宅勤務手当はいくらですか", "not-in-force", "2092-04-01"),
        ("保養所の利用料はいくらですか", "superseded", "2015-04-01"),
    ],
)
def test_text_that_does_not_hold_now_carries_its_date(
    place: AnsweringPlace, question: str, code: str, day: str
) -> None:
    for answer in place.ask_both_ways(question):
        (message,) = [each.message for each in answer.notices if each.code == code]
        assert day in message


def test_text_is_not_called_expired_of_a_time_when_it_held(place: AnsweringPlace) -> None:
    answer = place.ask("2021年6月時点の来客用駐車場の料金はいくらですか")
    assert "500円" in answer.text
    assert "expired" not in codes(answer)


def test_a_follow_up_may_be_nothing_but_a_time(place: AnsweringPlace) -> None:
    before = (Turn("従業員の定年は何歳ですか", "満65歳です。"),)
    for question in ("2023年4月時点では？", "2021年は？", "旧規則では？"):
        answer = place.ask(question, history=before)
        assert "60歳" in answer.text
        assert "as-of" in codes(answer)


def test_a_document_whose_newest_version_cannot_be_read_says_of_when_its_text_is(
    tmp_path: Path,
) -> None:
    with AnsweringPlace(tmp_path) as place:
        place.take_in({"経理/規程.md": "# 規程\n\n出張の日当は3,000円とする。"})
        assert "stale" not in codes(place.ask("出張の日当はいくらですか"))
        place.take_in({"経理/規程.md": "LOCKED"})
        answer = place.ask("出張の日当はいくらですか")
        assert "3,000円" in answer.text
        (message,) = [each.message for each in answer.notices if each.code == "stale"]
        (document,) = [each.document_id for each in answer.citations]
        kept = place.catalog.documents.get(document, EVERYONE)
        assert kept is not None
        assert f"{kept.ingested_at:%Y-%m-%d}" in message


def test_an_unreadable_newer_edition_or_rival_changes_nothing(tmp_path: Path) -> None:
    question = "国内出張の日当はいくらですか"
    with AnsweringPlace(tmp_path) as place:
        place.take_in(
            {"経理/旅費規程_2021年版.md": "# 旅費規程_2021年版\n\n国内出張の日当は2,000円とする。"}
        )
        alone = place.ask_both_ways(question)
        closed = {
            "経理/旅費規程_2024年版.md": "# 旅費規程_2024年版\n\n国内出張の日当は9,000円とする。",
            "役員/日当.md": "# 役員の手引き\n\n国内出張の日当は7,000円とする。",
        }
        place.take_in(closed, "closed", BOARD)
        beside = place.ask_both_ways(question)
        assert [(a.text, a.notices, a.nearest) for a in alone] == [
            (a.text, a.notices, a.nearest) for a in beside
        ]
        board = place.ask(question, principals=EVERYONE | {"group:board"})
        assert "7,000円" in board.text or "9,000円" in board.text
