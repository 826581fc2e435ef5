"""What tests share: an empty catalog, a source, a folder of documents, a company over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.bootstrap import open_store
from app.main import create_app
from app.settings import Settings, load_settings
from retrieval.catalog import Catalog, Source
from tests.fakes.services import Company, open_company
from tests.integration.catalog_samples import add_source
from tests.integration.console import DOCUMENTS, Console, write
from tests.integration.ingestion_place import Place


@pytest.fixture
def catalog(settings: Settings) -> Iterator[Catalog]:
    with open_store(settings) as opened:
        yield opened


@pytest.fixture
def source(catalog: Catalog) -> Source:
    return add_source(catalog)


@pytest.fixture
def place(tmp_path: Path, catalog: Catalog) -> Place:
    (tmp_path / "documents").mkdir()
    return Place(tmp_path, catalog)


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with three documents that the admins may read, to be copied, not changed."""
    root = tmp_path_factory.mktemp("sound")
    console = Console(root / "home")
    [job] = console.json("ingest", str(write(root / "rules", DOCUMENTS)))["jobs"]
    assert job["state"] == "succeeded", job
    return console.home


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home", readers=1)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    opened = open_company(tmp_path)
    yield opened
    opened.catalog.close()


@pytest.fixture
def headers(company: Company) -> dict[str, str]:
    return company.key()


@pytest.fixture
def client(company: Company, headers: dict[str, str]) -> Iterator[TestClient]:
    with TestClient(create_app(company.services), headers=headers) as opened:
        yield opened
