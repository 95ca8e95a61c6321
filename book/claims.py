"""What a claim says: `assets/claims.yml` in the repository, or its copy in the installed wheel."""

from pathlib import Path

import yaml

from book.errors import BookError

FILES = (
    Path(__file__).parents[1] / "assets" / "claims.yml",  # in the repository
    Path(__file__).with_name("_claims.yml"),  # in the installed wheel
)


def claim_text(name: str) -> str:
    """Return a claim in its own words.

    Args:
        name: the claim's id, "N1" for one.

    Raises:
        BookError: there is no such claim.

    Examples:
        >>> claim_text("F18")
        'Adam keeps two extra numbers for each parameter.'
    """
    file = next(file for file in FILES if file.is_file())
    texts = {entry["id"]: entry["claim"] for entry in yaml.safe_load(file.read_text(encoding="utf-8"))}
    if name not in texts:
        raise BookError(f"There is no claim {name!r}. Write it into assets/claims.yml: it is printed first.")
    return " ".join(texts[name].split())
