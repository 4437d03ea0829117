"""What was asked for: an input key and the word that the neutral model has for it.

Invariant: a key that was left at its default is no setting. Docker has no word for it.
"""

from typing import NamedTuple

__all__ = ["Setting"]


class Setting(NamedTuple):
    """An input key that was not left at its default.

    ``attribute`` is the word this model has for it ("" if it has none); a word may
    carry the network it is about after an at sign, as in ``aliases@front``. ``place``
    is where it stands in a file, as ``compose.yaml:12``, "" where no file is read.
    """

    path: str
    attribute: str
    value: str
    place: str = ""
