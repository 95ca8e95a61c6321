"""The Python side of an explorer: a widget in a live notebook, a custom element on the static page."""

import html
import json
import sys
from typing import ClassVar

import anywidget

from book.explorers.shared.bundle import notebook_module
from book.explorers.shared.constructing import read

IN_COLAB = "google.colab"


class Explorer(anywidget.AnyWidget):
    """A widget whose state is its traits named in `state`; the element `tag` draws it in either host.

    A subclass names its element, its traits and the sentence that stands in where no script runs. What the
    element is given once and never changes, such as stored results, are the traits named in `data`.
    """

    tag: ClassVar[str] = ""
    state: ClassVar[tuple[str, ...]] = ()
    data: ClassVar[tuple[str, ...]] = ()
    fallback: ClassVar[str] = ""

    def __init_subclass__(cls, **options):
        # ipywidgets makes further classes when traits are added; pyrefly knows no class by its own attributes
        if "tag" in cls.__dict__:  # pyrefly: ignore[missing-attribute]
            cls._esm = notebook_module(cls.tag, cls.state, cls.data)
        if "__init__" in vars(cls):
            type.__setattr__(cls, "__init__", read(cls, vars(cls)["__init__"]))
        super().__init_subclass__(**options)

    def settings(self) -> dict:
        """Return the state as plain values, in the order of `state`."""
        return {name: getattr(self, name) for name in self.state}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.settings().items())})"

    def to_html(self) -> str:
        """Return the custom element with its settings and data: what the static page shows."""
        given = {"settings": self.settings()} | {name: getattr(self, name) for name in self.data}
        attributes = "".join(
            f' data-{name}="{html.escape(json.dumps(value), quote=True)}"' for name, value in given.items()
        )
        return f"<{self.tag}{attributes}><p>{html.escape(self.fallback)}</p></{self.tag}>"

    def _repr_mimebundle_(self, **options):
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        if IN_COLAB not in sys.modules:  # Colab would show the HTML, whose script its frame does not have
            data = {**data, "text/html": self.to_html()}
        return data, metadata
