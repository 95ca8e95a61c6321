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
# # Conjugate gradient
#
# Gradient descent with the best step each time still undoes what it has won: it turns by a right angle at every step, and zigzags. Conjugate gradient never has to do anything twice.
#
# Below, three methods start together on an ellipse. Drag the start: where is steepest descent slowest? Then drag the axes until the bowl is round. The small picture shows the same paths in a plane that is stretched until the bowl *is* round: who makes right angles there?

# %% tags=["hide-input"]
import itertools
import math
import statistics
from fractions import Fraction
from functools import partial

import numpy as np
import torch
from torch.nn.functional import cross_entropy, pad

from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.explorers import ConjugateDirections
from book.figures import conjugate_gradient as figures
from book.figures import many_curvatures
from book.numerics.vector import f64
from book.optim import (
    LBFGS,
    SGD,
    ConjugateGradient,
    LineSearch,
    Momentum,
    NewtonCG,
    conjugate_gradient,
    trajectory,
)
from book.optim.conjugate_gradient import chebyshev_bound
from book.optim.heavy_ball import best
from book.training.data.load import load
from book.training.models import mlp
from book.training.surface.flat import flat_parameters

ConjugateDirections()

# %% [markdown]
# **You will**
#
# - say why the best steps zigzag, and how much each leaves;
# - find directions that do not spoil each other, and solve $n$ equations in $n$ steps, or far fewer;
# - train a network with curvature and without its Hessian.
#
# **You need** three facts:
#
# - $f(x) = \frac{1}{2} x^\top H x - b^\top x$ has the gradient $g = Hx - b$, so its minimum solves $Hx = b$ ({doc}`/2-derivatives/hessian`);
# - the best step along $-g$ is $g^\top g / g^\top H g$ ({doc}`/2-derivatives/hessian`);
# - a product $Hv$ costs a few gradients, and $H$ is never written down ({doc}`/2-derivatives/hessian`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $f(x)$, $x$, $y$ | number, $(n,)$ | the function to be made small, and its parameters; in two dimensions $x$ and $y$ are its two entries |
# | $H$, $b$ | $(n, n)$, $(n,)$ | the Hessian, symmetric and positive definite; and the right-hand side |
# | $g$, $r$ | $(n,)$ | the gradient $Hx - b$, and the residual $r = b - Hx = -g$ |
# | $d$, $p$, $s$ | $(n,)$ | directions; $s$ is a step |
# | $\alpha$, $\beta$ | number | the length of a step, and the share of the last direction that is kept |
# | $x_k$, $e_k$, $k$ | $(n,)$, number | the point after $k$ steps, its error $x_k - x^\star$ |
# | $x^\star$ | $(n,)$ | the solution |
# | $r_+$, $g_-$ | $(n,)$ | the next residual, the last gradient |
# | $\lambda$, $\lambda_i$, $\kappa$ | number | an eigenvalue of $H$; the largest over the smallest |
# | $q_k(\lambda)$ | number | a polynomial of degree $k$ with $q_k(0) = 1$ |
# | $M$ | $(n, n)$ | the preconditioner, near $H^{-1}$ |
# | $v$, $I$ | $(n,)$, $(n, n)$ | any vector; the identity |
# | $\varepsilon$ | number | the rounding of a number format |
# | $\eta$, $\mu$ | number | the forcing term, the share of $\lVert g \rVert$ that may be left; and momentum's share |
# | $u$ | $(n,)$ | the change of the gradient in a step, $g - g_-$ |
# | $m$, $L$, $w_i$ | number | the smallest and the largest eigenvalue; shares that add up to 1 |
# :::
#
# ## The best step, and still a zigzag
#
# Take $f(x, y) = \frac{1}{2}(x^2 + 4y^2)$ and start at $(4, 1)$. The gradient is $(4, 4)$. The best step along it is $32/80 = 0.4$ and leads to
#
# $$(4 - 0.4 \cdot 4,\;\; 1 - 0.4 \cdot 4) = (2.4,\; -0.6).$$
#
# There the gradient is $(2.4, -2.4)$: at a right angle to the last one.
#
# :::{predict} number
# What is $x$ after the second step?
# :::


# %%
def steepest(product, b, x, steps):
    path = [x]
    for _ in range(steps):
        g = product(path[-1]) - b
        path.append(path[-1] - (g @ g) / (g @ product(g)) * g)
    return torch.stack(path)


path = steepest(lambda v: f64(1, 4) * v, f64(0, 0), f64(4, 1), 8)


# %% tags=["hide-input"]
def turns(gradients):
    """The angles between gradients that follow each other, in degrees."""
    cosines = torch.cosine_similarity(gradients[1:], gradients[:-1])
    return torch.rad2deg(torch.acos(cosines)).tolist()


angles = turns(path * f64(1, 4))
kept, across = (path[1] / path[0]).tolist()
reveal(
    f"${path[1, 0]:.1f} \\cdot {kept:.1f} = \\mathbf{{{path[2, 0]:.2f}}}$. Each step multiplies $x$ by"
    f" {kept:.1f} and $y$ by −{-across:.1f}, for ever: after {len(path) - 1} steps the point is"
    f" ({path[-1, 0]:.3f}, {path[-1, 1]:.3f}). The turns are all of {min(angles):.1f}°.",
    right=round(path[2, 0].item(), 2),
)

# %% [markdown]
# **Why right angles?** At the lowest point of a line the slope along the line is zero: the new gradient has no part along the direction you came from. And the new gradient is where you go next.
#
# **How much is left?** From the worst start each step multiplies the distance by $\frac{\kappa - 1}{\kappa + 1}$, here $\frac{3}{5}$, and the loss by its square. There the best step at each turn is no better than one well-chosen rate for all ({doc}`/2-derivatives/gradient-descent`).
#
# :::{dropdown} No start leaves more: Kantorovich's inequality
# Each eigenvalue $\lambda_i$ lies between the smallest, $m$, and the largest, $L$, so $(\lambda_i - m)(L - \lambda_i) \ge 0$. Divide by $\lambda_i$: $\lambda_i + mL/\lambda_i \le m + L$. Average this with the weights $w_i$, the shares of the gradient's square along the eigenvectors: $\sum w_i \lambda_i + mL \sum w_i/\lambda_i \le m + L$. A sum of two numbers is at least twice the root of their product, so $4\, mL \sum w_i \lambda_i \sum w_i/\lambda_i \le (m + L)^2$.
#
# A best step leaves the share $1 - \frac{(g^\top g)^2}{g^\top H g \; g^\top H^{-1} g} = 1 - \frac{1}{\sum w_i\lambda_i \sum w_i/\lambda_i} \le 1 - \frac{4mL}{(m+L)^2} = \left(\frac{\kappa - 1}{\kappa + 1}\right)^2$ of the loss.
# :::
#
# ## A direction that spoils nothing
#
# You stand at $(2.4, -0.6)$, the lowest point along $d = (1, 1)$. You want to go on along a direction $p$ such that you *stay* lowest along $d$, however far you go.
#
# A step $s = \alpha p$ changes the gradient by $Hs$. To stay lowest along $d$, this change must have no part along $d$:
#
# $$\boxed{\; d^\top H p = 0 \;}$$
#
# Such directions are called {term}`conjugate`. They are at right angles in the plane where the bowl is round.
#
# :::{predict}
# Which direction is conjugate to $d = (1, 1)$ on $\frac{1}{2}(x^2 + 4y^2)$?
#
# - `a`: $(1, -1)$
# - `b`: $(4, -1)$
# - `c`: $(1, -4)$
# :::
#
# :::{answer} b
# $d^\top H p = 1 \cdot 1 \cdot 4 + 1 \cdot 4 \cdot (-1) = 0$. And $(2.4, -0.6)$ is $0.6 \cdot (4, -1)$: this direction leads straight to the minimum. In two dimensions it must: after two conjugate steps the gradient has no part along either of two directions, so it is zero.
# :::
#
# In $n$ dimensions the same argument ends after $n$ steps. Each conjugate direction is done once, and for all.
#
# ## One share of memory
#
# Where does such a direction come from? Take $-g$, the new slope, and put back a share of the last direction: $p = -g + \beta d$. Ask for $d^\top H p = 0$, and
#
# $$\beta = \frac{g^\top H d}{d^\top H d}.$$
#
# The surprise: this $p$ is conjugate not only to $d$ but to **all** directions before it. One vector of memory does what you would expect to need all of them for.
#
# :::{dropdown} Why the last one is enough, and a shorter β
# Suppose it has worked so far. The new gradient is at right angles to the last direction, as that line is at its lowest, and to the older ones, as a conjugate step has not changed the slope along them. Hence it is at right angles to all gradients so far too, since each of them is made of two directions.
#
# Along an older direction $d_j$ a step of length $\alpha_j$ changed the gradient by $\alpha_j H d_j = g_{j+1} - g_j$. So $g^\top H d_j = (g^\top g_{j+1} - g^\top g_j)/\alpha_j$, and both products are zero unless $j$ is the last. Nothing has to be taken out along the older ones: $g$ has nothing there, and $d$ was conjugate to them.
#
# For the last direction, $g^\top H d = g^\top g / \alpha$. And $d^\top H d = (g - g_-)^\top d/\alpha = -g_-^\top d/\alpha = g_-^\top g_-/\alpha$, since $g^\top d = 0$ and $d$ is $-g_-$ plus a share of a direction at right angles to $g_-$. The quotient is $\beta = g^\top g / g_-^\top g_-$.
# :::
#
# ## On one screen
#
# With the residual $r = -g$ for the slope, and $\beta$ in its shorter form ({cite:t}`hestenes1952`):
#
# $$\boxed{\; \begin{aligned} \alpha &= \frac{r^\top r}{p^\top H p}, & x &\leftarrow x + \alpha p, \\ && r_+ &= r - \alpha H p, \\ \beta &= \frac{r_+^\top r_+}{r^\top r}, & p &\leftarrow r_+ + \beta p \end{aligned} \;}$$
#
# - **From gradient descent:** the slope, and the best step along a line.
# - **New:** a share of the last direction, so that what is won stays won. No rate and no share to choose: both are computed.
# - **The price:** one product $Hp$ a step, four vectors, and an $H$ that is symmetric and positive definite.


# %%
def plain_cg(product, b, steps):
    x, r, p, path = 0 * b, b, b, [0 * b]
    for _ in range(steps):
        Hp = product(p)
        α = (r @ r) / (p @ Hp)
        x, before, r = x + α * p, r, r - α * Hp
        p = r + (r @ r) / (before @ before) * p
        path.append(x)
    return path


# %% tags=["hide-input"]
generator = torch.Generator().manual_seed(0)
Q, _ = torch.linalg.qr(torch.randn(50, 50, dtype=torch.float64, generator=generator))
H = Q @ torch.diag(torch.linspace(1, 30, 50, dtype=torch.float64)) @ Q.T
b = torch.randn(50, dtype=torch.float64, generator=generator)
ours = conjugate_gradient(lambda v: H @ v, b, tol=0, max_iter=25)
zigzag = turns(steepest(lambda v: H @ v, b, 0 * b, 100) @ H - b)
turned = max(abs(angle - 90) for angle in zigzag)
walk = torch.stack(plain_cg(lambda v: H @ v, b, 25))
apart = (walk[-1] - ours.x).norm() / ours.x.norm()
steps = walk.diff(dim=0)
among = steps @ H @ steps.T
lengths = among.diagonal().sqrt()
worst = (among / (lengths[:, None] * lengths) - torch.eye(25)).abs().max()
say(
    "It runs without the library, and after 25 steps with 50 unknowns it agrees with"
    f" `book.optim.conjugate_gradient` to within 1e-9: **{'yes' if apart < 1e-9 else 'no'}**."
    f" Each of its {len(steps)} steps is conjugate to all others: the largest cosine of two, measured with $H$, is"
    f" {'below 1e-8' if worst < 1e-8 else f'{worst:.0e}'}. The tests hold the library's against scipy's, point by"
    " point."
)

# %% [markdown]
# ## n steps
#
# The Hilbert matrix, $H_{ij} = 1/(i + j - 1)$, is a standard of bad condition. Solve 8 equations with it: once in fractions, where nothing is ever rounded, and once each in 64 and 32 bits. The same eight lines do all three.
#
# :::{predict}
# What is left of the residual after 8 steps?
#
# - `a`: nothing in fractions; less than a millionth in 64 and in 32 bits
# - `b`: nothing in fractions; more than a millionth in 64 and in 32 bits
# - `c`: a little in all three
# :::


# %%
def hilbert(n, one):
    rows = [[one / (i + j + 1) for j in range(n)] for i in range(n)]
    return np.array(rows, dtype=object)  # so each sum has one order on all processors


n, hard = 8, {}
for name, one in {
    "fractions": Fraction(1),
    "64 bits": 1.0,
    "32 bits": np.float32(1),
}.items():
    A, ones = hilbert(n, one), np.array([one] * n, dtype=object)
    steps = n if name == "fractions" else 40
    residuals = [ones - A @ x for x in plain_cg(lambda v, A=A: A @ v, ones, steps)]
    hard[name] = [float(r @ r) ** 0.5 / n**0.5 for r in residuals]

# %% tags=["hide-input"]
arrived = next((k for k, left in enumerate(hard["64 bits"]) if left < 1e-8), None)
show(
    figures.by_step(hard),
    "What is left of the residual against the step. The three begin together. In fractions"
    f" the line drops to exactly {hard['fractions'][-1]:g} at step {n}."
    f" In 64 bits it is at {hard['64 bits'][n]:.0e} after {n} steps and at"
    f" {min(hard['64 bits']):.0e} at its lowest; in 32 bits at"
    f" {hard['32 bits'][n]:.0e}, and {min(hard['32 bits']):.0e} at its lowest.",
)

# %% tags=["hide-input"]
reveal(
    f"**{hard['fractions'][n]:g}** in fractions: exactly, as the argument promised."
    f" **{hard['64 bits'][n]:.0e}** in 64 bits, **{hard['32 bits'][n]:.0e}** in 32."
    " Rounding tilts each direction a little, what was won gets lost, and has to be won again."
    + (
        f" In 64 bits the residual is first below 1e-8 at step {arrived}."
        if arrived
        else ""
    ),
    right="b" if hard["64 bits"][n] > 1e-6 else "a",
)

# %% [markdown]
# So $n$ steps is a theorem about numbers without rounding. In practice conjugate gradient is an iteration like any other, and the question is how many steps a *good* solution takes. Often it is far fewer than $n$.
#
# ## A picture from its edges
#
# In {doc}`/3-first-order/momentum` a picture was found from the differences of its neighbouring pixels: 3,072 unknowns, $\kappa = 441$. Gradient descent and momentum had their best rates, which take the smallest and the largest eigenvalue to compute. Conjugate gradient is told neither.
#
# :::{predict}
# Until a tenth of the error is left: how many steps does conjugate gradient need, beside momentum at its best pair?
#
# - `a`: about as many
# - `b`: about a third
# - `c`: 3,072, one for each unknown
# :::

# %%
cifar, _ = load("cifar10")
picture = cifar.images[26].double() / 255 - 0.5  # 0 is grey


def neighbours(v):
    """H v: four times each pixel, less its four neighbours; grey outside."""
    framed = pad(v.view_as(picture), (1, 1, 1, 1))
    across = framed[..., 1:-1, :-2] + framed[..., 1:-1, 2:]
    down = framed[..., :-2, 1:-1] + framed[..., 2:, 1:-1]
    return 4 * v - (across + down).flatten()


b = neighbours(picture.flatten())
films = {"conjugate gradient": torch.stack(plain_cg(neighbours, b, 300))}

# %% tags=["hide-input"]
low, high = (4 + sign * 4 * math.cos(math.pi / 33) for sign in (-1, 1))
lr, μ = best(low, high)
grey = torch.zeros_like(b)


def mismatch(x):
    return x @ neighbours(x) / 2 - b @ x


films = {
    "descent": trajectory(partial(SGD, lr=2 / (low + high)), mismatch, grey, 300),
    "momentum": trajectory(partial(Momentum, lr=lr, momentum=μ), mismatch, grey, 300),
} | films
moments, names, tenth = (0, 3, 10, 30, 60, 100), [], {}
for name, film in films.items():
    far = (film - picture.flatten()).norm(dim=1)
    tenth[name] = int((far > far[0] / 10).sum())
    late = tenth[name] > 300
    names.append(
        f"{name}: 10 % left {'after step 300' if late else f'at step {tenth[name]}'}"
    )
frames = torch.stack([film[list(moments)] for film in films.values()])
pixels = (255 * (frames + 0.5).clamp(0, 1)).round().to(torch.uint8)
show(
    many_curvatures.restored(pixels.view(3, -1, *picture.shape), names, moments),
    "Three rows of a picture of a frog that comes out of grey, at steps 0 to 100. Descent shows"
    " edges at once, and its broad areas are still greyish at 100. Momentum and conjugate gradient"
    " look alike: outlines at step 3, broad areas by step 30, and from 60 on no change to be seen."
    f" A tenth of the error is left: {'; '.join(names)}.",
)

# %% tags=["hide-input"]
small = {
    name: int((film - picture.flatten()).norm(dim=1).gt(1e-3 * far[0]).sum())
    for name, film in films.items()
}
reveal(
    f"**{tenth['conjugate gradient']}**, and momentum {tenth['momentum']}: as good as its best"
    " pair, without an eigenvalue. Down to a thousandth of the error they take"
    f" {small['conjugate gradient']} and {small['momentum']}.",
    right="a" if tenth["conjugate gradient"] > 0.6 * tenth["momentum"] else "b",
)

# %% [markdown]
# ## Where the roots go
#
# Why so few? After $k$ steps $x_k$ is a weighted sum of $b, Hb, \dots, H^{k-1}b$, and among all such sums it has the lowest loss. Put it into $r_k = b - Hx_k$: what comes out is $b$, less shares of $Hb, \dots, H^kb$, a polynomial in $H$:
#
# $$r_k = q_k(H)\, b, \qquad q_k(0) = 1.$$
#
# Along an eigenvector $H$ is a number, its eigenvalue $\lambda$, so $q_k(\lambda)$ is the share that is left there. Conjugate gradient picks the polynomial that is smallest *at the eigenvalues*. Each step buys one more root. Here are 60 eigenvalues in three clusters.

# %%
clusters = torch.cat([c * torch.linspace(0.98, 1.02, 20).double() for c in (1, 4, 9)])
grid = torch.linspace(0, 10, 300).double()
curves, seen = (
    figures.residual_polynomials(clusters, torch.ones(60).double(), 4, at)
    for at in (grid, clusters)
)
panels = {f"$k = {k}$": (curves[k], seen[k]) for k in (1, 2, 3)}

# %% tags=["hide-input"]
show(
    figures.polynomials(clusters, grid, panels),
    "Three panels with the polynomials of degree 1, 2 and 3, each from 1 at 0, and three bunches"
    " of dots at the eigenvalues near 1, 4 and 9. Degree 1 passes through zero once, between two"
    " bunches. Degree 2 comes near two of them. Degree 3 has a root in each bunch: no dot is farther"
    f" than {seen[3].abs().max():.2f} from zero.",
)

# %% [markdown]
# So what counts is not $n$ but how many *clusters* there are, and how tight they are. If all that you know is the smallest and the largest eigenvalue, Chebyshev's polynomials are the best there is, and they give
#
# $$\boxed{\; \frac{\lVert e_k \rVert_H}{\lVert e_0 \rVert_H} \le 2 \left( \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1} \right)^k \;}$$
#
# with $\lVert e \rVert_H^2 = e^\top H e$, twice the loss above its minimum. The root of $\kappa$ again, as in momentum's best pair, whose factor is this one. But this is a bound: conjugate gradient may be faster, and down to a thousandth it was.
#
# Three problems of 300 unknowns, all with $\kappa = 100$: eigenvalues spread evenly on a logarithmic scale, in three tight clusters, and all between 1 and 2 but five, which lie from 20 to 100.
#
# :::{predict}
# How many steps to a millionth of the error, in the order spread, clusters, outliers?
#
# - `a`: 300, 300, 300
# - `b`: about 65, 15, 15
# - `c`: about 65, 65, 65: $\kappa$ is all that counts
# :::

# %%
spread = np.geomspace(1, 100, 300)
clusters = np.concatenate([c * np.linspace(0.98, 1.02, 100) for c in (1, 10, 96)])
outliers = np.concatenate([np.linspace(1, 2, 295), np.linspace(20, 100, 5)])


# %%
def left(λ, steps=80):
    """‖e‖ in the norm of H after each step, over its start; H is diagonal."""
    b = np.random.default_rng(1).standard_normal(300).astype(object)  # as above
    errors = [x - b / λ for x in plain_cg(lambda v: λ * v, b, steps)]
    return [math.sqrt((e @ (λ * e)) / (b @ (b / λ))) for e in errors]


curves = {
    name: left(λ)
    for name, λ in (("spread", spread), ("clusters", clusters), ("outliers", outliers))
}

# %% tags=["hide-input"]
bound = [chebyshev_bound(100, k) for k in range(81)]
counts = {
    name: next(k for k, e in enumerate(curve) if e < 1e-6)
    for name, curve in curves.items()
}
show(
    figures.by_step(curves, {r"bound by $\kappa$": bound}, "what is left of the error"),
    "The error against the step, on a logarithmic axis. Spread eigenvalues follow the bound of"
    f" kappa, a straight line, and reach a millionth at step {counts['spread']}. The outliers stay high for five"
    f" steps, then fall steeply: a millionth at step {counts['outliers']}. The clusters fall in jumps:"
    f" a millionth at step {counts['clusters']}.",
)

# %% tags=["hide-input"]
reveal(
    f"**{counts['spread']}, {counts['clusters']}, {counts['outliers']}.** The bound sees $\\kappa$ alone and"
    f" promises a millionth at step {next(k for k, e in enumerate(bound) if e < 1e-6)}."
    " Each outlier takes a root, and what remains is the $\\kappa = 2$ of the crowd.",
    right="b"
    if max(counts["clusters"], counts["outliers"]) < 0.5 * counts["spread"]
    else "c",
)

# %% tags=["hide-input"]
evidence(
    "S3",
    "holds with a caveat",
    f"With 300 unknowns whose eigenvalues lie in three clusters, each 4 % wide, a millionth of the error is left"
    f" after **{counts['clusters']}** steps; where they are spread, with the same κ = 100, after"
    f" {counts['spread']}. In fractions the residual of {n} equations is exactly {hard['fractions'][n]:g} after {n}"
    f" steps; in 64 bits {hard['64 bits'][n]:.0e} of it is left.",
    "Do not count on n steps, and hope for fewer: count clusters of eigenvalues, and make them.",
    f"Of the error in the norm of H, from a start at 0. Where all eigenvalues but five lie between 1 and 2 it is"
    f" {counts['outliers']} steps. Of {len(zigzag)} turns of exact steps with 50 unknowns none is off 90° by more"
    f" than {'1e-9' if turned < 1e-9 else f'{turned:.0e}'}°.",
)

# %% [markdown]
# ## Make the clusters yourself
#
# You may solve $MHx = Mb$ in place of $Hx = b$, with any symmetric positive definite $M$. What then counts are the eigenvalues of $MH$. The best $M$ is $H^{-1}$, and a good one is anything near it that costs little. It changes two things in the eight lines: the slope is $Mr$ in place of $r$, and $r^\top r$ becomes $r^\top M r$. Such an $M$ is a preconditioner, and this is {term}`preconditioning`. The simplest one, Jacobi's, divides by the diagonal of $H$.
#
# Two regressions of 100 features, each with 400 examples. In the first every feature has a unit of its own, from thousandths to thousands. In the second all have the same unit, and each resembles its neighbours.
#
# :::{predict}
# Which of the two does dividing by the diagonal repair?
#
# - `a`: both
# - `b`: the units
# - `c`: the resemblance
# :::

# %%
rng = torch.Generator().manual_seed(3)
plain = torch.randn(400, 100, generator=rng, dtype=torch.float64)
units = plain * torch.logspace(-3, 3, 100, dtype=torch.float64)
alike = [plain[:, 0]]
for j in range(1, 100):
    alike.append(0.95 * alike[-1] + 0.31 * plain[:, j])

# %% tags=["hide-input"]
most, rows = 100, []
for name, X in {"units": units, "resemblance": torch.stack(alike, dim=1)}.items():
    H, b = X.T @ X / 400, X.T @ plain.sum(1) / 400
    diagonal = H.diagonal()
    ways = {"plain": None, "Jacobi": lambda r, diagonal=diagonal: r / diagonal}
    runs = [
        conjugate_gradient(lambda v, H=H: H @ v, b, None, M, 1e-3, most)
        for M in ways.values()
    ]
    scaled = H / (diagonal[:, None] * diagonal).sqrt()  # the eigenvalues of MH
    rows.append((name, *(torch.linalg.cond(A).item() for A in (H, scaled)), *runs))

reveal(
    table(
        ["", "κ", "κ with Jacobi", "steps", "with Jacobi"],
        [
            [
                name,
                f"{before:.1e}",
                f"{after:.1e}",
                *(
                    str(run.iterations) if run.reason == "residual" else f"over {most}"
                    for run in runs
                ),
            ]
            for name, before, after, *runs in rows
        ],
    ).data
    + "\n\n**The units.** Of the resemblance the diagonal knows nothing. (Steps until the residual"
    f" is a thousandth of $b$; at most {most}, as many as there are features.)",
    right="b",
)

# %% [markdown]
# ## Newton without a Hessian
#
# Newton's direction solves $Hd = -g$. Conjugate gradient asks of $H$ only its products with vectors, and autograd computes $Hv$ for a few gradients. So a network of any size can take Newton steps: an outer loop over points, and in each of them a loop of conjugate gradient. Two questions are left ({cite:t}`dembo1982`, {cite:t}`nocedal2006`).
#
# - **When to stop?** Far from the minimum an exact $d$ is wasted. Stop at $\lVert Hd + g \rVert \le \eta \lVert g \rVert$, with $\eta = \min(\frac{1}{4}, \sqrt{\lVert g \rVert})$: rough at first, and ever finer.
# - **What if the surface bends down?** Then some $p^\top H p$ is not positive. Stop there, and take what has been found before, or $-g$.
#
# A network of 16 hidden units has 12,730 weights, and its Hessian 162 million entries.

# %% tags=["hide-input"]
show_source(NewtonCG.direction)

# %% [markdown]
# Train it on 300 digits, all of them in each step, beside a search along $-g$ and two methods that use gradients alone: conjugate gradient for any function (*Going further*) and L-BFGS. An evaluation of loss and gradient counts 1, a product 2.
#
# :::{predict}
# How many products does an iteration of Newton-CG take on average?
#
# - `a`: 1 or 2
# - `b`: some 3 to 30
# - `c`: thousands, as many as there are weights
# :::


# %%
class Steepest(LineSearch):
    def direction(self, here):
        return -here.gradient


images, _ = load("mnist")
inputs, labels = images.inputs[:300].flatten(1).double(), images.labels[:300]


def penalized(model):
    decay = sum(p.square().sum() for p in model.parameters())
    return cross_entropy(model(inputs), labels) + 1e-3 * decay


# %%
def train(make, seed, iterations):
    """At each evaluation the iterations, work and loss; and what was counted."""
    model, seen = mlp(784, 16, 10, seed=seed).double(), []
    optimizer = make(model.parameters(), max_iter=iterations)

    def closure():
        count = optimizer.memory.get
        work = 1 + count("evaluations", 0) + 2 * count("products", 0)
        seen.append((count("step", 0), work, penalized(model)))
        return seen[-1][-1]

    optimizer.step(closure)
    return [(step, work, loss.item()) for step, work, loss in seen], optimizer.memory


# %% tags=["hide-input"]
methods = {
    "search along −g": (Steepest, 60),
    "conjugate gradient": (ConjugateGradient, 40),
    "L-BFGS": (LBFGS, 50),
    "Newton-CG": (NewtonCG, 9),
}
runs = {
    name: [train(make, seed, most) for seed in range(3)]
    for name, (make, most) in methods.items()
}
lowest = {}
for name, found in runs.items():
    _, work, losses = zip(*found[0][0], strict=True)
    lowest[name] = (work, list(itertools.accumulate(losses, min)))
show(
    figures.by_work(lowest),
    "The lowest loss so far against the work, of the first seed, both axes logarithmic. "
    + " ".join(
        f"{name} ends at {losses[-1]:.3f} after {work[-1]:,}."
        for name, (work, losses) in lowest.items()
    ),
)

# %% tags=["hide-input"]
goals = (0.15, 0.1, 0.08, 0.07)


def reached(run, goal):
    """Iterations and work until the loss is below the goal."""
    return next(((step + 1, work) for step, work, loss in run[0] if loss <= goal), None)


def tolls(name, goal):
    """Of the seeds' iterations and work until the goal the medians; None where a run does not reach it."""
    found = [reached(run, goal) for run in runs[name]]
    return (
        None if None in found else [*map(statistics.median, zip(*found, strict=True))]
    )


counts = [memory for _, memory in runs["Newton-CG"]]
weights = sum(p.numel() for p in mlp(784, 16, 10).parameters())
each = [memory["products"] / memory["step"] for memory in counts]
bent = [memory["bent_down"] / memory["step"] for memory in counts]
reveal(
    f"**{min(each):.0f} to {max(each):.0f}** by seed, for {weights:,} weights. In"
    f" {min(bent):.0%} to {max(bent):.0%} of the iterations a direction bent down and"
    " ended the inner loop.",
    right="b" if 3 < statistics.median(each) < 30 else "a",
)

# %% [markdown]
# Which of them is quicker? It may hang on where you stop. So here are four goals.

# %% tags=["hide-input"]
pairs = [(tolls("Newton-CG", goal), tolls("L-BFGS", goal)) for goal in goals]
saved = [quick[0] / own[0] for own, quick in pairs]
dearer = [own[1] / quick[1] for own, quick in pairs]
columns = [f"iterations / work, medians of {len(counts)} seeds"]
rows = [
    [
        name,
        *(
            "{:g} / {:,g}".format(*toll) if (toll := tolls(name, goal)) else "–"
            for goal in goals
        ),
    ]
    for name in methods
]
say(
    table([*columns, *(f"to {goal:g}" for goal in goals)], rows).data
    + f"\n\n(–: not with every seed in {methods['search along −g'][1]} iterations.)"
    f"\n\n**Fewer iterations, more work.** At each goal L-BFGS takes {min(saved):.1f} to {max(saved):.1f} times"
    f" as many iterations as Newton-CG, and Newton-CG **{min(dearer):.1f} to {max(dearer):.1f} times** the work of"
    " L-BFGS. Methods that learn curvature from the gradients they have anyway are cheaper here."
)

# %% [markdown]
# On other networks it may be otherwise: {cite:t}`martens2010` reports deep autoencoders that gradient descent hardly moved and products trained, with the Gauss–Newton matrix for $H$.
#
# ## Use it
#
# **Take it when** you have to solve $Hx = b$ with a symmetric positive definite $H$ that is too large to factor, or that you have only as a product: a Newton step, ridge regression on many features, a diffusion on a grid, the influence of one example on a trained network.
#
# **First values**
#
# | Option | Start with | Because |
# |:--|:--|:--|
# | `tol` | $10^{-5}$; in a Newton step `forcing="root"` | digits beyond what the outer loop can use are wasted |
# | `preconditioner` | divide by the diagonal, where you have it | it undoes units, and costs $n$ multiplications |
# | `max_iter` | a few times $n$ for small problems, what you can pay for large ones | rounding may take more than $n$ |
#
# **Tune first** the preconditioner: it is the only knob that makes each step do more.
#
# **Symptoms**
#
# | You see | Likely | Do |
# |:--|:--|:--|
# | the reason is "curvature" | $H$ is not positive definite, or not symmetric | add a multiple of $I$ to it; for a network use the Gauss–Newton matrix |
# | the residual falls, then stalls | rounding: below about $\varepsilon \kappa$ nothing is promised | 64 bits, or a preconditioner |
# | the residual rises for a while | nothing: the *error* in the norm of $H$ falls at every step | wait |
# | in Newton-CG the loss rises between steps | the minibatch changed inside a step | one batch a step, large, without dropout |
#
# **In PyTorch** there is none in `torch.optim`. The product is two lines, and the eight lines above are the rest:


# %%
def flat(tensors):
    return torch.cat([tensor.reshape(-1) for tensor in tensors])


def newton_direction(loss, parameters, steps=10):
    """About −H⁻¹g for a list of parameters, in plain PyTorch."""
    g = flat(torch.autograd.grad(loss, parameters, create_graph=True))

    def product(v):
        return flat(torch.autograd.grad(g @ v, parameters, retain_graph=True))

    return plain_cg(product, -g.detach(), steps)[-1]


# %% tags=["hide-input"]
model = mlp(784, 10, seed=0).double()
d = newton_direction(penalized(model), list(model.parameters()))
before = flat_parameters(model)
NewtonCG(model.parameters(), forcing=1e-12, max_cg=10, line_search_fn=None).step(
    lambda: penalized(model)
)
gap = (flat_parameters(model) - before - d).norm() / d.norm()
say(
    "On a network without hidden layers, whose loss is convex, it is the step of the library's"
    f" `NewtonCG` to within 1e-9: **{'yes' if gap < 1e-9 else 'no'}**."
)

# %% [markdown]
# ## Going further
#
# ### An outlier comes back
#
# *You see rounding make the same outliers cost more steps, the further out they lie.*
#
# Five outliers should cost five steps, wherever they are. Move them out, and count again: in 64 bits, and with each residual made orthogonal to all before it, which is what exact arithmetic would do by itself.


# %%
def steps_to(λ, goal, clean, most=60):
    """Steps until the error is a share of its start, in the norm of H."""
    b = np.random.default_rng(1).standard_normal(len(λ)).astype(object)
    x, r, p, basis = 0 * b, b, b, []
    for k in range(most):
        e = x - b / λ
        if e @ (λ * e) <= goal**2 * (b @ (b / λ)):
            return k
        α, before = (r @ r) / (p @ (λ * p)), r
        basis.append(r / (r @ r) ** 0.5)
        x, r = x + α * p, r - α * λ * p
        for q in basis * 2 if clean else ():
            r = r - (q @ r) * q
        p = r + (r @ r) / (before @ before) * p
    return most


crowd, rows = np.linspace(1, 2, 295), []
for top in (1e2, 1e4, 1e6, 1e8):
    λ = np.concatenate([crowd, top * np.linspace(0.2, 1, 5)])
    rows.append(
        [f"{top:.0e}", *(str(steps_to(λ, 1e-6, clean)) for clean in (True, False))]
    )

# %% tags=["hide-input"]
table(["largest outlier", "steps, orthogonal by force", "steps in 64 bits"], rows)

# %% [markdown]
# A root that sits on an outlier makes the polynomial steep there: whatever rounding leaves in that direction is multiplied by a huge number in the steps that follow. Soon the outlier is back, and costs another root. The bound with outliers is a theorem without rounding too.
#
# ### Where nothing is quadratic
#
# *You see three formulas for $\beta$ part on Rosenbrock's function, and which of them arrive in time.*
#
# Without a fixed $H$ there is still a slope and a last direction: $d \leftarrow -g + \beta d$, and a line search for the length. On a quadratic, with exact searches, the three formulas for $\beta$ agree. Elsewhere they do not ({cite:t}`fletcher1964`, {cite:t}`polak1969`, {cite:t}`hager2005`), with $u = g - g_-$, the $y$ of {doc}`quasi-newton`:
#
# | `beta` | $\beta$ | After a useless step |
# |:--|:--|:--|
# | `"fletcher_reeves"` | $g^\top g / g_-^\top g_-$ | $\beta \approx 1$: it keeps the useless direction |
# | `"polak_ribiere"` | $\max(0,\; g^\top u / g_-^\top g_-)$ | $\beta \approx 0$: it starts anew by itself |
# | `"hager_zhang"` | $\big(u - 2 d\, \frac{u^\top u}{d^\top u}\big)^{\!\top} \frac{g}{d^\top u}$, with a floor | goes downhill whatever the search found |
#
# Powell's restart ({cite:t}`powell1977`) drops the last direction where $\lvert g^\top g_- \rvert$ is above a tenth of $g^\top g$: two gradients that follow each other should be at right angles.
#
# Until the gradient is below $10^{-6}$, on Rosenbrock's function of $n$ variables (at most 500 iterations):


# %%
def chain(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def solve(n, **options):
    x = torch.nn.Parameter(f64(*[-1.2, 1.0] * (n // 2)))
    optimizer = ConjugateGradient(
        [x], max_iter=500, tolerance_grad=1e-6, tolerance_change=0, **options
    )
    optimizer.step(lambda: chain(x))
    return optimizer


# %% tags=["hide-input"]
kinds = {
    "Fletcher–Reeves": {"beta": "fletcher_reeves"},
    "with Powell's restart": {"beta": "fletcher_reeves", "orthogonality": 0.1},
    "Polak–Ribière+": {"beta": "polak_ribiere"},
    "Hager–Zhang": {"beta": "hager_zhang"},
}
table(
    ["", "evaluations for n = 2", "there in time for n = 10"],
    [
        [
            name,
            str(solve(2, **options).memory["evaluations"]),
            "yes" if solve(10, **options).status == "gradient" else "no",
        ]
        for name, options in kinds.items()
    ],
)

# %% [markdown]
# ### Which variant is this?
#
# *You see where each of five forms is used, and how ours stops at a direction that bends down.*
#
# | Form | Difference | Where |
# |:--|:--|:--|
# | $r \leftarrow r - \alpha H p$ | one product a step; drifts from $b - Hx$ by rounding | here, scipy |
# | $r \leftarrow b - Hx$ | a second product; true to the end | every 50 steps in {cite:t}`shewchuk1994` |
# | $\beta = r_+^\top r_+ / r^\top r$ | the shorter form | here |
# | $\beta = r_+^\top (r_+ - r) / r^\top r$ | forgives an $M$ that changes from step to step | "flexible" CG |
# | minimal residual (MINRES) | makes $\lVert r \rVert$ smallest, and takes an indefinite $H$ | scipy's `minres` |
#
# `scipy.sparse.linalg.cg` stops at $\lVert r \rVert \le \max(\text{rtol} \lVert b \rVert, \text{atol})$ and does not look at the sign of $p^\top H p$. Ours does, and says so:

# %%
saddle = f64(1, 1, -1)
found = conjugate_gradient(lambda v: saddle * v, f64(1, 1, 0.5))

# %% tags=["hide-input"]
say(
    f"It ends for the reason “{found.reason}” after {found.iterations} step: along its last direction"
    f" $p^\\top H p$ is ${found.curvature:.2f}$."
)

# %% [markdown]
# ### One more exercise
#
# *You see what to write: Newton's direction by conjugate gradient, stopped early or where $p^\top H p$ is not positive.*
#
# #### An exercise: Newton's direction, cut short (★★★)
#
# Write `truncated(product, g, tol, max_iter)`. It solves $Hd = -g$ by conjugate gradient from $d = 0$ and stops when $\lVert Hd + g \rVert \le$ `tol` $\lVert g \rVert$, after `max_iter` products, or where $p^\top H p \le 0$: then it returns what it has, or $-g$ if that is nothing.


# %%
def truncated(product, g, tol, max_iter): ...


check("4-second-order/truncated-newton", truncated)

# %% tags=["remove-input"]
solution("4-second-order/truncated-newton")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the worst start (★)
#
# On $\frac{1}{2}(x^2 + 9y^2)$ you start at $(9, 1)$ and take best steps along $-g$. Which share of the loss does each step leave?

# %%
answer = ...
check("4-second-order/worst-share", answer)

# %% tags=["remove-input"]
solution("4-second-order/worst-share")

# %% [markdown]
# ### Exercise 2: count the roots (★★)
#
# $H$ has the eigenvalues 1, 1, 1, 4, 4, 25. After how many steps is conjugate gradient at the solution, whatever $b$ is, without rounding?
#
# - `a`: 6, as many as there are dimensions
# - `b`: 3, as many as there are different eigenvalues
# - `c`: 1, because there is a solution
# - `d`: about √25 = 5, by the bound

# %%
answer = ...
check("4-second-order/how-many-steps", answer)

# %% tags=["remove-input"]
solution("4-second-order/how-many-steps")

# %% [markdown]
# ### Exercise 3: take it out (★★)
#
# `product(v)` gives $Hv$. Write `conjugate_to(product, d, g)`, which returns the direction $-g + \beta d$ that is conjugate to $d$. Multiply by $H$ once.


# %%
def conjugate_to(product, d, g): ...


check("4-second-order/conjugate-to", conjugate_to)

# %% tags=["remove-input"]
solution("4-second-order/conjugate-to")

# %% [markdown]
# ### An open experiment
#
# The diagonal could not repair features that resemble their neighbours. What could? Build an $M$ from the three middle diagonals of $H$, or from 20 of the 400 examples, and count again. No answer is given.
#
# ## Summary
#
# - The best step along $-g$ turns by a right angle each time, and from the worst start keeps $\big(\frac{\kappa-1}{\kappa+1}\big)^2$ of the loss.
# - Conjugate directions, $d^\top H p = 0$, do not spoil each other. One share of the last direction makes each conjugate to all before: $n$ steps without rounding, and far fewer where eigenvalues cluster.
# - Conjugate gradient asks for products alone. A preconditioner makes its clusters, and with it Newton's method needs no Hessian.
#
# ## References
#
# - {cite:t}`hestenes1952`: the method. {cite:t}`shewchuk1994`: without the agonizing pain. {cite:t}`nocedal2006`: chapters 5 and 7.
# - {cite:t}`akaike1959`: where steepest descent ends up. {cite:t}`kaniel1966`, {cite:t}`axelsson1976`: the bounds.
# - {cite:t}`fletcher1964`, {cite:t}`polak1969`, {cite:t}`powell1977`, {cite:t}`hager2005`: without a quadratic. {cite:t}`dembo1982`, {cite:t}`eisenstat1996`, {cite:t}`martens2010`: inside Newton's method.
