"""Hosts for the laws: stories with a few networks and containers, by any options."""

from hypothesis import strategies as st

from tests.host.story import Story, opening


@st.composite
def stories(draw):
    """A host with a few networks, and containers that publish and link."""
    flags = draw(
        st.lists(
            st.sampled_from(
                [
                    "--icc=false",
                    "--userland-proxy=false",
                    "--ip-masq=false",
                    "--ip6tables",
                ]
            )
        )
    )
    story = Story(draw(st.sampled_from(["17.12", "20.10", "28"])), *flags)
    names = ["bridge"]
    for number in range(draw(st.integers(0, 3))):
        six = f"fd00:{number + 1}::/64" if draw(st.booleans()) else ""
        facts = {
            "internal": draw(st.booleans()),
            "icc": draw(st.booleans()),
            "gateway_mode_ipv4": draw(
                st.sampled_from(["nat", "routed", "nat-unprotected"])
            ),
        }
        story.network(f"n{number}", f"10.{number}.0.0/24", six, **facts)
        names.append(f"n{number}")
    for number in range(draw(st.integers(0, 4))):
        network = draw(st.sampled_from(names))
        ports = draw(
            st.lists(
                st.sampled_from([":80/80/tcp", "127.0.0.1:81/80/udp", ":82/82/sctp"]),
                unique=True,
            )
        )
        links = [opening("10.9.0.2", "10.9.0.3", "80/tcp")] * draw(st.integers(0, 2))
        story.run(
            f"c{number}", f"10.9.0.{number}", *ports, network=network, openings=links
        )
    return story
