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
# # Quasi-Newton methods
#
# Newton's step needs the Hessian: $n^2$ numbers to compute, and about $n^3$ operations to solve with. Yet each step that you take shows a piece of it for nothing: how the gradient changed on the way. BFGS collects the pieces.
#
# Below, the dashed ellipse is the true curvature where the walker stands, the solid one what BFGS believes. At first it believes in a circle. Press *Step*: what does the ellipse become, and after how many steps?

# %% tags=["hide-input"]
import math
import statistics
from functools import partial
from itertools import pairwise

import torch
from torch.nn.functional import cross_entropy

from book import results
from book.calculus import gradient, hessian
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
from book.explorers import Race, SecantLearning
from book.figures import quasi_newton as figures
from book.numerics.vector import f64
from book.optim import BFGS, LBFGS, Adam, minimize, trajectory
from book.optim.bfgs import inverse_update
from book.optim.lbfgs import two_loops
from book.problems import STANDARD
from book.surfaces import bowl, random_quadratic, rosenbrock
from book.training.data.load import load

# %% tags=["hide-input"]
SecantLearning("bowl, κ = 10", (-1.2, 1.1))

# %% [markdown]
# **You will**
#
# - read curvature off two gradients, and derive the one matrix that BFGS keeps;
# - write BFGS in a dozen lines, and L-BFGS without any matrix;
# - say why its line search must be Wolfe's, and what minibatch noise does to it.
#
# **You need** three facts:
#
# - near $x$ a function is about $f + g^\top s + \frac{1}{2} s^\top H s$, with the gradient $g$ and the Hessian $H$ ({doc}`/2-derivatives/hessian`);
# - Newton's step $-H^{-1} g$ leads to the lowest point of that parabola, in one step on a quadratic ({doc}`newton`);
# - gradient descent multiplies the distance by $(\kappa - 1)/(\kappa + 1)$ a step, where $\kappa$ is the largest curvature over the smallest ({doc}`/2-derivatives/gradient-descent`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $f$, $x$ | number, $(n,)$ | the function to be made small; where it is asked |
# | $n$ | number | how many parameters there are |
# | $g$, $H$ | $(n,)$, $(n, n)$ | the gradient and the Hessian at $x$ |
# | $s$ | $(n,)$ | a step: the new point less the old one |
# | $y$ | $(n,)$ | the change of the gradient along it: new less old |
# | $B$, $B_+$, $B_0$ | $(n, n)$ | what the method believes $H^{-1}$ to be; the same after the next pair, and at first |
# | $\hat B$, $\hat B_+$ | $(n, n)$ | $RBR$ and $RB_+R$: the same in other coordinates |
# | $d$ | $(n,)$ | the direction in which it goes, $-Bg$ |
# | $\rho$ | number | $1/y^\top s$ |
# | $W$, $R$ | $(n, n)$ | a positive definite matrix with $Ws = y$ that weighs the entries; its symmetric root, $RR = W$ |
# | $u$ | $(n,)$ | $Rs$, which is $R^{-1}y$ as well |
# | $P$, $I$ | $(n, n)$ | the projection that takes away the part along $u$; the identity |
# | $\eta$, $\varphi(\eta)$ | number | the length of a step; $f(x + \eta d)$ |
# | $c_1$, $c_2$ | number | Wolfe's two shares |
# | $m$ | number | how many pairs L-BFGS keeps |
# | $q$, $\alpha_i$ | $(n,)$, number | in the two loops: what is left of $g$; the share of pair $i$ |
# | $\kappa$, $\lambda$ | number | the largest curvature over the smallest; a curvature |
# | $\Sigma$, $T$ | $(n, n)$, number | the covariance of a gradient's noise; the number of steps |
# :::
#
# ## Two slopes are one curvature
#
# Take $f(x) = x^4/4$ in one dimension. Its slope is $x^3$. You stood at 2, where the slope is 8, and went to 1, where it is 1. So a step of $s = -1$ changed the slope by $y = -7$. The slope of the slope is the curvature: between the two points it was $y/s = 7$ on average.
#
# Newton would ask for the curvature at 1 itself, which is 3, and step by $-1/3$. Use what you have seen instead.
#
# :::{predict} number
# Where does the step $-g/7$ from 1 lead to?
# :::
#
# :::{answer} 0.857
# $1 - \frac{1}{7} = 0.857$. It is shorter than Newton's, to 0.667, since the curvature was larger back there. And it cost nothing: both slopes were known.
# :::
#
# In one dimension that is the secant method. In $n$ dimensions $s$ and $y$ are vectors. On a quadratic $y = Hs$ exactly; elsewhere $H$ is the average Hessian along the step. Whoever believes that the inverse Hessian is $B_+$ should at least believe what was just seen:
#
# $$B_+\, y = s \qquad \text{(the secant condition).}$$
#
# :::{predict}
# In two dimensions: how many symmetric matrices fulfil it?
#
# - `a`: one
# - `b`: two
# - `c`: infinitely many
# :::
#
# :::{answer} c
# A symmetric $2 \times 2$ matrix has three numbers, and the condition is two equations: a whole line of matrices is left. In $n$ dimensions $n$ equations stand against $n(n+1)/2$ numbers. The pair says what $H^{-1}$ does to *one* vector.
# :::
#
# ## The nearest matrix
#
# Which to take? Keep what you knew. Among the symmetric matrices with $B_+ y = s$, take the one **nearest to the old $B$**.
#
# Nearest in which units? If one parameter is in metres and another in seconds, a plain sum of squares depends on that choice. So first go over to coordinates in which $s$ and $y$ are the *same* vector $u$: take a symmetric positive definite $W$ with $Ws = y$ (there are such if $y^\top s > 0$), its root $R$, and put $u = Rs = R^{-1}y$. The matrices become $\hat B = RBR$, and the condition becomes
#
# $$\hat B_+\, u = u.$$
#
# Now turn the axes so that the first one lies along $u$. Then the first column of $\hat B_+$ must be $(1, 0, \ldots, 0)$, and so its first row. **All other entries are free.** The nearest matrix leaves them as they were:
#
# $$\begin{aligned} \hat B &= \begin{pmatrix} \ast & \ast \\ \ast & \text{block} \end{pmatrix}, \\ \hat B_+ &= \begin{pmatrix} 1 & 0 \\ 0 & \text{block} \end{pmatrix}. \end{aligned}$$
#
# That is all. Without turned axes it reads $\hat B_+ = P \hat B P + uu^\top / u^\top u$, where $P = I - uu^\top / u^\top u$ wipes out whatever lies along $u$. Go back to the old coordinates, and $W$ drops out:
#
# $$\boxed{\;\begin{aligned} B_+ &= (I - \rho\, s y^\top)\, B\, (I - \rho\, y s^\top) \\ & \phantom{{}={}} {} + \rho\, s s^\top \\ \rho &= \frac{1}{y^\top s} \end{aligned}\;}$$
#
# The first term forgets what $B$ said about $y$. The second writes the pair in its place. This is **BFGS**, found by four people in one year: {cite:t}`broyden1970`, {cite:t}`fletcher1970`, {cite:t}`goldfarb1970`, {cite:t}`shanno1970`.
#
# :::{dropdown} How W drops out
# With $u = Rs$ and $u = R^{-1}y$ you have $u^\top u = s^\top R R^{-1} y = s^\top y = 1/\rho$. Then $R^{-1} P R = I - \rho\, R^{-1} u\, u^\top R = I - \rho\, s\, y^\top$, as $R^{-1}u = s$ and $Ru = y$ (one equation each way). So $B_+ = R^{-1} \hat B_+ R^{-1} = (R^{-1} P R)\, B\, (R P R^{-1}) + \rho\, R^{-1} u u^\top R^{-1}$, and that is the box. Any $W$ with $Ws = y$ gives the same $B_+$.
# :::
#
# Try to find a nearer one: ten thousand random matrices that fulfil the same condition, and their distance from the old $B = I$.

# %% tags=["hide-input"]
rng = torch.Generator().manual_seed(0)
W = hessian(random_quadratic(torch.logspace(0, 1, 5).double()), torch.zeros(5).double())
values, vectors = torch.linalg.eigh(W)
R = vectors @ torch.diag(values.sqrt()) @ vectors.T
s = torch.randn(5, generator=rng, dtype=torch.float64)
y = W @ s

# %%
old = torch.eye(5, dtype=torch.float64)
new = inverse_update(old, s, y)
away = torch.eye(5) - torch.outer(y, y) / (y @ y)  # away @ y is 0
Z = torch.randn(10_000, 5, 5, generator=rng, dtype=torch.float64)
others = new + 0.1 * away @ (Z + Z.mT) @ away  # symmetric, and others @ y is s


def distance(matrix):
    return torch.linalg.matrix_norm(R @ (matrix - old) @ R)


# %% tags=["hide-input"]
say(
    f"BFGS's matrix is **{distance(new):.3f}** away, the nearest of the ten thousand"
    f" {distance(others).min():.3f}. All of them map $y$ to $s$ to within"
    f" {'1e-12' if ((others @ y) - s).abs().max() < 1e-12 else 'more than 1e-12'}."
)

# %% [markdown]
# ## On one screen

# %% tags=["remove-input"]
one_screen("BFGS")

# %% tags=["hide-input"]
ours = minimize(partial(BFGS, max_iter=200), rosenbrock, rosenbrock.at_start())
descent = trajectory(
    partial(torch.optim.SGD, lr=1e-3), rosenbrock, rosenbrock.at_start(), 1000
)
say(
    f"From the usual start ${rosenbrock.start}$ in Rosenbrock's valley the library's BFGS is within"
    f" **{(ours.x - 1).norm():.0e}** of the minimum at $(1, 1)$ after {ours.iterations} steps. Gradient descent, at the"
    f" rate 0.001, is {(descent[-1] - 1).norm():.1f} away after a thousand."
)

# %% [markdown]
# The library's formula is the box multiplied out, with no product of two matrices:

# %% tags=["hide-input"]
show_source(inverse_update)

# %% [markdown]
# ## What it has learned
#
# If $B$ were the inverse Hessian, all eigenvalues of $BH$ would be 1. Watch them on a quadratic with $n = 10$ curvatures from 1 to 100, with the exact minimum taken along each line.
#
# :::{predict}
# After how many steps is $B$ the inverse Hessian, to rounding?
#
# - `a`: after 10, one for each dimension
# - `b`: after about 50
# - `c`: never; it only comes closer
# :::

# %%
f = random_quadratic(torch.logspace(0, 2, 10).double())
H = hessian(f, f.at_start())
x = torch.nn.Parameter(f.at_start())
method = BFGS([x], c1=1e-10, c2=1e-9)  # so flat: the minimum along the line
spectra, heights = [torch.linalg.eigvalsh(H)], [f(x).item()]
for _ in range(10):
    method.step(lambda: f(x))
    B = method.memory["inverse"]
    spectra.append(torch.linalg.eigvals(B @ H).real.sort().values)
    heights.append(f(x).item())

# %% tags=["hide-input"]
rate = 2 / 101
plain = trajectory(partial(torch.optim.SGD, lr=rate), f, f.at_start(), 10)
error = (B @ H - torch.eye(10)).abs().max().item()
learned = "below 1e-10" if error < 1e-10 else f"{error:.0e}"
lowest = 1e-20  # what is below is rounding
drawn = {
    "BFGS": [max(lowest, height) for height in heights],
    "descent": [f(p).item() for p in plain],
}
show(
    figures.learned(torch.stack(spectra), drawn),
    f"First, the eigenvalues of B H over ten steps: first they lie between 1 and {spectra[0][-1]:.0f}; step by step"
    " one more of them lies on the line at 1, and after ten steps all do. Second, the loss: that of"
    f" descent falls from {heights[0]:.0f} to {f(plain[-1]):.1f}, that of BFGS below"
    f" {lowest:.0e}, the lowest number drawn.",
)

# %% tags=["hide-input"]
reveal(
    f"**After {len(spectra) - 1}**: then the largest entry of $BH - I$ is {learned}. On a quadratic, exact"
    " steps are conjugate, so a new pair disturbs none of the old ones; each step makes one more"
    " eigenvalue 1. With the search of every day the last digits take longer.",
    right="a" if error < 1e-10 else "c",
)

# %% [markdown]
# ## Strong Wolfe, and why
#
# If $B$ is positive definite, $-Bg$ goes downhill: $-g^\top B g < 0$. Does it stay so? The box gives the answer: $B_+$ is positive definite exactly if $y^\top s > 0$, that is, if the slope along the step has *risen*. Where the surface bends down that fails, unless the search goes on until it holds.
#
# **Wolfe's two conditions** on a step $\eta$ along $d$, with $\varphi(\eta) = f(x + \eta d)$:
#
# $$\begin{aligned} & \underbrace{\varphi(\eta) \le \varphi(0) + c_1\, \eta\, \varphi'(0)}_{\text{low enough (Armijo)}} \\ & \underbrace{\lvert \varphi'(\eta) \rvert \le c_2\, \lvert \varphi'(0) \rvert}_{\text{flat enough}} \end{aligned}$$
#
# with $0 < c_1 < c_2 < 1$, here $10^{-4}$ and $0.9$. The second one lifts the slope from $\varphi'(0)$ to at least $c_2\, \varphi'(0)$. So $y^\top s = \eta\, (\varphi'(\eta) - \varphi'(0)) > 0$: **every step teaches something that fits**.
#
# :::{predict}
# Along a line $\varphi$ falls at first, has one minimum and rises again. Which steps are low enough and *not* flat enough?
#
# - `a`: very short ones
# - `b`: those near the minimum
# - `c`: very long ones
# :::

# %% tags=["hide-input"]
η = torch.linspace(0, 1.6, 400, dtype=torch.float64)
φ = 2 - 2 * η - 1.5 * η**2 + 1.9 * η**3
slope = -2 - 3 * η + 5.7 * η**2
c1, c2 = 0.3, 0.6
low, flat = φ <= φ[0] + c1 * η * slope[0], slope.abs() <= c2 * slope[0].abs()
both = η[low & flat]
show(
    figures.wolfe(η, φ, φ[0] + c1 * η * slope[0], low, flat),
    f"A curve that falls from {φ[0]:.0f} to {φ.min():.2f} at {η[φ.argmin()]:.1f} and rises again, with a"
    f" straight dashed line sloping down. Bars below: low enough from 0 to {η[low][-1]:.2f}, flat"
    f" enough from {η[flat][0]:.2f} to {η[flat][-1]:.2f}, both from {both[0]:.2f} to {both[-1]:.2f}.",
)

# %% [markdown]
# :::{answer} a
# Very short steps lower $\varphi$ by enough, and see nothing: on them the slope has not changed. Some steps past the minimum are low enough too, and $\varphi$ rises too steeply there; very long ones end too high. (Drawn with $c_1 = 0.3$ and $c_2 = 0.6$, so that you see both.)
# :::
#
# Does it matter? Run BFGS on the small problems of {cite:t}`more1981`, once with strong Wolfe, once with Armijo's condition alone.
#
# :::{predict}
# With Armijo alone, some pairs have $y^\top s \le 0$ and must be left out. On how many of the problems does that happen?
#
# - `a`: on none
# - `b`: on some, fewer than half
# - `c`: on most
# :::

# %%
small = [problem for problem in STANDARD if problem.n <= 6]


def run(problem, search):
    x = torch.nn.Parameter(problem.at_start())
    method = BFGS([x], max_iter=500, line_search_fn=search)
    method.step(lambda: problem(x))
    return method.memory


memories = {
    search: [run(problem, search) for problem in small]
    for search in ("strong_wolfe", "armijo")
}


# %% tags=["hide-input"]
skips = {
    search: [m.get("skipped", 0) for m in runs] for search, runs in memories.items()
}
costs = {
    search: statistics.median(m["evaluations"] for m in runs)
    for search, runs in memories.items()
}
hit = sum(count > 0 for count in skips["armijo"])
dearer = [
    armijo["evaluations"] / wolfe["evaluations"]
    for armijo, wolfe in zip(memories["armijo"], memories["strong_wolfe"], strict=True)
    if armijo.get("skipped", 0)
]
reveal(
    f"On **{hit} of {len(small)}**; with strong Wolfe on {sum(count > 0 for count in skips['strong_wolfe'])}. A"
    " pair that is left out teaches nothing. Over all problems that matters little: the median is"
    f" {costs['armijo']} evaluations with Armijo and {costs['strong_wolfe']} with strong Wolfe. On those where pairs"
    f" were left out Armijo takes {min(dearer):.1f} to {max(dearer):.1f} times as many as strong Wolfe.",
    right="a" if hit == 0 else "b" if hit < len(small) / 2 else "c",
)

# %% [markdown]
# ## How L-BFGS forgets
#
# With a million parameters $B$ has $10^{12}$ entries. But you never need $B$ itself, only $Bg$. And $B$ is nothing but its pairs: keep the last $m$ of them, $2mn$ numbers, and apply their updates to $g$ one after another ({cite:t}`nocedal1980`, {cite:t}`liu1989`). The box says how: multiplied by $g$, its right factor takes something from $g$, and its left factor gives something back. Hence **two loops**:

# %% tags=["hide-input"]
show_source(two_loops)

# %% [markdown]
# In the middle stands $B_0 = \frac{y^\top s}{y^\top y} I$ of the newest pair: all that is known of directions that no kept pair has seen.
#
# What is lost? Take a quadratic with 50 curvatures from 1 to 1,000.
#
# :::{predict}
# BFGS needs some number of steps. How many does L-BFGS with $m = 10$ need?
#
# - `a`: about as many
# - `b`: two to five times as many
# - `c`: more than ten times as many
# :::

# %%
f = random_quadratic(torch.logspace(0, 3, 50).double())
H = hessian(f, f.at_start())


def memory(make, steps, goal=0.0):
    x = torch.nn.Parameter(f.at_start())
    method = make([x], max_iter=steps, tolerance_grad=goal, tolerance_change=0.0)
    method.step(lambda: f(x))
    return method.memory


def learn(make):
    """The steps to a gradient of 0.01, and the eigenvalues of B H after 60."""
    steps, there = memory(make, 500, 0.01)["step"], memory(make, 60)
    if (B := there.get("inverse")) is None:
        pairs = there["steps"], there["changes"]
        B = torch.stack([two_loops(e, *pairs) for e in torch.eye(50).double()])
    return steps, torch.linalg.eigvals(B @ H).real.sort().values


whole, spectrum = learn(BFGS)
kept = {m: learn(partial(LBFGS, history_size=m)) for m in (3, 5, 10, 30, 50)}
endless = partial(LBFGS, history_size=500)  # forgets no pair here
everything = memory(endless, 500, 0.01)["step"]

# %% tags=["hide-input"]
near = {m: ((s > 0.5) & (s < 2)).sum().item() for m, (_, s) in kept.items()}
of_bfgs = ((spectrum > 0.5) & (spectrum < 2)).sum().item()
show(
    figures.forgets(
        {f"m = {m}": kept[m][1] for m in (3, 10, 30)} | {"BFGS": spectrum},
        {m: steps for m, (steps, _) in kept.items()},
        {"L-BFGS, no pair forgotten": everything, "BFGS": whole},
    ),
    "First, the eigenvalues of B H after 60 steps, in order of size, where 1 is perfect: for BFGS"
    f" {of_bfgs} of 50 lie within a factor of two of 1; for m = 3, 10 and 30 they rise over"
    f" decades, and {near[3]}, {near[10]} and {near[30]} do. Second, steps against m:"
    f" {kept[3][0]} at 3, {kept[10][0]} at 10, {kept[50][0]} at 50; with no pair forgotten {everything};"
    f" BFGS needs {whole}.",
)

# %% tags=["hide-input"]
ratio = kept[10][0] / whole
reveal(
    f"**{ratio:.1f} times** as many: {kept[10][0]} in place of {whole}, until the gradient is below 0.01. After"
    f" 60 steps only {near[10]} of the 50 eigenvalues of $BH$ are within a factor of 2 of 1 (BFGS: {of_bfgs})."
    f" With m = 3 it takes {kept[3][0]} steps, with m = 50 {kept[50][0]}. But not all of this is forgetting: with"
    f" all pairs kept it still takes **{everything}**. The pairs are then as many as BFGS's. What differs is $B_0$:"
    " BFGS takes its size from the first pair, once; L-BFGS takes it anew from each newest pair, and that size is"
    " given to all that no pair has seen.",
    right="a" if ratio < 1.5 else "b" if ratio < 7 else "c",
)

# %% tags=["hide-input"]
stored = results.load("minimizers")["results"]
pairs = {
    pair["ours"]: pair for pair in stored["pairs"] if pair["ours"] in ("BFGS", "LBFGS")
}
evidence(
    "S4",
    "holds with a caveat",
    f"After 10 exact steps on a quadratic with 10 parameters, the largest entry of BH − I is {learned}; with"
    f" 10 pairs for 50 parameters, L-BFGS takes {ratio:.1f} times BFGS's steps.",
    "Take L-BFGS wherever a matrix does not fit, with m of 10 to 30; do not expect its matrix to be"
    " the inverse Hessian.",
    f"It keeps {2 * 10 * 50:,} numbers, 2mn, where BFGS keeps {50 * 50:,}. Steps for m = {', '.join(map(str, kept))}:"
    f" {', '.join(str(steps) for steps, _ in kept.values())}; BFGS {whole}. Of the 50 eigenvalues of"
    f" BH after 60 steps, {', '.join(map(str, near.values()))} lie between a half and 2; BFGS {of_bfgs}. On"
    f" {stored['problems']} problems with {min(stored['dimensions'])} to {max(stored['dimensions']):,} parameters"
    f" BFGS finds {pairs['BFGS']['solved']} minima (scipy's {pairs['BFGS']['solved by theirs']}), in the median with"
    f" {pairs['BFGS']['median']:.2f} times scipy's evaluations; L-BFGS {pairs['LBFGS']['solved']}"
    f" ({pairs['LBFGS']['solved by theirs']}), with {pairs['LBFGS']['median']:.2f} times. The caveat: with the"
    " everyday line search, and away from quadratics, the belief is good only along recent steps.",
)

# %% [markdown]
# Let them race down Rosenbrock's valley, and from other starts. Then turn on *noisy gradients*, the same within a step and fresh in the next: who still comes near the minimum?

# %% tags=["hide-input"]
Race("Rosenbrock", methods=["Momentum", "Newton", "BFGS", "LBFGS"])

# %% [markdown]
# ## Full batch against minibatch noise
#
# A pair is a difference of two gradients. If both come from the same data, it is exact. If each comes from a minibatch of its own, it carries the noise of both, whatever the length of the step.
#
# A linear classifier on the sample of MNIST: at one point, take steps of lengths from 1 to 0.01 along $-g$ and read off the curvature $y^\top s / s^\top s$ from batches of 128.
#
# :::{predict}
# With two different batches: a tenth of the length multiplies the error of the curvature by
#
# - `a`: a tenth
# - `b`: one: noise does not depend on the step
# - `c`: ten
# :::

# %% tags=["hide-input"]
data, _ = load("mnist")
X, labels = data.inputs.flatten(1).double(), data.labels


def loss(w, some=slice(None)):
    W = w.reshape(784, 10)
    return cross_entropy(X[some] @ W, labels[some]) + 5e-4 * W.square().sum()


def batch(drawn_by=rng):
    return torch.randint(len(X), (128,), generator=drawn_by)


# %%
def curvatures_seen(length, first, *others):
    """The curvature along −g: one batch's gradient here, each other one's there."""
    s = -length * g / g.norm()
    here = gradient(partial(loss, some=first), w)
    there = [gradient(partial(loss, some=other), w + s) for other in others]
    return [((each - here) @ s / (s @ s)).item() for each in there]


w = torch.zeros(7840, dtype=torch.float64)
g = gradient(loss, w)  # of all images

# %% tags=["hide-input"]
lengths = (1.0, 0.3, 0.1, 0.03, 0.01)
drawn = {"two batches": [], "one batch": []}
for length in lengths:
    draws = [(batch(), batch()) for _ in range(40)]
    seen = [curvatures_seen(length, a, b, a) for a, b in draws]
    for rows, values in zip(drawn.values(), zip(*seen, strict=True), strict=True):
        rows.append(values)
everything = slice(None)
(truth,) = curvatures_seen(1e-4, everything, everything)
bands = {
    name: torch.tensor(rows).double().quantile(f64(0.1, 0.5, 0.9), dim=1).T
    for name, rows in drawn.items()
}
deviations = {name: torch.tensor(rows).std(dim=1) for name, rows in drawn.items()}


def passes_of(make, size, seed=0):
    """The loss on all images against passes over them."""
    own = torch.Generator().manual_seed(seed)
    w = torch.nn.Parameter(torch.zeros(7840, dtype=torch.float64))
    method, seen, curve = make([w]), 0, []
    calls = 0
    while seen < 30:
        some = slice(None) if size is None else batch(own)
        if not curve or seen >= curve[-1][0] + 1:
            with torch.no_grad():
                curve.append((seen, loss(w).item()))

        def closure(some=some):
            nonlocal calls
            calls += 1
            method.zero_grad()
            value = loss(w, some)
            value.backward()
            return value

        method.step(closure)
        seen = calls * (size or len(X)) / len(X)
    return tuple(map(list, zip(*curve, strict=True)))


torch_lbfgs = partial(
    torch.optim.LBFGS, max_iter=1, history_size=10, line_search_fn="strong_wolfe"
)
seeds = range(5)
runs = {"L-BFGS, all images": [passes_of(LBFGS, None)]} | {
    name: [passes_of(make, 128, seed) for seed in seeds]
    for name, make in {
        "L-BFGS, both ends on one batch": LBFGS,
        "L-BFGS, each end on its own": torch_lbfgs,
        "Adam, batches": partial(Adam, lr=1e-2),
    }.items()
}

# %% tags=["hide-input"]
ends = [[losses[-1] for _, losses in found] for found in runs.values()]
finals = [found[0] for found in ends]
beside = ", lower than all of them" if max(ends[3]) < min(map(min, ends[:3])) else ""
(_, one, two, adam) = (f"{min(found):.2f} to {max(found):.2f}" for found in ends)
grown = (deviations["two batches"][4] / deviations["two batches"][2]).item()
show(
    figures.noise(
        lengths, bands, truth, {name: found[0] for name, found in runs.items()}
    ),
    "First, the curvature read off against the step's length. On one batch it stays in a narrow band"
    f" around the true {truth:.2f} at all lengths. On two batches the band widens as the step"
    " shrinks, a hundredfold from 1 to 0.01, and reaches far below 0. Second, training"
    f" loss over 30 passes, of the first seed: L-BFGS on all images ends at {finals[0]:.2f}, on one batch a step at"
    f" {finals[1]:.2f}, with each end on its own batch at {finals[2]:.2f}, Adam at {finals[3]:.2f}.",
)

# %% tags=["hide-input"]
wrong = sum(value <= 0 for value in drawn["two batches"][4]) / len(
    drawn["two batches"][4]
)
reveal(
    f"**{grown:.0f}**: the noise in $y$ stays and is divided by a shorter $s$. At the length 0.01,"
    f" {wrong:.0%} of the curvatures read off are negative, on a convex loss. On one batch for both ends the"
    f" deviation is {deviations['one batch'].min():.2f} to {deviations['one batch'].max():.2f}."
    f"\n\nTraining for 30 passes, {len(seeds)} seeds: with both ends of each pair on one batch L-BFGS comes to"
    f" **{one}**, with each end on its own to **{two}**, and with all images in each step to {finals[0]:.2f}. Adam,"
    f" at the rate 0.01, comes to {adam}{beside}.",
    right="c" if 5 < grown < 20 else "b",
)

# %% [markdown]
# So quasi-Newton methods belong where the gradient is exact. On minibatches both ends of a pair should see the same data, and even then Adam is lower here. `torch.optim.LBFGS` compares the gradient of this call with that of the call before: hand it one batch for many iterations, or all the data.
#
# ## Use it

# %% tags=["remove-input"]
use_it("LBFGS")

# %% [markdown]
# ## Going further
#
# ### Is an averaged SGD a second-order method?
#
# *You see what averaging SGD's points does without noise and under it, and where the saying may come from.*
#
# `torch.optim.ASGD` is SGD that also keeps the mean of its points, after {cite:t}`polyak1992`. You may find it filed under second-order methods. Test it: first without noise, on a bowl with $\kappa = 100$; then with noise.
#
# :::{predict}
# Without noise, after 300 steps at the same rate: which stands lower?
#
# - `a`: the average
# - `b`: the last point of SGD
# - `c`: they are equal
# :::


# %%
def averaged(rate, steps, start, noise=None):
    """The last point of torch's ASGD, and the mean of all its points."""
    x = torch.nn.Parameter(start.clone())
    method = torch.optim.ASGD([x], lr=rate, lambd=0.0, alpha=0.0, t0=0)
    for t in range(steps):
        x.grad = λ * x.detach() + (0 if noise is None else noise[t])
        method.step()
    return x.detach(), method.state[x]["ax"]


λ = f64(1, 100)
last, mean = averaged(0.01, 300, f64(2, 1))

# %% tags=["hide-input"]
valley = bowl(100)
quick = minimize(partial(BFGS, max_iter=100), valley, f64(2, 1))
rng = torch.Generator().manual_seed(0)
draws = torch.randn(2000, 400, 2, generator=rng, dtype=torch.float64)
_, means = averaged(0.01, 2000, torch.zeros(400, 2).double(), draws)
spread = 2000 * means.var(0)
reveal(
    f"**The last point**: {valley(last):.0e} against {valley(mean):.0e} for the average, which drags its start"
    f" along. BFGS needs {quick.iterations} steps in all.",
    right="b" if valley(last) < valley(mean) else "a",
)

# %% tags=["hide-input"]
evidence(
    "S5",
    "false",
    f"Without noise, on a bowl with κ = 100, the average stands at {valley(mean):.0e} after 300 steps and SGD"
    f" itself at {valley(last):.0e}; BFGS is there after {quick.iterations}.",
    "Average against noise, not against conditioning: its steps are −ηg, and know no curvature.",
    "The caveat, which may be where the saying comes from: under noise of variance 1 the mean of T points has T"
    f" times the variance {spread[0]:.2f} and {spread[1]:.6f} in the two directions; noise passed through the"
    " inverse Hessian would give 1 and 0.0001. So a long average filters noise as well as Newton's method would, without"
    " any curvature; it gets to the minimum no faster.",
)

# %% [markdown]
# So a mean of $T$ points has the variance $H^{-1} \Sigma H^{-1} / T$, the same as if every gradient's noise, of covariance $\Sigma$, had been multiplied by the inverse Hessian. That is a theorem about noise, once the start is forgotten.
#
# ### Against other libraries
#
# *You see profiles of ours, scipy's, torch's and torchmin's on the same problems, and each of ours beside a peer.*
#
# A stored run took the problems of {cite:t}`more1981` from their standard starts, with the same derivatives for all. An evaluation is a point at which $f$ was computed; they are counted up to the first point within $10^{-8}$ of the minimum. A profile ({cite:t}`dolan2002`) shows for each method on how many problems it needs at most so many times the evaluations of the best. The best here is the best of all methods in the run: those that ask for a Hessian or for residuals are among them, and need far fewer points.

# %% tags=["hide-input"]
shown = (
    "BFGS",
    "scipy BFGS",
    "torchmin bfgs",
    "LBFGS",
    "scipy L-BFGS-B",
    "torchmin l-bfgs",
    "torch LBFGS",
)
profiles = {name: stored["profiles"][name] for name in shown}
tenfold = stored["factors"].index(8)
show(
    figures.profiles(stored["factors"], profiles),
    "Seven staircases close together, the share of problems solved against a factor of the fewest evaluations, on a"
    " logarithmic axis. All start near 0 and rise most between factors of 2 and 8. At 8:"
    f" {', '.join(f'{name} {values[tenfold]:.2f}' for name, values in profiles.items())}; at the largest factor:"
    f" {', '.join(f'{name} {values[-1]:.2f}' for name, values in profiles.items())}.",
)

# %% tags=["hide-input"]
gulf = {
    row["solver"]: [row["reached"], *row["moved"]]
    for row in stored["rows"]
    if row["problem"] == "Gulf research and development" and "moved" in row
}
say(
    f"Ours beside a peer's of the same kind, on {stored['problems']} problems. A quotient below 1 is in our favour."
    " The medians are over the problems on which both find the same minimum; *above 1.3 on* counts those where"
    " ours needs so much more. A long path hangs on its last digits: on one problem scipy's CG takes"
    f" {min(gulf['scipy CG'])} to {max(gulf['scipy CG'])} evaluations, from {1 + stored['moves']['starts']} starts"
    f" that differ by {stored['moves']['shift']:.0e}. So on problems of up to {stored['moves']['up to n']}"
    " parameters each count is the median over such starts.\n\n"
    + table(
        [
            "",
            "solved; by the peer",
            "evaluations, median",
            "above 1.3 on",
            "worst",
            "seconds, median",
        ],
        [
            [
                f"{pair['ours'].replace(', ', ' with ')}, {pair['theirs']}",
                f"{pair['solved']}; {pair['solved by theirs']}",
                f"{pair['median']:.2f}",
                f"{len(pair['above 1.3'])} of {pair['same minimum']}",
                f"{pair['worst']:.2f}",
                f"{pair['median of seconds']:.2f}",
            ]
            for pair in stored["pairs"]
        ],
    ).data
    + "\n\n*BFGS with scipy's choices* is our BFGS with scipy's first matrix and first trial: where its count is scipy's and that"
    " of ours is not, these two choices make the difference."
)

# %% [markdown]
# ### Why not the other way round?
#
# *You see what tells BFGS from DFP: how fast each corrects a curvature that it believes far too large.*
#
# Learn the Hessian in place of its inverse, by the same box with $s$ and $y$ exchanged, and invert it: that is DFP (below, already inverted), the first of the family ({cite:t}`davidon1959`, {cite:t}`fletcher1963`). With exact searches both walk the same path. {cite:t}`powell1986` found what tells them apart: a wrong belief.
#
# Take $f(x) = \frac{1}{2}\lVert x \rVert^2$, whose Hessian is the identity, so that $y = s$. Begin with a $B$ that thinks one curvature a thousand times too large, start at $(0.09, 1)$, and let every step be $-Bg$.
#
# :::{predict}
# How many steps do the two take to come within $10^{-4}$?
#
# - `a`: about as many
# - `b`: DFP ten times as many
# - `c`: DFP more than thirty times as many
# :::


# %%
def dfp_update(B, s, y):
    By = B @ y
    return B + torch.outer(s, s) / (y @ s) - torch.outer(By, By) / (y @ By)


def from_a_wrong_belief(update, start=(0.09, 1)):
    """The smallest eigenvalue of B at the start and after each step; 1 is right."""
    B, x, smallest = torch.diag(f64(1, 1e-3)), f64(*start), [1e-3]
    while x.norm() > 1e-4:
        s = -B @ x
        B, x = update(B, s, s), x + s
        smallest.append(torch.linalg.eigvalsh(B)[0].item())
    return smallest


updates = inverse_update, dfp_update
taken = [len(from_a_wrong_belief(update)) - 1 for update in updates]

# %% tags=["hide-input"]
mended = [from_a_wrong_belief(update)[10] for update in updates]
kinder = [len(from_a_wrong_belief(update, (1, 1))) - 1 for update in updates]
reveal(
    f"BFGS takes **{taken[0]}**, DFP **{taken[1]}**. After ten steps the smallest eigenvalue of $B$, which should be"
    f" 1, is {mended[0]:.2g} for BFGS and {mended[1]:.2g} for DFP: from the pairs of such steps DFP mends it by a"
    f" little at each. The start is unkind to it: from $(1, 1)$ the two take {kinder[0]} and {kinder[1]}.",
    right="c" if taken[1] > 30 * taken[0] else "b",
)

# %% [markdown]
# ### One number in place of the matrix
#
# *You see descent with a rate that is read off the last pair, beside the best fixed rate, and what it gives up.*
#
# Let $B_+$ be $\eta I$. Then $B_+ y = s$ has more equations than numbers. The $\eta$ that misses by least, in squares, is
#
# $$\eta = \frac{s^\top y}{y^\top y},$$
#
# the size that L-BFGS puts between its two loops. Descent with this rate and no search is {cite:t}`barzilai1988`'s method. Take a quadratic with the 32 curvatures 1, 4, 9, … 1,024. The best fixed rate is $2/(1 + 1024)$.
#
# :::{predict}
# How many steps do the two take until no slope is above $10^{-6}$?
#
# - `a`: about as many
# - `b`: the pair's rate half as many
# - `c`: the pair's rate a tenth or fewer
# :::


# %%
curvatures = torch.arange(1, 33).double() ** 2


def descent(x, lr, rate=None):
    """The losses of each step, from the first rate on."""
    losses, g = [], curvatures * x
    while g.abs().max() > 1e-6:
        s = -lr * g
        x, y = x + s, curvatures * (x + s) - g
        g, lr = g + y, rate(s, y) if rate else lr
        losses.append(math.fsum((curvatures * x**2).tolist()) / 2)
    return losses


def of_the_pair(s, y):
    return math.fsum((s * y).tolist()) / math.fsum((y * y).tolist())


# %% tags=["hide-input"]
draws = [
    torch.randn(32, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    for seed in range(5)
]
fixed = [len(descent(x, 2 / 1025)) for x in draws]
walks = [descent(x, 2 / 1025, of_the_pair) for x in draws]
least = min(a / len(walk) for a, walk in zip(fixed, walks, strict=True))
rises = [sum(b > a for a, b in pairwise(walk)) for walk in walks]
worst = max(b / a for walk in walks for a, b in pairwise(walk))
reveal(
    f"From {len(draws)} random starts the fixed rate takes {min(fixed):,} to {max(fixed):,} steps, the pair's"
    f" **{min(map(len, walks))} to {max(map(len, walks))}**: fewer by a factor of {least:.0f} at least. What it"
    f" gives up: in {min(rises)} to {max(rises)} of its steps the loss *rises*, once by a factor of {worst:,.0f}.",
    right="c" if least >= 10 else "b" if least > 1.5 else "a",
)

# %% [markdown]
# Each rate is one over a curvature between the least and the largest: a long step shrinks the error along flat directions and blows it up along steep ones, which the next short steps make good. A search that asks for a lower loss in each step forbids that; {cite:t}`raydan1997` asks for one below the highest of the last ten. Conjugate gradient takes one step a curvature here, in exact arithmetic, and its loss never rises ({doc}`conjugate-gradient`).
#
# ### Two more exercises
#
# *You see two tasks: the memory of L-BFGS in megabytes, and $Bg$ from the pairs without the matrix.*
#
# #### An exercise: what L-BFGS keeps (★)
#
# A network has a million weights in float32. How many megabytes (a million bytes) are the pairs of L-BFGS with $m = 10$?

# %%
answer = ...
check("4-second-order/memory", answer)

# %% tags=["remove-input"]
solution("4-second-order/memory")

# %% [markdown]
# #### An exercise: without the matrix (★★★)
#
# Write `without_the_matrix(g, steps, changes)`, which returns $Bg$ for the $B$ that the pairs build, the oldest first, from $B_0 = \frac{y^\top s}{y^\top y} I$ of the newest. Can you do it without looking at the library's two loops? Hint: the box, applied to a vector, calls itself.


# %%
def without_the_matrix(g, steps, changes): ...


check("4-second-order/without-the-matrix", without_the_matrix)

# %% tags=["remove-input"]
solution("4-second-order/without-the-matrix")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: two slopes (★)
#
# At $x = 3$ the slope is 10, at $x = 2.5$ it is 7. What is $B$ after the step from 3 to 2.5?

# %%
answer = ...
check("4-second-order/secant", answer)

# %% tags=["remove-input"]
solution("4-second-order/secant")

# %% [markdown]
# ### Exercise 2: which pair? (★★)
#
# One of these pairs must be left out. Which?
#
# - `a`: s = (1, 0), y = (0.001, 5)
# - `b`: s = (1, 1), y = (−2, 3)
# - `c`: s = (1, −1), y = (1, 2)
# - `d`: s = (−1, 0), y = (−4, 1)

# %%
answer = ...
check("4-second-order/which-pair", answer)

# %% tags=["remove-input"]
solution("4-second-order/which-pair")

# %% [markdown]
# ### Exercise 3: the box in code (★★)
#
# Write `bfgs_update(B, s, y)`, which returns the new inverse and leaves `B` as it is.


# %%
def bfgs_update(B, s, y): ...


check("4-second-order/bfgs-update", bfgs_update)

# %% tags=["remove-input"]
solution("4-second-order/bfgs-update")

# %% [markdown]
# ### An open experiment
#
# Between one batch and all the data lies a batch that grows. Start L-BFGS with 128 images, keep a batch for ten iterations, then double it. Does it beat Adam in passes over the data? In seconds? No answer is given.
#
# ## Summary
#
# - A step and the change of the gradient along it are one equation for the inverse Hessian. BFGS takes the nearest matrix that fulfils it; on a quadratic, $n$ exact steps teach it everything.
# - Wolfe's second condition makes every pair fit. L-BFGS keeps the last $m$ pairs in place of a matrix, and knows only the directions they saw.
# - A pair is a difference, and noise does not shrink with the step: same data at both ends, or another method.
#
# ## References
#
# - {cite:t}`broyden1970`, {cite:t}`fletcher1970`, {cite:t}`goldfarb1970`, {cite:t}`shanno1970`: BFGS. {cite:t}`davidon1959`, {cite:t}`fletcher1963`: the first of the kind; {cite:t}`powell1986`: how bad.
# - {cite:t}`nocedal1980`, {cite:t}`liu1989`: L-BFGS. {cite:t}`barzilai1988`, {cite:t}`raydan1997`: one number. {cite:t}`wolfe1969`: the conditions. {cite:t}`nocedal2006`: all of it, with proofs.
# - {cite:t}`polyak1992`: averaging. {cite:t}`more1981`, {cite:t}`dolan2002`: problems and profiles.
