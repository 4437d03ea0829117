"""Small Docker hosts for tests of journeys."""

from minidock.engine import Engine
from minidock.packet.journey import journey


class Lab:
    """An engine that fails loudly, and tells journeys in one call."""

    def __init__(self, *lines, era="20.10", flags=()):
        self.docker = Engine(era, daemon_args=flags)
        self(*lines)

    def __call__(self, *lines):
        for line in lines:
            output = self.docker(line)
            assert output.ok, f"{line}: {output.stderr}"
        return self

    def trace(self, source, target, **options):
        return journey(self.docker.world, source, target, **options)

    def address(self, name, network=""):
        container = self.docker.containers.get(name)
        networks = container.attrs["NetworkSettings"]["Networks"]
        return networks[network or next(iter(networks))]["IPAddress"]


def layers(trace, *, reply=False):
    return [hop.layer.value for hop in trace.hops if hop.reply is reply]


def decided(trace, text):
    """The entry of the first hop whose decision holds a text."""
    return next(hop.entry for hop in trace.hops if text in hop.decision)
