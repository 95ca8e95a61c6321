# Set-up: does nothing where `book` is installed; elsewhere it installs `book` from the site of this page.
import importlib
import subprocess
import sys
from importlib.util import find_spec

WHEEL = ""  # the address of the book's wheel: building the site writes it here

found = find_spec("book")
if found is None or found.origin is None:  # a mere folder of that name has no origin
    if not WHEEL:
        raise RuntimeError(
            "`book` is not installed: clone the book's repository and run `make book`"
            " there."
        )
    needed = ("torch", "matplotlib", "anywidget", "scipy", "tqdm")
    absent = [name for name in needed if find_spec(name) is None]
    for packages in filter(None, (absent, ["--no-deps", WHEEL])):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", *packages]
        done = subprocess.run(pip, capture_output=True, text=True)
        if done.returncode:
            reason = " ".join(done.stderr.splitlines()[-1:])
            raise RuntimeError(
                f"pip could not install {packages[-1]} ({reason}): mend that, run this"
                " again."
            )
    importlib.invalidate_caches()
if "google.colab" in sys.modules:
    from google.colab import output

    output.enable_custom_widget_manager()
