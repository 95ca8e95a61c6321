"""The wheel of `book`: whole, the same every time, and built without a network."""

import shutil
import socket
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageMetadata, PathDistribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import book
from book.site.paths import ROOT
from book.site.wheel import put_wheel, version, wheel_name

CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
IMPORT_ALL = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import book
assert book.__file__.startswith(sys.argv[1]), book.__file__
names = [module.name for module in pkgutil.walk_packages(book.__path__, "book.")]
lessons = [name for name in names if not name.startswith(("book.site", "book.bench", "book.__main__"))]
for name in lessons:
    importlib.import_module(name)
from book.training.data.load import load
assert len(load("cifar10")[0]) == 1500
print(len(lessons))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return put_wheel(tmp_path_factory.mktemp("html"))


def test_it_lies_beside_the_pages_under_the_name_that_the_set_up_cell_asks_for(wheel):
    assert wheel.parent.name == "wheels"
    assert wheel.name == wheel_name()
    assert [path.name for path in wheel.parent.parent.iterdir()] == ["wheels"]


def metadata(wheel) -> PackageMetadata:
    [own] = [entry for entry in zipfile.Path(wheel).iterdir() if entry.name.endswith(".dist-info")]
    return PathDistribution(own).metadata


def test_the_package_and_the_project_have_one_version():
    assert CONFIG["project"]["version"] == book.__version__


def test_its_metadata_ask_for_what_the_project_declares(wheel):
    asked = map(Requirement, metadata(wheel).get_all("Requires-Dist"))
    assert set(asked) == set(map(Requirement, CONFIG["project"]["dependencies"]))


def test_its_name_and_its_metadata_have_one_version(wheel):
    assert metadata(wheel)["Version"] == version()
    assert f"-{version()}-" in wheel.name


INCLUDED = CONFIG["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
FILES = [name if Path(name).suffix else f"{name}/one.json" for name in INCLUDED]
FILES += ["book/__init__.py", "book/explorers/one.js"]


@pytest.fixture
def root(tmp_path):
    """A small project with the true one's metadata."""
    for name in FILES:
        (file := tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        file.write_text("1")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / "root")
    return tmp_path / "root"


@pytest.mark.parametrize("name", FILES)
def test_a_wheel_of_another_content_has_another_version(root, name):
    before = put_wheel(root.parent, root).name
    (root / name).write_text("2")
    assert put_wheel(root.parent, root).name != before
    (root / name).write_text("1")
    assert put_wheel(root.parent, root).name == before


def test_another_requirement_or_another_file_is_another_version_and_a_compiled_module_is_none(root):
    (root / "book" / "__pycache__").mkdir()
    versions = [version(root)]
    (root / "book" / "__pycache__" / "one.pyc").write_bytes(b"1")
    assert version(root) == versions[0]
    (root / "book" / "two.py").touch()
    versions.append(version(root))
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    (root / "pyproject.toml").write_text(text.replace("anywidget>=0.9", "anywidget>=0.10"), encoding="utf-8")
    assert len({*versions, version(root)}) == 3


class Digest:
    """A digest of given digits."""

    def __init__(self, digits):
        self.hexdigest = lambda: digits

    def update(self, content):
        pass


@pytest.mark.parametrize("digits", ["01234567", "12345678", "0123abcd", "1e000000"])
def test_pip_reads_the_version_as_it_is_written(root, monkeypatch, digits):
    """A local part that is a number would lose its leading zeros."""
    monkeypatch.setattr("hashlib.sha256", lambda content: Digest(digits))
    assert str(Version(version(root))) == version(root)


def test_it_holds_every_file_of_the_library(wheel):
    own = {path.relative_to(ROOT).as_posix() for path in (ROOT / "book").rglob("*") if path.is_file()}
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in own if "__pycache__" not in name} <= inside
    assert any(name.endswith(".js") for name in inside)


def test_it_holds_every_stored_result(wheel):
    inside = zipfile.ZipFile(wheel)
    for result in (ROOT / "assets" / "results").glob("*.json"):
        [name] = [name for name in inside.namelist() if name.endswith(f"results/{result.name}")]
        assert inside.read(name) == result.read_bytes()


def test_it_holds_the_sample_data_with_its_licence(wheel):
    inside = zipfile.ZipFile(wheel)
    files = list((ROOT / "assets" / "data").iterdir())
    assert {"README.md", "mnist-train.webp"} <= {file.name for file in files}
    for file in files:
        assert inside.read(f"book/_data/{file.name}") == file.read_bytes()


def test_it_holds_what_the_claims_say(wheel):
    file = ROOT / "assets" / "claims.yml"
    assert zipfile.ZipFile(wheel).read("book/_claims.yml") == file.read_bytes()


def test_two_builds_are_the_same_to_the_byte_and_an_old_version_goes_away(wheel, tmp_path):
    old = tmp_path / "wheels" / "descent_book-0.0.1-py3-none-any.whl"
    old.parent.mkdir()
    old.touch()
    assert put_wheel(tmp_path).read_bytes() == wheel.read_bytes()
    assert not old.exists()


def test_no_network_is_touched(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the build opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert put_wheel(tmp_path).exists()


def test_the_lessons_import_from_the_wheel_alone(wheel, tmp_path):
    """Everything that a chapter may import works from inside the wheel, away from the repository."""
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(wheel).extractall(unpacked)
    run = [sys.executable, "-P", "-c", IMPORT_ALL, str(unpacked)]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5
