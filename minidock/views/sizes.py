"""Numbers of bytes as Docker words them.

```
65472657 ──▶ human_size    65.5MB      powers of 1000, in `docker images` and `ps -s`
         └─▶ bytes_size    62.44MiB    powers of 1024, in `docker info` and `stats`
```

Invariant: the number in front of the unit has at most the asked significant digits.

Docker calls it: ``units.HumanSizeWithPrecision`` and ``units.BytesSize``.
"""

__all__ = ["bytes_size", "human_size"]

_DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")


def human_size(size: int, precision: int = 3) -> str:
    """A size in powers of 1000, to so many significant digits.

    Docker is odd here: the unit is chosen before rounding, so a size just below the
    next unit prints with an exponent.

    >>> human_size(65472657), human_size(0), human_size(4860000), human_size(999999)
    ('65.5MB', '0B', '4.86MB', '1e+03kB')
    """
    return _worded(size, 1000, _DECIMAL, precision)


def bytes_size(size: int) -> str:
    """A size in powers of 1024, to four significant digits.

    >>> bytes_size(25276325888), bytes_size(67108864)
    ('23.54GiB', '64MiB')
    """
    return _worded(size, 1024, _BINARY, 4)


def _worded(size: int, base: int, units: tuple[str, ...], precision: int) -> str:
    amount, power = float(size), 0
    while amount >= base and power < len(units) - 1:
        amount /= base
        power += 1
    return f"{amount:.{precision}g}{units[power]}"
