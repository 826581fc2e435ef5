"""The compose file starts what exists: commands, options, settings and checks are real."""

import re
from pathlib import Path
from typing import Any, cast

import pytest
import typer
import typer.main
import yaml

from app.cli.program import app
from app.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
CALLS = [
    [*SERVICES["api"]["command"]],
    [*SERVICES["worker"]["command"]],
    [*SERVICES["worker"]["healthcheck"]["test"][1:]],
    [
        *re.findall(r"CMD \[(.*)\]", (ROOT / "Dockerfile").read_text())[0]
        .replace('"', "")
        .split(", ")
    ],
]


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_container_starts_a_command_that_exists_with_options_it_has(call: list[str]) -> None:
    assert call[0] == "kura"
    group = cast(Any, typer.main.get_command(app))
    command = group.commands[call[1]]
    command.make_context(call[1], call[2:], resilient_parsing=False)  # refuses unknown options


def test_the_containers_set_what_is_read() -> None:
    names = {name for each in SERVICES.values() for name in each.get("environment", {})}
    names |= set(re.findall(r"\b(KURA_[A-Z_]+)=", (ROOT / "Dockerfile").read_text()))
    assert names <= {PREFIX + field.upper() for field in Settings.model_fields} | {"TZ"}


@pytest.mark.parametrize("role", ["api", "worker"])
def test_the_schedule_goes_by_the_time_zone_that_env_names(role: str) -> None:
    assert SERVICES[role]["environment"]["TZ"] == "${TZ:-UTC}"


def test_only_this_machine_reaches_the_published_port() -> None:
    ports = [port for each in SERVICES.values() for port in each.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
