"""From the served site to a green notebook, in an environment that has never seen the repository."""

import shutil
import zipfile
from datetime import datetime

import nbformat
import pytest

from book.site import lock
from book.site.archive import ARCHIVE, FOLDER
from tests.site.learner import Learner, download, put_beside_the_pages, served

SECONDS_TO_SET_UP = 30  # measured: about one; the rest is for a busy computer


def shortest_chapter() -> str:
    entries = lock.read()
    return f"{min(entries, key=lambda name: entries[name]['seconds'])}.ipynb"


@pytest.fixture
def learner(tmp_path):
    yield (learner := Learner(tmp_path / "learner"))
    shutil.rmtree(learner.folder)


def assert_green(done, path):
    assert done.returncode == 0, done.stderr[-3000:]
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]
    assert cells[0].outputs == []


def seconds_to_set_up(path) -> float:
    [setup] = [c for c in nbformat.read(path, as_version=4).cells if "setup" in c.metadata.get("tags", [])]
    times = setup.metadata.execution
    started = datetime.fromisoformat(times["iopub.execute_input"])
    return (datetime.fromisoformat(times["shell.execute_reply"]) - started).total_seconds()


def test_a_downloaded_notebook_runs_green_and_installs_the_library_in_seconds(built_site, learner, tmp_path):
    (html := tmp_path / "html").mkdir()
    with served(html) as url:
        put_beside_the_pages(html, built_site, url)
        path = download(f"{url}/notebooks/{shortest_chapter()}", learner.work / "downloaded.ipynb")
        assert_green(learner.run_notebook(path), path)
    assert (learner.packages / "book" / "__init__.py").exists()
    assert seconds_to_set_up(path) < SECONDS_TO_SET_UP


def test_a_notebook_of_the_unpacked_archive_runs_green_without_a_network(built_site, learner):
    zipfile.ZipFile(built_site / ARCHIVE).extractall(learner.folder)
    path = learner.folder / FOLDER / "notebooks" / shortest_chapter()
    learner.work = path.parent
    assert_green(learner.run_notebook(path), path)
    assert (learner.packages / "book" / "__init__.py").exists()
