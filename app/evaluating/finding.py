"""Which sets there are to measure on, and so which questions must never be trained on."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from app.evaluating.errors import SetUnreadable
from app.evaluating.matching import fold
from app.evaluating.model import Golden, QuestionSet
from app.evaluating.reading import read_set
from retrieval.catalog import Catalog, Feedback, FeedbackState
from retrieval.model import EVERYONE

OWN_SETS = "golden"
"""Folder of one's own sets in the state folder."""

FROM_FEEDBACK = "feedback"
"""Name of the set of accepted feedback."""

_SUFFIXES = (".jsonl", ".csv")
_MOST_ACCEPTED = 100_000


def find_sets(home: Path, catalog: Catalog, sample: Path | None) -> list[QuestionSet]:
    """Returns all sets of an installation: the sample's, its own files, accepted feedback.

    Args:
        home: The state folder, whose ``golden`` folder holds one's own files.
        catalog: Holds the accepted feedback.
        sample: The sample's questions; ``None`` where the sample is not installed.

    Raises:
        Invalid: A file of questions cannot be used.
    """
    files = [sample] if sample is not None and sample.is_file() else []
    sets = [read_set(file) for file in (*files, *_list_files(home / OWN_SETS))]
    accepted = read_accepted(catalog)
    return [*sets, accepted] if accepted.questions else sets


def _list_files(folder: Path) -> list[Path]:
    try:
        files = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        reason = error.strerror or str(error)
        raise SetUnreadable(file=folder, reason_ja=reason, reason_en=reason) from error
    return [file for file in files if file.suffix.lower() in _SUFFIXES]


def read_accepted(catalog: Catalog) -> QuestionSet:
    """Returns the feedback that was accepted as golden questions; none yet is an empty set."""
    rows = catalog.feedback.list(FeedbackState.GOLDEN, _MOST_ACCEPTED)
    questions = tuple(to_golden(row) for row in rows)
    described = json.dumps([[*sorted(row.groups), row.id, *row.documents] for row in rows])
    return QuestionSet(FROM_FEEDBACK, questions, sha256(described.encode()).hexdigest())


def to_golden(row: Feedback) -> Golden:
    """Returns accepted feedback as a question, asked with the groups of whoever gave it."""
    refused = row.expect == "refuse"
    return Golden(
        id=f"f-{row.id[:8]}",
        question=row.question,
        language="ja" if row.language == "ja" else "en",
        kind="unanswerable" if refused else "answerable",
        expect="refuse" if refused else "answer",
        principals=frozenset({EVERYONE, *(f"group:{group}" for group in row.groups)}),
        documents=row.documents,
        origin=f"feedback {row.id}",
        set_name=FROM_FEEDBACK,
    )


def name_evaluated(sets: Iterable[QuestionSet]) -> frozenset[str]:
    """Returns the questions of these sets, earlier turns too, in the spelling they are compared in.

    A text is one of them when ``fold(text)`` is among them.
    """
    return frozenset(
        fold(text) for each in sets for golden in each.questions for text in _list_texts(golden)
    )


def _list_texts(golden: Golden) -> Sequence[str]:
    return [golden.question, *(turn.question for turn in golden.history)]
