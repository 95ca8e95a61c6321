"""The error by eigenvalue: what is refused, what is taken, and the rate that it begins with."""

import math

import pytest
import traitlets

from book.explorers import ErrorByEigenvalue
from book.optim.heavy_ball import rate
from tests.cases import each

REFUSED = [
    ({"lr": 0.0}, "The learning rate times the largest curvature must be from 0.02 to 4; got 0.0"),
    ({"momentum": 1.0}, "The momentum must be from 0 to 0.99; got 1.0"),
    ({"momentum": math.nan, "lr": 1}, "got nan"),
    ({"kappa": 1}, "The condition number must be from 2 to 300; got 1.0"),
    ({"noise": -0.1}, "The standard deviation of the noise must be from 0 to 0.5; got -0.1"),
    ({"t": 501}, "The step must be from 0 to 500; got 501"),
    ({"beside": "worst"}, "beside is one of best, same, effective; got 'worst'"),
    ({"scale": "bands"}, "scale is one of share, loss, log; got 'bands'"),
]


@each(("options", "sentence"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(options, sentence):
    with pytest.raises(traitlets.TraitError, match=sentence):
        ErrorByEigenvalue(**options)


def test_what_the_page_sends_is_taken():
    widget = ErrorByEigenvalue()
    sent = {"lr": 2, "momentum": 0, "kappa": 9, "noise": 0.5, "beside": "same", "scale": "share", "t": 3}
    widget.set_state(sent)
    assert widget.settings() == sent


@pytest.mark.long
@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.5, 0.669, 0.9, 0.99])
@pytest.mark.parametrize("kappa", [2, 25, 100, 300])
def test_no_rate_on_a_grid_is_faster_than_the_one_that_it_begins_with(momentum, kappa):
    def slowest(lr):
        return max(rate(lr, momentum, 1.0), rate(lr, momentum, 1 / kappa))

    reached = slowest(ErrorByEigenvalue(momentum, kappa).lr)
    assert all(slowest(i / 500) >= reached - 1e-9 for i in range(1, 2000))
