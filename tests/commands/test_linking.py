"""Legacy links: to whom they may point, and how they follow, break and go."""

from minidock.engine import Engine


def lab():
    docker = Engine("20.10")
    docker("pull nginx")
    docker("run -d --name db nginx")
    return docker


def hosts(docker, name):
    return docker(f"exec {name} cat /etc/hosts").stdout


def test_a_link_to_a_container_off_the_default_bridge_is_refused_at_the_start():
    docker = lab()
    docker("network create u")
    docker("run -d --name other --network u nginx")
    docker("create --name web --link other:x nginx")
    refused = docker.api("POST", "/containers/web/start")
    text = "Cannot link to /other, as it does not belong to the default network"
    assert (refused.status, refused.message) == (500, text)
    docker("network connect bridge other")
    assert docker("start web").ok


def test_a_program_cannot_be_run_while_a_linked_container_is_off_the_bridge():
    docker = lab()
    docker("run -d --name web --link db:x nginx")
    db = docker.api("GET", "/containers/db/json").body["Id"]
    docker("network disconnect bridge db")
    output = docker("exec web env")
    text = f"container {db} not attached to default bridge network"
    assert output.stderr == f"Error response from daemon: {text}\n"


def test_a_container_without_a_network_may_have_links_that_do_nothing():
    docker = lab()
    docker("run -d --name lonely --network none nginx")
    # Docker 20.10 refuses the line itself; a newer program sends it.
    line = "run -d --name web --network none --link lonely:x nginx"
    assert docker.command_line(line, cli="28").ok
    assert "x" not in hosts(docker, "web").split()


def test_removing_a_link_takes_its_line_from_the_running_container():
    docker = lab()
    docker("run -d --name web --link db:a --link db:b nginx")
    assert docker("rm --link /web/a").ok
    assert "\ta " not in hosts(docker, "web")
    assert "\tb " in hosts(docker, "web")


def test_a_containers_own_name_is_no_link():
    docker = lab()
    output = docker("rm --link db")
    text = "Conflict, cannot remove the default link name of the container"
    assert output.stderr == f"Error response from daemon: {text}\n"
    missing = docker("rm --link web/zz")
    assert missing.stderr.endswith("No such container: web/zz\n")


def test_names_are_listed_in_order_links_among_them():
    docker = lab()
    docker("run -d --name aweb --link db:x nginx")
    docker("run -d --name zweb --link db:x nginx")
    names = {n for c in docker.api("GET", "/containers/json").body for n in c["Names"]}
    assert names == {"/aweb", "/aweb/x", "/db", "/zweb", "/zweb/x"}
    shown = docker.api("GET", "/containers/json").body[-1]["Names"]
    assert shown == ["/aweb/x", "/db", "/zweb/x"]


def test_links_are_texts():
    docker = lab()
    text = (
        "json: cannot unmarshal string into Go struct field HostConfig.HostConfig.Links "
        "of type []string"
    )
    body = {"Image": "nginx", "HostConfig": {"Links": "db:x"}}
    refused = docker.api("POST", "/containers/create", body)
    assert (refused.status, refused.message) == (500, text)
