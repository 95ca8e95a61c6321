"""Where the full data sets are not on this computer, the tests that need them say so and skip."""

import pytest

from book.training.data.cache import data_folder
from book.training.data.published import PUBLISHED


def needs_full(name: str) -> None:
    """Skip the calling test unless every file of a data set lies in the data folder."""
    folder = data_folder() / PUBLISHED[name].folder
    if not all((folder / file).is_file() for file in PUBLISHED[name].members):
        pytest.skip(f"the full {name} is not in {folder}; set BOOK_DATA to a folder that holds it")
