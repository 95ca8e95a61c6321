"""The claims page: every claim of `assets/claims.yml` with its verdict, its evidence and its run."""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from book.site.checks.claims import FILE, claims
from book.site.nested import parsed
from book.site.paths import ROOT

IN_PRINT = "Repeated in print, but wrong or muddled"


def claims_of(part: str) -> list[dict]:
    """Return the claims that the chapters of a part settle, by their numbers.

    Examples:
        >>> [claim["id"] for claim in claims_of("1-numbers")][:2]
        ['N1', 'N2']
    """
    found = [claim for claim in claims() if claim["chapter"].startswith(f"{part}/")]
    return sorted(found, key=lambda claim: int(claim["id"][1:]))


class ClaimsTally(SphinxDirective):
    """`{claims-tally}`: how many claims are settled in all, and how many of them are printed wrong."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(ROOT / FILE))
        return parsed(self, _tally(claims()).splitlines())


class Claims(SphinxDirective):
    """`{claims} PART`: one card a claim of the part, each with a link to the cell that settled it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(ROOT / FILE))
        return parsed(self, "\n".join(map(_card, claims_of(self.arguments[0]))).splitlines())


def _tally(found: list[dict]) -> str:
    wrong = sum(bool(claim.get("printed_wrong")) for claim in found)
    return f"Settled by running them: **{len(found)}** claims. {IN_PRINT}: **{wrong}**."


def _card(claim: dict) -> str:
    """Return one card as Markdown inside HTML, so that a claim may hold code and formulas."""
    kind = claim["verdict"].replace(" ", "-")
    note = f'\n<p class="in-print">{IN_PRINT}.</p>\n' if claim.get("printed_wrong") else ""
    anchor = claim["id"].lower()
    so = f"\n*So what?* {claim['so']}\n" if claim.get("so") else ""
    more = f"\n:::{{dropdown}} The other numbers\n{claim['more']}\n:::\n" if claim.get("more") else ""
    return f"""
<section class="claim" id="{anchor}">
<p class="claim-head"><b>{claim["id"]}</b> <span class="verdict verdict-{kind}">{claim["verdict"]}</span></p>

{claim["claim"]}
{note}
*Evidence:* {claim["evidence"]}
{so}{more}
<p class="claim-link"><a href="{claim["chapter"]}.html#claim-{anchor}">See claim {claim["id"]} tested</a></p>
</section>
"""
