"""Current documents that state different things of what is asked, and those that only seem to."""

import re
from collections.abc import Iterator

import pytest

from app.answering.model import AnswerKind
from tests.integration.answering_place import AnsweringPlace, codes

CONFLICT = "conflicting-sources"
FILES = {
    "経理/旅費規程.md": (
        "# 旅費規程\n\n施行日: 2023年4月1日\n\n国内出張の日当は1日につき3,000円とする。"
    ),
    "人事/新人ガイド.md": (
        "# 新入社員ガイド\n\n施行日: 2020年4月1日\n\n国内出張の日当として、1日あたり2千5百円が"
        "支給されます。\n\n有給休暇は入社日に10日付与されます。"
    ),
    "国際/海外旅費.md": "# 海外旅費規程\n\n海外出張の日当は1日につき8,000円とする。",
    "労務/就業規則.md": (
        "# 就業規則\n\n施行日: 2024年4月1日\n\n年次有給休暇は、入社日に12日を付与する。"
    ),
    "総務/慶弔規程.md": "# 慶弔見舞金規程\n\n本人が結婚したときの祝金は3万円とする。",
    "労務/福利厚生.md": (
        "# 福利厚生の案内\n\n本人が結婚したときの祝金は30,000円です。\n\n"
        "子が生まれたときの祝金は１万円です。"
    ),
    "総務/健診.md": "# 健康診断のお知らせ\n\n健康診断の受診期限は2024年9月30日です。",
    "衛生/便り.md": "# 衛生だより\n\n今年の健康診断は令和6年10月31日までに受診してください。",
    "総務/移転.md": "# 本社移転のお知らせ\n\n本社の移転日は令和６年１０月１日です。",
    "広報/年表.md": "# 会社の年表\n\n本社移転日：2024-10-01",
    "総務/会議室.md": "# 研修所の案内\n\n研修所の会議室の利用料は1日10,000円です。",
    "人事/宿泊.md": "# 研修宿泊の案内\n\n研修所の個室の利用料は1泊4,000円です。",
    "育児/時短.md": "# 時短勤務規程\n\n短時間勤務の労働時間は1日6時間とする。",
    "保育/しおり.md": "# 育児のしおり\n\n短時間勤務の労働時間は1日360分です。",
    "人事/忌引.md": "# 忌引休暇\n\n配偶者の忌引休暇は2週間とする。",
    "労務/休暇案内.md": "# 休暇の案内\n\n配偶者の忌引休暇は10日です。",
    "営業/価格.md": "# 製品の価格\n\nKP-500の価格は10,000円（税抜）です。",
    "店舗/価格.md": (
        "# 店頭の価格\n\nKP-500の価格は11,000円（税込）です。\n\nKP-501の価格は700円です。"
    ),
    "情シス/USB.md": "# USBメモリの取扱い\n\n私物のUSBメモリの持込みには申請が必要です。",
    "総務/入館.md": "# 入館のしおり\n\n私物のUSBメモリの持込みに申請は不要です。",
    "it/password.md": (
        "# Password policy\n\nEffective April 1, 2024\n\nPasswords must be changed every 90 days."
    ),
    "hr/onboarding.md": "# Onboarding\n\nYou have to change your password every six weeks.",
    "it/laptops.md": "# Laptop policy\n\nLaptops are replaced every three years.",
    "finance/assets.md": "# Asset guide\n\nWe replace laptops every 4 years.",
    "hr/notice.md": "# Notice periods\n\nThe notice period for resignation is two weeks.",
    "legal/exit.md": "# Exit process\n\nThe notice period for resignation is 14 days.",
    "hr/domestic.md": "# Domestic trips\n\nThe meal allowance for domestic trips is $50 per day.",
    "hr/abroad.md": "# Trips abroad\n\nThe meal allowance for overseas trips is $90 per day.",
    "facility/parking.md": "# Parking\n\nThe monthly parking fee is 5,000 yen.",
    "hr/benefits.md": "# Benefits\n\nThe monthly parking fee is JPY 8,000.",
    "hr/enrolment.md": "# Enrolment\n\nOpen enrolment ends on November 15, 2024.",
    "payroll/calendar.md": "# Payroll calendar\n\nOpen enrolment ends 2024-11-22.",
    "工場/夜勤.md": "# 夜勤手当の表\n\n区分\t夜勤手当\n等級1\t5,000円\n等級2\t4,000円",
    "店舗/夜勤.md": (
        "# 店舗の夜勤\n\n店舗でも次の表による。\n\n区分\t夜勤手当\n等級1\t5,000円\n等級2\t4,000円"
    ),
    "工場/待機.md": "# 待機手当の表\n\n区分\t待機手当\n等級1\t900円\n等級2\t800円",
    "店舗/待機.md": (
        "# 店舗の待機\n\n店舗でも次の表による。\n\n区分\t待機手当\n等級1\t950円\n等級2\t850円"
    ),
    "開発/報告_2022年度.md": "# 売上報告 2022年度\n\n売上高は12億円でした。",
    "開発/報告_2023年度.md": "# 売上報告 2023年度\n\n売上高は15億円でした。",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnsweringPlace]:
    with AnsweringPlace(tmp_path_factory.mktemp("conflicts")) as opened:
        opened.take_in(FILES)
        yield opened


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("国内出張の日当はいくらですか", "3,000円", "2千5百円"),
        ("有給休暇は入社日に何日付与されますか", "12日", "10日"),
        ("健康診断はいつまでに受診しますか", "9月30日", "10月31日"),
        ("配偶者の忌引休暇は何日ですか", "2週間", "10日"),
        ("勤続3年の社員の配偶者の忌引休暇は", "2週間", "10日"),
        ("私物のUSBメモリの持込みに申請は必要ですか", "必要", "不要"),
        ("How often must I change my password?", "90 days", "six weeks"),
        ("How often are laptops replaced?", "three years", "4 years"),
        ("What is the monthly parking fee?", "5,000", "8,000"),
        ("When does open enrolment end?", "November 15", "11-22"),
    ],
)
def test_both_figures_are_shown_with_their_documents(
    place: AnsweringPlace, question: str, one: str, other: str
) -> None:
    for answer in place.ask_both_ways(question):
        assert CONFLICT in codes(answer)
        assert one in answer.text
        assert other in answer.text
        quotes = {citation.document_id: citation.quote for citation in answer.citations}
        assert any(one in quote for quote in quotes.values())
        assert any(other in quote for quote in quotes.values())


def test_the_notice_names_both_documents_and_since_when_they_hold(place: AnsweringPlace) -> None:
    written = place.ask_both_ways("国内出張の日当はいくらですか")[1]
    assert written.kind is AnswerKind.GENERATED
    (message,) = [each.message for each in written.notices if each.code == CONFLICT]
    for part in ("旅費規程", "2023-04-01", "新入社員ガイド", "2020-04-01"):
        assert part in message


def test_what_does_not_say_since_when_it_holds_is_named_with_its_last_change(
    place: AnsweringPlace,
) -> None:
    answer = place.ask("What is the monthly parking fee?")
    (message,) = [each.message for each in answer.notices if each.code == CONFLICT]
    assert len(re.findall(r"\(changed \d{4}-\d\d-\d\d\)", message)) == 2


@pytest.mark.parametrize(
    "question",
    [
        "本人が結婚したときの祝金はいくらですか",  # 3万円, 30,000円
        "本社の移転日はいつですか",  # 令和６年１０月１日, 2024-10-01
        "短時間勤務の労働時間は何時間ですか",  # 6時間, 360分
        "What is the notice period for resignation?",  # two weeks, 14 days
    ],
)
def test_the_same_value_written_otherwise_is_no_conflict(
    place: AnsweringPlace, question: str
) -> None:
    for answer in place.ask_both_ways(question):
        assert answer.kind is not AnswerKind.REFUSAL
        assert CONFLICT not in codes(answer)


@pytest.mark.parametrize(
    "question",
    [
        "海外出張の日当はいくらですか",  # at home, abroad
        "研修所の利用料はいくらですか",  # a day, a night
        "研修所の個室の利用料はいくらですか",
        "KP-500の価格はいくらですか",  # with tax, without
        "KP-501の価格はいくらですか",  # another part
        "What is the meal allowance for domestic trips?",
        "What is the meal allowance for trips?",
        "売上高はいくらですか",  # reports of two years
        "就業規則の施行日はいつですか",  # each document's own date
    ],
)
def test_figures_of_different_things_are_no_conflict(place: AnsweringPlace, question: str) -> None:
    for answer in place.ask_both_ways(question):
        assert CONFLICT not in codes(answer)


def test_rows_of_two_tables_are_compared_with_their_like(place: AnsweringPlace) -> None:
    alike = place.ask("等級2の夜勤手当はいくらですか")
    assert "4,000円" in alike.text
    assert CONFLICT not in codes(alike)
    other = place.ask("等級2の待機手当はいくらですか")
    assert CONFLICT in codes(other)
    assert [each.text for each in other.sentences if "等級1" in each.text] == []
    assert "800円" in other.text
    assert "850円" in other.text
