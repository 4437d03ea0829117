"""Networks: made, listed, joined, left and refused, as docker-py asks for them."""

import pytest
from docker.errors import APIError, NotFound
from docker.types import EndpointConfig, IPAMConfig, IPAMPool

from tests.contracts.docker_py.conftest import status_of


def pool(**more):
    return IPAMConfig(pool_configs=[IPAMPool(**more)])


def joined(api, name, network, **more):
    """A running container on a network."""
    made = api.create_container(
        "alpine",
        "sleep 9999",
        name=name,
        host_config=api.create_host_config(network_mode=network),
        networking_config=api.create_networking_config(
            {network: api.create_endpoint_config(**more)}
        ),
    )
    api.start(made)
    return made["Id"]


def said(api, container, words):
    """What a program prints in a container, and its code."""
    made = api.exec_create(container, words)
    text = api.exec_start(made).decode()
    return text, api.exec_inspect(made)["ExitCode"]


def endpoint(api, container, network):
    return api.inspect_container(container)["NetworkSettings"]["Networks"][network]


# --- made and listed ------------------------------------------------------------------


def test_a_network_is_found_by_its_name_and_by_the_beginning_of_its_id(api):
    made = api.create_network("app")["Id"]
    for asked in ({"names": ["app"]}, {"ids": [made[:8]]}, {"names": ["ap"]}):
        assert [network["Id"] for network in api.networks(**asked)] == [made]
    assert made in {network["Id"] for network in api.networks()}


def test_a_new_network_is_a_local_bridge_with_an_address_space(api):
    shown = api.inspect_network(api.create_network("app")["Id"])
    assert (shown["Name"], shown["Driver"], shown["Scope"]) == (
        "app",
        "bridge",
        "local",
    )
    assert shown["IPAM"]["Driver"] == "default"
    assert [entry["Subnet"] for entry in shown["IPAM"]["Config"]] == ["172.18.0.0/16"]
    assert not shown["Containers"]


def test_three_networks_are_there_from_the_start(client):
    names = {network.name for network in client.networks.list()}
    assert names == {"bridge", "host", "none"}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"driver": "null"}, {"none"}),
        ({"driver": ["host", "null"]}, {"host", "none"}),
        ({"type": "custom"}, {"app", "db"}),
        ({"type": "builtin"}, {"bridge", "host", "none"}),
        ({"label": "tier"}, {"app", "db"}),
        ({"label": "tier=back"}, {"db"}),
        ({"label": ["tier", "owner=me"]}, {"db"}),
        ({"scope": "swarm"}, set()),
        ({"name": "app", "driver": "host"}, set()),
        ({"dangling": "true"}, {"app", "db"}),
    ],
)
def test_a_list_of_networks_is_filtered(api, filters, names):
    api.create_network("app", labels={"tier": "front"})
    api.create_network("db", labels={"tier": "back", "owner": "me"})
    assert {network["Name"] for network in api.networks(filters=filters)} == names


def test_a_filter_that_no_engine_knows_is_refused(api):
    with pytest.raises(APIError) as failure:
        api.networks(filters={"colour": "red"})
    assert status_of(failure) == 400
    assert "colour" in failure.value.explanation


def test_an_address_space_is_shown_as_it_was_asked_for(api):
    asked = {
        "subnet": "10.20.0.0/16",
        "iprange": "10.20.5.0/24",
        "gateway": "10.20.5.254",
        "aux_addresses": {"router": "10.20.1.5"},
    }
    made = api.create_network("app", ipam=pool(**asked))["Id"]
    assert api.inspect_network(made)["IPAM"]["Config"] == [
        {
            "Subnet": "10.20.0.0/16",
            "IPRange": "10.20.5.0/24",
            "Gateway": "10.20.5.254",
            "AuxiliaryAddresses": {"router": "10.20.1.5"},
        }
    ]
    first = joined(api, "one", "app")
    assert endpoint(api, first, "app")["IPAddress"] == "10.20.5.0"


def test_labels_options_and_flags_of_a_network_are_kept(api):
    options = {"com.docker.network.driver.mtu": "1400"}
    made = api.create_network(
        "app",
        labels={"team": "blue"},
        options=options,
        internal=True,
        attachable=True,
    )
    shown = api.inspect_network(made["Id"])
    assert shown["Labels"] == {"team": "blue"}
    assert shown["Options"] == options
    assert (shown["Internal"], shown["Attachable"], shown["Ingress"]) == (
        True,
        True,
        False,
    )


def test_a_network_of_both_families_gives_both_addresses(api):
    api.create_network("app", enable_ipv6=True, ipam=pool(subnet="fd00:9::/64"))
    assert api.inspect_network("app")["EnableIPv6"] is True
    shown = endpoint(api, joined(api, "one", "app"), "app")
    assert shown["GlobalIPv6Address"] == "fd00:9::2"
    assert shown["GlobalIPv6PrefixLen"] == 64
    assert shown["IPAddress"]


# --- refused --------------------------------------------------------------------------


def test_a_second_network_of_one_name_is_refused(api):
    api.create_network("app")
    with pytest.raises(APIError) as failure:
        api.create_network("app", check_duplicate=True)
    assert status_of(failure) == 409
    assert "network with name app already exists" in failure.value.explanation


def test_only_older_engines_allow_two_networks_of_one_name(api, way):
    api.create_network("app")
    if way.era == "20.10":
        api.create_network("app", check_duplicate=False)
        assert len(api.networks(names=["app"])) == 2
        with pytest.raises(APIError, match="ambiguous"):
            api.remove_network("app")
    else:
        with pytest.raises(APIError, match="already exists"):
            api.create_network("app", check_duplicate=False)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"driver": "host"}, 403),
        ({"driver": "null"}, 403),
        ({"driver": "nosuch"}, 404),
        ({"ipam": pool(subnet="10.0.0.300/16")}, (400, 500)),
        ({"ipam": pool(subnet="172.17.0.0/16")}, 403),
    ],
    ids=["host", "null", "no driver", "no subnet", "overlap"],
)
def test_a_network_that_cannot_be_is_refused_and_leaves_nothing(api, way, more, status):
    with pytest.raises(APIError) as failure:
        api.create_network("app", **more)
    # 20.10 finds a subnet that is none late, and calls that its own fault.
    older, newer = (status, status) if isinstance(status, int) else status[::-1]
    assert status_of(failure) == (older if way.era == "20.10" else newer)
    assert len(api.networks()) == 3


def test_labels_must_be_a_mapping_and_nothing_is_asked(api, double):
    with pytest.raises(TypeError):
        api.create_network("app", labels=["a=b"])
    assert not double.requests_to("POST /networks/create")


def test_removing_a_network_takes_it_away(client):
    client.networks.create("app").remove()
    assert client.networks.list(names=["app"]) == []
    with pytest.raises(NotFound, match="network app not found"):
        client.networks.get("app")


@pytest.mark.parametrize("name", ["bridge", "host", "none"])
def test_a_network_of_the_engine_cannot_be_removed(api, name):
    with pytest.raises(APIError, match="pre-defined network") as failure:
        api.remove_network(name)
    assert status_of(failure) == 403


def test_a_network_in_use_cannot_be_removed(api):
    api.create_network("app")
    joined(api, "web", "app")
    with pytest.raises(APIError, match="has active endpoints") as failure:
        api.remove_network("app")
    assert status_of(failure) == 403


def test_pruning_removes_the_networks_that_nobody_uses(api):
    api.create_network("used")
    api.create_network("free")
    joined(api, "web", "used")
    assert api.prune_networks()["NetworksDeleted"] == ["free"]
    assert {network["Name"] for network in api.networks()} >= {"used", "bridge"}


# --- joined and left ------------------------------------------------------------------


@pytest.mark.parametrize("force", [False, True])
def test_a_running_container_joins_and_leaves_a_network(api, sleeper, force):
    api.create_network("app")
    api.connect_container_to_network(sleeper.id, "app")
    assert list(api.inspect_network("app")["Containers"]) == [sleeper.id]
    with pytest.raises(APIError) as failure:
        api.connect_container_to_network(sleeper.id, "app")
    assert status_of(failure) == 403
    api.disconnect_container_from_network(sleeper.id, "app", force=force)
    assert not api.inspect_network("app")["Containers"]
    with pytest.raises(APIError, match="is not connected"):
        api.disconnect_container_from_network(sleeper.id, "app", force=force)


def test_networks_and_containers_know_each_other_as_models(client, sleeper):
    network = client.networks.create("app")
    network.connect(sleeper)
    network.reload()
    assert network.containers == [sleeper]
    sleeper.reload()
    assert set(sleeper.attrs["NetworkSettings"]["Networks"]) == {"app", "bridge"}
    network.disconnect(sleeper)
    network.reload()
    assert network.containers == []


def test_a_container_that_is_no_more_cannot_join(api):
    api.create_network("app")
    with pytest.raises(NotFound, match="No such container: ghost"):
        api.connect_container_to_network("ghost", "app")
    with pytest.raises(NotFound, match="No such container: ghost"):
        api.disconnect_container_from_network("ghost", "app")


def test_containers_on_a_network_reach_each_other_by_name_and_alias(api):
    api.create_network("app")
    web = joined(api, "web", "app")
    joined(api, "db", "app", aliases=["store", "sql"])
    for name in ("db", "store", "sql"):
        text, code = said(api, web, ["ping", "-c", "1", name])
        assert (code, text.splitlines()[0]) == (
            0,
            f"PING {name} (172.18.0.3): 56 data bytes",
        )
    assert said(api, web, ["ping", "-c", "1", "nobody"])[1] == 1


def test_aliases_hold_the_short_id_only_where_the_version_says_so(api, way):
    api.create_network("app")
    db = joined(api, "db", "app", aliases=["store"])
    aliases = endpoint(api, db, "app")["Aliases"]
    assert "store" in aliases
    assert (db[:12] in aliases) == (way.version < (1, 45))


def test_a_link_renames_a_container_that_comes_later(api):
    api.create_network("app")
    web = joined(api, "web", "app", links=[("backend", "store")])
    assert endpoint(api, web, "app")["Links"] == ["backend:store"]
    assert said(api, web, ["ping", "-c", "1", "store"])[1] == 1
    joined(api, "backend", "app")
    assert said(api, web, ["ping", "-c", "1", "store"])[1] == 0


@pytest.mark.parametrize("late", [False, True])
def test_fixed_addresses_and_macs_are_given(api, way, late):
    ipam = IPAMConfig(
        pool_configs=[IPAMPool(subnet="10.7.0.0/16"), IPAMPool(subnet="fd00:7::/64")]
    )
    api.create_network("app", enable_ipv6=True, ipam=ipam)
    asked = {"ipv4_address": "10.7.0.99", "ipv6_address": "fd00:7::99"}
    if late:
        made = api.create_container("alpine", "sleep 9999", name="web")["Id"]
        api.start(made)
        mac = "02:42:ac:11:00:63"
        api.connect_container_to_network(made, "app", mac_address=mac, **asked)
        shown = endpoint(api, made, "app")["MacAddress"]
        assert (shown == mac) == (way.version >= (1, 44))
    else:
        made = joined(api, "web", "app", **asked)
    shown = endpoint(api, made, "app")
    assert shown["IPAMConfig"]["IPv4Address"] == shown["IPAddress"] == "10.7.0.99"
    assert shown["IPAMConfig"]["IPv6Address"] == "fd00:7::99"
    assert shown["GlobalIPv6Address"] == "fd00:7::99"


def test_a_mac_that_is_asked_for_is_shown_before_the_start(api, way):
    """An engine of 20.10 shows what it was asked for, and then uses its own."""
    mac = "02:42:ac:11:00:63"
    api.create_network("app")
    made = api.create_container("alpine", "top")
    api.connect_container_to_network(made, "app", mac_address=mac)
    assert endpoint(api, made, "app")["MacAddress"] == mac
    api.start(made)
    shown = endpoint(api, made, "app")["MacAddress"]
    assert (shown == mac) == (way.era != "20.10")


def test_an_address_is_given_once(api):
    api.create_network("app", ipam=pool(subnet="10.7.0.0/16"))
    joined(api, "one", "app", ipv4_address="10.7.0.9")
    with pytest.raises(APIError, match="Address already in use"):
        joined(api, "two", "app", ipv4_address="10.7.0.9")


def test_link_local_addresses_are_kept(api):
    api.create_network("app")
    made = joined(api, "web", "app", link_local_ips=["169.254.8.8"])
    assert endpoint(api, made, "app")["IPAMConfig"] == {"LinkLocalIPs": ["169.254.8.8"]}


def test_an_internal_network_has_no_way_out(api):
    api.create_network("closed", internal=True)
    api.create_network("open")
    for network, code in (("closed", 1), ("open", 0)):
        made = joined(api, network, network)
        assert (
            said(api, made, ["ping", "-c", "1", "-W", "1", "198.51.100.80"])[1] == code
        )


def test_an_mtu_reaches_the_interface(api):
    api.create_network("app", options={"com.docker.network.driver.mtu": "1300"})
    made = joined(api, "web", "app")
    assert " mtu 1300 " in said(api, made, ["ip", "link", "show", "eth0"])[0]


def test_several_networks_at_create_need_a_newer_version(client, way):
    for name in ("front", "back"):
        client.networks.create(name)
    settings = {
        name: EndpointConfig(way.api, aliases=[f"{name}-alias"])
        for name in ("front", "back")
    }
    asked = {
        "image": "alpine",
        "command": "sleep 9999",
        "network": "front",
        "networking_config": settings,
    }
    if way.version < (1, 44):
        with pytest.raises(APIError) as failure:
            client.containers.create(**asked)
        assert status_of(failure) == 400
        return
    made = client.containers.create(**asked)
    shown = made.attrs["NetworkSettings"]["Networks"]
    assert set(shown) == {"front", "back"}
    assert "back-alias" in shown["back"]["Aliases"]


def test_settings_of_a_network_that_is_not_there_stop_the_start(client, way):
    settings = {"ghost": EndpointConfig(way.api, aliases=["spook"])}
    made = client.containers.create(
        "alpine", "true", network="ghost", networking_config=settings
    )
    with pytest.raises(NotFound, match="network ghost not found"):
        made.start()


def test_the_host_s_network_is_not_joined_later(api, sleeper):
    with pytest.raises(APIError) as failure:
        api.connect_container_to_network(sleeper.id, "host")
    assert status_of(failure) in {400, 403, 409}
    assert list(endpoint_names(api, sleeper.id)) == ["bridge"]


def endpoint_names(api, container):
    return api.inspect_container(container)["NetworkSettings"]["Networks"]
