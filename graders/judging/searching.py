"""What the searches for how an item wants to be called may cost."""

from __future__ import annotations

from graders.judging.context import Context

SEARCH_CALLS = 220  # for one item; the checks then need up to 80
SEARCH_SECONDS = 7.0
LEAST_CALLS, LEAST_SECONDS = 24, 0.7  # that one of the item's name may cost whatever others did


class SearchBudget:
    """What the search of the item that is judged now may cost: so many calls and seconds from its beginning, and no
    more. One is made for each item (`Context.once_an_item`).
    """

    def __init__(self, context: Context) -> None:
        self._session = context.session
        calls, seconds = context.begun
        self._last_call, self._last_second = calls + SEARCH_CALLS, seconds + SEARCH_SECONDS

    @property
    def exhausted(self) -> bool:
        """True if the search has cost what it may cost."""
        session = self._session
        return session.calls >= self._last_call or session.call_seconds >= self._last_second

    def may_begin(self, named: bool) -> bool:
        """Whether another definition may be looked at: whatever the others before it have cost, one of
        the item's name may cost a little.
        """
        if named and self.exhausted:
            session = self._session
            self._last_call = session.calls + LEAST_CALLS
            self._last_second = session.call_seconds + LEAST_SECONDS
        return not self.exhausted
