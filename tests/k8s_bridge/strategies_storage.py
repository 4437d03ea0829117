"""What is stored: mounts with what lies there, volumes, configs, secrets, grants."""

from hypothesis import strategies as st

from k8s_bridge.application import (
    Content,
    Grant,
    HostFile,
    Mount,
    MountKind,
    Stored,
    Volume,
)
from tests.k8s_bridge.strategies_values import made_of

__all__ = ["grants", "mounts", "stored", "volumes"]

_volume_names = st.sampled_from(["data", "Data", "my_data", "my.data", "web-data"])
_targets = st.sampled_from(
    [
        "/a",
        "/a/",
        "/b",
        "/dev/shm",
        "/run/secrets",
        "/run/secrets/one",
        "/",
        "rel",
        "/x:",
    ]
)
_files = st.builds(
    HostFile,
    st.sampled_from(["a", "a/b", "a_b", "a b", "id_rsa", "..data"]),
    st.sampled_from([b"", b"text\n", b"\xff\x00"]),
    st.sampled_from([0o644, 0o755, 0o600, 0o664]),
)
_one_file = st.builds(HostFile, st.just(""), st.sampled_from([b"", b"text", b"\xff"]))
contents = st.one_of(
    st.none(),
    st.just(Content(missing=True)),
    st.builds(lambda file: Content(files=(file,)), _one_file),
    made_of(
        Content,
        files=st.lists(_files, max_size=3, unique_by=lambda f: f.path).map(tuple),
        directory=st.just(True),
        complete=st.booleans(),
    ),
)
_sources = st.sampled_from(
    ["/srv/web", "/srv/api/web", "/var/run/docker.sock", "/dev/fuse", "/", "C:\\x"]
)
_details = {
    "target": _targets,
    "origin": st.just("binds"),
    "read_only": st.booleans(),
    "size": st.sampled_from([0, 1 << 20]),
    "subpath": st.sampled_from(["", "/a/b", "../up"]),
    "propagation": st.sampled_from(["", "rslave", "rshared"]),
    "options": st.sampled_from([(), ("z",), ("nocopy", "odd")]),
}
_others = made_of(
    Mount,
    kind=st.sampled_from([kind for kind in MountKind if kind is not MountKind.BIND]),
    source=_volume_names,
    **_details,
)
_binds = made_of(
    Mount, kind=st.just(MountKind.BIND), source=_sources, content=contents, **_details
)
mounts = st.lists(_others | _binds, max_size=3).map(tuple)

_options = st.sampled_from(
    [
        (),
        (("type", "nfs"), ("o", "addr=10.0.0.9,ro"), ("device", ":/srv")),
        (("type", "nfs4"), ("o", "soft"), ("device", "nas:/srv")),
        (("type", "tmpfs"), ("o", "size=64m"), ("device", "tmpfs")),
        (("type", "none"), ("o", "bind"), ("device", "/srv/x")),
        (("size", "10g"),),
    ]
)
volumes = st.lists(
    made_of(
        Volume,
        name=_volume_names,
        docker_name=st.sampled_from(["", "shop_data", "data"]),
        driver=st.sampled_from(["local", "", "rexray"]),
        options=_options,
        labels=st.sampled_from([(), (("a", "b"), ("c d", "e"))]),
        external=st.booleans(),
        size=st.sampled_from([0, 1 << 30]),
    ),
    max_size=3,
    unique_by=lambda volume: volume.name,
).map(tuple)

_stored_names = ["one", "two", "a_b", "a.b", "my conf", "web-env"]
stored = st.lists(
    made_of(
        Stored,
        name=st.sampled_from(_stored_names),
        docker_name=st.sampled_from(["", "shop_one", "one"]),
        data=st.none() | st.binary(max_size=4),
        external=st.booleans(),
    ),
    max_size=3,
    unique_by=lambda one: one.name,
).map(tuple)
grants = st.lists(
    made_of(
        Grant,
        source=st.sampled_from(_stored_names),
        target=st.sampled_from(
            ["/run/secrets/one", "/run/secrets/two", "/etc/one", "/a", "rel", "/x:y"]
        ),
        uid=st.sampled_from(["", "0", "103"]),
        mode=st.none() | st.sampled_from([0, 0o400, 0o444, 0o7777]),
    ),
    max_size=3,
).map(tuple)
