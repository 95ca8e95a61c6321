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
# # Critical points
#
# A loss that stands still looks like the end of training, and often is not. Here is the loss of a small network over 450 steps of descent. **Where would you have stopped it?**

# %% tags=["hide-input"]
import math

import torch
from scipy.stats import spearmanr

from book import results
from book.calculus import (
    chance_of_definite,
    classify,
    critical_points,
    gradient,
    hessian,
    kind_of,
    random_symmetric,
)
from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.explorers import DescentOnASurface
from book.figures import critical_points as figures
from book.optim import descend
from book.surfaces import himmelblau, monkey_saddle, saddle

# %% tags=["hide-input"]
x = torch.linspace(-2, 2, 41, dtype=torch.float64)
y = x + torch.tanh(5 * x)


def loss(θ):  # shape (..., 4) → (...): one loss for each vector of weights
    w, v = θ[..., None, :2], θ[..., None, 2:]
    return ((torch.tanh(x[:, None] * w) * v).sum(-1) - y).square().mean(-1) / 2


starts = 1e-6 * torch.randn(
    8, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
)
paths = descend(lambda θ: loss(θ).sum(), starts, lr=0.02, steps=450)
losses = loss(paths)

show(
    figures.plateau(losses[:, 0]),
    f"The loss is a horizontal line at {losses[0, 0]:.2f} for"
    f" {int((losses[:, 0] > 0.99 * losses[0, 0]).sum())} steps. Then it falls to"
    f" {losses[-1, 0]:.2f}.",
)

# %% tags=["hide-input"]
there = paths[100, 0]

say(
    "From step 0 to step 100 the loss goes from"
    f" {losses[0, 0]:.6f} to {losses[100, 0]:.6f}, and at step 100 the gradient has"
    f" the length **{gradient(loss, there).norm():.0e}**. At step 450 the loss is"
    f" **{losses[450, 0]:.3f}**."
)

# %% [markdown]
# **You will**
#
# - classify a point with zero gradient by the eigenvalues of its Hessian, and say when they cannot decide;
# - predict the number of steps that descent spends at a saddle, and count them;
# - hold an argument for how rare minima are, often printed and wrong, against the critical points of a network.
#
# **You need**
#
# - the Hessian, the matrix of second derivatives, and what its eigenvalues say: the curvatures along its eigenvectors ({doc}`hessian`);
# - descent, which goes the rate times the gradient downhill ({doc}`gradient-descent`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $y$ | numbers | input and wanted output of the network; elsewhere two coordinates |
# | $\hat{y}$ | number | the network's output |
# | $w_1$, $w_2$, $v_1$, $v_2$ | numbers | the network's weights; $\theta$, of shape $(4,)$, is all of them |
# | $f$, $p$ | number, $(n,)$ | a function of $n$ variables; a point where it is level |
# | $s$ | $(n,)$ | a step |
# | $g$, $H$ | $(n,)$, $(n, n)$ | gradient and Hessian |
# | $\lambda_i$, $q_i$, $c_i$ | number, $(n,)$, number | an eigenvalue of $H$, its eigenvector of length 1, the coordinate of a step along it; $\lambda_{\max}$ the largest |
# | $k$ | number | the order of a derivative |
# | $\varepsilon$ | number | machine epsilon |
# | $\eta$, $t$ | numbers | the learning rate; the number of steps |
# | $\delta$, $\rho$ | numbers | the distance from the ridge at the start, and the one to be reached |
# | $\sigma$, $\xi_t$, $\delta_\sigma$ | numbers | the strength of the noise; one normal number; the distance that noise is as good as |
# | $L$, $m$ | function, number | the loss; the mean of $xy$. In $\eta < 1/L$ it is a bound on the curvature |
# | $d$ | number | the number of dimensions |
# | $M$, $G$ | $(d, d)$ | a random symmetric matrix, and the one that it is made from |
# | $I$ | $(n, n)$ | the identity matrix |
# | $a$, $b$, $c$ | numbers | entries of a symmetric matrix of two rows |
# :::
#
# ## Four weights and their loss
#
# The network of the opening is about the smallest that there is: one input $x$, two hidden units with weights $w_1, w_2$ going in and $v_1, v_2$ coming out, and no biases,
#
# $$\hat{y}(x) = v_1 \tanh(w_1 x) + v_2 \tanh(w_2 x).$$
#
# Its four weights form the vector $\theta = (w_1, w_2, v_1, v_2)$. It shall learn $y = x + \tanh(5x)$ from 41 points; the loss is half the mean squared error. All weights start near $10^{-6}$, and the rate is 0.02. (There are eight such starts; the picture shows the first.)
#
# Every test that looks at the loss or at the gradient alone would have stopped this run. The gradient is small for one of two reasons: you are near the bottom, or near some other place where the ground is level. First derivatives cannot tell the two apart. Second derivatives mostly can.
#
# ## Three kinds of level ground
#
# A point where $\nabla f = 0$ is a {term}`critical point`. Here are the three kinds that matter, each on a surface $\frac{1}{2}(\lambda_1 x^2 + \lambda_2 y^2)$. Above, the level lines, the darker the lower. Below, what you meet when you walk through the point along $x$ and along $y$.

# %% tags=["hide-input"]
show(
    figures.kinds({"minimum": (1, 2), "maximum": (-1, -2), "saddle": (1, -2)}),
    "Three surfaces as level lines and as two cuts each. At the minimum both cuts curve"
    " upward, at the maximum both downward. At the saddle the level lines are"
    " hyperbolas, one cut curves upward and the other downward.",
)

# %% [markdown]
# At a minimum every direction leads up. At a maximum every direction leads down. A {term}`saddle` has both. For descent the saddle is the interesting one: it comes down along $x$ as if to a minimum, and the way out leads off at a right angle.
#
# ## The eigenvalues decide
#
# Take a critical point $p$ of a function of $n$ variables, and a small step $s$, both of shape $(n,)$. Taylor's polynomial of second order says
#
# $$f(p + s) \approx f(p) + g^\top s + \tfrac{1}{2} s^\top H s,$$
#
# with the gradient $g$ of shape $(n,)$ and the Hessian $H$ of shape $(n, n)$, both at $p$. At a critical point $g = 0$, and the quadratic term is all that is left.
#
# $H$ is symmetric, so it has $n$ eigenvectors $q_1, \dots, q_n$ at right angles to each other, of length 1, with real eigenvalues $\lambda_1 \le \dots \le \lambda_n$. Write the step in these directions, $s = c_1 q_1 + \dots + c_n q_n$. Then $H s = \sum_i \lambda_i c_i q_i$, and because $q_i^\top q_j = 0$ for $i \ne j$ every mixed term falls away:
#
# $$\boxed{\;f(p + s) - f(p) \approx \tfrac{1}{2} \sum_{i=1}^{n} \lambda_i c_i^2\;}$$
#
# A sum of squares, each with a sign in front. So:
#
# - all $\lambda_i > 0$: every step leads up, a **minimum**;
# - all $\lambda_i < 0$: every step leads down, a **maximum**;
# - some of each sign: up along one eigenvector, down along another, a **saddle**, whatever the rest do;
# - no negative ones, but a zero (or no positive ones, but a zero): along that eigenvector the sum says nothing, and terms that we dropped decide. **Undecided.**
#
# Check the boxed formula with numbers. Himmelblau's function, $f(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2$, has a critical point near $(3.385, 0.074)$. (`critical_points` finds it from a start nearby; *Going further* says how.) Take a step of length 0.01 along each eigenvector and compare the change with $\frac{1}{2} \lambda \cdot 0.01^2$.

# %%
point = critical_points(himmelblau, torch.tensor([[3.4, 0.1]]).double())[0]
eigenvalues, directions = torch.linalg.eigh(hessian(himmelblau, point))
rows = []
for λ, q in zip(eigenvalues, directions.T, strict=True):
    seen = himmelblau(point + 0.01 * q) - himmelblau(point)
    rows.append([f"{λ:.3f}", f"{λ / 2 * 1e-4:.2e}", f"{seen:.2e}"])

# %% tags=["hide-input"]
table(["eigenvalue", "predicted change", "seen"], rows)

# %% [markdown]
# ## Where the test is silent
#
# Some books say that a second derivative of zero means a saddle. Try it on $x^4$, $-x^4$ and $x^3$ at $x = 0$. All three have $f'(0) = 0$ and $f''(0) = 0$.
#
# :::{predict}
# How many of the three have the same kind of point there?
#
# - `a`: all three: a saddle
# - `b`: two of them
# - `c`: no two
# :::

# %% tags=["hide-input"]
line = torch.linspace(-1, 1, 81, dtype=torch.float64)
curves = {"$x^4$": line**4, "$-x^4$": -(line**4), "$x^3$": line**3}
show(
    figures.flat_cuts(line, curves),
    "Three curves that are level at zero: x to the fourth has its lowest point there,"
    " its negative its highest, and x cubed passes through from below to above.",
)

# %% tags=["hide-input"]
zero = torch.zeros(1, dtype=torch.float64)
powers = {
    "x⁴": lambda p: p[0] ** 4,
    "−x⁴": lambda p: -(p[0] ** 4),
    "x³": lambda p: p[0] ** 3,
}
undecided = [classify(f, zero).kind == "undecided" for f in powers.values()]
lower = [
    (f(zero - 0.1) < 0).item() + (f(zero + 0.1) < 0).item() for f in powers.values()
]
evidence(
    "D5",
    "false",
    f"f″(0) is 0 for x⁴, −x⁴ and x³, and of the two values at ±0.1, {lower[0]}, {lower[1]} and {lower[2]} lie"
    " below f(0): a minimum, a maximum and neither.",
    so="Read a zero as 'undecided', and ask the function itself.",
    more=f"The test is undecided for {sum(undecided)} of {len(undecided)}.",
)  # fmt: skip

# %% [markdown]
# :::{answer} c
# One of each. The test does not say "saddle" here, and it does not say "minimum" either. It says nothing.
# :::
#
# So when the eigenvalues are silent, look at values around: at *all* around, as *Going further* shows.
#
# ## How long descent waits at a saddle
#
# Near a critical point $p$ the gradient is $H (x - p)$. Write the offset in the eigenvectors once more, $x - p = \sum_i c_i q_i$. A step of descent with the rate $\eta$ multiplies each coordinate by a factor of its own, as in {doc}`../1-numbers/conditioning`:
#
# $$c_i \leftarrow (1 - \eta \lambda_i)\, c_i.$$
#
# For $\lambda_i > 0$ the factor is below 1 and the coordinate dies out: this is the approach. For $\lambda_i < 0$ the factor is $1 + \eta |\lambda_i|$, above 1: the coordinate grows by the same factor each step. Start at a distance $\delta$ along the negative direction. After $t$ steps it is $(1 + \eta |\lambda|)^t \delta$, which reaches 1 after
#
# $$\boxed{\;t = \frac{\log (1 / \delta)}{\log (1 + \eta |\lambda|)}\;}$$
#
# steps. This is the {term}`escape time`. It depends on $\delta$ only through a logarithm: a start a thousand times nearer costs a fixed number of extra steps.
#
# Take the saddle $x^2 - y^2$, with the eigenvalues 2 and $-2$, and $\eta = 0.1$: the factor is 1.2.
#
# :::{predict} number
# How many steps does it take from $\delta = 10^{-15}$?
# :::
#
# Run the count for $\delta = 10^{-1}$ to $10^{-15}$.

# %%
δ = 10.0 ** -torch.arange(1, 16, dtype=torch.float64)
offsets = torch.stack([torch.full_like(δ, 1.5), δ], dim=1)
paths_off = descend(lambda p: saddle(p).sum(), offsets, lr=0.1, steps=200)
counted = (paths_off[..., 1].abs() < 1).sum(0)  # the steps at which y is still below 1
predicted = -δ.log() / math.log(1.2)

# %% tags=["hide-input"]
show(
    figures.escape(δ, predicted, counted),
    "Steps to leave the saddle against the distance at the start, on a logarithmic"
    " axis. The counted points lie on the predicted straight line, from"
    f" {counted[0]} steps at a tenth to {counted[-1]} at ten to the minus fifteen.",
)

# %% tags=["hide-input"]
miss = (counted - predicted).abs().max()
reveal(
    f"From δ = {δ[-1]:.0e}: predicted {predicted[-1]:.1f}, counted **{counted[-1]}**."
    f" Over all {len(δ)} starts the two differ by less than {math.ceil(miss)} step.",
    right=int(counted[-1]),
)

# %% [markdown]
# Now take it in your hands.
#
# :::{predict} number
# The start below is at $y = 0.001$. After how many steps at $\eta = 0.1$ does the path leave the picture, where $|y| = 2$?
# :::
#
# Give the path more steps until it does. Then
#
# - drag the start onto the line $y = 0$. Where does the path end, and what does the explorer call that point?
# - choose the monkey saddle, which has no curvature in the middle, and start at (1.2, 0.01), then at (1.2, 0.001). Does a tenth of the distance still cost a fixed number of extra steps?

# %% tags=["hide-input"]
DescentOnASurface("saddle", start=(1.5, 0.001), lr=0.1, steps=30)

# %% [markdown]
# :::{answer} 42
# After 42: $\log(2 / 0.001) / \log 1.2 = 41.7$.
# :::
#
# ## The network again
#
# Back to the loss that stood still. All weights near zero: is $\theta = 0$ critical? Its output is 0, and each weight's derivative vanishes with the other weight of its unit, so the gradient is zero. To second order the loss is
#
# $$L(\theta) \approx L(0) - m \, (w_1 v_1 + w_2 v_2),$$
#
# where $m$ is the mean of the products $x y$ over the 41 points. The term $-m\, w v$ is itself a saddle for $m > 0$: up along $w = -v$, down along $w = v$. So the eigenvalues should be $\pm m$, each twice.

# %% tags=["hide-input"]
nothing = torch.zeros(4, dtype=torch.float64)
at_zero = classify(loss, nothing)

say(
    f"θ = 0 is a **{at_zero.kind}**, with the eigenvalues"
    f" {', '.join(f'{λ:.4f}' for λ in at_zero.eigenvalues)}; m is"
    f" {(x * y).mean():.4f}."
)

# %% [markdown]
# Now the escape time is a forecast. For each of the eight starts, $\delta$ is the part of $\theta$ along the two negative eigenvectors. Ask when that part has grown to 0.1.

# %%
downhill = torch.linalg.eigh(hessian(loss, nothing)).eigenvectors[:, :2]
part = (paths @ downhill).norm(dim=-1)  # shape (451, 8)
growth = math.log(1 - 0.02 * at_zero.eigenvalues[0])
forecast = (0.1 / part[0]).log() / growth
waits = (part < 0.1).sum(0)

# %% tags=["hide-input"]
say(
    f"Forecast, from the start alone: {forecast.min():.0f} to {forecast.max():.0f}"
    f" steps. Counted: **{waits.min()} to {waits.max()}**. The largest difference among"
    f" the eight is {(waits - forecast).abs().max():.1f} steps."
)

# %% [markdown]
# That plateau was a saddle, and its length was written in the first step.
#
# It is not the only one. Follow six of the starts for longer, at a ten times larger rate, with the losses on a logarithmic axis.
#
# :::{predict}
# Do they fall straight to the bottom once they have left the first plateau?
#
# - `a`: yes, all of them
# - `b`: some do, and some wait on a second plateau
# - `c`: no, all of them wait on a second plateau
# :::

# %% tags=["hide-input"]
longer = loss(descend(lambda θ: loss(θ).sum(), starts[:6], lr=0.2, steps=1500))

equal_units = critical_points(
    lambda q: loss(q[[0, 0, 1, 1]]), torch.tensor([[1.0, 1.4]]).double()
)
twins = equal_units[0, [0, 0, 1, 1]]
levels = {
    "all weights 0": loss(nothing).item(),
    "both units alike": loss(twins).item(),
}
lower = levels["both units alike"]
passed = (longer[50:60] < 0.99 * lower).all(0).sum()
stayed = (longer < 0.99 * lower).int().argmax(0).max()
show(
    figures.shelves(longer, levels),
    "Six losses. On the left all stay at the upper line for about 30 steps, then fall"
    " together and turn flat at the lower line. On the right, the same losses near the"
    f" lower line: {passed} are 1 % below it after 50 steps, the last one is after"
    f" {stayed}.",
)

# %% tags=["hide-input"]
through = int(passed)
reveal(
    f"**{through}** of {longer.shape[1]} are below the second plateau after 50 steps; the last one leaves it"
    f" after {stayed}.",
    right="a" if through == longer.shape[1] else "b" if through else "c",
)

# %% [markdown]
# The second plateau is another critical point: both hidden units are *alike*, $w_1 = w_2$ and $v_1 = v_2$. Such twins get equal gradients, so descent can never part them. The network then has one unit to work with, and the best that one unit can do is a critical point of the whole ({cite:t}`fukumizu2000`): a saddle again (*Twins*, in *Going further*, has its eigenvalues). This is one reason why weights are initialised at random, and not all to the same number.
#
# ## How rare are minima?
#
# A network has thousands of weights or more. What is a typical critical point of such a function? You can read this: along each axis the function curves up, or down, or not at all; call these equally likely and independent. Then all $d$ axes curve up with the chance $1/3^d$. In a thousand dimensions minima practically do not exist, and nearly everything is a saddle.
#
# Two things are assumed here. The axes of the coordinates do not decide, the eigenvectors do. And eigenvalues are not independent. So look for the critical points of a real network. It sees 500 digits of MNIST, averaged down to 4 × 4 pixels, and has 3 hidden tanh units and 10 outputs: 91 weights, few enough for whole Hessians. A small weight decay takes away the directions in which nothing changes. Searches start on paths of descent and beside them. They go by Newton's steps, to where the linear forecast $g + Hs$ is zero ({cite:t}`dauphin2014`), or make $\frac{1}{2}\lVert g \rVert^2$ small ({cite:t}`pennington2017`).
#
# The second has a trap. The gradient of $\frac{1}{2}\lVert g \rVert^2$ is $H g$. It is zero where $g = 0$, but also where $g$ lies in a direction that $H$ flattens. Such points are called {term}`gradient-flat`. They are not critical, and many that were reported as critical may have been just that ({cite:t}`frye2021`). So count.

# %% tags=["hide-input"]
stored = results.load("saddles")["results"]
rows, n = stored["rows"], stored["settings"]["parameters"]
searches = {
    name: [r for r in rows if r["search"] == name]
    for name in ("Newton", "gradient norm")
}
table(
    ["search", "critical", "gradient-flat", "unfinished"],
    [
        [name, *(str(sum(r["end"] == end for r in some)) for end in ("critical", "gradient-flat", "unfinished"))]
        for name, some in searches.items()
    ],
)  # fmt: skip

# %% [markdown]
# "Critical" means here that the gradient is shorter than $10^{-9}$. The gradient-flat ones have gradients far longer than that, and would have passed as critical in a plot.
#
# :::{predict}
# How does the share of negative eigenvalues of the critical ones depend on the loss?
#
# - `a`: it does not
# - `b`: it rises with the loss
# - `c`: it falls with the loss
# :::

# %% tags=["hide-input"]
settled = [r for r in rows if r["end"] != "unfinished"]
show(
    figures.index_by_loss(settled, n),
    "The share of negative eigenvalues against the loss. The minima have none and lie at"
    " low losses, saddles with few among them. From there the share rises, to nearly a"
    " third at the highest loss. The gradient-flat points lie among the saddles.",
)

# %% tags=["hide-input"]
ended = [r for r in rows if r["end"] == "critical"]
distinct = {(r["loss"], r["negative"]): r for r in ended}  # by height and index
points = sorted(distinct.values(), key=lambda r: r["loss"])
word, index = [r["kind"] for r in points], [r["negative"] for r in points]
trend = spearmanr(index, range(len(index))).statistic
last = max(k for k, kind in enumerate(word) if kind == "minimum")
reveal(
    f"{len(ended)} searches ended at a critical point, at **{len(points)} different**"
    f" ones: {word.count('saddle')} saddles, {word.count('minimum')} minima,"
    f" {word.count('undecided')} undecided. The lowest is a {word[0]};"
    f" {word[:last].count('saddle')} saddles lie below the highest minimum. At the loss"
    f" {points[-1]['loss']:.2f}, {index[-1]} of {n} eigenvalues are negative. The rank"
    f" correlation of their number and the loss is {trend:.2f}. So in a network the eigenvalues are neither independent nor"
    " those of one random matrix (*Going further*). High critical points are saddles with many ways down, and low ones have few or none."
    " It is good news for descent: where a saddle is bad, there are many ways out.",
    right="b" if trend > 0.3 else "c" if trend < -0.3 else "a",
)

# %% tags=["hide-input"]
lows = [f"{r['loss']:.4f}" for r in points if r["kind"] == "minimum"]
evidence(
    "D11",
    "false",
    f"In a network of {n} weights {word.count('minimum')} of {len(word)} critical points found were minima; by"
    f" the argument it would be 1 in 10 to the {n * math.log10(3):.0f}.",
    so="Do not count axes: eigenvalues are not independent, and descent does not draw critical points at random.",
    more=f"The minima are at the losses {', '.join(lows)}; the highest critical point found is at {points[-1]['loss']:.4f}.",
)

# %% tags=["hide-input"]
reached = [r["kind"] for r in stored["descent"]]
ends = {r["loss"] for r in stored["descent"]}
evidence(
    "D21",
    "holds with a caveat",
    f"In a network of {n} weights {word.count('saddle')} of {len(word)} different critical points found are"
    " saddles.",
    so="Expect saddles on the way, as waiting times; expect a minimum at the end.",
    more=f"They come from {len(ended)} searches. Going downhill from {len(reached)} random starts ended at a"
    f" minimum {reached.count('minimum')} times, at {len(ends)} different ones.",
)

# %% [markdown]
# So the conclusion survives, for this network, and the argument does not.
#
# Two caveats. Which critical points a search finds depends on where it starts, so the shares above are shares of what was *found*. And descent does not sample critical points at random. It goes downhill, past the saddles, and ends in the rare kind. Counting saddles tells you what descent passes, not where it ends.
#
# ## Going further
#
# ### All nine of Himmelblau's
#
# *You see a search that finds what descent avoids, and ask the function whether the signs tell the truth.*
#
# The library's test is the four lines of the core, plus the question whether the point is critical at all.

# %%
show_source(classify, kind_of)

# %% [markdown]
# How do you find the critical points that descent avoids? Solve $\nabla f(x) = 0$ as an equation. Newton's method replaces the gradient by its linear forecast $g + H s$, and goes where that is zero:
#
# $$x \leftarrow x - H^{-1} g.$$
#
# It does not care whether the ground rises or falls, so it goes to maxima and saddles as gladly as to minima. That is a vice in an optimizer, and exactly what is wanted here. Run it from a grid of 169 starts and drop the repetitions.

# %%
grid = torch.linspace(-5, 5, 13, dtype=torch.float64)
points = critical_points(himmelblau, torch.cartesian_prod(grid, grid))
found = [classify(himmelblau, p) for p in points]

# %% tags=["hide-input"]
table(
    ["x", "y", "f", "eigenvalues", "kind"],
    [
        [f"{p[0]:.3f}", f"{p[1]:.3f}", f"{abs(himmelblau(p)):.2f}", "{:.1f}, {:.1f}".format(*c.eigenvalues), c.kind]
        for p, c in zip(points, found, strict=True)
    ],
)  # fmt: skip

# %% tags=["hide-input"]
kinds = [c.kind for c in found]

show(
    figures.classified(points, kinds),
    "The level lines of Himmelblau's function with nine marks: four minima in the four"
    " corners, one maximum near the middle, and four saddles, one between each pair of"
    " neighbouring minima.",
)

# %% [markdown]
# The picture makes sense of the numbers. Walk from one minimum to its neighbour by the lowest way, and the highest point of the walk is a saddle: down on both sides along the way, up on both sides across it. In the middle of the ring stands the one maximum.
#
# Do the signs tell the truth? Ask the function itself. Walk round each of the nine points on a circle of radius 0.01 and look at the heights, with no derivative in sight.

# %%
angles = torch.arange(0, 360, dtype=torch.float64).deg2rad()
circle = torch.stack([angles.cos(), angles.sin()], dim=1)


def seen_around(f, p, radius=0.01):
    higher = f(p + radius * circle) > f(p)
    both = "saddle" if higher.any() else "maximum"
    return "minimum" if higher.all() else both


# %% tags=["hide-input"]
agree = sum(
    seen_around(himmelblau, p) == kind for p, kind in zip(points, kinds, strict=True)
)
evidence(
    "D10",
    "holds with a caveat",
    f"At {agree} of Himmelblau's {len(points)} critical points the heights on a circle of {len(circle)}"
    " directions agree with the signs of the eigenvalues.",
    so="Look at the eigenvalues, not at the loss: and where one is 0 and no two others differ in sign, look at"
    " values around.",
    more=f"The signs make {kinds.count('minimum')} minima, {kinds.count('saddle')} saddles and"
    f" {kinds.count('maximum')} maximum.",
)

# %% [markdown]
# ### Where the test is silent: values around
#
# *You see the next derivative decide, a saddle with three ways down, and a minimum along every line that is none.*
#
# What `classify` says of the three curves, and what the values do:

# %% tags=["hide-input"]
table(
    ["f", "f″(0)", "classify", "f(−0.1)", "f(0.1)"],
    [
        [name, f"{abs(hessian(f, zero).item()):.0f}", classify(f, zero).kind, f"{f(zero - 0.1):.4f}", f"{f(zero + 0.1):.4f}"]
        for name, f in powers.items()
    ],
)  # fmt: skip

# %% [markdown]
# In one dimension the next derivatives help. Take the first one that is not zero at the point, of order $k$. If $k$ is even, its sign decides as the second derivative's would. If $k$ is odd, $f$ runs through from one side to the other. For $x^4$ that is $k = 4$ with $+24$, for $x^3$ it is $k = 3$.
#
# In two dimensions the {term}`monkey saddle`, $x^3 - 3xy^2$, has a Hessian of nothing but zeros at the origin. (A monkey needs three ways down: two for its legs, one for its tail.)

# %%
origin = torch.zeros(2, dtype=torch.float64)
heights = {f.name: f(circle) for f in (saddle, monkey_saddle)}

# %% tags=["hide-input"]
show(
    figures.around(monkey_saddle, angles.rad2deg(), heights),
    "On the left the level lines of the monkey saddle, three valleys and three ridges"
    " that meet in the middle. On the right the heights on a circle: the ordinary"
    " saddle rises and falls twice on the way round, the monkey saddle three times.",
)

# %% tags=["hide-input"]
say(
    f"`classify` says **{classify(monkey_saddle, origin).kind}**. The heights on a"
    f" small circle say **{seen_around(monkey_saddle, origin)}**."
)

# %% [markdown]
# It is tempting to check every straight line through the point, one at a time, and that is not enough. The surface $f(x, y) = (y - x^2)(y - 3x^2)$ is of the kind by which Peano refuted that rule ({cite:t}`genocchi1884`; his parabolas are others). Along every straight line through the origin, $f$ has a minimum there. And yet between the two parabolas, on $y = 2x^2$, it is $-x^4$.


# %%
def two_parabolas(p):
    x, y = p.unbind(-1)
    return (y - x**2) * (y - 3 * x**2)


reach = torch.tensor([[-1e-3], [1e-3]]).double()  # near the origin, on both sides
lines = two_parabolas(reach[:, None] * circle)

# %% tags=["hide-input"]
say(
    f"`classify`: **{classify(two_parabolas, origin).kind}**. Along the straight lines"
    f" {int((lines > 0).all(0).sum())} of 360 directions rise at once. On a circle of"
    f" radius 0.1 the function is a **{seen_around(two_parabolas, origin, 0.1)}**."
)

# %% [markdown]
# #### An exercise: a silent test (★★)
#
# What does $f(x, y) = x^2 - y^4$ have at the origin?
#
# - `a`: a minimum, since no eigenvalue is negative
# - `b`: a saddle
# - `c`: a maximum
# - `d`: nothing that can be known, since an eigenvalue is zero

# %%
answer = ...
check("2-derivatives/silent-test", answer)

# %% tags=["remove-input"]
solution("2-derivatives/silent-test")

# %% [markdown]
# ### On the ridge, and off it
#
# *You see rounding end the wait, then noise, and what is proved about random starts.*
#
# Put $\delta = 0$ into the escape time and it says: never. On $x^2 - y^2$ that is literally so. With $y = 0$ the slope along $y$ is $-2 \cdot 0$, and descent walks down the ridge into the saddle and stays.
#
# But turn the same surface by 30° and start on its ridge. In exact arithmetic nothing has changed.
#
# :::{predict}
# What happens in float32 and in float64?
#
# - `a`: descent stays on the ridge in both
# - `b`: it leaves in float32 and stays in float64
# - `c`: it leaves in both, in float32 sooner
# :::


# %%
def turned(p):  # x² − y² in axes that are turned by 30°
    a, b = p.unbind(-1)
    along, across = C * a + S * b, C * b - S * a
    return along**2 - across**2


C, S = math.cos(math.pi / 6), math.sin(math.pi / 6)
ridge = {}
for dtype in (torch.float32, torch.float64):
    path = descend(turned, torch.tensor([1.5 * C, 1.5 * S], dtype=dtype), 0.1, 230)
    distance = (C * path[:, 1].double() - S * path[:, 0].double()).abs()
    ridge[str(dtype).removeprefix("torch.")] = distance

# %% tags=["hide-input"]
left = {name: int((distance < 1).sum()) for name, distance in ridge.items()}
show(
    figures.off_the_ridge(ridge),
    "The distance from the ridge on a logarithmic axis. Both curves are straight lines"
    f" of the same slope: float32 crosses 1 after about {left['float32']} steps, float64"
    f" sets out far lower and crosses after about {left['float64']}.",
)

# %% tags=["hide-input"]
stay = descend(saddle, torch.tensor([1.5, 0.0], dtype=torch.float64), 0.1, 230)[-1]
gap = math.log(2.0**29) / math.log(1.2)
out = [name for name, steps in left.items() if steps < len(path)]
reveal(
    f"Straight: after 230 steps y is {stay[1].item():.0f} and x is {stay[0]:.0e}."
    f" Turned: float32 leaves after about {left['float32']} steps and float64 after about"
    f" {left['float64']}. Their roundings differ by a factor of 2²⁹, which the formula"
    f" turns into {gap:.0f} steps.",
    right="a" if not out else "b" if len(out) == 1 else "c",
)

# %% [markdown]
# A rounding error put the path off the ridge by the smallest amount there is, and the saddle did the rest. More digits do not cure that; they only make the wait longer.
#
# #### Noise ends the wait
#
# A gradient from a minibatch is noisy. Say each entry carries an independent error $\sigma \xi_t$, with $\xi_t$ drawn from the standard normal distribution. Start *exactly* on the ridge. Then $y$ collects a new error $\eta \sigma \xi_i$ at each step, and each grows from there on:
#
# $$y_t = \eta \sigma \sum_{i=1}^{t} (1 + \eta |\lambda|)^{t - i} \, \xi_i .$$
#
# A sum of independent normal numbers is normal. Its variance is a geometric sum, so that for large $t$ its standard deviation is $(1 + \eta |\lambda|)^t \, \delta_\sigma$ with
#
# $$\delta_\sigma = \frac{\eta \sigma}{\sqrt{(1 + \eta |\lambda|)^2 - 1}} .$$
#
# Noise acts like a start at the distance $\delta_\sigma |\xi|$, with one normal number $\xi$. Half of all $|\xi|$ lie below 0.6745, which gives the median of the escape time.
#
# :::{predict} number
# By how many steps does noise that is a hundred times weaker lengthen the wait, for the factor 1.2?
# :::

# %%
generator = torch.Generator().manual_seed(0)
σ = torch.tensor([1e-2, 1e-4, 1e-6], dtype=torch.float64)[:, None, None]
runs = torch.tensor([1.5, 0.0], dtype=torch.float64).expand(3, 500, 2)
waited = torch.zeros(3, 500)
for _ in range(140):
    waited += runs[..., 1].abs() < 1
    noise = torch.randn(3, 500, 2, dtype=torch.float64, generator=generator)
    runs = runs - 0.1 * (gradient(lambda p: saddle(p).sum(), runs) + σ * noise)

# %% tags=["hide-input"]
at_half = 0.6745 * 0.1 * σ.flatten() / math.sqrt(1.2**2 - 1)
medians = (-at_half.log() / math.log(1.2)).tolist()
names = [rf"$\sigma$ = {value:.0e}" for value in σ.flatten()]
show(
    figures.still_there(dict(zip(names, waited, strict=True)), medians, 140),
    "The share of 500 runs still at the saddle, for three strengths of noise. Each"
    " curve falls from all to none over about 30 steps, a hundred times weaker noise"
    f" moves it {math.log(100) / math.log(1.2):.0f} steps to the right, and the predicted"
    " medians lie on the curves.",
)

# %% tags=["hide-input"]
shares = [0.1, 0.5, 0.9]
spread = waited.quantile(torch.tensor(shares), dim=1)
rows = [
    [
        f"{value:.0e}",
        f"{predicted:.0f}",
        f"{seen[1]:.0f}",
        f"{seen[0]:.0f} to {seen[2]:.0f}",
    ]
    for value, predicted, seen in zip(σ.flatten(), medians, spread.T, strict=True)
]
middle = f"middle {shares[2] - shares[0]:.0%}"
table(["σ", "median, predicted", "median of 500 runs", middle], rows)

# %% tags=["hide-input"]
added = math.log(100) / math.log(1.2)
reveal(
    f"By **{added:.1f}**; the medians of the runs lie {spread[1, 1] - spread[1, 0]:.0f} and"
    f" {spread[1, 2] - spread[1, 1]:.0f} steps apart.",
    right=f"{added:.0f}",
)

# %% [markdown]
# #### Does descent ever stop at a saddle?
#
# A saddle with a negative eigenvalue is called a {term}`strict saddle`. The starts from which descent runs into one form a ridge, a set without area, and a random point misses it: with probability 1, gradient descent with $\eta < 1/L$ does not converge to a strict saddle ({cite:t}`lee2016`; $L$ bounds the curvature where the runs go). Count it on Himmelblau's four, from starts in the square $[-5, 5]^2$, with a rate below $1/L$ there.

# %% tags=["hide-input"]
square = torch.cartesian_prod(*[torch.linspace(-5, 5, 41, dtype=torch.float64)] * 2)
curvatures = torch.linalg.eigvalsh(
    torch.func.vmap(torch.func.hessian(himmelblau))(square)
)
thrown = 10 * torch.rand(2000, 2, dtype=torch.float64, generator=generator) - 5
visited = descend(lambda p: himmelblau(p).sum(), thrown, lr=0.003, steps=600)
minima = torch.tensor(himmelblau.minima, dtype=torch.float64)
near = torch.cdist(visited[-1], minima).amin(1) < 1e-3
say(
    f"1/L = {1 / curvatures.abs().max():.4f}; no run leaves the square:"
    f" {bool((visited.abs() <= 5).all())}. Of {len(thrown):,} random starts"
    f" **{int(near.sum()):,}** end within 0.001 of a minimum."
)

# %% [markdown]
# "Does not converge to" is a weak promise, though. It says nothing about *when*. Three results to keep apart:
#
# - Random starts avoid strict saddles in the limit ({cite:t}`lee2016`).
# - Descent that adds a little noise whenever the gradient is small leaves every strict saddle in a number of steps that hardly grows with the dimension ({cite:t}`jin2017`).
# - Descent without noise can take a number of steps that is *exponential* in the dimension, from perfectly random starts, when one saddle leads to the next and each approach comes closer to the ridge ({cite:t}`du2017`).

# %% [markdown]
# #### An exercise: the way out (★★)
#
# Write `escape_direction(H)`. It gets a symmetric Hessian of shape $(n, n)$ and returns the unit vector, shape $(n,)$, along which the function curves down most. Where no eigenvalue is negative there is no such direction: return zeros.


# %%
def escape_direction(H): ...


check("2-derivatives/escape-direction", escape_direction)

# %% tags=["remove-input"]
solution("2-derivatives/escape-direction")

# %% [markdown]
# ### Twins
#
# *You see what kind of point the second plateau is.*
#
# The folded cell with the six losses found the twins by Newton's method on $w$ and $v$; in the code they are `twins`, the four weights $(w, w, v, v)$.

# %%
at_twins = classify(loss, twins)

# %% tags=["hide-input"]
say(
    f"The twins, w = {twins[0]:.4f} and v = {twins[2]:.4f}, are a"
    f" **{at_twins.kind}**: eigenvalues"
    f" {', '.join(f'{λ + 0.0:.4f}' for λ in at_twins.eigenvalues.round(decimals=6))}."
)

# %% [markdown]
# One negative eigenvalue, along which one unit grows steeper and the other flatter. And one zero: only $v_1 + v_2$ matters while $w_1 = w_2$, so shifting weight from $v_1$ to $v_2$ changes nothing. A saddle has a right to zeros; two signs are enough.
#
# Start at the twins exactly, and start with a little noise on each weight.

# %%
kicks = 1e-3 * torch.randn(7, 4, dtype=torch.float64, generator=generator)
from_twins = torch.cat([twins[None], twins + kicks])
ends = loss(descend(lambda θ: loss(θ).sum(), from_twins, lr=0.2, steps=1500)[-1])

# %% tags=["hide-input"]
say(
    f"After 1500 steps the exact twins have the loss {ends[0]:.4f}, which is where they"
    f" began. The seven with noise are at **{ends[1:].min():.4f} to"
    f" {ends[1:].max():.4f}**."
)

# %% [markdown]
# The escape time again: the smaller the part of the noise along the way down, the longer the wait.

# %% [markdown]
# ### What random matrices say
#
# *You see eigenvalues repel each other, and how seldom all of them are positive.*
#
# Take a random symmetric matrix and ask for its eigenvalues. The natural model is $M = (G + G^\top)/2$, where $G$ of shape $(d, d)$ has independent standard normal entries. It is the *Gaussian orthogonal ensemble*, and it has no preferred directions.
#
# :::{predict}
# Is $M$ positive definite more often or less often than $3^{-d}$?
#
# - `a`: more often, in every dimension
# - `b`: less often, in every dimension
# - `c`: more often for $d = 1$ and 2, less often from $d = 3$ on
# :::
#
# The run draws 200,000 samples for each $d$ up to 5; the library computes the exact chance up to 12 ({cite:t}`debruijn1955`). (A symmetric matrix is positive definite exactly if its Cholesky factorisation exists.)

# %%
shares = {}
for d in range(1, 6):
    matrices = random_symmetric(200_000, d, torch.Generator().manual_seed(d))
    info = torch.linalg.cholesky_ex(matrices).info  # 0 where the factorisation exists
    shares[d] = (info == 0).double().mean().item()

# %% tags=["hide-input"]
exact = [chance_of_definite(d) for d in range(1, 10)]
rows = [
    [
        str(d),
        f"{3.0**-d:.5f}",
        f"{exact[d - 1]:.5f}",
        f"{shares[d]:.5f} ± {(shares[d] * (1 - shares[d]) / 2e5) ** 0.5:.5f}",
    ]
    for d in shares
]
table(["d", "3 to the −d", "exact", "sampled"], rows)  # fmt: skip

# %% tags=["hide-input"]
bars = {d: (p, (p * (1 - p) / 2e5) ** 0.5) for d, p in shares.items()}
leading = 3.0 ** -(torch.arange(1, 13) ** 2 / 4)
show(
    figures.chances(bars, exact, 12, leading),
    "The chance of a minimum against the dimension, on a logarithmic axis. Two to the"
    " minus d and three to the minus d are straight lines. The random matrices bend"
    " downward ever more steeply and have passed below both at d = 3; the leading term"
    " bends in the same way, above them.",
)

# %% tags=["hide-input"]
more_often = [share > 3.0**-d for d, share in shares.items()]
reveal(
    "Sampled: more often than $3^{-d}$ for d = "
    + ", ".join(str(d) for d, more in zip(shares, more_often, strict=True) if more)
    + "; less often for d = "
    + ", ".join(str(d) for d, more in zip(shares, more_often, strict=True) if not more)
    + ", and soon by orders of magnitude. The exact chance is"
    r" $\frac{1}{2}$, then $\frac{2 - \sqrt{2}}{4}$, then $\frac{\pi - 2\sqrt{2}}{4\pi}$; for large $d$ it"
    " falls like $e^{-d^2 \\ln 3 / 4} = 3^{-d^2/4}$, with a square in the exponent: eigenvalues repel each other,"
    " and all of them on one side of zero would be crowded.",
    right="a" if all(more_often) else "b" if not any(more_often) else "c",
)

# %% [markdown]
# The reason shows in two rows already. The eigenvalues of
#
# $$\begin{gathered} \begin{pmatrix} a & b \\ b & c \end{pmatrix} \quad \text{are} \\ \frac{a + c}{2} \pm \frac{1}{2} \sqrt{(a - c)^2 + 4 b^2}, \end{gathered}$$
#
# and for them to be close, *two* numbers must be small at once, $a - c$ and $b$; for two independent numbers one difference is enough. Count how often a gap is below a tenth of the mean gap.

# %% tags=["hide-input"]
pairs = random_symmetric(200_000, 2, torch.Generator().manual_seed(0))
free = torch.randn(200_000, 2, generator=torch.Generator().manual_seed(1))
gaps = torch.linalg.eigvalsh(pairs).diff(dim=1), free.diff(dim=1).abs()
small = [(gap < 0.1 * gap.mean()).double().mean() for gap in gaps]
say(f"Eigenvalues **{small[0]:.1%}**, independent numbers **{small[1]:.1%}**.")

# %% [markdown]
# What this makes of the chance for large $d$ is the leading term in the figure ({cite:t}`dean2006`). How index and height go together is known for random functions in many dimensions too ({cite:t}`bray2007`), with the network's trend.
#
# Put the three answers side by side for $d = 91$. The last line follows five of the paths to their end: 300 steps of descent, then Newton's steps with $|\lambda_i|$ in place of $\lambda_i$, which go down along every eigenvector ({cite:t}`dauphin2014`).

# %% tags=["hide-input"]
table(
    ["account", f"chance or share of minima, d = {n}"],
    [
        ["independent axes, 3 to the −d", f"10 to the {-n * math.log10(3):.0f}"],
        ["random matrices, leading term", f"10 to the {-(n**2) / 4 * math.log10(3):.0f}"],
        ["network, among the critical points found", f"{word.count('minimum')} of {len(word)}"],
        ["network, where going downhill ends", f"{reached.count('minimum')} of {len(reached)}"],
    ],
)  # fmt: skip

# %% [markdown]
# #### An exercise: read the plot (★)
#
# Look at the figure of the chance of a minimum. What is the first dimension in which fewer than one random matrix in a thousand is positive definite?

# %%
answer = ...
check("2-derivatives/one-in-a-thousand", answer)

# %% tags=["remove-input"]
solution("2-derivatives/one-in-a-thousand")

# %% [markdown]
# ### What counts as zero
#
# *You see what bounds the tolerance of the test, from below and from above.*
#
# On a computer no eigenvalue is exactly zero, and no gradient either. `classify` compares both with a tolerance, `tol`, and that makes it a decision of yours. Two things bound it.
#
# **Rounding, from below.** Merely storing $p$ moves it by up to half an ulp, so the gradient there is as large as $\lVert H \rVert \, \lVert p \rVert \, \varepsilon$. A smaller `tol` asks for what the format cannot hold. Here is Himmelblau's minimum near $(-2.805, 3.131)$, given to all the digits that each format has.

# %% tags=["hide-input"]
minimum = himmelblau.minima[1]
rows = []
for dtype in (torch.float32, torch.float64):
    p = torch.tensor(minimum, dtype=dtype)
    steepest = torch.linalg.eigvalsh(hessian(himmelblau, p))[-1]
    floor = (steepest * p.norm()).item() * torch.finfo(dtype).eps
    words = [classify(himmelblau, p, tol).kind for tol in (1e-6, 1e-3)]
    rows.append([str(dtype).removeprefix("torch."), f"{floor:.0e}", *words])
table(["dtype", "size of what rounding leaves", "tol = 1e-6", "tol = 1e-3"], rows)

# %% [markdown]
# In float32 the default tolerance does not even recognise the minimum. That is why this chapter works in float64.
#
# **Scale, from above.** The tolerance has the units of the gradient and of the Hessian. Multiply the loss by $10^{-9}$ and nothing about its landscape changes, but every slope is now below the tolerance.

# %%
somewhere = torch.tensor([0.0, 0.0], dtype=torch.float64)

# %% tags=["hide-input"]
say(
    f"At (0, 0) Himmelblau's function: **{classify(himmelblau, somewhere).kind}**."
    " Times 1e-9:"
    f" **{classify(lambda p: 1e-9 * himmelblau(p), somewhere).kind}**, that is, critical,"
    " with eigenvalues that count as zero."
)

# %% [markdown]
# So print the eigenvalues, not just the word, and choose `tol` small against the eigenvalues that matter and large against $\lambda_{\max} \varepsilon$.
#
# ### Which variant is this?
#
# *You see where texts differ in what they call a saddle.*
#
# - **Strict or not.** "Positive definite" is enough for a minimum, not necessary: $x^4$ has one without. What is necessary at a minimum is only that no eigenvalue is negative.
# - **What is a saddle?** Here: both signs among the eigenvalues, or both higher and lower values close by. By the second, $x^3$ has a saddle at 0 as well; many texts call it an *inflection point*. The term *strict saddle* is used for any critical point with a negative eigenvalue, and some papers count maxima among them.
# - **Index.** Some count the negative eigenvalues, others divide by $n$. The core's figure shows the share.
# - **Scale of the ensemble.** Texts differ in the variance of $M$'s entries. A positive factor changes no sign, so the chance is the same for all of them.
# - **Escape to where?** The formula counts to the distance 1. For another distance $\rho$ put $\log(\rho/\delta)$ on top, as was done for the network with $\rho = 0.1$.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the way down (★)
#
# The function $f(x, y) = x^3 + y^3 - 3xy$ has a critical point at $(0, 0)$. Compute the smallest eigenvalue of its Hessian there.

# %%
answer = ...
check("2-derivatives/smallest-eigenvalue", answer)

# %% tags=["remove-input"]
solution("2-derivatives/smallest-eigenvalue")

# %% [markdown]
# ### Exercise 2: waiting at a saddle (★)
#
# A saddle has the eigenvalues 8 and $-4$. Descent runs with $\eta = 0.05$ and starts at a distance of $10^{-6}$ from the ridge. After how many steps is that distance 1? Give the number before rounding up.

# %%
answer = ...
check("2-derivatives/escape-time", answer)

# %% tags=["remove-input"]
solution("2-derivatives/escape-time")

# %% [markdown]
# ### An open experiment
#
# Train the small network from starts near 1 in place of $10^{-6}$. Does it still wait, and at which of the two saddles?
#
# ## Summary
#
# - At a critical point the signs of the Hessian's eigenvalues decide: all positive a minimum, all negative a maximum, both a saddle. A zero without both signs leaves it open, and only values around can tell.
# - Descent waits at a saddle for $\log(1/\delta) / \log(1 + \eta |\lambda|)$ steps. Noise, and even rounding, ends the wait (*Going further*).
# - Most of the critical points found in a network are saddles, but not for the reason with $1/3^d$: eigenvalues are not independent. The number of ways down tends to grow with the loss, and going downhill ends at minima all the same.
#
# ## References
#
# - {cite:t}`nocedal2006`: the necessary and the sufficient conditions of second order, with proofs.
# - {cite:t}`genocchi1884`: with Peano's notes, on surfaces with a minimum along every line and none in the plane.
# - {cite:t}`fukumizu2000`: units that are alike make critical points and plateaus.
# - {cite:t}`lee2016`: random starts do not converge to strict saddles.
# - {cite:t}`jin2017`: with a little noise they are left quickly.
# - {cite:t}`du2017`: without noise it can take exponentially long.
# - {cite:t}`dean2006`: how seldom all eigenvalues of a random matrix are positive.
# - {cite:t}`debruijn1955`: the integral behind the exact chances.
# - {cite:t}`bray2007`: index against height for random functions in many dimensions.
# - {cite:t}`dauphin2014`: saddles, not bad minima, as the obstacle in training.
# - {cite:t}`pennington2017`: a random-matrix model of a network's Hessian, with index against loss.
# - {cite:t}`frye2021`: gradient-flat points, and how often they were taken for critical ones.
