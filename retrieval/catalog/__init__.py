"""The catalog: the only truth about sources, documents, access, jobs and keys."""

from retrieval.catalog.catalog import Catalog
from retrieval.catalog.conversations import Conversation, StoredTurn
from retrieval.catalog.database import Database
from retrieval.catalog.errors import CatalogTooNew
from retrieval.catalog.feedback import (
    Acceptance,
    Feedback,
    FeedbackReason,
    FeedbackState,
    NewFeedback,
)
from retrieval.catalog.records import (
    FINISHED,
    Change,
    DocumentState,
    Failed,
    GenerationRow,
    IndexRow,
    Job,
    JobState,
    Key,
    NewKey,
    NewSource,
    Operation,
    Published,
    Source,
)
from retrieval.catalog.returning import Past

__all__ = [
    "FINISHED",
    "Acceptance",
    "Catalog",
    "CatalogTooNew",
    "Change",
    "Conversation",
    "Database",
    "DocumentState",
    "Failed",
    "Feedback",
    "FeedbackReason",
    "FeedbackState",
    "GenerationRow",
    "IndexRow",
    "Job",
    "JobState",
    "Key",
    "NewFeedback",
    "NewKey",
    "NewSource",
    "Operation",
    "Past",
    "Published",
    "Source",
    "StoredTurn",
]
