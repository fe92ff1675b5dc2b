"""Writing numbers: patches one by one, or one feed for many, and what became of the feed.

The order in which Amazon takes up a feed and a patch of the same SKU is not known. While a SKU
is in an unfinished feed it is therefore patched only to lower it, and asked to be written again
once the feed is over; a raise waits for that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from adapters import fields
from adapters.amazon import feeds, listings, wire
from adapters.amazon.options import Options
from adapters.amazon.partner import Call, Partner
from adapters.contract import LineResult, Outcome, StockLine
from adapters.errors import (
    LineRejectedError,
    MallError,
    OutcomeUnknownError,
    TemporaryError,
    UnexpectedReplyError,
)

OVERDUE = timedelta(minutes=15)  # an unfinished feed of that age no longer carries the lowest numbers
NEAR_ZERO = 5
BESIDE_A_FEED = 300  # patches in one call while a feed is under way: a minute's work
_LOST_MAX = 5  # patches without an answer after which a call gives up
_FEED, _AGAIN = "feed:", "again:"  # tickets: the line is in the feed; or is to be written after it

Results = dict[int, LineResult]


@dataclass(frozen=True)
class _Sent:
    """A feed that was not over when it was last asked for, and its numbers by SKU."""

    feed_id: str
    numbers: Mapping[str, int]


@dataclass(frozen=True)
class _Patched:
    """What patches of one call came to, by place; filled by several threads."""

    lines: Sequence[StockLine]
    sent: _Sent | None
    results: Results = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)


class Writer:
    """Writes the numbers of one shop.

    Args:
        foreign: SKUs whose stock was last read as not the merchant's own.
    """

    def __init__(
        self, partner: Partner, options: Options, foreign: Collection[str], now: Callable[[], datetime]
    ) -> None:
        self._partner = partner
        self._options = options
        self._foreign = foreign
        self._now = now
        self._sent: _Sent | None = None

    # ------------------------------------------------------------------ writing

    def write(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Write lines and give their results in order.

        Raises:
            MallError: the first call failed and surely changed nothing.
        """
        results = self._screened(lines)
        good = [place for place in range(len(lines)) if place not in results]
        sent = self._unfinished(lines[place] for place in good) if good else None
        if sent:
            results |= {place: _held(lines[place]) for place in good if _raises(sent, lines[place])}
            good = [place for place in good if place not in results]
        if len(good) > self._options.feed_above and not sent:
            results |= self._by_feed(lines, good)
        else:
            now = good[:BESIDE_A_FEED] if sent and len(good) > self._options.feed_above else good
            results |= self._by_patches(lines, now, sent)
            results |= {place: _held(lines[place]) for place in good[len(now) :]}
        return [results[place] for place in range(len(lines))]

    def _screened(self, lines: Sequence[StockLine]) -> Results:
        """Refuse, before any call, lines that must not be written or that stand there twice."""
        results: Results = {}
        seen: set[str] = set()
        for place, line in enumerate(lines):
            reason = self._fault_of(line)
            if not reason and line.address[0] in seen:
                reason = "the same SKU is in the batch twice"
            if reason:
                results[place] = _refused(line, reason)
            else:
                seen.add(line.address[0])
        return results

    def _fault_of(self, line: StockLine) -> str:
        if not listings.is_sku(line.mall_code):
            return "the code has a letter that a 出品者SKU cannot hold, or is too long"
        if not listings.is_own(line.address):
            return "not the merchant's own stock (fulfilled by Amazon), or not imported"
        if line.address[0] in self._foreign:
            return "its stock was last seen as not the merchant's own (fulfilled by Amazon)"
        if not 0 <= line.quantity <= listings.QUANTITY_MAX:
            return f"quantity {line.quantity} is outside 0..{listings.QUANTITY_MAX}"
        return ""

    # ------------------------------------------------------------------ patches

    def _by_patches(self, lines: Sequence[StockLine], places: Sequence[int], sent: _Sent | None) -> Results:
        """Patch lines one by one. What stops a later patch leaves the rest unknown, not the first."""
        done = _Patched(lines, sent)
        works = [partial(self._patch_into, done, place) for place in places]
        try:
            self._partner.each(wire.PATCH, works)
        except MallError as error:
            if not done.results:
                raise
            stopped = error
        else:
            return done.results
        rest = {place: LineResult(lines[place], Outcome.UNKNOWN, stopped) for place in places}
        return rest | done.results

    def _patch_into(self, done: _Patched, place: int) -> None:
        line = done.lines[place]
        result = self._patch(line)
        if done.sent and result.outcome is Outcome.DONE and line.address[0] in done.sent.numbers:
            result = LineResult(line, Outcome.SENT, ticket=_AGAIN + done.sent.feed_id)
        done.results[place] = result
        if result.outcome is Outcome.UNKNOWN:
            done.lost.append(place)
        if len(done.lost) >= _LOST_MAX:
            raise TemporaryError(f"{len(done.lost)} patches had no answer", operation=wire.PATCH.name)

    def _patch(self, line: StockLine) -> LineResult:
        call = Call(
            wire.PATCH, {"sku": line.address[0]}, listings.PATCH_PARAMS, listings.patch_form(line.quantity)
        )
        try:
            reply = self._partner.send_now(call)
        except OutcomeUnknownError as lost:
            return LineResult(line, Outcome.UNKNOWN, lost)
        if reply.status == 400:
            fault = wire.fault_of(reply)
            return _refused(line, self._partner.redacted(fault.message) or fault.code, fault.code)
        if reply.status != 200:
            error = self._partner.failure(wire.PATCH, reply)
            if reply.status < 500:
                raise error
            return LineResult(line, Outcome.UNKNOWN, error)
        try:
            submission = listings.submission_of(fields.parsed(reply))
        except fields.Malformed as error:
            return LineResult(
                line, Outcome.UNKNOWN, self._partner.not_understood(wire.PATCH, reply, str(error))
            )
        if submission.accepted:
            return LineResult(line, Outcome.DONE)
        return _refused(line, self._partner.redacted(submission.message), submission.code)

    # ------------------------------------------------------------------ feeds

    def _by_feed(self, lines: Sequence[StockLine], places: Sequence[int]) -> Results:
        good = [lines[place] for place in places]
        try:
            feed_id = self._send_feed(good)
        except OutcomeUnknownError as lost:
            return {place: LineResult(lines[place], Outcome.UNKNOWN, lost) for place in places}
        self._sent = _Sent(feed_id, {line.address[0]: line.quantity for line in good})
        return {place: LineResult(lines[place], Outcome.SENT, ticket=_FEED + feed_id) for place in places}

    def _send_feed(self, lines: Sequence[StockLine]) -> str:
        body = wire.body_of(feeds.feed_form(self._options.seller_id, lines))
        document = self._partner.ask(
            Call(wire.CREATE_FEED_DOCUMENT, form=feeds.DOCUMENT_FORM), feeds.document_of
        )
        self._partner.transfer(wire.UPLOAD, document.url, body)
        reply = self._partner.send(Call(wire.CREATE_FEED, form=feeds.create_form(document.document_id)))
        if not 200 <= reply.status < 300:
            error = self._partner.failure(wire.CREATE_FEED, reply)
            if reply.status < 500:
                raise error
            raise OutcomeUnknownError(str(error), operation=wire.CREATE_FEED.name)
        try:
            return feeds.id_of(fields.parsed(reply))
        except fields.Malformed as error:
            why = str(error)
        raise OutcomeUnknownError(f"{wire.CREATE_FEED.name}: {why}", operation=wire.CREATE_FEED.name)

    def _unfinished(self, lines: Iterable[StockLine]) -> _Sent | None:
        """Give the feed under way, asked for anew where it matters to these lines."""
        sent, lines = self._sent, list(lines)
        if not sent:
            return None
        touched = any(line.address[0] in sent.numbers for line in lines)
        if (touched or len(lines) > self._options.feed_above) and self._feed(sent.feed_id) is None:
            self._sent = None
        return self._sent

    def _feed(self, feed_id: str) -> feeds.Feed | None:
        """Ask how a feed stands; None if it is over or no longer known."""
        feed = self._ask_feed(feed_id)
        return None if feed is None or feed.finished else feed

    def _ask_feed(self, feed_id: str) -> feeds.Feed | None:
        try:
            return self._partner.ask(Call(wire.GET_FEED, {"feedId": feed_id}), feeds.feed_of)
        except wire.NotThere:
            return None

    # ------------------------------------------------------------------ what became of feeds

    def confirm(self, lines: Sequence[LineResult]) -> list[LineResult]:
        """Ask what became of lines that were SENT; nothing is written here.

        UNKNOWN is a line that must be written again: patched beside a feed that is over, in a
        feed that failed, or so near to zero that an overdue feed is not to be waited for.
        """
        tickets = {_feed_id(line) for line in lines if line.outcome is Outcome.SENT}
        judges = {feed_id: self._judge(feed_id) for feed_id in sorted(tickets)}
        return [judges[_feed_id(line)](line) if line.outcome is Outcome.SENT else line for line in lines]

    def _judge(self, feed_id: str) -> Callable[[LineResult], LineResult]:
        feed = self._ask_feed(feed_id)
        if feed and not feed.finished:
            return partial(_waiting, overdue=self._now() - feed.created_at > OVERDUE)
        if self._sent and self._sent.feed_id == feed_id:
            self._sent = None
        if feed is None or not feed.done:
            return partial(_failed, what=f"feed {feed_id} is {feed.status if feed else 'not known'}")
        return partial(_judged, verdict=self._verdict(feed.report), feed_id=feed_id)

    def _verdict(self, document_id: str) -> feeds.Verdict:
        call = Call(wire.GET_FEED_DOCUMENT, {"feedDocumentId": document_id})
        document = self._partner.ask(call, feeds.document_of)
        reply = self._partner.transfer(wire.DOWNLOAD, document.url)
        try:
            return feeds.verdict_of(feeds.unpacked(document, reply.body))
        except fields.Malformed as error:
            why = str(error)
        raise UnexpectedReplyError(f"report of a feed: {why}", operation=wire.DOWNLOAD.name)


def _feed_id(result: LineResult) -> str:
    return result.ticket.partition(":")[2]


def _raises(sent: _Sent, line: StockLine) -> bool:
    return line.quantity > sent.numbers.get(line.address[0], line.quantity)


def _held(line: StockLine) -> LineResult:
    error = TemporaryError("not sent: a feed is under way and comes first", operation=wire.PATCH.name)
    return LineResult(line, Outcome.UNKNOWN, error)


def _refused(line: StockLine, reason: str, vendor_code: str = "") -> LineResult:
    error = LineRejectedError(line.mall_code, reason, operation=wire.PATCH.name, vendor_code=vendor_code)
    return LineResult(line, Outcome.REFUSED, error)


def _waiting(result: LineResult, *, overdue: bool) -> LineResult:
    if overdue and result.line.quantity <= NEAR_ZERO and result.ticket.startswith(_FEED):
        return _failed(result, what="the feed is overdue and the number is low")
    return result


def _failed(result: LineResult, *, what: str) -> LineResult:
    error = TemporaryError(f"{what}: to be written again", operation=wire.CREATE_FEED.name)
    return LineResult(result.line, Outcome.UNKNOWN, error)


def _judged(result: LineResult, *, verdict: feeds.Verdict, feed_id: str) -> LineResult:
    if result.ticket.startswith(_AGAIN):
        return _failed(result, what=f"feed {feed_id} is over")
    if found := verdict.refused.get(result.line.address[0]):
        return _refused(result.line, found[1], found[0])
    if verdict.whole:
        return _failed(result, what=f"feed {feed_id}: {verdict.whole}")
    return LineResult(result.line, Outcome.DONE, ticket=result.ticket)
