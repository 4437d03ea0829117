"""A short run of the load with kills; the long one is a command (cluster_kill9)."""

import pytest

from tests.registry.servers import EtcdServer, needs_etcd
from tests.registry.zookeeper_server import ZooKeeperServer, needs_zookeeper
from tests.server.cluster_kill9 import run


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(EtcdServer, marks=needs_etcd, id="etcd"),
        pytest.param(ZooKeeperServer, marks=needs_zookeeper, id="zookeeper"),
    ],
)
def test_no_kill_loses_what_was_acknowledged_or_leaves_what_nobody_has(kind, tmp_path):
    server = kind(tmp_path)
    server.start()
    try:
        report = run(server, server.url, seconds=4, seed=11)
    finally:
        server.kill()
    assert report.clean, str(report)
    assert report.acknowledged["create"], str(report)
