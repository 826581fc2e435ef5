"""What each step of a trace says to people, and what they can do about it."""

from collections.abc import Iterator
from dataclasses import replace

from app.answering.model import Bilingual
from app.tracing.failing import explain_failure
from app.tracing.model import Step, name_factor
from retrieval.explaining import LOOKED_AT, TRACED, Place, Trace


def tell_document(trace: Trace) -> Iterator[Step]:
    """Yields what is known of the document itself, up to the first step it is lost at."""
    known = trace.known
    if known is None:
        yield _tell_missing(trace)
        return
    yield Step(
        "ingested",
        True,
        Bilingual(
            ja=f"「{known.title}」（{known.source_name} の {known.external_id}）",
            en=f"“{known.title}” ({known.external_id} of {known.source_name})",
        ),
    )
    yield _tell_text(trace)
    if trace.has_text:
        yield _tell_access(trace)


def _tell_missing(trace: Trace) -> Step:
    if trace.rivals:
        names = "\n".join(f"  {each.id}  {each.title}  {each.external_id}" for each in trace.rivals)
        return Step(
            "ingested",
            False,
            Bilingual(
                ja=f"「{trace.document_id}」は {len(trace.rivals)} 件の文書に当たります。\n{names}",
                en=f"{len(trace.rivals)} documents go by {trace.document_id!r}.\n{names}",
            ),
            Bilingual(ja="ID かパスで指定してください。", en="Name one by its id or path."),
        )
    if trace.removed is not None:
        when = trace.removed.removed_at.date().isoformat()
        return Step(
            "ingested",
            False,
            Bilingual(
                ja=f"{when} に削除されています（理由: {trace.removed.why}）。",
                en=f"It was removed on {when} ({trace.removed.why}).",
            ),
            Bilingual(
                ja="必要なら元の場所に戻し、「kura ingest」を実行してください。",
                en="If it is needed, put it back where it was and run `kura ingest`.",
            ),
        )
    return Step(
        "ingested",
        False,
        Bilingual(
            ja=f"「{trace.document_id}」という文書は取り込まれていません。",
            en=f"No document {trace.document_id!r} was ever taken in.",
        ),
        Bilingual(
            ja="「kura ingest フォルダー --plan」で、取り込まれるかどうかを確認できます。",
            en="`kura ingest FOLDER --plan` tells whether it would be, or why it is left out.",
        ),
    )


def _tell_text(trace: Trace) -> Step:
    known = trace.known
    assert known is not None  # noqa: S101 - only called for a document that is there
    if not trace.has_text:
        told, remedy = explain_failure(known.reason, known.details)
        return Step("text", False, told, remedy)
    ja = f"本文 {known.characters} 文字、{known.chunks} 区間、言語 {known.language or '不明'}"
    en = (
        f"{known.characters} characters in {known.chunks} pieces,"
        f" language {known.language or 'unknown'}"
    )
    if trace.status != "stale":
        return Step("text", True, Bilingual(ja=f"{ja}。", en=f"{en}."))
    told, remedy = explain_failure(known.reason, known.details)
    ja = f"{ja}。新しい版を読めなかったため前の版です: {told.ja}"
    en = f"{en}; an earlier version, because the newer one failed: {told.en}"
    return Step("text", True, Bilingual(ja=ja, en=en), remedy)


def _tell_access(trace: Trace) -> Step:
    known = trace.known
    assert known is not None  # noqa: S101 - only called for a document that is there
    allow = ", ".join(sorted(known.access.allow)) or "-"
    deny = ", ".join(sorted(known.access.deny)) or "-"
    rule = Bilingual(
        ja=f"{'取り込み元の規則' if known.follows_source else 'この文書の規則'}:"
        f" 許可 {allow}、拒否 {deny}",
        en=f"{'rule of its source' if known.follows_source else 'its own rule'}:"
        f" allow {allow}, deny {deny}",
    )
    if trace.readable:
        by = trace.carried[0]
        ja, en = f"{by} として読めます（{rule.ja}）。", f"Readable as {by} ({rule.en})."
        return Step("readable", True, Bilingual(ja=ja, en=en))
    if trace.forbidding:
        ja = f"{', '.join(trace.forbidding)} は拒否されています（{rule.ja}）。"
        en = f"{', '.join(trace.forbidding)} may not read it ({rule.en})."
    else:
        ja, en = f"読む権限がありません（{rule.ja}）。", f"Nothing lets them read it ({rule.en})."
    return Step(
        "readable",
        False,
        Bilingual(ja=ja, en=en),
        Bilingual(
            ja=f"文書の担当者に閲覧権限を依頼してください。管理者はフォルダーの .kura.toml で"
            f" {allow} に加えるか、本人をその組に入れます。",
            en="Ask its owner for access. An administrator adds the person in the folder's"
            f" .kura.toml, or to one of {allow}.",
        ),
    )


def tell_search(trace: Trace) -> Iterator[Step]:
    """Yields how the search treats a document that the caller may read."""
    yield _tell_filters(trace)
    if trace.verdict == "filtered":
        return
    yield _tell_arm(trace, "lexical", trace.lexical)
    yield _tell_arm(trace, "vector", trace.vector)
    if trace.verdict == "unlike":
        yield _tell_unlike(trace)
        return
    yield Step("fused", None, _tell_place(trace.fused, LOOKED_AT))
    yield Step("ordered", None, _tell_ordered(trace))
    yield _tell_shown(trace)


_FIELDS = {
    "departments": ("部署", "department"),
    "languages": ("言語", "language"),
    "media_types": ("種類", "type"),
    "source_ids": ("出所", "source"),
    "document_ids": ("文書", "document"),
    "tags": ("タグ", "tag"),
    "modified_after": ("更新日の下限", "modified after"),
    "modified_before": ("更新日の上限", "modified before"),
}


def _tell_filters(trace: Trace) -> Step:
    step = _judge_filters(trace)
    told = Bilingual(
        ja="".join([step.told.ja, *(each.ja for each in trace.remarks)]),
        en=" ".join([step.told.en, *(each.en for each in trace.remarks)]),
    )
    return replace(step, told=told)


def _judge_filters(trace: Trace) -> Step:
    if trace.mismatched:
        fields = [_FIELDS[name] for name in trace.mismatched]
        named, called = "、".join(ja for ja, _ in fields), ", ".join(en for _, en in fields)
        return Step(
            "filters",
            False,
            Bilingual(
                ja=f"質問の絞り込み（{named}）に合いません。",
                en=f"It is not what the question is narrowed to ({called}).",
            ),
            Bilingual(
                ja="絞り込みを外すか、文書の部署・タグなどを直してください。",
                en="Take that filter away, or correct the document's department, tags and so on.",
            ),
        )
    if trace.unheld:
        return Step(
            "filters",
            False,
            Bilingual(
                ja="引用符で囲んだ語句がないか、除いた語を含みます。",
                en="It lacks the quoted words, or has the excluded ones.",
            ),
            Bilingual(
                ja="引用符や「-」を外してください。", en="Take away the quotes or the minus."
            ),
        )
    ja, en = "絞り込みに合います。", "It matches the filters."
    if trace.barred:
        ja += f"引用符で囲んだ語句がないか、除いた語を含む {trace.barred} 区間は外れます。"
        en += f" {trace.barred} of its pieces lack the quoted words, or have the excluded ones."
    return Step("filters", True, Bilingual(ja=ja, en=en))


def _tell_arm(trace: Trace, arm: str, place: Place | None) -> Step:
    names = {"lexical": ("語句", "Words"), "vector": ("意味", "Meaning")}
    ja, en = names[arm]
    if arm in trace.degraded:
        told = Bilingual(ja=f"{ja}の索引を使えません。", en=f"{en}: the index cannot be used.")
        remedy = Bilingual(
            ja="「kura doctor」で原因と対処を確かめてください。",
            en="`kura doctor` says why and what to do.",
        )
        return Step(arm, None, told, remedy)
    if place is not None:
        found = _tell_place(place, LOOKED_AT)
        told = Bilingual(ja=f"{ja}: {found.ja}", en=f"{en}: {found.en}")
    else:
        told = Bilingual(ja=f"{ja}では見つかりません。", en=f"{en}: it is not found.")
    if arm == "vector" or not trace.lacking:
        return Step(arm, None, told)
    words = "、".join(trace.lacking)
    lacking = ", ".join(trace.lacking)
    told = Bilingual(
        ja=f"{told.ja}　この文書にない語: {words}", en=f"{told.en}  It lacks: {lacking}"
    )
    return Step(arm, None, told)


def _tell_ordered(trace: Trace) -> Bilingual:
    place = _tell_place(trace.ordered, TRACED)
    named = [(name_factor(name), f"{value:.2f}") for name, value in trace.factors.items()]
    if not named:
        return place
    ja = "、".join(f"{name.ja} {value}" for name, value in named)
    en = ", ".join(f"{name.en} {value}" for name, value in named)
    return Bilingual(ja=f"{place.ja}（{ja}）", en=f"{place.en} ({en})")


def _tell_unlike(trace: Trace) -> Step:
    told = Bilingual(
        ja="語句でも意味でも、質問と結び付きません。",
        en="Neither its words nor its meaning come near the question.",
    )
    return Step("fused", False, told, _advise_words(trace))


def _tell_shown(trace: Trace) -> Step:
    if trace.shown is not None:
        ja, en = f"{trace.shown} 番目に表示されます。", f"It is shown at place {trace.shown}."
        return Step("shown", True, Bilingual(ja=ja, en=en))
    titles = list(dict.fromkeys(each.document.metadata.title for each in trace.above))[:3]
    told = Bilingual(
        ja=f"表示は {trace.count} 件までで、先に「{'」「'.join(titles)}」などが並びます。",
        en=f"Only {trace.count} passages are shown; before it come {', '.join(titles)}.",
    )
    return Step("shown", False, told, _advise_words(trace))


def _advise_words(trace: Trace) -> Bilingual:
    known = trace.known
    title = known.title if known else ""
    if not trace.lacking:
        return Bilingual(
            ja=f"質問に文書の言葉（例: {title}）を加えるか、部署などで絞り込んでください。",
            en=f"Use the document's own words (such as {title}), or narrow by department.",
        )
    word = trace.lacking[0]
    return Bilingual(
        ja=f"用語集（data/glossary.csv または KURA_GLOSSARY）に 1 行加えてください:"
        f" 社内,{word}|文書での言い方,",
        en="Add a line to the glossary (data/glossary.csv or KURA_GLOSSARY):"
        f" company,,{word}|what the document says",
    )


def _tell_place(place: Place | None, among: int) -> Bilingual:
    if place is None:
        return Bilingual(ja=f"上位 {among} 件にありません。", en=f"It is not among {among}.")
    if place.rank is None:
        return Bilingual(
            ja=f"{among} 位より下、スコア {place.score:.3f}",
            en=f"beyond rank {among}, score {place.score:.3f}",
        )
    return Bilingual(
        ja=f"{place.rank} 位、スコア {place.score:.3f}",
        en=f"rank {place.rank}, score {place.score:.3f}",
    )
