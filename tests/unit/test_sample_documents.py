"""The sample company: the documents are reproducible, and the golden questions point into them."""

from __future__ import annotations

import email
import email.policy
import json
import re
import subprocess
import sys
import tomllib
import unicodedata
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
from pdfminer.high_level import extract_text
from pdfminer.layout import LAParams

DATA = Path(__file__).parents[2] / "data"
DOCUMENTS = DATA / "documents"
QUESTIONS = DATA / "evaluation" / "questions.jsonl"
ENCODINGS = {
    "総務/来客・入館ルール.txt": "shift_jis",
    "人事/健康診断・ストレスチェックのお知らせ.txt": "euc_jp",
    "人事/制限/従業員名簿_緊急連絡先.csv": "cp932",
}
LOCKED = DOCUMENTS / "legal" / "契約" / "共同開発契約書_ロック済.pdf"
VERTICAL = "総務/創業の精神.pdf"
BROKEN = DOCUMENTS / "製造" / "旧図面台帳.docx"
COPIES = [
    ("製造/KS-4410-B_製品仕様書.pdf", "america/KS-4410-B_specification_JP.pdf"),
    ("legal/秘密保持契約書ひな形.docx", "legal/契約/秘密保持契約書ひな形_控.docx"),
    ("sales/価格表_2024年版.xlsx", "sales/制限/価格表_2024年版_控.xlsx"),
]


def _load_questions() -> list[dict[str, Any]]:
    return [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def _with_evidence() -> list[dict[str, Any]]:
    return [question for question in _load_questions() if question["evidence"]]


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _read_xml(path: Path, member: str, tag: str) -> str:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if re.fullmatch(member, name)]
        xml = "\n".join(archive.read(name).decode("utf-8") for name in sorted(names))
    runs = re.findall(rf"<{tag}\b[^>]*>([^<]*)</{tag}>", xml)
    return "\n".join(runs).replace("&amp;", "&")


def _read_docx(path: Path) -> str:
    return _read_xml(path, r"word/document\.xml", "w:t")


def _read_pptx(path: Path) -> str:
    return _read_xml(path, r"ppt/slides/slide\d+\.xml", "a:t")


def _read_xlsx(path: Path) -> str:
    book = openpyxl.load_workbook(path, read_only=True)
    visible = [sheet for sheet in book if sheet.sheet_state == "visible"]
    cells = [str(cell) for sheet in visible for row in sheet.values for cell in row]
    book.close()
    return "\n".join(cells)


def _read_pdf(path: Path) -> str:
    if path == DOCUMENTS / VERTICAL:
        return extract_text(path, laparams=LAParams(detect_vertical=True))
    pdf = pypdfium2.PdfDocument(path)
    text = "\n".join(page.get_textpage().get_text_range() for page in pdf)
    pdf.close()
    return text


def _read_mail(path: Path) -> str:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body()
    assert body is not None
    return f"{message['Subject']}\n{body.get_content()}"


_READERS = {
    ".docx": _read_docx,
    ".pptx": _read_pptx,
    ".xlsx": _read_xlsx,
    ".pdf": _read_pdf,
    ".eml": _read_mail,
}


@cache
def _read_squeezed(name: str) -> str:
    path = DOCUMENTS / name
    reader = _READERS.get(path.suffix)
    if reader is not None:
        return _squeeze(reader(path))
    text = path.read_bytes().decode(ENCODINGS.get(name, "utf-8"))
    return _squeeze(re.sub(r"<[^>]+>", "", text) if path.suffix == ".html" else text)


def _list_documents() -> list[Path]:
    return sorted(path for path in DOCUMENTS.rglob("*") if path.is_file())


def test_writing_the_documents_again_gives_the_same_bytes(tmp_path: Path) -> None:
    script = DATA / "make_sample.py"
    subprocess.run([sys.executable, script, tmp_path], check=True, timeout=60)
    again = {p.relative_to(tmp_path): _unpack(p) for p in tmp_path.rglob("*") if p.is_file()}
    assert again == {path.relative_to(DOCUMENTS): _unpack(path) for path in _list_documents()}


def _unpack(path: Path) -> bytes | list[tuple[str, tuple[int, ...], bytes]]:
    # Two builds of zlib pack the same members into different bytes, so archives compare unpacked.
    if not zipfile.is_zipfile(path):
        return b"cut archive" if path.name == BROKEN.name else path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return [(info.filename, info.date_time, archive.read(info)) for info in archive.infolist()]


def test_every_format_is_among_at_least_45_documents() -> None:
    counts = Counter(path.suffix for path in _list_documents() if path.name != ".kura.toml")
    assert sum(counts.values()) >= 45
    expected = {".pdf", ".docx", ".pptx", ".xlsx", ".html", ".md", ".txt", ".csv", ".eml"}
    assert set(counts) == expected
    assert counts[".pdf"] >= 5


def test_ordinary_documents_are_300_to_2500_characters_long() -> None:
    sources = {path: path.read_text("utf-8") for path in DATA.glob("sample/texts/**/*.text")}
    special = {"未記入_備品要望.txt.text", "旧図面台帳.docx.text", ".kura.toml.text"}
    lengths = {path.name: len(text) for path, text in sources.items() if path.name not in special}
    assert {name: n for name, n in lengths.items() if not 300 <= n <= 2500} == {}


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_text_in_an_old_encoding_is_not_utf8(name: str) -> None:
    content = (DOCUMENTS / name).read_bytes()
    assert content.decode(ENCODINGS[name])
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


def test_the_japanese_mail_is_iso_2022_jp_and_the_english_one_carries_an_attachment() -> None:
    japanese = (DOCUMENTS / "sales/mail/納期問い合わせ_青葉重工.eml").read_bytes()
    assert b"iso-2022-jp" in japanese.lower()
    assert b"\x1b$B" in japanese
    english = (DOCUMENTS / "america/mail/dayton-shipment-delay.eml").read_bytes()
    message = email.message_from_bytes(english, policy=email.policy.default)
    assert [part.get_filename() for part in message.iter_attachments()] == ["shipment-BM-7781.csv"]


def test_the_locked_pdf_opens_with_its_password_only() -> None:
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(LOCKED)
    pdf = pypdfium2.PdfDocument(LOCKED, password="kuramae-1963")
    assert "共同開発契約書" in pdf[0].get_textpage().get_text_range()
    pdf.close()


def test_the_vertical_pdf_reads_in_column_order() -> None:
    text = _read_squeezed(VERTICAL)
    marks = ["蔵前精機は昭和三十八年", "図面の一〇〇分の一ミリ", "三つの誓い", "三代社長"]
    positions = [text.find(mark) for mark in marks]
    assert -1 not in positions
    assert positions == sorted(positions)


def test_the_empty_file_is_empty_and_the_broken_one_is_no_archive() -> None:
    assert (DOCUMENTS / "総務/未記入_備品要望.txt").stat().st_size == 0
    assert BROKEN.stat().st_size > 0
    assert not zipfile.is_zipfile(BROKEN)


def test_hidden_text_and_hidden_sheets_are_present() -> None:
    with zipfile.ZipFile(DOCUMENTS / "経理/経費精算規程.docx") as archive:
        xml = archive.read("word/document.xml").decode("utf-8")
    assert "<w:vanish/>" in xml
    assert 'w:val="FFFFFF"' in xml
    for name in ("人事/制限/役員・等級別給与テーブル.xlsx", "経理/制限/2024年度予算.xlsx"):
        states = [sheet.sheet_state for sheet in openpyxl.load_workbook(DOCUMENTS / name)]
        assert states.count("hidden") == 1


@pytest.mark.parametrize(("original", "copy"), COPIES)
def test_a_copy_has_the_bytes_of_its_original(original: str, copy: str) -> None:
    assert (DOCUMENTS / original).read_bytes() == (DOCUMENTS / copy).read_bytes()


def test_the_access_rules_name_files_that_exist() -> None:
    settings = tomllib.loads((DOCUMENTS / ".kura.toml").read_text(encoding="utf-8"))
    unmatched = [
        rule["path"] for rule in settings["rule"] if not any(DOCUMENTS.glob(_widen(rule["path"])))
    ]
    assert unmatched == []
    assert any(rule.get("deny") for rule in settings["rule"])
    assert {person["id"] for person in settings["people"]} == {"hanako", "james"}


def _widen(pattern: str) -> str:
    # pathlib's "**" stops at folders before Python 3.13.
    return f"{pattern}/*" if pattern.endswith("**") else pattern


def test_every_question_has_the_same_fields_and_its_own_id() -> None:
    questions = _load_questions()
    assert [q["id"] for q in questions] == [f"q{n:03d}" for n in range(1, len(questions) + 1)]
    assert len({frozenset(q) for q in questions}) == 1
    texts = Counter(
        (q["question"], tuple(q["as"]), json.dumps(q["history"], ensure_ascii=False))
        for q in questions
    )
    assert max(texts.values()) == 1


def test_the_counts_of_golden_questions_hold() -> None:
    questions = _load_questions()
    kinds = Counter(q["kind"] for q in questions)
    assert len(questions) >= 130
    assert kinds["answerable"] >= 80
    assert kinds["unanswerable"] >= 20
    assert kinds["permission"] >= 20
    assert kinds["followup"] >= 15
    languages = Counter(q["lang"] for q in questions)
    assert min(languages["ja"], languages["en"]) >= 0.4 * len(questions)
    answerable = [q for q in questions if q["kind"] == "answerable"]
    assert sum(not q["shares_key_noun"] for q in answerable) >= len(answerable) / 2
    assert sum(q["cross"] for q in questions) >= 20


def test_a_refusal_expects_no_document_and_an_answer_expects_proof() -> None:
    for question in _load_questions():
        answers = question["expect"] == "answer"
        proof = (question["documents"], question["evidence"], question["facts"])
        assert all(proof) if answers else not any(proof), question["id"]
        assert bool(question["history"]) == (question["kind"] == "followup"), question["id"]


def test_permission_questions_come_in_pairs_of_may_and_may_not() -> None:
    permission = [q for q in _load_questions() if q["kind"] == "permission"]
    outcomes: dict[str, list[str]] = {}
    for question in permission:
        outcomes.setdefault(question["question"], []).append(question["expect"])
    assert all(sorted(pair) == ["answer", "refuse"] for pair in outcomes.values())


def test_the_one_who_may_can_read_the_proof_and_the_other_cannot() -> None:
    rules = tomllib.loads((DOCUMENTS / ".kura.toml").read_text(encoding="utf-8"))["rule"]
    proofs: dict[str, list[str]] = {}
    for question in (q for q in _load_questions() if q["kind"] != "unanswerable"):
        documents = proofs.setdefault(question["question"], question["documents"])
        readable = [name for name in documents if _may_read(rules, name, question["as"])]
        assert bool(readable) == (question["expect"] == "answer"), question["id"]


def _may_read(rules: list[dict[str, Any]], name: str, principals: list[str]) -> bool:
    matching = [rule for rule in rules if re.fullmatch(_to_pattern(rule["path"]), name)]
    allow = [rule["allow"] for rule in matching if "allow" in rule][-1]
    deny = [rule["deny"] for rule in matching if "deny" in rule][-1]
    caller = {"everyone", *principals}
    return bool(caller & set(allow)) and not caller & set(deny)


def _to_pattern(glob: str) -> str:
    return re.escape(glob).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")


@pytest.mark.parametrize("question", _with_evidence(), ids=lambda q: str(q["id"]))
def test_the_evidence_is_in_every_expected_document(question: dict[str, Any]) -> None:
    evidence = _squeeze(question["evidence"])
    for name in question["documents"]:
        assert evidence in _read_squeezed(name)
    for alternatives in question["facts"]:
        assert any(_squeeze(fact) in evidence for fact in alternatives), alternatives
