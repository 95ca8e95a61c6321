"""torchvision, imported where its compiled operators do not load as well.

The usual torchvision wheel is built for CUDA. Beside a CPU-only torch its library does not load, so the
operators `nms` and `qnms` are missing, and the import fails where it describes them. Declared first, with no
body, they let it go through: datasets, transforms and models work; detection, which calls them, does not.
"""

import torch

SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def _declare_missing_operators() -> torch.library.Library:
    library = torch.library.Library("torchvision", "FRAGMENT")
    library.define(f"nms{SCHEMA}")
    library.define(f"qnms{SCHEMA}")
    return library


try:
    import torchvision
except RuntimeError as error:
    if "torchvision::nms" not in str(error):
        raise
    _library = _declare_missing_operators()  # the declarations live as long as this name
    import torchvision

from torchvision import datasets, models, transforms  # noqa: E402  (after the mend)

__all__ = ["datasets", "models", "torchvision", "transforms"]
