r"""A text as an editor saved it: its octets, and the marks that some put in front.

```
EF BB BF ...   UTF-8 with a mark     Notepad
FF FE ...      UTF-16                "Unicode" of older editors, > of PowerShell 5
FE FF ...
...            UTF-8                 everybody else
```

Invariant: a mark is never part of the text.
"""

import codecs

__all__ = ["text_of"]

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def text_of(data: bytes) -> str:
    r"""The text, without the mark; its line ends as they are.

    >>> text_of(b"\xef\xbb\xbfdocker ps")
    'docker ps'
    >>> text_of("docker ps".encode("utf-16"))
    'docker ps'
    >>> text_of(b"\xff")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: ...

    Raises:
        UnicodeDecodeError: it is neither.
    """
    if data.startswith(_UTF16):
        return data.decode("utf-16")
    return data.decode("utf-8-sig")
