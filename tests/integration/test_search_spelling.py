"""However a question is spelt, its words find the passage: what the lexical arm promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.fusion import LEXICAL
from retrieval.model import Scope
from tests.integration.search_samples import ANYONE, Library, opened

PASSAGES = {
    "expenses": "経費精算は翌月十日までに申請します。",
    "leave": "年次有給休暇は入社日に十二日与えます。",
    "moving": "引っ越しの費用は会社が負担します。",
    "server": "サーバーの再起動は夜間に行います。",
    "guide": "新人ガイドを配布します。",
    "shaft": "軸 KS-4410-B の振れは 0.02 以下とします。",
    "network": "VPN に接続できないときは窓口へ連絡します。",
    "owner": "窓口は髙橋と山﨑です。",
    "policy": "Suppliers reimbursed twice must return the payments.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    home: Path = tmp_path_factory.mktemp("spelling")
    with opened(home) as library:
        for name, text in PASSAGES.items():
            library.publish(name, [text])
        library.index()
        yield library


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("けいひせいさんの締め切り", "expenses"),  # typed by its sound
        ("有休の日数", "leave"),  # a synonym
        ("paid leave days", "leave"),  # the other language
        ("高橋さんの連絡先", "owner"),  # the common form of a name
        ("山崎", "owner"),
        ("引越しの費用", "moving"),  # another spelling
        ("引越費用", "moving"),
        ("サーバを再起動する", "server"),  # a long vowel
        ("ｶﾞｲﾄﾞの配布", "guide"),  # half width
        ("ＶＰＮに接続できない", "network"),  # full width
        ("KS4410B", "shaft"),  # a code without hyphens
        ("ks－4410－b の振れ", "shaft"),  # in full width and small letters
        ("4410", "shaft"),  # a part of it
        ("returning a payment", "policy"),  # other forms of the words
        ("supplier reimbursement", "policy"),
    ],
)
def test_the_passage_is_found_however_it_is_asked_for(
    library: Library, question: str, name: str
) -> None:
    (first, *_) = library.searcher.rank_alone(LEXICAL, question, Scope(ANYONE), 3)
    known = library.catalog.chunks.fetch([first], ANYONE)
    assert known[first][0].text == PASSAGES[name]
