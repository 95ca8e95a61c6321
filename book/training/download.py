"""The full data sets on this computer: where they lie, and whether every file is the published one.

The folder is `BOOK_DATA` where that variable is set, else `descent` in the user's cache. Inside it the layout
is torchvision's own (`MNIST/raw`, `cifar-10-batches-py`), so a folder that torchvision filled works as it is.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from book.errors import BookError


@dataclass(frozen=True)
class Files:
    """The files of one data set, as published.

    Args:
        folder: below the data folder.
        md5: the digest of each file, as it lies ready to be read.
    """

    folder: str
    md5: dict[str, str]


FILES = {
    "mnist": Files(
        folder="MNIST/raw",
        md5={
            "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
            "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
            "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
            "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
        },
    ),
    "cifar10": Files(
        folder="cifar-10-batches-py",
        md5={
            "data_batch_1": "c99cafc152244af753f735de768cd75f",
            "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
            "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
            "data_batch_4": "634d18415352ddfa80567beed471001a",
            "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
            "test_batch": "40351d587109b95175f43aff81a1287e",
        },
    ),
}


def data_folder() -> Path:
    """`BOOK_DATA`, or `descent` in the user's cache folder.

    Examples:
        >>> data_folder().is_absolute()
        True
    """
    if chosen := os.environ.get("BOOK_DATA"):
        return Path(chosen).expanduser().absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "descent"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "descent"


def fetch(name: str) -> Path:
    """Return the folder that holds the files of a data set, each with its published digest.

    Args:
        name: "mnist" or "cifar10".

    Raises:
        BookError: a file is missing or is not the published one.
    """
    from book.training.vision import datasets

    folder = data_folder() / FILES[name].folder
    for file, md5 in FILES[name].md5.items():
        if not datasets.utils.check_integrity(folder / file, md5):
            raise BookError(f"{folder / file} is missing or damaged.")
    return folder
