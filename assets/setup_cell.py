# Set-up: silent where this page's `book` is installed; else pip gets it and its needs.
import subprocess
import sys
from importlib import invalidate_caches
from importlib.metadata import distributions
from importlib.util import find_spec
from urllib.parse import unquote

WHEEL = ""  # the address of the book's wheel: building the site writes it here

there = getattr(find_spec("book"), "origin", None)  # a mere folder has no origin
known = distributions(name="descent-book")
wheels = [d for d in known if d.locate_file("book/__init__.py").exists()]
if WHEEL and wheels:  # not a clone; and a wheel's version tells its content
    there = f"-{wheels[0].version}-" in unquote(WHEEL)
if not there:
    if not WHEEL:
        raise RuntimeError(
            "`book` is not installed: clone the book's repository and run `make book`"
            " there."
        )
    kept = [f"torch=={d.version}" for d in distributions(name="torch")][:1]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", WHEEL, *kept]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.splitlines()
        errors = [line for line in said if line.lower().startswith("error")]
        reason = " ".join(errors[:1] or said[-1:])
        raise RuntimeError(
            f"pip could not install `book` ({reason}). Check the network and that pip"
            " may write here, or open this notebook anew from its page; then run again."
        )
    invalidate_caches()
    if "book" in sys.modules or find_spec("book") is None:
        raise RuntimeError(
            "The right `book` is installed now, but this Python started before it:"
            " restart the runtime (kernel), then run all cells from the top."
        )
if "google.colab" in sys.modules:
    from google.colab import output

    output.enable_custom_widget_manager()
