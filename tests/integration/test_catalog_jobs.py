"""The queue: one job goes to one worker, and what was abandoned is done after all."""

import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from retrieval.catalog import Catalog, Job, JobState
from retrieval.errors import Invalid, NotFound

ROOT = Path(__file__).parents[2]


def ask(catalog: Catalog, owner: str = "hanako", priority: int = 10) -> Job:
    return catalog.jobs.enqueue("ingest", {"source": "規程集"}, owner=owner, priority=priority)


def claim(catalog: Catalog) -> Job:
    job = catalog.jobs.claim()
    assert job is not None
    return job


def test_a_job_goes_from_queued_over_running_to_its_end(catalog: Catalog) -> None:
    asked = ask(catalog)
    assert (asked.state, asked.payload, asked.started_at) == ("queued", {"source": "規程集"}, None)
    running = claim(catalog)
    assert (running.id, running.state) == (asked.id, JobState.RUNNING)
    assert running.started_at is not None
    catalog.jobs.report_progress(asked.id, {"done": 3, "of": 9})
    shown = catalog.jobs.get(asked.id)
    assert shown.progress == {"done": 3, "of": 9}
    assert shown.heartbeat_at is not None
    assert shown.heartbeat_at >= running.started_at
    catalog.jobs.finish(asked.id, "succeeded", {"added": ["a.txt"]})
    ended = catalog.jobs.get(asked.id)
    assert (ended.state, ended.report) == (JobState.SUCCEEDED, {"added": ["a.txt"]})
    assert ended.finished_at is not None


def test_small_priorities_go_first_and_then_the_oldest(catalog: Catalog) -> None:
    asked = [ask(catalog, priority=priority) for priority in (10, 10, 1, 20, 1)]
    order = [asked[index].id for index in (2, 4, 0, 1, 3)]
    assert [claim(catalog).id for _ in asked] == order
    assert catalog.jobs.claim() is None


def test_threads_never_claim_the_same_job(catalog: Catalog) -> None:
    asked = {ask(catalog).id for _ in range(40)}
    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda _: claim(catalog).id, range(40)))
    assert sorted(claimed) == sorted(asked)


CLAIMER = """
    import sys
    from pathlib import Path
    from retrieval.catalog import Catalog

    with Catalog(Path(sys.argv[1])) as catalog:
        while job := catalog.jobs.claim():
            sys.stdout.write(job.id + "\\n")
"""


def test_processes_never_claim_the_same_job(catalog: Catalog) -> None:
    asked = {ask(catalog).id for _ in range(60)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(CLAIMER), str(catalog.database.path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(2)
    ]
    claimed = [line for process in processes for line in process.communicate()[0].split()]
    assert [process.returncode for process in processes] == [0, 0]
    assert sorted(claimed) == sorted(asked)


def test_a_queued_job_is_cancelled_at_once(catalog: Catalog) -> None:
    job = ask(catalog)
    assert catalog.jobs.cancel(job.id)
    assert catalog.jobs.get(job.id).state is JobState.CANCELLED
    assert catalog.jobs.claim() is None
    assert not catalog.jobs.cancel(job.id)


def test_a_running_job_is_told_to_stop(catalog: Catalog) -> None:
    job = ask(catalog)
    claim(catalog)
    assert not catalog.jobs.is_cancelled(job.id)
    assert catalog.jobs.cancel(job.id)
    assert catalog.jobs.is_cancelled(job.id)
    assert catalog.jobs.get(job.id).state is JobState.RUNNING
    catalog.jobs.finish(job.id, JobState.CANCELLED, {})
    assert catalog.jobs.get(job.id).state is JobState.CANCELLED


def test_what_is_over_or_unknown_cannot_be_cancelled(catalog: Catalog) -> None:
    job = ask(catalog)
    claim(catalog)
    catalog.jobs.finish(job.id, "failed", {"code": "catalog-unavailable"})
    assert not catalog.jobs.cancel(job.id)
    assert not catalog.jobs.cancel("nothing")


def test_an_ended_job_stays_as_it_ended(catalog: Catalog) -> None:
    job = ask(catalog)
    claim(catalog)
    catalog.jobs.finish(job.id, "failed", {"code": "x"})
    catalog.jobs.finish(job.id, "succeeded", {})
    catalog.jobs.report_progress(job.id, {"done": 1})
    ended = catalog.jobs.get(job.id)
    assert (ended.state, ended.report, ended.progress) == (JobState.FAILED, {"code": "x"}, {})


def test_a_job_cannot_end_in_a_state_that_is_no_end(catalog: Catalog) -> None:
    with pytest.raises(Invalid, match="running"):
        catalog.jobs.finish(ask(catalog).id, "running", {})


def test_abandoned_jobs_are_queued_again_unless_they_were_to_stop(catalog: Catalog) -> None:
    ended, again, stopped = (ask(catalog) for _ in range(3))
    for _ in range(3):
        claim(catalog)
    catalog.jobs.finish(ended.id, "succeeded", {})
    catalog.jobs.cancel(stopped.id)
    assert catalog.jobs.requeue_abandoned() == 1
    states = [catalog.jobs.get(job.id).state for job in (ended, again, stopped)]
    assert states == ["succeeded", "queued", "cancelled"]
    assert claim(catalog).id == again.id


def test_pending_tells_of_queued_jobs_that_should_go_before(catalog: Catalog) -> None:
    ask(catalog, priority=10)
    assert not catalog.jobs.pending(below_priority=10)
    ask(catalog, priority=1)
    assert catalog.jobs.pending(below_priority=10)
    claim(catalog)
    assert not catalog.jobs.pending(below_priority=10)


def test_jobs_are_listed_newest_first_and_by_owner(catalog: Catalog) -> None:
    first, second, third = (ask(catalog, owner) for owner in ("hanako", "taro", "hanako"))
    assert [job.id for job in catalog.jobs.list()] == [third.id, second.id, first.id]
    assert [job.id for job in catalog.jobs.list("hanako")] == [third.id, first.id]
    assert [job.id for job in catalog.jobs.list(limit=1)] == [third.id]


def test_an_unknown_job_is_named(catalog: Catalog) -> None:
    with pytest.raises(NotFound, match="job 'nothing'"):
        catalog.jobs.get("nothing")
