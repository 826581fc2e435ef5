"""Lies that are caught, and truths in other words that are not."""

from pathlib import Path

import pytest

from app.answering.answerer import Answerer, Options
from app.answering.checking import SentenceChecker
from app.answering.citing import Draft
from app.answering.model import Question, Sentence, Verdict
from app.answering.writing import Unproved
from app.api.schemas_answers import SentenceView
from retrieval.embedding.static import StaticEmbedder
from retrieval.model import BlockKind, Scope
from tests.fakes.chat_model import ScriptedChat
from tests.fakes.searcher import MemorySearcher, make_passage

MODEL = Path(__file__).parents[2] / "data" / "models" / "kura-static"
RULES = make_passage(
    "年次有給休暇は入社日に12日を与え、最大22日までとする。申請は上長の田中が承認する。"
    "出張の日当は1日30,000円とし、2024年4月1日から適用する。会社のパソコンを私用に使ってはならない。"
    "領収書の提出は不要である。派遣社員もテレワークを利用できる。予約はサクラホテルで行う。",
    name="就業規則",
)
POLICY = make_passage(
    "Employees must not share passwords with Bob Miller or anybody else. Laptops are returned "
    "within 14 days after leaving. A travel budget of USD 2,500 is approved by Alice Stone. "
    "The policy takes effect on April 1, 2024. Visitors can use the guest network.",
    name="Security policy",
)


@pytest.fixture(scope="module")
def checker() -> SentenceChecker:
    return SentenceChecker(StaticEmbedder(MODEL))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "年次有給休暇は入社日に15日を与えます。"),
        ("number of another sentence", "年次有給休暇は入社日に22日を与えます。"),
        ("unit", "年次有給休暇は入社日に12時間を与えます。"),
        ("amount", "出張の日当は1日3,000円です。"),
        ("date", "日当は令和6年5月1日から適用します。"),
        ("era", "日当は令和5年4月1日から適用します。"),
        ("kanji name", "申請は上長の鈴木が承認します。"),
        ("katakana name", "予約はヤマトホテルで行います。"),
        ("negation", "領収書の提出は必要です。"),
        ("negation", "派遣社員はテレワークを利用できません。"),
        ("negation removed", "会社のパソコンを私用に使ってよい。"),
        ("invented", "社長は毎朝、犬と散歩をしています。"),
        ("number", "Laptops are returned within 40 days after leaving."),
        ("unit", "Laptops are returned within 14 weeks after leaving."),
        ("month", "The policy takes effect on May 1, 2024."),
        ("currency", "A travel budget of JPY 2,500 is approved by Alice Stone."),
        ("name", "A travel budget of USD 2,500 is approved by Carol King."),
        ("name of another sentence", "A travel budget of USD 2,500 is approved by Bob Miller."),
        ("must", "Employees must share passwords with Bob Miller."),
        ("cannot", "Visitors cannot use the guest network."),
        ("translated", "ノートパソコンは退職後40日以内に返却します。"),
        ("invented", "The cafeteria serves fresh sushi every Friday."),
    ],
)
def test_a_lie_is_unsupported(checker: SentenceChecker, kind: str, text: str) -> None:
    cited = [RULES] if any(character > "\u3040" for character in text) else [POLICY]
    cited = [POLICY] if kind == "translated" else cited
    assert checker.check(Draft(text, (1,)), cited).verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize(
    "text",
    [
        "年次有給休暇は入社日に12日を与えます。",
        "入社日に十二日の年次有給休暇を与えます。",
        "出張の日当は1日3万円です。",
        "日当は令和6年4月1日から適用されます。",
        "会社のパソコンを私用に使うことはできません。",
        "領収書の提出は必要ありません。",
        "派遣社員もテレワークを利用できます。",
        "年次有給休暇は12 days、最大22日までです。",
    ],
)
def test_a_truth_respelled_is_not_withheld(checker: SentenceChecker, text: str) -> None:
    assert checker.check(Draft(text, (1,)), [RULES]).verdict is not Verdict.UNSUPPORTED


@pytest.mark.parametrize(
    "text",
    [
        "Laptops are returned within fourteen days after leaving.",
        "The policy takes effect on 2024-04-01.",
        "Passwords must not be shared.",
        "A travel budget of $2,500 is approved by Alice Stone.",
        "ノートパソコンは退職後14日以内に返却します。",
        "方針は2024年4月1日に発効します。",
    ],
)
def test_a_truth_in_other_words_is_not_withheld(checker: SentenceChecker, text: str) -> None:
    assert checker.check(Draft(text, (1,)), [POLICY]).verdict is not Verdict.UNSUPPORTED


def test_between_languages_words_alone_prove_little() -> None:
    found = SentenceChecker().check(Draft("来訪者は来客用の網を使えます。", (1,)), [POLICY])
    assert found.verdict is Verdict.WEAK


def test_a_figure_may_stand_in_another_sentence_than_its_topic(checker: SentenceChecker) -> None:
    cited = make_passage(
        "スージーは1955年7月に大腸瘻という病気に罹患した。手術は成功し、無事に回復した。"
        "しかし1969年3月にこの病気が再発し、再び手術を受けた。",
        name="スージー",
    )
    truth, lie = "大腸瘻が再発したのは1969年3月です。", "大腸瘻が再発したのは1959年3月です。"
    assert checker.check(Draft(truth, (1,)), [cited]).verdict is not Verdict.UNSUPPORTED
    assert checker.check(Draft(lie, (1,)), [cited]).verdict is Verdict.UNSUPPORTED


def test_the_verdict_is_part_of_what_the_interface_sends() -> None:
    sentence = Sentence("10日です。", (1,), verdict=Verdict.WEAK)
    assert SentenceView.of(sentence).model_dump()["verdict"] == "weak"


def test_the_header_of_a_table_proves_the_unit_of_its_cells(checker: SentenceChecker) -> None:
    table = make_passage("型番\t単価（円）\nKP-1000\t30,000", name="価格表", kind=BlockKind.TABLE)
    assert (
        checker.check(Draft("KP-1000の単価は3万円です。", (1,)), [table]).verdict
        is Verdict.SUPPORTED
    )
    lie = checker.check(Draft("KP-1000の単価は3万ドルです。", (1,)), [table])
    assert lie.verdict is Verdict.UNSUPPORTED
    assert lie.missing == ("30000 dollar",)


@pytest.mark.parametrize("unproved", list(Unproved))
def test_policy_decides_whether_an_unsupported_sentence_shows(unproved: Unproved) -> None:
    script = "年次有給休暇は入社日に12日を与えます。[1]年次有給休暇は40日まで増えます。[1]"
    answerer = Answerer(MemorySearcher([RULES]), ScriptedChat(script), Options(unproved=unproved))
    answer = answerer.answer(Question("年次有給休暇は何日ですか", Scope(frozenset({"everyone"}))))
    verdicts = [sentence.verdict for sentence in answer.sentences]
    if unproved is Unproved.MARK:
        assert verdicts == [Verdict.SUPPORTED, Verdict.UNSUPPORTED]
    else:
        assert verdicts == [Verdict.SUPPORTED]
        assert [notice.code for notice in answer.notices] == ["sentences-withheld"]
