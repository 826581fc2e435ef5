"""A question in one language finds the passage in the other, where words only meet by chance."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.model import Metadata
from retrieval.ports import Vectors
from retrieval.probes import PROBES
from tests.fakes.embedder import HashEmbedder
from tests.integration.search_samples import Library

QUESTION = "how do people install the printer driver"
RIGHT = "印刷機の制御用ソフトは、窓口の案内に沿って各自で入れます。"
BY_CHANCE = "用語集：driver、install、printer は英語のまま書きます。"
ENGLISH = "The printer driver is installed by people at the service desk."
JAPANESE = Metadata("案内", language="ja")


class TranslatingEmbedder(HashEmbedder):
    """Knows what the probes of both languages are about, and that RIGHT answers QUESTION."""

    def __init__(self) -> None:
        super().__init__(dimension=128)
        pairs = zip(*PROBES.values(), strict=True)
        self._topics = {
            text: place
            for place, probes in enumerate(pairs)
            for probe in probes
            for text in (probe.question, probe.passage)
        } | {QUESTION: 100, RIGHT: 100}

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        rows = super().embed_documents(texts)
        for row, text in zip(rows, texts, strict=True):
            last = text.rpartition("\n")[2]
            if last in self._topics:
                row[:] = 0
                row[self._topics[last]] = 1
        return np.asarray(rows, np.float32)


def fill(home: Path, embedder: HashEmbedder, *more: str) -> Library:
    library = Library(home, embedder)
    library.publish("案内", [RIGHT, BY_CHANCE], metadata=JAPANESE)
    if more:
        library.publish("guide", more, metadata=Metadata("guide", language="en"))
    library.index()
    return library


def test_words_shared_by_chance_do_not_outweigh_the_meaning(tmp_path: Path) -> None:
    library = fill(tmp_path, TranslatingEmbedder())
    assert library.found(QUESTION) == [RIGHT, BY_CHANCE]
    library.close()


def test_an_embedder_that_knows_no_other_language_leaves_the_order_to_the_words(
    tmp_path: Path,
) -> None:
    library = fill(tmp_path, HashEmbedder())
    assert library.found(QUESTION)[0] == BY_CHANCE
    library.close()


def test_a_passage_in_the_questions_own_language_is_judged_by_its_words(tmp_path: Path) -> None:
    library = fill(tmp_path, TranslatingEmbedder(), ENGLISH)
    assert set(library.found(QUESTION)[:2]) == {ENGLISH, RIGHT}
    library.close()


def test_a_code_counts_in_full_whatever_the_language(tmp_path: Path) -> None:
    library = Library(tmp_path, TranslatingEmbedder())
    code, other = "KS-4410-B の振れは 0.02 です。", "KS-5510-C の振れは 0.03 です。"
    library.publish("仕様", [other, code], metadata=JAPANESE)
    library.index()
    assert library.found("what is the runout of the KS-4410-B shaft")[0] == code
    library.close()
