# ---
# jupyter:
#   finished: true
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The Jacobian
#
# A gradient belongs to a function with one output. Layers have many. Sum their outputs to get rid of the problem, and you throw away what you asked for.
#
# Here is a map with two inputs and two outputs. The square among the inputs becomes the bent image among the outputs; the dashed parallelogram is a *linear* map's. Halve the side: **what becomes of the gap between the two?**

# %% tags=["hide-input"]
from book.explorers import JacobianMap

JacobianMap("swirl", point=(0.9, 0.4), side=0.7)

# %% [markdown]
# **You will**
#
# - see a matrix as the best linear picture of a map near a point, and check it three ways;
# - multiply Jacobians through a network, in the order that costs far less;
# - choose between forward and reverse mode by the shape of the problem, and count what each costs.
#
# **You need**
#
# - the product of two matrices;
# - softmax, which makes probabilities of logits ({doc}`../1-numbers/stable-softmax`);
# - the gradient, a slope for each input, and its use: $f(x + s) \approx f(x) + g^\top s$ ({doc}`gradient`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $F(x)$ | $(n,)$, $(m,)$ | the inputs of a map, and its outputs |
# | $J$ | $(m, n)$ | the Jacobian of the map at $x$; $J_1$, $J_2$, $J_3$ those of its parts |
# | $\delta$ | $(n,)$ | a small step |
# | $h$, $e_j$ | number, $(n,)$ | the length of a step along axis $j$; the vector with a 1 there |
# | $o(h)$ | | a rest that vanishes even when divided by $h$ |
# | $A$ | $(m, n)$ | another matrix |
# | $r$, $\varphi$ | numbers | polar coordinates |
# | $q$ | number | hidden units |
# | $z$, $a$, $y$ | $(q,)$, $(q,)$, $(m,)$ | before ReLU, after it, the output; in *Softmax* $z$ are the logits and $y$ the one-hot target |
# | $W_1$, $W_2$, $b$ | $(q, n)$, $(m, q)$, $(q,)$ | weights and biases |
# | $D$ | $(q, q)$ | ReLU's Jacobian, 0 or 1 on its diagonal |
# | $l$ | number | a hidden unit's place |
# | $p$, $C$, $c$ | $(C,)$, numbers | probabilities, how many classes, the right one; $c$ is also a size in *In which order* |
# | $L$ | number | the loss |
# | $f$, $g$, $s$ | number, $(n,)$, $(n,)$ | in *You need*: a function with one output, its gradient and a step |
# | $v$, $u$ | $(n,)$, $(m,)$ | a direction that is pushed; a weight for each output, pulled back |
# | $w$, $P$, $N$ | $(P,)$, numbers | weights, how many, and of how many examples |
# | $B$ | number | the batch |
# :::

# %% tags=["hide-input"]
import torch
from torch.utils.flop_counter import FlopCounterMode

from book import results
from book.calculus import central_difference, gradient, jacobian, jvp, vjp
from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.figures import jacobian as figures

# %% [markdown]
# ## Ask softmax for its derivative
#
# Three logits go into softmax, three probabilities come out. You want to know how the probabilities depend on the logits. Ask autograd.

# %%
z = torch.tensor([2.0, 1.0, 0.0], requires_grad=True)
p = torch.softmax(z, dim=0)
try:
    p.backward()
    refusal = "no error"
except RuntimeError as error:
    refusal = str(error)

# %% tags=["hide-input"]
say(f"PyTorch refuses: `{refusal}`.")

# %% [markdown]
# A scalar output is wanted. The usual way to make the error go away is to sum.
#
# :::{predict}
# What is the gradient of `p.sum()` for the three logits?
#
# - `a`: three positive numbers: each logit raises its probability
# - `b`: positive for the first, negative for the others
# - `c`: zero for all three
# :::

# %%
torch.softmax(z, dim=0).sum().backward()

# %% tags=["hide-input"]
reveal(
    f"The gradient of the sum, to six decimals: **{z.grad.round(decimals=6).tolist()}**. Zero, for every"
    " logit.",
    right="c" if z.grad.abs().max() < 1e-6 else "a" if (z.grad > 0).all() else "b",
)

# %% [markdown]
# Does softmax not depend on its input, then? Raise the first logit by a half and look.

# %% tags=["hide-input"]
raised = torch.softmax(z.detach() + torch.tensor([0.5, 0.0, 0.0]), dim=0)

first, second, third = (raised - p.detach()).abs().tolist()
show(
    figures.nudged(p.detach(), raised, "$z_1 + 0.5$"),
    "Three pairs of bars. When the first logit rises by a half, the first probability"
    f" grows by {first:.3f}, the second falls by {second:.3f} and the third by"
    f" {third:.3f}.",
)

# %% [markdown]
# All three moved, and the changes cancel exactly, because probabilities always sum to 1. The sum has no slope, and its gradient says so. It was the wrong question.
#
# Three outputs and three inputs make nine slopes. The gradient of the sum adds them up in threes, and what has been added cannot be taken apart again: not when the next layer multiplies the outputs by weights of different signs.
#
# ## A map, seen through a magnifying glass
#
# So take a function with several outputs as one thing: a map from points to points. The opening's turns each point about the origin, the more the farther out it is.
#
# :::{predict}
# Make the square smaller, and enlarge the picture by as much. What happens to the gap between the bent image and the parallelogram?
#
# - `a`: it looks the same in each
# - `b`: it closes
# - `c`: it opens
# :::


# %%
def swirl(x):
    angle = x.square().sum() / 2
    c, s = torch.cos(angle), torch.sin(angle)
    return torch.stack([c * x[0] - s * x[1], s * x[0] + c * x[1]])


x = torch.tensor([0.9, 0.4], dtype=torch.float64)
J = jacobian(swirl, x)

# %% tags=["hide-input"]
show(
    figures.shrinking(swirl, x, (0.8, 0.2, 0.05), J),
    "Three panels with sides 0.8, 0.2 and 0.05, each enlarged to the same size. The gap"
    " between the bent image and the dashed parallelogram is wide in the first, narrow"
    " in the second and hardly visible in the third.",
)

# %% [markdown]
# :::{answer} b
# It closes. Seen through a strong enough glass, the map *is* the parallelogram.
# :::
#
# Measure the gap: the largest distance between a point of the square's boundary under the map and under the linear map.


# %% tags=["hide-input"]
def gap(F, x, side, J):
    t = torch.linspace(-1, 1, 41, dtype=x.dtype)
    edges = [torch.stack([t, s * torch.ones_like(t)], 1) for s in (-1, 1)]
    steps = side / 2 * torch.cat([*edges, *(edge.flip(1) for edge in edges)])
    return max((F(x + d) - F(x) - J @ d).norm() for d in steps)


sides = torch.tensor([0.8 / 2**k for k in range(10)], dtype=torch.float64)
gaps = torch.stack([gap(swirl, x, side, J) for side in sides])
show(
    figures.error_by_side(sides, gaps),
    "The largest distance against the side on logarithmic axes: ten points from side"
    f" {sides[0]:.1f} down to {sides[-1]:.4f}, all on a line of slope 2 except the first,"
    " which lies a little above it.",
)

# %% tags=["hide-input"]
ratios = gaps[:-1] / gaps[1:]
say(
    "Each time the side is halved, the distance is divided by"
    f" {ratios[0]:.2f}, {ratios[1]:.2f}, {ratios[2]:.2f}, ..., **{ratios[-1]:.2f}**."
)

# %% [markdown]
# The square shrinks in proportion to its side and the error, in the end, to the side *squared*: it vanishes even when compared with the side. That is what "best linear picture" means, and it is the definition.
#
# ## Rows are gradients, columns are pushes
#
# Let $F$ take a vector $x$ of shape $(n,)$ and return one of shape $(m,)$. The **Jacobian** of $F$ at $x$ is the matrix $J$ of shape $(m, n)$ for which, for every small step $\delta$ of shape $(n,)$,
#
# $$F(x + \delta) = F(x) + J \delta + o(\lVert \delta \rVert).$$
#
# Here $o(\lVert \delta \rVert)$ is a rest that vanishes even when divided by $\lVert \delta \rVert$.
#
# What are its entries? Take a step along one axis, $\delta = h e_j$, where $e_j$ has a 1 at place $j$ and zeros elsewhere. The product $J e_j$ is column $j$ of $J$. Divide by $h$:
#
# $$\frac{F(x + h e_j) - F(x)}{h} = J e_j + \frac{o(h)}{h}.$$
#
# Let $h$ go to zero, and the last term goes too. Column $j$ is how *all outputs* move when *one input* is pushed. In row $i$ stands what output $i$ does:
#
# $$\boxed{\; J_{ij} = \frac{\partial F_i}{\partial x_j} \;}$$
#
# So there are two ways to read one matrix:
#
# - **row $i$** is the gradient of output $i$, laid flat;
# - **column $j$** is the push of input $j$, felt by every output.
#
# There can be only one such matrix. If $A$ did as well as $J$, then $(J - A)\, h e_j = o(h)$; divide by $h$, and column $j$ of $J - A$ is zero.
#
# ### An example by hand
#
# Three outputs, two inputs:
#
# $$F(x) = \begin{pmatrix} x_1^2 + 5 x_2 \\ 3 x_1 \sin x_2 \\ x_1 x_2^2 \end{pmatrix}.$$
#
# Differentiate each output for each input:
#
# $$J = \begin{pmatrix} 2 x_1 & 5 \\ 3 \sin x_2 & 3 x_1 \cos x_2 \\ x_2^2 & 2 x_1 x_2 \end{pmatrix}.$$
#
# Three rows, one for each output. Two columns, one for each input. Check it at $(2, 1)$ against central differences, which know nothing but values of $F$, and against automatic differentiation in its two modes, which come below.


# %%
def example(x):
    return torch.stack([x[0] ** 2 + 5 * x[1], 3 * x[0] * x[1].sin(), x[0] * x[1] ** 2])


def by_hand(x):
    a, b = x
    rows = [[2 * a, 5], [3 * b.sin(), 3 * a * b.cos()], [b**2, 2 * a * b]]
    return torch.tensor(rows, dtype=x.dtype)


at = torch.tensor([2.0, 1.0], dtype=torch.float64)
found = {
    "central differences": central_difference(example, at),
    "forward mode, by columns": jacobian(example, at, mode="forward"),
    "reverse mode, by rows": jacobian(example, at, mode="reverse"),
}

# %% tags=["hide-input"]
written = by_hand(at)


def distance(A, B, *digits):
    largest = (A - B).abs().max()
    fitting = (d for d in digits or (12,) if largest < 10**-d)
    return f"less than $10^{{-{next(fitting, 0)}}}$"


table(
    ["how", "largest difference from the matrix by hand"],
    [[name, distance(J, written, 14, 9)] for name, J in found.items()],
)

# %% [markdown]
# Central differences lose about a third of the digits, as {doc}`gradient` explains. The two modes agree with the hand to the last bits.
#
# ## The chain rule is a product of matrices
#
# Now the reason to keep all the numbers apart. A network is one map after another, $F(x) = F_2(F_1(x))$. Let $F_1$ take $(n,)$ to $(q,)$ with the Jacobian $J_1$ at $x$, and let $F_2$ take $(q,)$ to $(m,)$ with the Jacobian $J_2$ at $F_1(x)$. Push $x$ by a small $\delta$ and follow it.
#
# 1. The first map passes on a push $k$ of shape $(q,)$: $\; k = F_1(x + \delta) - F_1(x) = J_1 \delta + o(\lVert \delta \rVert)$.
# 2. The second map receives $k$ as its own small push: $\; F_2(F_1(x) + k) = F_2(F_1(x)) + J_2 k + o(\lVert k \rVert)$.
# 3. Put the first line into the second. Since $k$ is no longer than a constant times $\delta$, both rests are $o(\lVert \delta \rVert)$:
#
# $$F(x + \delta) = F(x) + J_2 J_1 \delta + o(\lVert \delta \rVert).$$
#
# 4. Only one matrix can stand there, and it is the Jacobian of $F$:
#
# $$\boxed{\; J = J_2 J_1, \quad (m, n) = (m, q)\,(q, n) \;}$$
#
# Entry by entry it says $\partial F_i / \partial x_j = \sum_l (\partial F_i / \partial a_l)(\partial a_l / \partial x_j)$ with $a = F_1(x)$: go through every hidden number $a_l$, and add up. No sign is lost on the way.
#
# ### Through a network with two layers
#
# Take $n = 4$ inputs, $q = 6$ hidden units and $m = 3$ outputs:
#
# $$\begin{aligned} z &= W_1 x + b, \\ a &= \max(0, z), \\ y &= W_2 a. \end{aligned}$$
#
# Three maps, three Jacobians. A linear map is its own best linear picture, so the outer two are $W_1$ and $W_2$. ReLU acts on each entry by itself: $a_i$ depends on $z_i$ alone, with slope 1 where $z_i > 0$ and 0 where $z_i < 0$. (At 0 there is a kink and no derivative; PyTorch says 0 there.) So its Jacobian is diagonal, $D = \mathrm{diag}(z > 0)$, and
#
# $$\underbrace{J}_{(3, 4)} = \underbrace{W_2}_{(3, 6)} \; \underbrace{D}_{(6, 6)} \; \underbrace{W_1}_{(6, 4)}.$$

# %%
generator = torch.Generator().manual_seed(7)
W1, b, W2 = (
    torch.randn(*shape, generator=generator, dtype=torch.float64)
    for shape in ((6, 4), (6,), (3, 6))
)


def network(x):
    return W2 @ torch.relu(W1 @ x + b)


x4 = torch.ones(4, dtype=torch.float64)
D = torch.diag((W1 @ x4 + b > 0).double())
factors = {"$J$": W2 @ D @ W1, "$W_2$": W2, "$D$": D, "$W_1$": W1}

# %% tags=["hide-input"]
show(
    figures.product(factors),
    "Four matrices of discs in a row: J with 3 rows and 4 columns equals W2, 3 by 6,"
    " times D, 6 by 6, times W1, 6 by 4. D has discs on its diagonal only, at 1, 2, 4"
    " and 6; the places 3 and 5 are empty.",
)

# %% [markdown]
# The area of a disc is the size of its entry; filled means positive, open means negative. Two places on the diagonal of $D$ are empty. Those units are off at this input, and the matching columns of $W_2$ and rows of $W_1$ do not count at all: near this point the network is a smaller one.
#
# ### Softmax, then cross-entropy
#
# Back to the failure. Write softmax as $p_i = e^{z_i} / \sum_k e^{z_k}$ and use the quotient rule. On the diagonal you get $\partial p_i / \partial z_i = p_i (1 - p_i)$, off it $\partial p_i / \partial z_j = -p_i p_j$. As a matrix of shape $(C, C)$, for $C$ classes:
#
# $$J_{\mathrm{softmax}} = \mathrm{diag}(p) - p\, p^\top.$$
#
# Add up column $j$: $p_j - p_j \sum_i p_i = 0$. That is the zero of the start. The nine numbers were there; the sum had cancelled them.
#
# Now chain it. The {term}`cross-entropy` of the right class $c$ is $L = -\ln p_c$, with one output, so its Jacobian is a row: $-1/p_c$ at place $c$, zeros elsewhere. Row times matrix picks row $c$ of softmax's Jacobian and multiplies it by $-1/p_c$. Row $c$ is $p_c (y - p)^\top$ with the one-hot vector $y$ of the right class, so
#
# $$\frac{\partial L}{\partial z} = -\frac{1}{p_c} \, p_c \, (y - p)^\top = (p - y)^\top.$$
#
# This is the gradient that {doc}`../1-numbers/stable-softmax` uses. Now you see where the $p_c$ goes.

# %% tags=["hide-input"]
logits = torch.tensor([2.0, 1.0, 0.0], dtype=torch.float64)
p = torch.softmax(logits, dim=0)
J_softmax = torch.diag(p) - torch.outer(p, p)
row = torch.tensor([[0.0, -1 / p[1], 0.0]], dtype=torch.float64)  # the right class: 2
by_autograd = jacobian(lambda z: torch.softmax(z, dim=0), logits)
one_hot = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64)
say(
    f"Largest difference of the softmax matrix from autograd:"
    f" {distance(J_softmax, by_autograd)}. Row times matrix:"
    f" **{[round(v, 4) for v in (row @ J_softmax)[0].tolist()]}**, and $p - y$:"
    f" {[round(v, 4) for v in (p - one_hot).tolist()]}."
)

# %% [markdown]
# ## In which order do you multiply?
#
# A product of matrices may be taken in any order, with the same result and not with the same work. Take a classifier with its loss, $n \to q \to q \to 1$:
#
# $$\underbrace{J}_{(1, n)} = \underbrace{J_3}_{(1, q)} \; \underbrace{J_2}_{(q, q)} \; \underbrace{J_1}_{(q, n)}.$$
#
# A matrix of shape $(a, b)$ times one of shape $(b, c)$ takes $a b c$ multiply-adds.
#
# - **From the right**, the way the data flows: $J_2 J_1$ takes $q \cdot q \cdot n$, then $J_3$ times that takes $q \cdot n$. Together $q n (q + 1)$.
# - **From the left**, from the loss back: $J_3 J_2$ takes $q \cdot q$, then that times $J_1$ takes $q \cdot n$. Together $q (q + n)$.
#
# :::{predict} number
# How many times as much work is it from the right as from the left, for $n = 784$ and $q = 256$?
# :::
#
# Let a counter watch the multiplications.


# %% tags=["hide-input"]
def multiply_adds(call, *arguments):
    with FlopCounterMode(display=False) as counter:
        call(*arguments)
    return counter.get_total_flops() // 2  # it counts a multiply-add as two


# %%
J1, J2, J3 = torch.ones(256, 784), torch.ones(256, 256), torch.ones(1, 256)
right = multiply_adds(lambda: J3 @ (J2 @ J1))
left = multiply_adds(lambda: (J3 @ J2) @ J1)

# %% tags=["hide-input"]
reveal(
    f"From the right {right:,}, from the left {left:,} multiply-adds: the order alone"
    f" is a factor of **{right / left:.0f}**.",
    right=f"{right / left:.0f}",
)

# %% [markdown]
# From the left, every intermediate result is a *row*. From the right, it is a matrix with $n$ columns. With one output, start at the output. With one input, start at the input. In between there are other orders, and to find the best one for a general graph is NP-complete ({cite:t}`naumann2008`). The two pure orders are the ones that have names.
#
# ## Two products, one pass each
#
# Nobody writes down the matrices of a large network. What you can have cheaply is the product of the Jacobian with *one* vector, on one side or on the other.
#
# **Forward mode** computes $J v$ for a $v$ of shape $(n,)$: it carries a push from the inputs to the outputs, beside the values. **Reverse mode** computes $u^\top J$ for a $u$ of shape $(m,)$: it carries a weight for each output back to the inputs. For the network with two layers each is three lines.


# %%
def push_forward(x, v):  # the Jacobian-vector product J v, shape (3,)
    z, dz = W1 @ x + b, W1 @ v
    a, da = torch.relu(z), (z > 0) * dz
    return W2 @ a, W2 @ da


def pull_back(x, u):  # the vector-Jacobian product uᵀ J, shape (4,)
    z = W1 @ x + b  # forward first: the mask (z > 0) is needed on the way back
    da = u @ W2
    return ((z > 0) * da) @ W1


# %% tags=["hide-input"]
J = W2 @ D @ W1
v = torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64)
u = torch.tensor([2.0, -1.0, 0.5], dtype=torch.float64)

say(
    "From the product $W_2 D W_1$ the library's matrix differs by"
    f" {distance(jacobian(network, x4, 'forward'), J)} in forward and"
    f" {distance(jacobian(network, x4, 'reverse'), J)} in reverse mode; $J v$ by hand and by the library by"
    f" {distance(push_forward(x4, v)[1], J @ v)} and"
    f" {distance(jvp(network, x4, v), J @ v)}; $u^\\top J$ by"
    f" {distance(pull_back(x4, u), u @ J)} and {distance(vjp(network, x4, u), u @ J)}."
)

# %% [markdown]
# Look at `pull_back` again: a weight for each output, times the weights of the last layer, masked, times the weights of the layer before. That is **backpropagation**. The vector-Jacobian product is all that a backward pass computes; the Jacobian itself is never built. In PyTorch the vector $u$ is called `grad_outputs`; when the output is a loss, it is the number 1, and you never see it. It is what the error message at the start was asking for.

# %%
inputs = x4.clone().requires_grad_()
outputs = network(inputs)
(pulled,) = torch.autograd.grad(outputs, inputs, grad_outputs=u, retain_graph=True)
(summed,) = torch.autograd.grad(outputs, inputs, grad_outputs=torch.ones_like(u))

# %% tags=["hide-input"]
say(
    "`torch.autograd.grad` with `grad_outputs=u` differs from $u^\\top J$ by"
    f" {distance(pulled, u @ J)}. With ones it returns the column sums of J, to"
    f" {distance(summed, J.sum(0))}: that was the sum at the start."
)

# %% [markdown]
# The whole matrix is many of these products. Push along $e_1, \dots, e_n$, and you get the columns: $n$ forward passes. Pull with $e_1, \dots, e_m$, and you get the rows: $m$ reverse passes.
#
# There is a price for going backwards: the way back needs what the way out computed, such as ReLU's mask, so reverse mode must keep it (*Going further* counts the bytes). Forward mode carries one push and forgets the rest.
#
# ## What a Jacobian costs, by shape
#
# Count it. Nine networks $n \to 256 \to 256 \to m$ with tanh, from 1000 inputs and 1 output to 1 input and 1000 outputs. The unit is the multiplications of one evaluation of the network.


# %% tags=["hide-input"]
def smooth_network(n, m):
    generator = torch.Generator().manual_seed(0)
    sizes = ((n, 256), (256, 256), (256, m))
    A, B, C = (torch.randn(*s, generator=generator) / s[0] ** 0.5 for s in sizes)
    return lambda x: (torch.tanh(torch.tanh(x[None] @ A) @ B) @ C)[0]


shapes = [(1000, 1), (300, 3), (100, 10), (50, 20), (32, 32)]
shapes += [(20, 50), (10, 100), (3, 300), (1, 1000)]
counted = {}
for n, m in shapes:
    F, at = smooth_network(n, m), torch.ones(n)
    counted[n, m] = [
        multiply_adds(jacobian, F, at, mode) / multiply_adds(F, at)
        for mode in ("forward", "reverse")
    ]

table(
    ["inputs n", "outputs m", "forward", "reverse"],
    [[f"{n}", f"{m}", *(f"{c:.0f}" for c in pair)] for (n, m), pair in counted.items()],
)

# %% [markdown]
# Reverse mode takes $m + 1$: one evaluation, then $m$ passes back. Forward mode takes $n + 2$: one evaluation, $n$ passes, and one more that nobody needs, because PyTorch also carries the push of the *weights*, which is zero. So: **few outputs, reverse; few inputs, forward.**
#
# ### One output and 269,322 inputs
#
# A loss has one output. Its inputs are the weights, and a classifier of MNIST with the layers 784-256-256-10 has 269,322 of them. Reverse mode finds the gradient in one pass, in some thousandths of a second.
#
# :::{predict}
# How long would forward mode take for the same gradient?
#
# - `a`: some seconds
# - `b`: some minutes
# - `c`: some hours
# :::

# %% tags=["hide-input"]
stored = results.load("jacobians")
big = stored["results"]["training"]
reveal(
    f"With a batch of {big['batch']}, the gradient by reverse mode takes"
    f" {1e3 * big['gradient_seconds']:.1f} ms, which is {big['gradient']:.1f} evaluations of"
    f" the loss. One forward pass takes {1e3 * big['forward_pass_seconds']:.1f} ms, and"
    f" {big['parameters']:,} of them, one after the other, would take about"
    f" **{big['all_forward_seconds'] / 60:.1f} minutes**.",
    right="a"
    if big["all_forward_seconds"] < 60
    else "b"
    if big["all_forward_seconds"] < 3600
    else "c",
)

# %% [markdown]
# For one output, the pass back never costs more than a small multiple of the evaluation, however many inputs there are. {cite:t}`baur1983` prove it for the count of operations. This one fact is what makes training large networks possible.
#
# ## Going further
#
# ### The library's own, and what a determinant tells
#
# *You see the library's source, the whole matrix by columns and by rows, and how a map changes areas.*
#
# The library takes the matrix from `torch.func`, which can build it by rows (`jacrev`) or by columns (`jacfwd`).

# %%
show_source(jacobian, jvp, vjp)

# %%
columns = torch.stack([jvp(network, x4, e) for e in torch.eye(4).double()], dim=1)
rows = torch.stack([vjp(network, x4, e) for e in torch.eye(3).double()])

# %% tags=["hide-input"]
say(
    "Four columns, by four forward passes, and three rows, by three reverse passes: the"
    f" two matrices differ by {distance(columns, rows)}."
)

# %% [markdown]
# A rest of order $\lVert \delta \rVert^2$, as you measured it, takes more than a Jacobian: that the slopes change no faster than in proportion to the distance (they are Lipschitz). Take $F(x) = |x|^{3/2}$ at 0: it has $J = 0$ and the rest $|\delta|^{3/2}$.
#
# When there are as many outputs as inputs, the parallelogram has an area. The linear map multiplies every area by $|\det J|$, so the map itself does the same to areas that are small enough. The best known case: polar coordinates $(r, \varphi) \mapsto (r \cos\varphi, r \sin\varphi)$ have $\det J = r$, and that is where the $r$ in $r \, dr \, d\varphi$ comes from.
#
# The longest and the shortest stretch of a small step are the largest and the smallest singular value of $J$, as they were for the matrices of {doc}`../1-numbers/conditioning`. If one of them is zero, a direction of the input is lost. (In the opening's explorer, find a place on the *complex square* where the linear image shrinks to a point, and one on the *pleat* where the image is turned over.)


# %%
def polar(x):
    return torch.stack([x[0] * torch.cos(x[1]), x[0] * torch.sin(x[1])])


# %% tags=["hide-input"]
def area_of_image(F, x, side):
    t = side * (torch.arange(400, dtype=x.dtype) / 400 - 0.5)
    c = torch.full_like(t, side / 2)
    ring = [torch.stack(e, 1) for e in ((t, -c), (c, t), (-t, c), (-c, -t))]
    a, b = torch.stack([F(x + d) for d in torch.cat(ring)]).T
    return (a * b.roll(-1) - b * a.roll(-1)).sum().abs() / 2  # the shoelace formula


at_r2 = torch.tensor([2.0, 0.7], dtype=torch.float64)
det = {F: torch.linalg.det(jacobian(F, p)) for F, p in ((polar, at_r2), (swirl, x))}
grown = {F: area_of_image(F, p, 0.1) / 0.01 for F, p in ((polar, at_r2), (swirl, x))}
say(
    f"Polar at r = 2: det J = {det[polar]:.3f}, and a square of side 0.1 grows by"
    f" {grown[polar]:.3f}. Swirl: det J = **{det[swirl]:.3f}**, area ratio"
    f" {grown[swirl]:.3f}, stretches"
    f" {' and '.join(f'{s:.2f}' for s in torch.linalg.svdvals(jacobian(swirl, x)))}."
)

# %% [markdown]
# The swirl keeps areas: it only slides thin rings past each other. It stretches one way by as much as it shrinks the other.
#
# #### An exercise: read the plot (★★)
#
# Look at the figure of the discs, $J = W_2 D W_1$. There are 24 weights in $W_1$ and 18 in $W_2$. How many of these 42 can you change a little without changing $J$ at all?

# %%
answer = ...
check("2-derivatives/weights-without-effect", answer)

# %% tags=["remove-input"]
solution("2-derivatives/weights-without-effect")

# %% [markdown]
# #### An exercise: pull back through softmax without its matrix (★★★)
#
# For 50,000 classes the Jacobian of softmax has 2.5 billion entries. Write `softmax_vjp(p, u)`: it gets the probabilities $p$ of shape $(C,)$ and a vector $u$ of shape $(C,)$, and returns $u^\top J$ of shape $(C,)$ without building $J$.


# %%
def softmax_vjp(p, u): ...


check("2-derivatives/softmax-vjp", softmax_vjp)

# %% tags=["remove-input"]
solution("2-derivatives/softmax-vjp")

# %% [markdown]
# ### What must be kept
#
# *You see what the way back keeps, layer by layer.*
#
# Reverse mode keeps ReLU's mask, or the output of tanh, until the way back comes to that layer. Forward mode needs each number only while it is there; its one push has the size of the layer that it is in.
#
# PyTorch lets you look at everything it keeps for the way back. Stack tanh layers of 64 units and count the bytes, weights not included.
#
# :::{predict}
# How do they grow with the depth?
#
# - `a`: not at all: one layer's output replaces the one before
# - `b`: in proportion to it
# - `c`: as its square
# :::


# %% tags=["hide-input"]
def kept_bytes(run, *arguments):
    kept = {}

    def keep(t):
        kept[t.untyped_storage().data_ptr()] = t.untyped_storage().nbytes()
        return t

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
        result = run(*arguments)  # alive until the bytes are counted
    kept.pop(W.untyped_storage().data_ptr(), None)
    return sum(kept.values()) if result is not None else 0


# %%
W = torch.eye(64)


def deep(x, depth):
    for _ in range(depth):
        x = torch.tanh(x @ W)
    return x


# %%
start = torch.ones(64, requires_grad=True)
depths = (1, 10, 100, 1000)
kept = {depth: kept_bytes(deep, start, depth) for depth in depths}

# %% tags=["hide-input"]
table(
    ["layers", "bytes kept for reverse mode"],
    [[f"{d:,}", f"{b:,}"] for d, b in kept.items()],
)

# %% tags=["hide-input"]
growth = kept[1000] / kept[100]
reveal(
    f"Ten times the depth, **{growth:.1f}** times the bytes, from 100 layers to 1000.",
    right="a" if growth < 2 else "b" if growth < 30 else "c",
)

# %% [markdown]
# 256 bytes are 64 float32 outputs. A layer more, 256 bytes more, for one example; a batch of 100 keeps a hundred times as much. This is one reason why training takes so much more memory than using the network. (Forward mode saves nothing for a way back, so this count would show 0 for it, whatever it holds. What it must hold is the value and the push of one layer, 512 bytes here, at any depth.)
#
# ### By the clock
#
# *You see where counting ends: where the two modes meet in seconds.*
#
# The passes that the core counts are taken all together, as one batch, which is what `torch.func` does with `vmap`. One after the other, each forward pass evaluates the network again.

# %%
F, at = smooth_network(32, 32), torch.ones(32)
single = [multiply_adds(f, F, at, at) / multiply_adds(F, at) for f in (jvp, vjp)]

# %% tags=["hide-input"]
say(
    f"A single forward pass costs **{single[0]:.0f}** evaluations (the value, the push,"
    f" the idle push of the weights), a single reverse pass **{single[1]:.0f}** (the"
    " value and the pull)."
)

# %% [markdown]
# Reverse mode can keep the value and pull many times, at 1 each. So one after the other, the bill is $3n$ against $m + 1$, and the two should meet near $n/m = 1/3$. Together they should meet near 1.
#
# :::{predict}
# Where do the two modes meet by the clock, with all passes together?
#
# - `a`: near $n/m = 1$, as counted
# - `b`: well below 1: with as many inputs as outputs, forward mode is the slower one
# - `c`: well above 1: forward mode is the faster one there
# :::

# %% tags=["hide-input"]
rows = stored["results"]["rows"]
widths = sorted({row["hidden"] for row in rows})
show(
    figures.cost_by_shape(rows),
    "Time of forward over time of reverse against inputs over outputs, both axes"
    " logarithmic, with narrow bands for the middle half of the rounds. One by one is"
    " the steepest curve and keeps near its dotted line of counts, above it on the far"
    " left. The two curves of the passes together are flatter than their dotted line,"
    f" {' more so than '.join(f'at width {w}' for w in widths)}, and all three cross 1"
    " left of the middle.",
)

# %% tags=["hide-input"]
wide = [row for row in rows if row["hidden"] == 1024]
tall, flat = wide[0]["together"]["ratio"], 1 / wide[-1]["together"]["ratio"]
say(
    f"Measured with `{stored['command']}` ({stored['hardware']['processor']}, one core). Each point is the median of"
    " rounds in which both modes ran side by side; dotted is the count, and the band holds the middle half."
    f" Together and at width 1024, the wrong mode takes **{tall:.0f}** times as long for"
    f" (1000, 1) and **{flat:.0f}** times for (1, 1000)."
)

# %% tags=["hide-input"]
crossings = stored["results"]["crossings"]
meet = {(c["hidden"], c["way"]): c for c in crossings}


def place(hidden, way):
    low, high = meet[hidden, way]["quartiles"]
    middle = meet[hidden, way]["inputs_over_outputs"]
    return f"**{middle:.2g}** (by the quartiles {low:.2g} to {high:.2g})"


both = [meet[hidden, "together"]["inputs_over_outputs"] for hidden in (256, 1024)]
reveal(
    f"The modes meet at n/m = {place(1024, 'one_by_one')} one by one; together at"
    f" {place(1024, 'together')} at width 1024 and {place(256, 'together')} at width 256.",
    right="b" if max(both) < 0.9 else "c" if min(both) > 1.1 else "a",
)

# %% [markdown]
# One by one, the counter was right about the clock, within what the timing can tell. Together, it was right about the direction only: the curve is flat, so a small change of the times moves the crossing far. Look at what more passes cost in the small network.

# %% tags=["hide-input"]
small = {(r["inputs"], r["outputs"]): r["together"] for r in rows if r["hidden"] == 256}
ahead = [1e3 * small[shape]["forward_seconds"] for shape in ((10, 100), (50, 20))]
back = [1e3 * small[shape]["reverse_seconds"] for shape in ((100, 10), (20, 50))]
say(
    f"At width 256, forward mode takes {ahead[0]:.2f} ms for 10 inputs and"
    f" {ahead[1]:.2f} ms for 50; reverse mode {back[0]:.2f} ms for 10 outputs and"
    f" {back[1]:.2f} ms for 50."
)

# %% [markdown]
# Five times the passes, and hardly more time: at this size you pay for calling the operations, not for the arithmetic inside. That fixed cost is larger in forward mode, and it moves the crossing away from 1. In the wider network the arithmetic counts for more, and the crossing moves back. So far from the square shape, count; near it, measure.

# %% tags=["hide-input"]
pairs = list(counted.items())
exact = all(f == n + 2 and r == m + 1 for (n, m), (f, r) in pairs)
ends = [meet[1024, way]["inputs_over_outputs"] for way in ("one_by_one", "together")]
worst = max((J - written).abs().max().item() for J in found.values())
evidence(
    "D7",
    "holds with a caveat",
    f"On {len(pairs)} shapes reverse mode took m + 1 evaluations' worth of multiplications and forward"
    f" n + 2 ({'all exact' if exact else 'not all exact'}).",
    so="Few outputs: reverse. Few inputs: forward. Near the square shape, measure.",
    more="At (2, 1) the matrix by hand, by differences and by both modes agrees to"
    f" {'1e-9' if worst < 1e-9 else f'{worst:.0e}'}. In time the two modes meet at n/m = {ends[0]:.1g} one"
    f" pass after the other and at {ends[1]:.1g} with all passes together, in networks of width 1024.",
)

# %% [markdown]
# ### A gradient for every example
#
# *You see the gradients that a batch's mean is made of, at the price of one.*
#
# The loss of a batch is a mean, and `backward()` gives you the mean of the gradients. Sometimes you want them one by one: to see how much the examples disagree, or to clip each before the mean is taken, as training with differential privacy does.
#
# That is a Jacobian. Let the map take the weights $w$ of shape $(P,)$ to the losses of $N$ examples, shape $(N,)$. Row $i$ of its Jacobian, shape $(N, P)$, is the gradient of example $i$. Here is logistic regression with two weights, so that you can draw the rows.

# %% tags=["hide-input"]
generator = torch.Generator().manual_seed(3)
label = (torch.arange(60) % 2).double()
X = torch.randn(60, 2, generator=generator, dtype=torch.float64)
X = X + 0.6 * (2 * label[:, None] - 1) * torch.tensor([1.0, 0.5])
w = torch.tensor([0.3, 0.0], dtype=torch.float64)


# %%
def loss_of(w, x, target):
    return torch.nn.functional.binary_cross_entropy_with_logits(x @ w, target)


per_example = torch.func.vmap(torch.func.grad(loss_of), (None, 0, 0))(w, X, label)

# %% tags=["hide-input"]
show(
    figures.arrows(per_example),
    "Sixty thin arrows from the origin in nearly every direction, more of them to the"
    " left than to the right, the longest straight down. The heavy arrow of their mean"
    " is short and points to the left.",
)

# %% tags=["hide-input"]
by_rows = jacobian(
    lambda w: torch.stack([loss_of(w, *e) for e in zip(X, label, strict=True)]), w
)
mean_gradient = gradient(lambda w: loss_of(w, X, label), w)
length = per_example.norm(dim=1).mean()
say(
    f"The rows of the Jacobian differ from the gradients of `vmap` by"
    f" {distance(by_rows, per_example)}, and their mean from the gradient of the batch by"
    f" {distance(per_example.mean(0), mean_gradient)}. The mean is"
    f" **{mean_gradient.norm():.2f}** long, the rows {length:.2f} on average."
)

# %% [markdown]
# The examples disagree, and the mean is shorter than what goes into it. How much they disagree is the noise of a minibatch, and Part 3 lives with it.
#
# The cell finds the rows in two ways. `jacobian` pulls $N$ one-hot vectors back through the *whole* batch, although every loss depends on one example only. `vmap` of `grad` pulls each back through its own example. Same rows; count the work.

# %% tags=["hide-input"]
sample = torch.randn(64, 20, generator=generator)
target = torch.arange(64) % 3


# %%
def losses(θ, x=sample, y=target):
    scores = torch.tanh(x @ θ[:600].view(20, 30)) @ θ[600:].view(30, 3)
    return torch.nn.functional.cross_entropy(scores, y, reduction="none")


θ = torch.randn(690, generator=generator) / 5
each = torch.func.grad(lambda θ, x, y: losses(θ, x[None], y[None])[0])
work = {
    "gradient of the batch": lambda: gradient(lambda θ: losses(θ).mean(), θ),
    "64 rows by `vmap` of `grad`": lambda: torch.func.vmap(each, (None, 0, 0))(
        θ, sample, target
    ),
    "64 rows by `jacobian`": lambda: jacobian(losses, θ),
}
one = multiply_adds(lambda: losses(θ))

# %% tags=["hide-input"]
table(
    ["what", "multiplications, in evaluations of the batch"],
    [[name, f"{multiply_adds(call) / one:.1f}"] for name, call in work.items()],
)

# %% [markdown]
# In multiplications, the 64 separate gradients cost the same as their mean. The difference is memory: $N \times P$ numbers instead of $P$.

# %% [markdown]
# ### Which variant is this?
#
# *You see two layouts, what a batch returns, and when a sum is right.*
#
# - **Rows or columns?** In this book a row belongs to an output: the *numerator layout*, and the chain rule reads $J_2 J_1$. In the *denominator layout* everything is transposed, a column belongs to an output, and the product runs the other way, $J_1^\top J_2^\top$. Both are common ({cite:t}`magnus2019` plead for the first). A formula copied from the other camp has its factors in the wrong order; the shapes tell you.
# - **Is a gradient a row?** The Jacobian of a function with one output has the shape $(1, n)$. The gradient has the shape of $x$, so that you can subtract it from $x$. Same numbers.
# - **What does PyTorch return for a batch?** `torch.autograd.functional.jacobian` with an input of shape $(B, n)$ and an output of shape $(B, m)$ returns shape $(B, m, B, n)$: every output of every example by every input of every example. When examples do not mix, all of it is zero but the blocks on the diagonal.


# %%
def layer(X):
    return torch.tanh(X @ weights)


def layer_with_batch_norm(X):
    return torch.tanh(
        torch.nn.functional.batch_norm(X @ weights, None, None, training=True)
    )


# %%
generator = torch.Generator().manual_seed(1)
weights = torch.randn(3, 2, generator=generator, dtype=torch.float64)
batch = torch.randn(4, 3, generator=generator, dtype=torch.float64)
layers = {"a layer": layer, "with batch norm": layer_with_batch_norm}
whole = {
    name: torch.autograd.functional.jacobian(F, batch) for name, F in layers.items()
}

# %% tags=["hide-input"]
show(
    figures.blocks(whole),
    "Two grids of 4 by 4 blocks. For a layer, only the four blocks on the diagonal hold"
    " discs. With batch norm, every block holds some.",
)

# %% tags=["hide-input"]
blocks = torch.func.vmap(torch.func.jacrev(layer))(batch)
diagonal = torch.stack([whole["a layer"][i, :, i] for i in range(4)])
share = (whole["a layer"] == 0).double().mean()
say(
    f"For the layer, {share:.0%} of the entries are zero. `vmap(jacrev(layer))` returns"
    f" the blocks alone, shape {tuple(blocks.shape)}; they differ from the diagonal"
    f" blocks by {distance(blocks, diagonal)}."
)

# %% [markdown]
# - **When is it right to sum?** When you know where the zeros are. An elementwise function has a diagonal Jacobian, so one pull with $u = (1, \dots, 1)$ returns the whole diagonal: $u^\top J$ adds up columns with one entry each. In the same way the gradient of `F(X).sum()` gives each example its own gradient, as long as the examples do not mix. Softmax mixes its outputs, and batch norm mixes the examples: there the trick returns a wrong answer, and no error.

# %% tags=["hide-input"]
points = torch.linspace(-2, 2, 5, dtype=torch.float64)
one_pull = vjp(torch.tanh, points, torch.ones_like(points))
full = jacobian(torch.tanh, points).diagonal()
scores = torch.tensor([2.0, 1.0, 0.0], dtype=torch.float64)
wrong = vjp(lambda z: torch.softmax(z, 0), scores, torch.ones_like(scores))
true = jacobian(lambda z: torch.softmax(z, 0), scores).diagonal()
say(
    f"tanh: one pull differs from the diagonal by {distance(one_pull, full)}. Softmax:"
    f" one pull gives {[abs(round(v, 3)) for v in wrong.tolist()]}, the diagonal is"
    f" **{[round(v, 3) for v in true.tolist()]}**."
)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a tiny square (★)
#
# $F(x) = (x_1 x_2, \; x_1 + x_2^2)$. A tiny square about the point $(3, 2)$ has the area 0.01. A linear map multiplies every area by the size of its determinant. What is the area of the image, to first order?

# %%
answer = ...
check("2-derivatives/area-of-a-tiny-square", answer)

# %% tags=["remove-input"]
solution("2-derivatives/area-of-a-tiny-square")

# %% [markdown]
# ### Exercise 2: the cheap order (★)
#
# A loss is computed by $1000 \to 50 \to 50 \to 1$. You have the three Jacobians as matrices. How many multiply-adds does their product take in the cheaper of the two pure orders?

# %%
answer = ...
check("2-derivatives/cheap-order", answer)

# %% tags=["remove-input"]
solution("2-derivatives/cheap-order")

# %% [markdown]
# ### An open experiment
#
# In a chain of four maps with a narrow middle, $n \to 100 \to q \to 100 \to m$, multiply each half first. Find sizes for which that beats both pure orders ten times.
#
# ## Summary
#
# - The Jacobian, of shape (outputs, inputs), is the best linear picture of a map near a point: its rows are gradients, its columns pushes, and for smooth maps its error falls as the square of the step.
# - The chain rule multiplies Jacobians. With one output, multiply from the output back; that order is backpropagation, and no matrix is ever built.
# - Forward mode gives $J v$, reverse mode $u^\top J$, in one pass each. The matrix takes a pass for each input or for each output; reverse mode has to keep what the way out computed.
#
# ## References
#
# - {cite:t}`griewank2008`: the book on automatic differentiation, both modes, their costs and what lies between.
# - {cite:t}`baydin2018`: a survey for people who train networks, with the history.
# - {cite:t}`wengert1964`: forward mode, in two pages.
# - {cite:t}`linnainmaa1976`: reverse mode, as a way to follow rounding errors.
# - {cite:t}`baur1983`: the gradient costs a small multiple of the function.
# - {cite:t}`naumann2008`: finding the best order is NP-complete.
# - {cite:t}`magnus2019`: derivatives of matrices, and a layout that makes the chain rule simple.
