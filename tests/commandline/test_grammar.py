import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.commandline.catalogue import COMMANDS, groups
from minidock.commandline.flags import KINDS
from minidock.commandline.grammar import Cli, CommandRefusal, failure, parse
from minidock.commandline.support import check_supported

CLIS = st.sampled_from(Cli)
GOOD = {  # a text that a flag of the kind takes, and the value it then has
    "bool": ("true", True),
    "string": ("x", "x"),
    "int": ("7", 7),
    "uint": ("7", 7),
    "uint16": ("7", 7),
    "uint32": ("7", 7),
    "bytes": ("1g", 1 << 30),
    "swap": ("-1", -1),
    "decimal": ("1.5", 1_500_000_000),
    "duration": ("1m", 60_000_000_000),
    "strings": ("a,b", ("a", "b")),
    "filter": ("Name = web", ("name=web",)),
    "host": ("a:1.2.3.4", ("a:1.2.3.4",)),
    "dns": ("1.1.1.1", ("1.1.1.1",)),
    "domain": ("a.b", ("a.b",)),
    "stream": ("STDIN", ("stdin",)),
    "weight": ("/dev/a:10", ("/dev/a:10",)),
    "bps": ("/dev/a:1k", ("/dev/a:1k",)),
    "iops": ("/dev/a:1", ("/dev/a:1",)),
    "rule": ("c 1:3 r", ("c 1:3 r",)),
    "sysctl": ("net.a=1", ("net.a=1",)),
    "ulimit": ("core=0", ("core=0",)),
    "mount": ("type=tmpfs,target=/a", ("type=tmpfs,target=/a",)),
    "gpus": ("all", ("all",)),
    "network": ("app", ("app",)),
}
WORDS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "run",
            "create",
            "ps",
            "network",
            "volume",
            "image",
            "container",
            "ls",
            "rm",
            "create",
            "connect",
            "-d",
            "-it",
            "--rm",
            "-p",
            "80:80",
            "--name",
            "web",
            "-e",
            "A",
            "--network",
            "name=a,ip=1",
            "--mount",
            "type=bind",
            "--",
            "--help",
            "-h",
            "--memory",
            "1g",
            "--cpus",
            "1/0",
            "-v",
            "a:b",
            "--ulimit",
            "core=1:x",
            "nginx",
            "exec",
            "stop",
            "-t",
            "5",
            "help",
        ]
    ),
    st.builds(
        "--{}={}".format,
        st.sampled_from(list(COMMANDS["run"].flags.split())),
        st.text(max_size=6),
    ),
)


def every_flag():
    for cli in Cli:
        for command in COMMANDS.values():
            if command.new and cli is Cli.V20:
                continue
            for flag in command.flags_of(cli):
                if flag.name != "help":
                    yield cli, command, flag


def first_arguments(command):
    return ["x"] * int(command.arguments[0])


def outcome(words, cli):
    try:
        return parse(words, cli)
    except CommandRefusal as refusal:
        return refusal


@pytest.mark.parametrize("cli", Cli)
def test_every_flag_in_the_tables_round_trips(cli):
    wrong = []
    for era, command, flag in every_flag():
        if era is not cli:
            continue
        text, value = GOOD.get(flag.kind, ("k=v", ("k=v",)))
        name = flag.holder or flag.name
        for words in (
            [f"--{flag.name}={text}"],
            [f"-{flag.short}={text}"] if flag.short else None,
            [f"--{flag.name}", text] if flag.kind != "bool" else None,
        ):
            if words is None:
                continue
            line = [*command.name.split(), *words, *first_arguments(command)]
            found = outcome(line, cli)
            if isinstance(found, CommandRefusal):
                # a command's own rule, after the flag was read
                if found.code == 125:
                    wrong.append((line, found.stderr))
            elif found.options[name] != value or found.given != {name}:
                wrong.append((line, found.options[name]))
    assert wrong == []


@pytest.mark.parametrize("cli", Cli)
def test_both_spellings_of_a_command_mean_the_same(cli):
    for command in COMMANDS.values():
        if (command.new and cli is Cli.V20) or command.name in (
            "update",
            "tag",
            "pull",
            "cp",
        ):
            continue
        found = [
            outcome([*spelling.split(), *first_arguments(command)], cli)
            for spelling in command.spellings
        ]
        if not isinstance(found[0], CommandRefusal):
            assert {parsed.command for parsed in found} == {command.name}


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("container ls", "ps"),
        ("container list", "ps"),
        ("container ps", "ps"),
        ("container rm x", "rm"),
        ("container remove x", "rm"),
        ("image ls", "images"),
        ("image list", "images"),
        ("image rm x", "rmi"),
        ("image remove x", "rmi"),
        ("network list", "network ls"),
        ("network remove x", "network rm"),
        ("container inspect x", "container inspect"),
        ("image inspect x", "image inspect"),
        ("system info", "info"),
        ("system events", "events"),
        ("container run nginx", "run"),
        ("service ls", "service ls"),
        ("-H tcp://h:1 -D ps", "ps"),
    ],
)
def test_aliases_are_resolved_to_the_canonical_name(words, command):
    assert parse(words.split(), Cli.V28).command == command


def test_flags_after_the_image_belong_to_the_command_inside():
    parsed = parse(["run", "-d", "nginx", "sh", "-c", "x", "--rm"], Cli.V28)
    assert parsed.arguments == ("nginx", "sh", "-c", "x", "--rm")
    assert not parsed.flag("rm")


def test_flags_after_a_container_still_belong_to_most_commands():
    assert parse(["logs", "web", "-f", "--tail", "5"], Cli.V28).flag("follow")


def test_two_dashes_end_the_flags():
    assert parse(["network", "create", "--", "-x"], Cli.V28).arguments == ("-x",)


def test_an_old_spelling_sets_the_new_flag_and_says_so():
    parsed = parse(["stop", "--time", "5", "web"], Cli.V28)
    assert parsed.options["timeout"] == 5
    assert parsed.notices == ("Flag --time has been deprecated, use --timeout instead",)


def test_hidden_old_spellings_set_the_new_flag_silently():
    parsed = parse(
        ["run", "--net", "a", "--network", "b", "--net-alias", "c", "nginx"], Cli.V28
    )
    assert parsed.texts("network") == ("a", "b")
    assert parsed.texts("network-alias") == ("c",)
    assert parsed.notices == ()


def test_stop_waits_ten_seconds_by_default_only_in_the_old_program():
    assert parse(["stop", "x"], Cli.V20).number("timeout") == 10
    assert parse(["stop", "x"], Cli.V28).number("timeout") == 0


def test_the_run_command_has_the_flags_of_the_real_program():
    names = {
        28: parse(["run", "x"], Cli.V28).options,
        20: parse(["run", "x"], Cli.V20).options,
    }
    new = {"annotation", "health-start-interval", "quiet", "use-api-socket"}
    assert set(names[28]) - set(names[20]) == new
    assert len(names[28]) == 103  # and --help


@pytest.mark.parametrize(
    ("words", "cli", "code", "stderr"),
    [
        (
            "ps -a --filter foo",
            Cli.V28,
            125,
            (
                'invalid argument "foo" for "-f, --filter" flag: bad format of filter'
                " (expected name=value)\n\nUsage:  docker ps [OPTIONS]\n\n"
                "Run 'docker ps --help' for more information\n"
            ),
        ),
        (
            "network create --foo",
            Cli.V20,
            125,
            "unknown flag: --foo\nSee 'docker network create --help'.\n",
        ),
        (
            "images a b",
            Cli.V28,
            1,
            (
                "docker: 'docker images' requires at most 1 argument\n\n"
                "Usage:  docker images [OPTIONS] [REPOSITORY[:TAG]]\n\n"
                "SRun 'docker images --help' for more information\n"
            ),
        ),
        (
            "rename a",
            Cli.V20,
            1,
            (
                '"docker rename" requires exactly 2 arguments.\n'
                "See 'docker rename --help'.\n\n"
                "Usage:  docker rename CONTAINER NEW_NAME\n\nRename a container\n"
            ),
        ),
        (
            "foo",
            Cli.V20,
            1,
            "docker: 'foo' is not a docker command.\nSee 'docker --help'\n",
        ),
        (
            "volume foo",
            Cli.V28,
            1,
            (
                "docker: unknown command: docker volume foo\n\n"
                "Usage:  docker volume COMMAND\n\n"
                "Run 'docker volume --help' for more information\n"
            ),
        ),
        ("help network foo", Cli.V28, 1, "unknown help topic: foo\n"),
        ("--log-level foo ps", Cli.V28, 1, "Unable to parse logging level: foo\n"),
        ("cp a b", Cli.V28, 1, "must specify at least one container source\n"),
        ("cp x:a y:b", Cli.V28, 1, "copying between containers is not supported\n"),
        ("pull -a a:b", Cli.V28, 1, "tag can't be used with --all-tags/-a\n"),
        ("inspect --type foo a", Cli.V20, 1, '"foo" is not a valid value for --type\n'),
        ("run -d -a stdin x", Cli.V20, 1, "Conflicting options: -a and -d\n"),
    ],
)
def test_refusals_are_the_real_programs(words, cli, code, stderr):
    refusal = outcome(words.split(), cli)
    assert (refusal.code, refusal.stderr, refusal.stdout) == (code, stderr, "")


def test_help_is_no_failure_and_goes_to_stdout():
    refusal = outcome(["network", "create", "--help"], Cli.V28)
    assert refusal.code == 0
    assert refusal.stdout.startswith(
        "Usage:  docker network create [OPTIONS] NETWORK\n"
    )


def test_a_management_command_alone_shows_what_is_below_it():
    refusal = outcome(["network"], Cli.V28)
    assert refusal.code == 0
    assert "  disconnect  Disconnect a container from a network\n" in refusal.stderr


def test_only_run_dresses_up_an_error_of_the_engine():
    assert failure("x", "container run", Cli.V28) == (
        "docker: x\n\nRun 'docker container run --help' for more information\n"
    )
    assert failure("x", "run", Cli.V20) == "docker: x.\nSee 'docker run --help'.\n"
    assert failure("x", "run", Cli.V20, code=127) == "docker: x.\n"
    assert failure("x", "create", Cli.V28) == "x\n"


def test_an_old_engine_is_not_asked_for_what_it_does_not_know():
    parsed = parse(
        ["create", "--annotation", "a=b", "--health-start-interval", "1s", "x"], Cli.V28
    )
    check_supported(parsed, Cli.V28, "1.44")
    with pytest.raises(CommandRefusal) as caught:
        check_supported(parsed, Cli.V28, "1.41")
    assert caught.value.stderr == (
        '"--annotation" requires API version 1.43, but the Docker daemon API version is 1.41\n'
        '"--health-start-interval" requires API version 1.44, but the Docker daemon API'
        " version is 1.41\n"
    )


@pytest.mark.parametrize("cli", Cli)
def test_names_and_letters_of_one_command_are_unique(cli):
    for era, command, _ in every_flag():
        if era is cli:
            flags = command.flags_of(cli)
            letters = [flag.short for flag in flags if flag.short]
            assert len({flag.name for flag in flags}) == len(flags), command.name
            assert len(set(letters)) == len(letters), command.name
            assert {flag.kind for flag in flags} <= set(KINDS), command.name


def test_every_spelling_means_one_command():
    spellings = [s for command in COMMANDS.values() for s in command.spellings]
    assert len(set(spellings)) == len(spellings)
    assert not set(groups(Cli.V28)) & {s for s in spellings if " " not in s}


@given(st.lists(WORDS, max_size=8), CLIS)
def test_any_words_give_a_command_or_a_refusal(words, cli):
    found = outcome(words, cli)
    if isinstance(found, CommandRefusal):
        assert found.code in (0, 1, 125)
        assert (found.stderr or found.stdout).endswith("\n")
    else:
        assert found.given <= set(found.options)


@given(
    st.lists(st.text(min_size=1).filter(lambda t: t[0] != "-"), min_size=1, max_size=4),
    CLIS,
)
def test_what_follows_the_image_is_kept_word_by_word(arguments, cli):
    assert parse(["run", "-d", *arguments], cli).arguments == tuple(arguments)


@given(st.text(), CLIS)
def test_a_text_flag_keeps_any_text(text, cli):
    assert parse(["run", f"--name={text}", "x"], cli).text("name") == text
    assert parse(["run", "--name", text, "x"], cli).text("name") == text
