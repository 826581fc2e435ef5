"""Known texts come back whole from every format and encoding they are written in."""

from pathlib import Path

import pytest

from benchmarks.ingestion.known_texts import KnownText, Piece, compare_texts, load_texts
from benchmarks.ingestion.recall import Form, list_forms, read_with_kura

_RECALL = 0.999
_PRECISION = 0.95
_MAIL_PRECISION = 0.3  # sender, date and subject are as long as the shortest text
_NAMES = (
    "来客・入館ルール.txt",
    "休業日カレンダー",
    "育児・介護休業ガイド.docx",
    "travel-policy.pdf",
)
_MIXED = KnownText(
    "混在",
    (
        Piece("heading", "第1章 総則"),
        Piece("paragraph", "本規程は、①髙橋様の ㈱蔵前精機 に適用する。売上は<5% & >3%です。"),
        Piece("item", "申請期限は3月31日（金）です。"),
        Piece("table", rows=(("品番", "価格"), ("KS-4410", "1,000円"), ("ABC/12", "~50%"))),
    ),
)


def _texts() -> list[KnownText]:
    chosen = [text for text in load_texts() if text.name.startswith(_NAMES)]
    return [*chosen, _MIXED]


@pytest.mark.parametrize("form", list_forms(), ids=lambda form: f"{form[0]} {form[2]}")
def test_a_known_text_comes_back_whole(form: Form, tmp_path: Path) -> None:
    name, extension, encoding, write = form
    least = _MAIL_PRECISION if name.startswith(("eml", "mbox")) else _PRECISION
    texts = _texts()
    assert len(texts) >= 4
    for number, text in enumerate(texts):
        known = text.limited_to(encoding)
        path = tmp_path / f"{number}{extension}"
        path.write_bytes(write(known))
        share = compare_texts(known, read_with_kura(path))
        assert share.recall >= _RECALL, text.name
        assert share.precision >= least, text.name


def test_what_is_missing_or_added_is_counted() -> None:
    half = compare_texts(_MIXED, [_MIXED.pieces[1].text])
    assert half.recall < 0.6
    assert half.precision == 1.0
    assert compare_texts(_MIXED, ["まったく別の文です。"]).recall < 0.1
