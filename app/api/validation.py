"""What is wrong with a value of the wrong shape, said in both languages."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.api.problems import FieldProblem
from retrieval.errors import Language

SHOWN_CHARACTERS = 80

MESSAGES: dict[str, tuple[str, str]] = {
    "missing": ("この項目は必須です。", "This is required."),
    "extra_forbidden": (
        "この項目はありません。名前を確かめてください。",
        "There is no such field. Check its name.",
    ),
    "json_invalid": ("JSON として読めません: {error}", "This is not JSON: {error}"),
    "string_type": ("文字列を指定してください。", "Give a text."),
    "string_too_short": (
        "{min_length} 文字以上で指定してください。",
        "Too short. Characters needed: {min_length}.",
    ),
    "string_too_long": (
        "{max_length} 文字以内で指定してください。",
        "Give at most {max_length} characters.",
    ),
    "string_pattern_mismatch": (
        "形式が違います（{pattern}）。",
        "The form is not right ({pattern}).",
    ),
    "not_a_line": (
        "改行や制御文字、文字の向きを変える文字を含まない一行の文字列を指定してください。",
        "Give one line of text, without control or direction characters.",
    ),
    "too_long": ("{max_length} 個以内で指定してください。", "Give at most {max_length} of them."),
    "too_short": ("{min_length} 個以上指定してください。", "Give at least {min_length} of them."),
    "list_type": ("配列を指定してください。", "Give a list."),
    "bool_parsing": ("true か false を指定してください。", "Give true or false."),
    "bool_type": ("true か false を指定してください。", "Give true or false."),
    "int_parsing": ("整数を指定してください。", "Give a whole number."),
    "int_type": ("整数を指定してください。", "Give a whole number."),
    "int_from_float": ("整数を指定してください。", "Give a whole number."),
    "float_parsing": ("数を指定してください。", "Give a number."),
    "greater_than": ("{gt} より大きい値にしてください。", "Give more than {gt}."),
    "greater_than_equal": ("{ge} 以上にしてください。", "Give {ge} or more."),
    "less_than_equal": ("{le} 以下にしてください。", "Give {le} or less."),
    "literal_error": ("{expected} のどれかにしてください。", "Give one of {expected}."),
    "enum": ("{expected} のどれかにしてください。", "Give one of {expected}."),
    "model_attributes_type": ("オブジェクトを指定してください。", "Give an object."),
    "dict_type": ("オブジェクトを指定してください。", "Give an object."),
}
_TIMES = (
    "日時を 2024-04-01T00:00:00+09:00 のように指定してください。",
    "Give a time such as 2024-04-01T00:00:00+09:00.",
)


def explain(errors: Sequence[Mapping[str, Any]], language: Language) -> list[FieldProblem]:
    """Returns one problem for each validation error, in the given language."""
    return [
        FieldProblem(
            field=".".join(str(part) for part in error["loc"]),
            code=str(error["type"]).replace("_", "-"),
            message=_say(error, language) + _show(error.get("input"), language),
        )
        for error in errors
    ]


def _say(error: Mapping[str, Any], language: Language) -> str:
    kind = str(error["type"])
    if kind.startswith(("datetime", "timezone", "date_")):
        pair = _TIMES
    else:
        pair = MESSAGES.get(kind, ("この値は使えません。", "This value cannot be used."))
    told = dict(error.get("ctx") or {})
    if language == "ja" and "expected" in told:
        told["expected"] = str(told["expected"]).replace(" or ", "、").replace(", ", "、")
    return (pair[0] if language == "ja" else pair[1]).format_map(told)


def _show(value: object, language: Language) -> str:
    """Returns the refused value, short, when it is a plain one."""
    if not isinstance(value, (str, int, float)) or value == "":
        return ""
    shown = repr(value)
    if len(shown) > SHOWN_CHARACTERS:
        shown = shown[:SHOWN_CHARACTERS] + "…"
    return f"（値: {shown}）" if language == "ja" else f" (value: {shown})"
