"""Traces written by hand: what a walk would give, told hop by hop."""

from dataclasses import replace

from hypothesis import strategies as st

from minidock.host.attachments import sandbox_name
from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.packet.packet import ECHO_REQUEST, Packet, answer_to, icmp_of
from minidock.packet.trace import OUTSIDE, Hop, Layer, Outcome, Trace
from tests.views.drawn import SHOP, world
from tests.views.strategies_views import worlds

ROUTER = "203.0.113.9"


class Story:
    """Hops one after the other; the packet is carried along."""

    def __init__(self, made):
        self.world, self.hops, self.packet, self.reply = made, [], None, False

    def container(self, name):
        return self.world.containers[self.world.names[name]]

    def veth(self, name, index=0):
        return self.container(name).endpoints[index].host_interface

    def address(self, name, index=0):
        return str(self.container(name).endpoints[index].address)

    def bridge(self, network):
        nets = self.world.networks.values()
        return next(net.bridge.name for net in nets if net.name == network)

    def at(self, place, layer, decision, entry="", *, device="", end=False, **changed):
        before = self.packet
        if self.packet is not None and changed:
            self.packet = replace(self.packet, **changed)
        inside = place not in {"host", OUTSIDE}
        self.hops.append(
            Hop(
                number=len(self.hops) + 1,
                space=sandbox_name(self.container(place))
                if inside
                else {"host": "", OUTSIDE: OUTSIDE}[place],
                place=self.world.host.hostname if place == "host" else place,
                device=device,
                layer=Layer(layer),
                decision=decision,
                entry=entry,
                before=before,
                after=None if end else self.packet,
                reply=self.reply,
            )
        )
        return self

    def send(self, place, source, target, port=0, kind="SYN"):
        one, other = Address.parse(source), Address.parse(target)
        icmp = not port
        self.at(place, "socket", "a program sends")
        self.packet = Packet(
            protocol=icmp_of(one.family) if icmp else "tcp",
            source=one,
            target=other,
            source_port=0 if icmp else 40000,
            target_port=port,
            icmp_type=ECHO_REQUEST[one.family] if icmp else 0,
            kind="echo request" if icmp else kind,
        )
        self.hops[-1] = replace(self.hops[-1], after=self.packet)
        return self

    def answer(self, place, kind="", words="the program answers"):
        before, self.packet = self.packet, answer_to(self.packet, kind=kind)
        self.reply = True
        self.at(place, "socket", words)
        self.hops[-1] = replace(self.hops[-1], before=before)
        return self

    def end(self, source, target, outcome, why, remedy="", *, server="", seen=None):
        return self.world, Trace(
            source=source,
            target=target,
            protocol=self.packet.protocol if self.packet else "tcp",
            hops=tuple(self.hops),
            outcome=Outcome(outcome),
            why=why,
            remedy=remedy,
            server=server,
            seen=Address.parse(seen) if seen else None,
            final=self.packet,
        )

    # -- what happens again and again --

    def out_of(self, name, index=0, mac="02:42:ac:11:00:03"):
        eth = f"eth{index}"
        self.at(
            name,
            "neighbour",
            f"the next hop has {mac}",
            f"{self.packet.target} dev {eth} lladdr {mac}",
            device=eth,
            target_mac=MAC.parse(mac),
        )
        veth = self.veth(name, index)
        return self.at(name, "link", f"over the cable to {veth}", device=eth)

    def switch(self, network, to):
        return self.at(
            "host",
            "bridge",
            f"out of port {to}" if to != "up" else "to the host itself",
            f"the FDB of {self.bridge(network)}",
            device=self.bridge(network),
        )

    def into(self, name, index=0):
        veth = self.veth(name, index)
        return self.at("host", "link", f"over the cable to {name}", device=veth)

    def routed(self, device, entry, ttl=63):
        return self.at("host", "route", f"out of {device}", entry, ttl=ttl)


def same_bridge():
    one = Story(world("run -d --name web nginx", "run -d --name db redis"))
    web, db = one.address("web"), one.address("db")
    one.send("web", web, db)
    one.at("web", "route", f"{db} is on the link", "172.17.0.0/16 dev eth0")
    one.out_of("web").switch("bridge", one.veth("db")).into("db")
    one.answer("db", words="the kernel answers")
    one.at("db", "route", f"{web} is on the link", "172.17.0.0/16 dev eth0")
    one.out_of("db").switch("bridge", one.veth("web")).into("web")
    return one.end(
        "web",
        "db",
        "delivered",
        "db answers the ping.",
        server="db",
        seen=web,
    )


def by_name(lines=SHOP):
    one = Story(world(*lines))
    api, db = one.address("api", 1), one.address("db")
    one.at("api", "name", f"db is {db}", "the DNS server of back")
    one.send("api", api, db, 6379)
    one.at("api", "route", f"{db} is on the link", "172.19.0.0/16 dev eth1")
    one.out_of("api", 1).switch("back", one.veth("db")).into("db")
    one.at("db", "socket", "redis listens on 0.0.0.0:6379")
    one.answer("db")
    one.at("db", "route", f"{api} is on the link", "172.19.0.0/16 dev eth0")
    one.out_of("db").switch("back", one.veth("api", 1)).into("api", 1)
    one.at("api", "socket", "the program gets its answer")
    return one.end(
        "api",
        "db:6379",
        "delivered",
        "db answers on 6379/tcp.",
        server="db",
        seen=api,
    )


def to_outside(lines=("run -d --name web nginx",)):
    one = Story(world(*lines))
    web = one.address("web")
    docker0 = one.bridge("bridge")
    one.send("web", web, ROUTER, 443)
    one.at("web", "route", "to the gateway 172.17.0.1", "default via 172.17.0.1")
    one.out_of("web").switch("bridge", "up")
    one.routed("eth0", "default via 192.0.2.1 dev eth0")
    one.at(
        "host",
        "firewall",
        "a new flow may leave docker0",
        "-A DOCKER-FORWARD -i docker0 -j ACCEPT",
    )
    one.at(
        "host",
        "nat",
        "masquerade: the source becomes the card's address",
        "-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
        device="eth0",
        source=Address.parse("192.0.2.2"),
    )
    one.at("host", "link", "over the wire", device="eth0")
    one.at(OUTSIDE, "socket", f"{ROUTER} listens on 443/tcp")
    one.answer(OUTSIDE)
    one.at(OUTSIDE, "link", "over the wire to eth0")
    one.at(
        "host",
        "nat",
        "the memory of the flow: it belongs to web",
        f"tcp src={web} dst={ROUTER} sport=40000 dport=443",
        device="eth0",
        target=Address.parse(web),
    )
    one.routed(docker0, "172.17.0.0/16 dev docker0")
    one.at(
        "host",
        "firewall",
        "an answer to a known flow",
        "-A DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    )
    one.switch("bridge", one.veth("web")).into("web")
    one.at("web", "socket", "the program gets its answer")
    return one.end(
        "web",
        f"{ROUTER}:443",
        "delivered",
        f"{ROUTER} answers on 443/tcp.",
        server=OUTSIDE,
        seen="192.0.2.2",
    )


def published(lines=SHOP):
    one = Story(world(*lines))
    web, app = one.address("web"), one.bridge("app")
    one.send(OUTSIDE, ROUTER, "192.0.2.2", 8080)
    one.at(OUTSIDE, "link", "over the wire to eth0")
    one.at(
        "host",
        "nat",
        "published: it is for web",
        f"-A DOCKER ! -i {app} -p tcp -m tcp --dport 8080 -j DNAT --to-destination {web}:80",
        target=Address.parse(web),
        target_port=80,
    )
    one.routed(app, f"172.18.0.0/16 dev {app}")
    one.at(
        "host",
        "firewall",
        "web's port 80 is open",
        f"-A DOCKER -d {web}/32 ! -i {app} -o {app} -p tcp -m tcp --dport 80 -j ACCEPT",
    )
    one.switch("app", one.veth("web")).into("web")
    one.at("web", "socket", "nginx listens on 0.0.0.0:80")
    one.answer("web")
    one.at("web", "route", "to the gateway 172.18.0.1", "default via 172.18.0.1")
    one.out_of("web").switch("app", "up")
    one.routed("eth0", "default via 192.0.2.1 dev eth0")
    one.at(
        "host",
        "nat",
        "the memory of the flow: it comes from 192.0.2.2:8080",
        f"tcp src={ROUTER} dst=192.0.2.2 sport=40000 dport=8080",
        source=Address.parse("192.0.2.2"),
        source_port=8080,
    )
    one.at("host", "link", "over the wire", device="eth0")
    one.at(OUTSIDE, "socket", "the client gets its answer")
    return one.end(
        "outside",
        "docker-host:8080",
        "delivered",
        "web answers on 80/tcp.",
        server="web",
        seen=ROUTER,
    )


def without_icc():
    one = Story(
        world(
            "network create -o com.docker.network.bridge.enable_icc=false quiet",
            "run -d --name web --network quiet nginx",
            "run -d --name db --network quiet redis",
        )
    )
    quiet = one.bridge("quiet")
    one.at("web", "name", "db is 172.18.0.3", "the DNS server of quiet")
    one.send("web", one.address("web"), one.address("db"), 6379)
    one.at("web", "route", "172.18.0.3 is on the link", "172.18.0.0/16 dev eth0")
    one.out_of("web").switch("quiet", one.veth("db"))
    one.at(
        "host",
        "firewall",
        "dropped: containers of quiet may not talk to each other",
        f"-A DOCKER-FORWARD -i {quiet} -o {quiet} -j DROP",
        end=True,
    )
    return one.end(
        "web",
        "db:6379",
        "dropped",
        "The network quiet has inter-container communication switched off, and a rule "
        "drops what goes from one of its containers to another.",
        "put both containers on a network that was created without "
        "com.docker.network.bridge.enable_icc=false",
    )


def isolated(lines=SHOP):
    one = Story(world(*lines))
    back = one.bridge("back")
    db = one.address("db")
    one.send("web", one.address("web"), db, 6379)
    one.at("web", "route", "to the gateway 172.18.0.1", "default via 172.18.0.1")
    one.out_of("web").switch("app", "up")
    one.routed(back, f"172.19.0.0/16 dev {back}")
    one.at(
        "host",
        "firewall",
        "dropped: from one network into another",
        f"-A DOCKER-INTERNAL ! -s 172.19.0.0/16 -o {back} -j DROP",
        end=True,
    )
    return one.end(
        "web",
        f"{db}:6379",
        "dropped",
        "Docker keeps networks apart: web is on app, and db is on back.",
        "docker network connect back web",
    )


def refused():
    one = Story(world("run -d --name web nginx", "run -d --name db redis"))
    web, db = one.address("web"), one.address("db")
    one.send("web", web, db, 81)
    one.at("web", "route", f"{db} is on the link", "172.17.0.0/16 dev eth0")
    one.out_of("web").switch("bridge", one.veth("db")).into("db")
    one.at("db", "socket", "nobody listens on 81/tcp", end=True)
    one.answer("db", "RST", "the kernel answers with a reset")
    one.out_of("db").switch("bridge", one.veth("web")).into("web")
    return one.end(
        "web",
        "172.17.0.3:81",
        "refused",
        "Nobody listens on port 81 of db.",
        "db listens on 6379/tcp",
        seen=web,
        server="db",
    )


def through_proxy(lines=SHOP):
    one = Story(world(*lines))
    app, api = one.bridge("app"), one.address("api")
    one.send("host", "127.0.0.1", "127.0.0.1", 9000)
    one.at("host", "route", "it stays on this host", "local 127.0.0.0/8 dev lo")
    one.at(
        "host",
        "proxy",
        "docker-proxy took it, and opens a second connection",
        f"docker-proxy -proto tcp -host-ip 127.0.0.1 -host-port 9000 -container-ip {api}",
        source=Address.parse("172.18.0.1"),
        source_port=52000,
        target=Address.parse(api),
    )
    one.at("host", "route", f"{api} is on the link", f"172.18.0.0/16 dev {app}")
    one.switch("app", one.veth("api")).into("api")
    one.at("api", "socket", "python listens on 0.0.0.0:9000")
    one.answer("api")
    one.out_of("api").switch("app", "up")
    one.at(
        "host",
        "proxy",
        "docker-proxy copies the answer",
        source=Address.parse("127.0.0.1"),
        target=Address.parse("127.0.0.1"),
        target_port=40000,
    )
    one.at("host", "socket", "the program gets its answer", device="lo")
    return one.end(
        "docker-host",
        "127.0.0.1:9000",
        "delivered",
        "api answers on 9000/tcp, and sees the bridge's own address.",
        server="api",
        seen="172.18.0.1",
    )


def unknown_name():
    one = Story(world(*SHOP))
    one.at("web", "name", "nobody is called bd", "the DNS server of app")
    return one.end(
        "web",
        "bd:6379",
        "unreachable",
        "web does not know the name bd.",
        "the names on app are web and api",
    )


def nothing():
    """A container without a network stack: no hop at all."""
    return Story(world(*SHOP)).end(
        "spare",
        "db:6379",
        "unreachable",
        "spare does not run.",
        "docker start spare",
    )


def hairpin():
    """25 hops and more: a published port of the own host, asked for from inside."""
    lines = [*SHOP, *(f"run -d --name c{n} --network app nginx" for n in range(4))]
    one = Story(world(*lines))
    web, app, api = one.address("web"), one.bridge("app"), one.address("api")
    one.at("api", "name", "docker-host is 192.0.2.2", "192.0.2.2 docker-host")
    one.send("api", api, "192.0.2.2", 8080)
    one.at("api", "route", "to the gateway 172.18.0.1", "default via 172.18.0.1")
    one.out_of("api").switch("app", "up")
    one.at(
        "host",
        "nat",
        "published, but not for this bridge",
        f"-A DOCKER -i {app} -j RETURN",
    )
    one.at("host", "route", "192.0.2.2 is this host", "local 192.0.2.2 dev eth0")
    one.at(
        "host",
        "proxy",
        "docker-proxy took it, and opens a second connection",
        f"docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip {web}",
        source=Address.parse("172.18.0.1"),
        target=Address.parse(web),
        source_port=52000,
        target_port=80,
    )
    one.at("host", "route", f"{web} is on the link", f"172.18.0.0/16 dev {app}")
    one.at("host", "neighbour", "web has 02:42:ac:12:00:02", device=app)
    one.switch("app", one.veth("web")).into("web")
    one.at("web", "socket", "nginx listens on 0.0.0.0:80")
    one.answer("web")
    one.at("web", "route", "172.18.0.1 is on the link", "172.18.0.0/16 dev eth0")
    one.out_of("web").switch("app", "up")
    one.at(
        "host",
        "proxy",
        "docker-proxy copies the answer",
        source=Address.parse("192.0.2.2"),
        source_port=8080,
        target=Address.parse(api),
        target_port=40000,
    )
    one.at("host", "route", f"{api} is on the link", f"172.18.0.0/16 dev {app}")
    one.at("host", "neighbour", "api has 02:42:ac:12:00:03", device=app)
    one.switch("app", one.veth("api")).into("api")
    one.at("api", "socket", "the program gets its answer")
    return one.end(
        "api",
        "docker-host:8080",
        "delivered",
        "web answers on 80/tcp, by way of docker-proxy.",
        server="web",
        seen="172.18.0.1",
    )


def ten_containers():
    lines = [
        "network create app",
        "network create back",
        "run -d --name web --network app -p 8080:80 -p 8443:443 nginx",
        *(f"run -d --name worker{n} --network app python" for n in range(4)),
        *(f"run -d --name shard{n} --network back redis" for n in range(4)),
        "run -d --name db --network back -p 127.0.0.1:5432:5432 postgres",
        "network connect back web",
    ]
    return published(lines)


STORIES = {
    "same-bridge": same_bridge,
    "by-name": by_name,
    "to-outside": to_outside,
    "published": published,
    "without-icc": without_icc,
    "isolated": isolated,
    "refused": refused,
    "through-proxy": through_proxy,
    "unknown-name": unknown_name,
    "nothing": nothing,
    "hairpin": hairpin,
    "ten-containers": ten_containers,
}


# -- any trace -------------------------------------------------------------------------

_WORDS = ["db is 172.17.0.3", "dropped: <&>", "日本" * 30, "x" * 200, ""]
_RULES = [
    "",
    "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.2:80",
    "-" * 130,
]


def _spaces(made):
    names = [sandbox_name(item) for item in made.containers.values()]
    return st.sampled_from(["", OUTSIDE, "nosuch", *names])


def _devices(made):
    plugs = [e for c in made.containers.values() for e in c.endpoints]
    bridges = [n.bridge.name for n in made.networks.values() if n.bridge]
    names = [e.host_interface for e in plugs] + [e.interface for e in plugs] + bridges
    return st.sampled_from(["", "eth0", "lo", "veth0000000", *filter(None, names)])


@st.composite
def _packets(draw):
    ends = st.sampled_from(["172.17.0.2", "10.0.0.3", "192.0.2.2", "203.0.113.9"])
    ports = st.sampled_from([0, 80, 6379, 8020, 8080, 8100, 65535])
    return Packet(
        protocol=draw(st.sampled_from(["tcp", "udp", "icmp"])),
        source=Address.parse(draw(ends)),
        target=Address.parse(draw(ends)),
        source_port=draw(ports),
        target_port=draw(ports),
        ttl=draw(st.integers(0, 64)),
        kind=draw(st.sampled_from(["", "SYN", "echo request"])),
        target_mac=draw(st.none() | st.integers(1, 2**48 - 1).map(MAC)),
    )


@st.composite
def traces(draw, made, most=30):
    """Whatever a walk might say, and more, of this World."""
    count = draw(st.integers(0, most))
    turn = draw(st.integers(0, count))
    packets = draw(st.lists(st.none() | _packets(), min_size=1, max_size=4))
    one = st.sampled_from(packets)
    spaces, devices = _spaces(made), _devices(made)
    names = [item.name for item in made.containers.values()]
    someone = st.sampled_from([*names, "outside", "docker-host", 'x"<&>'])
    hops = tuple(
        Hop(
            number=number + 1,
            space=draw(spaces),
            place=draw(someone),
            device=draw(devices),
            layer=draw(st.sampled_from(Layer)),
            decision=draw(st.sampled_from(_WORDS)),
            entry=draw(st.sampled_from(_RULES)),
            before=draw(one),
            after=draw(one),
            reply=number >= turn,
        )
        for number in range(count)
    )
    return Trace(
        source=draw(someone),
        target=draw(someone) + draw(st.sampled_from(["", ":80", ":80/tcp"])),
        protocol=draw(st.sampled_from(["tcp", "icmp", ""])),
        hops=hops,
        outcome=draw(st.sampled_from(Outcome)),
        why=draw(st.sampled_from(_WORDS)),
        remedy=draw(st.sampled_from(_WORDS)),
        server=draw(st.sampled_from(["", "db"])),
        seen=draw(st.none() | st.just(Address.parse("172.17.0.2"))),
    )


@st.composite
def walked(draw):
    """A World, and a trace in it."""
    made = draw(worlds())
    return made, draw(traces(made))
