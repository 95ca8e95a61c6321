"""The book's MyST as plain Markdown, which Colab and Jupyter show as it is meant."""

import posixpath
import re
from dataclasses import dataclass

from book.site.links import Links

_OPENING = re.compile(
    r"(?P<indent> *)(?P<mark>`{3,}|~{3,}|:{3,})(?:\{(?P<name>[\w:-]+)\})?[ \t]*(?P<argument>[^`]*)"
)
_OPTION = re.compile(r":(?P<key>[\w-]+):[ \t]*(?P<value>.*)")
_UNSEEN = re.compile(r"\([^()\s]+\)=|%.*|\+\+\+.*")
_INLINE = re.compile(
    r"(?P<escape>\\.)"
    r"|(?P<maths>\$\$.+?\$\$)(?:[ \t]*\((?P<label>[^()\s]+)\))?"
    r"|(?P<inline_maths>\$[^$]+\$)"
    r"|(?:\{(?P<role>[\w:-]+)\})?(?P<ticks>`+)(?P<body>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|\]\((?P<target>[^()\s]+)(?=[)\s])",
    re.DOTALL,
)
_TITLED = re.compile(r"(?P<text>.+?)\s*<(?P<name>[^<>]+)>", re.DOTALL)
_PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp")
_SILENT = ("bibliography", "tableofcontents", "contents", "index", "tags")
_CODE = ("code", "code-block", "code-cell")


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
        done, lines = [], text.split("\n")
        while lines:
            fence = _OPENING.fullmatch(lines[0])
            taken, block = self._fenced(fence, lines) if fence else self._written(lines)
            done += block
            lines = lines[taken:]
        return "\n".join(done).strip("\n")

    def _written(self, lines: list[str]) -> tuple[int, list[str]]:
        """Convert one paragraph: the lines up to an empty one, or up to a fence."""
        taken = 1
        while taken < len(lines) and lines[taken - 1].strip() and not _OPENING.fullmatch(lines[taken]):
            taken += 1
        seen = [line for line in lines[:taken] if not _UNSEEN.fullmatch(line)]
        return taken, _INLINE.sub(self._inline, "\n".join(seen)).split("\n") if seen else []

    def _fenced(self, fence: re.Match, lines: list[str]) -> tuple[int, list[str]]:
        """Copy a block of code as it is; rewrite a directive."""
        closing = re.compile(rf" *{fence['mark'][0]}{{{len(fence['mark'])},}} *")
        end = next((n for n, line in enumerate(lines[1:], 1) if closing.fullmatch(line)), len(lines))
        if fence["name"] is None and fence["mark"][0] != ":":
            return end + 1, lines[: end + 1]
        indent = fence["indent"]
        inside = [line.removeprefix(indent) for line in lines[1:end]]
        plain = self._directive(fence["name"] or "", fence["argument"].strip(), *_options(inside))
        return end + 1, [indent + line if line else line for line in plain.split("\n")]

    def _directive(self, name: str, argument: str, options: dict[str, str], body: str) -> str:
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
        if name == "dropdown":
            return f"<details><summary>{title}</summary>\n\n{inside}\n\n</details>"
        heading = title or name.replace("-", " ").capitalize()
        return "\n".join(f"> {line}".rstrip() for line in (f"**{heading}**", "", *inside.split("\n")))

    def _inline(self, match: re.Match) -> str:
        if match["maths"]:
            return _maths(match["maths"], match["label"])
        if match["role"]:
            return self._role(match["role"], " ".join(match["body"].split()))
        if match["target"]:
            return f"]({self._address(match['target'])}"
        return match[0]

    def _role(self, role: str, body: str) -> str:
        if role.startswith("cite"):
            return self._citation(body.split(","), textual=role == "cite:t")
        titled = _TITLED.fullmatch(body)
        text, name = (titled["text"], titled["name"]) if titled else (None, body)
        if role == "doc":
            return self.links.to("doc", self._docname(name), text)
        if role == "term":
            return self.links.to("term", name, text or name)
        if role in ("ref", "numref"):
            return self.links.to("label", name, text)
        return {"eq": f"({name})", "math": f"${body}$", "code": f"`{body}`"}.get(role, text or body)

    def _citation(self, keys: list[str], textual: bool) -> str:
        works = [self.links.cite(key.strip(), in_brackets=not textual) for key in keys]
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


def _options(lines: list[str]) -> tuple[dict[str, str], str]:
    """Split a directive's lines into its options and its body.

    Examples:
        >>> _options([":class: tip", "", "Look twice."])
        ({'class': 'tip'}, 'Look twice.')
    """
    options = {}
    while lines and (option := _OPTION.fullmatch(lines[0])):
        options[option["key"]] = option["value"]
        lines = lines[1:]
    return options, "\n".join(lines).strip("\n")
