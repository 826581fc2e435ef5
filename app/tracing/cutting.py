"""Whether a passage that was found still reaches the answer: editions and the model's window."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, get_args

from app.answering import editions
from app.answering.answerer import Options
from app.answering.composing import choose_likely
from app.answering.errors import PromptTooLong
from app.answering.language import detect
from app.answering.model import Bilingual, ModelState
from app.answering.prompting import Budget, PromptBuilder
from app.tracing.model import Step
from retrieval.errors import Language
from retrieval.explaining import Trace
from retrieval.model import Passage

_NO_MODEL = Bilingual(
    ja="言語モデルがないため予算の制限はありません。引用するのは最も近い文書だけです。",
    en="No model is connected, so no budget cuts it. Only the nearest document is quoted.",
)

_OTHER_EDITION = Step(
    "answer",
    False,
    Bilingual(
        ja="同じ文書の、その時点で有効な別の版が使われます。",
        en="Another edition of it, in force at the time asked about, is used instead.",
    ),
    Bilingual(
        ja="質問に年を書くか、題名の年や effective: タグを直してください。",
        en="Name the year in the question, or correct the year of its title or its effective: tag.",
    ),
)

_UNLIKELY = Step(
    "answer",
    False,
    Bilingual(
        ja="最も近い箇所に比べて点数が低いため、言語モデルには渡しません。",
        en="It scores too little beside the best passage, so no model is shown it.",
    ),
    Bilingual(
        ja="文書にある言葉で質問するか、文書名を質問に入れて絞り込んでください。",
        en="Ask in the document's words, or narrow the question to the document.",
    ),
)


class Writer(Protocol):
    """What of a chat model decides how many passages it is shown."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    def state(self) -> ModelState:
        """Returns whether it can be used."""
        ...

    def count_tokens(self, text: str) -> int:
        """Returns how many tokens the text takes at most."""
        ...


def tell_answer(trace: Trace, question: str, writer: Writer | None, options: Options) -> Step:
    """Returns whether the document reaches the answer, for one that was found.

    What an answer would say of it is told too: that it is expired, not yet in force, superseded.
    """
    selection = editions.select(question, trace.above)
    step = _weigh_up(trace, question, selection.passages, writer, options)
    ja, en = (
        [each.message for each in selection.tell([trace.document_id], language)]
        for language in get_args(Language)
    )
    told = Bilingual(ja="".join([step.told.ja, *ja]), en=" ".join([step.told.en, *en]))
    return replace(step, told=told)


def _weigh_up(
    trace: Trace,
    question: str,
    kept: Sequence[Passage],
    writer: Writer | None,
    options: Options,
) -> Step:
    if not _has(kept, trace.document_id):
        return _OTHER_EDITION
    state = writer.state() if writer else None
    if writer is None or state is None or not state.usable:
        return Step("answer", None, _NO_MODEL)
    likely = choose_likely(kept, options.least_share)
    if not _has(likely, trace.document_id):
        return _UNLIKELY
    max_tokens = min(options.max_tokens, state.window // 3)
    budget = Budget(state.window, max_tokens, options.margin_tokens)
    builder = PromptBuilder(writer.name, writer.count_tokens, budget, detect(question))
    try:
        used: Sequence[Passage] = builder.build(question, likely, ()).used
    except PromptTooLong:
        used = ()
    fits = _has(used, trace.document_id)
    told = Bilingual(
        ja=f"モデル {writer.name}（{state.window} トークン）に渡すのは"
        f" {len(used)} / {len(likely)} 件、この文書は{'入ります' if fits else '入りません'}。",
        en=f"{len(used)} of {len(likely)} passages fit into {writer.name} ({state.window} tokens);"
        f" this document's {'do' if fits else 'do not'}.",
    )
    if fits:
        return Step("answer", True, told)
    remedy = Bilingual(
        ja="KURA_NUM_CTX を増やすか、文書名を質問に入れて絞り込んでください。",
        en="Raise KURA_NUM_CTX, or narrow the question to the document.",
    )
    return Step("answer", False, told, remedy)


def _has(passages: Sequence[Passage], document_id: str) -> bool:
    return any(each.document.id == document_id for each in passages)
