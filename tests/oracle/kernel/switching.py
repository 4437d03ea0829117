"""A bridge of this computer's kernel, in a namespace of its own, fed with frames.

Reads frames as JSON, ``[[source, target, port], ...]``, and prints by which ports each
of them left. A port is the far end of a veth pair, or ``br0`` for the host itself.
"""

import json
import select
import socket
import subprocess
import sys

PORTS = ("veth1", "veth2", "veth3", "veth4")
_EXPERIMENT = 0x88B5  # an EtherType for experiments (IEEE 802), so nobody answers
_PATIENCE = 0.03
_OUTGOING = 4  # PACKET_OUTGOING: our own frame, shown to us


def _build() -> None:
    lines = ["link add br0 type bridge", "link set br0 up"]
    for port in PORTS:
        lines += [
            f"link add {port} type veth peer name far-{port}",
            f"link set {port} master br0 up",
            f"link set far-{port} up",
        ]
    for line in lines:
        subprocess.run(["ip", *line.split()], check=True)


def _listener(device: str) -> socket.socket:
    found = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_EXPERIMENT))
    found.bind((device, _EXPERIMENT))
    return found


def _octets(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def _heard(sockets: dict[str, socket.socket], payload: bytes) -> list[str]:
    """The ports where a frame with this payload comes out, in order."""
    found = set()
    while ready := select.select([*sockets.values()], [], [], _PATIENCE)[0]:
        for port, listener in sockets.items():
            if listener in ready:
                data, where = listener.recvfrom(2048)
                if where[2] != _OUTGOING and payload in data:
                    found.add(port)
    return [port for port in sockets if port in found]


def _main() -> None:
    frames = json.load(sys.stdin)
    _build()
    sockets = {port: _listener(f"far-{port}") for port in PORTS}
    sockets["br0"] = _listener("br0")
    told = []
    for number, (source, target, port) in enumerate(frames):
        payload = f"frame {number} of an experiment".encode().ljust(46, b".")
        head = _octets(target) + _octets(source) + _EXPERIMENT.to_bytes(2, "big")
        sockets[port].send(head + payload)
        told.append(_heard(sockets, payload))
    link = json.loads(subprocess.check_output(["ip", "-j", "link", "show", "br0"]))
    print(json.dumps({"heard": told, "mac": link[0]["address"]}))


if __name__ == "__main__":
    _main()
