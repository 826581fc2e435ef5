"""Fields of a question as people write them, and as documents are filed: 人事部 is 人事."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import chain
from typing import Any

from retrieval.catalog.catalog import Catalog
from retrieval.catalog.listing import has_any
from retrieval.identity import source_id
from retrieval.model import Filters, Principals, Remark, Scope
from retrieval.querying import FIELDS, MEDIA_TYPES, Field, Understood, flatten, narrow

_NAMES = {
    "departments": ("部署", "Departments"),
    "languages": ("言語", "Languages"),
    "tags": ("タグ", "Tags"),
    "source_ids": ("出所", "Sources"),
}
_MOST_NAMED, _MOST_COMPARED = 6, 1_000
_ALIKE = 0.5  # of difflib's ratio; one letter of two may differ
_NEARLY = 0.75
_LIKE_A_FIELD = re.compile(r"(?:^|(?<=\s))([a-zA-Z]{3,12}|[一-鿿]{2,4})[:：](?=\w)")
_ELSEWHERE = frozenset(
    ("title", "author", "owner", "status", "year", "date", "site", "path", "folder", "category")
) | {"題名", "作成者", "担当者", "状態", "日付"}
"""What other systems can be asked for by such a field, and Kura cannot."""

_UNIT = re.compile(
    "(?:事業本部|事業部|本部|部門|部|課|室|係|局|グループ|department|dept|division)$"
)


def settle(
    understood: Understood, catalog: Catalog, principals: Principals
) -> tuple[Understood, tuple[Remark, ...]]:
    """Returns the question with its fields as documents are filed, and what to tell of them.

    A value that no readable document carries as it stands is taken for one that differs in width,
    case or 部 at its end; where there is none it stays, and nothing is found. Only what the caller
    may read decides, and is named.
    """
    remarks = list(_tell_misnamed(understood.text))
    remarks += [_tell_unread(each) for each in understood.fields if not each.read]
    chosen: dict[str, Any] = {}
    for name in _NAMES:
        # All fields of one name together, however many a question has.
        asked = [each for each in understood.fields if each.name == name and each.values]
        if asked:
            chosen[name], told = _choose(asked, catalog, principals)
            remarks += told
    filters = replace(understood.filters, **chosen)
    return replace(understood, filters=filters), tuple(remarks[:_MOST_NAMED])


def tell_absent(phrases: Iterable[str]) -> Remark:
    """Returns that quoted phrases are in no passage."""
    quoted = list(phrases)
    return Remark(
        "phrase-absent",
        f"{''.join(f'「{each}」' for each in quoted)}とそのまま書かれた箇所がないため、"
        "その語句を含む箇所を探しました。",
        f"No passage has {' and '.join(f'“{each}”' for each in quoted)} word for word,"
        " so its words were searched for.",
    )


def tell_empty(understood: Understood, catalog: Catalog, scope: Scope) -> tuple[Remark, ...]:
    """Returns that all filters together leave no document, where there are some and that is so."""
    typed = " ".join(each.typed for each in understood.fields if each.read)
    filters = narrow(scope.filters, understood.filters)
    if filters == Filters():
        return ()
    if filters is not None:
        with catalog.database.read() as connection:
            if has_any(connection, Scope(scope.principals, filters)):
                return ()
    told = Remark(
        "nothing-left",
        f"{f'「{typed}」' if typed else '絞り込み'}に合う、読める文書がありません。"
        "絞り込みを外すか、変えてください。",
        f"No document that you may read matches {f'“{typed}”' if typed else 'the filters'}."
        " Take a filter away, or change it.",
    )
    return (told,)


def _choose(
    asked: Sequence[Field], catalog: Catalog, principals: Principals
) -> tuple[frozenset[str], list[Remark]]:
    """Returns the values of the fields of one name as they are filed, and what to tell of them."""
    name = asked[0].name
    typed = dict.fromkeys(value for each in asked for value in each.values)
    own = {value: source_id(value) if name == "source_ids" else value for value in typed}
    there = catalog.filed.among(principals, name, own.values())
    missing = [value for value in own if own[value] not in there]
    if not missing:
        return there, []
    names = _list_filed(name, catalog, principals)
    filed: dict[str, list[str]] = {}
    for each in names:
        for key in _keys(each, name):
            filed.setdefault(key, []).append(each)
    meant = {value: filed.get(_key(value, name), []) for value in missing}
    unknown = [value for value in missing if not meant[value]]
    chosen = {names[each] for value in missing for each in meant[value]}
    remarks = [_tell_unknown(asked, unknown, list(names))] if unknown else []
    others = [v for v in missing if meant[v] and flatten(v) not in map(flatten, meant[v])]
    if others:
        remarks.append(_tell_meant(asked, others, [each for v in others for each in meant[v]]))
    return there | chosen | {own[value] for value in unknown}, remarks


def _list_filed(name: str, catalog: Catalog, principals: Principals) -> Mapping[str, str]:
    """Returns what readable documents carry, by what it is called, the most frequent first."""
    values = catalog.filed.count(principals, name)
    if name != "source_ids":
        return {value: value for value in values}
    return {each.name: each.id for each in catalog.sources.list() if each.id in values}


def _key(value: str, name: str) -> str:
    """Returns what two values have in common that mean the same."""
    flat = flatten(value)
    return _UNIT.sub("", flat) or flat if name == "departments" else flat


def _keys(filed: str, name: str) -> set[str]:
    key = _key(filed, name)
    return {key, key.rpartition(":")[2]} if name == "tags" else {key}  # policy is type:policy


def _write(asked: Sequence[Field], values: Sequence[str]) -> str:
    """Returns the part of the fields that has these values, as it was typed where it is all."""
    if len(values) <= _MOST_NAMED and len(values) == sum(len(each.values) for each in asked):
        return " ".join(each.typed for each in asked)
    more = "…" if len(values) > _MOST_NAMED else ""
    return f"{re.split('[:：]', asked[0].typed)[0]}:{','.join(values[:_MOST_NAMED])}{more}"


def _tell_meant(asked: Sequence[Field], values: Sequence[str], meant: Sequence[str]) -> Remark:
    typed, named = _write(asked, values), list(dict.fromkeys(meant))
    return Remark(
        "field-meant",
        f"「{typed}」を{'、'.join(f'「{each}」' for each in named)}として絞り込みました。",
        f"{typed} was taken for {', '.join(f'“{each}”' for each in named)}.",
    )


def _tell_unknown(asked: Sequence[Field], values: Sequence[str], names: Sequence[str]) -> Remark:
    compared = names[:_MOST_COMPARED]
    near = [get_close_matches(v, compared, _MOST_NAMED, _ALIKE) for v in values[:_MOST_NAMED]]
    alike = list(dict.fromkeys(chain.from_iterable(near)))[:_MOST_NAMED] or names[:_MOST_NAMED]
    typed, (ja, en) = _write(asked, values), _NAMES[asked[0].name]
    return Remark(
        "field-unknown",
        f"「{typed}」に合う、読める文書がありません。"
        + (f"{ja}には {'、'.join(alike)} などがあります。" if alike else ""),
        f"No document that you may read matches “{typed}”."
        + (f" {en} are, for example: {', '.join(alike)}." if alike else ""),
    )


def _tell_misnamed(text: str) -> Iterator[Remark]:
    """Yields what looks like a field and is none, except in pasted lines."""
    for found in _LIKE_A_FIELD.finditer("" if "\n" in text else text):
        name = found[1].lower()
        near = get_close_matches(name, FIELDS, 1, _NEARLY)
        if name not in FIELDS and (near or name in _ELSEWHERE):
            known = f"{near[0]}:" if near else "dept: type: lang: tag: source: after: before:"
            yield Remark(
                "field-unread",
                f"「{found[1]}:」という絞り込みはないため、言葉として探しました。"
                f"使えるのは {known} です。",
                f"There is no filter “{found[1]}:”, so it was searched for as words. Use {known}",
            )


def _tell_unread(asked: Field) -> Remark:
    if asked.name == "media_types":
        ja, en = f"種類は {'、'.join(MEDIA_TYPES)} です。", f"Types are {', '.join(MEDIA_TYPES)}."
    else:
        ja = "日付は 2024-04、2024年4月1日、令和6年度 のように書いてください。"
        en = "Write a date like 2024-04, 2024-04-01 or 令和6年4月."
    return Remark(
        "field-unread",
        f"「{asked.typed}」は絞り込みとして読み取れないため、言葉として探しました。{ja}",
        f"“{asked.typed}” cannot be read as a filter, so it was searched for as words. {en}",
    )
