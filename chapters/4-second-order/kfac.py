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
# # K-FAC
#
# The natural gradient asks for the Fisher matrix, with a row for each weight. For the perceptron 784-1024-1024-10 that is 1,863,690 rows, and 14 terabytes in float32. K-FAC keeps two small matrices a layer in its place, and this chapter measures what that loses.
#
# Here is the Fisher matrix of one small layer. It has 4 inputs, the brightness of an image's quarters, and 4 outputs; tanh and a layer to 10 classes follow. The bias counts as a weight of a fifth input, which is always 1. So there are 20 weights; gaps cut their matrix into tiles of 5 by 5. Blue is above 0 and orange below; the shade goes with the root of an entry, so that small ones show.

# %% tags=["hide-input"]
import statistics
from functools import partial
from itertools import pairwise

import torch
from torch import nn

from book import results
from book.calculus.matrix_free import Kronecker
from book.display import (
    evidence,
    one_screen,
    reveal,
    say,
    show,
    show_source,
    table,
    use_it,
)
from book.exercises import check, solution
from book.figures import kfac as figures
from book.optim import KFAC, Adam, Momentum, kronecker_factors
from book.optim.kfac.damping import damped_inverses, natural
from book.training.data.load import load
from book.training.fisher_gap import (
    directions,
    fisher_by_layers,
    gaps,
    shares,
    small_network,
)
from book.training.models import seeded
from book.training.run.loop import train

# %% tags=["hide-input"]
images, test = load("mnist")
quarters = nn.functional.avg_pool2d(images.inputs, 14).flatten(1).double()
quarters = (quarters - quarters.mean(0)) / quarters.std(0)
with seeded(3):
    tiny = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 10)).double()
with torch.no_grad():
    tiny[0].weight *= 0.2  # small weights, where tanh is nearly straight
cross_entropy = nn.CrossEntropyLoss()
F, _, places = fisher_by_layers(
    tiny, cross_entropy, quarters[:500], images.labels[:500]
)
A, B = kronecker_factors(tiny, cross_entropy, quarters[:500])["0"]
block, product = F[places["0"], places["0"]], torch.kron(B, A)
apart = float((product - block).norm() / block.norm())
show(
    figures.tiles({"the Fisher matrix of a layer": block}, tile=5),
    f"A matrix of {len(block)} rows, cut into {len(B) ** 2} tiles. All tiles show nearly the same pattern of light and"
    " dark, but in different strengths; in some of them the colours are exchanged.",
)

# %% [markdown]
# :::{predict}
# The matrix is symmetric, and so are its tiles. How many numbers do you have to write down, to give nearly all of it?
#
# - `a`: 210, one for each pair of weights
# - `b`: 25, one tile and by how much each tile is scaled
# - `c`: 20, the diagonal
# :::
#
# :::{answer} b
# **25**: 15 for the tile, which all share, and 10 for the strengths of the 16 tiles. A matrix that is one tile, scaled, is a {term}`Kronecker product`, here $B \otimes A$ with $A$ of 5 rows and $B$ of 4.
# :::

# %% tags=["hide-input"]
show(
    figures.tiles({"the Fisher matrix": block, "K-FAC's product": product}, tile=5),
    f"Two matrices of {len(block)} rows beside each other, cut into tiles: the Fisher matrix, and the product."
    " They have the same pattern, but for the last row and column of a tile, those of the bias: in some tiles"
    " they are orange in the first matrix and pale blue in the second.",
)

# %% tags=["hide-input"]
say(
    f"The two differ by **{apart:.0%}** of the size of the first, in Frobenius' norm: the root of the"
    " sum of the squares of all entries."
)

# %% [markdown]
# **You will**
#
# - derive the product from one line, and invert it layer by layer;
# - say for which networks it is exact, and measure the gap for others;
# - weigh what damping, refreshing and a step cost.
#
# **You need** three facts:
#
# - the natural gradient is $F^{-1}$ times the gradient, with $F$ the mean of $s s^\top$ over the labels that the *model* draws ({doc}`natural-gradient`);
# - with cross-entropy or squared errors $F$ is the Gauss–Newton matrix;
# - a linear layer computes $W a$, and the gradient of its weights for one example is $g a^\top$, with $g$ the gradient at its outputs ({doc}`/2-derivatives/jacobian`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $W$ | $(m, n)$ | the weights of one layer, with the bias as the last column |
# | $a$ | $(n,)$ | what goes into them for one example; the last entry is 1 |
# | $g$ | $(m,)$ | the gradient of $-\log p(y)$ at the layer's outputs, for one example and one label |
# | $V$ | $(m, n)$ | the gradient of the loss in $W$ |
# | $d$ | $(m, n)$ | the direction of a step, $B^{-1} V A^{-1}$ |
# | $A$, $B$ | $(n, n)$, $(m, m)$ | the means of $a a^\top$ and of $g g^\top$ |
# | $\otimes$ | | the Kronecker product: $B \otimes A$ has the tiles $B_{ij} A$ |
# | $\operatorname{vec}$ | | the rows of a matrix, one after another |
# | $F$ | $(mn, mn)$ | the Fisher matrix of the layer |
# | $s$ | $(mn,)$ | a score, here $-\operatorname{vec}(g a^\top)$ |
# | $p(y)$, $y$ | number, class | the model's probability of a label; a label |
# | $\mathbb{E}$ | | the mean over the examples, and over labels drawn from the model |
# | $\eta$, $\lambda$ | number | the learning rate; the damping |
# | $\pi$ | number | how the damping is shared between the factors |
# | $\delta$ | number | how far a step may go before momentum, as a distance between models |
# | $k$ | number | steps from one inversion to the next |
# | $I$ | square | the identity matrix |
# | $N$, $r$ | number | how many examples a batch has; a place in an example |
# | $L$, $R$, $G$ | $(m, m)$, $(n, n)$, $(m, n)$ | Shampoo's matrices, sums of $V V^\top$ and $V^\top V$; on its card, $V$ |
# :::
#
# ## Two examples by hand
#
# A layer with one weight sees two examples. First $a = 1$ and $g = 3$, then $a = 2$ and $g = 1$. The gradients of the weight are $ga = 3$ and $2$, so its Fisher matrix, one number, is the mean of the squares, $(9 + 4)/2 = 6.5$.
#
# K-FAC keeps the mean of $a^2$ and the mean of $g^2$, and multiplies them.
#
# :::{predict} number
# Which number does K-FAC have in the place of 6.5?
# :::
#
# :::{answer} 12.5
# $\frac{1 + 4}{2} \cdot \frac{9 + 1}{2} = 2.5 \cdot 5 = 12.5$. Large slopes met small inputs here, and a product of means does not see that. Give both examples the slope 2: the mean is $(4 + 16)/2 = 10$, and K-FAC's is $2.5 \cdot 4 = 10$, exact.
# :::
#
# So the error is a correlation: between the sizes of $a$ and of $g$ from example to example. Where one of the two is the same for all, there is none.
#
# ## One line
#
# For one example the gradient is $g a^\top$, and the outer product of its entries is, tile by tile, $g_i g_j$ times $a a^\top$:
#
# $$\operatorname{vec}(g a^\top) \operatorname{vec}(g a^\top)^\top = (g g^\top) \otimes (a a^\top).$$
#
# That is exact, and the layer's Fisher matrix is its mean. K-FAC takes the mean of each factor alone:
#
# $$\begin{aligned} F &= \mathbb{E}\big[(g g^\top) \otimes (a a^\top)\big] \\ &\approx \mathbb{E}[g g^\top] \otimes \mathbb{E}[a a^\top] = B \otimes A. \end{aligned}$$
#
# It also leaves out what ties *different* layers: it takes blocks, and products for them ({cite:t}`martens2015`).
#
# Why a product? Because its inverse is one too, $(B \otimes A)^{-1} = B^{-1} \otimes A^{-1}$, and it need never be written out. Applied to the gradient $V$ of the layer it is
#
# $$\boxed{\; W \leftarrow W - \eta\, B^{-1}\, V\, A^{-1} \;}$$
#
# **It is gradient descent for a layer whose inputs and slopes have been made round**, that is, given the identity as their mean of squares. For a layer of 1024 by 1024 you invert two matrices of about 1024 rows, not one of a million.
#
# :::{dropdown} Why that is descent after rounding
# The inputs $a' = A^{-1/2} a$ have the mean $\mathbb{E}[a' a'^\top] = A^{-1/2} A A^{-1/2} = I$, and the slopes $g' = B^{-1/2} g$ likewise. They belong to the same layer written with $W' = B^{1/2} W A^{1/2}$, since $W' a' = B^{1/2} (W a)$. Its gradient is the mean of $g' a'^\top$, so $B^{-1/2} V A^{-1/2}$. Descent takes that from $W'$; back in $W = B^{-1/2} W' A^{-1/2}$ it is $B^{-1} V A^{-1}$.
# :::
#
# :::{dropdown} Why $(B \otimes A)^{-1} \operatorname{vec}(V)$ is $\operatorname{vec}(B^{-1} V A^{-1})$
# Tile $(i, j)$ of $B \otimes A$ is $B_{ij} A$. So block $i$ of $(B \otimes A) \operatorname{vec}(d)$ is $\sum_j B_{ij} A d_j$, where $d_j$ is row $j$ of $d$ as a column. Since $A$ is symmetric, that is row $i$ of $B d A$. Set $B d A = V$ and solve: $d = B^{-1} V A^{-1}$.
# :::
#
# ## On one screen

# %% tags=["remove-input"]
one_screen("KFAC")

# %% [markdown]
# The library gets `a` and `g` from hooks on the model. It inverts by Cholesky's factors, every $k$ steps:

# %% tags=["hide-input"]
show_source(damped_inverses, natural)

# %% [markdown]
# ## Where it is exact
#
# The mean falls apart into a product where $g g^\top$, averaged over labels, is the same for all examples. Two things make $g$: the loss's slopes at the network's outputs, and the way back from there to the layer.
#
# Three networks 49-16-16-10 read digits of 7 by 7 pixels: one **linear**, without activations, the others with tanh and ReLU. Each learns by squared errors and by cross-entropy.
#
# :::{predict}
# In which of these six is $B \otimes A$ the Fisher matrix in *every* layer, to the last digit?
#
# - `a`: in none
# - `b`: linear with squared errors
# - `c`: both linear ones
# - `d`: all three with squared errors
# :::

# %% tags=["hide-input"]
measured = results.load("kfac-gap")["results"]
networks = list(dict.fromkeys(row["activation"] for row in measured["rows"]))
seeds = len({row["seed"] for row in measured["rows"]})
epochs = sorted({row["epochs"] for row in measured["rows"]})


def rows_of(loss, activation, epoch):
    wanted = (loss, activation, epoch)
    return [
        row
        for row in measured["rows"]
        if (row["loss"], row["activation"], row["epochs"]) == wanted
    ]


def middle(loss, activation, epoch, layer):
    return statistics.median(
        row["gaps"][layer] for row in rows_of(loss, activation, epoch)
    )


def in_words(gap):
    return "exact" if gap < 1e-10 else f"{gap:.1%}"


names = {"identity": "linear", "tanh": "tanh", "ReLU": "ReLU"}
layers = {"2": "first", "4": "second", "6": "last"}
lines = [
    [f"{names[activation]}, {words} layer"]
    + [
        in_words(middle(loss, activation, epoch, layer))
        for loss in ("squared errors", "cross-entropy")
        for epoch in (epochs[0], epochs[-1])
    ]
    for activation in networks
    for layer, words in layers.items()
]
exact = max(
    row["gaps"][layer]
    for epoch in epochs
    for row in rows_of("squared errors", "identity", epoch)
    for layer in layers
)
trained = [middle("cross-entropy", "ReLU", epochs[-1], layer) for layer in layers]

# %% tags=["hide-input"]
reveal(
    f"**Linear with squared errors**: off by {exact:.0e} at most, and that is rounding. The gap"
    " $\\lVert B \\otimes A - F \\rVert / \\lVert F \\rVert$, as the median of"
    f" {seeds} seeds, before training and after {epochs[-1]} epochs:\n\n"
    + table(
        ["layer", "squares: before", "after", "cross-entropy: before", "after"], lines
    ).data,
    right="b" if exact < 1e-10 else "a",
)

# %% [markdown]
# The table shows two conditions:
#
# - **The way back must be the same for all examples.** In a linear network it is a product of weights. A ReLU is open for some examples and shut for others. In the *last* layer there is no way back, and with squared errors it is exact under all three networks.
# - **The loss's curvature at the outputs must be the same for all examples.** For squared errors it is a multiple of $I$. For cross-entropy it is $\operatorname{diag}(p) - p p^\top$, which depends on the prediction. Before training all predictions look alike, and in the last layer the gap is small; trained, the network is surer of some images than of others.
#
#
# With a single example both hold, whatever the network. These are the exactness tests of *KFAC from Scratch* ({cite:t}`dangel2025`); the library passes them at 1e-10.

# %% tags=["hide-input"]
some = images[:500]
x, y = some.inputs.double(), some.labels
both = {
    "before training": small_network("ReLU", seed=0),
    "after 20 epochs": small_network("ReLU", seed=0),
}
learner = both["after 20 epochs"]
train(learner, images, Adam(learner.parameters(), lr=3e-3), epochs=20, batch_size=100)
parts = torch.tensor([0.1, 0.5, 0.9]).double()
spread = {
    when: (1 - network(x).detach().softmax(1).square().sum(1)).quantile(parts).tolist()
    for when, network in both.items()
}
(low, _, high), (least, _, most) = spread.values()
evidence(
    "S6",
    "holds with a caveat",
    f"In a linear network with squared errors B ⊗ A is off by less than {'1e-12' if exact < 1e-12 else '1e-6'}; in a trained ReLU network with cross-entropy by **{min(trained):.0%} to {max(trained):.0%}** of F.",
    "Read K-FAC as a model of the Fisher matrix, not as the matrix; damp it, and limit each step.",
    f"Medians of {seeds} seeds in each layer of {'-'.join(map(str, measured['widths']))} on {measured['images']} images, after {epochs[-1]} epochs. A linear network with cross-entropy is off by {max(middle('cross-entropy', 'identity', epochs[0], k) for k in layers):.0%} at most before training and by up to {max(middle('cross-entropy', 'identity', epochs[-1], k) for k in layers):.0%} after it. The caveat: exact needs slopes that are the same for all examples, or a single one. The trace of the curvature at the outputs, 1 − Σ p², has {low:.2f} and {high:.2f} as its 10th and 90th percentile over the images before training, {least:.2f} and {most:.2f} after it.",
)

# %% [markdown]
# ## What is lost in a step
#
# A matrix off by a third may still point the right way. Judge the *direction*: how far does the parabola with the true $F$, damped by $\lambda$ = 0.001, fall along it, at the best length? Take that as a share of what the whole Fisher matrix gains, and simplify step by step: drop what is between layers, then take products, then damp them as K-FAC does. Beside it: the diagonal of $F$ and the plain gradient.
#
# :::{predict}
# A ReLU network with cross-entropy, after 20 epochs. Which share of the gain is left to K-FAC, and which to the plain gradient?
#
# - `a`: nearly all, and a half
# - `b`: about a quarter, and a few hundredths
# - `c`: a few hundredths, and less
# :::

# %% tags=["hide-input"]
panels = {
    f"after {epoch} epochs" if epoch else "before training": {
        stage: [row["shares"][stage] for row in rows_of("cross-entropy", "ReLU", epoch)]
        for stage in figures.STAGES
    }
    for epoch in epochs
}
last = {
    stage: statistics.median(values)
    for stage, values in list(panels.values())[-1].items()
}
first = {
    stage: statistics.median(values)
    for stage, values in next(iter(panels.values())).items()
}
show(
    figures.ladder(panels),
    "Three panels of bars, from the whole Fisher matrix at 1 down to the plain gradient. Before"
    f" training K-FAC has {first['K-FAC']:.2f} and the gradient {first['gradient']:.2f}. After"
    f" {epochs[-1]} epochs layers have {last['layers']:.2f}, products {last['products']:.2f}, K-FAC"
    f" {last['K-FAC']:.2f}, the diagonal {last['diagonal']:.2f} and the gradient {last['gradient']:.2f}.",
)

# %% tags=["hide-input"]
reveal(
    f"K-FAC keeps **{last['K-FAC']:.0%}**, the gradient {last['gradient']:.1%}; before training it was"
    f" {first['K-FAC']:.0%} and {first['gradient']:.0%}. Trained, most is lost in the step from blocks to"
    f" products, {last['layers']:.0%} to {last['products']:.0%}. It is a poor likeness, and"
    f" {last['K-FAC'] / last['gradient']:.0f} times as good as none.",
    right="b" if 0.1 < last["K-FAC"] < 0.5 else "a" if last["K-FAC"] > 0.5 else "c",
)

# %% [markdown]
# ## Damping
#
# Without damping you may get no step. The corner pixels are always black: such an input is a multiple of the bias', and $A$ of the first layer, `2`, has no inverse.

# %%
network = small_network("ReLU", seed=0)
train(network, images, Adam(network.parameters(), lr=3e-3), epochs=2, batch_size=100)
bold = KFAC(network, cross_entropy, damping=0.0)
cross_entropy(network(x), y).backward()
try:
    bold.step()
except RuntimeError as error:
    print(error)

# %% [markdown]
# With $\lambda I$ added, $B \otimes A$ is a product no more, and its inverse takes the eigenvectors of both factors. K-FAC adds to each factor instead, $\pi\sqrt\lambda\, I$ to $B$ and $\frac{1}{\pi}\sqrt\lambda\, I$ to $A$. Multiplied out, that is $B \otimes A + \lambda I$ and two cross terms too many. The $\pi$ that keeps them small is the root of the mean eigenvalue of $B$ over that of $A$: each factor is damped in its own scale.
#
# :::{dropdown} Which π keeps the cross terms small
# They are $\frac{1}{\pi}\sqrt\lambda\, B \otimes I$ and $\pi\sqrt\lambda\, I \otimes A$. The trace of a product is the product of the traces, so theirs add up to $\sqrt\lambda\, \big(\frac{n}{\pi} \operatorname{tr} B + \pi m \operatorname{tr} A\big)$. The derivative in $\pi$ is 0 where $\pi^2 = \frac{n \operatorname{tr} B}{m \operatorname{tr} A}$, and $\frac{1}{m} \operatorname{tr} B$ and $\frac{1}{n} \operatorname{tr} A$ are the mean eigenvalues.
# :::
#
# Damping does a second service. The parabola is true near by only, and $\lambda$ shortens most the steps along small eigenvalues, which are the long ones.
#
# A third safeguard limits the whole step. It moves the model by about $\frac{1}{2} \eta^2 d^\top F d$, in the divergence of the last chapter; with K-FAC's own damped $F$ that is a dot product of $d = B^{-1} V A^{-1}$ with $V$. If it is above $\delta$, `kl_clip`, the step is shortened until it is $\delta$ ({cite:t}`wu2017`). Momentum comes after that, and [goes much further](#how-far-a-step-goes).
#
# ## What a step costs
#
# Count multiplications for 784-1024-1024-10. A pass forward and back takes about $3 N m n$ in a layer; new factors take $N (n^2 + m^2)$, and $N m n$ for the way back from the drawn labels; inverting by Cholesky's factors takes about $\frac{1}{2} (n^3 + m^3)$; and $B^{-1} V A^{-1}$ takes $m n (m + n)$, **in each step**.
#
# :::{predict}
# With a batch of 128, which of these is the largest, if factors and inverses are renewed every 20 steps?
#
# - `a`: inverting
# - `b`: the two products in $B^{-1} V A^{-1}$
# - `c`: the pass forward and back
# :::

# %% tags=["hide-input"]
widths, period, batch = (784, 1024, 1024, 10), 20, 128
sizes = [(n + 1, m) for n, m in pairwise(widths)]
work = {
    "pass forward and back": sum(3 * batch * m * n for n, m in sizes),
    f"factors, every {period} steps": sum(
        batch * (n**2 + m**2 + m * n) for n, m in sizes
    )
    / period,
    f"inverses, every {period} steps": sum(n**3 + m**3 for n, m in sizes) / 2 / period,
    "$B^{-1} V A^{-1}$": sum(m**2 * n + m * n**2 for n, m in sizes),
}
most = max(work, key=work.get)
reveal(
    table(
        [f"multiplications a step, batch of {batch}", "millions"],
        [[name, f"{count / 1e6:,.0f}"] for name, count in work.items()],
    ).data
    + f"\n\nThe largest is **{most}**: {work[most] / work['pass forward and back']:.1f} passes. Renewing"
    " less often cannot lower it.",
    right="b" if most.startswith("$B") else "c",
)

# %% [markdown]
# A small batch has a [shorter way](#a-gradient-of-few-examples), which the library takes and the column *counted* holds:


# %% tags=["hide-input"]
def fewest(size):
    """Multiplications for the steps of all layers, each the shorter way."""
    return sum(min(size * (n**2 + m**2 + m * n), m * n * (m + n)) for n, m in sizes)


products = work["$B^{-1} V A^{-1}$"]
timed = results.load("kfac")["results"]
cost = {row["batch"]: row for row in timed["rows"]}
counted = {
    size: 1 + fewest(size) / sum(3 * size * m * n for n, m in sizes) for size in cost
}
periods = ("100", "10", "1")
first_values = {
    size: row["plain"] + row["factors"] + row["inverses"] / 10
    for size, row in cost.items()
}
say(
    "Measured on one core, both in one run, a step of K-FAC in steps of SGD. *Never* keeps old factors and"
    " inverses, *counted* is that by multiplications; *first values* are new factors in each step, new"
    " inverses each 10:\n\n"
    + table(
        ["batch", "counted", "never", *(f"every {k}" for k in periods), "first values"],
        [
            [
                f"{size:,}",
                f"{counted[size]:.1f}",
                f"{row['plain']:.1f}",
                *(f"{row['by_period'][k]:.2f}" for k in periods),
                f"{first_values[size]:.1f}",
            ]
            for size, row in cost.items()
        ],
    ).data
)

# %% tags=["hide-input"]
extra = [1000 * (row["plain"] - 1) * row["sgd_seconds"] for row in cost.values()]
sgd = [1000 * row["sgd_seconds"] for row in cost.values()]
cheapest = {size: min(row["by_period"].values()) for size, row in cost.items()}
within = [f"{size:,}" for size, value in cheapest.items() if round(value, 1) <= 1.5]
say(
    f"*Never* adds {', '.join(f'{ms:.0f}' for ms in extra)} ms to the {', '.join(f'{ms:.0f}' for ms in sgd)} ms"
    f" of SGD's step. **Only at batch {' and '.join(within)} does a step cost"
    f" about one and a half of SGD's**, {min(cheapest.values()):.2f} at best. New factors in each step add"
    f" {min(row['factors'] for row in cost.values()):.1f} to {max(row['factors'] for row in cost.values()):.1f}"
    " steps of SGD at every batch size."
)

# %% [markdown]
# Why only there? The two products with inverses of 1024 rows are the same work for 128 examples as for 2,048. Over the pass they are, and the shorter way is,
#
# $$\begin{aligned} \frac{m n (m + n)}{3 N m n} &= \frac{m + n}{3 N}, \\ \frac{N (n^2 + m^2 + m n)}{3 N m n} &\ge 1. \end{aligned}$$
#
# So the shorter way never costs less than a pass. For a square layer to stay within half a pass, the batch needs more than its width times $\frac{4}{3}$.

# %% [markdown]
# ## Does it pay in steps?
#
# A network 196-64-64-10 with ReLU learns the 1,500 images that the book carries, in batches of 100. Three rates a method, for K-FAC three values of $\delta$; each is shown at its best, by the last loss.
#
# :::{predict}
# After 60 steps, how does K-FAC's training loss compare with Adam's?
#
# - `a`: higher
# - `b`: about the same
# - `c`: half or less
# :::

# %% tags=["hide-input"]
pixels = nn.functional.avg_pool2d(images.inputs, 2).flatten(1).double()


def run(make, seed, steps=60, every=5):
    with seeded(seed):
        pairs = ((196, 64), (64, 64), (64, 10))
        first, second, third = (nn.Linear(*pair, dtype=pixels.dtype) for pair in pairs)
    model = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), third)
    optimizer, losses = make(model), []
    order = torch.Generator().manual_seed(seed)
    batches = [
        batch
        for _ in range(4)
        for batch in torch.randperm(len(pixels), generator=order).split(100)
    ]
    for step in range(steps + 1):
        if step % every == 0:
            with torch.no_grad():
                losses.append(cross_entropy(model(pixels), images.labels).item())
        if step < steps:
            optimizer.zero_grad()
            cross_entropy(
                model(pixels[batches[step]]), images.labels[batches[step]]
            ).backward()
            optimizer.step()
    return losses


# %%
tried = (0.03, 0.1, 0.3), (0.003, 0.01, 0.03), (1e-5, 1e-4, 1e-3)
tries = {
    "SGD with momentum": [
        lambda model, lr=lr: Momentum(model.parameters(), lr=lr, momentum=0.9)
        for lr in tried[0]
    ],
    "Adam": [lambda model, lr=lr: Adam(model.parameters(), lr=lr) for lr in tried[1]],
    "K-FAC": [partial(KFAC, loss=cross_entropy, kl_clip=δ) for δ in tried[2]],
}

# %% tags=["hide-input"]
runs, chosen, inside = {}, {}, []
for (name, makers), values in zip(tries.items(), tried, strict=True):
    each = [[run(make, seed) for seed in (0, 1, 2)] for make in makers]
    losses = [statistics.fmean(end[-1] for end in ends) for ends in each]
    best = losses.index(min(losses))
    runs[name] = each[best]
    chosen[name] = f"{'a δ' if name == 'K-FAC' else 'a rate'} of {values[best]:g}"
    inside.append(0 < best < len(values) - 1)
ends = {name: statistics.fmean(run[-1] for run in each) for name, each in runs.items()}
means = [statistics.fmean(losses) for losses in zip(*runs["K-FAC"], strict=True)]
passed = 5 * next(k for k, loss in enumerate(means) if loss < ends["Adam"])
show(
    figures.training(runs, every=5),
    "Training loss against the step, three lines a method, all falling from about"
    f" {runs['Adam'][0][0]:.1f}. After 60 steps SGD with momentum is at {ends['SGD with momentum']:.2f}, Adam at {ends['Adam']:.2f}"
    f" and K-FAC at {ends['K-FAC']:.3f}.",
)

# %% tags=["hide-input"]
reveal(
    f"K-FAC ends at **{ends['K-FAC']:.3f}**, Adam at {ends['Adam']:.2f} and SGD with momentum at"
    f" {ends['SGD with momentum']:.2f}, as means of {len(runs['Adam'])} seeds; the worst of K-FAC has"
    f" {max(run[-1] for run in runs['K-FAC']):.3f}, the best of Adam {min(run[-1] for run in runs['Adam']):.2f}."
    f" K-FAC took {chosen['K-FAC']}, Adam {chosen['Adam']}, SGD {chosen['SGD with momentum']},"
    f" {'all' if all(inside) else 'not all'} inside their ranges. To Adam's last loss K-FAC needs {passed} of the 60"
    " steps. This is the training loss of a small network; seconds and unseen images come in the last chapter"
    " of this part.",
    right="c"
    if ends["K-FAC"] < 0.5 * ends["Adam"]
    else "b"
    if ends["K-FAC"] < 1.1 * ends["Adam"]
    else "a",
)

# %% [markdown]
# ## Use it

# %% tags=["remove-input"]
use_it("KFAC")

# %% [markdown]
# ## Going further
#
# ### What π is worth
#
# *You see how much of the gain goes if both factors share evenly, from little damping to much.*
#
# The shares of the gain once more, for the network of the section on damping, over the damping.
#
# :::{predict}
# Slopes are small: here the mean eigenvalue of $B$ is about a hundredth of that of $A$. What do you lose at $\lambda$ = 0.001 if you share evenly, with $\pi = 1$?
#
# - `a`: hardly anything
# - `b`: about half of what K-FAC gains
# - `c`: all of it; the step becomes the plain gradient
# :::

# %% tags=["hide-input"]
F, gradient, places = fisher_by_layers(network, cross_entropy, x, y)
factors = kronecker_factors(network, cross_entropy, x)
grid = [10.0**power for power in (-6, -5, -4, -3, -2, -1, 0)]


def with_even_shares(λ):
    parts = [
        Kronecker(f.B, f.A).damped(λ, pi=1.0).inverse() @ gradient[places[name]]
        for name, f in factors.items()
    ]
    return torch.cat(parts)


found = []
for λ in grid:
    ways = directions(F, gradient, places, factors, λ)
    found.append(shares(F, gradient, ways | {"even": with_even_shares(λ)}, λ))
curves = {
    r"products, with exactly $\lambda I$": [f["products"] for f in found],
    r"K-FAC, with its $\pi$": [f["K-FAC"] for f in found],
    r"with $\pi = 1$": [f["even"] for f in found],
    "plain gradient": [f["gradient"] for f in found],
}
at = grid.index(1e-3)
small = {name: float(f.B.trace() / len(f.B)) for name, f in factors.items()}
large = {name: float(f.A.trace() / len(f.A)) for name, f in factors.items()}
show(
    figures.by_damping(grid, curves),
    "Share of the gain against the damping, four curves that rise to the right. At the damping"
    f" {grid[at]:g} the exactly damped products have {found[at]['products']:.2f}, K-FAC with its own pi"
    f" {found[at]['K-FAC']:.2f}, with pi one {found[at]['even']:.2f} and the plain gradient"
    f" {found[at]['gradient']:.2f}; at the damping {grid[-1]:g} it is {found[-1]['products']:.2f},"
    f" {found[-1]['K-FAC']:.2f}, {found[-1]['even']:.2f} and {found[-1]['gradient']:.2f}.",
)

# %% tags=["hide-input"]
lost = 1 - found[at]["even"] / found[at]["K-FAC"]
reveal(
    f"Even shares keep **{found[at]['even']:.0%}** of the gain, K-FAC's $\\pi$ {found[at]['K-FAC']:.0%}"
    f" and exact damping {found[at]['products']:.0%}. Here $\\pi$ matters only where the damping outweighs"
    f" the factors: at $\\lambda = {grid[-1]:g}$ it keeps {found[-1]['K-FAC']:.0%} and even shares"
    f" {found[-1]['even']:.0%}. The mean eigenvalues in the first layer are {small['2']:.1g} for $B$ and"
    f" {large['2']:.1g} for $A$.",
    right="a" if lost < 0.2 else "b" if lost < 0.6 else "c",
)

# %% [markdown]
# The larger $\lambda$ is, the more the step is the plain gradient's; at the right end that one is as good.
#
# ### How far a step goes
#
# *You see how far each step of a training run moves the model, beside the δ that was to limit it.*
#
# `kl_clip` measures a step by K-FAC's own damped $F$, from averages and one batch. Momentum is added after it. So measure the step itself: the divergence of the model after it from the one before, as a mean over all images, in units of $\delta$. The run is the one above, of 60 steps with $\delta = 0.0001$.
#
# :::{predict}
# With momentum 0.9, how far does the furthest of these steps move the model?
#
# - `a`: by $\delta$ at most
# - `b`: by some ten times $\delta$
# - `c`: by more than a hundred times $\delta$
# :::


# %%
def watched(model, momentum, δ, moves):
    """K-FAC that appends to `moves` the divergence of each step, in units of δ."""
    optimizer = KFAC(model, cross_entropy, momentum=momentum, kl_clip=δ)
    before = []

    @torch.no_grad()
    def log_p():
        return model(pixels).log_softmax(1)

    def measure(*_):
        old = before.pop()
        moves.append(float((old.exp() * (old - log_p())).sum(1).mean() / δ))

    optimizer.register_step_pre_hook(lambda *_: before.append(log_p()))
    optimizer.register_step_post_hook(measure)
    return optimizer


# %% tags=["hide-input"]
moved = {}
for momentum in (0.9, 0.0):
    moved[momentum] = []
    for seed in (0, 1, 2):
        moves = []
        make = partial(watched, momentum=momentum, δ=1e-4, moves=moves)
        end = run(make, seed)[-1]
        moved[momentum].append(
            (
                moves[0],
                statistics.median(moves),
                max(moves),
                moves.index(max(moves)),
                end,
            )
        )
means_of = {
    momentum: [statistics.fmean(values) for values in zip(*seeds_of, strict=True)]
    for momentum, seeds_of in moved.items()
}
furthest = [values[2] for values in moved[0.9]]
when = [values[3] + 1 for values in moved[0.9]]
longer = (1 - 0.9 ** min(when)) / (1 - 0.9)
reveal(
    table(
        [
            "moved, in units of δ",
            "first step",
            "median step",
            "furthest",
            "loss at the end",
        ],
        [
            [f"momentum {momentum:g}", f"{a:.1f}", f"{b:.1f}", f"{c:.0f}", f"{end:.3f}"]
            for momentum, (a, b, c, _, end) in means_of.items()
        ],
    ).data
    + f"\n\nMeans of {len(furthest)} seeds. With momentum the furthest step goes **{min(furthest):.0f} to"
    f" {max(furthest):.0f} times** $\\delta$, as step {min(when)} to {max(when)}. Two things meet. With momentum,"
    f" {min(when)} steps in one direction add up to one {longer:.1f} times as long, which is {longer**2:.0f} times as"
    f" far. And K-FAC's own measure errs: without momentum the furthest step goes {min(v[2] for v in moved[0.0]):.0f} to"
    f" {max(v[2] for v in moved[0.0]):.0f} times $\\delta$. Yet the length is wanted: without momentum, at the same"
    f" $\\delta$, the loss ends at {means_of[0.0][4]:.2f}, where it was {means_of[0.9][4]:.3f}.",
    right="c" if min(furthest) > 100 else "b",
)

# %% [markdown]
# So $\delta$ is a dial, not a promise. Change the momentum, and tune it anew.
#
# ### Which labels make the slopes?
#
# *You see three ways to get $B$, what each costs, and which falls behind as the network learns.*
#
# $B$ is a mean over labels that the model draws. Three ways are in use: sum over all classes with their probabilities (`exact`, one pass back a class), draw one label an example (`sampled`, one pass back), or take the labels of the data (`empirical`, none more). The first two have one mean. The third is another matrix, which falls behind as the network learns: where it fits the data, its slopes vanish ({cite:t}`kunstner2019`).

# %% tags=["hide-input"]
kinds = {}
for when, network in both.items():
    exact_B = kronecker_factors(network, cross_entropy, x)["2"].B
    kinds[when] = [
        float(
            kronecker_factors(network, cross_entropy, x, y, fisher=fisher)[
                "2"
            ].B.trace()
            / exact_B.trace()
        )
        for fisher in ("exact", "sampled", "empirical")
    ]
table(
    [
        "trace of B in the first layer, over the exact one",
        "exact",
        "sampled",
        "empirical",
    ],
    [[name, *(f"{value:.2f}" for value in values)] for name, values in kinds.items()],
)

# %% [markdown]
# ### A gradient of few examples
#
# *You see a shorter way to the same direction for small batches, and from which batch it no longer pays.*
#
# $V$ is the mean of $g a^\top$ over $N$ examples, so $B^{-1} V A^{-1}$ is the mean of $(B^{-1} g)(A^{-1} a)^\top$: multiply each example's vectors, and not the matrix. That takes $N (n^2 + m^2 + m n)$ multiplications in place of $m n (m + n)$, for a square layer $3 N$ against $2 n$: less while the batch is smaller than two thirds of the width. `KFAC` counts, layer by layer, and takes the shorter way. It cannot where $V$ is that mean no more: clipped, added up over batches, or with weight decay.

# %% tags=["hide-input"]
a, g = (
    torch.randn(40, n, generator=torch.Generator().manual_seed(n)).double()
    for n in (7, 10)
)
A_inverse, B_inverse = damped_inverses(a.T @ a / 40, g.T @ g / 40, damping=0.01)
whole = natural(g.T @ a / 40, A_inverse, B_inverse)
apart = (g @ B_inverse).T @ (a @ A_inverse) / 40
longer = [1 + products / sum(3 * size * m * n for n, m in sizes) for size in cost]
say(
    "On a layer with 7 inputs and 10 outputs, for 40 random examples, both give the same direction to"
    f" within 1e-10: **{'yes' if (apart - whole).norm() < 1e-10 * whole.norm() else 'no'}**. Counted for"
    " 784-1024-1024-10, a step without renewing costs"
    f" {', '.join(f'{value:.1f}' for value in longer)} steps of SGD by the long way, and"
    f" {', '.join(f'{value:.1f}' for value in counted.values())} with the shorter one, at"
    f" {', '.join(f'{size:,}' for size in cost)} examples."
)

# %% [markdown]
# ### A weight with many places
#
# *You see two products for a weight that is used in many places, and where each of them is exact.*
#
# A convolution uses one weight at each place of an image. Then an example's gradient is a *sum* over places, $\sum_r g_r a_r^\top$, and two products are in use ({cite:t}`eschenhagen2023`). **Expand** takes each place for an example of its own, as {cite:t}`grosse2016` do. **Reduce** first adds the $g_r$ and averages the $a_r$. In a linear network with squared errors each is exact in its own case: expand where the loss sees each place alone, as in a translation word by word, reduce where the network averages over places before its output. Which is the better for a network in between is a question for a measurement.


# %% tags=["hide-input"]
def places_net(pool):
    with seeded(0):
        first, second = nn.Linear(4, 3), nn.Linear(3, 2)
    return nn.Sequential(first, second, *([Pool()] if pool else [])).double()


class Pool(nn.Module):
    def forward(self, x):
        return x.mean(dim=1)


words = torch.randn(8, 5, 4, generator=torch.Generator().manual_seed(0)).double()
lines = []
for pool in (False, True):
    net, squares = places_net(pool), nn.MSELoss()
    target = torch.zeros_like(net(words)).detach()
    J = torch.func.jacrev(
        lambda W, net=net: torch.func.functional_call(net, {"0.weight": W}, (words,))
    )(net[0].weight.detach())
    J = J.detach().reshape(-1, 12)
    true = 2 / target.numel() * J.T @ J
    line = []
    for way in ("expand", "reduce"):
        f = kronecker_factors(net, squares, words, approximation=way)["0"]
        off = float((torch.kron(f.B, f.A[:-1, :-1]) - true).norm() / true.norm())
        line.append(in_words(off))
    lines.append(
        ["mean over places at the end" if pool else "an output at each place", *line]
    )
table(["a linear network of two layers, 5 places", "expand", "reduce"], lines)

# %% [markdown]
# ### Shampoo, the cousin
#
# *You see Shampoo in code, and its product beside K-FAC's and the best one, by the gap to $F$.*
#
# {cite:t}`gupta2018` come from AdaGrad, not from Fisher. Its full matrix is the sum of $\operatorname{vec}(V)\operatorname{vec}(V)^\top$ over the steps, and Shampoo keeps $L = \sum V V^\top$ and $R = \sum V^\top V$ of it, one matrix an axis. It steps along $L^{-1/4} V R^{-1/4}$.
#
# For one example $V = g a^\top$, so $V V^\top = \lVert a \rVert^2\, g g^\top$ and $V^\top V = \lVert g \rVert^2\, a a^\top$: K-FAC's factors, with large examples counting more. Take the same means of $F$, and $L \otimes R$ over its trace is another product for the same block. It asks for nothing but gradients, so any layer will do, and it has no labels to draw. The best product there is comes from a singular value decomposition of the block ({cite:t}`vanloan2000`).

# %% tags=["remove-input"]
one_screen("Shampoo")

# %% tags=["hide-input"]
network = both["after 20 epochs"]
F, _, places = fisher_by_layers(network, cross_entropy, x, y)
factors = kronecker_factors(network, cross_entropy, x)
kfac_gaps, lines = gaps(F, places, factors), []
for name, words_of in layers.items():
    (A, B), block = factors[name], F[places[name], places[name]]
    m, n = len(B), len(A)
    tiles = block.reshape(m, n, m, n)
    L, R = torch.einsum("ikjk->ij", tiles), torch.einsum("ikil->kl", tiles)
    shampoo = torch.kron(L, R) / block.trace()
    values = torch.linalg.svdvals(tiles.permute(0, 2, 1, 3).reshape(m * m, n * n))
    best = float((values[1:] ** 2).sum().sqrt() / values.norm())
    off = float((shampoo - block).norm() / block.norm())
    lines.append([words_of, f"{kfac_gaps[name]:.0%}", f"{off:.0%}", f"{best:.0%}"])
table(
    ["gap to F after 20 epochs, layer", "K-FAC", "Shampoo's L ⊗ R", "best product"],
    lines,
)

# %% [markdown]
# On this network Shampoo's product is closer to $F$ than K-FAC's, and nearly the best there is; {cite:t}`morwani2025` show why: it is one step of a power iteration towards that one. But Shampoo takes its matrices from the gradients of whole batches, and takes fourth roots of its sums, as AdaGrad takes square roots. So it is no natural gradient, and its steps shrink as the sums grow.
#
# ### What K-FAC does not know
#
# *You see how layers without such a product are moved, what is refused, and what EKFAC measures anew.*
#
# **Normalisation.** Scales and shifts of batch normalisation have no product. The library moves them along the plain gradient, in a parameter group of its own. **Tied weights** and a layer that is called twice are refused: their gradient is a sum of products. **Other layers** are refused by name, unless you say `unknown="gradient"`.
#
# **EKFAC** keeps the eigenvectors of $A$ and $B$ and measures the eigenvalues anew, which is closer to $F$ ({cite:t}`george2018`).
#
# ### Rows or columns?
#
# *You see the product as other texts write it, and what becomes of it if you mix the two.*
#
# $\operatorname{vec}$ puts the *rows* of a matrix one after another, as torch's `flatten` does, and $F$ is near $B \otimes A$. Many texts stack *columns*, {cite:t}`martens2015` among them. Then the same entries stand in another order, and the product is $A \otimes B$. The step is $B^{-1} V A^{-1}$ in both. Mix them, and nothing warns you: the shapes agree.

# %%
F, _, places = fisher_by_layers(
    tiny, cross_entropy, quarters[:500], images.labels[:500]
)
A, B = kronecker_factors(tiny, cross_entropy, quarters[:500])["0"]
by_rows = F[places["0"], places["0"]]
order = torch.arange(len(by_rows)).view(len(B), len(A)).T.flatten()
by_columns = by_rows[order][:, order]

# %% tags=["hide-input"]
pairs = {
    "rows, B ⊗ A": (torch.kron(B, A), by_rows),
    "columns, A ⊗ B": (torch.kron(A, B), by_columns),
    "rows, A ⊗ B": (torch.kron(A, B), by_rows),
}
table(
    ["the layer of the first picture", "off its Fisher matrix"],
    [[name, f"{(P - M).norm() / M.norm():.0%}"] for name, (P, M) in pairs.items()],
)

# %% [markdown]
# ### In PyTorch
#
# *You see which libraries have these factors, how closely ours agree, and where their conventions differ.*
#
# `torch.optim` has no K-FAC. Its factors are in `curvlinops` (`KFACLinearOperator`) and BackPACK (`KFAC`, `KFLR`, `KFRA`), with which ours agree to 1e-10 in float64; they are for measuring, and do not train. `torch.nn.MSELoss` takes squares, not their halves: $-\log p$ of a normal distribution with variance $\frac{1}{2}$, with the curvature $2I$; then it averages over the outputs too, so that $2I$ is divided by their number. BackPACK's `A` of a convolution is the *sum* over places, and its `B` that of reduce.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: count (★)
#
# A layer has 3 inputs, 2 outputs and a bias. How many numbers have $A$ and $B$ together, written out in full?

# %%
answer = ...
check("4-second-order/numbers-of-a-layer", answer)

# %% tags=["remove-input"]
solution("4-second-order/numbers-of-a-layer")

# %% [markdown]
# ### Exercise 2: the other correlation (★)
#
# A layer with one weight sees the pairs $(a, g) = (1, 1)$ and $(3, 3)$. What is K-FAC's product, divided by the true Fisher value?

# %%
answer = ...
check("4-second-order/product-over-mean", answer)

# %% tags=["remove-input"]
solution("4-second-order/product-over-mean")

# %% [markdown]
# ### Exercise 3: which is exact? (★★)
#
# On a batch of 100 images, for which of these is $B \otimes A$ the layer's Fisher matrix?
#
# - `a`: the last layer of a ReLU network with squared errors
# - `b`: the last layer of a linear network with cross-entropy
# - `c`: the first layer of a ReLU network with squared errors
# - `d`: the first layer of a tanh network with cross-entropy

# %%
answer = ...
check("4-second-order/which-is-exact", answer)

# %% tags=["remove-input"]
solution("4-second-order/which-is-exact")

# %% [markdown]
# ### Exercise 4: write the direction (★★)
#
# Write `kfac_direction(a, g, V)` without damping: from the rows `a` of shape $(N, n)$ and `g` of shape $(N, m)$, make $A$ and $B$, and return $B^{-1} V A^{-1}$. No matrix with $mn$ rows, please.


# %%
def kfac_direction(a, g, V): ...


check("4-second-order/kfac-direction", kfac_direction)

# %% tags=["remove-input"]
solution("4-second-order/kfac-direction")

# %% [markdown]
# ### An open experiment (★★★)
#
# How old may an inverse be? Train the network of this chapter with `inverse_every` 1, 10, 100 and 1,000, early and late in training, and find where the loss notices. First write down what you expect, and how many seeds you take.
#
# ## Summary
#
# - A layer's Fisher matrix is a mean of products $(g g^\top) \otimes (a a^\top)$. K-FAC takes the product of the means, $B \otimes A$, and steps along $B^{-1} V A^{-1}$.
# - It is exact where the slopes' covariance is the same for all examples: a linear network with squared errors, the last layer with squared errors, one example. Elsewhere measure the gap; it grows with training.
# - Two products in each step set its cost: over a pass $(m + n)/(3N)$, so it takes large batches. Damping and a limit on the step are part of the method.
#
# ## References
#
# - {cite:t}`martens2015`: the method, its damping and its averages; {cite:t}`grosse2016`: convolutions.
# - {cite:t}`eschenhagen2023`: expand and reduce; {cite:t}`dangel2025`: all of it from scratch, with the exactness tests.
# - {cite:t}`kunstner2019`: the empirical Fisher is another matrix; {cite:t}`george2018`: EKFAC.
# - {cite:t}`wu2017`: the limit on a step; {cite:t}`gupta2018` and {cite:t}`morwani2025`: Shampoo; {cite:t}`vanloan2000`: Kronecker products.
