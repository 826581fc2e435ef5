"""What can be set, in one place: the only reader of the environment.

Values come from ``KURA_*`` variables, then from ``.env`` in the working folder, then from ``.env``
in the state folder, then from the defaults here. Nothing else in the project looks at them.
"""

import difflib
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.meanings import MEANINGS
from retrieval.errors import KuraError, Language

PREFIX = "KURA_"
PROJECT = Path(__file__).resolve().parents[1]
SAMPLE_FOLDER = PROJECT / "data" / "documents"
EMBEDDED_MODEL = PROJECT / "data" / "models" / "kura-static"


class WrongSetting(KuraError):
    """A setting has a value that is not allowed; nothing was started."""

    code = "wrong-setting"
    ja = "設定 {name} の値「{value}」は使えません。使える値: {allowed_ja}"
    en = "The setting {name} has the value {value!r}, which is not allowed. Allowed: {allowed_en}"


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


def _web_address(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if scheme not in {"http", "https"} or not separator or not rest.strip("/") or " " in rest:
        raise ValueError
    return value.rstrip("/")


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """All settings, checked. Sizes in MB are 2**20 bytes, times in seconds."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, validate_default=True
    )

    home: Annotated[Path, AfterValidator(_absolute)] = Field(default_factory=default_home)
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+$")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8420
    embedding_model: Annotated[str, Field(min_length=1)] = str(EMBEDDED_MODEL)
    query_prompt: str = ""
    document_prompt: str = ""
    allow_downloads: bool = False
    ollama_url: Annotated[str, AfterValidator(_web_address)] = "http://127.0.0.1:11434"
    model: str = ""
    num_ctx: Annotated[int, Field(ge=2048, le=262144)] = 8192
    max_answer_tokens: Annotated[int, Field(ge=64, le=16384)] = 768
    answer_timeout_s: Annotated[float, Field(ge=1, le=3600)] = 180.0
    max_upload_mb: Annotated[int, Field(ge=1, le=10240)] = 200
    allowed_origins: Names = ()
    trusted_hosts: Names = ()
    readers: Annotated[int, Field(ge=1, le=32)] = 2
    read_timeout_s: Annotated[float, Field(ge=1, le=3600)] = 120.0
    read_memory_mb: Annotated[int, Field(ge=256, le=65536)] = 4096
    max_file_mb: Annotated[int, Field(ge=1, le=10240)] = 200
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
    ] = "warning"
    language: Language = Field(default_factory=system_language)
    evaluation: Path | None = None

    @model_validator(mode="after")
    def _answer_fits_window(self) -> "Settings":
        if self.max_answer_tokens * 2 > self.num_ctx:
            raise wrong("max_answer_tokens", self.max_answer_tokens)
        return self

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
    named = changed.get("home") or os.environ.get("KURA_HOME")
    if not named and here.is_file():
        named = dotenv_values(here).get("KURA_HOME")
    home = _absolute(Path(str(named))) if named else default_home()
    return (home / ".env", here)


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
        if file.is_file():
            present |= {name.upper() for name in dotenv_values(file)}
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
    except WrongSetting:
        return system_language()
