"""`kura ingest --plan`: what an ingestion would do, without doing it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli.speaking import LANGUAGE, Exit, emit, say, tell, warn
from app.settings import Settings
from retrieval.catalog import Catalog, Source
from retrieval.errors import KuraError

if TYPE_CHECKING:
    from ingestion.planning import Plan

SHOWN = 50
"""How many names of one kind are listed before the rest is only counted."""


def show_plans(
    settings: Settings,
    catalog: Catalog,
    sources: Sequence[Source],
    *,
    confirmed: bool,
    as_json: bool,
) -> Exit:
    """Prints the plan of each source, or why there is none; returns the exit status."""
    plans, faults = _make_plans(settings, catalog, sources, confirmed=confirmed)
    if as_json:
        broken = [
            {"source": name, "error": {"code": error.code, "message": error.message(LANGUAGE)}}
            for name, error in faults.items()
        ]
        emit([*(plan.as_json() for plan in plans), *broken])
    else:
        for plan in plans:
            _show(plan)
    for name, error in faults.items():
        warn(f"{name}: {error.message(LANGUAGE)}")
    return Exit.FAILED if faults else Exit.OK


def _make_plans(
    settings: Settings, catalog: Catalog, sources: Sequence[Source], *, confirmed: bool
) -> "tuple[list[Plan], dict[str, KuraError]]":
    """Returns the plans, and what went wrong by name of the source: none harms another."""
    from app.bootstrap import build_lister
    from app.equipping import find_vocabulary
    from ingestion.reading.recognition import find_tesseract
    from ingestion.rehearsing import plan_run

    abilities = "tesseract" if find_tesseract() else ""
    lister = build_lister(settings)
    plans, faults = [], {}
    for each in sources:
        try:
            plan = plan_run(
                catalog,
                each,
                abilities,
                allow_removals=confirmed,
                lister=lister,
                vocabulary=find_vocabulary(settings),
            )
        except KuraError as error:
            faults[each.name] = error
        else:
            plans.append(plan)
    return plans, faults


def _show(plan: "Plan") -> None:
    kinds = {
        say("add", "追加"): plan.add,
        say("change", "変更"): plan.change,
        say("move", "移動"): plan.move,
        say("remove", "削除"): plan.remove,
        say("hold", "保留"): plan.hold,
    }
    counts = say(", ", "、").join(f"{name} {len(items)}" for name, items in kinds.items())
    tell(f"{plan.source}: {counts}, {say('unchanged', '変更なし')} {plan.unchanged}")
    for name, items in kinds.items():
        for external_id, reason in list(items.items())[:SHOWN]:
            tell(f"  {name}  {external_id}  ({reason})")
        if (rest := len(items) - SHOWN) > 0:
            tell(say(f"  and {rest} more", f"  ほか {rest} 件"))
