"""Signals as a call names them: ``TERM``, ``SIGTERM`` or ``15``."""

from minidock.api.call import Call
from minidock.errors import InvalidParameter
from minidock.runtime import signals

__all__ = ["number_of"]


def number_of(call: Call, text: str) -> int:
    """The number of a signal.

    Raises:
        InvalidParameter: there is none such, in the words of the engine's era.
    """
    try:
        return signals.signal_number(text)
    except InvalidParameter as error:
        if not call.world.era.lower_case_errors:
            raise
        raise InvalidParameter(
            error.text.replace("Invalid", "invalid"),
            asked=error.asked,
            rule=error.rule,
            remedy=error.remedy,
        ) from error
