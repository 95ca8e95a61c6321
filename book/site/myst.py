"""The book's Markdown read as Sphinx reads it: by MyST's own parser, with the extensions of `_config.yml`."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import yaml
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from myst_parser.config.main import MdParserConfig
from myst_parser.mdit_to_docutils.base import compute_unique_slug
from myst_parser.parsers.mdit import create_md_parser

from book.site.paths import ROOT

Rule = Callable[[StateInline, bool], bool]
LITERAL = {"bibliography", "code", "code-block", "code-cell", "math"}  # directives whose body is no Markdown
PICTURES = {"figure", "image"}
_DIRECTIVE = re.compile(r"\{(?P<name>[\w:-]+)\}(?P<argument>.*)", re.S)
_OPTION = re.compile(r":(?P<key>[\w-]+):[ \t]*(?P<value>.*)")
_TITLED = re.compile(r"(?P<text>.+?)\s*<(?P<name>[^<>]+)>", re.S)


@dataclass(frozen=True)
class Directive:
    """A directive: "```{figure} curve.svg" with the lines up to its closing fence."""

    name: str
    argument: str
    options: dict[str, str]
    body: str


@cache
def settings() -> dict:
    """Return what `_config.yml` tells Sphinx and MyST."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    return {**config["sphinx"]["config"], **config["parse"]}


@cache
def parser() -> MarkdownIt:
    """Return the parser; `token.meta["at"]` tells where an inline token stands in the text of its block."""
    config = MdParserConfig(
        enable_extensions=settings()["myst_enable_extensions"],
        dmath_double_inline=settings()["myst_dmath_double_inline"],
    )
    made = create_md_parser(config, RendererHTML)
    rules = made.inline.ruler
    for name, rule in zip(rules.get_active_rules(), rules.getRules(""), strict=True):
        rules.at(name, _placing(rule))
    return made


def _placing(rule: Rule) -> Rule:
    def run(state: StateInline, silent: bool) -> bool:
        start, before = state.pos, len(state.tokens)
        found = rule(state, silent)
        # What was pending comes first, as text; a link hands over the tokens inside it, placed already.
        for token in [token for token in state.tokens[before:] if token.type != "text"][:1]:
            token.meta.setdefault("at", (start, state.pos))
        return found

    return run


@lru_cache(maxsize=10_000)
def blocks(text: str) -> tuple[Token, ...]:
    """Return the tokens of a text's blocks, parsed once, however many checks ask for them."""
    return tuple(parser().parse(text))


@lru_cache(maxsize=10_000)
def tokens(text: str) -> tuple[Token, ...]:
    """Return every token of a text: blocks, what stands in their lines, and what stands in directives.

    Examples:
        >>> [token.content for token in tokens("See {term}`ulp` and `{term}`.") if token.type == "myst_role"]
        ['ulp']
    """
    return tuple(_walk(text))


def _walk(text: str) -> Iterator[Token]:
    for token in blocks(text):
        yield token
        yield from token.children or ()
        found = directive(token)
        if found and found.name not in LITERAL:
            yield from _walk(found.body)
            yield from () if found.name in PICTURES else _walk(found.argument)


def directive(token: Token) -> Directive | None:
    """Return the directive that a token is, or None; a fence of colons needs no name to be one."""
    named = _DIRECTIVE.fullmatch(token.info.strip()) if token.type in ("fence", "colon_fence") else None
    if named is None and token.type != "colon_fence":
        return None
    name, argument = (named["name"], named["argument"]) if named else ("", token.info)
    return Directive(name, argument.strip(), *_options(token.content.rstrip("\n").split("\n")))


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


def titled(content: str) -> tuple[str | None, str]:
    """Split what a role holds into the text that it shows, if that is given, and the name of its target.

    Examples:
        >>> titled("the list <../glossary>"), titled("glossary")
        (('the list', '../glossary'), (None, 'glossary'))
    """
    found = _TITLED.fullmatch(content)
    return (found["text"], found["name"]) if found else (None, content)


def slugs(texts: list[str]) -> set[str]:
    """Return the anchors of a page's headings, made by MyST itself.

    Args:
        texts: the page's pieces of Markdown, in their order.

    Examples:
        >>> sorted(slugs(["## The `weight_decay` option", "## Twice", "## Twice, {term}`ulp`"]))
        ['the-weight_decay-option', 'twice', 'twice-']
    """
    found: set[str] = set()
    for text in texts:
        for heading in SyntaxTreeNode(blocks(text)).walk():
            if heading.type == "heading" and int(heading.tag[1]) <= settings()["myst_heading_anchors"]:
                found.add(compute_unique_slug(heading, found))
    return found
