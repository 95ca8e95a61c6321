"""The book's MyST as plain Markdown, which Colab and Jupyter show as it is meant.

What is plain already stays as it is written, to the character; what MyST adds is put into other words.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it.helpers import parseLinkDestination
from markdown_it.token import Token
from sphinxcontrib.bibtex.citation_target import parse_citation_targets

from book.site.links import Links
from book.site.myst import Directive, directive, parser, titled
from book.site.places import Edit, Places, edited, offset

_PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp")
_SILENT = ("bibliography", "tableofcontents", "contents", "index", "tags")
_CODE = ("code", "code-block", "code-cell")
_LESSON = ("predict", "answer", "symbols")
_FOLDED = ("answer", "symbols")
_UNSEEN = ("myst_target", "myst_line_comment", "myst_block_break")


@dataclass(frozen=True)
class PlainMarkdown:
    """Turns the Markdown of one page into plain Markdown.

    Args:
        links: where roles lead.
        docname: the page's name, `1-numbers/floating-point` for one; relative links start at its folder.
    """

    links: Links
    docname: str

    def convert(self, text: str) -> str:
        """Return `text` with its roles, directives and labels written in plain Markdown.

        Raises:
            BookError: a role leads nowhere.
        """
        return edited(text, self._edits(Places(text))).strip("\n")

    def _edits(self, places: Places) -> Iterator[Edit]:
        for token in parser().parse(places.text):
            if token.type == "inline":
                lines = places.lines(token)
                for start, end, plain in self._inline(token):
                    first, last = (offset(token.content, lines, at) for at in (start, end))
                    yield first, last, plain
            elif token.type in _UNSEEN:
                start, end = places.block(token)
                yield start, end + 1, ""
            elif token.type == "math_block_label":
                yield *places.block(token), _maths(f"$${token.content}$$", token.info)
            elif found := directive(token):
                start, end = places.block(token)
                before = places.text[start : places.text.index(token.markup, start)]
                yield start, end, _indented(self._directive(found), before)

    def _directive(self, found: Directive) -> str:
        name, argument, options, body = found.name, found.argument, found.options, found.body
        if name in _SILENT:
            return ""
        if name in _CODE:
            return f"```{argument}\n{body}\n```"
        if name == "math":
            return _maths(f"$$\n{body}\n$$", options.get("label"))
        if name in ("image", "figure"):
            picture = f"![{options.get('alt', '')}]({self._address(argument)})"
            return f"{picture}\n\n{self.convert(body)}".rstrip()
        title, inside = self.convert(argument), self.convert(body)
        if name in _LESSON:
            title = name.capitalize()  # its argument is for the page
        if name in ("dropdown", *_FOLDED):
            return f"<details><summary>{title}</summary>\n\n{inside}\n\n</details>"
        heading = title or name.replace("-", " ").capitalize()
        return "\n".join(f"> {line}".rstrip() for line in (f"**{heading}**", "", *inside.split("\n")))

    def _inline(self, block: Token) -> Iterator[Edit]:
        """Yield the edits in the text of a block, counted from its start."""
        for token in block.children or ():
            start, end = token.meta.get("at", (0, 0))
            if token.type == "myst_role":
                yield start, end, self._role(token.meta["name"], " ".join(token.content.split()))
            elif token.type in ("link_open", "image") and block.content[end - 1] == ")":
                first = start + block.content[start:end].rindex("](") + 2
                target = parseLinkDestination(block.content, first, end)
                yield first, target.pos, self._address(target.str)

    def _role(self, role: str, body: str) -> str:
        if role.startswith("cite"):
            return self._citation(body, textual=role == "cite:t")
        text, name = titled(body)
        if role == "doc":
            return self.links.to("doc", self._docname(name), text)
        if role == "term":
            return self.links.to("term", name, text or name)
        if role in ("ref", "numref"):
            return self.links.to("label", name, text)
        return {"eq": f"({name})", "math": f"${body}$", "code": f"`{body}`"}.get(role, text or body)

    def _citation(self, keys: str, textual: bool) -> str:
        works = [
            f"{work.pre}{self.links.cite(work.key, in_brackets=not textual)}{work.post}"
            for work in parse_citation_targets(keys)
        ]
        return ", ".join(works) if textual else f"({'; '.join(works)})"

    def _docname(self, name: str) -> str:
        folder = posixpath.dirname(self.docname)
        return posixpath.normpath(posixpath.join("/", folder, name)).lstrip("/")

    def _address(self, target: str) -> str:
        """Return where a relative link of the page leads on the site; pictures lie flat in `_images`."""
        path, mark, anchor = target.partition("#")
        if "://" in target or target.startswith(("mailto:", "data:", "attachment:")):
            return target
        stem, suffix = posixpath.splitext(path)
        if suffix in _PICTURES:
            return f"{self.links.base}/_images/{posixpath.basename(path)}"
        page = self._docname(stem) if path else self.docname
        return f"{self.links.base}/{page}.html{mark}{anchor}"


def _maths(block: str, label: str | None) -> str:
    return block if label is None else f"{block[:-2].rstrip()} \\tag{{{label}}}\n$$"


def _indented(block: str, before: str) -> str:
    """Put before each line what stood before the first: indents and quotation marks stay, a bullet does not.

    Examples:
        >>> _indented("a\\n\\nb", "- ")
        '- a\\n\\n  b'
    """
    further = "".join(mark if mark in "> " else " " for mark in before)
    return before + "\n".join(f"{further}{line}".rstrip() for line in block.split("\n")).removeprefix(further)
