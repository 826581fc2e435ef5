"""Bodies of the REST interface, as short as a test wants to write them."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from tests.fakes.widget_server import Event, Step

JsonObject = dict[str, Any]


def cite(number: int, document: JsonObject, quote: str) -> JsonObject:
    """Returns a citation of these words of a document; offsets count code points."""
    start = document["text"].index(quote)
    return {
        "number": number,
        "document_id": document["document_id"],
        "title": document["title"],
        "chunk_id": f"chunk-{number}",
        "page": next(b["page"] for b in document["blocks"] if b["end"] > start),
        "sheet": None,
        "heading": ["第4章 休暇"],
        "start": start,
        "end": start + len(quote),
        "quote": quote,
        "url": "",
        "text_url": "",
    }


def say(text: str, *citations: int, starts_line: bool = False) -> JsonObject:
    """Returns a sentence."""
    return {"text": text, "citations": list(citations), "starts_line": starts_line}


def write_document(title: str, *blocks: tuple[str, str], pages: bool = False) -> JsonObject:
    """Returns a document's text made of (kind, text) blocks, one a page if wanted."""
    shown, offset = [], 0
    for number, (kind, text) in enumerate(blocks, start=1):
        shown.append(
            {
                "kind": kind,
                "text": text,
                "page": number if pages else None,
                "sheet": None,
                "level": 1 if kind == "heading" else 0,
                "start": offset,
                "end": offset + len(text),
            }
        )
        offset += len(text) + 1
    return {
        "document_id": f"doc-{crc32(title.encode())}",
        "title": title,
        "version": 1,
        "text": "\n".join(text for _, text in blocks),
        "blocks": shown,
    }


def answer(
    sentences: Sequence[JsonObject], citations: Sequence[JsonObject] = (), **changes: object
) -> Event:
    """Returns the last event of a stream: a whole answer, written by a model unless changed."""
    text = "\n".join(
        sentence["text"] + "".join(f"[{number}]" for number in sentence["citations"])
        for sentence in sentences
    )
    whole = {
        "id": "a1",
        "kind": "generated",
        "language": "ja",
        "text": text,
        "sentences": list(sentences),
        "citations": list(citations),
        "nearest": [],
        "notices": [],
        "model": "qwen3:4b",
        "passages": {"found": 8, "used": 3},
        "milliseconds": 900,
    }
    return Event("answer", whole | changes)


def refuse(nearest: JsonObject | None = None) -> list[Step]:
    """Returns a whole stream that answers nothing, and offers to report it."""
    near = [] if nearest is None else [nearest]
    gap = {
        "answer_id": "a1",
        "answer_kind": "refusal",
        "question": "犬は連れて行けますか",
        "helpful": False,
        "reason": "missing",
        "chunks": [],
        "nearest": [each["document_id"] for each in near],
    }
    said = [say("お探しの答えは見つかりませんでした。")]
    return [found(), answer(said, kind="refusal", model="", nearest=near, gap=gap)]


def found(*citations: JsonObject) -> Event:
    """Returns the first event of a stream."""
    return Event("found", {"passages": list(citations)})


def sentence(shown: JsonObject, *fresh: JsonObject) -> Event:
    """Returns the event of one sentence and its citations not sent before."""
    return Event("sentence", shown | {"new_citations": list(fresh)})


def reply(text: str) -> list[Step]:
    """Returns a whole stream that says one thing without sources."""
    return [found(), sentence(say(text)), answer([say(text)])]


def queued(position: int) -> Event:
    """Returns the event that tells a place in line."""
    return Event("queued", {"position": position})


def notice(code: str, message: str) -> Event:
    """Returns the event of one notice."""
    return Event("notice", {"code": code, "message": message})
