"""All that stands on one engine, moved to another one."""

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from minidock import Engine
from minidock.errors import Refusal
from minidock.moving.execute import make_plan, move
from minidock.moving.host import read_host
from minidock.moving.plan import Choices
from tests.moving.engines import Breaking, Cut, Near, files, standing

PLAIN = Choices()
HOST = [
    "network create --subnet 10.1.0.0/24 --label tier=web front",
    "network create --internal back",
    "network create -o com.docker.network.bridge.enable_icc=false side",
    "volume create --label keep=yes data",
    "volume create lonely",
    "run -d --name db --network back --network-alias store -v data:/data -v /anon -e A=ä redis",
    "exec db sh -c 'mkdir /data/x; echo hello > /data/x/f; echo a > /anon/a'",
    "run -d --name api --network front --ip 10.1.0.77 --restart unless-stopped -p 127.0.0.1:9000:80 nginx",
    "network connect --alias inner back api",
    "run -d --name web --hostname www --network front --link api:backend -p 8080:80 -p 53:53/udp --label a=b nginx",
    "run -d --name old nginx",
    "run -d --name old2 --link old:oldie --volumes-from db:ro --memory 64m nginx",
    "run -d --name logs --network container:web busybox sleep 1000",
    "network connect side old2",
    "pause old",
    "run -d --name done busybox true",
    "create --name off --network side -v more:/more busybox true",
    "run --rm -v lonely:/l busybox sh -c 'echo z > /l/z'",
    "tag nginx mine:1",
]


def _engine(lines):
    engine = Engine()
    for line in lines:
        done = engine(line)
        assert done.ok, done
    return engine


@pytest.fixture(scope="module")
def source():
    return _engine(HOST)


def _quiet(_):
    pass


def _moved(source, target, choices=PLAIN):
    done = move(Near(source), Near(target), choices, _quiet)
    assert not done.refusals, [r.text for r in done.refusals]
    return done


def test_all_stands_there_as_it_stood_here(source):
    before = standing(source)
    target = Engine()
    done = _moved(source, target)
    assert standing(target) == before
    assert standing(source) == before
    assert len(done.steps) > 30
    target("run --name look -v lonely:/l busybox true")
    assert files(target, "look", "/l") == {"./z": b"z\n"}


def test_twice_is_once(source):
    target = Engine()
    _moved(source, target)
    once = standing(target)
    assert make_plan(Near(source), Near(target), PLAIN).steps == ()
    assert _moved(source, target).steps == ()
    assert standing(target) == once


def test_what_the_target_did_since_is_its_own_business(source):
    target = Engine()
    _moved(source, target)
    target("stop api")
    target("exec db sh -c 'echo new > /data/x/f'")
    assert make_plan(Near(source), Near(target), PLAIN).steps == ()
    assert files(target, "db", "/data") == {"./x/f": b"new\n"}


@pytest.mark.parametrize("heard", [False, True])
def test_wherever_it_is_cut_running_it_again_ends_the_same(source, heard):
    whole = Engine()
    _moved(source, whole)
    wanted = standing(whole)
    for at in range(200):
        target = Engine()
        breaking = Breaking(target, at, heard=heard)
        try:
            move(Near(source), breaking, PLAIN, _quiet)
        except Cut:
            _moved(source, target)
            assert standing(target) == wanted, at
        else:
            assert at > 30
            return
    raise AssertionError("it never ends")


def test_cut_again_and_again_it_ends_the_same(source):
    whole, target = Engine(), Engine()
    _moved(source, whole)
    for _ in range(200):
        try:
            move(Near(source), Breaking(target, 9, heard=True), PLAIN, _quiet)
        except Cut:
            continue
        break
    assert standing(target) == standing(whole)


def test_a_cut_on_the_sources_side_leaves_it_as_it_was():
    source = _engine(["volume create vv", "run --rm -v vv:/v busybox touch /v/a"])
    before = standing(source)
    for at in range(6):
        target = Engine()
        try:
            move(Breaking(source, at, heard=True), Near(target), PLAIN, _quiet)
        except Cut:
            _moved(source, target)
        assert standing(source)["volumes"] == before["volumes"]
        assert read_host(source.send).carriers == frozenset()


def _refused(source, lines, choices=PLAIN):
    target = _engine(lines)
    before = standing(target)
    done = move(Near(source), Near(target), choices, _quiet)
    assert standing(target) == before or not done.refusals
    return [(refusal.text, refusal.remedy) for refusal in done.refusals]


def test_an_overlapping_subnet_is_refused_and_said(source):
    lines = ["network create --subnet 10.1.0.0/16 lan"]
    ((text, remedy),) = _refused(source, lines)
    assert text == (
        "network front: 10.1.0.0/24 overlaps with 10.1.0.0/16 of network lan there"
    )
    assert "--other-subnets" in remedy


def test_other_subnets_are_taken_if_they_may_be(source):
    target = _engine(["network create --subnet 10.1.0.0/16 lan"])
    done = _moved(source, target, Choices(other_subnets=True))
    assert "network front: other subnets, so other addresses" in done.notes
    front = target.networks.get("front").attrs["IPAM"]["Config"]
    assert not front[0]["Subnet"].startswith("10.1.")
    assert target("exec web ping -c 1 backend").ok
    again = make_plan(Near(source), Near(target), Choices(other_subnets=True))
    assert (again.steps, again.refusals) == ((), ())


def test_a_taken_port_is_refused_and_said(source):
    lines = ["run -d --name mine -p 8080:1 nginx"]
    ((text, remedy),) = _refused(source, lines)
    assert text == "container web: host port 8080/tcp is held by mine there"
    assert "--other-ports" in remedy


def test_other_ports_are_taken_if_they_may_be(source):
    target = _engine(["run -d --name mine -p 8080:1 nginx"])
    _moved(source, target, Choices(other_ports=True))
    ports = target.containers.get("web").attrs["NetworkSettings"]["Ports"]
    assert {p["HostPort"] for p in ports["80/tcp"]}.isdisjoint({"8080", ""})
    assert ports["53/udp"][0]["HostPort"] == "53"
    again = make_plan(Near(source), Near(target), Choices(other_ports=True))
    assert (again.steps, again.refusals) == ((), ())


def test_a_port_on_another_address_is_free(source):
    assert _refused(source, ["run -d --name mine -p 127.0.0.2:9000:1 nginx"]) == []


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("run -d --name web nginx", "container web is there already, and is another"),
        ("network create front", "network front is there already, and is another one"),
        ("network create --driver macvlan side", "driver macvlan"),
        ("volume create data", "volume data is there already, and is another one"),
        ("run --rm -v lonely:/l busybox touch /l/y", "lonely is there already, and ho"),
    ],
)
def test_what_is_another_one_is_refused_not_changed(source, line, text):
    texts = [text for text, _ in _refused(source, [line])]
    assert any(text in found for found in texts), texts


def test_files_are_written_over_only_if_they_may_be(source):
    target = _engine(["run --rm -v lonely:/l busybox sh -c 'echo other > /l/z'"])
    _moved(source, target, Choices(replace_data=True))
    target("run --name look -v lonely:/l busybox true")
    assert files(target, "look", "/l") == {"./z": b"z\n"}


def test_a_volume_that_holds_the_same_is_taken_as_it_is(source):
    target = _engine(["run --rm -v lonely:/l busybox sh -c 'echo z > /l/z'"])
    _moved(source, target)
    assert standing(target) == standing(source)


def test_a_name_of_another_image_stays_with_it():
    source = _engine(["run -d --name web nginx", "tag nginx mine:1"])
    target = _engine(["pull redis", "tag redis mine:1"])
    done = _moved(source, target)
    assert any("mine:1: another image has this name" in note for note in done.notes)
    tags = [i.attrs["RepoTags"] for i in target.images.list()]
    assert sorted(map(sorted, tags)) == [["mine:1", "redis:latest"], ["nginx:latest"]]


def test_an_image_that_lost_its_name_is_carried_by_its_id():
    source = _engine(["run -d --name web nginx", "rmi -f nginx"])
    target = Engine()
    done = _moved(source, target)
    assert any("its image has no name" in note for note in done.notes)
    assert target.containers.get("web").attrs["State"]["Status"] == "running"


def test_a_taken_address_is_given_up_and_said():
    lines = ["network create --subnet 10.1.0.0/24 front"]
    source = _engine([*lines, "run -d --name web --network front nginx"])
    target = _engine([*lines, "run -d --name mine --network front nginx"])
    done = _moved(source, target)
    assert done.notes == (
        "container web: another address than 10.1.0.2 on front, which mine holds there",
    )


def test_what_lies_on_the_host_is_said():
    source = _engine(["run -d --name web -v /srv/www:/www:ro nginx"])
    done = _moved(source, Engine())
    assert done.notes == ("container web: /srv/www of the host must be there, too",)


def test_a_link_to_what_is_gone_stays_behind_and_nothing_else():
    lines = ["run -d --name cc nginx", "run -d --name dd --link cc:x nginx", "rm -f cc"]
    target = Engine()
    _moved(_engine(lines), target)
    moved = target.containers.get("dd").attrs
    assert (moved["HostConfig"]["Links"], moved["State"]["Status"]) == (None, "running")


def test_one_whose_namespace_is_gone_stays_behind():
    lines = ["run -d --name aa nginx", "run -d --name bb --pid container:aa nginx"]
    target = Engine()
    done = _moved(_engine([*lines, "rm -f aa"]), target)
    assert target.containers.list(all=True) == []
    assert "container bb stays behind" in done.notes[-1]


def test_one_that_cannot_start_holds_up_no_other():
    # it runs here, as it was started before its link went; nowhere can it start again
    source = _engine(
        [
            "run -d --name aa nginx",
            "run -d --name bb --link aa:x nginx",
            "network disconnect bridge aa",
            "run -d --name cc nginx",
        ]
    )
    target = Engine()
    with pytest.raises(Refusal, match=r"container bb: starts: .*Cannot link"):
        move(Near(source), Near(target), PLAIN, _quiet)
    states = {c.name: c.status for c in target.containers.list(all=True)}
    assert states == {"aa": "running", "bb": "created", "cc": "running"}


def test_a_step_that_fails_says_how_to_go_on(source):
    class Full(Near):
        def __call__(self, request):
            if request.path.endswith("/start"):
                return super().__call__(
                    type(request)(method="POST", path="/containers/nosuch/start")
                )
            return super().__call__(request)

    target = Engine()
    with pytest.raises(Refusal, match="container db: starts: No such cont") as said:
        move(Near(source), Full(target), PLAIN, _quiet)
    assert "it goes on where it stopped" in said.value.remedy
    _moved(source, target)
    assert standing(target) == standing(source)


_lines = st.lists(
    st.sampled_from(
        [
            "network create front",
            "network create --internal back",
            "run -d --name kk --network front --restart always nginx",
            "network create --subnet 10.9.0.0/29 tiny",
            "run -d --name aa --network front -p 80:80 nginx",
            "run -d --name bb --network back -v vv:/v redis",
            "run -d --name cc -P nginx",
            "run -d --name dd --link cc:x --volumes-from bb nginx",
            "run -d --name ee --network container:aa busybox sleep 99",
            "run -d --name ff --network host redis",
            "run -d --name gg --network none -v /a redis",
            "run -d --name hh --network tiny --ip 10.9.0.5 redis",
            "create --name ii -v ww:/w --network tiny redis",
            "network connect back aa",
            "network connect --alias z front hh",
            "run -d --name ll redis",
            "network disconnect bridge ll",
            "exec bb sh -c 'echo 1 > /v/f'",
            "exec gg sh -c 'echo 2 > /a/g'",
            "stop hh",
            "pause bb",
            "rm -f ll",
            "rm -f aa",
            "rename dd jj",
            "network rm front",
        ]
    ),
    max_size=14,
    unique=True,
)


@settings(deadline=None, max_examples=40)
@given(_lines)
def test_whatever_stands_on_one_engine_stands_on_the_other_after_a_move(lines):
    source = Engine()
    for line in lines:
        source(line)  # what is refused changes nothing
    note(" | ".join(lines))
    target = Engine()
    _moved(source, target)
    assert standing(target) == standing(source)
    assert make_plan(Near(source), Near(target), PLAIN).steps == ()
