"""Many tensors as one vector, and back."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from book.optim.flat import check_kept, check_memory, check_one_kind, flatten, put, share_places, split
from tests.cases import each

shapes = st.lists(st.lists(st.integers(0, 3), max_size=3).map(tuple), min_size=1, max_size=4)


@given(shapes)
def test_there_and_back(shapes):
    tensors = [torch.randn(shape, dtype=torch.float64) for shape in shapes]
    vector = flatten(tensors)
    assert vector.shape == (sum(t.numel() for t in tensors),)
    for part, tensor in zip(split(vector, tensors), tensors, strict=True):
        assert torch.equal(part, tensor)
    rows = torch.stack([vector, 2 * vector, 3 * vector])
    for part, tensor in zip(split(rows, tensors), tensors, strict=True):
        assert torch.equal(part, torch.stack([tensor, 2 * tensor, 3 * tensor]))
    copies = [torch.empty_like(t) for t in tensors]
    put(copies, vector)
    assert all(torch.equal(a, b) for a, b in zip(copies, tensors, strict=True))


def test_a_vector_is_a_copy():
    x = torch.zeros(2)
    flatten([x]).add_(1)
    assert torch.equal(x, torch.zeros(2))


def test_a_sparse_tensor_counts_as_dense():
    x = torch.tensor([[0.0, 2.0], [0.0, 0.0]])
    assert torch.equal(flatten([x.to_sparse()]), x.reshape(-1))


def test_put_writes_into_parameters_that_need_gradients():
    x = torch.nn.Parameter(torch.zeros(2))
    put([x], torch.ones(2))
    assert torch.equal(x.data, torch.ones(2))
    assert x.requires_grad
    assert x.grad_fn is None


VIEWS = {
    "halves": (lambda b: [b[:6], b[6:]], False),
    "columns": (lambda b: [b.view(3, 4)[:, 0], b.view(3, 4)[:, 2]], False),
    "every second": (lambda b: [b[::2], b[1::2]], False),
    "turned": (lambda b: [b.view(3, 4).T], False),
    "none": (lambda b: [b[:0], b[3:3]], False),
    "overlapping": (lambda b: [b[:7], b[6:]], True),
    "row and column": (lambda b: [b.view(3, 4)[1], b.view(3, 4)[:, 3]], True),
    "windows": (lambda b: [b.unfold(0, 4, 2)], True),
    "expanded": (lambda b: [b[:1].expand(3)], True),
    "twice": (lambda b: [b.view(3, 4), b.view(4, 3)], True),
}


@each("name", VIEWS)
def test_two_entries_at_one_place_are_found(name):
    make, shared = VIEWS[name]
    views = make(torch.zeros(12))
    places = [
        view.storage_offset() + sum(i * step for i, step in zip(index, view.stride(), strict=True))
        for view in views
        for index in itertools.product(*map(range, view.shape))
    ]
    assert share_places([torch.ones(2), *views]) == shared == (len(set(places)) < len(places))


def test_a_memory_of_another_dtype_or_size_than_the_parameters_is_refused():
    check_kept({"pairs": [torch.ones(2)], "radius": torch.tensor(1.0)}, ["pairs", "radius"], torch.zeros(2))
    with pytest.raises(
        RuntimeError, match=r"are 3 of torch.float32 on cpu, and pairs remembers 2 of .* anew"
    ):
        check_kept({"pairs": [torch.ones(3), torch.ones(2)]}, ["pairs"], torch.zeros(3))


def test_devices_that_differ_are_refused():
    with pytest.raises(ValueError, match="one device; got cpu and meta"):
        check_one_kind([torch.ones(1), torch.ones(1, device="meta")], "Newton")


def test_a_memory_of_another_name_or_size_is_refused():
    x = torch.ones(3)
    check_memory(
        {x: {"step": 2, "pairs": [torch.ones(3)], "inverse": torch.eye(3)}}, [x], ["pairs", "inverse"]
    )
    check_memory({x: {"radius": torch.tensor(1.0)}}, [x], ["radius"])
    with pytest.raises(ValueError, match="remembers pairs, and this method nothing"):
        check_memory({x: {"pairs": [torch.ones(3)]}}, [x], [])
    with pytest.raises(ValueError, match="has pairs for 2 parameters, and there are 3"):
        check_memory({x: {"pairs": [torch.ones(3), torch.ones(2)]}}, [x], ["pairs"])
