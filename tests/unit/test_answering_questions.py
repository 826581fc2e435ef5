"""Reading a question: its language, what it refers to, what it waits for, when to refuse."""

import pytest

from app.answering.expecting import Expected, expected, holds
from app.answering.following_up import standalone
from app.answering.language import choose, detect
from app.answering.model import Turn
from app.answering.refusing import Policy, explain, measure, nearest, should_refuse
from retrieval.errors import Language
from retrieval.model import Passage
from tests.fakes.searcher import make_passage

ASKED_LEAVE = (Turn("有給休暇は入社したとき何日もらえますか", "10日です。"),)
ASKED_HOTEL = (Turn("What is the hotel cap in New York?", "$310."),)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("有給休暇は何日ですか", "ja"),
        ("VPNの申請方法は？", "ja"),
        ("How many days?", "en"),
        ("What does 稟議 mean?", "en"),
        ("What does お世話になっております mean?", "en"),
        ("「annual leave policy」とは何ですか", "ja"),
        ("出張旅費", "ja"),
        ("KS-4410は？", "ja"),
        ("Wie viele Urlaubstage habe ich?", "en"),
        ("12345", "en"),
    ],
)
def test_the_language_of_the_question_is_found(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("reader", ["ja", "en"])
@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("KS-4410-B", None),
        ("VPN?", None),
        ("2024", None),
        ("연차 휴가는 며칠입니까?", None),
        ("年假有多少天？", None),
        ("Combien de jours de congés payés ?", None),
        ("有給休暇", "ja"),
        ("KS-4410-B は？", "ja"),
        ("hotel limit", "en"),
        ("What is G4?", "en"),
    ],
)
def test_who_asks_in_neither_language_is_answered_in_their_own(
    text: str, own: Language | None, reader: Language
) -> None:
    assert choose(text, reader) == (own or reader)


@pytest.mark.parametrize(
    ("history", "question", "carried"),
    [
        (ASKED_LEAVE, "それは翌年に持ち越せますか", "有給"),
        (ASKED_LEAVE, "じゃあ時間単位でも取れる?", "有給"),
        (ASKED_LEAVE, "派遣社員の場合は？", "休暇"),
        (ASKED_HOTEL, "What about trips to Japan?", "hotel"),
        (ASKED_HOTEL, "And for executives?", "hotel"),
        (ASKED_HOTEL, "Who can approve more than that?", "hotel"),
    ],
)
def test_a_follow_up_carries_what_it_refers_to(
    history: tuple[Turn, ...], question: str, carried: str
) -> None:
    alone = standalone(question, history)
    assert alone.endswith(question)
    assert carried in alone.removesuffix(question)


@pytest.mark.parametrize(
    "question",
    [
        "出張の日当は課長の場合いくら支給されますか",
        "Who is in charge of IT security audits?",
        "就業規則とは？",
    ],
)
def test_a_question_of_its_own_is_left_alone(question: str) -> None:
    assert standalone(question, ASKED_LEAVE) == question


def test_a_chain_of_follow_ups_keeps_its_first_topic() -> None:
    history = (*ASKED_LEAVE, Turn("それは翌年に持ち越せますか", "はい。"))
    assert "有給" in standalone("その手続きは？", history)


@pytest.mark.parametrize(
    ("before", "question", "kept", "dropped"),
    [
        ("等級 G4 の基本給の上限は？", "では G5 は？", "基本", "g4"),
        ("2021年の KS-7200 の価格は？", "2024年は？", "ks-7200", "2021"),
        ("What was the price of KS-4410 in 2021?", "And in 2024?", "ks-4410", "2021"),
    ],
)
def test_a_code_or_year_of_the_same_kind_takes_the_place_of_the_one_before(
    before: str, question: str, kept: str, dropped: str
) -> None:
    carried = standalone(question, (Turn(before, "はい。"),)).removesuffix(question).lower()
    assert kept in carried
    assert dropped not in carried


def test_without_history_nothing_changes() -> None:
    assert standalone("それは？", ()) == "それは？"


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("申請の期限はいつですか", Expected.DATE),
        ("When is it due?", Expected.DATE),
        ("日当はいくらですか", Expected.NUMBER),
        ("How many days do I get?", Expected.NUMBER),
        ("承認者は誰ですか", Expected.PERSON),
        ("Where do we gather?", Expected.PLACE),
        ("なぜ必要ですか", Expected.REASON),
        ("How do I apply?", Expected.STEPS),
        ("有給休暇について", Expected.ANYTHING),
    ],
)
def test_the_kind_of_answer_is_read_from_the_question(question: str, kind: Expected) -> None:
    assert expected(question) is kind


def test_a_number_that_only_repeats_the_question_is_no_answer() -> None:
    question = "2024年の日当はいくらですか"
    assert not holds(Expected.NUMBER, "2024年の日当について定める。", question)
    assert holds(Expected.NUMBER, "2024年の日当は3,000円とする。", question)


def scored(text: str, score: float, name: str = "規程") -> Passage:
    passage = make_passage(text, name=name)
    return Passage(passage.chunk, passage.document, score, {"lexical": score})


@pytest.mark.parametrize(
    ("question", "passages", "refused"),
    [
        ("日当はいくらですか", [scored("日当は3,000円です。", 0.6)], False),
        ("今日の天気は", [scored("日当は3,000円です。", 0.05)], True),
        ("今日の天気は", [], True),
        ("KS-9900-Gの価格は", [scored("KS-4410-Aの価格は3万円です。", 0.6)], True),
        ("KS4410Aの価格は", [scored("KS-4410-Aの価格は3万円です。", 0.6)], False),
        ("2030年の祝日は", [scored("2024年の祝日一覧です。", 0.6)], True),
        ("令和6年の祝日は", [scored("2024年の祝日一覧です。", 0.6)], False),
    ],
)
def test_what_is_clearly_elsewhere_is_refused(
    question: str, passages: list[Passage], refused: bool
) -> None:
    policy = Policy()
    assert should_refuse(measure(question, passages, policy), policy) is refused


def test_a_refusal_names_the_nearest_documents_and_whom_to_ask() -> None:
    passages = [
        scored("一。", 0.1, "旅費"),
        scored("二。", 0.1, "旅費"),
        scored("三。", 0.1, "規則"),
    ]
    near = nearest(passages, 3)
    assert [(n.title, n.owner, n.department) for n in near] == [
        ("旅費", "旅費の担当", "総務"),
        ("規則", "規則の担当", "総務"),
    ]
    assert "「旅費」" in explain(near, "ja")
    assert "旅費の担当" in explain(near, "en")
    assert explain((), "ja") != explain((), "en")
