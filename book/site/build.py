"""`python -m book build`: pages, stamped notebooks, wheel and offline archive, from one commit."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from book.errors import BookError
from book.site import archive, stamp, wheel
from book.site.address import checked
from book.site.finish import finish, put_elements, put_pages
from book.site.paths import BUILD, CHAPTERS, ROOT

# It has no `python -m`. All that Sphinx reads stays to the end: looking for garbage in it takes long.
_JUPYTER_BOOK = """
import gc
gc.set_threshold(50_000, 20, 100)
from jupyter_book.cli.main import main
main()
"""
STRICT = ["-W", "--keep-going"]
WORK = BUILD.parent / "sphinx"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_COMPLAINT = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|^(?!RuntimeError)[\w.]*(Error|Exception)\b")


def build(site_url: str | None = None) -> Path:
    """Build the site into `_build/html` and return that folder.

    Args:
        site_url: where the site will be published; None for a site that is
            read from a folder, which then shows no Colab buttons.

    Raises:
        BookError: Sphinx warned or failed; what it said is in the message.
    """
    site_url = checked(site_url)
    finish(_run_jupyter_book(site_url, "--all"), BUILD)
    stamp.stamp_notebooks(BUILD, site_url)
    wheel.put_wheel(BUILD)
    archive.make_archive(BUILD)
    return BUILD


def build_page(name: str) -> Path:
    """Build one page into the site that stands there, and return its file; without a site, build all of it.

    The pages that changed are written, a chapter's notebook with its page and with the wheel that it names.
    The other notebooks, their wheel and the offline archive stay as they were.

    Args:
        name: of the page, "3-first-order/adam" for one.

    Raises:
        BookError: Sphinx warned or failed; what it said is in the message.
    """
    if not ((BUILD / "index.html").exists() and WORK.exists()):
        print("There is no site yet: all its pages are built, which takes some minutes.", flush=True)
        return build() / f"{name}.html"
    with ThreadPoolExecutor(1) as beside:
        scripts = beside.submit(put_elements, BUILD)  # while Sphinx runs in a process of its own
        put_pages(_run_jupyter_book(None), BUILD)
        scripts.result()
    stamp.stamp_notebook(CHAPTERS / f"{name}.ipynb", BUILD, None)
    wheel.add_wheel(BUILD)
    return BUILD / f"{name}.html"


def _run_jupyter_book(site_url: str | None, *options: str) -> Path:
    """Return the folder of Jupyter Book's output; a warning of Sphinx counts as a failure."""
    files = ["--config", ROOT / "_config.yml", "--toc", ROOT / "_toc.yml", "--path-output", WORK]
    command = [sys.executable, "-c", _JUPYTER_BOOK, "build", CHAPTERS, *files, *STRICT, *options]
    environment = os.environ | {"DESCENT_SITE_URL": site_url or ""}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)
    if run.returncode:
        raise BookError(f"The pages were not built; mend this and build again.\n{_complaints(run)}")
    return WORK / "_build" / "html"


def _complaints(run: subprocess.CompletedProcess) -> str:
    """Return the lines in which Sphinx says what is wrong, or else the end of its output."""
    lines = _COLOUR.sub("", run.stderr + run.stdout).splitlines()
    named = [line.strip() for line in lines if _COMPLAINT.search(line)]
    return "\n".join(dict.fromkeys(named or lines[-20:]))
