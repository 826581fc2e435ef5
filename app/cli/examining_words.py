"""The part of `kura doctor` that looks at the company's glossary."""

from app.cli.findings import Finding
from app.cli.speaking import say
from app.equipping import find_glossary
from app.settings import Settings


def check_glossary(settings: Settings) -> Finding:
    """Returns whether the glossary can be read, and how many of its lines say anything."""
    from retrieval.lexical.glossary import read_glossary

    path = find_glossary(settings)
    try:
        lines = read_glossary(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        remedy = say(
            "Its first line names the columns japanese and english, each field holds ways of"
            " saying one thing separated by |, in UTF-8 or Shift_JIS.",
            "1 行目に列名 japanese と english、各欄に同じものの言い方を | で区切って書き、UTF-8 か"
            " Shift_JIS で保存してください。",
        )
        return Finding("glossary", "warn", f"{path}: {reason}", remedy)
    useful = sum(len(set(ways)) > 1 for ways in lines)
    message = say(f"{useful} concepts in {path}", f"{path} に {useful} 件")
    if alone := sum(len(set(ways)) == 1 for ways in lines):  # empty ones stand between the others
        message += say(
            f"; lines with only one way of saying it do nothing: {alone}",
            f"。言い方が 1 つだけの {alone} 行は使いません",
        )
    return Finding("glossary", "ok", message)
