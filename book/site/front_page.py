"""What the front page shows besides its text: a picture drawn from the run behind it, and three doors."""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from book.figures import front
from book.figures.svg import narrow_svg, to_svg
from book.site.colab import colab_url
from book.site.pictures import both_themes

FIRST = "1-numbers/one-training-step"
ALT = (
    "Three paths of gradient descent leave one point of a long, narrow valley: a small rate creeps along its"
    " floor, a large one leaps from wall to wall, and the rate between them comes nearest to the minimum."
)


class FrontPicture(SphinxDirective):
    """`{front-picture}`: the valley of `book.figures.front`, computed anew by every build."""

    def run(self) -> list[nodes.Node]:
        folder = self.env.srcdir.parent / "_build" / "front"
        folder.mkdir(parents=True, exist_ok=True)

        def write(svg: str, name: str) -> str:
            (folder / name).write_text(svg, "utf-8")
            return f"/../_build/front/{name}"

        wide = front.valley()
        return [both_themes(to_svg(wide), ALT, narrow_svg(wide), write)]


class Doors(SphinxDirective):
    """`{doors}`: read, run, take along; the second leads to Colab where the site's address allows it."""

    def run(self) -> list[nodes.Node]:
        colab = colab_url(self.config.descent_site_url, FIRST)
        container = nodes.container(classes=["doors"])
        for address, title, text in (
            (f"{FIRST}.html", "Read it", "Start with one training step, by hand, on three weights."),
            _run_door(colab),
            ("descent-book.zip", "Take it along", "The whole book as one file. It reads without a network."),
        ):
            container += nodes.raw("", _door(address, title, text), format="html")
        return [container]


def _run_door(colab: str | None) -> tuple[str, str, str]:
    if colab:
        return colab, "Run it in Colab", "Every chapter is a notebook; it runs in your browser."
    return f"notebooks/{FIRST}.ipynb", "Run it", "Every chapter is a notebook: change its code."


def _door(address: str, title: str, text: str) -> str:
    return f'<a class="door" href="{address}"><b>{title}</b><span>{text}</span></a>'
