"""Writes the sample company's documents: `python data/make_sample.py [folder]`.

Every file is made from one text under `sample/texts/`: the name without `.text` is the path of
the document, and its extension the format. Two runs give the same bytes. The locked PDF opens
with the password `kuramae-1963` (`sample.paper.LOCKED_PDF_PASSWORD`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from sample.office import write_docx, write_pptx, write_xlsx
from sample.paper import write_pdf, write_vertical_pdf
from sample.plain import write_html, write_mail

HERE = Path(__file__).parent
TEXTS = HERE / "sample" / "texts"
EMPTY = "総務/未記入_備品要望.txt"
BROKEN = "製造/旧図面台帳.docx"
LOCKED = "legal/契約/共同開発契約書_ロック済.pdf"
VERTICAL = "総務/創業の精神.pdf"

ENCODINGS = {
    "総務/来客・入館ルール.txt": "shift_jis",
    "人事/健康診断・ストレスチェックのお知らせ.txt": "euc_jp",
    "人事/制限/従業員名簿_緊急連絡先.csv": "cp932",
}
"""Text files that are not UTF-8."""

COPIES = {
    "america/KS-4410-B_specification_JP.pdf": "製造/KS-4410-B_製品仕様書.pdf",
    "legal/契約/秘密保持契約書ひな形_控.docx": "legal/秘密保持契約書ひな形.docx",
    "sales/制限/価格表_2024年版_控.xlsx": "sales/価格表_2024年版.xlsx",
}
"""Exact copies: the same bytes in a second place, which other people may read."""

_WRITERS: dict[str, Callable[[str], bytes]] = {
    ".docx": write_docx,
    ".pptx": write_pptx,
    ".xlsx": write_xlsx,
    ".pdf": write_pdf,
    ".html": write_html,
    ".eml": write_mail,
}


def write_documents(target: Path) -> list[Path]:
    """Write every sample document under `target` and return the written paths, sorted."""
    contents = {name: _render(name, text) for name, text in read_texts().items()}
    contents |= {copy: contents[original] for copy, original in COPIES.items()}
    written = []
    for name, content in sorted(contents.items()):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written


def read_texts() -> dict[str, str]:
    """Return the source text of each document by the document's path."""
    return {
        path.relative_to(TEXTS).as_posix().removesuffix(".text"): path.read_text(encoding="utf-8")
        for path in sorted(TEXTS.rglob("*.text"))
    }


def _render(name: str, text: str) -> bytes:
    if name == EMPTY:
        return b""
    if name == LOCKED:
        return write_pdf(text, locked=True)
    if name == VERTICAL:
        return write_vertical_pdf(text)
    writer = _WRITERS.get(Path(name).suffix)
    if writer is None:
        return text.encode(ENCODINGS.get(name, "utf-8"))
    content = writer(text)
    return content[: len(content) // 3] if name == BROKEN else content


if __name__ == "__main__":
    write_documents(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "documents")
