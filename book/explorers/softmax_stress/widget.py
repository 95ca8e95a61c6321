"""Softmax under stress: the naive formula beside the stable one, every operation rounded to the format."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import traitlets

from book.explorers.shared.base import Explorer
from book.explorers.shared.formats import FORMATS

TABLE = json.loads(Path(__file__).with_name("softmax-stress.json").read_text("utf-8"))
DEFAULTS, LIMIT = TABLE["defaults"], TABLE["limit"]


class SoftmaxStress(Explorer):
    """Drag two to five logits and a common offset; see the naive and the stable softmax side by side.

    Args:
        logits: two to five numbers between -10000 and 10000.
        offset: added to every logit before the softmax.
        dtype: the format in which every operation is rounded.

    Raises:
        traitlets.TraitError: too few or too many logits, one out of range, or an unknown dtype.

    Examples:
        >>> SoftmaxStress([2, 1, 0], dtype="float16")
        SoftmaxStress(logits=[2.0, 1.0, 0.0], offset=0.0, dtype='float16')
    """

    tag = "descent-softmax-stress"
    state = ("logits", "offset", "dtype")
    fallback = (
        "Softmax under stress: an explorer that compares the naive and the stable softmax of a few logits in "
        "float16, bfloat16, float32 and float64. It runs on the book's page and in a live notebook."
    )
    logits = traitlets.List(
        traitlets.Float(min=-LIMIT, max=LIMIT), minlen=TABLE["fewest"], maxlen=TABLE["most"]
    ).tag(sync=True)
    offset = traitlets.Float(min=-LIMIT, max=LIMIT).tag(sync=True)
    dtype = traitlets.Enum(FORMATS, DEFAULTS["dtype"]).tag(sync=True)

    def __init__(
        self,
        logits: Sequence[float] = DEFAULTS["logits"],
        offset: float = DEFAULTS["offset"],
        dtype: str = DEFAULTS["dtype"],
        **options,
    ):
        super().__init__(logits=[float(z) for z in logits], offset=float(offset), dtype=dtype, **options)

    @traitlets.validate("logits", "offset")
    def _no_nan(self, proposal):
        value = proposal["value"]
        if any(map(math.isnan, value if isinstance(value, list) else [value])):
            raise traitlets.TraitError("nan is no logit and no offset here; give a number.")
        return value
