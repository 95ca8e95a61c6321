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
# # Loss surfaces
#
# Two numbers that are both right have an average that is right. Here are two networks that are both good, trained from two seeds and alike in all else. This is the loss on the straight way from the one to the other, all weights moving in proportion. **What is the hill made of?**

# %% tags=["hide-input"]
import itertools
import math

import torch
from scipy.optimize import linear_sum_assignment

from book import results
from book.calculus import curvature, gradient, hvp, lanczos
from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.figures import loss_surfaces as figures
from book.surfaces import bowl, random_quadratic
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import evaluate, train
from book.training.surface import symmetry
from book.training.surface.flat import flat_loss, flat_parameters, set_parameters
from book.training.surface.landscape import line, plane, random_direction, rise
from book.training.surface.symmetry import match_units, permute_units, rescale_units

# %% tags=["hide-input"]
data, test = load("mnist")


def trained(seed, epochs=10):
    model = mlp(784, 64, 64, 10, seed=seed).double()
    train(model, data, torch.optim.Adam(model.parameters(), lr=1e-3), epochs, seed=seed)
    return model


def with_weights(model, θ):
    copy = mlp(784, 64, 64, 10).double()
    set_parameters(copy, θ)
    return copy


A, B = trained(seed=0), trained(seed=1)
a, b = flat_parameters(A), flat_parameters(B)
accuracies = [evaluate(m, test)[1] for m in (A, B, with_weights(A, (a + b) / 2))]

ts = torch.linspace(0, 1, 17, dtype=torch.float64)
between = line(flat_loss(A, data), a, b, ts)
ends = torch.lerp(between[0], between[-1], ts)
show(
    figures.along(
        ts,
        {"on the line": between, "chord of the ends": ends},
        "$t$, from the first network to the second",
        "training loss",
    ),
    "The training loss on the line between two trained networks: a hill that starts at"
    f" {between[0]:.1f}, ends at {between[-1]:.1f} and rises to {between.max():.1f}"
    " between them. The chord of its ends lies flat far below.",
)

# %% tags=["hide-input"]
say(
    f"Test accuracy: {accuracies[0]:.0%} and {accuracies[1]:.0%} at the ends, and"
    f" **{accuracies[2]:.0%}** half-way, where each weight is the average of the two."
)

# %% [markdown]
# **You will**
#
# - find the many weight vectors that are one and the same network, and undo the difference;
# - walk along lines and slices of a real loss, and say what each of them hides;
# - compute how far the steepest way down is off the way to the minimum.
#
# **You need**
#
# - κ, which says how narrow a valley is ({doc}`../1-numbers/conditioning`);
# - curvature, the second derivative along a direction, and its extremes, the Hessian's eigenvalues ({doc}`hessian`);
# - minima and saddles ({doc}`critical-points`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $\theta$, $\theta_A$, $\theta_B$, $\theta^*$ | $(n,)$ | all weights of a network; of network $A$ and of $B$; where training ended |
# | $t$ | number | how far along a line, from 0 to 1 |
# | $L$ | function | the loss |
# | $n$, $l$ | numbers | units of a layer (elsewhere: how many parameters); hidden layers |
# | $k$ | number | the factor that moves through a unit |
# | $z$ | number | what a unit receives |
# | $S_{ij}$ | $(n, n)$ | what is gained if unit $j$ of $B$ stands at place $i$ |
# | $w_i$, $b_i$, $u_i$ | vector, number, vector | the weights into unit $i$ of $A$, its bias, the weights out; with a prime those of $B$ |
# | $d_i$ | as $w_i$ | a direction's part for unit $i$ |
# | $s$ | number | in *The flat place*: the scale of the start; in *The way down*: $y^2 / (x^2 + y^2)$ |
# | $v$, $H$ | $(n,)$, $(n, n)$ | a direction of length 1; the Hessian |
# | $g$ | $(n,)$ | the gradient |
# | $x$, $y$, $\kappa$ | numbers | two coordinates; the condition number of a bowl |
# | $\alpha$ | number | the angle between $-g$ and the way to the minimum |
# | $W_1$, $b_1$, $W_2$ | matrix, vector, matrix | in an exercise: a network's weights and biases |
# :::
#
# ## The average of two good networks
#
# The way is $\theta(t) = (1 - t)\,\theta_A + t\,\theta_B$, with $t$ from 0 to 1. On a convex surface the loss would lie on the dashed chord or below it: the hill is proof that the surface is not convex.
#
# Is it an accident of a small sample? This page trains on the 1,500 images of MNIST that ship with the book. Here are 784-256-256-10 on all 60,000, five pairs of seeds and four ways to train. (A stored run; `python -m book bench lines` repeats it. Losses on a line are over the first 10,000 training images, accuracies over all test images.)

# %% tags=["hide-input"]
stored = results.load("lines")["results"]
middle = stored["between"].index(0.5)


def accuracy(lines, at):
    values = [line["test"]["accuracy"][at] for line in lines]
    return f"{100 * min(values):.1f} to {100 * max(values):.1f} %"


table(
    ["trained by", "test accuracy", "of the average of two"],
    [
        [name, accuracy(row["from_start"], -1), accuracy(row["before"], middle)]
        for name, row in stored["rows"].items()
    ],
)

# %% [markdown]
# The average is far better than chance, 10 %, and in each row clearly worse than both. How can there be good places with a mountain between them? First find out which of the places are really the same one.
#
# ## One function, many addresses
#
# ### Units can change places
#
# The units of a hidden layer stand in some order. Nothing depends on it. Let two units change places, and let their weights in, their biases and their weights out go along. Every sum is the same sum with its terms in another order.
#
# Here `into` holds the weights into the units, one row a unit, and `out` those out of them, one column a unit.

# %%
show_source(permute_units)

# %% [markdown]
# A layer of $n$ units can stand in $n!$ orders. A second layer can be reordered as well, whatever the first one does. So $l$ hidden layers of $n$ units give
#
# $$\boxed{\;(n!)^l\;}$$
#
# parameter vectors that compute the same function, if no two units are alike. You can read in some tutorials that it is $n^l$.
#
# :::{predict} number
# How many different parameter vectors compute the function of a network with two hidden layers of 3 units, if only units change places?
# :::
#
# Count: build every reordering of a small network, and see how many different vectors and how many different outputs there are.

# %%
tiny = mlp(2, 3, 3, 1).double()
x = torch.linspace(-3, 3, 40, dtype=torch.float64).view(20, 2)
orders = [torch.tensor(order) for order in itertools.permutations(range(3))]
copies = [
    permute_units(permute_units(tiny, 0, first), 1, second)
    for first, second in itertools.product(orders, orders)
]
vectors = {tuple(flat_parameters(copy).tolist()) for copy in copies}
apart = max((copy(x) - tiny(x)).abs().max().item() for copy in copies)

# %% tags=["hide-input"]
reveal(
    f"**{len(vectors)}** different vectors; their outputs differ by less than"
    f" {1e-14 if apart < 1e-14 else apart:.0e}. $n^l$ is {3**2}, $(n!)^l$ is"
    f" {math.factorial(3) ** 2}.",
    right=len(vectors),
)

# %% [markdown]
# Now the trained network. Reorder both of its hidden layers at random, and compare its outputs on the test images.

# %%
generator = torch.Generator().manual_seed(0)
shuffled = A
for layer in (0, 1):
    order = torch.randperm(64, generator=generator)
    shuffled = permute_units(shuffled, layer, order)
with torch.no_grad():
    apart = (shuffled(test.inputs.double()) - A(test.inputs.double())).abs().max()

# %% tags=["hide-input"]
moved = (flat_parameters(shuffled) - a).norm() / a.norm()
digits = 2 * math.log10(math.factorial(256))
evidence(
    "D12",
    "false",
    f"All orderings of a 2-3-3-1 network are {len(vectors)} different weight vectors with one function, (3!)²,"
    f" not 3² = {3**2}.",
    so="Two networks whose weights differ may be the same one: match their units before you compare.",
    more=f"A trained 784-64-64-10 network moved by {moved:.1f} times its own length keeps its logits to within"
    f" {'1e-12' if apart < 1e-12 else apart.item()}. 784-256-256-10 has about 10^{digits:.0f} orderings.",
)

# %% [markdown]
# ### Scale can move through a unit
#
# A ReLU network has a second symmetry. Multiply a unit's weights in and its bias by $k$, and its weights out by $1/k$. That changes nothing as long as
#
# $$\operatorname{relu}(k z) = k \operatorname{relu}(z).$$
#
# You can read that any $k$ other than zero will do.
#
# :::{predict}
# Which $k$ pass through a ReLU?
#
# - `a`: any but zero
# - `b`: the positive ones
# - `c`: 1 and $-1$
# :::
#
# Look at the two sides, for $k = 2$ and for $k = -1$.

# %% tags=["hide-input"]
show(
    figures.scaled_relu(),
    "Two panels. For k = 2 the two functions are one curve. For k = -1 they are mirror"
    " images: relu(-z) is positive on the left and zero on the right, minus relu(z) is"
    " zero on the left and negative on the right.",
)

# %% [markdown]
# :::{answer} b
# A negative $k$ turns the sign round *before* the ReLU. It then cuts off the other half. Only $k > 0$ passes through.
# :::
#
# Try it on the trained network, on all units of the first hidden layer.


# %%
def changed_by(k):
    with torch.no_grad():
        other = rescale_units(A, 0, k)(test.inputs.double())
        return (other - A(test.inputs.double())).abs().max().item()


# %% tags=["hide-input"]
flipped = evaluate(rescale_units(A, 0, -1.0), test)[1]
rows = {k: changed_by(k) for k in (2.0, 0.5, 3.0, -1.0)}
evidence(
    "D13",
    "false",
    f"With k = -1 the test accuracy of a trained network goes from {evaluate(A, test)[1]:.0%} to {flipped:.0%}.",
    so="Move scale through a ReLU unit by positive factors only; a sign passes through tanh.",
    more=f"k = 2 and k = 0.5 change the logits by {rows[2.0]:.0f} and {rows[0.5]:.0f}, k = 3 by"
    f" {'less than 1e-12' if rows[3.0] < 1e-12 else rows[3.0]} (rounding), k = -1 by up to {rows[-1.0]:.0f}.",
)

# %% [markdown]
# ## Match the units first
#
# Look at the failure again with this in mind. Unit 17 of network $A$ and unit 17 of network $B$ started from different random weights. There is no reason why they should do the same job. The average may mix a detector of loops with a detector of strokes.
#
# So look for the order of $B$'s units in which they do the same jobs as $A$'s. Which order is best? The one in which the weights agree most, that is, in which the inner product of the two parameter vectors is largest. For one layer, with all others held still, only that layer's units move. Put unit $j$ of $B$ at the place $i$, and the inner product gains
#
# $$S_{ij} = w_i^\top w'_j + b_i b'_j + u_i^\top u'_j,$$
#
# with $w_i$ the weights into unit $i$ of $A$, $b_i$ its bias and $u_i$ the weights out of it, and the same with a prime for $B$.
#
# Now every unit of $B$ gets a place, no two the same, so that the sum of the chosen $S_{ij}$ is largest: a *linear assignment problem*, which scipy solves exactly. Try it on three units. Two places like unit 0 best.

# %%
S = torch.tensor([[9.0, 8.0, 1.0], [7.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
places, chosen = linear_sum_assignment(S, maximize=True)
total = S[places, chosen].sum()

# %% tags=["hide-input"]
say(
    f"Units {chosen.tolist()} at the places 0, 1, 2: together **{total:.0f}**; as they stood, {S.trace():.0f}."
)

# %% [markdown]
# The first place lets unit 0 go, because it loses less by it. Go through the layers in turn until nothing changes: the weight matching of {cite:t}`ainsworth2023`. First a test whose answer you know: the shuffled network is $A$ in disguise. Then match $B$ to $A$ and average again.

# %%
undone = torch.equal(flat_parameters(match_units(A, shuffled)), a)
b_matched = flat_parameters(match_units(A, B))
matched = evaluate(with_weights(A, (a + b_matched) / 2), test)[1]

# %% tags=["hide-input"]
say(
    f"Disguise undone exactly: {undone}. Test accuracy of the average of A and B:"
    f" {accuracies[2]:.0%} before matching, **{matched:.0%}** after."
)

# %% [markdown]
# $B$ computes the same function before and after; only its address has changed. Now all of MNIST. The height of a hill is measured from the chord of its ends, and called the **{term}`barrier`** ({cite:t}`frankle2020`; {cite:t}`entezari2022`):
#
# $$\begin{aligned} \max_t \; & L(\theta(t)) \\ & {} - \big( (1 - t) L(\theta_A) + t L(\theta_B) \big). \end{aligned}$$


# %% tags=["hide-input"]
def curves(lines, half="train"):
    return torch.tensor([line[half]["loss"] for line in lines])


momentum = stored["rows"]["SGD, lr 0.1, momentum 0.9"]
show(
    figures.along(
        torch.tensor(stored["between"]),
        {
            "as trained": curves(momentum["before"]),
            "matched": curves(momentum["after"]),
        },
        "$t$, from one network to another",
        "training loss",
    ),
    "Training loss between networks of different seeds, five pairs. As trained, five"
    " hills that rise from near 0 to more than 1. Matched, five flat lines at the foot"
    " of the hills.",
)


# %% tags=["hide-input"]
def span(lines):
    heights = [line["train"]["barrier"] for line in lines]
    return f"{min(heights):.2g} to {max(heights):.2g}"


table(
    ["trained by", "barrier as trained", "matched", "accuracy of the average, matched"],
    [
        [name, span(row["before"]), span(row["after"]), accuracy(row["after"], middle)]
        for name, row in stored["rows"].items()
    ],
)

# %% [markdown]
# The mountain was mostly a matter of names. {cite:t}`entezari2022` conjecture that, once the permutations are taken out, solutions of wide networks lie in one basin. For this network that is nearly so, not quite: the matched barrier on the training loss is small, but it is above zero for every optimizer.
#
# ## Slices, and what they hide
#
# A surface over 25,000 parameters cannot be drawn. A slice can: choose a direction and walk. Here is a smaller network, 784-32-10, trained by SGD. Try a random direction of length 1, and the one in which the surface bends most: multiply any vector by the Hessian again and again, and it turns towards the eigenvector of the eigenvalue with the largest size.

# %% tags=["hide-input"]
model = mlp(784, 32, 10).double()
path = [flat_parameters(model)]
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(15):
    train(model, data, optimizer, 1, batch_size=100, seed=epoch)
    path.append(flat_parameters(model))
loss, θ = flat_loss(model, data), path[-1]

# %%
generator = torch.Generator().manual_seed(0)


def unit_vector():
    v = torch.randn(len(θ), dtype=torch.float64, generator=generator)
    return v / v.norm()


sharpest = unit_vector()
for _ in range(30):
    sharpest = hvp(loss, θ, sharpest)
    sharpest /= sharpest.norm()
ts = torch.linspace(-1, 1, 17, dtype=torch.float64)

# %% tags=["hide-input"]
show(
    figures.along(
        ts,
        {
            "random": line(loss, θ, θ + unit_vector(), ts),
            "sharpest": line(loss, θ, θ + sharpest, ts),
        },
        "distance from the solution",
        "training loss",
    ),
    "The training loss along two directions of length 1 through the same solution. Along"
    " the random one it looks perfectly flat, along the sharpest it is a deep valley.",
)

# %% [markdown]
# The same point, the same distance. A random slice would have told you that the loss does not depend on the weights. How can it be so blind? For a random unit vector $v$ the curvature $v^\top H v$ is an average of all eigenvalues, each with a random share of about $1/n$. A few eigenvalues are large; thousands are nearly zero. The average of them is what you see. Lanczos' method, which finds the outermost eigenvalues from products $Hv$ alone, is not fooled.

# %%
ritz = lanczos(lambda v: hvp(loss, θ, v), unit_vector(), 35).values
seen = [curvature(loss, θ, unit_vector()).item() for _ in range(20)]

# %% tags=["hide-input"]
say(
    f"Curvature along 20 random directions: {min(seen):.3f} to {max(seen):.3f}, all"
    f" positive. The largest eigenvalue is **{ritz[-1]:.1f}**, and the smallest is"
    f" **{ritz[0]:.2f}**: there are ways down that no random slice shows."
)

# %% [markdown]
# A slice that looks like a bowl does not prove a minimum, and one that looks flat does not prove flatness.
#
# ## The way down is not the way there
#
# At any point, gradient descent goes along $-g$. The solution $\theta^*$ lies in the direction $\theta^* - \theta$. How far apart are the two? Here is the worst start on a bowl with $\kappa = 25$.

# %% tags=["hide-input"]
κ = 25.0
worst = torch.tensor([2.0 * κ**0.5, 2.0], dtype=torch.float64) / κ**0.5
downhill = -gradient(bowl(κ), worst)
show(
    figures.way_to_the_minimum(bowl(κ), worst, downhill),
    "A long, narrow bowl. From a point on the right, slightly above the floor, the"
    " arrow of steepest descent points almost straight across the valley, while the"
    " arrow to the minimum points along it.",
)

# %% [markdown]
# How bad can it be? On the bowl $\frac{1}{2}(x^2 + \kappa y^2)$ with $\kappa \ge 1$ the gradient is $(x, \kappa y)$ and the minimum is the origin. So the angle $\alpha$ between the two directions has
#
# $$\cos \alpha = \frac{x^2 + \kappa y^2}{\sqrt{x^2 + y^2} \, \sqrt{x^2 + \kappa^2 y^2}}.$$
#
#
# The lowest value is where $x^2 = \kappa y^2$, and there
#
# $$\boxed{\;\cos \alpha_{\max} = \frac{2 \sqrt{\kappa}}{1 + \kappa}\;}$$
#
# As $\kappa$ grows this goes to zero, so $\alpha$ goes to 90°. The inequality behind it, for any number of dimensions, is due to {cite:t}`kantorovich1948`.
#
#
# :::{dropdown} Where the lowest value is
#
# Only the direction counts, not the distance. Put $s = y^2 / (x^2 + y^2)$, a number between 0 and 1:
#
# $$\cos \alpha = \frac{1 + (\kappa - 1) s}{\sqrt{1 + (\kappa^2 - 1) s}}.$$
#
# On the axes, at $s = 0$ and $s = 1$, it is 1: the two directions agree. Between them there is a lowest value. Take the logarithm and set its derivative to zero:
#
# $$\frac{\kappa - 1}{1 + (\kappa - 1) s} = \frac{\kappa^2 - 1}{2 \, (1 + (\kappa^2 - 1) s)}.$$
#
# Divide both sides by $\kappa - 1$ and multiply out: $2 + 2 (\kappa^2 - 1) s = (\kappa + 1) + (\kappa^2 - 1) s$. So $s = 1/(\kappa + 1)$, which means $x^2 = \kappa y^2$. Put it in, and you have the box.
# :::
#
# Scan all starting directions, to check the formula. And draw 1,000 random starts in 100 dimensions.
#
# :::{predict}
# Is a *random* start in 100 dimensions as badly off as the worst one, at $\kappa = 10^4$?
#
# - `a`: about as badly: within 10°
# - `b`: clearly less, and still by tens of degrees
# - `c`: hardly at all: by less than 10°
# :::


# %%
def angle(H, points):
    g = points @ H
    cosine = (g * points).sum(-1) / (g.norm(dim=-1) * points.norm(dim=-1))
    return cosine.clamp(-1, 1).acos().rad2deg()


# %% tags=["hide-input"]
kappas = torch.logspace(0, 5, 11, dtype=torch.float64)
formula = (2 * kappas.sqrt() / (1 + kappas)).acos().rad2deg()
turns = torch.logspace(-4, 0, 20001, dtype=torch.float64) * torch.pi / 2
circle = torch.stack([turns.cos(), turns.sin()], dim=1)
scanned = torch.stack([
    angle(torch.diag(torch.tensor([1.0, κ], dtype=torch.float64)), circle).max()
    for κ in kappas
])  # fmt: skip
starts = torch.randn(1000, 100, dtype=torch.float64, generator=generator)
typical = []
for κ in kappas:
    surface = random_quadratic(torch.logspace(0, κ.log10(), 100, dtype=torch.float64))
    H = torch.func.hessian(surface)(torch.zeros(100, dtype=torch.float64))
    α = angle(H, starts)
    typical.append(torch.stack([α.min(), α.median(), α.max()]))
typical = torch.stack(typical, dim=1)
show(
    figures.angles(kappas, formula, scanned, typical),
    "Angle against the condition number. The scanned worst angles lie on the formula and"
    f" climb from 0 to {scanned[-1]:.1f} degrees. Random starts in 100 dimensions climb"
    f" more slowly, to between {typical[0, -1]:.0f} and {typical[2, -1]:.0f} degrees.",
)

# %% tags=["hide-input"]
at = {2: 4, 4: 8}  # log10 κ goes up in steps of one half
middle_start = typical[1, at[4]].item()
reveal(
    f"At κ = {10**4:,} the worst start is {scanned[at[4]]:.1f}° off, by the formula {formula[at[4]]:.1f}°; of the"
    f" random ones half are more than **{middle_start:.0f}°** off.",
    right="a"
    if middle_start > scanned[at[4]] - 10
    else "c"
    if middle_start < 10
    else "b",
)

# %% [markdown]
# And the real network? Its "minimum" is the place where this training ended. Stop after some of the epochs, and measure the angle between $-g$ and the way to that place.

# %% tags=["hide-input"]
on_the_way = []
for point in path[:-1]:
    g, way = gradient(loss, point), θ - point
    on_the_way.append(math.degrees(math.acos(-(g @ way) / (g.norm() * way.norm()))))
evidence(
    "D16",
    "holds",
    f"On ½(x² + κy²) the worst angle found is {scanned[at[4]]:.1f}° at κ = {10**4:,}.",
    so="Do not expect −g to point at the minimum: what it lacks is what momentum and preconditioning add.",
    more=f"The formula gives {formula[at[4]]:.1f}°; at κ = 100 it is {formula[at[2]]:.1f}°, found"
    f" {scanned[at[2]]:.1f}°. Random starts in 100 dimensions at κ = {10**4:,}: {typical[1, at[4]]:.0f}° in the"
    f" median. On a 784-32-10 network −g is {min(on_the_way):.0f}° to {max(on_the_way):.0f}° off the way to the"
    " solution.",
)

# %% [markdown]
# "Can be almost 90°" is the worst case, and it is real. The typical case is milder, and an angle of 65° still means that less than half of each step goes the right way. This is the room in which momentum, Adam and Newton's method work.
#
# ## Going further
#
# ### Matching, in code
#
# *You see how the units are compared and placed, and how often no barrier is left.*
#
# All pairs $S_{ij}$ at once are two products of matrices (`into` and `out` are the layers before and after the units). Then each layer is solved in turn, until nothing changes.

# %%
show_source(symmetry._similarity, match_units)

# %% tags=["hide-input"]
after = [
    line["test"]["barrier"] for row in stored["rows"].values() for line in row["after"]
]
say(
    f"On the test loss {sum(height == 0 for height in after)} of the {len(after)}"
    " matched pairs have no barrier at all."
)

# %% [markdown]
# {cite:t}`ainsworth2023` report that wide networks match well and narrow ones do not.
#
# #### Signs, and directions without slope
#
# The core's factors 2 and ½ change only a float's exponent, so not even the rounding differs ({doc}`../1-numbers/floating-point`). What about other activations than ReLU? $\tanh(-z) = -\tanh(z)$, so with tanh the sign can flip, and nothing else: $k = -1$ works and $k = 2$ does not. A layer of $n$ tanh units has $2^n \, n!$ equivalent vectors. A ReLU layer has $n!$ *families*, each of them continuous: for every unit there is one direction along which the loss does not change at all, so the Hessian at a minimum has at least that many zero eigenvalues.
#
# Check both statements. For the second, walk along the direction in which $k$ changes, and compare the slope of the loss with the one along a random direction of the same length.

# %% tags=["hide-input"]
z = torch.linspace(-2, 2, 9, dtype=torch.float64)
gap = [(torch.tanh(k * z) - k * torch.tanh(z)).abs().max().item() for k in (-1.0, 2.0)]
ends = [flat_parameters(rescale_units(A, 0, k, units=7)) for k in (1 + 1e-6, 1 - 1e-6)]
along = (ends[0] - ends[1]) / 2e-6
g = gradient(flat_loss(A, data), a)
other = torch.randn(len(a), dtype=a.dtype, generator=generator)
slopes = [abs((g @ v / v.norm()).item()) for v in (along, other)]
say(
    f"tanh(kz) and k tanh(z) differ by {gap[0]:.0f} for k = -1, by up to {gap[1]:.1f}"
    f" for k = 2. Slope of the ReLU network's loss per unit of length: along the change"
    f" of k {'less than 1e-9' if slopes[0] < 1e-9 else slopes[0]}, along the random"
    f" direction {slopes[1]:.0e}."
)

# %% [markdown]
# #### An exercise: swap two units (★★)
#
# Write `swap_units(W1, b1, W2, i, j)` for the network $x \mapsto W_2 \operatorname{relu}(W_1 x + b_1)$. It returns the three tensors with the units $i$ and $j$ in each other's places, and leaves its arguments alone.


# %%
def swap_units(W1, b1, W2, i, j): ...


check("2-derivatives/swap-units", swap_units)

# %% tags=["remove-input"]
solution("2-derivatives/swap-units")

# %% [markdown]
# ### From the start to the solution
#
# *You see that the line from a start to its solution has no hill worth the name.*
#
# The core walks from one solution to another. The other natural line runs from the random start of a network to where training ended. Training does not go along it; the true path is curved. But you may ask what was there. {cite:t}`goodfellow2015` did.
#
# :::{predict}
# The training loss falls from $\ln 10 \approx 2.3$ to nearly nothing. By how much does it rise again on the way, at most?
#
# - `a`: not at all, or by some hundredths
# - `b`: by some tenths
# - `c`: by more than 1: there is a hill
# :::

# %% tags=["hide-input"]
show(
    figures.along(
        torch.tensor(stored["from_start"]),
        {name: curves(row["from_start"]) for name, row in stored["rows"].items()},
        "$t$, from the start to the solution",
        "training loss",
    ),
    "Training loss from the start to the solution,"
    f" {len(stored['rows'])} optimizers, {len(momentum['from_start'])} seeds each. All"
    f" curves fall smoothly from {math.log(10):.1f} to near zero, steepest in the first"
    " half, and show no hill.",
)

# %% [markdown]
# The eye sees only so much. Measure the highest **climb**, the most that the loss rises above the lowest value before. It is exactly zero where the loss only falls.

# %%
show_source(rise)


# %% tags=["hide-input"]
def climbs(row, half):
    values = [line[half]["rise"] for line in row["from_start"]]
    return f"{max(values):.4f} ({sum(v > 0 for v in values)} of {len(values)})"


table(
    ["trained by", "highest climb, training loss", "highest climb, test loss"],
    [
        [name, climbs(row, "train"), climbs(row, "test")]
        for name, row in stored["rows"].items()
    ],
)

# %% tags=["hide-input"]
top = {
    half: max(
        line[half]["rise"]
        for row in stored["rows"].values()
        for line in row["from_start"]
    )
    for half in ("train", "test")
}
hill = (
    " No hill that the eye can see, as the paper found." if top["train"] < 0.1 else ""
)
reveal(
    f"The training loss rises by **{top['train']:.3f}** at most, in any run, and the test loss by {top['test']:.3f}.{hill}",
    right="a" if top["train"] < 0.1 else "b" if top["train"] < 1 else "c",
)

# %% tags=["hide-input"]
rows = stored["rows"]
sgd, fast = rows["SGD, lr 0.1"], rows["Adam, lr 0.01"]


def highest(half, row):
    return max(line[half]["rise"] for line in row["from_start"])


evidence(
    "D14",
    "holds with a caveat",
    f"From start to solution the training loss rises by {highest('train', sgd):.3f} at most with SGD at 0.1, and"
    f" by {highest('train', fast):.3f} with Adam at 0.01.",
    so="A smooth line to your solution says nothing of the ground between two solutions: match, then look.",
    more=f"784-256-256-10 on all of MNIST, {len(sgd['from_start'])} seeds. The test loss rises by up to"
    f" {highest('test', fast):.3f}. Between the solutions of different seeds the barrier of SGD is"
    f" {span(sgd['before'])}, and {span(sgd['after'])} once the units are matched.",
)

# %% [markdown]
# The caveats. Where the training loss rises at all, it rises most with the large rate of Adam. {cite:t}`lucas2021` find the same: large rates, and batch normalisation, are where the monotone line breaks. The *test* loss climbs a little in every run but those of plain SGD: its lowest point on the line lies before the end. And the absence of a hill on one line proves little about the rest. You have seen that two solutions, each at the end of such a smooth slope, have a hill between them.
#
# #### An exercise: read the plot (★)
#
# In the figure of the lines from the start to the solution, follow plain SGD at lr 0.1. Where has the loss fallen to half of its start?
#
# - `a`: between t = 0.1 and 0.2
# - `b`: between t = 0.3 and 0.4
# - `c`: between t = 0.5 and 0.6
# - `d`: between t = 0.9 and 1

# %%
answer = ...
check("2-derivatives/half-way", answer)

# %% tags=["remove-input"]
solution("2-derivatives/half-way")

# %% [markdown]
# ### The flat place at the start
#
# *You see why a small start waits, and on top of what.*
#
# Why do the curves from a start all begin at the same height? At the start the logits are small. Softmax of zeros gives each of the ten classes the probability 1/10, whatever the image, and the loss is $-\ln \frac{1}{10} = \ln 10$.
#
# Make the start smaller: multiply all initial parameters by $s$. The gradient of a layer's weights is a product of what comes in from below and of the *other* layers' weights. With three layers, that of the first layer shrinks like $s^2$.
#
# Count the steps until the loss is below 2, for $s = 1$, $0.1$ and $0.01$. Here lr is 0.5.
#
# :::{predict}
# What does the smaller start cost?
#
# - `a`: next to nothing
# - `b`: many more steps, the more the smaller
# - `c`: it saves steps
# :::

# %%
histories, norms = {}, {}
for s in (1, 0.1, 0.01):
    small = mlp(784, 64, 64, 10).double()
    start = s * flat_parameters(small)
    set_parameters(small, start)
    g = gradient(flat_loss(small, data), start)
    norms[s] = g[: 784 * 64].norm().item()  # the weights of the first layer
    optimizer = torch.optim.SGD(small.parameters(), lr=0.5)
    histories[f"$s$ = {s}"] = train(small, data, optimizer, 36, batch_size=100).losses

# %% tags=["hide-input"]
below = [next(i for i, loss in enumerate(h) if loss < 2) for h in histories.values()]
show(
    figures.plateaus(histories, level=math.log(10)),
    "The loss of each batch against the step on a logarithmic axis, for three scales of"
    " the start. Each curve lies flat at ln 10 and then falls: it is below 2 after"
    f" {', '.join(map(str, below))} steps.",
)

# %% tags=["hide-input"]
at_origin = gradient(flat_loss(small, data), torch.zeros_like(start)).norm().item()
reveal(
    "Steps until the loss of a batch is below 2: "
    + ", ".join(f"**{steps}** at {s}" for s, steps in zip(norms, below, strict=True))
    + ". Length of the first layer's gradient at the start: "
    + ", ".join(f"{norm:.1e}" for norm in norms.values())
    + f". At the origin the whole gradient is {'0' if at_origin < 1e-15 else at_origin}.",
    right="b" if below[2] > 1.5 * below[0] else "c" if below[2] < below[0] else "a",
)

# %% [markdown]
# The **{term}`plateau`** is a neighbourhood of the origin, and the origin is a critical point. With all weights at zero nothing passes through, in either direction. Only the last bias could feel a gradient, and where each class has equally many images that is zero too. A small start sits almost on top of this point. Descent has no way to know that there is something to gain beyond.
#
# ### A plane, and what its scale hides
#
# *You see a neat basin, why it is a poor witness, and why "flat" needs a unit.*
#
# Back to 784-32-10, the network of the core's slices, and now in two dimensions. Each direction is random, but scaled piece by piece, so that each unit's part is as long as that unit's weights ({cite:t}`li2018`, *{term}`filter normalisation`*).
#
# $$d_i \leftarrow \frac{\lVert w_i \rVert}{\lVert d_i \rVert} \, d_i$$
#
# for each unit $i$, with $w_i$ and $d_i$ its weights in and their direction.

# %%
reach = torch.linspace(-1, 1, 15, dtype=torch.float64)
first, second = (random_direction(model, generator) for _ in range(2))

# %% tags=["hide-input"]
show(
    figures.level_plane(reach, plane(loss, θ, first, second, reach)),
    "Level lines of the training loss on a plane through the solution: one rounded"
    " basin, longer than wide, with the solution in the centre and losses above 1 at the"
    " edges.",
)

# %% [markdown]
# A neat round basin. It is true, and it is a poor witness: nothing in it shows the sharp direction, the negative ones, or the many copies of this basin elsewhere.
#
# #### Sharp or flat is a matter of scale
#
# Why scale by unit at all? Because a ReLU network can move scale from layer to layer without any change of function. Take the weights into the hidden layer times 4, the weights out of it divided by 4.
#
# :::{predict}
# What becomes of the largest eigenvalue of the Hessian?
#
# - `a`: it stays: the function is the same
# - `b`: it becomes several times as large
# - `c`: it becomes several times as small
# :::

# %%
scaled = rescale_units(model, 0, 4.0)
loss_4, θ_4 = flat_loss(scaled, data), flat_parameters(scaled)
sharpness = lanczos(lambda v: hvp(loss_4, θ_4, v), unit_vector(), 30).values[-1]


# %% tags=["hide-input"]
def drawn(network, scale):
    return random_direction(network, torch.Generator().manual_seed(1), scale)


def slice_along(f, centre, direction):
    return line(f, centre, centre + direction, ts)


same = drawn(model, "none")
panels = {
    "one direction for both": {
        "$k$ = 1": slice_along(loss, θ, same),
        "$k$ = 4": slice_along(loss_4, θ_4, same),
    },
    "scaled unit by unit": {
        "$k$ = 1": slice_along(loss, θ, drawn(model, "filter")),
        "$k$ = 4": slice_along(loss_4, θ_4, drawn(scaled, "filter")),
    },
}
show(
    figures.side_by_side(ts, panels, "step", "training loss"),
    "Two panels. On the left one direction is used for both networks: with k = 4 the"
    " valley is much narrower than with k = 1. On the right the direction is scaled unit"
    " by unit, and the two curves lie on each other.",
)

# %% tags=["hide-input"]
times = sharpness / ritz[-1]
reveal(
    f"The largest eigenvalue of the Hessian goes from {ritz[-1]:.1f} to"
    f" **{sharpness:.0f}**, and not one output has changed.",
    right="b" if times > 2 else "c" if times < 0.5 else "a",
)

# %% [markdown]
# This is the argument of {cite:t}`dinh2017`: whoever says "flat minima generalise" must say flat in which units, since for a ReLU network every minimum can be made as sharp as you like. Scaled directions remove this freedom, and then slices of two networks may be compared.

# %% [markdown]
# ### Do all ways end at the same height?
#
# *You see how the spread over seeds falls with the width, and how much of it is the level.*
#
# Different seeds end in different places. Are some of these places much worse? {cite:t}`choromanska2015` argue, from a model of random surfaces, that in large networks the local minima found lie in a narrow band of loss, and bad ones become rare. Test it: 784-w-10 on all of MNIST, widths from 2 to 512, six seeds each, five epochs of SGD at lr 0.1 (stored, `python -m book bench widths`).
#
# :::{predict}
# The final loss falls with the width. What does its spread over the seeds do, as a share of its level?
#
# - `a`: it falls all the way
# - `b`: it rises first, and then falls
# - `c`: it stays the same
# :::

# %% tags=["hide-input"]
wide = results.load("widths")["results"]["rows"]
sizes = [row["width"] for row in wide]
final = torch.tensor([row["train_loss"] for row in wide], dtype=torch.float64)
spread, mean = final.std(1), final.mean(1)
share = spread / mean
show(
    figures.by_width(sizes, final),
    "Left: the final training loss against the number of hidden units. It falls from"
    f" {mean[0]:.1f} at {sizes[0]} units to {mean[-1]:.2f} at {sizes[-1]}, steeply at"
    " first, then ever more slowly. Right: the standard deviation goes from"
    f" {spread[0]:.2f} to {spread[-1]:.3f}; as a share of the mean it rises to"
    f" {share.max():.2f} at {sizes[share.argmax()]} units and then falls to"
    f" {share[-1]:.2f}.",
)

# %% tags=["hide-input"]
peak = int(share.argmax())
reveal(
    f"It is {share[0]:.1%} at {sizes[0]} units, **{share[peak]:.1%}** at {sizes[peak]} and {share[-1]:.1%} at"
    f" {sizes[-1]}.",
    right="a" if peak == 0 else "b" if share[-1] < 0.7 * share[peak] else "c",
)

# %% tags=["hide-input"]
tested = {
    row["width"]: sum(row["test_accuracy"]) / len(row["test_accuracy"]) for row in wide
}
i8, i512 = sizes.index(8), sizes.index(512)
evidence(
    "D18",
    "holds with a caveat",
    f"From 8 to 512 units the standard deviation of the final training loss falls from {spread[i8]:.4f} to"
    f" {spread[i512]:.4f}.",
    so="Give a spread as a share of its level: much of its fall is the level's own.",
    more=f"784-w-10 on all of MNIST, {final.shape[1]} seeds: the loss itself falls from {mean[i8]:.3f} to"
    f" {mean[i512]:.3f}, so as a share of it the spread falls from {spread[i8] / mean[i8]:.1%} to"
    f" {spread[i512] / mean[i512]:.1%}. Mean test accuracy: {tested[8]:.1%} and {tested[512]:.1%}.",
)

# %% [markdown]
# The claim holds, but see how much of it is the level. The losses of wide networks are small, and so is their spread. Relative to the level the spread first rises, and from 8 units on it falls by a far smaller factor. And these are not minima: after five epochs all of them would still fall. What the runs show is that *descent from a random start* arrives at nearly the same loss, not that no bad minimum exists.

# %% [markdown]
# ### Which variant is this?
#
# *You see what the choices in a picture of a surface amount to.*
#
# - **Which scale for a direction?** By unit (or filter), by layer, or none at all. Rescaling a *whole* layer leaves a slice by unit or by layer as it was. Rescaling a *single* unit does not quite: its weights out are columns, and no row of the next layer notices which of its entries changed.
# - **With or without biases?** Here biases stay where they are, as in the published code of {cite:t}`li2018`. Some count a bias as one more weight of its unit.
# - **Training or test loss?** Symmetries hold for both. Slices and lines differ: at ordinary rates the climb near the end is one of the test loss.
# - **Straight or curved?** A hill on the straight line does not separate two solutions. {cite:t}`garipov2018` and {cite:t}`draxler2018` find curved paths between solutions along which the loss stays low, with no matching of units.
#
# What the first and the second point amount to, on the network above:

# %% tags=["hide-input"]
one = rescale_units(model, 0, 4.0, units=5)
layer = slice_along(loss_4, θ_4, drawn(scaled, "layer"))
single = slice_along(flat_loss(one, data), flat_parameters(one), drawn(one, "filter"))
reference = {
    scale: slice_along(loss, θ, drawn(model, scale)) for scale in ("filter", "layer")
}
biases = torch.cat([p.flatten() for p in model.parameters() if p.ndim == 1])
say(f"""
- a whole layer times 4: the slice scaled by layer changes by {(layer - reference["layer"]).abs().max():.3f} at most, as does the one by unit
- one unit times 4: the slice scaled by unit changes by up to {(single - reference["filter"]).abs().max():.2f}
- biases hold {(biases.norm() / θ.norm()) ** 2:.1%} of the squared length of all parameters
""")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the worst angle (★)
#
# A bowl has $\kappa = 9$. What is the largest angle, in degrees, between $-g$ and the way to the minimum?

# %%
answer = ...
check("2-derivatives/worst-angle", answer)

# %% tags=["remove-input"]
solution("2-derivatives/worst-angle")

# %% [markdown]
# ### Exercise 2: how many orderings? (★)
#
# A network has the widths 784-4-3-10. In how many orders can its hidden units stand without a change of its function?

# %%
answer = ...
check("2-derivatives/orderings", answer)

# %% tags=["remove-input"]
solution("2-derivatives/orderings")

# %% [markdown]
# ### An open experiment
#
# Train $A$ and $B$ from *one* seed with two orders of the data. Is there a hill between them, and does matching find anything to undo?
#
# ## Summary
#
# - A network has $(n!)^l$ addresses for each function, and ReLU lets scale move through a unit by any $k > 0$. Most of the hill between two trained networks is a matter of addresses: match the units and it nearly vanishes.
# - Slices are true and tell little. A random direction shows the average curvature, not the largest and not the negative ones, and its scale can be made up unless directions are scaled with the weights (*Going further*).
# - From start to solution the training loss falls without a hill worth the name (*Going further*), but descent does not go along that line: $-g$ can be almost 90° off, with $\cos \alpha_{\max} = 2\sqrt{\kappa}/(1 + \kappa)$.
#
# ## References
#
# - {cite:t}`hechtnielsen1990`: the permutations and sign flips of a layer.
# - {cite:t}`goodfellow2015` and {cite:t}`lucas2021`: the line from the start to the solution, and when it is not monotone.
# - {cite:t}`frankle2020`, {cite:t}`entezari2022` and {cite:t}`ainsworth2023`: barriers between solutions, and matching units to remove them.
# - {cite:t}`garipov2018` and {cite:t}`draxler2018`: curved paths between solutions.
# - {cite:t}`li2018` and {cite:t}`dinh2017`: how to draw a slice, and why sharpness needs a scale.
# - {cite:t}`choromanska2015`: the theory that large networks have no bad minima worth worrying about, with its assumptions.
# - {cite:t}`kantorovich1948`: the inequality behind the angle.
