"""Turns bytes of unknown encoding into text, Japanese encodings first."""

import codecs
import re
from dataclasses import dataclass

import chardet

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ISO_2022_JP = re.compile(rb"\x1b(\$[@B]|\$\([DOQ]|\([JI])")
_UTF_7_RUN = re.compile(rb"\+[A-Za-z0-9/]{3,}-?")
_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿]")
_KANA = re.compile(r"[ぁ-んァ-ヶー]")
_COMMON = re.compile(r"[ぁ-んァ-ヶー一-龥A-Za-z0-9\s、。，．・（）「」【】％：；？！～ー－]")
_RARE = re.compile(r"[ｦ-ﾟ\ue000-\uf8ff\x80-\x9f]")
_SAMPLE = 65_536  # bytes; enough to tell encodings apart


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding it was in, and how many characters could not be decoded."""

    text: str
    encoding: str
    replaced: int = 0


def decode(data: bytes, declared: str = "") -> Decoded:
    """Returns the text of the bytes.

    A byte order mark decides, then a working declaration, then UTF-8, ISO-2022-JP by its escapes,
    Shift_JIS against EUC-JP by what reads as Japanese, and last a statistical guess.

    Args:
        data: The whole file.
        declared: An encoding that the file or its carrier names, or "".
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _replacing(data, encoding)
    wide = _guess_utf_16(data)
    if wide:
        return _replacing(data, wide)
    for encoding in _candidates(data, declared):
        text = _strictly(data, encoding)
        if text is not None:
            return Decoded(text, encoding)
    japanese = _choose_japanese(data)
    if japanese is not None:
        return japanese
    return _replacing(data, _guess(data))


def _candidates(data: bytes, declared: str) -> list[str]:
    names = []
    if _ISO_2022_JP.search(data):
        names += ["iso2022_jp_2", "iso2022_jp_ext"]
    name = declared.strip().lower().replace("shift-jis", "shift_jis").replace("x-sjis", "cp932")
    if name in {"shift_jis", "shift_jisx0213", "windows-31j", "sjis"}:
        name = "cp932"  # what is called Shift_JIS has ① and 髙 in it
    if name and name not in {"us-ascii", "ascii"}:
        names.append(name)
    if _looks_like_utf_7(data):
        names.append("utf-7")
    return [*names, "utf-8"]


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _replacing(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    return Decoded(text, encoding, text.count("\ufffd"))


def _guess_utf_16(data: bytes) -> str:
    """Returns the byte order of text that has no mark but a NUL in every other place."""
    sample = data[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(data) % 2 or max(even, odd) < 2 or min(even, odd) > 0.05 * max(even, odd):
        return ""
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    text = _strictly(sample, encoding)
    plausible = text is not None and len(_COMMON.findall(text)) > 0.9 * len(text)
    return encoding if plausible else ""


def _looks_like_utf_7(data: bytes) -> bool:
    sample = data[:_SAMPLE]
    if len(_UTF_7_RUN.findall(sample)) < 3 or max(sample, default=0) > 0x7F:
        return False
    text = _strictly(sample, "utf-7")
    return text is not None and len(_JAPANESE.findall(text)) > 0.3 * len(text)


def _choose_japanese(data: bytes) -> Decoded | None:
    """Returns the better of Shift_JIS and EUC-JP, None where neither reads as Japanese."""
    best: tuple[float, Decoded] | None = None
    for encoding in ("cp932", "euc_jis_2004"):
        decoded = _replacing(data, encoding)
        score = _plausibility(decoded)
        if score > 0 and (best is None or score > best[0]):
            best = (score, decoded)
    return best[1] if best else None


def _plausibility(decoded: Decoded) -> float:
    wide = [char for char in decoded.text[:_SAMPLE] if ord(char) > 0x7F]
    if not wide or decoded.replaced > 0.02 * len(wide):
        return 0.0
    text = "".join(wide)
    common = len(_COMMON.findall(text)) / len(wide)
    kana = len(_KANA.findall(text)) / len(wide)
    rare = len(_RARE.findall(text)) / len(wide)
    score = common + kana - 2 * rare
    return score if common > 0.7 and (kana > 0.05 or len(wide) < 40) else 0.0


def _guess(data: bytes) -> str:
    if data.isascii() or _mostly_utf_8(data):
        return "utf-8"
    found = chardet.detect(data[:_SAMPLE])["encoding"] or "utf-8"
    if found.lower().startswith(("utf-16", "utf-32")):
        return "utf-8"  # were it that, its NULs would have told before
    try:
        return codecs.lookup(found).name
    except LookupError:
        return "utf-8"


def _mostly_utf_8(data: bytes) -> bool:
    """Returns whether few bytes break UTF-8: a damaged UTF-8 file, not another encoding."""
    text = data[:_SAMPLE].decode("utf-8", "replace")
    broken = text.count("\ufffd")
    wide = sum(1 for char in text if ord(char) > 0x7F)
    return wide > 3 * broken
