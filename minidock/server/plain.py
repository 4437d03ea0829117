"""A socket as a connection sees it: looked at, half closed, ended from elsewhere."""

import contextlib
import fcntl
import select
import socket
import sys
import termios
import time

__all__ = ["PlainWire"]

_LOOK = 0.0001
_TCP_REST = 0.015


class PlainWire:
    """A TCP or Unix socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self.recv = sock.recv
        self.sendall = sock.sendall
        self.settimeout = sock.settimeout

    def gone(self) -> bool:
        """Whether the other side has closed; looks without taking anything."""
        try:
            look = select.poll()
            look.register(self._socket, select.POLLIN)
            if not look.poll(0):
                return False
            return not self._socket.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def rest(self, seconds: float, /) -> None:
        """Wait until the other side has read what was sent, at most so long.

        Only of a Unix socket can it be told; TCP counts what has arrived, not what was
        read, so there a pause has to do in which the other side gets its turn.
        """
        if self._socket.family != socket.AF_UNIX:
            time.sleep(min(seconds, _TCP_REST))
            return
        end = time.monotonic() + seconds
        while self._unread() and time.monotonic() < end:
            time.sleep(_LOOK)

    def _unread(self) -> int:
        """How many bytes wait for the other side; some where nobody can tell."""
        count = bytearray(4)
        try:
            fcntl.ioctl(self._socket, termios.TIOCOUTQ, count)
        except OSError:
            return 1
        return int.from_bytes(count, sys.byteorder)

    def dead(self) -> bool:
        """Whether the other side can neither send nor read any more.

        Who has only closed his input may still be reading. Over TCP nobody can tell
        these apart before the next answer, or the next sign of life that is asked for.
        """
        try:
            look = select.poll()
            look.register(self._socket, select.POLLHUP | select.POLLERR)
            return bool(look.poll(0))
        except (OSError, ValueError):
            return True

    def finish(self) -> None:
        """Nothing more will be sent."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def end(self) -> None:
        """Wake whoever waits for it: nothing comes and nothing goes any more."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give it back; only who reads from it may do that."""
        self.end()
        self._socket.close()
