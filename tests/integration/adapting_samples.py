"""A company with words of its own: sections are headed by a code word and speak of a plain thing.

The model in use cannot know that one means the other; the documents say so again and again.
"""

import random
from collections.abc import Sequence
from threading import Event

from app.bootstrap import build_worker
from app.orders import ADAPT, ADAPT_PRIORITY, STAFF, AdaptOrder
from app.role import hold_role
from app.settings import Settings
from retrieval.catalog import Catalog, Job, NewSource
from retrieval.identity import chunk_id, document_id, source_id, text_hash
from retrieval.model import Access, Chunk, Metadata, NewVersion

SOURCE = "company"
SHARED = Access(frozenset({"group:staff"}))

WORDS = (
    ("ゾルタ", "倉庫の鍵を受け取り、棚の番号を帳面に書く"),
    ("ミレナス", "出張の切符を窓口で買い、領収書を封筒に入れる"),
    ("カヴォン", "会議室の机を並べ、飲み物を人数だけ置く"),
    ("ペルモ", "機械の油を差し、ねじの緩みを確かめる"),
    ("トリゴラ", "新しい人に名札と電話を渡し、席へ案内する"),
    ("ハズメア", "届いた荷物の重さを量り、送り先の札を貼る"),
    ("ソルビン", "庭の木に水をやり、落ち葉を袋に集める"),
    ("ナクテル", "古い書類を箱に詰め、溶かす業者へ引き渡す"),
)
ASIDES = ("朝のうちに行う", "二人で行う", "雨の日は休む", "終えたら上司に知らせる", "月末に数える")


CLOSED = Access(frozenset({"group:board"}))


def fill(catalog: Catalog, words: Sequence[tuple[str, str]] = WORDS, documents: int = 60) -> None:
    """Publishes documents of four sections each, each section below its code word."""
    catalog.sources.add(NewSource(SOURCE, "folder", "/company", access=SHARED))
    chance = random.Random(1)
    for number in range(documents):
        sections = chance.sample(words, 4)
        texts = [f"{plain}。{chance.choice(ASIDES)}。第{number}班。" for _, plain in sections]
        headings = [f"{code}の手順" for code, _ in sections]
        publish(catalog, f"{number:03d}.md", list(zip(headings, texts, strict=True)))


def publish(
    catalog: Catalog, name: str, sections: Sequence[tuple[str, str]], access: Access = SHARED
) -> str:
    """Publishes one document with one chunk a section; returns its id."""
    document = document_id(source_id(SOURCE), name)
    headings = [(heading,) if heading else () for heading, _ in sections]
    chunks = tuple(
        Chunk(
            id=chunk_id(document, heading, text, ordinal),
            document_id=document,
            ordinal=ordinal,
            text=text,
            heading=heading,
            end=len(text),
        )
        for ordinal, (heading, (_, text)) in enumerate(zip(headings, sections, strict=True))
    )
    whole = "\n".join(text for _, text in sections)
    digest = text_hash(whole)
    version = NewVersion(
        source_id=source_id(SOURCE),
        external_id=name,
        metadata=Metadata(title=f"班の手引き {name}", department="製造", language="ja"),
        access=access,
        text=whole,
        blocks=(),
        chunks=chunks,
        content_hash=digest,
        text_hash=digest,
        signature=digest,
        size=len(whole),
    )
    catalog.documents.publish(version)
    return document


def work(settings: Settings, job: Job) -> None:
    """Does what the worker does until a job has ended."""
    with hold_role(settings.home), build_worker(settings) as worker:
        worker.run(Event(), until=job.id)


def order(catalog: Catalog, wanted: AdaptOrder | None = None) -> Job:
    """Puts the tuning into the queue."""
    payload = (wanted or AdaptOrder(STAFF)).to_payload()
    return catalog.jobs.enqueue(ADAPT, payload, owner="admin", priority=ADAPT_PRIORITY)


def adapt(settings: Settings, catalog: Catalog, wanted: AdaptOrder | None = None) -> Job:
    """Orders the tuning, has it done and returns the ended job."""
    job = order(catalog, wanted)
    work(settings, job)
    return catalog.jobs.get(job.id)
