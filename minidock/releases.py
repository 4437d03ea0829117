"""Which Docker each era is: its number, and the versions of the API that it speaks.

```
era      engine            API
17.12    17.12.1-ce        1.12 ... 1.35
20.10    20.10.24+dfsg1    1.12 ... 1.41
28       28.5.2            1.24 ... 1.51
```

These few facts stand apart from the rules of ``eras.py``, since an answer to
``/_ping`` needs no more than them and should wait for nothing else to load. (So no
dataclass here.)

Docker's name: what ``GET /_ping`` and ``GET /version`` say.
"""

__all__ = ["LATEST", "RELEASES", "Release"]


class Release:
    """One engine's version, as its answers' headers tell it.

    >>> RELEASES["20.10"].api_version
    '1.41'
    """

    __slots__ = (
        "api_version",
        "builder_version",
        "engine_version",
        "min_api_version",
        "swarm_in_ping",
    )

    def __init__(
        self,
        *,
        engine_version: str,
        api_version: str,
        min_api_version: str,
        builder_version: str = "",
        swarm_in_ping: bool = False,
    ) -> None:
        self.engine_version = engine_version
        self.api_version = api_version
        self.min_api_version = min_api_version
        self.builder_version = builder_version
        """The image builder that the engine prefers; "" says nothing about it."""
        self.swarm_in_ping = swarm_in_ping
        """Whether a ping says that there is no swarm (24.0+)."""


RELEASES: dict[str, Release] = {
    "17.12": Release(
        engine_version="17.12.1-ce", api_version="1.35", min_api_version="1.12"
    ),
    "20.10": Release(
        engine_version="20.10.24+dfsg1", api_version="1.41", min_api_version="1.12"
    ),
    "28": Release(
        engine_version="28.5.2",
        api_version="1.51",
        min_api_version="1.24",
        builder_version="2",
        swarm_in_ping=True,
    ),
}
LATEST = "28"
