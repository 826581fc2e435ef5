"""The catalog: the only truth about sources, documents, access, jobs and keys."""

from retrieval.catalog.catalog import Catalog
from retrieval.catalog.database import Database
from retrieval.catalog.errors import CatalogTooNew
from retrieval.catalog.records import (
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

__all__ = [
    "Catalog",
    "CatalogTooNew",
    "Change",
    "Database",
    "DocumentState",
    "Failed",
    "GenerationRow",
    "IndexRow",
    "Job",
    "JobState",
    "Key",
    "NewKey",
    "NewSource",
    "Operation",
    "Published",
    "Source",
]
