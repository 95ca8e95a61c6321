"""Where a role of the book's Markdown leads: the built site's inventory and the bibliography."""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pybtex.database import BibliographyData, Entry, Person
from pybtex.database.input.bibtex import Parser
from pybtex.exceptions import PybtexError
from sphinx.util.inventory import InventoryFile

from book.errors import BookError
from book.site.paths import ASSETS

REFERENCES = "references.html"


@dataclass(frozen=True)
class Links:
    """The targets of roles, as plain Markdown links.

    Args:
        base: what every link starts with: the site's address, or a relative path to the site's folder.
        places: for `(kind, name)`, kind being term, label or doc: the page with its anchor, and its title.
        works: every cited work, by its key.
    """

    base: str
    places: dict[tuple[str, str], tuple[str, str]]
    works: BibliographyData

    @classmethod
    def read(cls, html: Path, base: str, bibliography: Path = ASSETS / "references.bib") -> "Links":
        """Read the inventory that Sphinx wrote into `html`, and the bibliography.

        Raises:
            BookError: the site is not built yet.
        """
        try:
            with (html / "objects.inv").open("rb") as stream:
                inventory = InventoryFile.load(stream, "", posixpath.join)
        except FileNotFoundError:
            raise BookError(f"{html} holds no built pages. Build them first: python -m book build") from None
        return cls(base, _places(inventory), works(bibliography))

    def to(self, kind: str, name: str, text: str | None = None) -> str:
        """Return a link to a term, a label or a page; its text is the place's own title unless given.

        Raises:
            BookError: the site has no such place.

        Examples:
            >>> links = Links("..", {("term", "ulp"): ("glossary.html#term-ulp", "ulp")}, BibliographyData())
            >>> links.to("term", "ulp", "spacing")
            '[spacing](../glossary.html#term-ulp)'
        """
        if (kind, name.lower()) not in self.places:
            raise BookError(f"{{{kind}}}`{name}` leads nowhere. Correct the name, or write its target.")
        page, title = self.places[kind, name.lower()]
        return f"[{text or title}]({self.base}/{page})"

    def cite(self, key: str, in_brackets: bool) -> str:
        """Return a citation that links to the references: "Kahan (1965)", or "Kahan, 1965" in brackets.

        Raises:
            BookError: the bibliography has no such work.
        """
        if key not in self.works.entries:
            raise BookError(f"{key!r} is cited but missing from assets/references.bib. Add its entry there.")
        work = self.works.entries[key]
        year = work.fields.get("year", "no date")
        label = f"{_authors(work)}, {year}" if in_brackets else f"{_authors(work)} ({year})"
        return f"[{label}]({self.base}/{REFERENCES})"


def works(bibliography: Path) -> BibliographyData:
    """Return the works of a bibliography, none where there is no file.

    Raises:
        BookError: the file is no BibTeX, or a key occurs twice in it.
    """
    if not bibliography.exists():
        return BibliographyData()
    try:
        return Parser().parse_file(str(bibliography))
    except PybtexError as error:
        said = " ".join(str(error).split()).rstrip(".")
        raise BookError(f"{bibliography.name} cannot be read: {said}. Correct the entry.") from error


def _places(inventory: dict) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (kind.removeprefix("std:"), name.lower()): (page, name if title == "-" else title)
        for kind in ("std:term", "std:label", "std:doc")
        for name, (_, _, page, title) in inventory.get(kind, {}).items()
    }


def _authors(work: Entry) -> str:
    persons, fields = work.persons or {}, work.fields or {}
    people = persons.get("author") or persons.get("editor") or []
    return _listed([_surname(person) for person in people]) or fields.get("title", "")


def _listed(names: Sequence[str]) -> str:
    """Join surnames as a sentence does.

    Examples:
        >>> _listed(["Kahan"]), _listed(["Kingma", "Ba"]), _listed(["Higham", "Mary", "Blanchard"])
        ('Kahan', 'Kingma and Ba', 'Higham et al.')
    """
    return " and ".join(names) if len(names) < 3 else f"{names[0]} et al."


def _surname(person: Person) -> str:
    return " ".join(str(part) for part in (*person.rich_prelast_names, *person.rich_last_names))
