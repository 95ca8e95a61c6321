"""Marks the slow kinds of tests by what they use; `make quick` leaves these kinds out.

A test asks for a browser, the built site or a compiler by a fixture; "compiled" stands in the name of a test
or of its case; a file whose tests start processes imports what starts them; a benchmark's tests are in the
folder of the benchmarks. That a test takes long is said by hand: `@pytest.mark.long`.
"""

from functools import cache
from pathlib import Path

from nbval.plugin import IPyNbCell

FIXTURES = {
    "browser": "browser",
    "built_site": "site",
    "compiler": "compiler",
    "executed_book": "processes",
    "firefox": "browser",
}
BENCHES = Path(__file__).parent / "bench"
STARTERS = {
    "book.bench.kills",
    "book.bench.gpu",
    "book.bench.stops",
    "book.project.workers",
    "jupyter_client.manager",
    "multiprocessing",
    "subprocess",
    "tests.chapters.processors",
    "tests.site.learner",
    "tests.training.torchrun",
}


def kinds(item) -> set[str]:
    """Return the slow kinds that a test is of."""
    if isinstance(item, IPyNbCell):
        return {"notebook"}
    found = {kind for fixture, kind in FIXTURES.items() if fixture in getattr(item, "fixturenames", ())}
    if starts_processes(getattr(item, "module", None)):
        found.add("processes")
    if "compiled" in item.name:
        found.add("compiler")
    if item.path.is_relative_to(BENCHES):
        found.add("bench")
    return found


@cache
def starts_processes(module) -> bool:
    """Return whether a test file imports what starts a process, or a function from a module that does."""
    names = vars(module).values() if module else ()
    return any({getattr(it, "__name__", ""), getattr(it, "__module__", "")} & STARTERS for it in names)


def pytest_itemcollected(item) -> None:
    for kind in sorted(kinds(item)):
        item.add_marker(kind)


def pytest_collection_modifyitems(items) -> None:
    """Put the slow kinds first, so that no process is left with a long test at the end.

    The very first is a test of the site: while one process builds it, the others run notebooks.
    """
    items.sort(key=lambda item: not isinstance(item, IPyNbCell))
    first = next((item for item in items if item.get_closest_marker("site")), None)
    if first:
        items.insert(0, items.pop(items.index(first)))
