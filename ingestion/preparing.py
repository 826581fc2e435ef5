"""Makes versions of what was read, and tags again what is stored; knows the order of the steps."""

import json
from dataclasses import dataclass

from ingestion import chunking, cleaning, quality, tagging
from ingestion.chunking import ChunkSettings
from ingestion.gates import Task
from ingestion.model import Parsed
from ingestion.naming import readable_name
from ingestion.vocabulary import Vocabulary
from retrieval.catalog.editing import lay_over
from retrieval.catalog.records import SourceText
from retrieval.editions import EFFECTIVE_TAG
from retrieval.identity import text_hash
from retrieval.model import Block, Edits, Metadata, NewVersion

_MOST_FURNITURE = 20
_DECLARED = ("author", "from", "date", "thread")


@dataclass(frozen=True, slots=True)
class Preparer:
    """The steps between reading and writing, for one run.

    Attributes:
        source_id: Whose documents they are.
        settings: How large chunks are.
        vocabulary: The tags that documents may get by their words.
    """

    source_id: str
    settings: ChunkSettings
    vocabulary: Vocabulary

    def prepare(self, task: Task, parsed: Parsed, content_hash: str, identity: str) -> NewVersion:
        """Returns the version a reading makes: cleaned, checked, tagged and cut.

        Raises:
            NoText: After cleaning nothing is left.
        """
        item = task.item
        cleaned = cleaning.clean(parsed)
        found = quality.check_quality(cleaned.text, item.external_id, parsed.pages)
        warnings = quality.list_warnings(
            [*parsed.warnings, *cleaned.warnings, *found],
            parsed.hidden_characters,
            cleaned.invisible,
        )
        declared = {
            "media_type": parsed.media_type,
            "pages": parsed.pages,
            "title": cleaning.strip_invisible(parsed.title),
            "warnings": list(warnings),
            "furniture": list(cleaned.furniture[:_MOST_FURNITURE]),
            **{name: parsed.properties.get(name, "") for name in _DECLARED},
        }
        stored = SourceText(cleaned.text, cleaned.blocks, declared)
        metadata = self.describe(task, stored)
        context = _context(lay_over(metadata, task.known.edits if task.known else Edits()))
        return NewVersion(
            source_id=self.source_id,
            external_id=item.external_id,
            metadata=metadata,
            access=task.ruling.access,
            text=cleaned.text,
            blocks=cleaned.blocks,
            chunks=chunking.cut(identity, cleaned.text, cleaned.blocks, context, self.settings),
            content_hash=content_hash,
            text_hash=_hash_blocks(cleaned.blocks),
            signature=str(task.now),
            size=item.size,
            parent_id=task.parent_id,
            declared=declared,
        )

    def describe(self, task: Task, stored: SourceText) -> Metadata:
        """Returns what tagging makes of a stored text at the place and under the rules it has."""
        declared = stored.declared
        known = tagging.Known(
            external_id=readable_name(task.item.external_id),
            media_type=declared["media_type"],
            modified_at=task.item.modified_at,
            department=task.ruling.department,
            owner=task.ruling.owner,
            tags=task.ruling.tags,
            declared_title=declared["title"],
            author=declared["author"],
            sender=declared["from"],
            date=declared["date"],
            thread=declared.get("thread", ""),
            pages=declared["pages"],
            warnings=tuple(declared["warnings"]),
            furniture=tuple(declared["furniture"]),
        )
        return tagging.describe(known, stored.blocks, stored.text, self.vocabulary)


def _hash_blocks(blocks: tuple[Block, ...]) -> str:
    """Returns the hash of what is read and where, whatever bytes it came from."""
    facts = [[b.kind, b.text, b.page, b.sheet, b.level] for b in blocks]
    return text_hash(json.dumps(facts, ensure_ascii=False))


def _context(metadata: Metadata) -> str:
    dates = [tag for tag in metadata.tags if tag.startswith(EFFECTIVE_TAG)]
    effective = f" ({dates[0].removeprefix(EFFECTIVE_TAG)})" if dates else ""
    return metadata.title + effective
