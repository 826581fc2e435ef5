"""The part of `kura doctor` that looks at the chat model and at what would fit this machine."""

from contextlib import closing

from app.answering.model import ModelState
from app.cli.findings import Finding
from app.cli.speaking import LANGUAGE, say
from app.settings import Settings, WrongSetting

_SHOWN = 6


def check_model(settings: Settings) -> Finding:
    """Returns whether server, model and window are right, and whether text leaves for it."""
    from app.bootstrap import find_chat_model

    try:
        with closing(find_chat_model(settings)) as model:
            state, name = model.state(), model.name
    except WrongSetting as error:
        return Finding("model", "fail", error.message(LANGUAGE))
    where = settings.chat_url
    if not state.usable:
        remedy = state.remedy.text(LANGUAGE) if state.remedy else ""
        return Finding("model", "warn", f"{where}: {state.reason_code}", remedy)
    window = say(f"{state.window} tokens", f"{state.window} トークン")
    if state.thinking:
        window += say(f", {state.thinking} more to think", f"、思考用に別に {state.thinking}")
    if resting := ask_server(settings):
        return Finding(
            "model",
            "warn",
            say(
                f"{name} ({where}) kept failing; the server asks it again in {resting} s.",
                f"{name}（{where}）が続けて失敗したため、サーバーは {resting} 秒後まで使いません。",
            ),
            say("Look into the model server's log.", "モデルのサーバーのログを確認してください。"),
        )
    return _describe(f"{name} ({where}), {window}", state, settings)


def ask_server(settings: Settings) -> int:
    """Returns for how many seconds a running Kura leaves the model alone; 0 when none runs."""
    import httpx

    host = "127.0.0.1" if settings.open_to_network else settings.host
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    try:
        told = httpx.get(f"{address}/health/ready", trust_env=False, timeout=1.0).json()
        return int(told["model_resting_s"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return 0


def _describe(found: str, state: ModelState, settings: Settings) -> Finding:
    """Returns what to mind about a model that can be used."""
    if state.provider:
        message = say(
            f"{found}. Questions and parts of documents leave your network, to {state.provider}.",
            f"{found}。質問と文書の抜粋が社外の {state.provider} に送られます。",
        )
        remedy = say(
            "Set KURA_ALLOW_CLOUD=false to forbid it.",
            "禁じるには KURA_ALLOW_CLOUD=false を設定してください。",
        )
        return Finding("model", "warn", message, remedy)
    if not state.window_told:
        message = say(
            f"{found}, as KURA_NUM_CTX says: the server does not tell its window.",
            f"{found}（KURA_NUM_CTX の値。サーバーは文脈の長さを答えません）。",
        )
        remedy = say(
            "Set KURA_NUM_CTX to the window the server was started with.",
            "サーバーを起動した時の文脈の長さを KURA_NUM_CTX に設定してください。",
        )
        return Finding("model", "warn", message, remedy)
    if state.window + state.thinking < settings.num_ctx:
        found = say(
            f"{found}; KURA_NUM_CTX asks for {settings.num_ctx}, so fewer passages are read.",
            f"{found}。KURA_NUM_CTX の {settings.num_ctx} より短いため、読める箇所が減ります。",
        )
    return Finding("model", "ok", found)


def check_presets(settings: Settings) -> Finding:
    """Returns which known models fit this machine; it need not be the one the model runs on."""
    from app.answering.fitting import Fit, find_fitting, look_at_machine, suggest_model
    from app.answering.presets import GIB

    def show(fit: Fit) -> str:
        return f"{fit.preset.title} {fit.precision} ({fit.size / GIB:.1f} GiB)"

    machine = look_at_machine()
    fitting = find_fitting(machine, settings.num_ctx)
    memory, gpu = machine.memory / GIB, machine.gpu / GIB
    room = say(f"{memory:.0f} GiB of memory", f"メモリー {memory:.0f} GiB")
    if gpu:
        room += say(f", GPU with {gpu:.0f} GiB", f"、GPU {gpu:.0f} GiB")
    if not fitting:
        return Finding(
            "presets",
            "warn",
            say(f"{room}: no known model fits.", f"{room}: 収まる既知のモデルがありません。"),
            say(
                "Point KURA_CHAT_URL at a larger machine, or lower KURA_NUM_CTX.",
                "KURA_CHAT_URL で大きな機械を指すか、KURA_NUM_CTX を下げてください。",
            ),
        )
    names = ", ".join(show(fit) for fit in fitting[:_SHOWN])
    if len(fitting) > _SHOWN:
        names += say(" and smaller ones", " と、より小さいもの")
    message = say(
        f"{room}; fit with a window of {settings.num_ctx}: {names}",
        f"{room}。文脈 {settings.num_ctx} で収まるもの: {names}",
    )
    pull = f"kura pull {suggest_model(fitting, machine)}"
    return Finding("presets", "ok", message, say(f"To get one: `{pull}`", f"取得: 「{pull}」"))
