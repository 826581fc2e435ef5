"""What the tests of the catalog share: an empty catalog, and one source in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.catalog import Catalog, Source
from tests.integration.catalog_samples import add_source


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path / "catalog.sqlite") as opened:
        yield opened


@pytest.fixture
def source(catalog: Catalog) -> Source:
    return add_source(catalog)
