"""Backpropagation in plain Python: each number remembers what it was computed from, and with which slopes."""

import math
from itertools import count

_created = count()


class Node:
    """A number of a computation, tied to the nodes it was computed from.

    `inputs` holds one pair for each use: the node that was used, and the derivative of this node by it.
    `backward` fills in `adjoint`, the derivative of the output by this node.

    Args:
        value: the number.
        inputs: pairs (node, local derivative); none for an input of the whole computation.

    Source:
        Wengert, "A simple automatic derivative evaluation program", 1964, for the list of operations.

    Examples:
        >>> x = Node(3.0)
        >>> y = x * x + 1
        >>> y.value, [slope for node, slope in (x * x).inputs]
        (10.0, [3.0, 3.0])
    """

    def __init__(self, value: float, inputs: tuple[tuple["Node", float], ...] = ()):
        self.value, self.inputs, self.adjoint = value, inputs, 0.0
        self.number = next(_created)

    def __add__(self, other: "Node | float") -> "Node":
        other = _node(other)
        return Node(self.value + other.value, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other: "Node | float") -> "Node":
        other = _node(other)
        return Node(self.value * other.value, ((self, other.value), (other, self.value)))

    def __pow__(self, n: int) -> "Node":
        if n < 0:
            raise ValueError(f"A power of a Node is a whole number from 0 on; got {n}.")
        value, below = math.prod([self.value] * n), math.prod([self.value] * (n - 1))
        return Node(value, ((self, n * below),))

    __radd__, __rmul__ = __add__, __mul__


def history(output: Node) -> list[Node]:
    """Return the output and every node that it was computed from, the newest first.

    A node is always newer than its inputs, so in this order each comes after all that use it.

    Examples:
        >>> x = Node(3.0)
        >>> [node.value for node in history(x**2 + x)]
        [12.0, 9.0, 3.0]
    """
    found, waiting = {output}, [output]
    while waiting:
        new = {node for node, _ in waiting.pop().inputs} - found
        found |= new
        waiting += new
    return sorted(found, key=lambda node: -node.number)


def backward(output: Node) -> None:
    """Give each node behind the output its adjoint, the derivative of the output by that node.

    From the output (adjoint 1) towards the inputs, each node w hands every input v of its own the amount
    w̄ · ∂w/∂v. A node that is used several times gets an amount from each use, and they add up.

    Source:
        Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT, 1976.

    Examples:
        >>> x, y = Node(3.0), Node(2.0)
        >>> backward(x**2 + 2 * x * y + y**3)
        >>> x.adjoint, y.adjoint
        (10.0, 18.0)
    """
    nodes = history(output)
    for node in nodes:
        node.adjoint = 0.0
    output.adjoint = 1.0
    for node in nodes:
        for used, slope in node.inputs:
            used.adjoint += node.adjoint * slope


def _node(value: Node | float) -> Node:
    return value if isinstance(value, Node) else Node(float(value))
