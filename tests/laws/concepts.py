"""Which concept a law is about, by where its test stands; in the order of the floors.

Invariant: every file of laws has exactly one concept, the first that claims it.
"""

from dataclasses import dataclass

__all__ = ["CONCEPTS", "Concept", "concept_of"]


@dataclass(frozen=True, slots=True)
class Concept:
    """A heading of the page, what it is about, and the paths of its tests."""

    title: str
    about: str
    paths: tuple[str, ...]


CONCEPTS = (
    Concept(
        "Prefixes",
        "An address and a length: which addresses are meant, and what is left.",
        ("net/test_prefix.py", "net/test_ranges.py"),
    ),
    Concept(
        "Addresses",
        "Numbers with a notation: IPv4, IPv6 and MAC.",
        ("net/",),
    ),
    Concept(
        "Pools",
        "Who gives out addresses and subnets, and what is never given twice.",
        ("ipam/",),
    ),
    Concept(
        "Ports",
        "What `-p` means, and who holds which port of the host.",
        ("ports/",),
    ),
    Concept(
        "Topology",
        "Interfaces, cables, bridges and routes, as they follow from what was decided.",
        ("topology/", "drivers/", "host/test_machine.py", "host/test_parents.py"),
    ),
    Concept(
        "Firewall",
        "Rules as data: printed, read back, asked.",
        ("firewall/", "host/test_rules", "host/test_restore", "host/test_inter"),
    ),
    Concept(
        "Naming",
        "Hosts files, links, and the resolver at 127.0.0.11.",
        ("naming/",),
    ),
    Concept(
        "Packets",
        "A packet's journey, hop by hop, and why it ended.",
        ("packet/",),
    ),
    Concept(
        "The real kernel",
        "What is built on a Linux kernel and asked there.",
        ("oracle/kernel/",),
    ),
    Concept(
        "Containers and images",
        "What a request makes of the World, and what a refused one leaves alone.",
        ("commands/", "model/", "host/"),
    ),
    Concept(
        "Programs",
        "What a simulated container can run, and the clock that it runs by.",
        ("runtime/",),
    ),
    Concept(
        "The engine",
        "History, undo, snapshots, and what is kept.",
        ("test_",),
    ),
    Concept(
        "Registry",
        "The stores that hosts share: compare-and-swap, watches, leases.",
        ("registry/", "contracts/store.py"),
    ),
    Concept(
        "Overlay",
        "Networks across hosts, and what hosts agree on.",
        ("overlay/", "cluster/"),
    ),
    Concept("Plugins", "What Docker and its plugins say to each other.", ("plugin/",)),
    Concept(
        "Command line",
        "Docker's words, and ours: read, or refused with a reason.",
        ("commandline/", "cli/", "client/"),
    ),
    Concept(
        "API",
        "The Engine API: requests, answers, streams and terminals.",
        ("api/", "server/", "clients/", "contracts/docker_py"),
    ),
    Concept("Moving", "From one engine to another.", ("moving/",)),
    Concept(
        "Views",
        "Pictures, tables and JSON: nothing overlaps, nothing is left out.",
        ("views/",),
    ),
    Concept(
        "Lessons",
        "Exercises, the playground, and these pages.",
        ("labs/", "playground/", "docs/", "laws/", "browser/"),
    ),
    Concept(
        "Kubernetes",
        "The same wish as manifests, with a report and a proof.",
        ("k8s_bridge/", "oracle/"),
    ),
)


def concept_of(file: str) -> Concept:
    """The concept of a test file, named below `tests`.

    >>> concept_of("net/test_ranges.py").title, concept_of("net/test_mac.py").title
    ('Prefixes', 'Addresses')
    >>> concept_of("cooking/test_soup.py")
    Traceback (most recent call last):
    ...
    LookupError: no concept has cooking/test_soup.py: add it to tests/laws/concepts.py
    """
    for concept in CONCEPTS:
        if file.startswith(concept.paths):
            return concept
    raise LookupError(f"no concept has {file}: add it to tests/laws/concepts.py")
