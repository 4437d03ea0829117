"""Which files of a folder are read."""

import pytest

from k8s_bridge.folders import files_of
from minidock.errors import InvalidParameter, NotFound


class _Disk:
    def __init__(self, **files):
        self._files = {name.replace("__", "/"): text for name, text in files.items()}

    def read(self, path):
        return self._files[path].encode()

    def is_file(self, path):
        return path in self._files

    def is_folder(self, path):
        return any(name.startswith(f"{path}/") for name in self._files)

    def names(self, path):
        start = f"{path}/"
        inside = [n.removeprefix(start) for n in self._files if n.startswith(start)]
        return tuple(sorted({name.partition("/")[0] for name in inside}))


def _files(**files):
    disk = _Disk()
    disk._files = {f"d/{name}": text for name, text in files.items()}
    return files_of("d", disk)


def test_a_file_is_itself():
    assert files_of("x.txt", _Disk()) == ["x.txt"]


def test_a_folder_is_its_files_by_name_and_no_folders():
    assert _files(
        **{"b.yaml": "", "a.json": "", "c.yml": "", "README.md": "", "sub/d.yaml": ""}
    ) == ["d/a.json", "d/b.yaml", "d/c.yml"]


def test_a_base_is_its_resources():
    text = "resources: [web.yaml, ../d/more]"
    assert _files(
        **{
            "kustomization.yaml": text,
            "web.yaml": "",
            "other.yaml": "",
            "more/x.yaml": "",
        }
    ) == ["d/web.yaml", "d/more/x.yaml"]


def test_of_base_and_overlays_it_is_the_base():
    base = {"base/kustomization.yaml": "resources: [a.yaml]", "base/a.yaml": ""}
    assert _files(**base, **{"overlays/x/kustomization.yaml": "patches: [x]"}) == [
        "d/base/a.yaml"
    ]


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({"kustomization.yaml": "resources: []\nimages: [{name: a}]"}, "kubectl kustomize d"),
        ({"kustomization.yaml": "resources: ['https://example.org/x']"}, "kubectl kustomize d"),
        ({"kustomization.yaml": "resources: [../d]"}, "includes itself"),
        ({"Chart.yaml": "", "values.yaml": ""}, "helm template d"),
    ],
)  # fmt: skip
def test_what_must_be_built_is_refused_with_the_command(files, word):
    with pytest.raises(InvalidParameter) as caught:
        _files(**files)
    assert word in caught.value.text + caught.value.remedy


def test_a_folder_without_manifests_is_refused():
    with pytest.raises(NotFound, match="there are no manifests in d"):
        _files(**{"README.md": ""})
