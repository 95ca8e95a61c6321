"""The style sheet of the site: the palette as custom properties, then the files of `assets/static/css`."""

import re
from pathlib import Path

from book.figures.palette import DARK, LIGHT
from book.site.paths import ASSETS

CSS = ASSETS / "static" / "css"
_COMMENT = re.compile(r"/\*.*?\*/\s*", re.S)


def palette(selector: str, colours: dict[str, str], scheme: str) -> str:
    """Return one theme's colours as a rule.

    Examples:
        >>> palette(":root", {"ink": "#1f2a33"}, "light")
        ':root{color-scheme:light;--ink:#1f2a33}'
    """
    properties = ";".join(f"--{name}:{value}" for name, value in colours.items())
    return f"{selector}{{color-scheme:{scheme};{properties}}}"


def style_sheet() -> str:
    """Return the whole style sheet; a page in print is always light."""
    themes = [
        palette(":root", LIGHT, "light"),
        f"@media screen{{{palette('html[data-theme=dark]', DARK, 'dark')}}}",
    ]
    rules = [_COMMENT.sub("", path.read_text("utf-8")) for path in sorted(CSS.glob("*.css"))]
    return "\n".join([*themes, *rules])


def put_styles(html: Path) -> None:
    """Write `_static/descent.css`, the one style sheet that pages load."""
    (html / "_static" / "descent.css").write_text(style_sheet(), "utf-8")
