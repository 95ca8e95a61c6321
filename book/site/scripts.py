"""The custom elements of a page: one classic script each, sent to just the pages that hold the element."""

from pathlib import Path

from book import exercises, explorers
from book.explorers.shared.bundle import without_gaps

EXERCISE = "descent-exercise"


def element_scripts() -> dict[str, str]:
    """Return the script of every custom element by the element's tag."""
    return {**explorers.page_scripts(), EXERCISE: without_gaps(exercises.page_script())}


def put_scripts(html: Path) -> None:
    """Write each script to `_static/elements/TAG.js`."""
    folder = html / "_static" / "elements"
    folder.mkdir(parents=True, exist_ok=True)
    for tag, script in element_scripts().items():
        (folder / f"{tag}.js").write_text(script, "utf-8")
