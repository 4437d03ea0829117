"""The commands against the double: what is changed, what is refused, what is said."""

import io
import json
import os
import sys

import pytest
import yaml

from k8s_bridge.cli.main import main
from k8s_bridge.cluster import Cluster, connect
from minidock.errors import NotFound
from tests.k8s_bridge.kube.double import kubeconfig, serving

OURS = {"app.kubernetes.io/managed-by": "k8s-bridge"}


def _meta(name, instance="shop"):
    labels = OURS | ({"app.kubernetes.io/instance": instance} if instance else {})
    return {"name": name, "labels": labels}


def _config(name, instance="shop", **data):
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _meta(name, instance),
        "data": data or {"a": "1"},
    }


def _secret(name, value):
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": _meta(name),
        "data": {"key": value},
    }


def _workload(name, image="nginx", kind="Deployment", **spec):
    pod = {
        "metadata": {"labels": {"app.kubernetes.io/name": name}},
        "spec": {"containers": [{"name": name, "image": image}]},
    }
    chosen = {"matchLabels": {"app.kubernetes.io/name": name}}
    body = {"selector": chosen, "template": pod, **spec}
    if kind == "StatefulSet":
        body["serviceName"] = name
        requests = {"requests": {"storage": "1Gi"}}
        claim = {"accessModes": ["ReadWriteOnce"], "resources": requests}
        body["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": claim}]
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": _meta(name),
        "spec": body,
    }


@pytest.fixture
def write(tmp_path):
    def write(*manifests, name="m.yaml"):
        file = tmp_path / name
        file.write_text(yaml.safe_dump_all(manifests), encoding="utf-8")
        return os.fspath(file)

    return write


@pytest.fixture
def call(config, capsys):
    def call(*words, code=0):
        given = main(list(words))
        captured = capsys.readouterr()
        assert given == code, captured
        return captured

    return call


def _foreign(double, manifest):
    """Puts an object there that somebody else has made."""
    manifest["metadata"]["labels"] = {"team": "core"}
    path = f"/api/v1/namespaces/default/{manifest['kind'].lower()}s"
    double.answer("POST", path, {"fieldManager": "hand"}, {}, json.dumps(manifest))


# Applying.


def test_apply_tells_each_change_and_waits(call, double, write):
    double.slow = 2
    said = call("apply", "-f", write(_workload("web"), _config("settings")))
    assert said.out == "ConfigMap/settings created\nDeployment/web created\n"
    assert said.err.splitlines() == [
        "0 of 1  Deployment/web: 0 of 1 available",
        "1 of 1",
    ]


def test_a_time_out_says_why_it_is_not_ready(call, write):
    file = write(_workload("web", "broken:1"))
    said = call("apply", "--timeout", "300ms", "-f", file, code=1)
    assert "k8s-bridge: 1 not ready after 0.3 s" in said.err
    assert (
        "Deployment/web: 0 of 1 available; Pod/web-0: web: ImagePullBackOff: no image broken:1"
        in said.err
    )
    assert "kubectl -n default describe deployment web" in said.err


def test_what_has_failed_is_not_waited_for(call, write):
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _meta("one"),
        "spec": {"containers": [{"name": "one", "image": "broken"}]},
    }
    said = call("apply", "-f", write(pod), code=1)
    assert "Pod/one failed: one: ImagePullBackOff" in said.err


def test_on_a_terminal_there_is_a_bar(call, double, write, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    double.slow = 1
    said = call("apply", "-f", write(_workload("web")))
    assert "[--------------------] 0 of 1  Deployment/web: 0 of 1 available" in said.err
    assert "[####################] 1 of 1" in said.err
    assert said.err.endswith("\r\x1b[K")


def test_what_somebody_else_made_is_refused_before_anything_is_changed(
    call, double, write
):
    _foreign(double, _config("settings"))
    before = len(double.verbs())
    file = write(_config("first"), _config("settings"))
    said = call("apply", "-f", file, code=1)
    assert "k8s-bridge: ConfigMap/settings is not ours" in said.err
    assert "it is there, and k8s-bridge did not make it" in said.err
    assert "--adopt" in said.err
    assert set(double.verbs()[before:]) == {"GET"}


def test_adopt_takes_it_over(call, double, write):
    _foreign(double, _config("settings"))
    call("apply", "--adopt", "-f", write(_config("settings")))
    labels = double.one("ConfigMap", "settings")["metadata"]["labels"]
    assert labels["app.kubernetes.io/instance"] == "shop"


def test_another_applications_object_is_refused_too(call, write):
    call("apply", "-f", write(_config("settings", "bank")))
    said = call("apply", "-f", write(_config("settings", "shop")), code=1)
    assert "it belongs to the application bank" in said.err


def test_manifests_without_our_labels_get_them(call, double, write):
    plain = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    call("apply", "--name", "shop", "-f", write(plain))
    labels = double.one("ConfigMap", "c")["metadata"]["labels"]
    assert labels == OURS | {"app.kubernetes.io/instance": "shop"}


def test_a_stop_in_the_middle_says_what_was_done(call, double, write):
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _meta("web"),
        "spec": {"type": "ClusterIP"},
    }
    said = call(
        "apply",
        "-f",
        write(_config("one"), _config("two"), service, _workload("web")),
        code=1,
    )
    assert said.out == "ConfigMap/one created\nConfigMap/two created\n"
    assert "stopped: 2 done before, as listed" in said.err
    assert "rule:   spec.ports: Required value" in said.err
    assert double.names("Deployment") == []


def test_where_an_answer_is_lost_it_says_that_more_may_be_done(call, double, write):
    double.drop = "/api/v1/namespaces/default/configmaps/two"
    said = call("apply", "-f", write(_config("one"), _config("two")), code=1)
    assert (
        "stopped: 1 done before, as listed; the next one may be done, too" in said.err
    )
    assert "cannot be reached" in said.err
    double.drop = ""
    said = call("apply", "-f", write(_config("one"), _config("two")))
    assert said.out == "ConfigMap/one unchanged\nConfigMap/two unchanged\n"


def test_an_interrupt_says_what_was_done(call, double, write, monkeypatch):
    ask = Cluster.apply

    def apply(self, manifest, **how):
        if manifest["metadata"]["name"] == "two":
            raise KeyboardInterrupt
        return ask(self, manifest, **how)

    monkeypatch.setattr(Cluster, "apply", apply)
    said = call("apply", "-f", write(_config("one"), _config("two")), code=130)
    assert said.out == "ConfigMap/one created\n"
    assert "stopped: 1 done before" in said.err


def test_a_server_with_too_much_to_do_is_asked_again(call, double, write, monkeypatch):
    monkeypatch.setattr("k8s_bridge.cluster._PAUSES", (0.01, 0.01))
    double.busy = 2
    call("apply", "-f", write(_config("one")))
    double.busy = 3
    said = call("apply", "-f", write(_config("one")), code=1)
    assert "please try again later" in said.err


def test_warnings_of_the_server_are_passed_on(call, double, write):
    double.warn = "it is old"
    said = call("apply", "-f", write(_config("one")))
    assert said.err == "warning: ConfigMap/one: it is old\n"


def test_a_dry_run_of_the_server_changes_nothing(call, double, write):
    file = write(_config("one"), _workload("web"))
    said = call("apply", "--dry-run", "-f", file)
    assert (
        said.out
        == "ConfigMap/one created (dry run)\nDeployment/web created (dry run)\n"
    )
    assert double.names("ConfigMap", "Deployment") == []
    assert said.err == ""


def test_a_dry_run_of_the_client_shows_what_would_be_sent(call, double, write):
    said = call(
        "apply", "--dry-run=client", "--name", "shop", "-f", write(_config("one", ""))
    )
    (shown,) = yaml.safe_load_all(said.out)
    assert shown["metadata"]["namespace"] == "default"
    assert shown["metadata"]["labels"] == OURS | {"app.kubernetes.io/instance": "shop"}
    assert set(double.verbs()) == {"GET"}


def test_a_namespace_that_is_not_there(call, double, write):
    file = write(_config("one"))
    said = call("apply", "-n", "new", "-f", file, code=1)
    assert "there is no namespace new" in said.err
    assert "--create-namespace" in said.err
    said = call("apply", "-n", "new", "--create-namespace", "--dry-run", "-f", file)
    assert (
        said.out
        == "Namespace/new created (dry run)\nConfigMap/one created (not tried)\n"
    )
    assert "Namespace/new" not in double.names("Namespace")
    said = call("apply", "-n", "new", "--create-namespace", "-f", file)
    assert said.out == "Namespace/new created\nConfigMap/one created\n"


def test_namespaces_that_disagree_are_refused(call, write):
    config = _config("one")
    config["metadata"]["namespace"] = "kube-system"
    said = call("apply", "-n", "default", "-f", write(config), code=1)
    assert "try:    -n kube-system" in said.err


# Pruning and deleting.


def test_prune_removes_what_we_made_and_nothing_else(call, double, write):
    mine, plain = _config("mine"), _config("plain")
    _foreign(double, plain)
    call("apply", "-f", write(_config("other", "bank")))
    call("apply", "-f", write(mine, _config("old"), _workload("web")))
    said = call("apply", "--prune", "-f", write(mine))
    assert (
        said.out
        == "ConfigMap/mine unchanged\nDeployment/web pruned\nConfigMap/old pruned\n"
    )
    assert double.names("ConfigMap", "Deployment", "Pod") == [
        "ConfigMap/mine",
        "ConfigMap/other",
        "ConfigMap/plain",
    ]


def test_a_dry_run_of_pruning_removes_nothing(call, double, write):
    call("apply", "-f", write(_config("mine"), _config("old")))
    said = call("apply", "--prune", "--dry-run", "-f", write(_config("mine")))
    assert said.out.endswith("ConfigMap/old pruned (dry run)\n")
    assert double.names("ConfigMap") == ["ConfigMap/mine", "ConfigMap/old"]


def test_pruning_needs_to_know_the_application(call, double, write):
    said = call("apply", "--prune", "-f", write(_config("mine", "")), code=1)
    assert "which application is this?" in said.err
    assert double.names("ConfigMap") == []


def test_kinds_that_one_may_not_list_are_told(call, double, write):
    double.forbidden = {("list", "roles")}
    said = call("apply", "--prune", "-f", write(_config("mine")))
    assert "warning: not looked through: Role in default (forbidden)" in said.err


def test_delete_removes_an_application_and_keeps_its_data(call, double, write):
    call(
        "apply",
        "-f",
        write(_config("one"), _workload("db", kind="StatefulSet", replicas=2)),
    )
    call("apply", "-f", write(_config("other", "bank")))
    said = call("delete", "shop")
    assert said.out.splitlines()[:2] == [
        "StatefulSet/db deleted",
        "ConfigMap/one deleted",
    ]
    assert "PersistentVolumeClaim/data-db-1 kept, it has data" in said.out
    assert double.names("ConfigMap", "StatefulSet", "Pod", "PersistentVolumeClaim") == [
        "ConfigMap/other",
        "PersistentVolumeClaim/data-db-0",
        "PersistentVolumeClaim/data-db-1",
    ]


def test_delete_with_volumes_removes_claims_too(call, double, write):
    file = write(_workload("db", kind="StatefulSet"))
    call("apply", "-f", file)
    call("delete", "--volumes", "-f", file)
    assert double.names("StatefulSet", "PersistentVolumeClaim") == []


def test_a_namespace_stays_for_others_may_have_things_in_it(call, double, write):
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": _meta("shop")}
    config = _config("one")
    config["metadata"]["namespace"] = "shop"
    file = write(space, config)
    call("apply", "-f", file)
    said = call("delete", "--volumes", "-f", file)
    assert said.out == (
        "ConfigMap/one deleted\nNamespace/shop kept, others may have things in it\n"
    )
    assert "Namespace/shop" in double.names("Namespace")


def test_delete_refuses_what_somebody_else_made(call, double, write):
    _foreign(double, _config("theirs"))
    call("apply", "-f", write(_config("mine")))
    said = call("delete", "-f", write(_config("mine"), _config("theirs")), code=1)
    assert "ConfigMap/theirs is not ours" in said.err
    assert double.names("ConfigMap") == ["ConfigMap/mine", "ConfigMap/theirs"]


def test_a_dry_run_of_deleting_removes_nothing(call, double, write):
    call("apply", "-f", write(_config("mine")))
    said = call("delete", "shop", "--dry-run")
    assert said.out == "ConfigMap/mine deleted (dry run)\n"
    assert double.names("ConfigMap") == ["ConfigMap/mine"]


def test_what_does_not_go_is_told_at_the_time_out(call, double, write):
    double.finalizer = "example.org/wait"
    call("apply", "-f", write(_config("mine")))
    said = call("delete", "shop", "--timeout", "200ms", code=1)
    assert "1 still there after 0.2 s" in said.err
    assert "finalizers" in said.err


def test_an_application_that_is_not_there(call):
    for command in ("delete", "status"):
        assert "there is no application nosuch" in call(command, "nosuch", code=1).err


# Looking.


def test_diff_has_kubectls_exit_codes(call, double, write):
    file = write(_config("one"), _secret("key", "c2VjcmV0"))
    said = call("diff", "-f", file, code=1)
    assert "+++ applied ConfigMap/one" in said.out
    assert "c2VjcmV0" not in said.out
    call("apply", "-f", file)
    assert call("diff", "-f", file, code=0).out == ""
    said = call("diff", "-f", "/no/such/file", code=2)
    assert "no such file" in said.err
    assert "POST" not in double.verbs()


def test_diff_shows_that_a_secret_changes_but_not_how(call, write):
    call("apply", "-f", write(_secret("key", "b25l")))
    said = call("diff", "-f", write(_secret("key", "dHdv")), code=1)
    assert "-  key: (hidden, before)\n+  key: (hidden, after)" in said.out
    assert "dHdv" not in said.out + said.err


def test_diff_shows_what_pruning_would_remove(call, write):
    call("apply", "-f", write(_config("mine"), _config("old")))
    file = write(_config("mine"))
    call("diff", "-f", file)
    assert "--- live ConfigMap/old" in call("diff", "--prune", "-f", file, code=1).out


def test_diff_in_a_namespace_that_is_not_there_shows_all_as_new(call, write):
    said = call("diff", "-n", "new", "-f", write(_config("one")), code=1)
    assert "+  namespace: new" in said.out


def test_status_says_what_is_missing_and_why(call, double, write):
    web, db = _workload("web", "broken"), _config("db")
    call("apply", "--no-wait", "-f", write(web))
    said = call("status", "-f", write(web, db), code=1)
    rows = [line.split() for line in said.out.splitlines()]
    assert rows[0] == ["ConfigMap/db", "missing"]
    assert rows[1][:3] == ["Deployment/web", "not", "ready"]
    assert "Pod/web-0: web: ImagePullBackOff: no image broken" in said.out
    call("apply", "-f", write(db))
    call("delete", "-f", write(web))
    assert call("status", "shop").out.split() == ["ConfigMap/db", "ready", "there"]


# What goes wrong on the way.


def test_no_cluster(call, write, tmp_path):
    file = tmp_path / "nobody"
    file.write_text(kubeconfig("http://127.0.0.1:1"))
    said = call(
        "apply", "--kubeconfig", os.fspath(file), "-f", write(_config("one")), code=1
    )
    assert "the cluster at http://127.0.0.1:1 cannot be reached" in said.err
    assert "onnection refused" in said.err
    assert "WARNING" not in said.err


def test_credentials_that_are_refused(call, double, write):
    double.token = "right"
    said = call("apply", "-f", write(_config("one")), code=1)
    assert "rule:   Unauthorized" in said.err
    assert "log in again" in said.err


def test_credentials_of_the_kubeconfig_are_sent(call, double, write, tmp_path):
    double.token = "right"
    with serving(double) as address:
        file = tmp_path / "with-token"
        file.write_text(kubeconfig(address, token="right"))
        call("apply", "--kubeconfig", os.fspath(file), "-f", write(_config("one")))
    assert double.names("ConfigMap") == ["ConfigMap/one"]


def test_what_one_may_not_do(call, double, write):
    double.forbidden = {("patch", "configmaps")}
    said = call("apply", "-f", write(_config("one")), code=1)
    assert 'User "anna" cannot patch resource "configmaps"' in said.err


def test_several_kubeconfigs_are_one(  # noqa: PLR0917  # fixtures
    call, double, config, write, tmp_path, monkeypatch
):
    first = tmp_path / "first"
    first.write_text(json.dumps({"current-context": "double", "contexts": []}))
    last = tmp_path / "last"
    last.write_text(json.dumps({"current-context": "elsewhere"}))
    empty = tmp_path / "empty"
    empty.write_text("")
    names = [first, tmp_path / "missing", empty, config, last]
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(os.fspath, names)))
    call("apply", "-f", write(_config("one")))
    assert double.names("ConfigMap") == ["ConfigMap/one"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--context", "nosuch"], "there is no context nosuch"),
        (["--kubeconfig", "/no/such"], "there is no kubeconfig /no/such"),
        (["--timeout", "soon"], "'soon' is no time such as 90, 5m or 1m30s"),
    ],
)
def test_arguments_that_make_no_sense(call, write, words, text, capsys):
    try:
        said = call("apply", *words, "-f", write(_config("one")), code=1)
    except SystemExit:
        said = capsys.readouterr()
    assert text in said.err


def test_standard_input_and_json(call, double, monkeypatch):
    data = json.dumps({"kind": "List", "items": [_config("one"), _config("two")]})
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data.encode())))
    call("apply", "-f", "-")
    assert double.names("ConfigMap") == ["ConfigMap/one", "ConfigMap/two"]


@pytest.mark.parametrize("layout", ["files", "kustomize"])
def test_a_folder_that_we_wrote(call, double, tmp_path, layout):
    folder = os.fspath(tmp_path / "out")
    call("run", "docker run -d --name web nginx", "-o", folder, "--layout", layout)
    call("apply", "-f", folder)
    assert double.names("Deployment") == ["Deployment/web"]
    assert "Deployment/web  ready " in call("status", "-f", folder).out


def test_a_chart_is_refused_with_what_would_work(call, tmp_path):
    folder = os.fspath(tmp_path / "out")
    call("run", "docker run -d --name web nginx", "-o", folder, "--layout", "helm")
    assert (
        f"helm template {folder} | k8s-bridge apply -f -"
        in call("apply", "-f", folder, code=1).err
    )


def test_without_the_official_client_it_says_what_to_install(call, write, monkeypatch):
    monkeypatch.setitem(sys.modules, "kubernetes.client", None)
    said = call("status", "-f", write(_config("one")), code=1)
    assert "pip install 'minidock[k8s]'" in said.err


# Compose files.

COMPOSE = """
name: shop
services:
  web:
    image: nginx
    ports: ["8080:80"]
    depends_on: [db]
  db:
    image: redis
    volumes: [data:/data]
volumes: {data: {}}
"""


def test_a_compose_file_is_translated_first(call, double, tmp_path):
    file = tmp_path / "stack.yaml"
    file.write_text(COMPOSE, encoding="utf-8")
    said = call("apply", "-f", os.fspath(file))
    assert "Deployment/web created" in said.out
    labels = double.one("Deployment", "web")["metadata"]["labels"]
    assert labels["app.kubernetes.io/instance"] == "shop"
    smaller = COMPOSE.replace("    depends_on: [db]\n", "").split("  db:")[0]
    file.write_text(smaller, encoding="utf-8")
    said = call("apply", "--prune", "-f", os.fspath(file))
    assert "db pruned" in said.out
    assert "PersistentVolumeClaim/" in said.out
    assert "Deployment/db" not in double.names()


def test_a_compose_project_in_a_folder_and_from_standard_input(
    call, double, tmp_path, monkeypatch
):
    (tmp_path / "compose.yaml").write_text(COMPOSE, encoding="utf-8")
    (tmp_path / "compose.override.yaml").write_text("services: {web: {image: httpd}}")
    call("apply", "--no-wait", "-f", os.fspath(tmp_path))
    pod = double.one("Deployment", "web")["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == "httpd"
    typed = COMPOSE.replace("image: nginx", "image: caddy").encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
    call("apply", "--no-wait", "--name", "shop", "-f", "-")
    pod = double.one("Deployment", "web")["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == "caddy"


def test_a_binding_names_the_account_where_it_goes(call, double, write):
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _meta("wait")}
    group = "rbac.authorization.k8s.io"
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": _meta("wait"),
        "roleRef": {"apiGroup": group, "kind": "Role", "name": "wait"},
        "subjects": [
            {"kind": "ServiceAccount", "name": "wait", "namespace": "default"}
        ],
    }
    call("apply", "-n", "shop", "--create-namespace", "-f", write(account, binding))
    (subject,) = double.one("RoleBinding", "wait", "shop")["subjects"]
    assert subject["namespace"] == "shop"


def test_inside_a_pod_it_is_the_pods_own_cluster(tmp_path, monkeypatch):
    for name, text in (("token", "t"), ("ca.crt", "c"), ("namespace", "here\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    place = "kubernetes.config.incluster_config.SERVICE"
    monkeypatch.setattr(f"{place}_TOKEN_FILENAME", os.fspath(tmp_path / "token"))
    monkeypatch.setattr(f"{place}_CERT_FILENAME", os.fspath(tmp_path / "ca.crt"))
    monkeypatch.setattr("k8s_bridge.cluster._ACCOUNT", tmp_path / "namespace")
    monkeypatch.setattr("k8s_bridge.cluster._asking", lambda settings: settings)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    cluster = connect()
    assert (cluster.host, cluster.namespace) == ("https://10.96.0.1:443", "here")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST")
    with pytest.raises(NotFound, match=r"there is no kubeconfig ~"):
        connect()
