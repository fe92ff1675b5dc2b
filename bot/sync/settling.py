"""What became of numbers that were sent, or whose answer never came."""

from __future__ import annotations

from datetime import timedelta

from adapters.contract import Clock, LineResult, Outcome
from bot.sync.desk import Desk, Report, reason_of
from bot.sync.ports import Books
from bot.sync.values import Why

REFUSED_AGAIN = timedelta(hours=1)


class Settling:
    """Asks after lines; holds no state of its own."""

    def __init__(self, books: Books, clock: Clock) -> None:
        self._books = books
        self._clock = clock

    def settle(self, desk: Desk, report: Report, overdue_after: timedelta) -> None:
        """Ask what became of lines that were sent, or whose answer never came."""
        if desk.abilities.late_confirm:
            self._confirm_sent(desk, report, overdue_after)
        if desk.abilities.readable.able:
            self._read_back_unknown(desk)
        self._retry_refused(desk)

    def _confirm_sent(self, desk: Desk, report: Report, overdue_after: timedelta) -> None:
        sent = self._books.sent_lines(desk.shop.name)
        if not sent:
            return
        answers = desk.adapter.confirm([result for _, _, result, _ in sent])
        now = self._clock.now()
        for (plan_id, planned, _, sent_at), answer in zip(sent, answers, strict=True):
            if answer.outcome is Outcome.SENT:
                if now - sent_at > overdue_after:
                    report.overdue.append(answer.ticket)
                continue
            self._books.settle_lines(plan_id, {planned.code: answer}, now, [planned])
            if answer.outcome is Outcome.REFUSED:
                report.refused[planned.code] = reason_of(answer)
            elif answer.outcome is Outcome.UNKNOWN:  # nobody can tell what stands there now
                with self._books.transaction() as books:
                    books.mark(desk.shop.name, planned.code, Why.REPAIR, sent_at)

    def _retry_refused(self, desk: Desk) -> None:
        """Let refused numbers be tried again now and then: somebody may have mended the listing."""
        sent_before = self._clock.now() - REFUSED_AGAIN
        codes = self._books.refused_codes(desk.shop.name, sent_before)
        if codes:
            with self._books.transaction() as books:
                for code in codes:
                    books.mark(desk.shop.name, code, Why.REPAIR, sent_before)

    def _read_back_unknown(self, desk: Desk) -> None:
        """Read lines back whose answer never came: done if the number stands, else still waiting."""
        unknown = self._books.unknown_lines(desk.shop.name)
        if not unknown:
            return
        levels = desk.adapter.read_stock([planned.line.address for _, planned in unknown])
        now = self._clock.now()
        for plan_id, planned in unknown:
            level = levels.get(planned.line.address)
            wanted = desk.adapter.normalise(planned.line)
            if level is not None and level.quantity == wanted.quantity:
                done = LineResult(planned.line, Outcome.DONE)
                self._books.settle_lines(plan_id, {planned.code: done}, now, [planned])
