"""`python -m book.training.data.make_sample`: draw the samples in `assets/data` from the full data sets."""

from pathlib import Path

from book.training.data.load import NAMES, load
from book.training.data.sample import FOLDERS, choose, write_sheet

PER_CLASS = {"train": 150, "test": 50}


def make(folder: Path) -> list[Path]:
    """Write one sheet for each data set and each of its two halves; return the files.

    Args:
        folder: where they go. The full data sets are read as `load` reads them.
    """
    files = []
    for name in NAMES:
        for split, data in zip(PER_CLASS, load(name, scale="full"), strict=True):
            files.append(folder / f"{name}-{split}.webp")
            write_sheet(data.images[choose(data.labels, PER_CLASS[split])], files[-1])
    return files


if __name__ == "__main__":
    for file in make(FOLDERS[0]):
        print(f"{file}: {file.stat().st_size:,} bytes")
