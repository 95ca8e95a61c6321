"""A chapter in JupyterLab: run from top to bottom, its explorers moved by a key, an exercise solved."""

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest

from book.site.paths import CHAPTERS, ROOT
from book.site.reading import FOLDED

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.skipif(find_spec("jupyterlab") is None, reason="JupyterLab is not installed"),
]

PORT, TOKEN = 8971, "descent"
CHAPTER = "3-first-order/adam"
CONTROLS = {  # of each explorer one that a key moves
    "descent-bias-correction": "input[type=range]",
    "descent-one-step": "button:has-text('Take this step')",
    "descent-race": "input[type=range]",
}
ANSWER = 0.01 / 0.19  # to the exercise second-step
SETTINGS = {  # every cell is in the page, also where nobody has scrolled to
    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": '{"windowingMode": "none"}',
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": '{"fetchNews": "false"}',
}


def unrun(stamped: Path, folder: Path) -> Path:
    """The chapter as a learner gets it, without outputs, and one exercise answered."""
    notebook = nbformat.read(stamped, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
            if "second-step" in cell.source and cell.source.startswith("answer = ..."):
                cell.source = cell.source.replace("answer = ...", f"answer = {ANSWER}", 1)
    path = folder / "adam.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def lab(tmp_path, built_site):
    """The address of the notebook in a JupyterLab that serves it alone."""
    stamped = built_site / "notebooks" / f"{CHAPTER}.ipynb"
    notebook, settings = unrun(stamped, tmp_path), tmp_path / "settings"
    for name, text in SETTINGS.items():
        file = settings / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    own = {"JUPYTERLAB_SETTINGS_DIR": str(settings), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    own |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    options = [f"--port={PORT}", "--port-retries=0", "--no-browser", f"--IdentityProvider.token={TOKEN}"]
    options += [f"--ServerApp.root_dir={tmp_path}", "--allow-root"]
    command = [sys.executable, "-m", "jupyterlab", *options]
    with open(tmp_path / "log", "w") as log:
        server = subprocess.Popen(command, env=os.environ | own, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{PORT}/lab?token={TOKEN}", tmp_path / "log")
        yield f"http://127.0.0.1:{PORT}/lab/tree/{notebook.name}?token={TOKEN}&reset"
    finally:
        server.terminate()
        server.wait(timeout=60)


def wait_for(address: str, log: Path, seconds: int = 90) -> None:
    for _ in range(seconds):
        try:
            urlopen(address, timeout=5).close()
            return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(1)
    pytest.fail(f"JupyterLab did not start: {log.read_text()[-500:]}")


def test_adam_runs_from_top_to_bottom_and_answers(browser, lab):
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
        page = context.new_page()
        page.goto(lab)
        page.get_by_text("Python 3", exact=False).first.wait_for(timeout=120_000)
        page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for(timeout=60_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        code = page.locator(".jp-CodeCell").count()
        folded = page.locator(".jp-CodeCell .jp-InputPlaceholder").count()
        page.wait_for_function(
            "(count) => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
            ".filter((e) => /\\[\\d+\\]/.test(e.textContent)).length === count",
            arg=code - folded,  # what is folded shows no number
            timeout=240_000,
        )
        assert code > 20
        assert folded == sum(bool(FOLDED & set(cell.metadata.get("tags", []))) for cell in cells()) > 10
        assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_text_contents() == []
        assert page.locator(".jp-RenderedText:has-text('Traceback')").count() == 0
        for tag in CONTROLS:
            moves(page, tag)
        exercises = page.locator("descent-exercise, .jp-RenderedHTMLCommon:has-text('Not attempted yet')")
        assert exercises.count() >= 3
        assert page.get_by_text("the two gradients nearly cancel").count() >= 1


def cells() -> list:
    return nbformat.read(CHAPTERS / f"{CHAPTER}.ipynb", as_version=4).cells


def moves(page, tag: str) -> None:
    """A key on a slider or a button changes the explorer's state, and what it says of it stands there."""
    element = page.locator(tag).first
    element.wait_for()
    element.scroll_into_view_if_needed()
    said = f"document.querySelector('{tag}').querySelector('.dx-story').textContent"
    before, state = page.evaluate(said), f"JSON.stringify(document.querySelector('{tag}').state)"
    old = page.evaluate(state)
    control = element.locator(CONTROLS[tag]).first
    control.focus()
    page.keyboard.press("Enter" if control.evaluate("e => e.tagName") == "BUTTON" else "ArrowRight")
    page.wait_for_function(f"(old) => {state} !== old", arg=old)
    assert before
    assert page.evaluate(said)
