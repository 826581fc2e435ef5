"""Finds out what a run has to do, changing nothing: what to read, retag, move, remove or hold."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ingestion import gates
from ingestion.gates import Signature, Step, Task
from ingestion.model import Listing, SourceItem
from ingestion.moving import Move, find_moves
from ingestion.sidecar import Ruling, Sidecar
from ingestion.sources.kinds import names_departments
from retrieval.catalog import DocumentState, Past, Source
from retrieval.identity import file_hash

_NOTHING_PAST: Mapping[str, Past] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Occasion:
    """What holds for a whole run.

    Attributes:
        recipe: How files are read, cleaned and cut.
        means: Hash of the passwords and programs at hand.
        is_confirmed: Whether unusual removals and shrinking were confirmed.
        tagging: How what was read is tagged; another way tags stored texts again.
    """

    recipe: str
    means: str = ""
    is_confirmed: bool = False
    tagging: str = ""

    @property
    def settled(self) -> frozenset[str]:
        """The means with which a held or failed document needs no other try."""
        return frozenset({self.means} if self.is_confirmed else {self.means, gates.SHRUNK})


@dataclass(frozen=True, slots=True)
class Survey:
    """What a source has, beside what the catalog has of it."""

    listing: Listing
    states: Mapping[str, DocumentState]
    tasks: tuple[tuple[Step, Task], ...]
    moves: tuple[Move, ...]
    missing: Mapping[str, DocumentState]
    held: str  # why what is missing stays, "" when it may go


@dataclass(slots=True)
class Plan:
    """What a run would do, by external id, each with its reason."""

    source: str
    add: dict[str, str] = field(default_factory=dict)
    change: dict[str, str] = field(default_factory=dict)
    move: dict[str, str] = field(default_factory=dict)
    remove: dict[str, str] = field(default_factory=dict)
    hold: dict[str, str] = field(default_factory=dict)
    unchanged: int = 0

    def as_json(self) -> dict[str, Any]:
        """Returns the values by name."""
        return asdict(self)


def survey_source(
    source: Source,
    listing: Listing,
    sidecar: Sidecar,
    states: Mapping[str, DocumentState],
    occasion: Occasion,
    past: Mapping[str, Past] = _NOTHING_PAST,
) -> Survey:
    """Returns what each item needs, what moved and what is missing."""
    missing = dict(gates.list_missing(states, listing.items))
    moves: list[Move] = []
    if missing and listing.complete:
        fresh = [item for item in listing.items if item.external_id not in states]
        moves = find_moves(fresh, missing, _hash)
    for move in moves:
        del missing[move.before]
    moved = {move.item.external_id for move in moves}
    found = {move.item.external_id: move.state for move in moves}
    contents = group_contents(states)
    tasks: list[tuple[Step, Task]] = []
    default = Ruling(source.access, source.department, source.owner, source.tags)
    by_folder = names_departments(source.kind)
    for item in listing.items:
        ruling = sidecar.rule_on(item.external_id, default)
        if by_folder and not ruling.department:
            ruling = replace(ruling, department=_first_folder(item.external_id))
        task = make_task(item, ruling, _state_of(item, found, states), occasion)
        if task.state is not None and task.state.id in contents:
            task = replace(task, contents=contents[task.state.id])
        if past:
            task = _take_up(task, past)
        step = gates.choose_step(task.state, task.now, occasion.settled)
        if item.external_id in moved and not gates.is_of_another_recipe(task.state, task.now):
            step = Step.NOTHING  # moving it brings it under its new rules
        tasks.append((step, task))
    held = _find_hold(listing, states, missing, confirmed=occasion.is_confirmed)
    return Survey(listing, states, tuple(tasks), tuple(moves), missing, held)


def _state_of(
    item: SourceItem, moved: Mapping[str, DocumentState], states: Mapping[str, DocumentState]
) -> DocumentState | None:
    return moved.get(item.external_id) or states.get(item.external_id)


def _take_up(task: Task, past: Mapping[str, Past]) -> Task:
    """Returns a task with what is known of the documents that were here once, and may be back."""
    ruling = task.ruling
    if task.state is None:
        ruling = gates.keep_narrowing(past.get(task.item.external_id), task.now, ruling)
    return replace(task, ruling=ruling, past=past)


def make_task(
    item: SourceItem, ruling: Ruling, state: DocumentState | None, occasion: Occasion
) -> Task:
    """Returns an item's task, with what a person edited kept."""
    hashed = gates.hash_ruling(ruling, occasion.tagging)
    now = Signature(occasion.recipe, item.signature, hashed)
    if state is None or state.signature != str(now):  # else nothing is done with the ruling
        ruling = gates.keep_edits(state, now, ruling)
    return Task(item, ruling, now, state, occasion.means)


def list_outdated(
    states: Mapping[str, DocumentState], but: Container[str], occasion: Occasion
) -> Iterator[Task]:
    """Yields the tasks of uploaded documents that would be tagged otherwise now.

    No listing tells the rules they stand under; those are what the catalog has, as derived.

    Args:
        states: What the catalog has of the source.
        but: The external ids of those that are uploaded anew.
        occasion: What holds for this run.
    """
    contents = group_contents(states)
    for name, state in states.items():
        if state.parent_id is not None or name in but:
            continue
        about = state.metadata
        found = {origin.tag for origin in about.tag_origins}
        tags = tuple(tag for tag in about.tags if tag not in found)
        owner = about.owner if "/" in name else ""  # else it was found in the text
        ruling = Ruling(state.access, about.department, owner, tags)
        hashed = gates.hash_ruling(ruling, occasion.tagging)
        before = Signature.parse(state.signature)
        if before.facts == replace(before, ruling=hashed).facts:
            continue
        modified_at = about.modified_at or datetime.fromtimestamp(0, UTC)
        item = SourceItem(name, Path(), 0, modified_at, before.item)
        now = replace(before, ruling=hashed)
        yield Task(item, ruling, now, state, contents=contents.get(state.id, {}))


def group_contents(
    states: Mapping[str, DocumentState],
) -> dict[str, dict[str, DocumentState]]:
    """Returns the documents that lie in others, by the id of those."""
    found: dict[str, dict[str, DocumentState]] = defaultdict(dict)
    for name, state in states.items():
        if state.parent_id is not None:
            found[state.parent_id][name] = state
    return dict(found)


def make_plan(source: Source, survey: Survey) -> Plan:
    """Returns what a run would do; changed files are hashed, and none is read."""
    plan = Plan(source.name)
    moved = {move.item.external_id: move for move in survey.moves}
    for step, task in survey.tasks:
        name = task.item.external_id
        if name in moved:
            plan.move[name] = f"same content as {moved[name].before}"
        elif step is Step.NOTHING:
            _plan_nothing(plan, name, task)
        elif step is Step.RULE:
            plan.change[name] = "access or tags"
        elif task.state is None:
            plan.add[name] = "new"
        else:
            _plan_reading(plan, name, task, task.state)
    target = plan.hold if survey.held else plan.remove
    target.update(dict.fromkeys(sorted(survey.missing), survey.held or "no longer in the source"))
    return plan


def _plan_nothing(plan: Plan, name: str, task: Task) -> None:
    if task.state is not None and task.state.reason:
        plan.hold[name] = task.state.reason
    else:
        plan.unchanged += 1


def _plan_reading(plan: Plan, name: str, task: Task, state: DocumentState) -> None:
    before = Signature.parse(state.signature)
    if before.recipe != task.now.recipe:
        plan.change[name] = "read in another way"
    elif not state.text_hash:
        plan.change[name] = f"another try: {state.reason}"
    elif _hash(task.item) == state.content_hash:
        plan.unchanged += 1
    else:
        plan.change[name] = "content"


def _find_hold(
    listing: Listing,
    states: Mapping[str, DocumentState],
    missing: Mapping[str, DocumentState],
    *,
    confirmed: bool,
) -> str:
    """Returns why missing documents stay, "" when they may be removed."""
    if not missing:
        return ""
    if not listing.complete:
        return "the listing is not complete"
    known = sum(1 for state in states.values() if state.parent_id is None)
    if confirmed or not gates.hold_back(known, len(missing), len(listing.items)):
        return ""
    return "the source is empty" if not listing.items else "unusually many are missing"


def _hash(item: SourceItem) -> str:
    try:
        return file_hash(item.path)
    except (OSError, ValueError):
        return ""


def _first_folder(external_id: str) -> str:
    first, slash, _ = external_id.partition("/")
    return first if slash else ""
