"""Citations as the field writes them, "Kahan (1965)" and "(Kahan, 1965)", and the list of references."""

from dataclasses import dataclass, field

from pybtex.plugin import find_plugin
from pybtex.plugin import register_plugin as register_pybtex
from pybtex.style.formatting.plain import Style
from pybtex.style.template import field as bibtex_field
from pybtex.style.template import sentence
from sphinx.application import Sphinx
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

STYLE = "author_year_round"
REFERENCES = "as_written"


def _round() -> BracketStyle:
    return BracketStyle(left="(", right=")")


@dataclass
class RoundBrackets(AuthorYearReferenceStyle):
    """Author and year in round brackets; Sphinx's own style has square ones."""

    bracket_parenthetical: BracketStyle = field(default_factory=_round)
    bracket_textual: BracketStyle = field(default_factory=_round)
    bracket_author: BracketStyle = field(default_factory=_round)
    bracket_label: BracketStyle = field(default_factory=_round)
    bracket_year: BracketStyle = field(default_factory=_round)


class AsWritten(Style):
    """References sorted by author; a title keeps its capitals, which other languages need."""

    def format_title(self, e, which_field, as_sentence=True):
        title = bibtex_field(which_field)
        return sentence[title] if as_sentence else title


def setup(app: Sphinx) -> None:
    """Register both styles under the names that `_config.yml` gives.

    sphinxcontrib-bibtex asks pybtex for its plain text at each citation, and pybtex would read the entry
    points of all packages each time; what is registered is found at once.
    """
    register_plugin("sphinxcontrib.bibtex.style.referencing", STYLE, RoundBrackets)
    register_pybtex("pybtex.style.formatting", REFERENCES, AsWritten)
    register_pybtex("pybtex.backends", "plaintext", find_plugin("pybtex.backends", "plaintext"), force=True)
