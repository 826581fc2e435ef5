"""How much of a known text each reader gives back, by format and encoding.

    python -m benchmarks.ingestion.recall [--texts FOLDER] [--packages FOLDER] [--count N]

Writes the sample company's texts (and those of a folder) in every format, has them read by our
readers and by unstructured, and compares character pairs (NFKC, white space dropped). A dash
means that unstructured does not read the format here; ``--packages`` is a folder of libraries only
it may import. Fails where our recall is below that of unstructured.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from benchmarks.ingestion import writing_office as office
from benchmarks.ingestion import writing_plain as plain
from benchmarks.ingestion.known_texts import KnownText, Share, compare_texts, load_texts
from benchmarks.ingestion.side import prepare_unstructured
from benchmarks.machine import describe_machine
from ingestion.errors import ReadingFailed
from ingestion.model import Limits
from ingestion.reading.dispatch import read_file, unpack_file
from retrieval.model import Block, BlockKind

Read = Callable[[Path], list[str]]
Form = tuple[str, str, str, Callable[[KnownText], bytes]]
"""Name of the format, file extension, encoding that limits the text, writer."""

_JAPANESE = ("utf-8", "utf-8-sig", "cp932", "euc-jp", "iso-2022-jp", "utf-16")
_TOLERANCE = 0.002


def list_forms() -> list[Form]:
    """Returns every format in every encoding it is written in."""
    forms: list[Form] = []
    for encoding in _JAPANESE:
        forms += [
            ("txt", ".txt", encoding, partial(_encoded, plain.write_lines, encoding)),
            ("csv", ".csv", encoding, partial(_encoded, plain.write_csv, encoding)),
            ("md", ".md", encoding, partial(_encoded, plain.write_markdown, encoding)),
            ("html", ".html", encoding, partial(_encoded, plain.write_html, encoding)),
        ]
    for encoding in ("utf-8", "cp932", "euc-jp", "iso-2022-jp"):
        declared = partial(plain.write_html, charset={"cp932": "shift_jis"}.get(encoding, encoding))
        forms.append(("html+meta", ".html", encoding, partial(_encoded, declared, encoding)))
    for encoding in ("utf-8", "utf-16", "shift_jis", "euc-jp"):
        forms.append(("xml", ".xml", encoding, partial(plain.write_xml, encoding=encoding)))
    for charset, transfer, kind in (
        ("iso-2022-jp", "7bit", "plain"),
        ("utf-8", "base64", "plain"),
        ("utf-8", "quoted-printable", "plain"),
        ("shift_jis", "8bit", "plain"),
        ("utf-8", "base64", "html"),
    ):
        write = partial(plain.write_mail, charset=charset, transfer=transfer, kind=kind)
        forms.append((f"eml {transfer} {kind}", ".eml", charset, write))
    return forms + _list_packages()


def _list_packages() -> list[Form]:
    by_page = partial(plain.write_rich_text, in_code_page=True)
    return [
        ("mbox", ".mbox", "utf-8", plain.write_mailbox),
        ("mhtml", ".mhtml", "utf-8", partial(plain.write_web_archive, charset="utf-8")),
        ("mhtml", ".mhtml", "cp932", partial(plain.write_web_archive, charset="cp932")),
        ("rtf", ".rtf", "utf-16", partial(plain.write_rich_text, in_code_page=False)),
        ("rtf", ".rtf", "cp932", by_page),
        ("zip of txt", ".zip", "utf-8", plain.write_archive),
        ("docx", ".docx", "utf-8", office.write_docx),
        ("docx strict", ".docx", "utf-8", office.write_strict_docx),
        ("pptx", ".pptx", "utf-8", office.write_pptx),
        ("xlsx", ".xlsx", "utf-8", office.write_xlsx),
        ("odt", ".odt", "utf-8", office.write_odt),
        ("ods", ".ods", "utf-8", office.write_ods),
        ("odp", ".odp", "utf-8", office.write_odp),
        ("epub", ".epub", "utf-8", office.write_epub),
        ("pdf", ".pdf", "cp932", office.write_pdf),
    ]


def _encoded(write: Callable[[KnownText], str], encoding: str, text: KnownText) -> bytes:
    return write(text).encode(encoding)


def read_with_kura(path: Path) -> list[str]:
    """Returns the texts our readers find, also in the documents that lie in the file."""
    try:
        parsed = read_file(path, path.name, Limits())
    except ReadingFailed:
        return []
    if not parsed.members:
        return [piece for block in parsed.blocks for piece in _pieces(block)]
    texts: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for member in unpack_file(path, path.name, Path(folder), Limits()):
            if member.path is not None:
                named = member.path.with_suffix(Path(member.name).suffix)
                texts += read_with_kura(member.path.rename(named))
    return texts


def _pieces(block: Block) -> list[str]:
    """Returns what stands apart in a block: a table's cells, a list's items."""
    of_lines = block.kind in {BlockKind.TABLE, BlockKind.LIST}
    return re.split(r"[\t\n]" if of_lines else r"\t", block.text)


def read_with_unstructured(path: Path) -> list[str]:
    """Returns the texts unstructured finds, by its fast strategy."""
    from unstructured.partition.auto import partition

    try:
        return [element.text for element in partition(str(path), strategy="fast")]
    except Exception:  # noqa: BLE001 - parsers raise anything
        return []


def measure(
    form: Form, texts: Iterable[KnownText], readers: dict[str, Read], folder: Path
) -> dict[str, Share]:
    """Returns each reader's mean share of the texts in one format."""
    name, extension, encoding, write = form
    shares: dict[str, list[Share]] = {reader: [] for reader in readers}
    for number, text in enumerate(texts):
        known = text.limited_to(encoding)
        path = folder / f"{name.replace(' ', '-')}-{encoding}-{number}{extension}"
        path.write_bytes(write(known))
        for reader, read in readers.items():
            shares[reader].append(compare_texts(known, read(path)))
    return {reader: _mean(each) for reader, each in shares.items()}


def _mean(shares: list[Share]) -> Share:
    count = max(1, len(shares))
    recall = sum(share.recall for share in shares) / count
    return Share(recall, sum(share.precision for share in shares) / count)


def show(rows: list[tuple[Form, dict[str, Share]]]) -> list[str]:
    """Prints the table; returns the formats where our recall is the lower one."""
    print(f"{'format':28s}{'encoding':13s}{'recall':>8s}{'precision':>11s}", end="")
    print(f"{'unstructured':>15s}{'precision':>11s}")
    worse = []
    for (name, _, encoding, _), shares in rows:
        ours, theirs = shares["kura"], shares["unstructured"]
        print(f"{name:28s}{encoding:13s}{ours.recall:8.4f}{ours.precision:11.4f}", end="")
        if theirs.recall:
            print(f"{theirs.recall:15.4f}{theirs.precision:11.4f}")
        else:
            print(f"{'-':>15s}{'-':>11s}")
        if ours.recall < theirs.recall - _TOLERANCE:
            worse.append(f"{name} {encoding}")
    return worse


def main() -> None:
    """Prints the table and the JSON line; the exit status says whether ours is never the worse."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--texts", type=Path, help="a folder of more .txt and .md files")
    parser.add_argument("--packages", type=Path, help="more libraries for unstructured alone")
    parser.add_argument("--count", type=int, default=12, help="texts, evenly from all")
    options = parser.parse_args()
    sys.path += [str(options.packages)] if options.packages else []
    prepare_unstructured()
    texts = load_texts(options.texts)
    texts = texts[:: max(1, len(texts) // options.count)]
    readers = {"kura": read_with_kura, "unstructured": read_with_unstructured}
    with tempfile.TemporaryDirectory() as folder:
        rows = [(form, measure(form, texts, readers, Path(folder))) for form in list_forms()]
    worse = show(rows)
    figures = {
        "texts": len(texts),
        "forms": len(rows),
        "lowest_recall": round(min(shares["kura"].recall for _, shares in rows), 4),
        "mean_recall": round(sum(shares["kura"].recall for _, shares in rows) / len(rows), 4),
        "unstructured_reads": sum(shares["unstructured"].recall > 0 for _, shares in rows),
        "worse_than_unstructured": worse,
    }
    print(json.dumps({"benchmark": "recall", **figures, **describe_machine()}))
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
