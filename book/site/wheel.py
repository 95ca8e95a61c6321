"""The wheel of `book`, put beside the pages: what a learner's set-up cell installs."""

import hashlib
import tempfile
import tomllib
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from book.site.paths import ROOT

WHEELS = "wheels"
LENGTH = 8  # hexadecimal digits of the content's digest


def wheel_name(root: Path = ROOT) -> str:
    """Return the file name that the wheel will have: it tells the version and the content.

    Args:
        root: the book's root.

    Examples:
        >>> wheel_name().startswith("descent_book-") and wheel_name().endswith("-py3-none-any.whl")
        True
    """
    project = _config(root)["project"]
    return f"{project['name'].replace('-', '_')}-{version(root)}-py3-none-any.whl"


def version(root: Path = ROOT) -> str:
    """Return the wheel's version: the project's, then a digest of the wheel's files and of pyproject.toml.

    So pip and the set-up cell tell two wheels of one release apart when their content differs.

    Args:
        root: the book's root.

    Examples:
        >>> version().split("+")[0] == _config(ROOT)["project"]["version"]
        True
    """
    digest = hashlib.sha256((root / "pyproject.toml").read_bytes())
    for file in WheelBuilder(str(root)).recurse_included_files():
        content = hashlib.sha256(Path(file.path).read_bytes())
        digest.update(f"{file.distribution_path} {content.hexdigest()}\n".encode())
    # The letter keeps the digest a word: a number would lose its leading zeros.
    return f"{_config(root)['project']['version']}+c{digest.hexdigest()[:LENGTH]}"


def put_wheel(html: Path, root: Path = ROOT) -> Path:
    """Build the wheel of `book` into `html/wheels` and return its path; other wheels there go away.

    Args:
        html: the folder of the built site.
        root: the book's root.
    """
    wheel = add_wheel(html, root)
    for other in set(wheel.parent.iterdir()) - {wheel}:
        other.unlink()
    return wheel


def add_wheel(html: Path, root: Path = ROOT) -> Path:
    """Build the wheel of `book` beside those that are in `html/wheels`, and return its path.

    Hatchling builds it in this process from the working tree: no network, no virtual environment, and the
    same bytes for the same sources.

    Args:
        html: the folder of the built site.
        root: the book's root.
    """
    folder, config = html / WHEELS, _config(root)
    config["project"]["version"] = version(root)
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=html, prefix=".wheels-") as fresh:
        [built] = WheelBuilder(str(root), config=config).build(directory=fresh, versions=["standard"])
        return Path(built).replace(folder / Path(built).name)


def _config(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
