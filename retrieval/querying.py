"""What a question says besides its words: phrases, exclusions, fields and years."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from retrieval.dates import read_period, read_years, write_years_otherwise
from retrieval.identity import source_id
from retrieval.model import Filters

MEDIA_TYPES = {
    "pdf": ("application/pdf",),
    "word": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/msword",
    ),
    "excel": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-excel",
        "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    ),
    "powerpoint": (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.ms-powerpoint",
    ),
    "mail": ("message/rfc822", "application/vnd.ms-outlook"),
    "text": ("text/plain",),
    "markdown": ("text/markdown",),
    "html": ("text/html",),
    "csv": ("text/csv",),
}
MEDIA_ALIASES = {
    other: name
    for name, others in {
        "word": ("docx", "doc", "ワード"),
        "excel": ("xlsx", "xls", "xlsb", "エクセル"),
        "powerpoint": ("pptx", "ppt", "パワーポイント", "パワポ"),
        "mail": ("eml", "msg", "メール"),
        "text": ("txt", "テキスト"),
        "markdown": ("md",),
        "html": ("htm",),
    }.items()
    for other in others
}
_LANGUAGES = {
    **dict.fromkeys(("ja", "jp", "japanese", "日本語", "和文"), "ja"),
    **dict.fromkeys(("en", "english", "英語", "英文"), "en"),
}
FIELDS = {
    **dict.fromkeys(("dept", "department", "部署", "部門"), "departments"),
    **dict.fromkeys(("type", "filetype", "種類", "形式"), "media_types"),
    **dict.fromkeys(("lang", "language", "言語"), "languages"),
    **dict.fromkeys(("tag", "タグ"), "tags"),
    **dict.fromkeys(("source", "出所"), "source_ids"),
    **dict.fromkeys(("after", "since", "以降"), "modified_after"),
    **dict.fromkeys(("before", "until", "以前"), "modified_before"),
}
_NAMES = "|".join(sorted(FIELDS, key=len, reverse=True))
_FIELD = re.compile(
    rf'(?:^|(?<=\s))({_NAMES})[:：](?:["＂]([^"＂]+)["＂]|“([^”]+)”|「([^」]+)」|(\S+))',
    re.IGNORECASE,
)
_HYPHENS = "[-－−‐–ー]"  # an input method writes any of these for the key; no word begins with ー
_QUOTED = re.compile(
    rf'(?<!\w)({_HYPHENS}?)(?:["＂]([^"＂]{{2,200}})["＂]|“([^”]{{2,200}})”)'
    # Within a sentence corner brackets only name something: 「直帰」とは何ですか
    rf"|(?:^|(?<=\s))({_HYPHENS}?)(?:「([^「」]{{2,200}})」|『([^『』]{{2,200}})』)(?=\s|$)"
)
_MINUS = re.compile(rf"(?:^|(?<=\s)){_HYPHENS}(?!\d)(\w[\w.-]*)(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a question, as it was typed.

    Attributes:
        typed: All of it, e.g. ``dept:人事``.
        name: What it is called among the filters.
        values: The alternatives it names.
        read: Whether it narrows; else it stayed among the words.
    """

    typed: str
    name: str
    values: tuple[str, ...]
    read: bool


@dataclass(frozen=True, slots=True)
class Understood:
    """A question taken apart.

    Attributes:
        text: What is left to be searched for.
        phrases: What a passage must contain, word for word.
        without: What a passage must not contain.
        filters: What the question narrows itself to.
        years: The years it names; where there are some, older versions are as good as new ones.
        otherwise: Those years in the other calendar.
        fields: Where ``filters`` come from, and the fields that could not be read.
    """

    text: str
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    years: frozenset[int] = frozenset()
    otherwise: str = ""
    fields: tuple[Field, ...] = ()


def understand(query: str) -> Understood:
    """Returns the parts of a question.

    A field with a value that cannot be read stays among the words, as does everything that only
    looks like a sign: a hyphen inside a word, a number with a minus, a lonely quotation mark.
    Fields alone are searched for as words as well, within what they narrow to.
    """
    query = query.encode(errors="replace").decode()  # no index or catalog takes half a letter
    filters, named, rest = _take_fields(query)
    phrases: list[str] = []
    without: list[str] = []

    def take_quoted(found: re.Match[str]) -> str:
        sign = found[1] or found[4]
        phrase = next(found[part] for part in (2, 3, 5, 6) if found[part])
        if flatten(phrase):  # nothing but spaces is in every text
            (without if sign else phrases).append(phrase)
        return " " if sign else f" {phrase} "

    def take_minus(found: re.Match[str]) -> str:
        without.append(found.group(1))
        return " "

    rest = _QUOTED.sub(take_quoted, rest)
    if "\n" not in query:  # in a pasted list a hyphen begins an item
        rest = _MINUS.sub(take_minus, rest)
    if not rest.strip():  # nothing but exclusions: then they were meant as words
        return Understood(query, filters=filters, fields=named)
    years, otherwise = read_years(rest), write_years_otherwise(rest)
    return Understood(rest, tuple(phrases), tuple(without), filters, years, otherwise, named)


def narrow(given: Filters, asked: Filters) -> Filters | None:
    """Returns what both filters leave; ``None`` where that is nothing."""
    joined: dict[str, Any] = {}
    for name in (each.name for each in fields(Filters)):
        one, other = getattr(given, name), getattr(asked, name)
        if name == "modified_after":
            joined[name] = max((each for each in (one, other) if each), default=None)
        elif name == "modified_before":
            joined[name] = min((each for each in (one, other) if each), default=None)
        elif one and other:
            joined[name] = one & other
            if not joined[name]:
                return None
        else:
            joined[name] = one or other
    return Filters(**joined)


def holds(text: str, understood: Understood) -> bool:
    """Returns whether a text has every phrase and none of the exclusions, width and case aside."""
    if not understood.phrases and not understood.without:
        return True
    flat = flatten(text)
    return all(flatten(phrase) in flat for phrase in understood.phrases) and not any(
        flatten(phrase) in flat for phrase in understood.without
    )


def flatten(text: str) -> str:
    """Returns a text without what makes no difference: width, case and spaces."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def _take_fields(query: str) -> tuple[Filters, tuple[Field, ...], str]:
    wanted: dict[str, Any] = {}
    named: list[Field] = []

    def take(found: re.Match[str]) -> str:
        name = FIELDS[found.group(1).lower()]
        value = next(group for group in found.groups()[1:] if group)
        values = _split(name, value)
        read = _READ[name](value) if name in _READ else frozenset(values)
        named.append(Field(found.group(), name, values, read is not None))
        if read is None:
            return found.group()
        wanted[name] = read | wanted.get(name, read) if isinstance(read, frozenset) else read
        return " "

    rest = _FIELD.sub(take, query)
    return replace(Filters(), **wanted), tuple(named), rest


def _split(name: str, value: str) -> tuple[str, ...]:
    """Returns the alternatives of a field's value; languages by their code."""
    parts = [part for part in re.split("[,，、]", value) if part]
    return tuple(_LANGUAGES.get(flatten(p), p) if name == "languages" else p for p in parts)


def _read_types(value: str) -> frozenset[str] | None:
    names = [flatten(name) for name in _split("media_types", value)]
    found = [MEDIA_TYPES.get(MEDIA_ALIASES.get(name, name)) for name in names]
    return frozenset(kind for kinds in found for kind in kinds or ()) if all(found) else None


def _read_start(value: str) -> datetime | None:
    period = read_period(value)
    return period[0] if period else None


def _read_end(value: str) -> datetime | None:
    period = read_period(value)
    return period[1] if period else None


def _read_sources(value: str) -> frozenset[str]:
    return frozenset(source_id(name) for name in _split("source_ids", value))


_READ: dict[str, Callable[[str], frozenset[str] | datetime | None]] = {
    "media_types": _read_types,
    "modified_after": _read_start,
    "modified_before": _read_end,
    "source_ids": _read_sources,
}
