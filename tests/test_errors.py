"""A name that is none of several is answered with the nearest one."""

import pytest

from book.errors import BookError, known


def test_a_known_name_comes_back():
    assert known("cnn", "task", iter(["mlp", "cnn"])) == "cnn"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("CNN", "did you mean 'cnn'?"),
        ("vgg19", "choose one of 'mlp', 'cnn'."),
        (3, "choose one of 'mlp', 'cnn'."),
    ],
)
def test_an_unknown_name(name, hint):
    with pytest.raises(BookError) as caught:
        known(name, "task", iter(["mlp", "cnn"]))
    assert str(caught.value) == f"There is no task {name!r}; {hint}"


@pytest.mark.parametrize("name", ["BFSG", "bfgs", "BFG", "LBFGSS"])
def test_capitals_hide_no_name(name):
    with pytest.raises(BookError, match=r"did you mean 'L?BFGS'"):
        known(name, "method", ["Newton", "BFGS", "LBFGS"])
