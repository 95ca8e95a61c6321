"""The tape against autograd on random computations, and against what is known exactly."""

import random

import pytest
import torch

from book.calculus.tape import Node, backward, history
from tests.cases import each


def random_computation(seed: int, uses: int = 25):
    """Return a function of three numbers made of random sums, products and powers, many nodes used twice."""
    draw = random.Random(seed)
    plan = [(draw.choice("+*^"), draw.random(), draw.random(), draw.randint(1, 4)) for _ in range(uses)]

    def compute(*inputs):
        made = list(inputs)
        for operation, first, second, n in plan:
            a, b = made[int(first * len(made))], made[int(second * len(made))]
            made.append(a + b * 0.5 if operation == "+" else a * b if operation == "*" else (0.3 * a) ** n)
        return sum(made[3:], made[0])

    return compute


@each("seed", range(30))
def test_random_computations_have_the_gradients_of_autograd(seed):
    f, draw = random_computation(seed), random.Random(1000 + seed)
    start = [draw.uniform(-1, 1) for _ in range(3)]
    nodes = [Node(value) for value in start]
    output = f(*nodes)
    backward(output)
    tensors = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in start]
    expected = f(*tensors)
    expected.backward()
    assert output.value == pytest.approx(expected.item(), rel=1e-12, abs=1e-12)
    for node, tensor in zip(nodes, tensors, strict=True):
        assert node.adjoint == pytest.approx(tensor.grad.item(), rel=1e-12, abs=1e-12)


def test_each_node_comes_after_all_that_use_it():
    output = random_computation(3)(Node(0.1), Node(0.2), Node(0.3))
    place = {node: i for i, node in enumerate(history(output))}
    assert place[output] == 0
    assert all(place[used] > place[node] for node in place for used, _ in node.inputs)


def test_a_node_used_twice_gets_both_amounts():
    x = Node(5.0)
    backward(x * x)
    assert x.adjoint == 10.0
    backward(x + x)
    assert x.adjoint == 2.0


def test_calling_backward_again_does_not_add_up():
    x, y = Node(3.0), Node(2.0)
    f = x**2 + 2 * x * y + y**3
    for _ in range(2):
        backward(f)
    assert (x.adjoint, y.adjoint) == (10.0, 18.0)


def test_what_the_output_does_not_use_is_left_alone():
    x, unused = Node(3.0), Node(4.0)
    unused.adjoint = 7.0
    backward(2 + x)
    assert (x.adjoint, unused.adjoint) == (1.0, 7.0)


def test_an_input_alone_has_the_slope_one():
    x = Node(3.0)
    backward(x)
    assert x.adjoint == 1.0


def test_a_long_chain_needs_no_recursion():
    x = y = Node(1.0)
    for _ in range(20_000):
        y = y + 1
    backward(y)
    assert (y.value, x.adjoint) == (20_001.0, 1.0)


def test_the_powers_are_products_so_that_every_machine_agrees():
    for value in (0.1, -1.7, 3.3):
        assert (Node(value) ** 3).value == value * value * value
        assert (Node(value) ** 1).inputs[0][1] == 1


def test_a_power_is_a_whole_number_from_zero_on():
    x = Node(2.0)
    y = x**0
    backward(y)
    assert (y.value, x.adjoint) == (1, 0)
    with pytest.raises(ValueError, match="whole number from 0 on; got -1"):
        x**-1
    with pytest.raises(TypeError):
        x**0.5
