"""Making text from outside harmless inside a prompt: it is data and must read as data."""

import re
import unicodedata

_MARKUP = re.compile(r"<(?=[/!|a-zA-Z<])|(?<=[|a-zA-Z/\"'])>")
_TEMPLATE_BRACKETS = re.compile(
    r"\[(?=/?\s*(?:INST|SYS|AVAILABLE|TOOL|IMG|PREFIX|SUFFIX|MIDDLE|[gs]MASK)[A-Z_]*\s*\])"
)
_ROLES = "system|assistant|user|human|instruction|input|response"
_ROLE_LINE = re.compile(rf"^(\s*)({_ROLES})(\s*[:：])", re.IGNORECASE | re.MULTILINE)
_ROLE_HEADING = re.compile(rf"#{{2,}}(?=\s*(?:{_ROLES})\s*[:：])", re.IGNORECASE)
_NUMBER_MARK = re.compile(r"[\[［【](\s*\d{1,3}(?:\s*[,、，]\s*\d{1,3})*\s*)[\]］】]")
_KEPT_CONTROLS = frozenset("\n\t")


def neutralise(text: str) -> str:
    """Returns the text without what a chat template, or our own frame, could take as its own.

    Invisible and control characters go; angle brackets of tags and special tokens become the
    full-width ones; square brackets of template tokens and the signs of ``### Response:`` likewise;
    ``system:`` at a line's start is set apart by a hyphen; and citation-like ``[1]`` becomes
    ``(1)``, so that a source cannot lend its own reference numbers to the answer. Words and
    numbers stay as they are.
    """
    visible = "".join(character for character in text if _is_visible(character))
    harmless = _MARKUP.sub(lambda match: "＜" if match.group() == "<" else "＞", visible)
    harmless = _TEMPLATE_BRACKETS.sub("［", harmless)
    harmless = _ROLE_LINE.sub(r"\1- \2\3", harmless)
    harmless = _ROLE_HEADING.sub(lambda match: "＃" * len(match.group()), harmless)
    return _NUMBER_MARK.sub(r"(\1)", harmless)


def _is_visible(character: str) -> bool:
    if character in _KEPT_CONTROLS:
        return True
    # Cc control, Cf format (zero-width, direction, tag characters), Cs surrogates, Co private use
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}
