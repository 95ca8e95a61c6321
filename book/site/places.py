"""Where a token of Markdown stands in the text that it was read from, and texts with pieces replaced."""

from collections.abc import Iterable
from itertools import accumulate

from markdown_it.token import Token

Edit = tuple[int, int, str]  # first character, the one after the last, what comes in their place


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with pieces of it replaced; the pieces do not overlap.

    Examples:
        >>> edited("one two", [(4, 7, "three"), (0, 3, "two")])
        'two three'
    """
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


class Places:
    """Where tokens stand, as numbers of characters from the start of the text.

    Args:
        text: what the tokens were read from.
    """

    def __init__(self, text: str):
        self.text = text
        self.starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
        self._after = 0

    def block(self, token: Token) -> tuple[int, int]:
        """Return where a block's lines begin, and where the last of them ends, without its line break."""
        first, after = _lines(token)
        return self.starts[first], min(self.starts[after] - 1, len(self.text))

    def lines(self, token: Token) -> list[int]:
        """Return where each line of an inline token's content begins, given the tokens in their order.

        A list or a quotation puts something before the lines, and the cells of a row share a line.
        """
        found = []
        for number, line in enumerate(token.content.split("\n"), start=_lines(token)[0]):
            begin = max(self._after, self.starts[number])
            found.append(self.text.find(line, begin))
            self._after = max(begin, found[-1] + len(line))
        return found


def offset(content: str, lines: list[int], position: int) -> int:
    """Return where a character of an inline token's content stands in the text.

    Args:
        content: of the token.
        lines: by `Places.lines`.
        position: of the character in the content.

    Examples:
        >>> offset("ab\\ncd", [2, 7], 4)
        8
    """
    before = content[:position]
    return lines[before.count("\n")] + position - (before.rfind("\n") + 1)


def _lines(token: Token) -> tuple[int, int]:
    """Return the first line of a block, and the one after its last."""
    assert token.map, "every block has its lines"
    first, after = token.map
    return first, after
