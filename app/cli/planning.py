"""`kura ingest --plan`: what an ingestion would do, without doing it."""

from collections.abc import Sequence

from app.cli.speaking import emit, say, tell
from retrieval.catalog import Catalog, Source

SHOWN = 50
"""How many names of one kind are listed before the rest is only counted."""


def show_plans(
    catalog: Catalog, sources: Sequence[Source], *, confirmed: bool, as_json: bool
) -> None:
    """Prints the plan of each source.

    Raises:
        KuraError: A source cannot be listed, or its rules cannot be understood.
    """
    from ingestion.pipeline import plan_run
    from ingestion.reading.recognition import find_tesseract

    abilities = "tesseract" if find_tesseract() else ""
    plans = [plan_run(catalog, each, abilities, allow_removals=confirmed) for each in sources]
    if as_json:
        emit([plan.as_json() for plan in plans])
        return
    for plan in plans:
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
