"""The claims page: every claim of `assets/claims.yml` with its verdict, its evidence and its run."""

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from book.site.paths import ASSETS

CLAIMS = ASSETS / "claims.yml"
IN_PRINT = "Repeated in print, but wrong or muddled"


def claims() -> list[dict]:
    """Return the claims in the order of the file."""
    return yaml.safe_load(CLAIMS.read_text("utf-8")) or []


class Claims(SphinxDirective):
    """`{claims}`: a tally, then one card a claim, each with a link to the cell that settled it."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(CLAIMS))
        cards = [_card(claim) for claim in claims()]
        container = nodes.container()
        self.state.nested_parse(
            [_tally(claims()), "", *"\n".join(cards).splitlines()], self.content_offset, container
        )
        return container.children


def _tally(found: list[dict]) -> str:
    wrong = sum(bool(claim.get("printed_wrong")) for claim in found)
    return f"Settled by running them: **{len(found)}** claims. {IN_PRINT}: **{wrong}**."


def _card(claim: dict) -> str:
    """Return one card as Markdown inside HTML, so that a claim may hold code and formulas."""
    kind = claim["verdict"].replace(" ", "-")
    note = f'\n<p class="in-print">{IN_PRINT}.</p>\n' if claim.get("printed_wrong") else ""
    anchor = claim["id"].lower()
    return f"""
<section class="claim" id="{anchor}">
<p class="claim-head"><b>{claim["id"]}</b> <span class="verdict verdict-{kind}">{claim["verdict"]}</span></p>

{claim["claim"]}
{note}
*Evidence:* {claim["evidence"]}

<p class="claim-link"><a href="{claim["chapter"]}.html#claim-{anchor}">See claim {claim["id"]} tested</a></p>
</section>
"""
