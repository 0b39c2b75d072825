"""What can go wrong with a quarantined process, one type for each, all of them for a person to act on."""

from __future__ import annotations

from aisecops.core.errors import UserError


class IsolationError(UserError):
    """A quarantined process gave no answer."""


class WeakIsolation(IsolationError):  # noqa: N818 - named after what it reports, as the record's code `weak-isolation`
    """The machine cannot hold what must not be trusted, and the caller did not allow less."""


class StartError(IsolationError):
    """The process could not be started, or did not confine itself in time."""


class DiedError(IsolationError):
    """The process ended before it answered: a signal, a limit on memory or processor time, or its own doing."""


class TimedOutError(IsolationError):
    """No answer came in time; the process was killed."""


class RaisedError(IsolationError):
    """The code inside raised an exception; the process lives on and can be asked again."""


class GarbageError(IsolationError):
    """What came back is not an answer; the process was killed."""
