"""What every method moves, first and second order: which types, which places, and from what closure."""

import pytest
import torch
from torch import nn

from book.optim import KFAC
from book.optim.methods import METHODS
from book.optim.second_order import SECOND_ORDER
from tests.cases import each
from tests.optim.test_bad_input import made

MOVERS = sorted((METHODS | SECOND_ORDER).keys() - {"KFAC"})  # which takes a model
DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128]
OTHERS = [torch.int64, torch.int8, torch.bool, torch.float8_e4m3fn]


def any_made(name, params):
    return METHODS[name].make(params) if name in METHODS else made(name, params)


@each("name", MOVERS)
@each("dtype", OTHERS)
def test_parameters_that_would_be_rounded_to_whole_numbers_are_refused(name, dtype):
    with pytest.raises(TypeError, match=str(dtype)):
        any_made(name, [torch.ones(2).to(dtype)])


@each("name", METHODS)
@each("dtype", DTYPES)
def test_every_float_and_complex_type_is_moved(name, dtype):
    x = torch.ones(2, dtype=dtype)
    x.grad = torch.ones(2, dtype=dtype)
    METHODS[name].make(
        [x], lr=0.5, **({"eps": 1e-2} if "eps" in METHODS[name].make([x]).defaults else {})
    ).step()
    assert (x != 1).all()


@each("name", MOVERS)
@each("wrong", [{}, {"lr": 0.1}, {"parameters": [torch.ones(2)]}])
def test_a_group_that_names_no_parameters_is_refused(name, wrong):
    with pytest.raises(ValueError, match=r"'params': model\.parameters"):
        any_made(name, [wrong])


@each("name", METHODS)
@each("wrong", [torch.ones(1).expand(3), torch.ones(3, 1).expand(3, 2), torch.ones(2, 1).expand(2, 4).T])
def test_entries_that_share_a_place_are_refused_and_the_group_is_not_taken(name, wrong):
    optimizer = METHODS[name].make([torch.ones(3)])
    with pytest.raises(ValueError, match=r"some of parameter 1 share one, .*clone\(\) first"):
        optimizer.add_param_group({"params": [torch.ones(2), wrong]})
    assert len(optimizer.param_groups) == 1


@each("name", sorted(set(METHODS) | {"Shampoo", "AdaHessian"}))
@each("wrong", [torch.tensor(0.5), 0.5, "closure"])
def test_a_loss_in_the_place_of_the_closure_is_told(name, wrong):
    x = torch.ones(2)
    x.grad = torch.ones(2)
    with pytest.raises(TypeError, match=r"takes a function that computes the loss anew, or nothing; got"):
        any_made(name, [x]).step(wrong)
    assert x.tolist() == [1, 1]


def test_kfac_too_tells_of_a_loss_in_the_place_of_the_closure():
    with pytest.raises(TypeError, match=r"got float. Call step\(\)"):
        KFAC(nn.Linear(2, 2), nn.MSELoss()).step(0.5)
