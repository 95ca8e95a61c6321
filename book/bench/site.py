"""What a page weighs as sent, and how Lighthouse rates it where that program is installed."""

import gzip
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from book.bench.harness import record
from book.errors import BookError
from book.site.browser import installed_browser
from book.site.paths import BUILD
from book.site.serve import server

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
_LOADED = re.compile(r'<(?:script|link)\b[^>]*?(?:data-src|src|href)="([^"#:]+\.(?:js|css|svg))"')
_FONTS = ("source-serif-normal", "source-serif-italic", "source-serif-greek", "stix-math")


def run(store: bool) -> dict:
    """Weigh every page of the built site and rate it with Lighthouse's mobile preset, if that is installed.

    Args:
        store: whether to write `assets/results/site.json`.

    Raises:
        BookError: the site is not built yet.
    """
    pages = sorted(BUILD.rglob("*.html"))
    if not pages:
        raise BookError("There is no site to weigh. Build it first: python -m book build")
    rows = [{"page": page.relative_to(BUILD).as_posix(), "bytes": weight(page)} for page in pages]
    if shutil.which("lighthouse"):
        _rate(rows)
    _print(rows)
    return record("site", {"rows": rows}, store)


def weight(page: Path) -> int:
    """Return a page's bytes as sent with gzip, figures aside: HTML, scripts, style sheet, four fonts."""
    files = {(page.parent / address).resolve() for address in _LOADED.findall(page.read_text("utf-8"))}
    fonts = sum((BUILD / "_static" / "fonts" / f"{name}.woff2").stat().st_size for name in _FONTS)
    loaded = (path for path in {page, *files} if path.exists())
    return fonts + sum(len(gzip.compress(path.read_bytes(), 9)) for path in loaded)


def _rate(rows: list[dict]) -> None:
    with server(BUILD, 0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        for row in rows:
            row |= scores(f"http://127.0.0.1:{running.server_port}/{row['page']}")
        running.shutdown()


def scores(address: str) -> dict[str, int]:
    """Return Lighthouse's four scores of a page, each from 0 to 100."""
    browser = installed_browser() or ""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = ["--quiet", "--chrome-flags=--headless --no-sandbox --disable-gpu", "--output=json"]
        chosen = [f"--only-categories={','.join(CATEGORIES)}", f"--output-path={report}"]
        environment = os.environ | {"CHROME_PATH": browser}
        subprocess.run(["lighthouse", address, *options, *chosen], check=True, env=environment)
        found = json.loads(report.read_text("utf-8"))["categories"]
    return {name: round(100 * found[name]["score"]) for name in CATEGORIES}


def _print(rows: list[dict]) -> None:
    for row in rows:
        rated = "  ".join(f"{name} {row[name]}" for name in CATEGORIES if name in row)
        print(f"{row['page']:36} {row['bytes'] / 1000:6.1f} kB  {rated}")
