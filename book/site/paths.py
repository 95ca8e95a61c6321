"""Where the parts of the book lie; every function takes the book's root, so that a test can name another."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = ROOT / "chapters"
ASSETS = ROOT / "assets"
BUILD = ROOT / "_build" / "html"


def sources(root: Path = ROOT) -> list[Path]:
    """Return every chapter's `py:percent` source, sorted.

    Examples:
        >>> all(path.suffix == ".py" for path in sources())
        True
    """
    return _chapter_files(root, ".py")


def notebooks(root: Path = ROOT) -> list[Path]:
    """Return every chapter's notebook, sorted.

    Examples:
        >>> all(path.suffix == ".ipynb" for path in notebooks())
        True
    """
    return _chapter_files(root, ".ipynb")


def pages(root: Path = ROOT) -> list[Path]:
    """Return every page that is written in Markdown, sorted.

    Examples:
        >>> all(path.suffix == ".md" for path in pages())
        True
    """
    return _chapter_files(root, ".md")


def docname(path: Path, root: Path = ROOT) -> str:
    """Return the name by which Sphinx knows a file of `chapters/`.

    Examples:
        >>> docname(CHAPTERS / "1-numbers" / "conditioning.ipynb")
        '1-numbers/conditioning'
    """
    return path.relative_to(root / "chapters").with_suffix("").as_posix()


def _chapter_files(root: Path, suffix: str) -> list[Path]:
    found = (root / "chapters").rglob(f"*{suffix}")
    return sorted(path for path in found if not _hidden(path.relative_to(root)))


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts)
