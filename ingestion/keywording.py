"""Picks the words that say what a document is about: frequent in it, rare elsewhere."""

import json
import math
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import snowballstemmer
from sudachipy import Dictionary, SplitMode

from retrieval.model import Block, BlockKind

MOST = 8
"""How many keywords a document has at most."""

BACKGROUND = Path(__file__).resolve().parents[1] / "data" / "models" / "kura-static"
"""Whose tokenizer knows how frequent words are in both languages."""

_SAMPLE = 6_000  # characters; who wants to know what a text is about reads its beginning
_UNKNOWN = 13.0  # nats; rarer than every word the background has
_FREQUENT = 7.5  # nats; words more frequent than this say nothing about a text
_HEADING_BOOST = 2.0
_MOST_WEIGHT = 26.0  # a long compound is not more telling without end
_LONGEST, _SHORTEST = 24, 2
_MOST_WORDS = 3
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]*[A-Za-z]")
_CODE = re.compile(r"(?<![A-Za-z0-9-])[A-Z]{1,5}-\d{2,}(?:-[A-Z0-9]{1,4})*(?![A-Za-z0-9])")
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+")
_UNIT = re.compile(r".+[部課係班]|[A-Za-z]{1,2}|令和|平成|昭和|か月|週間")
_NOUNS = frozenset({"普通名詞", "固有名詞"})
_EMPTY_WORDS = """
こと もの ため とき ところ よう 場合 必要 以上 以下 以内 以外 未満 以前 以後 以降 前後 前日 当日
翌日 翌月 毎月 毎年 毎日 当社 会社 弊社 年度 年版 方法 内容 対象 関係 利用 使用 実施 対応 確認 記入
提出 問い合わせ 内線 電話 担当 担当者 総数 合計 項目 備考 番号 名称 種類 区分 平日 午前 午後 月末
末日 営業日 株式会社 改訂 改定 施行 施行日 文書番号 目的 総則 付則 附則 規則 規程 本人 各自 全員
所属長 上司 部長 課長 社員 従業員 会議 資料 情報 手続き 申請 承認 期間 期限 金額 上限 支給 時間 年間
月額 制限なし お世話 流れ 扱い 箇所
company employee employees document page date number name note section owner effective
january february march april june july august september october november december
monday tuesday wednesday thursday friday saturday sunday percent months example
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())

_local = threading.local()


def find_keywords(title: str, blocks: Sequence[Block], text: str) -> tuple[str, ...]:
    """Returns at most :data:`MOST` keywords, the most telling first; the same text, the same words.

    Candidates are runs of nouns (Sudachi, mode C) and of English words that are not frequent by
    themselves. Each weighs its frequency times the information of its words (minus the logarithm
    of their probability in the background), twice in title and headings: tf-idf with a fixed
    background instead of the documents at hand, so that no document's words depend on others.
    """
    headings = [block.text for block in blocks if block.kind is BlockKind.HEADING]
    prominent = Counter(_candidates("\n".join([title, *headings])[:_SAMPLE]))
    counts = Counter(_candidates(text[:_SAMPLE]))
    weights = {
        word: _weigh(word, counts[word], is_prominent=word in prominent)
        for word in dict.fromkeys([*prominent, *counts])
        if word in prominent or counts[word] > 1
    }
    ranked = sorted(weights, key=lambda word: -weights[word])
    chosen: list[str] = []
    for word in ranked:
        if weights[word] > 0 and not any(word in other or other in word for other in chosen):
            chosen.append(word)
        if len(chosen) == MOST:
            break
    return tuple(chosen)


def _weigh(word: str, count: int, *, is_prominent: bool) -> float:
    if _CODE.fullmatch(word):
        return (1 + math.log(max(1, count))) * _UNKNOWN
    parts = word.split() if word.isascii() else [each.surface() for each in _analyse(word)]
    information = sum(_cost(part) for part in parts)
    boost = _HEADING_BOOST if is_prominent else 1.0
    return (1 + math.log(max(1, count))) * min(information, _MOST_WEIGHT) * boost


def _candidates(text: str) -> Iterator[str]:
    """Yields every run of nouns and of telling English words, in reading order."""
    normal = _ADDRESS.sub("\t", unicodedata.normalize("NFKC", text))
    for written in normal.split("\n"):
        yield from _CODE.findall(written)
        line = _CODE.sub("\t", written)
        if line.isascii():
            yield from _english(line)
        else:
            yield from _japanese(line)


def _japanese(line: str) -> Iterator[str]:
    run: list[Any] = []
    for morpheme in _analyse(line):
        part = morpheme.part_of_speech()
        is_noun = part[0] == "名詞" and part[1] in _NOUNS and part[2] != "副詞可能"
        if is_noun or (run and part[0] == "接尾辞" and part[1] == "名詞的"):
            run.append(morpheme)
            continue
        yield from _compound(run)
        run = []
    yield from _compound(run)


def _compound(run: Sequence[Any]) -> Iterator[str]:
    word = "".join(morpheme.surface() for morpheme in run)
    if not _SHORTEST <= len(word) <= _LONGEST or word.casefold() in _EMPTY or _UNIT.fullmatch(word):
        return
    if any(char.isalpha() for char in word) and not all("ぁ" <= char <= "ゖ" for char in word):
        yield word


def _english(line: str) -> Iterator[str]:
    run: list[str] = []
    end = 0
    for found in _LATIN.finditer(line):
        word = found.group().lower()
        is_telling = len(word) > 2 and word not in _EMPTY and _cost(word) >= _FREQUENT
        if run and (not is_telling or line[end : found.start()] != " "):
            yield from _phrase(run)
            run = []
        if is_telling:
            run.append(word)
        end = found.end()
    yield from _phrase(run)


def _phrase(run: Sequence[str]) -> Iterator[str]:
    if run:
        yield " ".join(run[-_MOST_WORDS:])


@lru_cache(maxsize=50_000)
def _cost(word: str) -> float:
    """Returns the information of a word in nats, by the background's probabilities."""
    known = _background()
    folded = word.casefold()
    if folded.isascii():
        return known.get(f"▁{folded}", known.get(f"▁{_stem(folded)}", _UNKNOWN))
    return known.get(folded, _UNKNOWN)


@cache
def _background() -> Mapping[str, float]:
    path = BACKGROUND / "tokenizer.json"
    if not path.is_file():  # whoever brings another model may have left this one out
        return {}
    table = json.loads(path.read_text(encoding="utf-8"))
    return {word: -score for word, score in table["model"]["vocab"]}


@cache
def _dictionary() -> Dictionary:
    return Dictionary(dict="core")


def _analyse(text: str) -> Any:  # noqa: ANN401 - Sudachi's tokenizer is untyped
    if not hasattr(_local, "analyser"):
        _local.analyser = _dictionary().tokenizer(mode=SplitMode.C, fields={"pos"})
    return _local.analyser.tokenize(text)


def _stem(word: str) -> str:
    if not hasattr(_local, "stemmer"):
        _local.stemmer = snowballstemmer.stemmer("english")
    stem: str = _local.stemmer.stemWord(word)
    return stem
