"""Whether this computer can compile, and what a test does where it cannot."""

import os
from functools import cache

import pytest
from torch._inductor.cpp_builder import get_cpp_compiler
from torch._inductor.exc import InvalidCxxCompiler

REQUIRED = "BOOK_REQUIRE_COMPILER"  # set to 1 where a missing compiler is a failure
NO_COMPILER = "No C++ compiler was found for torch.compile; install g++ or clang."


@cache
def has_compiler() -> bool:
    try:
        return bool(get_cpp_compiler())
    except InvalidCxxCompiler:
        return False


def need_compiler() -> None:
    """Skip the test that calls it, or let it fail, where there is no compiler."""
    if not has_compiler():
        (pytest.fail if os.environ.get(REQUIRED) == "1" else pytest.skip)(NO_COMPILER)
