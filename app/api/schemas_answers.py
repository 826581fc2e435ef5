"""The shapes of questions, answers and citations."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.answering.model import Answer, Turn
from app.api.schemas_filters import FilterRequest
from app.api.schemas_gaps import GapReport
from app.api.showing import View

MOST_TURNS = 20
MOST_HISTORY_CHARACTERS = 20_000


_CITATION: JsonDict = {
    "number": 1,
    "document_id": "7b0e2d0c-6f3b-5d0e-9d63-0d3a1f6c2b11",
    "title": "就業規則 2024年版",
    "chunk_id": "c1a5d7a4-3e0f-5b57-8a4b-5a0c1f9d2e22",
    "page": 7,
    "sheet": None,
    "heading": ["第4章 休暇", "第21条"],
    "start": 5120,
    "end": 5158,
    "quote": "入社日から6か月を経過した者に10日の年次有給休暇を与える。",
    "url": "/#document=7b0e2d0c-6f3b-5d0e-9d63-0d3a1f6c2b11&start=5120&end=5158",
    "text_url": "/api/v1/documents/7b0e2d0c-6f3b-5d0e-9d63-0d3a1f6c2b11/text?start=5120&end=5158",
}


class TurnRequest(BaseModel):
    """One earlier exchange."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, Field(max_length=MOST_HISTORY_CHARACTERS)]
    answer: Annotated[str, Field(max_length=MOST_HISTORY_CHARACTERS)]


class AskRequest(BaseModel):
    """A question, and what it follows."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"question": "年次有給休暇は入社半年で何日もらえますか。"},
                {
                    "question": "And after two years?",
                    "language": "en",
                    "history": [
                        {
                            "question": "How many days of leave after half a year?",
                            "answer": "Ten days [1].",
                        }
                    ],
                    "filters": {"departments": ["人事"]},
                    "stream": True,
                },
            ]
        },
    )

    question: str = Field(description="The question, in Japanese or English.", min_length=1)
    language: Literal["ja", "en"] | None = Field(
        default=None,
        description=(
            "Language of the answer; when absent that of the question, or the caller's for one in "
            "a third language or of codes alone."
        ),
    )
    history: Annotated[list[TurnRequest], Field(max_length=MOST_TURNS)] = Field(
        default=[],
        description="Earlier exchanges, the oldest first; they stand in for the kept ones.",
    )
    conversation: Annotated[str | None, Field(min_length=1, max_length=64)] = Field(
        default=None,
        description=(
            "Id of the conversation this goes on with: its kept exchanges are what a follow-up "
            "refers to, and the answer is kept in it. `new` begins one. Without it nothing is kept."
        ),
    )
    filters: FilterRequest = FilterRequest()
    stream: bool = Field(
        default=False,
        description="Answer as server-sent events; so does `Accept: text/event-stream`.",
    )

    def turns(self) -> tuple[Turn, ...]:
        """Returns the earlier exchanges."""
        return tuple(Turn(turn.question, turn.answer) for turn in self.history)


def _link(about: dict[str, Any]) -> str:
    return f"/#document={quote(about['document_id'], safe='')}"


def _link_place(about: dict[str, Any]) -> str:
    return f"{_link(about)}&start={about['start']}&end={about['end']}"


def _link_text(about: dict[str, Any]) -> str:
    document = quote(about["document_id"], safe="")
    return f"/api/v1/documents/{document}/text?start={about['start']}&end={about['end']}"


class CitationView(View):
    """Where words come from. Offsets count Unicode characters of the document's text."""

    number: int
    document_id: str
    title: str
    chunk_id: str
    page: int | None
    sheet: str | None
    heading: list[str]
    start: int
    end: int
    quote: str
    url: str = Field(
        default_factory=_link_place, description="Opens the page of this server at the cited place."
    )
    text_url: str = Field(default_factory=_link_text, description="The cited text itself.")


class SentenceView(View):
    """One checked sentence, without marks, and the numbers of its citations."""

    text: str
    citations: list[int]
    starts_line: bool = Field(description="Whether it begins a new line.")
    verdict: Literal["supported", "weak", "unsupported"] = Field(
        default="supported",
        description=(
            "How far the cited passages carry it: `supported`, `weak` (nothing speaks against it, "
            "but it is said in other words or another language), `unsupported` (only shown where "
            "the policy is to mark instead of to withhold)."
        ),
    )


class NearestView(View):
    """A document that came near without answering, and whom to ask about it."""

    document_id: str
    title: str
    owner: str
    department: str
    url: str = Field(default_factory=_link)


class NoticeView(View):
    """Something the reader must know about the answer."""

    code: str
    message: str


class PassageCounts(BaseModel):
    """How many passages were found, and how many were read."""

    found: int
    used: int


class AnswerView(BaseModel):
    """A whole answer.

    `generated` was written by the chat model and checked sentence by sentence, `extractive` quotes
    the documents because no model could be used, `refusal` says that the documents do not tell (and
    with the notice `near-passages` quotes what comes nearest).
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0f4c2a",
                    "kind": "generated",
                    "language": "ja",
                    "text": "年次有給休暇は入社6か月後に10日付与されます。 [1]",
                    "sentences": [
                        {
                            "text": "年次有給休暇は入社6か月後に10日付与されます。",
                            "citations": [1],
                            "starts_line": False,
                            "verdict": "supported",
                        }
                    ],
                    "citations": [_CITATION],
                    "nearest": [],
                    "notices": [],
                    "model": "qwen3:8b",
                    "passages": {"found": 10, "used": 6},
                    "milliseconds": 2140,
                }
            ]
        }
    )

    id: str
    kind: Literal["generated", "extractive", "refusal"]
    language: Literal["ja", "en"]
    text: str = Field(description="All sentences with their marks, such as `[1]`.")
    sentences: list[SentenceView]
    citations: list[CitationView]
    nearest: list[NearestView]
    notices: list[NoticeView]
    model: str = Field(description="Empty when no model wrote it.")
    passages: PassageCounts
    milliseconds: int
    gap: GapReport | None = Field(
        default=None,
        description=(
            "Offer the reader to report that this is missing, and send this to `POST /feedback` "
            "as it is; null where nothing is, or the caller acts as somebody."
        ),
    )
    conversation: str | None = Field(
        default=None, description="Id of the conversation it is kept in; null when it is not."
    )

    @classmethod
    def of(
        cls, answer: Answer, conversation: str | None = None, *, may_report: bool
    ) -> "AnswerView":
        """Returns the answer as it is sent, kept in this conversation.

        Args:
            answer: The answer.
            conversation: Id of the conversation.
            may_report: Whether its reader can give feedback.
        """
        return cls(
            id=answer.id,
            kind=answer.kind.value,
            language=answer.language,
            text=answer.text,
            sentences=[SentenceView.of(sentence) for sentence in answer.sentences],
            citations=[CitationView.of(citation) for citation in answer.citations],
            nearest=[NearestView.of(nearest) for nearest in answer.nearest],
            notices=[NoticeView.of(notice) for notice in answer.notices],
            model=answer.model,
            passages=PassageCounts(found=answer.passages_found, used=answer.passages_used),
            milliseconds=answer.milliseconds,
            gap=GapReport.of(answer) if may_report and answer.leaves_gap else None,
            conversation=conversation,
        )
