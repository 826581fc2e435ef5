"""What can be set, in one place: the only reader of the environment.

Values come from ``KURA_*`` variables, then from ``.env`` in the working folder, then from ``.env``
in the state folder, then from the defaults here. Nothing else in the project looks at them.
"""

import difflib
import ipaddress
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from dotenv.parser import parse_stream
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.meanings import MEANINGS
from app.scheduling import NIGHTLY, check_schedule
from retrieval.embedding.backends import Backend
from retrieval.errors import KuraError, Language

PREFIX = "KURA_"
PROJECT = Path(__file__).resolve().parents[1]
SAMPLE_FOLDER = PROJECT / "data" / "documents"
SAMPLE_FORMS = PROJECT / "data" / "forms"
EMBEDDED_MODEL = PROJECT / "data" / "models" / "kura-static"


class WrongSetting(KuraError):
    """A setting has a value that is not allowed; nothing was started."""

    code = "wrong-setting"
    ja = "設定 {name} の値「{value}」は使えません。使える値: {allowed_ja}"
    en = "The setting {name} has the value {value!r}, which is not allowed. Allowed: {allowed_en}"


class UnreadableFile(WrongSetting):
    """A ``.env`` file cannot be read, or a line of it is not a setting."""

    code = "unreadable-settings"
    ja = "設定ファイル {path} を読めません: {reason_ja}。"
    en = "The settings file {path} cannot be read: {reason_en}."


class HomeUnusable(WrongSetting):
    """The state folder cannot be made, or not be written."""

    code = "home-unusable"
    ja = "状態フォルダー {home} を使えません: {reason}。書き込める KURA_HOME を指定してください。"
    en = "The state folder {home} cannot be used: {reason}. Set KURA_HOME to one you may write."


def default_home() -> Path:
    """Returns ``var`` beside a checkout, or ``~/.kura`` for an installed package."""
    if (PROJECT / "pyproject.toml").is_file():
        return PROJECT / "var"
    return Path.home() / ".kura"


def system_language() -> Language:
    """Returns the language that LC_ALL, LC_MESSAGES or LANG names; English unless Japanese."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "ja" if value.lower().startswith("ja") else "en"
    return "en"


def _split(value: object) -> object:
    """Turns ``a, b`` into a tuple; anything but text is left alone."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - resolve() follows links


def _expand(value: str) -> str:
    return os.path.expanduser(value)  # noqa: PTH111 - names of the hub are no paths


def _absolute_if_any(path: Path | None) -> Path | None:
    return None if path is None else _absolute(path)


def _roots(values: tuple[str, ...]) -> tuple[str, ...]:
    if not all(Path(value).expanduser().is_absolute() for value in values):
        raise ValueError
    return values


def _web_address(value: str) -> str:
    parts = urlsplit(value)  # the port, too, raises ValueError when it is none
    usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    if not usable or re.search(r"\s", value):
        raise ValueError
    return value.rstrip("/")


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    addresses = tuple(_web_address(value) for value in values)
    if any(urlsplit(address).path or "?" in address or "@" in address for address in addresses):
        raise ValueError
    return addresses


def _host_names(values: tuple[str, ...]) -> tuple[str, ...]:
    if not all(re.fullmatch(r"[A-Za-z0-9_.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\]", name) for name in values):
        raise ValueError
    return values


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """All settings, checked. Sizes in MB are 2**20 bytes, times in seconds."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix=PREFIX,
        extra="ignore",
        frozen=True,
        validate_default=True,
        env_ignore_empty=True,
        env_file_encoding="utf-8-sig",
    )

    home: Annotated[Path, AfterValidator(_absolute)] = Field(default_factory=default_home)
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+$")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8420
    embedding_model: Annotated[str, Field(min_length=1), AfterValidator(_expand)] = str(
        EMBEDDED_MODEL
    )
    query_prompt: str = ""
    document_prompt: str = ""
    reranker: Annotated[str, AfterValidator(_expand)] = ""
    reranker_budget_s: Annotated[float, Field(gt=0, le=60)] = 1.0
    hub_backend: Annotated[Backend, BeforeValidator(_lower)] = Backend.TORCH
    device: Annotated[str, Field(pattern=r"^((cpu|mps|cuda)(:\d+)?)?$")] = ""
    allow_downloads: bool = False
    glossary: Annotated[Path | None, AfterValidator(_absolute_if_any)] = None
    vocabulary: Annotated[Path | None, AfterValidator(_absolute_if_any)] = None
    forms: Annotated[Path | None, AfterValidator(_absolute_if_any)] = None
    chat_url: Annotated[str, AfterValidator(_web_address)] = "http://127.0.0.1:11434"
    chat_key_file: Annotated[Path, AfterValidator(_absolute)] | None = None
    allow_cloud: bool = False
    model: str = ""
    num_ctx: Annotated[int, Field(ge=2048, le=262144)] = 8192
    max_answer_tokens: Annotated[int, Field(ge=64, le=16384)] = 768
    thinking_tokens: Annotated[int, Field(ge=0, le=65536)] = 0
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.1
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.9
    keep_alive: Annotated[str, Field(pattern=r"^-?\d+[smh]$")] = "30m"
    answer_timeout_s: Annotated[float, Field(ge=1, le=3600)] = 180.0
    unproved: Literal["withhold", "mark"] = "withhold"
    model_parallel: Annotated[int, Field(ge=1, le=256)] = 1
    model_queue: Annotated[int, Field(ge=1, le=1000)] = 20
    queue_wait_s: Annotated[float, Field(ge=1, le=3600)] = 60.0
    keep_conversations_days: Annotated[int, Field(ge=0, le=3650)] = 90
    max_upload_mb: Annotated[int, Field(ge=1, le=10240)] = 200
    allowed_origins: Annotated[Names, AfterValidator(_origins)] = ()
    trusted_hosts: Annotated[Names, AfterValidator(_host_names)] = ()
    sources: Annotated[Path | None, AfterValidator(_absolute_if_any)] = None
    schedule: Annotated[str, AfterValidator(check_schedule)] = NIGHTLY
    folder_roots: Annotated[Names, AfterValidator(_roots)] = ()
    readers: Annotated[int, Field(ge=1, le=32)] = 2
    read_timeout_s: Annotated[float, Field(ge=1, le=3600)] = 120.0
    read_memory_mb: Annotated[int, Field(ge=256, le=65536)] = 4096
    max_file_mb: Annotated[int, Field(ge=1, le=10240)] = 200
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = (
        "warning"
    )
    language: Annotated[Language, BeforeValidator(_lower)] = Field(default_factory=system_language)

    @model_validator(mode="after")
    def _answer_fits_window(self) -> "Settings":
        if self.max_answer_tokens * 2 > self.num_ctx:
            raise wrong("max_answer_tokens", self.max_answer_tokens)
        if self.thinking_tokens * 2 > self.num_ctx:
            raise wrong("thinking_tokens", self.thinking_tokens)
        return self

    @property
    def sources_file(self) -> Path:
        """Where sources are declared; the file need not be there."""
        return self.sources or self.home / "sources.toml"

    @property
    def open_to_network(self) -> bool:
        """Whether machines other than this one can reach the server."""
        if self.host == "localhost":
            return False
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return True


@dataclass(frozen=True, slots=True)
class Unknown:
    """A variable with the project's prefix that no setting reads."""

    name: str
    nearest: str | None


def wrong(field: str, value: object) -> WrongSetting:
    """Returns the error that names a setting, its value and what is allowed."""
    meaning = MEANINGS[field]
    return WrongSetting(
        name=PREFIX + field.upper(),
        value=value,
        allowed_en=meaning.allowed_en,
        allowed_ja=meaning.allowed_ja,
    )


def _files(changed: dict[str, object]) -> tuple[Path, ...]:
    """Returns the ``.env`` files to read, the stronger one last."""
    here = Path.cwd() / ".env"
    named = changed.get("home") or os.environ.get("KURA_HOME") or _read_file(here).get("KURA_HOME")
    home = _absolute(Path(str(named))) if named else default_home()
    return tuple(file for file in (home / ".env", here) if _read_file(file))


def _read_file(path: Path) -> dict[str, str | None]:
    """Returns what a ``.env`` file sets, nothing when there is none.

    Raises:
        UnreadableFile: It is no text in UTF-8, or one of its lines sets nothing.
    """
    try:
        if not path.is_file():
            return {}
        with path.open(encoding="utf-8-sig") as stream:
            lines = list(parse_stream(stream))
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableFile(path=path, reason_en=reason, reason_ja=reason) from error
    except UnicodeDecodeError:
        raise UnreadableFile(
            path=path, reason_en="save it as UTF-8", reason_ja="UTF-8 で保存してください"
        ) from None
    for line in lines:
        if line.error:
            raise UnreadableFile(
                path=path,
                reason_en=f"line {line.original.line} is not of the form NAME=value",
                reason_ja=f"{line.original.line} 行目が「名前=値」の形ではありません",
            )
    return {line.key: line.value for line in lines if line.key}


def load_settings(**changed: object) -> Settings:
    """Reads and checks all settings; keyword arguments (from the command line) are strongest.

    Raises:
        WrongSetting: A value is not allowed.
    """
    chosen = {name: value for name, value in changed.items() if value is not None}
    try:
        return Settings(_env_file=_files(chosen), **chosen)  # type: ignore[call-arg,arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        raise wrong(str(first["loc"][0]), first["input"]) from None


def find_unknown() -> list[Unknown]:
    """Returns the ``KURA_`` variables nothing reads, each with the nearest name that exists."""
    known = {field.upper() for field in Settings.model_fields}
    present = {name.upper() for name in os.environ}
    for file in _files({}):
        present |= {name.upper() for name in _read_file(file)}
    unknown = {name.removeprefix(PREFIX) for name in present if name.startswith(PREFIX)} - known
    found = []
    for name in sorted(unknown):
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        found.append(Unknown(PREFIX + name, PREFIX + nearest[0] if nearest else None))
    return found


def console_language() -> Language:
    """Returns the language for help and messages, even when another setting is wrong."""
    try:
        return load_settings().language
    except WrongSetting:  # also one of its files: told by whoever loads them in earnest
        return system_language()
