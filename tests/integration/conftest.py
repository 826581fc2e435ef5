"""What tests share: an empty catalog, one source in it, a folder of documents beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.catalog import Catalog, Source
from tests.integration.catalog_samples import add_source
from tests.integration.ingestion_place import Place


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path / "catalog.sqlite") as opened:
        yield opened


@pytest.fixture
def source(catalog: Catalog) -> Source:
    return add_source(catalog)


@pytest.fixture
def place(tmp_path: Path, catalog: Catalog) -> Place:
    (tmp_path / "documents").mkdir()
    return Place(tmp_path, catalog)
