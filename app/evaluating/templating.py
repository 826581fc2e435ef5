"""A template for one's own set of questions."""

from pathlib import Path

from app.evaluating.errors import SetThere, SetUnwritable

_SUFFIXES = {".jsonl", ".csv"}  # what is read from the folder of sets

_LINES = """\
# 自社の質問集のひな形です。1 行に 1 問、JSON で書きます。「#」で始まる行は読みません。
# A template of your own set: one question a line, in JSON. Lines that begin with "#" are not read.
#
# question   必須。質問文 / required: what is asked
# documents  正しい文書（どれか 1 つでよい）。ID、パス、取り込み元/パス、題名のどれか
#            right documents, any one of which will do: id, path, source/path or title
# expect     answer か refuse。文書も facts もなければ refuse / refuse where neither is given
# evidence   答えを裏付ける、原文そのままの文 / the document's exact words that prove it
# facts      答えに含まれるべき事実。[["12日", "12 days"]] は、どちらか一方があればよい
#            what the answer must state; alternatives stand in one inner list
# as         質問者の権限。例 ["group:staff"]。省くと kura ask と同じ
#            the asker's rights; those of `kura ask` when left out
# forbidden  この質問者に見えてはならない文書 / documents the asker may not meet
# history    前のやりとり / earlier turns: [{"question": "...", "answer": "..."}]
# id, lang, kind, cross, note  省略できます / may be left out
#
# 例の行頭の「# 」を取り、書き換えてください。/ Take the "# " off and change the examples.
# {"question": "有給休暇は何日もらえますか", "documents": ["就業規則.docx"], "facts": [["12日"]]}
# {"question": "How long is the warranty?", "documents": ["warranty.md"], "as": ["group:sales"]}
# {"question": "社長の誕生日はいつですか", "expect": "refuse"}
"""
_TABLE = """\
# 値が複数のときは | で、facts のグループは ; で区切ります（例 12日|12 days;有給）。
# 「#」で始まる行は読みません。
# Several values of a cell are parted by |, groups of facts by ; . Lines with "#" are not read.
question,documents,expect,evidence,facts,as,forbidden,id,lang,kind,note
"""


def write_template(file: Path) -> None:
    """Writes a commented template, of JSON lines or, for the suffix ``.csv``, a table.

    Raises:
        SetThere: The file is there already.
        SetUnwritable: It cannot be written there, or would not be read as a set.
    """
    if file.suffix.lower() not in _SUFFIXES:
        ja, en = "名前の末尾を .jsonl か .csv にしてください", "let its name end in .jsonl or .csv"
        raise SetUnwritable(file=str(file), reason_ja=ja, reason_en=en)
    table = file.suffix.lower() == ".csv"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8-sig" if table else "utf-8") as stream:
            stream.write(_TABLE if table else _LINES)
    except OSError as error:
        if file.exists():
            raise SetThere(file=str(file)) from None
        reason = error.strerror or str(error)
        raise SetUnwritable(file=str(file), reason_ja=reason, reason_en=reason) from error
