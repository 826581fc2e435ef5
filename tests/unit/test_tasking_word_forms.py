"""Drafts in a company's own Word document: filled where it names a place, else left as it is."""

import json
import tracemalloc
from collections.abc import Callable
from contextlib import chdir
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from typer.testing import CliRunner

from app.answering.answerer import Answerer
from app.cli.drafting import OutUnwritable
from app.cli.program import app
from app.tasking.desk import Desk, Tools
from app.tasking.errors import FormHasNoFile, FormWrong
from app.tasking.filling import FAULTS, fill, find_places
from app.tasking.finding import Finder
from app.tasking.forms import FormShelf, read_form
from app.tasking.model import Draft, DraftOrder
from app.tasking.rendering import write_word
from tests.fakes.desk import STAFF, finish
from tests.fakes.services import CatalogSearcher, Company

FORM = """
title = "出張報告書"
template = "報告書.docx"
[[fields]]
name = "reporter"
label = "報告者"
[[fields]]
name = "allowance"
label = "日当"
question = "日帰り出張の日当はいくらですか。"
type = "amount"
[[fields]]
name = "hotel"
label = "宿泊費"
question = "宿泊費の上限はいくらですか。"
type = "amount"
"""
CONTROL = f"""<w:sdt {nsdecls("w")}><w:sdtPr><w:tag w:val="allowance"/><w:showingPlcHdr/></w:sdtPr>
<w:sdtContent><w:r><w:rPr><w:rStyle w:val="a3"/><w:b/></w:rPr><w:t>入力</w:t></w:r>
<w:r><w:t>してください</w:t></w:r></w:sdtContent></w:sdt>"""


def write_form(folder: Path, *, control: str = CONTROL, more: str = "") -> Path:
    """Writes a form with a place cut into runs, one in a table, one in the header, a control."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "起案: {{ reporter }}"
    cut = document.add_paragraph()
    for piece in ("報告者は {", "{repor", "ter}", "} です。", more):
        cut.add_run(piece).italic = True
    document.add_paragraph("日当 ")._p.append(parse_xml(control))
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "宿泊費", "{{hotel}}"
    document.save(str(folder / "報告書.docx"))
    (folder / "trip.toml").write_text(FORM, encoding="utf-8")
    return folder / "報告書.docx"


@pytest.fixture
def company(company: Company) -> Company:
    (company.home / "forms").mkdir()
    write_form(company.home / "forms")
    company.publish("旅費規程", "日帰り出張の日当は2,500円とする。")
    company.publish("役員規程", "宿泊費の上限は90,000円とする。", allow="group:board")
    return company


def draft(company: Company, **values: str) -> tuple[Draft, docx.document.Document]:
    searcher = CatalogSearcher(company.catalog)
    shelf = FormShelf(company.home / "forms")
    desk = Desk(Tools(Finder(company.catalog, searcher), shelf, Answerer(searcher, None)))
    order = DraftOrder("trip", principals=STAFF, language="ja", values=values)
    _, made = finish(desk.draft(order))
    assert isinstance(made, Draft)
    return made, docx.Document(BytesIO(write_word(shelf.get("trip"), made)))


def read(document: docx.document.Document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def test_each_place_is_filled_in_and_the_sources_follow(company: Company) -> None:
    made, document = draft(company, reporter="営業部 中村")
    assert "報告者は 営業部 中村（手入力） です。" in read(document)
    assert document.sections[0].header.paragraphs[0].text == "起案: 営業部 中村（手入力）"
    controlled = document.element.body.xpath("//w:sdt//w:t")
    assert [each.text for each in controlled] == ["日帰り出張の日当は2,500円とする。 [1]", None]
    assert document.tables[0].cell(0, 1).text == "（根拠となる記載がありません）"
    assert "90,000" not in read(document)  # that one may not be read
    assert read(document).rstrip().endswith("1. 旅費規程 / p. 1: 日帰り出張の日当は2,500円とする。")
    assert "出典" in read(document)
    assert made.markdown.count("{{") == 0


def test_what_is_not_a_place_stays_as_it_is(company: Company) -> None:
    _, document = draft(company, reporter="中村")
    assert all(run.italic for run in document.paragraphs[0].runs)
    body = document.element.body
    assert body.xpath("//w:sdt//w:b")  # its looks stay, its prompt goes
    assert not body.xpath("//w:sdt//w:showingPlcHdr | //w:sdt//w:rStyle")


def test_a_value_is_text_and_nothing_else(company: Company) -> None:
    _, document = draft(company, reporter="<w:b/>&amp; **太字** {{hotel}}\x0b\x00")
    assert "<w:b/>&amp; **太字** {{hotel}}" in read(document)


def test_all_other_parts_are_byte_for_byte_the_same(tmp_path: Path) -> None:
    form = write_form(tmp_path)
    with ZipFile(form) as before, ZipFile(BytesIO(fill(form, {"hotel": "x"}, []))) as after:
        assert before.namelist() == after.namelist()
        for name in before.namelist():
            if not name.startswith(("word/document", "word/header", "word/foot")):
                assert before.read(name) == after.read(name)


def test_places_and_fields_must_go_together(tmp_path: Path) -> None:
    write_form(tmp_path, more="{{other}}")
    with pytest.raises(FormWrong, match="other"):
        read_form(tmp_path / "trip.toml")
    write_form(tmp_path, control=CONTROL.replace("allowance", "their_own"))
    with pytest.raises(FormWrong, match="allowance"):
        read_form(tmp_path / "trip.toml")


def test_a_file_that_is_no_word_document_is_told(tmp_path: Path) -> None:
    form = write_form(tmp_path)
    form.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(FormWrong, match=r"trip\.toml"):
        read_form(tmp_path / "trip.toml")
    form.unlink()
    with pytest.raises(FormWrong, match=r"報告書\.docx"):
        read_form(tmp_path / "trip.toml")


def flip(content: bytes, mark: bytes, offset: int, value: int) -> bytes:
    """Returns a package with one byte changed, counted from where a mark is found first."""
    at = content.index(mark) + offset
    return content[:at] + bytes([value]) + content[at + 1 :]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda form: flip(form, b"word/document.xml", 17, 0xFF),  # its text is damaged
        lambda form: flip(flip(form, b"PK\1\2", 8, 1), b"PK\3\4", 6, 1),  # under a password
        lambda form: flip(flip(form, b"PK\1\2", 10, 14), b"PK\3\4", 8, 14),  # packed otherwise
        lambda form: flip(form, b"PK\1\2", 44, 0xFF),  # its first part lies beyond its end
    ],
)
def test_a_form_that_cannot_be_unpacked_is_told_beside_the_others(
    tmp_path: Path, wrong: Callable[[bytes], bytes]
) -> None:
    form = write_form(tmp_path)
    with ZipFile(form) as package, ZipFile(tmp_path / "small.docx", "w", ZIP_DEFLATED) as small:
        small.writestr("word/document.xml", package.read("word/document.xml"))
    form.write_bytes(wrong((tmp_path / "small.docx").read_bytes()))
    (tmp_path / "note.toml").write_text(FORM.replace('template = "報告書.docx"', ""), "utf-8")
    good, bad = FormShelf(tmp_path).list()
    assert [each.id for each in good] == ["note"]
    assert [each.details["path"] for each in bad] == ["trip.toml"]


def test_a_part_is_unpacked_no_further_than_it_claims_to_be_large(tmp_path: Path) -> None:
    form = tmp_path / "bomb.docx"
    with ZipFile(form, "w", ZIP_DEFLATED) as package, package.open("word/document.xml", "w") as it:
        for _ in range(20):
            it.write(bytes(2**20))
    claims_little = form.read_bytes()
    at = claims_little.index(b"PK\1\2") + 24
    form.write_bytes(claims_little[:at] + (99).to_bytes(4, "little") + claims_little[at + 4 :])
    tracemalloc.start()
    with pytest.raises(FAULTS):
        find_places(form)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2**20


def test_a_document_that_declares_entities_is_refused(tmp_path: Path) -> None:
    form = write_form(tmp_path)
    with ZipFile(form) as package:
        text = package.read("word/document.xml").decode()
    declared = text.replace("<w:document", '<!DOCTYPE a [<!ENTITY b "c">]><w:document', 1)
    with ZipFile(form, "w") as package:
        package.writestr("word/document.xml", declared.replace("報告者は", "&b;"))
    with pytest.raises(FormWrong, match="entities"):
        read_form(tmp_path / "trip.toml")


def test_the_command_line_writes_the_file_over_no_other(tmp_path: Path) -> None:
    forms = tmp_path / "forms"
    forms.mkdir()
    write_form(forms)
    environment = {"KURA_HOME": str(tmp_path), "KURA_CHAT_URL": "http://127.0.0.1:9"}
    order = ["draft", "trip.docx", "--value", "reporter=中村"]
    with chdir(forms):
        done = CliRunner().invoke(app, order, env=environment)
        again = CliRunner().invoke(app, order, env=environment)
        (forms / "trip.docx").rename(forms / "kept.docx")
        told = CliRunner().invoke(app, [*order, "--json"], env=environment)
    assert done.stdout.strip() == "trip.docx"
    assert json.loads(told.stdout)["file"] == "trip.docx"
    assert "報告者は 中村" in read(docx.Document(str(forms / "trip.docx")))
    assert isinstance(again.exception, OutUnwritable)
    (forms / "trip.toml").write_text(FORM.replace('template = "報告書.docx"', ""), "utf-8")
    text = CliRunner().invoke(app, order, env=environment)
    assert isinstance(text.exception, FormHasNoFile)


def test_a_form_that_is_a_text_has_no_file(company: Company) -> None:
    made, _ = draft(company)
    text = FORM.replace('template = "報告書.docx"', "")
    (company.home / "forms" / "trip.toml").write_text(text, encoding="utf-8")
    with pytest.raises(FormHasNoFile):
        write_word(read_form(company.home / "forms" / "trip.toml"), made)
