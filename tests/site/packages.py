"""Small wheels of no content: packages as pip sees them, by name, version and requirements alone."""

import zipfile
from pathlib import Path

TAG = "py3-none-any"


def wheel(folder: Path, name: str, version: str, *requires: str, **modules: str) -> Path:
    """Write a wheel into a folder, which is made where it is not there, and return its path.

    Args:
        folder: where it goes.
        name: of the package.
        version: its version.
        requires: its requirements.
        modules: the text of each package's `__init__.py`, by its name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    own = f"{name.replace('-', '_')}-{version}"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    metadata += [f"Requires-Dist: {required}" for required in requires]
    files = {f"{module}/__init__.py": text for module, text in modules.items()}
    files[f"{own}.dist-info/METADATA"] = "\n".join(metadata) + "\n"
    files[f"{own}.dist-info/WHEEL"] = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {TAG}\n"
    record = f"{own}.dist-info/RECORD"
    files[record] = "".join(f"{file},,\n" for file in [*files, record])
    with zipfile.ZipFile(path := folder / f"{own}-{TAG}.whl", "w") as packed:
        for file, text in files.items():
            packed.writestr(file, text)
    return path


def install(packages: Path, name: str, version: str, *requires: str, **modules: str) -> None:
    """Unpack such a wheel into a folder of packages, which is all that installing it means."""
    path = wheel(packages.parent / "unpacked", name, version, *requires, **modules)
    zipfile.ZipFile(path).extractall(packages)
