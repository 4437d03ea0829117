"""The sentence that a test's name states, and what is wrong with one that is none.

```
test_the_last_address_has_all_bits_set   a name
     The last address has all bits set.  its sentence
     └── subject ───┘ └─ verb
```

A sentence says of whom it speaks and what they do. So it begins as a subject begins (an
article, a number, a plural, a gerund, a clause), not with a pronoun, which would speak of
something that stands elsewhere; and after the subject's first words a verb follows.
The verbs are a list: whoever states a law with a new one adds it, and reads the law aloud.
"""

import re

__all__ = ["fault_of", "sentence_of"]

_WRITTEN = {
    word.lower(): word
    for word in (
        "API ARP ASCII CSV DNS Docker HTTP INPUT IPv4 IPv6 JSON Kubernetes Consul MAC "
        "MACs Markdown Mermaid MTU NAT Python SVG TCP TLS TTL UDP VNI VNIs VXLAN World "
        "Worlds YAML"
    ).split()
} | {word: f"`{word}`" for word in "grep ip ipaddress nc nslookup ufw".split()}
_TOGETHER = (
    (r" s\b", "'s"),
    ("compare and swap", "compare-and-swap"),
    ("link local", "link-local"),
    ("Docker compose", "`docker compose`"),
    (r"\bcompose (?=file|model)", "Compose "),
    (r"(?<=\w) (?=(whatever|however|wherever|whichever)\b)", ", "),
    (r"^(whatever .+) (?=(the|an|every) \w+ (is|are|stays|fits|comes)\b)", r"\1, "),
)
"""What belongs together in writing: patterns, and what stands for them."""

_DETERMINERS = frozenset(
    "a an the each every no any all both two three some most many whatever whoever "
    "only nothing nobody everybody everything one our equal other what who".split()
)
_PRONOUNS = frozenset(
    "it they he she we you i this that these those its their there here same".split()
)
_PROPER = frozenset(
    "docker kubernetes json yaml python linux iptables reachability indented odd "
    "grep head nc nslookup".split()
)
"""Names and things that cannot be counted: they need no article."""

_VERBS = frozenset(
    """
    is are was were has have does do gives give says say takes take keeps keep holds hold
    means mean makes make reads read comes come goes go stays stay lies lie ends end
    changes change undoes undo leads lead finds find names name knows know follows follow
    fits fit covers cover joins join differs differ mirrors mirror agrees agree counts
    count arrives arrive becomes become reaches reach answers answer shares share begins
    begin starts start runs run sees see shows show tells tell wins win succeeds succeed
    breaks break stands stand adds add decides decide matches match exposes expose
    satisfies overlap overlaps owns gets get leaves leave loses lose lists list builds
    build resolves resolve survives survive turns turn prints print allows allow closes
    close opens open selects select splits split states state refuses refuse needs need
    crosses cross
    understands understand drops drop multiplies multiply binds bind falls fall contains
    contain meets meet marks mark waits wait moves move sends send stops stop partition
    mend mends contradicts contradict hands hand lets let brings bring passes pass cross crosses returns raises fails
    fail solves solve draws draw uses use remembers remember forgets forget never can may
    must cannot will speaks speak touches touch asks ask teaches teach points point
    """.split()
)
_SHORTEST = 4


def sentence_of(name: str) -> str:
    """The sentence of a test's or an invariant's name.

    >>> sentence_of("test_an_ipv4_address_is_that_of_python_s_ipaddress")
    "An IPv4 address is that of Python's `ipaddress`."
    >>> sentence_of("test_whatever_docker_compose_reads_the_world_stays_in_order")
    'Whatever `docker compose` reads, the World stays in order.'
    """
    words = name.removeprefix("test_").split("_")
    text = " ".join(_WRITTEN.get(word, word) for word in words)
    for apart, together in _TOGETHER:
        text = re.sub(apart, together, text)
    return f"{text[:1].upper()}{text[1:]}."


def fault_of(name: str) -> str:
    """Why a name is no sentence that can be quoted; "" if it is one.

    >>> fault_of("test_two_names_never_become_one")
    ''
    >>> fault_of("test_pool_ok")
    'has 2 words; a sentence that says something has 4 or more'
    >>> fault_of("test_it_holds_just_the_numbers_of_its_stretches")
    'begins with "it": who reads it alone cannot know of whom it speaks'
    >>> fault_of("test_round_trip_of_the_text_of_an_address")
    'begins with "round", which is no subject: begin with an article, a plural ...'
    >>> fault_of("test_the_round_trip_of_the_text_of_an_address")
    'has no verb after its subject that the list of verbs knows'
    """
    words = name.removeprefix("test_").split("_")
    if len(words) < _SHORTEST:
        return (
            f"has {len(words)} words; a sentence that says something has {_SHORTEST} "
            "or more"
        )
    if words[0] in _PRONOUNS:
        return f'begins with "{words[0]}": who reads it alone cannot know of whom it speaks'
    if not _may_begin(words[0]):
        return (
            f'begins with "{words[0]}", which is no subject: begin with an article, '
            "a plural ..."
        )
    # "Each lists ..." has no subject yet; a plural has one with its first word.
    first = 2 if words[0] in _DETERMINERS else 1
    if not _VERBS.intersection(words[first:-1]) and words[-1] not in _VERBS:
        return "has no verb after its subject that the list of verbs knows"
    return ""


def _may_begin(word: str) -> bool:
    plural = word.endswith("s") and not word.endswith("ss") and word not in _VERBS
    return word in _DETERMINERS | _PROPER or plural or word.endswith("ing")
