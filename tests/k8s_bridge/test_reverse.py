"""Manifests that others wrote, as Docker has them; and what is lost."""

import json
import re

import pytest
import yaml

from k8s_bridge.cli.main import main
from k8s_bridge.reverse.amounts import expanded, quantity_of
from k8s_bridge.reverse.back import reverse
from k8s_bridge.reverse.composing import compose_text
from k8s_bridge.reverse.lines import docker_lines
from minidock.errors import NotFound

SHOP = """
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {MODE: fast, app.conf: "a=1"}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
data: {password: aHVudGVyMg==}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: http, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: backend}
spec: {selector: {app: web}, ports: [{port: 81, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {maxReplicas: 9}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, uid: "7", labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      tolerations: [{key: gpu, operator: Exists}]
      initContainers:
      - {name: setup, image: busybox, command: [touch, /data/x], volumeMounts: [{name: data, mountPath: /data}]}
      containers:
      - name: app
        image: shop/web:1
        args: ["--mode", "$(MODE)"]
        ports: [{containerPort: 8080, name: http}]
        env:
        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: keys, key: password}}}
        - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        envFrom: [{configMapRef: {name: conf}}]
        livenessProbe: {httpGet: {path: /ok, port: 8080}, periodSeconds: 5}
        resources: {limits: {cpu: 500m, memory: 64Mi, ephemeral-storage: 1Gi}}
        securityContext: {runAsUser: 5, readOnlyRootFilesystem: true}
        volumeMounts:
        - {name: data, mountPath: /data}
        - {name: conf, mountPath: /etc/app}
      - {name: log, image: fluent, volumeMounts: [{name: scratch, mountPath: /s}]}
      volumes:
      - {name: data, persistentVolumeClaim: {claimName: data}}
      - {name: conf, configMap: {name: conf, items: [{key: app.conf, path: my.conf}]}}
      - {name: scratch, emptyDir: {}}
status: {replicas: 2}
"""


@pytest.fixture
def back():
    return reverse(list(yaml.safe_load_all(SHOP)))


def test_each_container_is_a_service(back):
    names = [service.name for service in back.application.services]
    assert names == ["web", "log", "web-setup"]


def test_what_runs_first_must_have_completed(back):
    [dependency] = back.application.service("web").dependencies
    assert (dependency.service, str(dependency.condition)) == (
        "web-setup",
        "service_completed_successfully",
    )


def test_a_second_container_is_in_the_network_of_the_first(back):
    assert back.application.service("log").networking.shares == "web"


def test_values_are_looked_up_and_references_filled_in(back):
    program = back.application.service("web").program
    assert program.args == ("--mode", "fast")
    assert dict(program.env)["PASSWORD"] == "hunter2"


def test_a_node_port_is_a_host_port(back):
    published = back.application.service("web").networking.published
    assert [str(publication) for publication in published] == ["30080:8080/tcp"]


def test_a_port_of_the_node_is_a_port_of_the_host():
    port = {"containerPort": 53, "hostPort": 5353, "protocol": "UDP"}
    containers = [{"name": "dns", "image": "dns", "ports": [port]}]
    meta = {"metadata": {"name": "dns"}}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        **meta,
        "spec": {"containers": containers},
    }
    back = reverse([pod]).application
    [publication] = back.service("dns").networking.published
    assert (str(publication), publication.mode) == ("5353:53/udp", "host")
    assert "-p 5353:53/udp" in docker_lines(back)[-1]


def test_who_has_a_dev_shm_of_its_own_is_not_in_the_nodes_ipc_namespace():
    shm = [{"name": "shm", "mountPath": "/dev/shm"}]
    containers = [
        {"name": "a", "image": "a", "volumeMounts": shm},
        {"name": "b", "image": "b"},
    ]
    memory = {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}}
    spec = {"containers": containers, "hostIPC": True, "volumes": [memory]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec}
    modes = [s.security.ipc_mode for s in reverse([pod]).application.services]
    assert modes == ["", "host"]


def _front(**rule):
    label = {"matchLabels": {"network.minidock/front": "true"}}
    spec = {"podSelector": label, "policyTypes": ["Ingress"]}
    rule = {"from": [{"podSelector": label}], **rule}
    policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    policy |= {
        "metadata": {"name": "network-front"},
        "spec": spec | {"ingress": [rule]},
    }
    meta = {"name": "web", "labels": {"network.minidock/front": "true"}}
    containers = {"containers": [{"name": "web", "image": "nginx"}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": containers}
    return reverse([policy, pod])


def test_a_policy_that_is_stricter_than_a_network_is_lost():
    assert not _front().report.lost
    lost = _front(ports=[{"port": 80}]).report.lost
    assert "spec.ingress[0].ports[0].port" in [entry.path for entry in lost]


def test_a_service_of_another_name_is_an_alias(back):
    [attachment] = back.application.service("web").networking.attachments
    assert attachment.aliases == ("backend",)


def test_what_a_kubelet_asks_from_outside_is_asked_inside(back):
    check = back.application.service("web").lifecycle.healthcheck
    assert check.command[2] == "wget -q -O /dev/null http://127.0.0.1:8080/ok"
    assert check.interval == 5_000_000_000


def test_what_docker_cannot_have_is_lost_and_says_why(back):
    lost = {(e.subject, e.path): e.how for e in back.report.lost}
    assert lost["HorizontalPodAutoscaler web", ""] == (
        "Docker has no HorizontalPodAutoscaler"
    )
    where = "spec.template.spec."
    assert lost["Deployment web", f"{where}tolerations[0].key"] == (
        "one host has no taints"
    )
    limits = f"{where}containers[0].resources.limits.ephemeral-storage"
    assert ("Deployment web", limits) in lost
    field = f"{where}containers[0].env[1].valueFrom.fieldRef.fieldPath"
    assert lost["Deployment web", field] == "a value that only the cluster knows"
    assert ("NetworkPolicy deny", "spec.policyTypes[0]") in lost
    assert "Docker's volumes have no size" in str(back.report)


def test_what_a_cluster_wrote_by_itself_is_in_no_report(back):
    paths = {entry.path for entry in back.report.entries}
    assert not {path for path in paths if path.startswith(("status", "metadata.uid"))}


def test_no_secret_is_in_the_report_or_the_compose_file(back):
    assert "hunter2" not in str(back.report)
    assert "hunter2" not in json.dumps(back.report.as_json())
    secret_only = compose_text(back.application).replace("PASSWORD: hunter2", "")
    assert "hunter2" not in secret_only  # the variable was asked for in clear


def test_a_line_comes_after_those_that_it_needs(back):
    runs = [line for line in docker_lines(back.application) if " run " in line]
    assert [line.split("--name ")[1].split()[0] for line in runs] == [
        "web-setup",
        "web",
        "log",
    ]


def test_manifests_without_a_pod_are_refused():
    with pytest.raises(NotFound, match="there is no pod among the manifests"):
        reverse([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}])


@pytest.mark.parametrize("value", ["", "x", "1Zi", None, {}, "-1"])
def test_what_is_no_quantity_is_nothing(value):
    assert quantity_of(value) == 0


def test_a_reference_to_nothing_stays():
    assert expanded("$(A)$$(B)", {}) == "$(A)$(B)"


def test_the_command_writes_a_folder(tmp_path, capsys):
    manifests = tmp_path / "shop.yaml"
    manifests.write_text(SHOP)
    out = tmp_path / "out"
    assert main(["reverse", str(manifests), "-o", str(out), "--strict"]) == 2
    assert "lost" in capsys.readouterr().err
    model = yaml.safe_load((out / "compose.yaml").read_text())
    assert list(model["services"]) == ["web", "log", "web-setup"]


def test_what_the_lines_mount_is_written_beside_them(tmp_path, capsys):
    manifests = tmp_path / "shop.yaml"
    manifests.write_text(SHOP)
    out = tmp_path / "out"
    assert main(["reverse", str(manifests), "--run", "-o", str(out)]) == 0
    lines = (out / "run.sh").read_text()
    mounted = re.findall(r"-v \./(\S+?):", lines)
    assert mounted == ["configs/conf-app-conf"]
    assert (out / mounted[0]).read_text() == "a=1"


def test_the_command_prints_docker_lines(tmp_path, capsys):
    manifests = tmp_path / "shop.yaml"
    manifests.write_text(SHOP)
    assert main(["reverse", str(manifests), "--run", "--report", "none"]) == 0
    captured = capsys.readouterr()
    assert "docker run -d --name web-setup" in captured.out
    assert captured.err == ""
