"""A registry that does not answer, or not as it should, when it is told so.

```
Session ── verb ──▶ Failing ──▶ a store       the n-th one: not done, done and not
                                              answered, done late, done twice
```
"""

from contextlib import suppress
from enum import StrEnum

from minidock.errors import Refusal
from minidock.registry.errors import Unavailable

__all__ = ["Failing", "How"]


class How(StrEnum):
    """What becomes of the question that fails."""

    REQUEST = "request"
    """It is lost on its way."""
    REPLY = "reply"
    """It is done, and the answer is lost."""
    LATE = "late"
    """Nobody answers, and it is done when ``arrive`` is called."""
    AGAIN = "again"
    """It is answered, and done once more when ``arrive`` is called."""
    OVERTAKEN = "overtaken"
    """It is done twice, and the second answer comes first."""


class Failing:
    """A store whose n-th question fails, and those behind it while it is down."""

    def __init__(self, store):
        self._store = store
        self.asked = 0
        self.fails_at = None
        self.how = How.REQUEST
        self.stays_down = False
        self._under_way = []
        self.meanwhile = bool
        """What others do before an answer comes that is the second one, or that of what
        will be done once more."""

    def arm(self, number, how=How.REQUEST, *, stays_down=False):
        self.asked = 0
        self.fails_at = number
        self.how = how
        self.stays_down = stays_down

    def heal(self):
        self.fails_at = None

    def arrive(self):
        """What is under way is done, and whoever asked does not hear of it."""
        asked, self._under_way = self._under_way, []
        for verb, words in asked:
            with suppress(Refusal):
                getattr(self._store, verb)(*words)

    def _ask(self, verb, *words):
        self.asked += 1
        ask = getattr(self._store, verb)
        if self.fails_at is None or self.asked < self.fails_at:
            return ask(*words)
        if self.asked > self.fails_at:
            if self.stays_down:
                raise Unavailable("connection refused")
            return ask(*words)
        if self.how is How.REQUEST:
            raise Unavailable("connection refused")
        if self.how is How.OVERTAKEN:
            with suppress(Refusal):
                ask(*words)
            self.meanwhile()
            return ask(*words)
        if self.how is not How.REPLY:
            self._under_way.append((verb, words))
        if self.how is How.AGAIN:
            answer = ask(*words)
            self.meanwhile()
            return answer
        if self.how is How.REPLY:
            with suppress(Refusal):
                ask(*words)
        raise Unavailable("the answer was lost")

    def get(self, key):
        return self._ask("get", key)

    def put(self, key, value, lease=None):
        return self._ask("put", key, value, lease)

    def create(self, key, value, lease=None):
        return self._ask("create", key, value, lease)

    def compare_and_swap(self, key, value, version, lease=None):
        return self._ask("compare_and_swap", key, value, version, lease)

    def delete(self, key):
        return self._ask("delete", key)

    def compare_and_delete(self, key, version):
        return self._ask("compare_and_delete", key, version)

    def list(self, prefix, after=""):
        return self._ask("list", prefix, after)

    def watch(self, prefix, revision):
        return self._store.watch(prefix, revision)

    def lease(self, ttl):
        return self._ask("lease", ttl)

    def resume_lease(self, lease_id):
        return self._ask("resume_lease", lease_id)

    def close(self):
        pass
