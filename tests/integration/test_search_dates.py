"""A date in a document is found however the question writes it, in both directions."""

from collections.abc import Iterator

import pytest

from tests.integration.search_samples import Library, opened

APRIL = (
    "この規程は令和6年4月1日から施行する。",
    "附則 令和六年四月一日から適用する。",
    "この手順は2024年4月1日から使う。",
    "施行日 2024-04-01",
    "Effective April 1, 2024.",
    "R6.4.1 改定",
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with opened(tmp_path_factory.mktemp("dates")) as library:
        # As in any company, most documents name some day: 年, 月 and 日 alone tell nothing.
        for year in range(7, 30):
            library.publish(f"h{year}", [f"平成{year}年10月{year}日の記録です。"])
        for number, text in enumerate(APRIL):
            library.publish(f"sought{number}", [text])
        library.index()
        yield library


@pytest.mark.parametrize(
    "asked", ["2024年4月1日", "令和6年4月1日", "令和六年四月一日", "April 1, 2024", "2024/04/01"]
)
def test_a_date_is_found_however_it_is_written(library: Library, asked: str) -> None:
    assert set(library.found(asked)[: len(APRIL) + 1]) >= set(APRIL)
