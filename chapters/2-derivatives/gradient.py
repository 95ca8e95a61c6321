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
# # Gradients
#
# Which way is down? Here somebody tries it out: nudge the first weight up; if the loss fell, keep the change; if not, nudge it down. Then the second weight, and round and round, until no nudge helps.
#
# The loss is a bowl with its minimum at $(0, 0)$, 200 times as curved across its valley as along it. **Why does the plan end where it does?**

# %% tags=["hide-input"]
import copy

import torch

from book.calculus import (
    central_difference,
    difference_step,
    differences,
    gradient,
    jacobian,
    linear_prediction,
)
from book.calculus.tape import Node, backward, history
from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.explorers import Backpropagation
from book.figures import gradient as figures
from book.surfaces import bowl
from book.training.data.load import load
from book.training.models import mlp
from book.training.surface.flat import flat_loss, flat_parameters

# %% tags=["hide-input"]
valley = bowl(kappa=200, angle=45)


def trial_and_error(f, start, nudge):
    """The points kept, shape (kept, 2), and how often f was asked."""
    kept, evaluations = [start], 1
    while True:
        before = len(kept)
        for step in nudge * torch.eye(2, dtype=torch.float64):
            for tried in (kept[-1] + step, kept[-1] - step):
                evaluations += 1
                if f(tried) < f(kept[-1]):
                    kept.append(tried)
                    break
        if len(kept) == before:
            return torch.stack(kept), evaluations


path, evaluations = trial_and_error(valley, valley.at_start(), nudge=0.05)
g = gradient(valley, path[-1])

show(
    figures.stuck(valley, path, 0.05, -g),
    "Left, level lines of a narrow diagonal valley: trial and error runs to the floor"
    f" of the valley at ({path[-1][0]:.1f}, {path[-1][1]:.1f}) and ends there, far from"
    " the minimum at (0, 0)."
    " Right, a close view of its end: all four nudges lead up the walls, while the way"
    " down runs diagonally between two of them.",
)

# %% tags=["hide-input"]
say(
    f"It ends after {evaluations} evaluations on the floor of the valley, at"
    f" ({path[-1][0]:.1f}, {path[-1][1]:.1f}), with a loss of **{valley(path[-1]):.2f}**. One step of $-g$"
    f" from there, with $g$ the gradient, ends at a loss of **{valley(path[-1] - g) + 0:.2f}**."
)

# %% [markdown]
# Every nudge moves one weight alone, and every such move climbs a wall. The way down changes both weights together, and no nudge ever tried that. (That one step lands on the minimum is luck: the plan stopped exactly on the floor. That *some* short step along $-g$ goes down is none, as you will see.)
#
# And it asks one weight after the other. A network with layers of 784, 256, 256 and 10 units, small by any standard, has 269,322 weights and biases. To nudge each up and down costs 538,644 runs of the network, for one step.
#
# So: which direction goes down the fastest, of all? And how do you get it without asking every weight?
#
# **You will**
#
# - prove which direction is the steepest, and check it against all the others;
# - run backpropagation by hand, and see it written in plain Python;
# - test a gradient of 269,322 entries with two runs of the network.
#
# **You need**
#
# - derivatives of powers and products;
# - that the slope of the loss says how a step changes it ({doc}`../1-numbers/one-training-step`);
# - that a number is rounded by up to half its spacing ({doc}`../1-numbers/floating-point`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$ | $(n,)$ | the inputs, $x_1$ to $x_n$; with $y$ beside it, one number each |
# | $f(x)$ | number | the function; $f'$, $f''$, $f'''$ its derivatives for one input |
# | $g = \nabla f(x)$ | $(n,)$ | the gradient |
# | $h$ | number | the step of a difference quotient |
# | $v$, $u$ | $(n,)$ | directions of length 1; $u$ is that of the gradient |
# | $t$ | number | how far along a line, or along a curve $q(t)$ |
# | $\alpha$ | number | the angle of a direction |
# | $s$ | $(n,)$ | a step |
# | $c$ | number | in *A forecast, and its error*: the second derivative along a direction |
# | $\varepsilon$ | number | machine epsilon |
# | $\eta$ | number | the learning rate |
# | $a$, $b$, $c$, $e$, $f$, $w$ | numbers | in backpropagation: nodes of the computation |
# | $\bar{v}$ | number | the adjoint of a node: the derivative of the output by it; $\bar{x}$, $\bar{y}$, $\bar{b}$, $\bar{d}$, $\bar{w}$ for those nodes |
# | $\theta$ | $(n,)$ | all weights of a network as one vector |
# | $\sigma$ | number | in an exercise: the sigmoid's value |
# | $J$ | $(1, n)$ | the Jacobian of a function with one output |
# :::

# %% [markdown]
# ## The slope
#
# Take a function that is small enough to follow by hand:
#
# $$f(x, y) = x^2 + 2xy + y^3.$$
#
# Hold $y = 2$, so that only $x$ can move: $f(x, 2) = x^2 + 4x + 8$. From $x = 3$ go a step $h$ to the right. The change per unit of step is the slope of a line through two points of the curve, a *secant*:
#
# $$\begin{aligned} & \frac{f(3 + h, 2) - f(3, 2)}{h} \\ & \quad = \frac{(6h + h^2) + 4h}{h} = 10 + h. \end{aligned}$$
#
# Let $h$ shrink. The secant settles on the *tangent*, with slope 10. This limit is the **derivative**. With two inputs there are two such slices, and the slope of a slice is a {term}`partial derivative`: differentiate for one input and treat the other as a number.
#
# $$\begin{aligned} \frac{\partial f}{\partial x} &= 2x + 2y = 10 \\ \frac{\partial f}{\partial y} &= 2x + 3y^2 = 18 \end{aligned} \qquad \text{at } (3, 2).$$


# %%
def f(p):
    x, y = p[..., 0], p[..., 1]
    return x**2 + 2 * x * y + y**3


p = torch.tensor([3.0, 2.0], dtype=torch.float64)
g = gradient(f, p)

# %% tags=["hide-input"]
show(
    figures.slices(f, p, g),
    "Two slices of f through the point (3, 2), side by side on one vertical scale, each"
    f" with its tangent. Along x the slope is {g[0]:.0f}, along y it is {g[1]:.0f}, and"
    " the second slice is the more strongly curved.",
)

# %% [markdown]
# Collect the slopes of all slices in one vector. With $n$ inputs that is the {term}`gradient`,
#
# $$\boxed{\; g = \nabla f(x) = \left( \frac{\partial f}{\partial x_1}, \; \dots, \; \frac{\partial f}{\partial x_n} \right) \;}$$
#
# of shape $(n,)$: one entry for each input. For the example $g = (10, 18)$. Get it in three ways that have nothing to do with each other: by hand, from PyTorch, and from values of $f$ alone, by the *central difference* $\frac{f(\dots + h) - f(\dots - h)}{2h}$ for each input.

# %% tags=["hide-input"]
x, y = p.tolist()
by_hand = [2 * x + 2 * y, 2 * x + 3 * y**2]
by_torch, by_values = gradient(f, p), central_difference(f, p)
table(
    ["the gradient at (3, 2)", "∂f/∂x", "∂f/∂y"],
    [
        ["by hand", *(f"{v:.8f}" for v in by_hand)],
        ["by `torch.func`", *(f"{v:.8f}" for v in by_torch)],
        ["from values alone", *(f"{v:.8f}" for v in by_values)],
    ],
)

# %% [markdown]
# ## The direction of steepest ascent
#
# A slice moves one input. What is the slope in any other direction $v$, a vector of length 1? Walk along the line $x + t v$, and differentiate for the one number $t$. Each input $x_i$ moves at the speed $v_i$, so the chain rule adds up $n$ contributions:
#
# $$\frac{d}{dt} f(x + t v) \Big|_{t = 0} = \sum_i \frac{\partial f}{\partial x_i} v_i = g^\top v.$$
#
# This is the {term}`directional derivative`. You know $n$ slopes, and you get the slope in every direction for free. (It takes partial derivatives that are continuous.)
#
# Which direction has the largest slope? Write $u = g / \lVert g \rVert$ for the direction of the gradient. Both $u$ and $v$ have length 1, so $\lVert v - u \rVert^2 = 2 - 2\,u^\top v$. Solve for $u^\top v$ and multiply by $\lVert g \rVert$:
#
# $$\boxed{\; g^\top v = \lVert g \rVert \left( 1 - \tfrac{1}{2} \lVert v - u \rVert^2 \right) \;}$$
#
# The slope is at most $\lVert g \rVert$: where $v = u$, and nowhere else. It is $-\lVert g \rVert$, the least there is, at $v = -u$. (That $g^\top v \le \lVert g \rVert \lVert v \rVert$ is the *Cauchy–Schwarz inequality*.)
#
# In two dimensions a direction is an angle $\alpha$, and $u^\top v$ is the cosine of the angle between. Plot the slope of $f$ at $(3, 2)$ against $\alpha$, from 0° to 360°.
#
# :::{predict} number
# At which angle, in degrees, is the top of the curve?
# :::

# %%
degrees = torch.arange(360, dtype=torch.float64)
angles = torch.deg2rad(degrees)
directions = torch.stack([angles.cos(), angles.sin()], dim=1)
zero = torch.zeros(1, dtype=torch.float64)
slopes = torch.stack(
    [central_difference(lambda t, v=v: f(p + t * v), zero)[0] for v in directions]
)

# %% tags=["hide-input"]
show(
    figures.slope_by_angle(degrees, slopes, gradient(f, p)),
    "Measured slopes at (3, 2) against the angle of the direction. They lie on a cosine"
    f" with its top, {slopes.max():.1f}, at {degrees[slopes.argmax()]:.0f} degrees, the"
    " direction of the gradient. The curve is zero at right angles to it.",
)

# %% tags=["hide-input"]
top = degrees[slopes.argmax()]
off = (slopes - directions @ g).abs().max()
reveal(
    f"At **{top:.0f}°**, where the gradient points, with a slope of {slopes.max():.1f}, the length of the"
    " gradient. The curve is a cosine, and it crosses zero at right angles to the gradient. Each point is a"
    f" difference of two values of $f$, and agrees with $g^\\top v$ to within 1e-8: {'yes' if off < 1e-8 else 'no'}.",
    right=f"{top:.0f}",
)

# %% [markdown]
# "Steepest" means the largest slope *per unit of length*, so the answer depends on how you measure length. If a step may change every weight by at most 1, the best one is not along $g$ but along its signs: $\sum_i g_i v_i$ is largest when each $v_i$ is $\pm 1$.

# %% tags=["hide-input"]
best = degrees[slopes.argmax()]
along_g, along_signs = (g @ v / v.abs().max() for v in (g, g.sign()))
evidence(
    "D1",
    "holds with a caveat",
    f"At (3, 2) the steepest of 360 directions is {best:.0f}°, and the gradient"
    f" ({g[0]:.0f}, {g[1]:.0f}) points to {torch.rad2deg(torch.atan2(g[1], g[0])):.2f}°.",
    so="Say which length you mean: another way to measure a step has another steepest direction.",
    more=f"The slope there is {slopes.max():.3f}, the length of the gradient {g.norm():.3f}. Where a step is"
    f" measured by its largest entry, the signs of the gradient gain {along_signs:.1f} per unit and the"
    f" gradient {along_g:.1f}.",
)

# %% [markdown]
# The ordinary length is a choice, a good one as long as nothing better is known. Methods that step along signs, or that stretch the space first as in {doc}`../1-numbers/conditioning`, make another.
#
# ## Level lines
#
# Where the cosine crosses zero, you walk without climbing: along a {term}`level line`, on which $f$ keeps one value. Let $q(t)$ run along it. Then $f(q(t))$ never changes, so its derivative is zero:
#
# $$0 = \frac{d}{dt} f(q(t)) = g^\top q'(t).$$
#
# The gradient is at right angles to the line. Here are level lines at equal distances in height, and gradients as arrows.
#
# :::{predict}
# How are the arrows where the lines lie close together?
#
# - `a`: long
# - `b`: short
# - `c`: one cannot tell
# :::

# %% tags=["hide-input"]
points = torch.tensor(
    [[3, 2], [1, 1], [2.5, -0.5], [-1, 2], [-3, 1], [-2.5, -1.5], [0.5, -2]],
    dtype=torch.float64,
)
gradients = torch.stack([gradient(f, q) for q in points])
show(
    figures.level_lines(f, points, gradients),
    "Level lines of f and its gradient at seven points. Each arrow crosses the level"
    " line through its point at a right angle, towards the higher side. The"
    " longest arrow is at (3, 2), among dense lines; the shortest is at (-3, 1), where"
    " they are far apart.",
)

# %% [markdown]
# :::{answer} a
# On a map, dense contours mean a steep slope; the arrows say the same.
# :::
#
# ## A forecast, and its error
#
# You never take an infinitely small step. For a step $s$, of shape $(n,)$, the slope gives a forecast:
#
# $$\boxed{\; f(x + s) \approx f(x) + g^\top s \;}$$
#
# How wrong is it? Along a direction $v$, $f(x + h v)$ is a function of the one number $h$, and by Taylor's theorem the forecast misses it by about $\frac{1}{2} c\, h^2$, where $c$ is the second derivative along $v$. Halve the step and the error falls to a quarter. On logarithmic axes this is a straight line of slope 2.
#
# :::{predict}
# Along a level line the forecast says "no change". How large is its error there?
#
# - `a`: it falls faster with the step than along the gradient: the slope is 3
# - `b`: it falls with the slope 2 as well, from a smaller constant
# - `c`: it falls with the slope 2, from a larger constant
# :::

# %% tags=["hide-input"]
u = g / g.norm()
ways = {"along $g$": u, "along a level line": torch.stack([-u[1], u[0]])}
ways["along $x$"] = torch.tensor([1.0, 0.0], dtype=torch.float64)
h = torch.logspace(-4, 0, 17, dtype=torch.float64)
errors = {
    name: torch.stack(
        [(f(p + s * v) - linear_prediction(f, p, s * v)).abs() for s in h]
    )
    for name, v in ways.items()
}

show(
    figures.forecast_error(h, errors),
    "The error of the linear forecast against the length of the step, both axes"
    " logarithmic. Three rows of points, along the gradient, along a level line and"
    " along x, run parallel to a dashed line of slope 2; the gradient's lies highest.",
)

# %% tags=["hide-input"]
rise = {
    name: (e[8] / e[0]).log10() / (h[8] / h[0]).log10() for name, e in errors.items()
}
constants = {name: (e[4] / h[4] ** 2).item() for name, e in errors.items()}
level, uphill = constants["along a level line"], constants["along $g$"]
reveal(
    f"Measured between steps of {h[0]:.0e} and {h[8]:.0e}, the slopes are"
    f" {', '.join(f'{v:.2f} {k}' for k, v in rise.items())}. Error divided by $h^2$:"
    f" {', '.join(f'{v:.2f} {k}' for k, v in constants.items())}.",
    right="a" if rise["along a level line"] > 2.5 else "b" if level < uphill else "c",
)

# %% [markdown]
# The level line is straight only in the forecast. The real one curves away. How large $c$ is in which direction, {doc}`hessian` says.
#
# Put the step $s = -\eta g$ into the forecast: $f(x - \eta g) \approx f(x) - \eta \lVert g \rVert^2$. The forecast falls, and its error shrinks faster than the fall itself, as $\eta^2$ against $\eta$. So *some* $\eta$ is small enough for the real $f$ to fall as well, wherever the gradient is not zero. How small, {doc}`gradient-descent` says.
#
# ## Backpropagation: the chain rule, backwards
#
# Values of $f$ alone give a gradient for two runs an input (how well, *Going further* measures). Now get all derivatives from one run. Write $f$ as a list of the smallest steps, each of which uses only what stands above it:
#
# $$\begin{aligned} a &= x^2, & b &= x y, & c &= 2b, \\ d &= y^3, & e &= a + c, & f &= e + d. \end{aligned}$$
#
# Draw each as a {term}`node <computation graph>`, with an arrow from what it uses. Numbers flow along the arrows: the forward pass. For each node $v$ ask: if this number grew a little, how fast would $f$ grow? The answer is the {term}`adjoint` of the node, $\bar{v} = \partial f / \partial v$. For the last node it is 1. For any other, $f$ can feel it only through the nodes $w$ that use it. Each passes on its own adjoint times its *local derivative* $\partial w / \partial v$, and by the chain rule for several variables these add up:
#
# $$\boxed{\; \bar{v} = \sum_{w \text{ uses } v} \bar{w} \, \frac{\partial w}{\partial v} \;}$$
#
# The rule is a recipe if you go through the nodes in reverse: when you arrive at $v$, all that use it are done.

# %%
x, y = 3.0, 2.0
a = x**2
b = x * y
c = 2 * b
d = y**3
e = a + c
f_value = e + d

f_bar = 1.0
e_bar = f_bar * 1  # f = e + d
d_bar = f_bar * 1
a_bar = e_bar * 1  # e = a + c
c_bar = e_bar * 1
b_bar = c_bar * 2  # c = 2b
x_bar = a_bar * 2 * x + b_bar * y  # a = x² and b = xy both use x
y_bar = d_bar * 3 * y**2 + b_bar * x  # d = y³ and b = xy both use y

# %% tags=["hide-input"]
formulas = {"x": "$x$", "y": "$y$", "a": "$a = x^2$", "b": "$b = xy$", "c": "$c = 2b$"}
formulas |= {"d": "$d = y^3$", "e": "$e = a + c$", "f": "$f = e + d$"}
values = dict(zip("xyabcdef", (x, y, a, b, c, d, e, f_value), strict=True))
bars = (x_bar, y_bar, a_bar, b_bar, c_bar, d_bar, e_bar, f_bar)
adjoints = dict(zip("xyabcdef", bars, strict=True))
show(
    figures.graph(formulas, values, adjoints),
    "The computation as a graph of eight boxes, from x and y on the left to f on the"
    f" right. Values above: {', '.join(f'{v:.0f}' for v in values.values())}. Adjoints"
    f" below: {', '.join(f'{bar:.0f} for {name}' for name, bar in adjoints.items())}. Two"
    " arrows leave x, and two leave y.",
)

# %% [markdown]
# Values stand above, adjoints below: those of $x$ and $y$ are the gradient again. Both inputs are used twice, and there the contributions meet: $10 = 6 + 4$ and $18 = 12 + 6$. Step through it. Change $x$ and $y$, and predict each number before you press Next.

# %% tags=["hide-input"]
Backpropagation(x=3, y=2)

# %% [markdown]
# ### In plain Python
#
# A program can keep the list for you. Each number remembers which numbers it was made from, and with which local derivatives. A node is always newer than what it was made from: so `history` collects all nodes behind the output and sorts them, the newest first, and each stands after all that use it. The rule in the box is the last three lines. (`_node` makes a `Node` of a plain number; `_created` counts nodes as they are made.)

# %%
show_source(Node, history, backward)

# %%
x, y = Node(3.0), Node(2.0)
one_way = x**2 + 2 * x * y + y**3
backward(one_way)
first = (x.adjoint, y.adjoint)
other_way = (x + y) ** 2 + -1 * y**2 + y**3
backward(other_way)

# %% tags=["hide-input"]
say(
    f"The tape says {first}. For the same function, written another way: {(x.adjoint, y.adjoint)}."
)

# %% [markdown]
# The second way, $(x + y)^2 - y^2 + y^3$, is another graph: other numbers flow through it, and the same gradient comes out. This is {term}`reverse-mode <reverse mode>` {term}`automatic differentiation`, known as *backpropagation* where the function is the loss of a network ({cite:t}`linnainmaa1976`, {cite:t}`rumelhart1986`). PyTorch does the same with tensors for numbers.
#
# ### What it costs
#
# An operation with two inputs has two arrows, and each costs the backward pass one multiplication and one addition. So the whole gradient costs a small multiple of one run, *however many inputs there are*. Difference quotients cost $2n$ runs.
#
# Take the product $x_1 x_2 \cdots x_n$ ({cite:t}`speelpenning1980`): one run has $n - 1$ multiplications.
#
# :::{predict} number
# How many multiplications does backpropagation take for $n = 1000$, the run itself included?
# :::

# %% tags=["hide-input"]
sizes = [2, 5, 10, 30, 100, 300, 1000]
counts = {"central differences": [], "backpropagation": [], "the function alone": []}
for n in sizes:
    product = Node(1.01)
    for _ in range(n - 1):
        product = product * Node(1.01)
    made = [node for node in history(product) if node.inputs]
    counts["the function alone"].append(len(made))
    counts["backpropagation"].append(len(made) + sum(len(w.inputs) for w in made))
    counts["central differences"].append(2 * n * len(made))

show(
    figures.operations(sizes, counts),
    "Multiplications against the number of inputs, both axes logarithmic. The function"
    " alone and backpropagation run parallel, a constant factor apart; central"
    " differences climb twice as steeply.",
)

# %% tags=["hide-input"]
ratio = counts["backpropagation"][-1] / counts["the function alone"][-1]
reveal(
    f"At n = 1000: {counts['the function alone'][-1]:,} for the function,"
    f" {counts['backpropagation'][-1]:,} with the gradient (**{ratio:.0f} times**),"
    f" {counts['central differences'][-1]:,} by central differences.",
    right=counts["backpropagation"][-1],
)

# %% [markdown]
# That a gradient costs no more than a small constant times the function is a theorem about all programs ({cite:t}`baur1983`; {cite:t}`griewank2008`, chapter 3). The price is memory: the backward pass needs the values of the forward pass, so all of them are kept until it has gone by. That is why training takes far more memory than running the trained network.
#
# ## 269,322 weights
#
# Now the network from the start, on 500 images of MNIST ({cite:t}`lecun1998`). Its loss is a function of one vector $\theta$ of shape $(269322,)$, and one backward pass gives a gradient of the same shape. Is it right? One number, $g^\top v$, checks *all* entries at once: choose a random direction $v$, and compare $g^\top v$ with a central difference along $v$. That is two runs. A mistake can hide only if it is smaller than what the check itself is off by, or if $v$ happens to be at right angles to it.
#
# This is a {term}`gradient check`. Do it in float64, and in float32 as well.

# %%
train, _ = load("mnist")
L = flat_loss(mlp(784, 256, 256, 10, seed=0), train[:500])
θ = flat_parameters(mlp(784, 256, 256, 10, seed=0)).double()


def gradient_check(L, θ, g, seed):
    v = torch.randn(len(θ), generator=torch.Generator().manual_seed(seed))
    v = (v / v.norm()).to(θ.dtype)
    here = torch.zeros(1, dtype=θ.dtype)
    slope = central_difference(lambda t: L(θ + t * v), here)[0]
    return abs((g @ v - slope) / slope).item()


# %% tags=["hide-input"]
g = gradient(L, θ)
wrong = g.clone()
wrong[g.abs().argsort()[len(g) // 2]] = 0  # one entry, of median size
checks = {
    "right, in float64": (θ, g),
    "one entry of 269,322 set to 0, in float64": (θ, wrong),
    "right, in float32": (θ.float(), g.float()),
}
rows = []
for name, pair in checks.items():
    worst = max(gradient_check(L, *pair, seed) for seed in range(5))
    grade = "over 1e-4" if worst > 1e-4 else "under 1e-6" if worst < 1e-6 else "between"
    rows.append([name, grade])
table(["gradient", "relative error, worst of 5 directions"], rows)

# %% [markdown]
# In float32 the check fails the *right* gradient: the loss is about 2.3, its spacing is $2.4 \cdot 10^{-7}$, and the two values that you subtract agree in most of their digits. A check that cannot tell right from wrong is worth nothing, so run it in float64.
#
# Now use the gradient. The forecast for a step $-\eta g$ is a fall of $\eta \lVert g \rVert^2$.
#
# :::{predict}
# As the rate grows from 0.001 to 2, does the loss fall by what is forecast?
#
# - `a`: by more and more above the forecast
# - `b`: by less and less of the forecast
# - `c`: by the forecast, until the loss suddenly rises
# :::

# %% tags=["hide-input"]
rates = torch.tensor([0.001, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0], dtype=torch.float64)
real = torch.stack([L(θ) - L(θ - lr * g) for lr in rates])

show(
    figures.drop(rates, real, rates * (g @ g)),
    "The fall of the loss in one step against the learning rate. The forecast is a"
    " straight line. The real fall starts along it, bends away below it, and at a rate"
    " of 2 reaches a little more than half of it.",
)

# %% tags=["hide-input"]
share = real / (rates * (g @ g))
falls = bool((share.diff() < 0).all())
reveal(
    f"The loss is {L(θ):.2f}. At a rate of 0.001 the real fall is {share[0]:.1%} of the"
    f" forecast, at 0.1 {share[1]:.0%}, at 1 **{share[5]:.0%}**.",
    right="b" if falls else "a" if share[-1] > 1 else "c",
)

# %% [markdown]
# All 269,322 weights move at once, and the loss falls as one number said it would: the first-order picture at its best, with its limit in sight.
#
# ## Going further
#
# ### The secant, and a deeper tape
#
# *You see the slope as a limit, and hold the tape against torch where a node is used over and over.*
#
# On the slice $f(x, 2) = x^2 + 4x + 8$ the slopes of the secants were $10 + h$:

# %% tags=["hide-input"]
steps = [4.0, 2.0, 1.0]
show(
    figures.secants(lambda x: x**2 + 4 * x + 8, 3.0, steps, slope=10),
    "A curve that bends upwards and four straight lines through its point at x = 3."
    " Three are secants with h = 4, 2 and 1 and the slopes"
    f" {', '.join(f'{10 + h:.0f}' for h in steps)}; the fourth, the tangent with slope"
    " 10, lies lowest to the right of the point.",
)

# %% [markdown]
# The graph of the core has eight nodes. Here is a computation that uses its own result again and again.


# %%
def deep(x, y):
    s = x * y + y
    for _ in range(6):
        s = (0.3 * s) ** 2 + x * s + 0.1 * y  # s is used twice, x and y every time
    return s


x, y = Node(0.7), Node(-0.4)
backward(output := deep(x, y))
q = torch.tensor([0.7, -0.4], dtype=torch.float64)
by_torch = gradient(lambda q: deep(q[0], q[1]), q)
apart = max(
    abs(a.adjoint / b.item() - 1) for a, b in zip((x, y), by_torch, strict=True)
)

# %% tags=["hide-input"]
say(
    f"{len(history(output))} nodes, both partial derivatives equal to torch's to"
    f" twelve digits: **{apart < 1e-12}**."
)

# %% [markdown]
# #### An exercise: teach the tape an operation (★★★)
#
# Write `sigmoid(node)`. It gets a `Node` and returns a new `Node` with the value $\sigma = 1 / (1 + e^{-x})$, tied to its input with the right local derivative. The tape does the rest.


# %%
def sigmoid(node): ...


check("2-derivatives/tape-sigmoid", sigmoid)

# %% tags=["remove-input"]
solution("2-derivatives/tape-sigmoid")

# %% [markdown]
# ### Derivatives from values alone
#
# *You see which step is best, how many digits are left, and why a check runs in float64.*
#
# Difference quotients need nothing but values of $f$. They work for code that you cannot look into, and they are the one independent witness against a wrong derivative. So it pays to know how good they are. Beside the central quotient of the core there is a cheaper one, which steps to one side only:
#
# $$\begin{aligned} \text{forward: } & \frac{f(x + h) - f(x)}{h} \\ \text{central: } & \frac{f(x + h) - f(x - h)}{2h} \end{aligned}$$
#
# Write Taylor's polynomial for both values, $f(x \pm h) = f \pm h f' + \frac{1}{2} h^2 f'' \pm \frac{1}{6} h^3 f''' + \dots$, and put them in. The forward quotient misses $f'$ by $\frac{1}{2} h f''$. In the central one the even powers cancel, and it misses by $\frac{1}{6} h^2 f'''$. This is the {term}`truncation error`. It asks for a *small* $h$.
#
# But each value of $f$ is rounded, by up to $\frac{1}{2} \varepsilon |f|$. The quotient subtracts two nearly equal numbers and divides by a small one, so the rounding arrives as up to $\varepsilon |f| / h$ in the forward and $\varepsilon |f| / 2h$ in the central quotient. It asks for a *large* $h$.
#
# :::{predict}
# Which step is the best for the central quotient in float64, where $\varepsilon$ is $2 \cdot 10^{-16}$ and $f$ and its derivatives are of ordinary size?
#
# - `a`: about $10^{-15}$, the smallest that still changes $x$
# - `b`: about $10^{-8}$
# - `c`: about $10^{-5}$
# :::
#
# :::{answer} c
# For the central quotient set the derivative of the sum to zero:
#
# $$\begin{aligned} \frac{d}{dh} \left( \frac{h^2 |f'''|}{6} + \frac{\varepsilon |f|}{2h} \right) &= 0 \\ h^3 &= \frac{3\,\varepsilon |f|}{2\,|f'''|} \\ h &\sim \varepsilon^{1/3} \end{aligned}$$
# :::
#
# The same sum for the forward quotient gives $h \sim \varepsilon^{1/2}$. Measure both along $y$ at the point $(3, 2)$, where $f = 29$, $f' = 18$, $f'' = 12$ and $f''' = 6$.


# %%
def quotients(dtype, h):
    at = torch.tensor(2.0, dtype=dtype)
    above, below = at + h.to(dtype), at - h.to(dtype)
    F = [9 + 6 * y + y * y * y for y in (above, at, below)]
    forward = (F[0] - F[1]) / (above - at)
    return forward, (F[0] - F[2]) / (above - below)


h = torch.tensor(
    [m * 2.0**-k for k in range(42) for m in (0.7, 0.5)], dtype=torch.float64
)

# %% tags=["hide-input"]
panels = {"forward difference": {}, "central difference": {}}
for dtype in (torch.float32, torch.float64):
    ε = torch.finfo(dtype).eps
    misses = [(q.double() - 18).abs() / 18 for q in quotients(dtype, h)]
    theory = (6 * h + 29 * ε / h) / 18, (h**2 + 29 * ε / (2 * h)) / 18
    lowest = ε ** (1 / 2), ε ** (1 / 3)
    for panel, *row in zip(panels.values(), misses, theory, lowest, strict=True):
        panel[str(dtype)[6:]] = tuple(row)
show(
    figures.difference_errors(h, panels),
    "Relative errors against the step h, logarithmic axes, in two panels. Each dtype"
    " makes a V: a straight right arm, from truncation, and a ragged left arm"
    " along or below its line, from rounding. Central differences have the steeper right"
    " arm and reach deeper. Dashed lines at the square root and at the cube root of"
    " epsilon stand near the bottoms.",
)

# %% tags=["hide-input"]
rows = []
for method, runs in panels.items():
    for dtype, (seen, theory, scale) in runs.items():
        worst = seen.nan_to_num(torch.inf).unfold(0, 7, 1).amax(1)  # of 7 neighbours
        steps = h[theory.argmin()], scale, h[worst.argmin() + 3]
        rows.append([f"{method}, {dtype}", *(f"{s:.0e}" for s in steps)])
table(["the best step", "predicted", "ε^(1/2) or ε^(1/3)", "seen"], rows)

# %% [markdown]
# The best step seen is the middle of seven neighbours whose worst error is smallest, so that one lucky rounding does not decide.
#
# The right arms follow their formula (in the forward quotient up to the next power of $h$). The left ones are bounds for one rounding of each value: mostly the roundings are smaller, and at times they cancel; now and then a point lies just above, since computing $f$ takes several. Read off the prices:
#
# - the error at the bottom is about $\varepsilon^{1/2}$ for forward and about $\varepsilon^{2/3}$ for central differences: half of the digits are lost, or a third;
# - a step that is too short is as bad as one that is too long. "Make $h$ as small as possible" is the classic mistake.
#
# The library takes $\varepsilon^{1/3}$. The factor $(3|f| / 2|f'''|)^{1/3}$ depends on the function; the cube root keeps it close to 1, and the bottom of the V is flat.

# %%
show_source(difference_step, central_difference, differences._slope)

# %% [markdown]
# Two details decide whether it works. The step grows with $|x|$, because the spacing of floats does: near $x = 1000$ a step of $10^{-5}$ is less than one float32 spacing and changes nothing. And the quotient divides by the step *as it was stored*. In float32, $2 + 10^{-5}$ is rounded, and what is left of the step is not $10^{-5}$. See what that does to the easiest function of all, $f(x) = x$.

# %%
x, h = torch.tensor(2.0), 1e-5
above = x + h

# %% tags=["hide-input"]
say(
    f"The slope of $f(x) = x$ at 2, in float32: **{(above - x) / h:.5f}** if you divide"
    f" by $h$, {(above - x) / (above - x):.5f} if you divide by the stored step."
)

# %% [markdown]
# How many digits do the four dtypes leave you? Differentiate $f$ along $y$ at 200 random points, with the library's own step, and take the worst relative error. The theory says $\varepsilon^{2/3}$, up to a factor that depends on $f$.

# %% tags=["hide-input"]
generator = torch.Generator().manual_seed(0)
draws = 1 + 2 * torch.rand(200, 2, generator=generator, dtype=torch.float64)
rows = []
for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16):
    places, ε = draws.to(dtype), torch.finfo(dtype).eps
    seen = torch.stack([central_difference(f, q)[1] for q in places]).double()
    true = 2 * places[:, 0].double() + 3 * places[:, 1].double() ** 2
    worst = (seen / true - 1).abs().max().item()
    rows.append([str(dtype)[6:], f"{ε:.0e}", f"{difference_step(dtype):.0e}"])
    rows[-1] += [f"{ε ** (2 / 3):.0e}", f"{worst:.0e}"]
table(["dtype", "ε", "step ε^(1/3)", "ε^(2/3)", "worst relative error"], rows)

# %% [markdown]
# In bfloat16 you cannot check a derivative. Convert to float64 first; that is what gradient checks do.

# %% [markdown]
# #### An exercise: read the plot (★★)
#
# In the figure of the difference quotients, look at central differences in float32 with $h = 10^{-5}$. The error is far above the bottom of the V. What would make it smaller?
#
# - `a`: a shorter step, because the quotient is not yet close to its limit
# - `b`: a longer step, because the rounding of the two values dominates
# - `c`: forward differences with the same step, because they take fewer values
# - `d`: nothing, because float32 has no more digits

# %%
answer = ...
check("2-derivatives/which-arm", answer)

# %% tags=["remove-input"]
solution("2-derivatives/which-arm")

# %% [markdown]
# #### An exercise: a slope from two values (★★)
#
# Write `slope(f, x, v)`. It gets a function of a tensor of shape $(n,)$, a point and a direction of any length but 0, both float64, and returns the slope of $f$ at $x$ per unit of length along $v$, by one central difference. It calls `f` twice, whatever $n$ is.


# %%
def slope(f, x, v): ...


check("2-derivatives/slope-from-values", slope)

# %% tags=["remove-input"]
solution("2-derivatives/slope-from-values")

# %% [markdown]
# ### Which variant is this?
#
# *You see a third quotient, what torch says at a kink, and which shape a gradient has.*
#
# **Forward, central or complex?** For $n$ inputs the forward quotient takes $n + 1$ values of $f$, the central one $2n$. A third trick takes $n$ and loses nothing. If $f$ is built from operations that also work on complex numbers, step along the imaginary axis: $f(x + ih) = f(x) + ih f'(x) - \frac{1}{2} h^2 f''(x) - \dots$, so $f'(x) \approx \operatorname{Im} f(x + ih) / h$. There is no subtraction, so no cancellation, and $h$ may be absurdly small ({cite:t}`squire1998`).


# %%
def slice_at_2(x):
    return x * x + 4 * x + 8


h = 1e-200
complex_step = slice_at_2(complex(3, h)).imag / h
forward = (slice_at_2(3 + h) - slice_at_2(3)) / h

# %% tags=["hide-input"]
say(
    f"With $h = 10^{{-200}}$ the complex step gives **{complex_step}**, the forward"
    f" quotient {forward}."
)

# %% [markdown]
# **What is the slope at a kink?** There is none: from the left, ReLU has the slope 0, from the right 1. Software answers anyway. It applies a fixed rule to each operation, and then the chain rule, whose conditions are not met. Below are five functions with a kink in at least one part. The last, $\operatorname{relu}(x) - \operatorname{relu}(-x)$, is a long way to write $f(x) = x$.
#
# :::{predict}
# Which slope at 0 does torch give for the last?
#
# - `a`: 1
# - `b`: 0
# - `c`: `nan`
# :::

# %%
KINKS = {
    "relu(x)": torch.relu,
    "abs(x)": torch.abs,
    "max(x, 0x)": lambda x: torch.maximum(x, 0 * x),
    "√(x²)": lambda x: (x * x).sqrt(),
    "relu(x) − relu(−x)": lambda x: torch.relu(x) - torch.relu(-x),
}

# %% tags=["hide-input"]
at = torch.zeros(1, dtype=torch.float64)
rows = []
for name, kink in KINKS.items():
    central = central_difference(lambda p, kink=kink: kink(p[0]), at).item()
    right = (kink(at + 1e-6) - kink(at)).item() / 1e-6
    by_torch = gradient(lambda p, kink=kink: kink(p[0]), at).item()
    rows.append([name, f"{by_torch:.1f}", f"{central + 0:.1f}", f"{right:.1f}"])
table(["slope at 0 of", "torch", "central difference", "forward difference"], rows)

# %% tags=["hide-input"]
reveal(
    f"torch says **{by_torch:.0f}**, for a function whose slope is 1 everywhere.",
    right={1.0: "a", 0.0: "b"}.get(by_torch, "c"),
)

# %% [markdown]
# For ReLU and $|x|$ torch returns a number between the slopes of the two sides (a *subgradient*), which is fine. For $\sqrt{x^2}$ it multiplies 0 by an infinite slope, and the nan will spread: that is why losses use `x.abs()`, or add a small number under the root. The last line is a wrong answer for a smooth function. The rule for ReLU was harmless in each part and not in their sum ({cite:t}`kakade2018`). In training this matters little, because rounded weights almost never sit exactly on a kink. Weights that start at exactly 0 do.
#
# **Row or column?** This book, like PyTorch, gives the gradient the shape of $x$ (*denominator layout*). The Jacobian has one row for each output (*numerator layout*), so that for one output $J = g^\top$, and the chain rule reads from left to right as a product of matrices. Many formula sheets mix the two; check the shapes.

# %%
as_row = jacobian(lambda q: f(q)[None], p)

# %% tags=["hide-input"]
say(
    f"The gradient has the shape {tuple(gradient(f, p).shape)}, the Jacobian of the same"
    f" function {tuple(as_row.shape)}."
)

# %% [markdown]
# ### What `model.parameters()` hands out
#
# *You see which lists hold the weights themselves.*
#
# To step, you must write into the network. Some say that `model.parameters()` hands out copies of the weights. If it did, no optimizer would work, since this is how each gets hold of them. Try it: fill what you are handed with zeros, and see whether the network still gives the same outputs.
#
# :::{predict} number
# Of `model.parameters()`, `model.state_dict()`, `.detach()` of each weight, `.clone()` of each, `copy.deepcopy(model)` and a flat vector of all weights made by `torch.cat`: how many hand out the weights themselves?
# :::

# %%
HANDED = {
    "`model.parameters()`": lambda model: list(model.parameters()),
    "`model.state_dict()`": lambda model: list(model.state_dict().values()),
    "`.detach()` of each": lambda model: [w.detach() for w in model.parameters()],
    "`.clone()` of each": lambda model: [w.clone() for w in model.parameters()],
    "`copy.deepcopy(model)`": lambda model: copy.deepcopy(model).parameters(),
    "`flat_parameters(model)`": lambda model: [flat_parameters(model)],
}


def survives(hand_out):
    model, image = mlp(784, 10, seed=0), train.inputs[:1]
    before = model(image)
    with torch.no_grad():
        for weights in hand_out(model):
            weights.zero_()
    return torch.equal(model(image), before)


# %% tags=["hide-input"]
kept = {name: survives(hand_out) for name, hand_out in HANDED.items()}
rows = [
    [name, "a copy" if safe else "**the weights themselves**"]
    for name, safe in kept.items()
]
table(["what you get from", "is"], rows)

# %% tags=["hide-input"]
reveal(
    f"**{len(kept) - sum(kept.values())}** of {len(kept)}.",
    right=len(kept) - sum(kept.values()),
)

# %% tags=["hide-input"]
changed = [not safe for safe in kept.values()]
evidence(
    "D15",
    "false",
    "Zeros written into what parameters(), state_dict() and detach() hand out changed"
    f" the network's outputs in {sum(changed[:3])} of 3 cases.",
    so="Keep your best weights with `copy.deepcopy(model.state_dict())`; the state_dict alone trains on.",
    more="Written into a clone, a deep copy and a flat copy they changed the outputs in"
    f" {sum(changed[3:])} of 3 cases.",
)

# %% [markdown]
# The practical trap is the second line. `best = model.state_dict()` does not keep your best weights: it goes on training with the model. Write `copy.deepcopy(model.state_dict())`.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a slope in a direction (★)
#
# For $f(x, y) = x^2 + 2xy + y^3$ at $(3, 2)$, what is the slope per unit of length in the direction of the vector $(4, -3)$?

# %%
answer = ...
check("2-derivatives/slope-along", answer)

# %% tags=["remove-input"]
solution("2-derivatives/slope-along")

# %% [markdown]
# ### Exercise 2: the tape that forgets to add (★★)
#
# Somebody writes `used.adjoint = node.adjoint * slope` in `backward`, with `=` where `+=` should stand. The nodes are visited in the order f, e, d, c, b, a. What does this tape say for $\partial f / \partial y$ at $(3, 2)$?

# %%
answer = ...
check("2-derivatives/forgets-to-add", answer)

# %% tags=["remove-input"]
solution("2-derivatives/forgets-to-add")

# %% [markdown]
# ### An open experiment
#
# The page's first fold holds `trial_and_error`. Where does it end with smaller nudges, and what does it pay in evaluations? What if it nudges along $g$ and at right angles to it?
#
# ## Summary
#
# - The gradient holds the slopes of all slices. The slope along $v$ is $g^\top v$, largest along $g$, zero along a level line, and $f(x) + g^\top s$ forecasts a step with an error that falls as its square.
# - Difference quotients balance truncation against rounding: central ones with $h \sim \varepsilon^{1/3}$ keep two thirds of the digits (*Going further*). One random direction in float64 checks a whole gradient.
# - Backpropagation walks the computation backwards, multiplies along arrows and adds where they meet. All $n$ derivatives cost a small multiple of one run, and the memory for its values.
#
# ## References
#
# - {cite:t}`goodfellow2016`: section 6.5 derives backpropagation on graphs, with tensors in the nodes.
# - {cite:t}`griewank2008`: the standard book on automatic differentiation, its costs and its modes.
# - {cite:t}`baydin2018`: a survey that puts backpropagation in its place among the other ways to differentiate a program.
# - {cite:t}`linnainmaa1976`: reverse accumulation, found while tracing rounding errors through a computation.
# - {cite:t}`rumelhart1986`: backpropagation as a way to train networks.
# - {cite:t}`baur1983`: all partial derivatives for a constant times the cost of the function.
# - {cite:t}`speelpenning1980`: the thesis that made it a compiler, and the product above its test.
# - {cite:t}`gill1981`: section 8.6 on choosing the step of a difference quotient.
# - {cite:t}`squire1998`: the complex step, in three pages.
# - {cite:t}`kakade2018`: what automatic differentiation returns at kinks, and when that is right.
# - {cite:t}`lecun1998`: the data set MNIST.
