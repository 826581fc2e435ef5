"""Lists a web site: copies it into the mirror, asking only for what changed."""

import base64
import time
from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import SourceUnavailable
from ingestion.model import Listing, Tell
from ingestion.sources.fields import read_secret
from ingestion.sources.web.addresses import Place, place_of
from ingestion.sources.web.connecting import Line
from ingestion.sources.web.crawling import Crawl, NoStart
from ingestion.sources.web.doubting import SAME_PAGE, Doubt
from ingestion.sources.web.guarding import Guard, Resolve, resolve_host
from ingestion.sources.web.mirroring import Mirror
from ingestion.sources.web.options import WebOptions, read_options
from ingestion.sources.web.requesting import Manners, Requester, Rest
from ingestion.sources.web.visiting import Visitor
from retrieval.catalog import Source

_LONGEST_NAP_S = 1.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a crawl has around it.

    Attributes:
        resolve: Finds the network addresses of a host.
        sleep: Waits so many seconds.
    """

    resolve: Resolve = resolve_host
    sleep: Rest = time.sleep


def list_items(
    source: Source, mirror: Path, tell: Tell, surroundings: Surroundings | None = None
) -> Listing:
    """Returns the documents of a site, each under its address, with its copy in the mirror.

    Raises:
        SourceInvalid: Its settings cannot be used.
        SourceUnavailable: Its start or its robots.txt cannot be had.
    """
    options = read_options(source.location, source.settings)
    around = surroundings or Surroundings()
    copies = Mirror(mirror)
    line = Line(Guard(options.private_hosts), around.resolve)
    manners = _describe_manners(options)
    rest = _Resting(tell, around.sleep)
    try:
        asking = Requester(line, manners, options.delay, rest.wait)
    except OSError as error:
        said = error.strerror or str(error)
        reason = (
            f"ca_file の {options.ca_file} を使えません（{said}）",
            f"ca_file {options.ca_file} cannot be used: {said}",
        )
        raise SourceUnavailable(path=options.start, reason=reason) from error
    with asking as requester:
        visitor = Visitor(options, requester, copies)
        crawl = Crawl(options, visitor, copies, rest.note)
        try:
            crawl.go()
        except NoStart as error:
            reason = f"入口のページを取得できません（{error}）", str(error)
            raise SourceUnavailable(path=options.start, reason=reason) from error
        except OSError as error:  # the mirror's own disk; all of the network's were told apart
            said = error.strerror or str(error)
            reason = f"控えを書けません（{said}）", f"the mirror cannot be written: {said}"
            raise SourceUnavailable(path=options.start, reason=reason) from error
    found, doubt = crawl.documents(), Doubt(mirror)
    doubted = doubt.find(found)
    is_complete = crawl.is_complete and not doubted
    if is_complete:
        copies.sweep({*crawl.taken, *visitor.asides})
    believed = {address: copy for address, copy in found.items() if address not in doubted}
    doubt.accept(believed, is_complete=is_complete)
    items = [copies.describe(copy, address) for address, copy in sorted(believed.items())]
    skipped = {**crawl.skipped, **dict.fromkeys(sorted(doubted), SAME_PAGE)}
    return Listing(tuple(items), complete=is_complete, skipped=skipped)


class _Resting:
    """Waits in short naps and tells at each that the listing goes on, so that it can be stopped."""

    def __init__(self, tell: Tell, sleep: Rest) -> None:
        self._tell = tell
        self._sleep = sleep
        self._found = 0

    def note(self, found: int) -> None:
        self._found = found
        self._tell(found)

    def wait(self, seconds: float) -> None:
        left = seconds
        self._tell(self._found)
        while left > 0:
            self._sleep(min(left, _LONGEST_NAP_S))
            left -= _LONGEST_NAP_S
            self._tell(self._found)


def _describe_manners(options: WebOptions) -> Manners:
    start = place_of(options.start)
    trusted = {start, Place("https", start.host, 443)} if start.is_usual else {start}
    return Manners(
        user_agent=options.user_agent,
        timeout=options.timeout,
        authorization=_read_authorization(options),
        trusted=frozenset(trusted),
        ca_file=options.ca_file,
    )


def _read_authorization(options: WebOptions) -> str:
    """Returns the Authorization header, "" for none.

    Raises:
        SourceUnavailable: The password file cannot be read, or its first line cannot be sent.
    """
    if not options.password_file:
        return ""
    secret = read_secret(Path(options.password_file)).strip()
    if options.user:
        return f"Basic {base64.b64encode(f'{options.user}:{secret}'.encode()).decode('ascii')}"
    if not secret.isascii() or not secret.isprintable():
        reason = (
            f"{options.password_file} の 1 行目は Authorization の値として送れません",
            f"the first line of {options.password_file} is no Authorization value",
        )
        raise SourceUnavailable(path=options.start, reason=reason)
    return secret
