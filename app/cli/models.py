"""`kura models`: which models can search, what each takes, and whether it works here."""

import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import psutil
import typer

from app.cli import describing
from app.cli.adapting import describe_adapted
from app.cli.exporting import export_model
from app.cli.missing_models import find_known, is_reranker, name_reachable
from app.cli.speaking import LANGUAGE, Exit, Json, emit, say, tell
from app.equipping import is_static
from app.settings import EMBEDDED_MODEL, Settings, load_settings

if TYPE_CHECKING:
    from retrieval.embedding.presets import Preset
    from retrieval.ports import Embedder, Reranker

NameArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help=say("A name `kura models list` shows.", "「models list」に出る名前。")
    ),
]
CheckedArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[NAME]",
        help=say("A model or a folder; by default the one in use.", "省くと、使用中のモデル。"),
    ),
]

_MEGABYTE = 2**20
_PAIRS = {
    "ja": (
        "有給休暇は何日もらえますか",
        "年次有給休暇は入社半年後に十日付与されます。",
        "会議室は社内カレンダーから申し込みます。",
    ),
    "en": (
        "How is the cost of a business trip paid back?",
        "Travel expenses are reimbursed after you submit a report.",
        "A doctor examines all staff every autumn.",
    ),
}
"""For each language a question, its answer, and something else."""

app = typer.Typer(no_args_is_help=True, help=describing.MODELS)
app.command("export", help=describing.MODELS_EXPORT)(export_model)


@dataclass(frozen=True, slots=True)
class Findings:
    """What trying a model showed.

    Attributes:
        scores: Of the answer and of something else to the same question, by language.
        languages: Those the model was made for.
        seconds: To load it.
        per_second: Short texts read in a second.
        stamped: Whether the vectors in use were made with it; ``None`` for a reranker, or where
            there are none yet.
        backend: What ran it; "" for a static model.
    """

    name: str
    scores: dict[str, tuple[float, float]]
    languages: tuple[str, ...]
    seconds: float
    per_second: float
    dimension: int = 0
    stamped: bool | None = None
    backend: str = ""

    @property
    def sound(self) -> bool:
        """Whether the answer comes before the other text in each of the model's languages."""
        tried = [pair for language, pair in self.scores.items() if language in self.languages]
        return all(near > far for near, far in tried)


@app.command("list", help=describing.MODELS_LIST)
def show_all(*, as_json: Json = False) -> None:
    """Lists the models that are known to serve."""
    from retrieval.embedding.presets import PRESETS

    settings = load_settings()
    if as_json:
        emit({"models": [_describe(preset, settings) for preset in PRESETS]})
        return
    in_use = say("in use", "使用中")
    embedded = settings.embedding_model == str(EMBEDDED_MODEL)
    adapted = describe_adapted(settings)
    tell(
        f"kura-static  ja en  {say('built in, no torch', '内蔵、torch 不要')}"
        f"{f'  [{in_use}]' if embedded and not adapted else ''}"
    )
    if adapted:
        tell(f"  {adapted}  [{in_use}]")
    for preset in PRESETS:
        found = _describe(preset, settings)
        kind = say("reranks", "並べ直し") if not preset.dimension else f"{preset.dimension}"
        here = say("on disk", "取得済み") if found["on_disk"] else say("not here", "未取得")
        here = ", ".join([here, *found["onnx"]])
        fits = "" if found["fits"] else f"  {say('too large for this machine', 'メモリー不足')}"
        used = f"  [{in_use}]" if found["in_use"] else ""
        tell(
            f"{preset.name}  {' '.join(preset.languages)}  {kind}  {preset.weights_mb} MB"
            f"  {preset.licence}  {say('memory', 'メモリー')} {preset.memory_mb} MB"
            f"  {here}{fits}{used}"
        )


@app.command("show", help=describing.MODELS_SHOW)
def show(name: NameArgument, *, as_json: Json = False) -> None:
    """Explains one model and how it is put to use."""
    if name == EMBEDDED_MODEL.name:
        _show_embedded(as_json=as_json)
        return
    preset, settings = find_known(name), load_settings()
    if as_json:
        emit(_describe(preset, settings))
        return
    reranks = not preset.dimension
    tell(f"{preset.name}: {preset.ja if LANGUAGE == 'ja' else preset.en}")
    facts = [
        (say("Languages", "言語"), " ".join(preset.languages)),
        (say("Licence", "ライセンス"), preset.licence),
        (say("Parameters", "パラメーター"), f"{preset.parameters} M ({preset.weights_mb} MB)"),
        (say("Memory", "メモリー"), f"{preset.memory_mb} MB"),
        (say("Longest text", "最大長"), f"{preset.longest} tokens"),
    ]
    if not reranks:
        facts.append((say("Dimension", "次元"), str(preset.dimension)))
        facts.append(
            (say("Prompts", "前置き"), f"{preset.query_prompt!r} {preset.document_prompt!r}")
        )
    for label, value in facts:
        tell(f"  {label}: {value}")
    setting = "KURA_RERANKER" if reranks else "KURA_EMBEDDING_MODEL"
    then = say("restart", "再起動") if reranks else "kura reindex"
    tell(say("To use it:", "使うには:"))
    tell(f"  KURA_ALLOW_DOWNLOADS=true kura models warm {preset.name}")
    tell(f"  {setting}={preset.name}  → {then}")
    if preset.fits_onnx:
        tell(say("Faster on a CPU:", "CPU でさらに速くするには:"))
        tell(f"  kura models export {preset.name} --int8")
        tell(f"  KURA_HUB_BACKEND=onnx-int8  → {then}")


def _show_embedded(*, as_json: bool) -> None:
    facts = {"name": EMBEDDED_MODEL.name, "languages": ["ja", "en"], "licence": "CC BY-SA 4.0"}
    card = EMBEDDED_MODEL / "README.md"
    if as_json:
        emit({**facts, "folder": str(EMBEDDED_MODEL), "card": str(card)})
        return
    tell(f"{EMBEDDED_MODEL.name}: {say('the built-in model, on a CPU', '内蔵モデル。CPU で動作')}")
    tell(f"  {say('Languages', '言語')}: ja en")
    tell(f"  {say('Licence', 'ライセンス')}: {facts['licence']}")
    tell(f"  {say('Card', 'モデルカード')}: {card}")
    tell(say("To use it: leave KURA_EMBEDDING_MODEL out.", "使うには: KURA_EMBEDDING_MODEL を外す"))


@app.command("check", help=describing.MODELS_CHECK)
def check(name: CheckedArgument = None, *, as_json: Json = False) -> None:
    """Loads a model and sees whether it tells an answer from something else."""
    settings = load_settings()
    wanted = name_reachable(name or settings.embedding_model, settings)
    findings = (
        _try_reranker(wanted, settings) if is_reranker(wanted, settings) else _try(wanted, settings)
    )
    if as_json:
        emit({**asdict(findings), "sound": findings.sound})
    else:
        _tell_findings(findings)
    raise typer.Exit(Exit.OK if findings.sound else Exit.FAILED)


@app.command("warm", help=describing.MODELS_WARM)
def warm(name: NameArgument, *, as_json: Json = False) -> None:
    """Brings a model onto this machine, where that is allowed."""
    from retrieval.embedding.presence import find_or_fetch, require_onnx

    settings = load_settings()
    name = name_reachable(name, settings)
    folder = find_or_fetch(name, settings.hub_backend, allow_download=settings.allow_downloads)
    if settings.hub_backend.is_onnx and not is_static(folder):
        require_onnx(folder, settings.hub_backend, name)
    if as_json:
        emit({"name": name, "folder": str(folder)})
    else:
        tell(say(f"{name} is here: {folder}", f"{name} は取得済みです: {folder}"))


def _describe(preset: "Preset", settings: Settings) -> dict[str, Any]:
    from retrieval.embedding.backends import Backend
    from retrieval.embedding.presence import find_on_disk, find_onnx

    folder = find_on_disk(preset.name)
    fits = preset.memory_mb < psutil.virtual_memory().available / _MEGABYTE
    return {
        **asdict(preset),
        "weights_mb": preset.weights_mb,
        "memory_mb": preset.memory_mb,
        "on_disk": str(folder) if folder else None,
        "onnx": [each for each in Backend if folder and find_onnx(folder, each)],
        "fits": fits,
        "in_use": preset.name in {settings.embedding_model, settings.reranker},
    }


def _try(name: str, settings: Settings) -> Findings:
    from app.bootstrap import open_store
    from app.equipping import build_embedder
    from retrieval.embedding.adapted import AdaptedModels

    with open_store(settings) as catalog:
        live = catalog.generations.live()
    started = time.monotonic()
    embedder: Embedder = build_embedder(settings.model_copy(update={"embedding_model": name}))
    if live is not None:  # what was adapted from it is what serves
        embedder = AdaptedModels(settings.home).serving(live.fingerprint, embedder)
    seconds = time.monotonic() - started
    scores = {}
    for language, (question, *texts) in _PAIRS.items():
        near, far = embedder.embed_documents(texts) @ embedder.embed_query(question)
        scores[language] = (float(near), float(far))
    started = time.monotonic()
    embedder.embed_documents([f"{_PAIRS['ja'][1]} {number}" for number in range(32)])
    speed = 32 / max(time.monotonic() - started, 1e-6)
    stamped = live.fingerprint == embedder.fingerprint if live else None
    return Findings(
        name,
        scores,
        _languages(name),
        seconds,
        speed,
        embedder.dimension,
        stamped,
        backend="" if is_static(Path(name)) else settings.hub_backend,
    )


def _try_reranker(name: str, settings: Settings) -> Findings:
    from retrieval.embedding.cross_encoder import CrossEncoderReranker

    reranker: Reranker = CrossEncoderReranker(
        name,
        settings.hub_backend,
        device=settings.device or None,
        allow_download=settings.allow_downloads,
    )
    started = time.monotonic()
    reranker.score("", [])
    loaded = time.monotonic()
    scores = {}
    for language, (question, *texts) in _PAIRS.items():
        near, far = reranker.score(question, texts)
        scores[language] = (near, far)
    speed = 2 * len(_PAIRS) / max(time.monotonic() - loaded, 1e-6)
    languages, backend = _languages(name), settings.hub_backend
    return Findings(name, scores, languages, loaded - started, speed, backend=backend)


def _languages(name: str) -> tuple[str, ...]:
    from retrieval.embedding.presets import find_preset

    preset = find_preset(name)
    return preset.languages if preset else tuple(_PAIRS)


def _tell_findings(found: Findings) -> None:
    tell(f"{found.name}  ({' '.join([platform.machine(), found.backend]).rstrip()})")
    tell(say(f"  loaded in {found.seconds:.1f} s", f"  読み込み {found.seconds:.1f} 秒"))
    tell(say(f"  {found.per_second:.0f} texts a second", f"  毎秒 {found.per_second:.0f} 文"))
    if found.dimension:
        tell(say(f"  dimension {found.dimension}", f"  次元 {found.dimension}"))
    for language, (near, far) in found.scores.items():
        sign = "✓" if near > far else "✗"
        tell(
            say(
                f"  {sign} {language}: answer {near:.3f}, something else {far:.3f}",
                f"  {sign} {language}: 答え {near:.3f}、無関係な文 {far:.3f}",
            )
        )
    if found.stamped is False:
        tell(
            say(
                "  The vectors in use were made by another model: run `kura reindex`.",
                "  使用中のベクトルは別のモデルのものです。「kura reindex」を実行してください。",
            )
        )
