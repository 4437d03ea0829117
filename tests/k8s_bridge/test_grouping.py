"""What runs on a host, divided into applications."""

from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.grouping import application_of, groups_of
from minidock.moving.host import HostState, host_of, name_of


def _container(name, project="", networks=(), mounts=(), **host):
    labels = {"com.docker.compose.project": project} if project else {}
    if project:
        labels["com.docker.compose.service"] = name
    return {
        "Name": f"/{name}",
        "Id": name.encode().hex().ljust(64, "0"),
        "Config": {"Labels": labels},
        "HostConfig": {"NetworkMode": next(iter(networks), "bridge"), **host},
        "NetworkSettings": {"Networks": {key: {} for key in networks}},
        "Mounts": [{"Type": "volume", "Name": name} for name in mounts],
    }


def _groups(*containers):
    return {
        group.name: sorted(map(name_of, group.state.containers))
        for group in groups_of(host_of(containers))
    }


def test_strangers_are_alone():
    assert _groups(_container("a"), _container("b", networks=["bridge"])) == {
        "a": ["a"],
        "b": ["b"],
    }


def test_a_project_is_one_application_whatever_it_shares():
    assert _groups(
        _container("a", "shop", ["lan"]),
        _container("b", "blog", ["lan"]),
        _container("c", "shop"),
        _container("d", networks=["lan"]),
    ) == {"shop": ["a", "c"], "blog": ["b"], "d": ["d"]}


def test_a_common_network_joins_and_names():
    assert _groups(
        _container("a", networks=["front"]),
        _container("b", networks=["front", "back"]),
        _container("c", networks=["front"]),
    ) == {"front": ["a", "b", "c"]}
    assert _groups(
        _container("a", networks=["front"]),
        _container("b", networks=["front", "back"]),
        _container("c", networks=["back"]),
    ) == {"a": ["a", "b", "c"]}


def test_links_namespaces_and_volumes_join():
    a = _container("a")
    assert _groups(a, _container("b", Links=["/a:/b/x"])) == {"a": ["a", "b"]}
    assert _groups(a, _container("b", VolumesFrom=[f"{a['Id']}:ro"])) == {
        "a": ["a", "b"]
    }
    mode = f"container:{a['Id']}"
    assert _groups(a, _container("b", NetworkMode=mode)) == {"a": ["a", "b"]}
    assert _groups(a, _container("b", PidMode="container:a")) == {"a": ["a", "b"]}
    assert _groups(_container("a", mounts=["v"]), _container("b", mounts=["v"])) == {
        "a": ["a", "b"]
    }


def test_a_group_has_its_part_of_the_host_and_no_more():
    networks = [{"Name": n, "IPAM": {}, "Id": n} for n in ("front", "back", "bridge")]
    volumes = [{"Name": n, "Mountpoint": "/"} for n in ("v", "w")]
    host = host_of(
        [_container("a", networks=["front"], mounts=["v"]), *networks, *volumes]
    )
    (group,) = groups_of(host)
    assert [n.text("Name") for n in group.state.networks] == ["front"]
    assert [v.text("Name") for v in group.state.volumes] == ["v"]
    assert application_of(group).name == "a"


_names = st.sampled_from("abcdefgh")
_hosts = st.lists(
    st.builds(
        _container,
        _names,
        st.sampled_from(["", "", "shop", "blog"]),
        st.lists(st.sampled_from(["front", "back", "lan"]), max_size=2),
        st.lists(st.sampled_from(["v", "w"]), max_size=1),
    ),
    unique_by=lambda container: container["Name"],
)


@given(_hosts, st.randoms())
def test_every_container_is_in_one_group_whatever_their_order(containers, random):
    groups = _groups(*containers)
    members = [name for group in groups.values() for name in group]
    assert sorted(members) == sorted(c["Name"][1:] for c in containers)
    random.shuffle(containers)
    assert _groups(*containers) == groups


@given(_hosts)
def test_whoever_shares_a_network_that_no_project_uses_is_in_one_group(containers):
    groups = _groups(*containers)
    where = {name: group for group, names in groups.items() for name in names}
    free = [c for c in containers if not c["Config"]["Labels"]]
    for one in free:
        for other in free:
            if set(one["NetworkSettings"]["Networks"]) & set(
                other["NetworkSettings"]["Networks"]
            ):
                assert where[one["Name"][1:]] == where[other["Name"][1:]]


def test_an_empty_host_has_no_application():
    assert groups_of(HostState()) == ()
