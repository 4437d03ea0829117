"""Finding, pulling, tagging, removing and pruning images."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from minidock.commandline.refusal import Cli
from minidock.commands import images
from minidock.commands.invariants import broken
from minidock.commands.library import library_image, library_tags
from minidock.engine import Engine
from minidock.errors import Conflict, InvalidParameter, NotFound

REFERENCES = [
    "nginx:latest",
    "nginx:1.25",
    "nginx:1.24",
    "redis:latest",
    "redis:alpine",
]


@pytest.fixture
def world():
    return Engine("20.10").world


def pulled(world, *references):
    for reference in references:
        world = images.pull(world, reference, 1).world
    return world


def running(*lines, era="20.10"):
    docker = Engine(era)
    for line in lines:
        assert docker(line).ok, line
    return docker.world


def lines(outcome):
    return [line[:26] for line in outcome.made.split("\n")]


# -- examples --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "full"),
    [
        ("nginx", "nginx:latest"),
        ("library/nginx", "nginx:latest"),
        ("docker.io/nginx:1", "nginx:1"),
        ("index.docker.io/library/nginx", "nginx:latest"),
        ("bob/app", "bob/app:latest"),
        ("reg.test:5000/x/y:2", "reg.test:5000/x/y:2"),
        ("localhost/x", "localhost/x:latest"),
    ],
)
def test_a_reference_is_completed_and_shown_short(typed, full):
    assert images.full_reference(typed) == full


def test_the_generations_word_a_bad_name_differently():
    text = "invalid reference format: repository name must be lowercase"
    with pytest.raises(InvalidParameter, match=text):
        images.full_reference("UPPER", Cli.V20)
    with pytest.raises(InvalidParameter, match=r"name \(library/UPPER\) must be"):
        images.full_reference("UPPER", Cli.V28)


def test_an_image_is_found_by_name_digest_id_and_the_start_of_its_id(world):
    world = pulled(world, "nginx")
    image = library_image("nginx")
    for text in ("nginx", image.digests[0], image.id, image.id[7:], image.id[7:11]):
        assert images.find_image(world, text).id == image.id


def test_a_start_that_two_ids_have_finds_neither(world):
    # of seventeen ids two start with the same digit
    names = [f"alpine:{tag}" for tag in library_tags("alpine")]
    names += [f"debian:{tag}" for tag in library_tags("debian")]
    world = pulled(world, *names)
    firsts = Counter(image.id[7] for image in world.images.values())
    digit, count = firsts.most_common(1)[0]
    assert count > 1
    with pytest.raises(NotFound, match=f"No such image: {digit}:latest"):
        images.find_image(world, digit)


def test_a_name_hides_an_id_that_starts_so(world):
    world = pulled(world, "nginx", "redis")
    start = library_image("nginx").id[7:12]
    redis = images.find_image(world, "redis")
    world = images.tag(world, redis, start, 2).world
    assert images.find_image(world, start).id == redis.id


def test_an_image_that_was_not_pulled_is_refused_in_three_parts(world):
    with pytest.raises(NotFound) as caught:
        images.find_image(world, "nginx")
    assert caught.value.text == "No such image: nginx:latest"
    assert "docker pull nginx" in caught.value.explain()


def test_a_pull_is_an_event_of_the_reference(world):
    outcome = images.pull(world, "nginx", 5)
    (event,) = outcome.events
    assert (event.action, event.actor, event.time) == ("pull", "nginx:latest", 5)
    assert event.attributes["name"] == "nginx"
    assert "maintainer" in event.attributes


def test_pulling_by_digest_gives_no_tag(world):
    digest = library_image("nginx").digests[0]
    world = images.pull(world, digest, 1).world
    image = images.find_image(world, digest)
    assert (image.references, image.digests) == ((), (digest,))


def test_a_tag_moves_from_the_image_that_had_it(world):
    world = pulled(world, "nginx", "redis")
    nginx, redis = (images.find_image(world, name) for name in ("nginx", "redis"))
    world = images.tag(world, redis, "nginx", 7).world
    assert images.find_image(world, "nginx").id == redis.id
    assert world.images[nginx.id].references == ()
    assert world.images[redis.id].references == ("redis:latest", "nginx:latest")
    assert world.images[redis.id].tagged == 7


def test_removing_the_last_tag_takes_digest_image_and_layers_along(world):
    image = library_image("hello-world")
    outcome = images.remove(pulled(world, "hello-world"), "hello-world", 2)
    assert outcome.made.split("\n") == [
        "Untagged: hello-world:latest",
        f"Untagged: {image.digests[0]}",
        f"Deleted: {image.id}",
        f"Deleted: {image.chain_ids[0]}",
    ]
    assert [event.action for event in outcome.events] == ["untag", "delete"]
    assert not outcome.world.images
    assert not outcome.world.references


def test_layers_that_another_image_has_stay(world):
    world = pulled(world, "nginx", "debian:12-slim")
    base = library_image("debian:12-slim")
    deleted = images.remove(world, "nginx", 2).made
    assert base.chain_ids[0] not in deleted
    assert library_image("nginx").chain_ids[-1] in deleted
    alone = images.remove(world, "nginx", 2).world
    assert base.chain_ids[0] in images.remove(alone, "debian:12-slim", 3).made


def test_one_of_several_tags_is_only_untagged(world):
    world = pulled(world, "nginx", "nginx:1.25")
    outcome = images.remove(world, "nginx", 2)
    assert outcome.made == "Untagged: nginx:latest"
    assert images.find_image(outcome.world, "nginx:1.25").digests


def test_an_id_with_several_names_must_be_forced(world):
    world = pulled(world, "nginx", "nginx:1.25")
    short = library_image("nginx").id[7:19]
    with pytest.raises(Conflict) as caught:
        images.remove(world, short, 2)
    assert caught.value.text == (
        f"conflict: unable to delete {short} (must be forced) - image is referenced in "
        "multiple repositories"
    )
    outcome = images.remove(world, short, 2, force=True)
    assert lines(outcome)[:3] == [
        "Untagged: nginx:1.25",
        "Untagged: nginx:latest",
        "Untagged: nginx@sha256:" + library_image("nginx").digests[0][13:16],
    ]
    assert not outcome.world.images


def test_the_last_name_of_a_used_image_is_refused():
    world = running("run -d --name user busybox sleep 100000")
    user = next(world.containers_in_order())
    with pytest.raises(Conflict) as caught:
        images.remove(world, "busybox", 2)
    assert caught.value.text == (
        'conflict: unable to remove repository reference "busybox" (must force) - '
        f"container {user.short_id} is using its referenced image {user.image_id[7:19]}"
    )


@pytest.mark.parametrize("force", [False, True])
def test_by_id_an_image_that_runs_cannot_be_removed_even_by_force(force):
    world = running("run -d --name user busybox sleep 100000")
    user = next(world.containers_in_order())
    with pytest.raises(Conflict) as caught:
        images.remove(world, user.image_id[7:19], 2, force=force)
    assert caught.value.text == (
        f"conflict: unable to delete {user.image_id[7:19]} (cannot be forced) - image "
        f"is being used by running container {user.short_id}"
    )


def test_by_id_an_image_that_a_stopped_container_uses_must_be_forced():
    world = running("run -d --name user busybox sleep 100000", "stop -t 0 user")
    user = next(world.containers_in_order())
    short = user.image_id[7:19]
    with pytest.raises(Conflict) as caught:
        images.remove(world, short, 2)
    assert caught.value.text == (
        f"conflict: unable to delete {short} (must be forced) - image is being used by "
        f"stopped container {user.short_id}"
    )
    # its layers stay with the container
    deleted = images.remove(world, short, 2, force=True).made.split("\n")
    assert [line for line in deleted if line.startswith("Deleted")] == [
        f"Deleted: {user.image_id}"
    ]


def test_oddly_a_name_that_the_id_starts_with_counts_as_the_id(world):
    world = pulled(world, "nginx")
    image = images.find_image(world, "nginx")
    world = images.tag(world, image, image.id[7:9], 2).world
    with pytest.raises(Conflict, match="referenced in multiple repositories"):
        images.remove(world, image.id[7:9], 3)


def test_by_name_and_force_an_image_that_runs_only_loses_its_name():
    world = running("run -d --name user busybox sleep 100000")
    user = next(world.containers_in_order())
    outcome = images.remove(world, "busybox", 2, force=True)
    assert [line.split("@")[0] for line in outcome.made.split("\n")] == [
        "Untagged: busybox:latest",
        "Untagged: busybox",
    ]
    left = outcome.world.images[user.image_id]
    assert (left.references, left.digests) == ((), ())


def test_pruning_leaves_tagged_and_used_images_alone():
    world = running("run -d --name user busybox sleep 9", "pull nginx", "pull redis")
    world = images.remove(world, "busybox", 2, force=True).world
    chosen = list(world.images.values())
    dangling = [image for image in chosen if not image.references]
    assert images.prune(world, dangling, 3).world == world
    pruned = images.prune(world, chosen, 3)
    assert [image.id for image in pruned.world.images.values()] == [
        library_image("busybox").id
    ]
    assert not pruned.world.references


# -- laws ------------------------------------------------------------------------------

references = st.sampled_from(REFERENCES)
names = st.sampled_from(["mine", "yours", "team/app", "reg.test:5000/x"])


@given(
    st.from_regex(r"[a-z0-9]{1,5}(/[a-z0-9]{1,5})?(:[a-z0-9]{1,4})?", fullmatch=True)
)
def test_completing_the_name_of_an_image_twice_is_completing_it_once(text):
    full = images.full_reference(text)
    assert images.full_reference(full) == full
    assert images.full_reference(f"docker.io/{full}") == full


@given(references, names)
def test_untagging_an_image_undoes_tagging_it(reference, name):
    world = pulled(Engine().world, reference)
    before = images.find_image(world, reference)
    tagged = images.tag(world, before, name, 2).world
    after = images.remove(tagged, name, 3).world
    assert after.references == world.references
    assert images.find_image(after, reference).references == before.references


@given(references)
def test_pulling_an_image_twice_changes_nothing(reference):
    world = pulled(Engine().world, reference)
    assert images.pull(world, reference, 9).world == world


# -- the machine -----------------------------------------------------------------------


class Store(RuleBasedStateMachine):
    """Against a dictionary of references, a set of ids, and what is never surprising."""

    def __init__(self):
        super().__init__()
        self.world = Engine("20.10").world
        self.tags: dict[str, str] = {}
        self.digests: dict[str, str] = {}
        self.ids: set[str] = set()

    @rule(reference=references)
    def pull(self, reference):
        self.world = images.pull(self.world, reference, 1).world
        image = library_image(reference)
        self.tags[reference] = image.id
        self.digests[image.digests[0]] = image.id
        self.ids.add(image.id)

    @rule(source=references, name=names)
    def tag(self, source, name):
        if source not in self.tags:
            with pytest.raises(NotFound):
                images.find_image(self.world, source)
            return
        image = images.find_image(self.world, source)
        self.world = images.tag(self.world, image, name, 2).world
        self.tags[f"{name}:latest"] = image.id

    @rule(name=st.one_of(references, names.map("{}:latest".format)))
    def remove(self, name):
        if name not in self.tags:
            with pytest.raises(NotFound):
                images.remove(self.world, name, 3)
            return
        image_id = self.tags.pop(name)
        repository = name.rpartition(":")[0]
        if not any(
            other.rpartition(":")[0] == repository and owner == image_id
            for other, owner in self.tags.items()
        ):
            self._forget(image_id, repository)
        if image_id not in {*self.tags.values(), *self.digests.values()}:
            self.ids.discard(image_id)
        self.world = images.remove(self.world, name, 3).world

    def _forget(self, image_id, repository):
        self.digests = {
            digest: owner
            for digest, owner in self.digests.items()
            if owner != image_id or digest.partition("@")[0] != repository
        }

    @rule(index=st.integers(0, 3))
    def remove_by_id(self, index):
        if index >= len(self.ids):
            return
        image_id = sorted(self.ids)[index]
        self.world = images.remove(self.world, image_id, 4, force=True).world
        self.ids.discard(image_id)
        self.tags = {k: v for k, v in self.tags.items() if v != image_id}
        self.digests = {k: v for k, v in self.digests.items() if v != image_id}

    @rule()
    def prune(self):
        untagged = [i for i in self.world.images.values() if not i.references]
        self.world = images.prune(self.world, untagged, 5).world
        self.ids = set(self.tags.values())
        self.digests = {k: v for k, v in self.digests.items() if v in self.ids}

    @invariant()
    def the_store_of_images_has_what_plain_dictionaries_have(self):
        assert dict(self.world.references) == self.tags | self.digests
        assert set(self.world.images) == self.ids
        for image in self.world.images.values():
            named = {*image.references, *image.digests}
            assert all(self.world.references[name] == image.id for name in named)
        assert list(broken(self.world)) == []


def test_a_store_under_random_commands():
    run_state_machine_as_test(
        Store, settings=settings(max_examples=25, stateful_step_count=20)
    )
