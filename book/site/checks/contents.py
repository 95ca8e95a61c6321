"""Checks on `_toc.yml`: the site holds what it names, and nothing else."""

from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml

from book.site.checks.text import Page
from book.site.finding import Finding

FILE = Path("_toc.yml")


def contents_findings(pages: list[Page], root: Path) -> list[Finding]:
    """Return the pages that the contents lack, and what they name without a page; read as Sphinx reads it."""
    try:
        site = parse_toc_yaml(root / FILE)
    except FileNotFoundError:
        return [Finding(FILE, None, "the file is missing", "write it, or restore it with git")]
    except (MalformedError, yaml.YAMLError) as error:
        said = " ".join(str(error).replace(str(root / FILE), FILE.name).split())
        return [Finding(FILE, None, said.rstrip("."), "correct the line")]
    named, globs = {name.removesuffix(".md").removesuffix(".ipynb") for name in site}, site.globs()
    there = {page.document: page for page in pages}
    lost = [f"it names {name!r}, which has no page" for name in sorted(named - there.keys())]
    outside = [
        page
        for name, page in there.items()
        if name not in named and not any(fnmatchcase(name, glob) for glob in globs)
    ]
    return [Finding(FILE, None, what, "correct the name, or write the page") for what in lost] + [
        page.finding(None, f"no line of {FILE} names it", f"name it in {FILE}") for page in outside
    ]
