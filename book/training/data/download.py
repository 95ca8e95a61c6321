"""One file from the first mirror that serves it whole: resumed where it broke off, and checked at the end.

torchvision's and torch's own download functions wait for ever on a silent server, start again from nothing,
and one of them leaves a damaged file behind; so these few lines are ours.
"""

import sys
from collections.abc import Iterable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tqdm.auto import tqdm

from book.errors import BookError
from book.training.data.vision import datasets

TIMEOUT = 30  # seconds without a byte, after which a mirror counts as dead
CHUNK = 1 << 16
BEYOND_THE_END = 416  # HTTP: the range that was asked for is not in the file
PARTIAL = 206  # HTTP: here is the range that was asked for


class MirrorError(Exception):
    """Why one mirror did not give the file; the next one is tried."""


def download(urls: Iterable[str], part: Path, md5: str) -> None:
    """Fill `part` from the first mirror that gives the file with this digest.

    What `part` already holds is taken for the file's beginning, and only the rest is asked for. If the result
    is wrong, it is deleted and asked for anew. After a connection that broke, what has arrived stays.

    Args:
        urls: where the file is served, in the order to try.
        part: where it goes; use it only after this function has returned.
        md5: of the whole file.

    Raises:
        BookError: no mirror gave the file; the sentence says what each one did.
        OSError: `part` cannot be written.
    """
    reasons = []
    for url in urls:
        try:
            return _from_mirror(url, part, md5)
        except MirrorError as error:
            reasons.append(f"{urlsplit(url).netloc}: {error}")
    file = part.name.removesuffix(".part")
    raise BookError(
        f"{file} could not be downloaded ({'; '.join(reasons)}). "
        'Check the network, then run the same again, or use the sample, scale="sample".'
    )


def is_whole(file: Path, md5: str) -> bool:
    """Whether the file is there and has this digest."""
    return datasets.utils.check_integrity(file, md5)  # pyrefly: ignore[implicit-import]  torchvision imports it


def _from_mirror(url: str, part: Path, md5: str) -> None:
    if is_whole(part, md5):
        return
    resumed = part.exists()
    _receive(url, part)
    if is_whole(part, md5):
        return
    part.unlink()
    if not resumed:
        raise MirrorError("what it sent is not the published file, its MD5 differs")
    _from_mirror(url, part, md5)  # what lay there was not the beginning of this file


def _receive(url: str, part: Path) -> None:
    """Append what is missing to `part`, or write all of it where the mirror does not serve ranges."""
    done = part.stat().st_size if part.exists() else 0
    try:
        response = _answer(url, {"Range": f"bytes={done}-"} if done else {})
    except HTTPError as error:
        if error.code != BEYOND_THE_END or not done:
            raise MirrorError(_reason(error)) from error
        part.unlink()
        return _receive(url, part)
    done = done if response.status == PARTIAL else 0
    total = None if response.length is None else done + response.length
    with response, open(part, "ab" if done else "wb") as file, _bar(part, done, total) as bar:
        while chunk := _read(response):
            file.write(chunk)
            done += len(chunk)
            bar.update(len(chunk))
    if total is not None and done < total:
        raise MirrorError(f"it broke off after {done / 1e6:.1f} of {total / 1e6:.1f} MB, which are kept")


def _answer(url: str, headers: dict[str, str]) -> HTTPResponse:
    try:
        return urlopen(Request(url, headers={"User-Agent": "descent-book", **headers}), timeout=TIMEOUT)
    except HTTPError:
        raise
    except (OSError, HTTPException) as error:
        raise MirrorError(_reason(error)) from error


def _read(response: HTTPResponse) -> bytes:
    """A network error becomes a MirrorError here, so that any other OSError is one of the disk."""
    try:
        return response.read(CHUNK)
    except (OSError, HTTPException) as error:
        raise MirrorError(f"{_reason(error)} on the way") from error


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        return f"HTTP status {error.code}"
    cause = getattr(error, "reason", error)  # URLError wraps what happened
    if isinstance(cause, TimeoutError):
        return f"no answer in {TIMEOUT} seconds"
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__


def _bar(part: Path, done: int, total: int | None) -> tqdm:
    """Bytes that have arrived; silent where nobody watches."""
    watched = sys.stderr.isatty() or type(sys.stderr).__module__.startswith("ipykernel")
    title = part.name.removesuffix(".part")
    return tqdm(desc=title, initial=done, total=total, unit="B", unit_scale=True, disable=not watched)
