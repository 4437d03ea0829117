"""What a client would have read from an answer that goes on, to its end."""

from minidock.api.frames import frame
from minidock.api.http import Response
from minidock.engine import Engine

__all__ = ["text_of"]

_TURNS = 100
"""How often time is moved on before a stream counts as one without an end."""


def text_of(engine: Engine, response: Response) -> str:
    """The stream's bytes as text; the engine's clock goes on while it lasts."""
    data, rest = b"", response.stream
    for _ in range(_TURNS):
        reading = rest.read(engine.moment())
        for chunk in reading.chunks:
            data += frame(chunk) if response.framed else chunk.data
        rest = reading.rest
        moments = [at for at in (reading.due, engine.next_due) if at is not None]
        if rest is None or not moments:
            break
        engine.turn(min(moments))
    return data.decode(errors="replace")
