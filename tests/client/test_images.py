"""What the docker program prints about images, in both generations."""

import json
from pathlib import Path

import pytest

from minidock.api.call import Call
from minidock.api.images import prune
from minidock.client.docker import run
from minidock.client.session import Terminal
from minidock.commandline.refusal import Cli
from minidock.commands.library import library_image
from minidock.engine import Engine
from tests.golden.replay import replay

RECORDING = (
    Path(__file__).resolve().parents[3]
    / "shared/golden/docker-20.10/10-images-rest.json"
)
BEFORE_IMPORTS = 77
BOTH = pytest.mark.parametrize("era", ["20.10", "28"])


def short(reference):
    return library_image(reference).id[7:19]


def engine(era, *lines):
    docker = Engine(era)
    for line in lines:
        assert docker(line).ok, line
    return docker


# -- the recording ---------------------------------------------------------------------


def test_the_recorded_refusals_and_listings_are_repeated():
    """All that needs neither a registry nor an import of a file."""
    if not RECORDING.exists():
        pytest.skip("the recordings are not here")
    recording = json.loads(RECORDING.read_text())
    recording["steps"] = recording["steps"][:BEFORE_IMPORTS]
    report = replay(recording)
    # The lab's images are not tagged and built anew here; see fixtures.
    facts = ("DockerVersion", "RootFS.Layers", "Metadata.LastTagTime")
    left = {
        (outcome.title, difference.place)
        for outcome in report.differing
        for difference in outcome.differences
        if "image" in outcome.title or "docker rmi" in outcome.title
        if not any(fact in difference.place for fact in facts)
    }
    assert left == set()
    assert report.answered > 60


def test_another_registry_is_refused_as_recorded():
    if not RECORDING.exists():
        pytest.skip("the recordings are not here")
    steps = json.loads(RECORDING.read_text())["steps"]
    (step,) = [s for s in steps if s.get("cmd") == "docker pull reg.test:5000/x"]
    output = Engine("20.10")("pull reg.test:5000/x")
    server = Engine().world.host.nameservers[0]
    assert (output.stdout, output.code) == (step["stdout"], step["rc"])
    assert output.stderr == step["stderr"].replace("192.0.2.1", server)


# -- pull ------------------------------------------------------------------------------


@BOTH
def test_a_pull_shows_its_layers_and_the_full_name(era):
    docker = Engine(era)
    output = docker("pull hello-world")
    digest = library_image("hello-world").digests[0].partition("@")[2]
    lines = output.stdout.splitlines()
    layer = lines[2].partition(":")[0]
    assert lines == [
        "Using default tag: latest",
        "latest: Pulling from library/hello-world",
        f"{layer}: Pulling fs layer",
        f"{layer}: Verifying Checksum",
        f"{layer}: Download complete",
        f"{layer}: Pull complete",
        f"Digest: {digest}",
        "Status: Downloaded newer image for hello-world:latest",
        "docker.io/library/hello-world:latest",
    ]
    again = docker("pull hello-world:latest").stdout.splitlines()
    assert again == [
        "latest: Pulling from library/hello-world",
        f"Digest: {digest}",
        "Status: Image is up to date for hello-world:latest",
        "docker.io/library/hello-world:latest",
    ]


@BOTH
def test_a_quiet_pull_prints_the_name_alone(era):
    assert Engine(era)("pull -q redis:alpine").stdout == (
        "docker.io/library/redis:alpine\n"
    )


@BOTH
def test_all_tags_are_pulled_with_one_status(era):
    docker = Engine(era)
    lines = docker("pull -a hello-world").stdout.splitlines()
    assert lines[0] == "latest: Pulling from library/hello-world"
    assert lines[-2:] == [
        "Status: Downloaded newer image for hello-world",
        "docker.io/library/hello-world",
    ]
    assert len([event for event in docker.events if event.action == "pull"]) == 1
    assert docker("pull -a hello-world:latest").stderr == (
        "tag can't be used with --all-tags/-a\n"
    )


@BOTH
def test_an_unknown_repository_is_refused_with_docker_s_text_and_ours(era):
    output = Engine(era)("pull nosuch")
    assert output.code == 1
    assert output.stdout == "Using default tag: latest\n"
    assert output.stderr == (
        "Error response from daemon: pull access denied for nosuch, repository does "
        "not exist or may require 'docker login': denied: requested access to the "
        "resource is denied\n"
    )
    assert output.why.splitlines()[0] == "asked:  pull nosuch:latest"
    assert "built-in catalogue" in output.why
    assert "docker search" in output.why


def test_an_unknown_tag_is_refused_with_those_there_are():
    output = Engine()("pull busybox:9")
    assert "manifest for busybox:9 not found: manifest unknown" in output.stderr
    assert "latest" in output.why
    assert "1.36.1" in output.why


def test_a_bad_name_is_refused_before_anything_is_sent():
    old, new = (Engine(era)("pull Foo").stderr for era in ("20.10", "28"))
    assert old == "invalid reference format: repository name must be lowercase\n"
    assert new == (
        "invalid reference format: repository name (library/Foo) must be lowercase\n"
    )


@pytest.mark.parametrize(
    ("cli", "sent"), [(Cli.V20, "nginx"), (Cli.V28, "docker.io/library/nginx")]
)
def test_20_10_sends_the_short_name_and_28_the_full_one(cli, sent):
    requests = []
    docker = Engine()

    def send(request):
        requests.append(request)
        return docker.send(request)

    run(["pull", "-q", "nginx"], send, Terminal(cli=cli))
    assert dict(requests[-1].query) == {"fromImage": sent, "tag": "latest"}


# -- images ----------------------------------------------------------------------------


@BOTH
def test_images_are_listed_newest_first_and_one_line_a_tag(era):
    docker = engine(era, "pull -q nginx", "pull -q nginx:1.25", "pull -q redis")
    nginx, redis = short("nginx"), short("redis")
    assert docker("images").stdout == (
        "REPOSITORY   TAG       IMAGE ID       CREATED       SIZE\n"
        f"redis        latest    {redis}   13 days ago   138MB\n"
        f"nginx        1.25      {nginx}   3 weeks ago   187MB\n"
        f"nginx        latest    {nginx}   3 weeks ago   187MB\n"
    )
    assert docker("images -q nginx").stdout == f"{nginx}\n{nginx}\n"
    assert docker("images 'ngin?:la*'").stdout.count("\n") == 2


def test_digests_and_whole_ids_are_shown_on_request():
    docker = engine("28", "pull -q nginx")
    image = library_image("nginx")
    row = docker("images --digests --no-trunc").stdout.splitlines()[1].split()
    assert row[:4] == ["nginx", "latest", image.digests[0].partition("@")[2], image.id]


def test_an_image_that_lost_its_tag_is_called_none():
    docker = engine("20.10", "run -d --name web nginx", "rmi -f nginx")
    row = docker("images").stdout.splitlines()[1].split()
    assert row[:3] == ["<none>", "<none>", short("nginx")]
    assert docker("images -f dangling=true -q").stdout == f"{short('nginx')}\n"


def test_a_tag_that_moved_leaves_a_digest_behind():
    docker = engine("28", "pull -q nginx", "pull -q redis", "tag redis nginx")
    rows = [line.split()[:3] for line in docker("images").stdout.splitlines()[1:]]
    assert ["nginx", "latest", short("redis")] in rows
    assert ["nginx", "<none>", short("nginx")] in rows


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ("-f before=redis", ["nginx"]),
        ("-f since=nginx", ["redis"]),
        ("-f label=maintainer", ["nginx"]),
        ("-f reference=redis", ["redis"]),
        ("-f reference=red* -f reference=nginx:*", ["redis", "nginx"]),
        ("-f dangling=false", ["redis", "nginx"]),
        ("-f until=480h", ["nginx"]),
    ],
)
def test_filters_narrow_the_list(filters, names):
    docker = engine("28", "pull -q nginx", "pull -q redis")
    listed = docker(f"images {filters} --format '{{{{.Repository}}}}'").stdout.split()
    assert listed == names


def test_raw_is_a_paragraph_an_image():
    docker = engine("20.10", "pull -q hello-world")
    assert docker("images --format raw").stdout.splitlines()[:3] == [
        "repository: hello-world",
        "tag: latest",
        f"image_id: {short('hello-world')}",
    ]
    assert docker("images --format raw -q").stdout == (
        f"image_id: {short('hello-world')}\n"
    )


def test_an_own_format_wins_over_quiet():
    docker = engine("28", "pull -q nginx")
    assert docker("images -q --format '{{.Repository}}'").stdout == "nginx\n"


# -- history, search, tag, rmi, prune --------------------------------------------------


@BOTH
def test_history_is_newest_first_and_cut_at_45_characters(era):
    docker = engine(era, "pull -q hello-world")
    assert docker("history hello-world").stdout == (
        "IMAGE          CREATED        CREATED BY                          SIZE      "
        "COMMENT\n"
        f'{short("hello-world")}   6 months ago   /bin/sh -c #(nop)  CMD ["/hello"]   '
        "0B        \n"
        "<missing>      6 months ago   /bin/sh -c #(nop) COPY hello /      13.3kB    \n"
    )
    assert docker("history -q hello-world").stdout == (
        f"{short('hello-world')}\n<missing>\n"
    )
    by = engine(era, "pull -q nginx")("history --format '{{.CreatedBy}}' nginx")
    assert max(map(len, by.stdout.splitlines())) == 45


def test_history_for_machines_has_moments_and_bytes():
    docker = engine("28", "pull -q hello-world")
    row = docker("history -H=false hello-world").stdout.splitlines()[2]
    assert "13300" in row.split()
    assert docker("history -H=false hello-world").stdout.startswith(
        "IMAGE          CREATED AT"
    )


def test_20_10_shows_who_was_built_by_a_machine_and_28_does_not():
    old, new = (Engine(era)("search consul").stdout for era in ("20.10", "28"))
    assert old.splitlines()[0].split()[-1] == "AUTOMATED"
    assert new.splitlines()[0].split() == ["NAME", "DESCRIPTION", "STARS", "OFFICIAL"]
    assert new.splitlines()[1].startswith("consul ")
    assert new.splitlines()[1].endswith("[OK]")


def test_a_search_can_be_limited_and_narrowed():
    docker = Engine()
    names = docker("search --limit 2 --format '{{.Name}}' sql").stdout.split()
    assert len(names) == 2
    only = docker("search -f is-official=false --format '{{.Name}}' sql").stdout
    assert set(only.split()) == {"training/mysql", "training/postgres"}
    assert docker("search --limit 101 sql").stderr == (
        "Error response from daemon: limit 101 is outside the range of [1, 100]\n"
    )


def test_a_tag_is_checked_before_it_is_sent():
    docker = engine("28", "pull -q nginx")
    assert docker("tag nginx UP").stderr == (
        'Error parsing reference: "UP" is not a valid repository/tag: invalid '
        "reference format: repository name (library/UP) must be lowercase\n"
    )
    assert docker(f"tag nginx x@sha256:{'0' * 64}").stderr == (
        "refusing to create a tag with a digest reference\n"
    )
    assert str(docker("tag nginx reg.test:5000/x:1")) == ""
    assert docker("images reg.test:5000/x").stdout.count("\n") == 2


def test_a_missing_image_is_worded_by_the_program():
    old, new = (Engine(era)("rmi nosuch") for era in ("20.10", "28"))
    assert old.stderr == "Error: No such image: nosuch\n"
    assert new.stderr == ("Error response from daemon: No such image: nosuch:latest\n")
    assert (old.code, new.code) == (1, 1)
    assert Engine()("rmi -f nosuch").code == 0


def test_what_was_removed_is_printed_before_what_was_refused():
    docker = engine("28", "pull -q hello-world")
    output = docker("rmi nosuch hello-world")
    image = library_image("hello-world")
    assert str(output).splitlines() == [
        "Untagged: hello-world:latest",
        f"Untagged: {image.digests[0]}",
        f"Deleted: {image.id}",
        f"Deleted: {image.chain_ids[0]}",
        "Error response from daemon: No such image: nosuch:latest",
    ]


@BOTH
def test_pruning_all_says_what_went_and_how_much_that_was(era):
    docker = engine(era, "run -d nginx", "pull -q hello-world")

    def send(request):
        """The engine, with the call to prune whether it is routed yet or not."""
        if not request.path.endswith("/images/prune"):
            return docker.send(request)
        call = Call(world=docker.world, query=request.query, now=docker.now)
        return prune(call).response

    terminal = Terminal(cli=Cli(era), now=docker.now)
    image = library_image("hello-world")
    assert run(["image", "prune", "-af"], send, terminal).stdout.splitlines() == [
        "Deleted Images:",
        "untagged: hello-world:latest",
        f"untagged: {image.digests[0]}",
        f"deleted: {image.id}",
        f"deleted: {image.chain_ids[0]}",
        "",
        "Total reclaimed space: 13.3kB",
    ]
    assert run(["image", "prune", "-f"], send, terminal).stdout == (
        "Total reclaimed space: 0B\n"
    )


# -- run -------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("reference", ["nginx", "redis:alpine", "postgres:16"])
def test_run_starts_entrypoint_and_command_of_the_image(era, reference):
    docker = Engine(era)
    output = docker(f"run -d --name it {reference}")
    assert output.stderr.startswith("Unable to find image '")
    assert "Status: Downloaded newer image for" in output.stderr
    config = library_image(reference).config
    words = [*config.texts("Entrypoint"), *config.texts("Cmd")]
    details = docker.containers.get("it").attrs
    assert [details["Path"], *details["Args"]] == words
    assert set(config.document("ExposedPorts")) == set(
        details["Config"]["ExposedPorts"]
    )


@BOTH
def test_a_command_replaces_cmd_and_keeps_the_entrypoint(era):
    docker = engine(era, "run -d --name it redis redis-server --port 7000")
    details = docker.containers.get("it").attrs
    assert details["Path"] == "docker-entrypoint.sh"
    assert details["Args"] == ["redis-server", "--port", "7000"]


def test_all_exposed_ports_of_an_image_are_published_on_request():
    docker = engine("28", "run -d -P --name web training/webapp")
    assert docker("port web").stdout.startswith("5000/tcp -> 0.0.0.0:")


def test_an_image_that_is_nowhere_cannot_be_run():
    output = Engine()("run -d nosuch")
    assert output.code == 125
    assert output.stderr.startswith(
        "Unable to find image 'nosuch:latest' locally\n"
        "docker: Error response from daemon: pull access denied for nosuch"
    )
    assert "docker search" in output.why
