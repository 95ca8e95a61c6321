"""What stands between Sphinx's output and the site: our style sheet and scripts in, the theme's files out."""

import shutil
from pathlib import Path

from book.site.paths import ASSETS
from book.site.styles import put_styles

# What Sphinx's search page loads, and the files of `assets/static` that pages load.
KEPT = {
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "language_data.js",
    "searchtools.js",
    "logo.svg",
    "fonts",
    "js",
}
UNUSED = (".buildinfo", ".doctrees", "_sources", "_sphinx_design_static", "genindex.html")


def finish(output: Path, html: Path) -> None:
    """Make the site from Sphinx's output: all of it is written beside `html`, then takes its place.

    Args:
        output: the folder that Sphinx wrote.
        html: the folder of the site; what stood there goes.
    """
    fresh = html.with_name(html.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(output, fresh, ignore=shutil.ignore_patterns(*UNUSED))
    _drop_theme_files(fresh / "_static")
    put_elements(fresh)
    (fresh / ".nojekyll").touch()
    shutil.rmtree(html, ignore_errors=True)
    fresh.rename(html)


def put_pages(output: Path, html: Path) -> None:
    """Copy the pages and figures of Sphinx's output over those of a site."""
    unused = shutil.ignore_patterns(*UNUSED, "_static")
    shutil.copytree(output, html, ignore=unused, dirs_exist_ok=True)


def put_elements(html: Path) -> None:
    """Write our scripts and our style sheet into a site."""
    from book.site.scripts import put_scripts  # with the exercises comes torch, which takes seconds

    shutil.copytree(ASSETS / "static" / "js", html / "_static" / "js", dirs_exist_ok=True)
    put_scripts(html)
    put_styles(html)


def _drop_theme_files(static: Path) -> None:
    for path in static.iterdir():
        if path.name in KEPT:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    for recipe in ("subset.sh", "narrow_radicals.py"):
        (static / "fonts" / recipe).unlink()
