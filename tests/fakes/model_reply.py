"""What the stubs of model servers "write": the sources' own words, so that plumbing can be seen."""

import re
from collections.abc import Callable, Sequence

from app.answering.language import detect
from app.answering.prompting import NOT_IN_SOURCES
from app.answering.sentences import split
from retrieval.lexical.tokenizing import QUESTION_WORDS, terms

Messages = Sequence[dict[str, str]]
Reply = Callable[[Messages], str]

_SOURCE = re.compile(r'<source number="(\d+)"(?: \w+="[^"]*")*>\n(.*?)\n</source>', re.DOTALL)
_ASKED = re.compile(r"</sources>\s*(?:Question|質問): (.*)", re.DOTALL)


def first_sentence(text: str) -> str:
    """Returns the first sentence of a text, "" of an empty one."""
    return next((text[start:end] for start, end in split(text)), "")


def quote_sources(messages: Messages) -> str:
    """Returns the first sentence of the best sources with their marks, in the question's language.

    A source counts when it shares a content word with the question; without one the reply is what
    the prompt asks for then.
    """
    prompt = messages[-1]["content"]
    asked = _ASKED.search(prompt)
    question = asked.group(1) if asked else prompt
    wanted = set(terms(question)) - QUESTION_WORDS
    sources = _SOURCE.findall(prompt)
    scored = sorted(
        ((len(wanted & set(terms(text))), -int(number), text) for number, text in sources),
        reverse=True,
    )
    best = [(first_sentence(text), -negative) for score, negative, text in scored[:2] if score]
    if not best:
        return NOT_IN_SOURCES
    if detect(question) == "ja":
        return "".join(f"{text.rstrip('。')}。[{number}]" for text, number in best)
    return " ".join(f"{text.rstrip('.')}. [{number}]" for text, number in best)
