"""What tests share: an empty catalog, a source, a folder of documents, a company over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings, load_settings
from retrieval.catalog import Catalog, Source
from tests.fakes.services import Company, open_company
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


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home", readers=1)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    opened = open_company(tmp_path)
    yield opened
    opened.catalog.close()


@pytest.fixture
def client(company: Company) -> Iterator[TestClient]:
    with TestClient(create_app(company.services), headers=company.key()) as opened:
        yield opened
