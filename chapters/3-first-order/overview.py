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
# # Which way, and how far
#
# Nine methods with nine names look like nine ideas. They are two questions, asked again at every step, and each method exists because an earlier answer failed somewhere. This page is the map of the part.
#
# **You will**
#
# - see eight methods take the same sixty steps from the same start, and say what differs;
# - read each method as its answer to two questions, and choose one with a first rate;
# - write a method of your own in three lines and train with it.
#
# **You need** three things.
#
# - Gradient descent, $x \leftarrow x - \eta g$: it goes against the gradient $g$, as far as the learning rate $\eta$ says ({doc}`/2-derivatives/gradient-descent`).
# - Its limit: with $\eta$ above $2/\lambda_{\max}$ it diverges along the direction of the largest curvature, $\lambda_{\max}$.
# - The valley, far steeper across than along ({doc}`/1-numbers/conditioning`): its walls set the limit, and its floor is slow.
#
# You came to choose a method? Go to [Which one?](#which-one)
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $t$ | number | the number of the step, from 1 |
# | $x$, $x_t$ | any | a parameter; the same after step $t$ |
# | $g$, $g_t$ | as $x$ | the gradient, taken before the step |
# | $\eta$ | number | the learning rate |
# | $d_t$ | as $x$ | the direction of step $t$ |
# | $s_t$ | as $x$ | the scale that divides it, entry by entry |
# | $\lambda_{\max}$ | number | the largest curvature |
# | $b$, $\mu$ | as $x$; number | an average of the gradients, and the share of it that is kept |
# | $v$, $\alpha$ | as $x$; number | RMSProp's average of squared gradients, and the share of it that is kept |
# | $\varepsilon$ | number | the small number beside the root |
# :::

# %% tags=["hide-input"]
from functools import partial

import torch

from book import results
from book.cards import card, cards
from book.display import reveal, say, show, show_source, table
from book.exercises import check, solution
from book.explorers import Race
from book.figures import overview as figures
from book.optim import (
    SGD,
    AdaDelta,
    AdaGrad,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    RMSProp,
    Rule,
    state_bytes_of,
    trajectory,
)
from book.optim.methods import METHODS
from book.project.comparison_file import load_comparison
from book.surfaces import bowl
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import train
from book.training.surface.side_by_side import difference

EIGHT = (SGD, Momentum, Nesterov, AdaGrad, RMSProp, AdaDelta, Adam, AdamW)

# %% [markdown]
# ## One valley, eight paths
#
# Here is a valley whose floor is fifty times flatter than its walls, with a star at its lowest point. Three methods run down it from one start. Drag the start, and switch other methods on. Halve momentum's rate: does it reach the goal sooner or later? Switch the noise on: which of the three stays closest to the star?

# %% tags=["hide-input"]
Race()

# %% [markdown]
# Those rates were given. Now each method may choose its own: of thirteen rates, four to a decade, the one with which the last ten of sixty steps are lowest on average. (A path that swings can be low at its last step by chance.)
#
# :::{predict}
# Which of the eight get near the lowest point, and which stop far short of it on the floor?
#
# - `a`: all get near, since each has its own best rate
# - `b`: those that average gradients get near: Momentum, Nesterov, Adam, AdamW
# - `c`: those with a rate for each entry get near: AdaGrad, RMSProp, AdaDelta, Adam, AdamW
# :::

# %%
valley = bowl(kappa=50, angle=30)


def level(path, last=10):
    """The mean height of the last steps."""
    return valley(path[-last:]).mean().nan_to_num(torch.inf).item()


# %%
def best_of(method, rates, steps=60):
    """The path that ends at the lowest level, with its rate."""
    runs = [
        (rate, trajectory(partial(method, lr=rate), valley, valley.at_start(), steps))
        for rate in rates
    ]
    return min(runs, key=lambda run: level(run[1]))


# %% tags=["hide-input"]
def rates_of(method, span=12):
    """Four rates to a decade; AdaDelta's rate has no unit and starts higher."""
    lowest = 1.0 if method is AdaDelta else 1e-3
    return [lowest * 10 ** (k / 4) for k in range(span + 1)]


runs = {method.__name__: best_of(method, rates_of(method)) for method in EIGHT}
show(
    figures.race(valley, {name: path for name, (_, path) in runs.items()}),
    "Eight small maps of the same slanting valley, with a star at its lowest point. SGD,"
    " AdaGrad, RMSProp and AdaDelta come to the valley floor, creep along it and stop"
    " short of the star; AdaGrad and RMSProp leap up the wall first. Nesterov runs nearly"
    " straight to the star. Momentum, Adam and AdamW swing gently on their way. These"
    " four pass the star a little.",
)

# %% tags=["hide-input"]
table(
    ["method", "best rate", "mean height, last ten steps"],
    [
        [name, f"{rate:.2g}", f"{level(path):.0e}"]
        for name, (rate, path) in runs.items()
    ],
)

# %% tags=["hide-input"]
heights = {name: level(path) for name, (_, path) in runs.items()}
near = [name for name, height in heights.items() if height < max(heights.values()) / 10]
far = [name for name in heights if name not in near]
averaging = ["Momentum", "Nesterov", "Adam", "AdamW"]
reveal(
    f"Near it, at a height of at most {max(heights[name] for name in near):.0e}:"
    f" **{', '.join(near)}**. Short of it, at {min(heights[name] for name in far):.0e} or"
    f" more: {', '.join(far)}. In this valley an average of the gradients decides, and a"
    " rate for each entry alone does not help. The valley is turned against the axes, which"
    " is hard on methods that scale each entry for itself.",
    right="a" if not far else "b" if near == averaging else "c",
)

# %% [markdown]
# Do not read this table as a ranking. It is one valley, without noise, in two dimensions, and turned against the axes. An honest comparison needs networks, seeds and equal budgets; the project at the end of the book makes one. What the picture does show is character: some paths swing, some leap once and then creep.
#
# ## The two questions
#
# A first-order method knows the gradient $g_t$ at the point where it stands, and what it wrote down on its way. At step $t$ it must answer:
#
# 1. **Which way?** The gradient of this moment, or some average of the gradients so far?
# 2. **How far?** One rate for all parameters, or for each parameter a scale of its own?
#
# Every method of this part fits one line:
#
# $$\boxed{\;x_{t} = x_{t-1} - \eta \, \frac{d_t}{s_t}\;}$$
#
# Here $x_t$ holds the parameters, any shape. $d_t$, the direction, and $s_t > 0$, the scale, have the same shape, and the division goes entry by entry. $\eta$ is the learning rate.
#
# ## How far: the first step tells
#
# Take a parameter with many entries. The gradient of one entry is 0.001, of another 1,000. All methods get the learning rate 0.1 and take one step.
#
# :::{predict}
# Draw the length of that step against the size of the gradient's entry. Which methods give a flat line, or nearly one?
#
# - `a`: none; a larger gradient always makes a longer step
# - `b`: Momentum, Nesterov, Adam, AdamW
# - `c`: AdaGrad, RMSProp, AdaDelta, Adam, AdamW
# :::

# %%
sizes = torch.logspace(-3, 3, 13, dtype=torch.float64)


def first_step(method):
    x = torch.nn.Parameter(torch.zeros_like(sizes))
    x.grad = sizes.clone()
    method([x], lr=0.1).step()
    return x.detach().abs()


# %% tags=["hide-input"]
shown = (SGD, Nesterov, AdaGrad, RMSProp, AdaDelta)
lengths = {method.__name__: first_step(method) for method in shown}
show(
    figures.first_steps(
        sizes,
        lengths,
        ["SGD, Momentum", "Nesterov", "AdaGrad, Adam, AdamW", "RMSProp", "AdaDelta"],
    ),
    "Two parallel lines rise by six decades from left to right: SGD's, with Momentum's,"
    " and above it Nesterov's. Three lines are flat: RMSProp's at 1, that of AdaGrad,"
    " Adam and AdamW at 0.1, and AdaDelta's near"
    f" {lengths['AdaDelta'][6]:.4f}, lower at its left end.",
)

# %% tags=["hide-input"]
same = [
    (first_step(a) - first_step(b)).abs().max().item() < 1e-6
    for a, b in ((SGD, Momentum), (AdaGrad, Adam), (Adam, AdamW))
]
middle = {name: values[6].item() for name, values in lengths.items()}
ends = {method.__name__: first_step(method)[[6, -1]] for method in EIGHT}
flat = [name for name, (one, thousand) in ends.items() if thousand < 2 * one]
scaling = ["AdaGrad", "RMSProp", "AdaDelta", "Adam", "AdamW"]
reveal(
    f"Flat from 1 to {sizes[-1]:,.0f}: **{', '.join(flat)}**. Where the entry is 1, the first step is"
    f" {middle['SGD']:.2f} long with SGD, {middle['Nesterov']:.2f} with Nesterov,"
    f" {middle['AdaGrad']:.2f} with AdaGrad, {middle['RMSProp']:.2f} with RMSProp and"
    f" {middle['AdaDelta']:.5f} with AdaDelta. The methods that share a line differ"
    f" by less than 1e-6: {'yes' if all(same) else 'no'}. Some methods multiply: a gradient a thousand times larger"
    " gives a step a thousand times longer. Others divide the size away: only the sign of a first gradient counts."
    " That is their strength where gradients of different parameters differ by orders of magnitude, and their weakness"
    " where the size says something true.",
    right="a" if not flat else "c" if flat == scaling else "b",
)

# %% [markdown]
# Here is what each method puts in the two places.
#
# | method | which way: $d_t$ | how far: $\eta / s_t$ |
# |:--|:--|:--|
# | SGD | the gradient | one rate |
# | Momentum | a decaying sum of gradients | one rate |
# | Nesterov | the same, looking one step ahead | one rate |
# | AdaGrad | the gradient | the rate over the root of the sum of all squares |
# | RMSProp | the gradient | the rate over the root of an average of squares |
# | AdaDelta | the gradient | the same, with the size of past steps as the rate |
# | Adam | an average of gradients | the rate over the root of an average of squares |
# | AdamW | the same, and apart from it a pull to 0 | the same |
#
# Averages must be kept somewhere, one number more for each parameter or two. Memory is the price of not forgetting; its bytes stand in the table of [Which one?](#which-one)
#
# ## Which one?

# %% tags=["hide-input"]
rates = {name: card(name).rate for name in ("Adam", "AdamW", "Momentum")}
say(
    f"In short: **Adam at {rates['Adam']}**, then a third and three times that. If weights shall"
    f" decay, **AdamW at {rates['AdamW']}**. Then **Momentum at {rates['Momentum']}**."
)

# %% [markdown]
# Each method has a card; its chapter prints it whole. Here is the short of all: a rate to begin with, what to tune first, what the method adds to its parents and when you take it. The bytes are what a method remembers for each float32 parameter, measured after a step; the parameter and its gradient take four each on top.

# %% tags=["hide-input"]
table(
    ["method", "first rate", "tune first", "bytes"],
    [
        [
            each.name,
            each.rate,
            each.tune,
            f"{state_bytes_of(METHODS[each.name].make):.0f}",
        ]
        for each in cards()
    ],
)

# %% tags=["hide-input"]
lines = []
for each in cards():
    method = METHODS[each.name]
    file = method.chapter and method.chapter.rpartition("/")[2]
    name = f"[{each.name}]({file}.ipynb)" if file else each.name
    lines.append(f"- **{name}** ({method.adds}), when {each.when}")
say("\n".join(lines))

# %% [markdown]
# What if none of these sentences is about you? The project trained two networks with all eight at equal effort, each at the best rate of its own search and at torch's default rate ({doc}`/6-project/comparison`).

# %% tags=["hide-input"]
NETWORKS = {"mlp": "the MLP on MNIST", "cnn": "the CNN on CIFAR-10"}
rows = [
    r | {"on": on} for on in NETWORKS for r in load_comparison(on)["results"]["rows"]
]


def found(on, tuned):
    """Test accuracy of each method on a network, at its best rate or at the default."""
    chosen = [row for row in rows if row["on"] == on and row["tuned"] is tuned]
    return {row["method"]: row["mean"] for row in chosen}


def span(on, tuned):
    means = found(on, tuned).values()
    return f"{min(means):.1f} to {max(means):.1f}"


table(
    ["test accuracy of the eight, %", *NETWORKS.values()],
    [
        ["each at its best rate", *(span(on, True) for on in NETWORKS)],
        ["each at torch's default rate", *(span(on, False) for on in NETWORKS)],
        [
            "Adam at its best rate",
            *(f"{found(on, True)['adam']:.1f}" for on in NETWORKS),
        ],
    ],
)

# %% tags=["hide-input"]
best, default = found("cnn", True), found("cnn", False)
whole = max(best.values()) - min(best.values())
costly = [name for name in best if best[name] - default[name] > whole]
say(
    "On the CNN the default rate costs more than the whole way from the best method to the"
    f" worst, {whole:.1f} points, with **{len(costly)}** of {len(best)} methods."
)

# %% [markdown]
# So, in four lines:
#
# 1. **Search the rate before you change the method.** It may be worth more than all of them.
# 2. **Begin with {doc}`adam`**, or with {doc}`adamw` if weights shall decay. On a small network its band of good rates is wider than SGD's (claim F17).
# 3. **Then try {doc}`momentum` or {doc}`nesterov`**, with half the state. Where the walls of the valley limit the rate, as with large batches, they gain most over {doc}`sgd` (claims F7 and F8).
# 4. **Rare features** are for {doc}`adagrad` (claim F10), gradients whose size changes for {doc}`rmsprop` (claim F13). If you cannot search at all, take {doc}`adam` or {doc}`adadelta` at its default.
#
# Whatever you take, let its rate fall towards the end ({doc}`schedules`). And keep the caveat: two networks, small images, batches of 128.
#
# ## The family
#
# Read the tree from left to right. Above the middle are the answers to *which way*, below it the answers to *how far*. An arrow points from a method to one that builds on it.

# %% tags=["hide-input"]
show(
    figures.family_tree(),
    "A tree in three rows. Gradient descent leads to SGD in the middle row and to"
    " Momentum, then Nesterov, in the upper row. SGD leads to AdaGrad in the lower row,"
    " and AdaGrad to RMSProp and AdaDelta. Momentum and RMSProp lead to Adam in the"
    " middle row, and Adam to AdamW. Each stands with its year.",
)

# %% [markdown]
# - **1847.** {cite:t}`cauchy1847` needs the orbits of planets, and walks down a sum of squares along its gradient.
# - **1951.** {cite:t}`robbins1951` find the root of a function that they can only see through noise. A minibatch gradient is such a view: {doc}`sgd`.
# - **1964.** {cite:t}`polyak1964` gives the point mass and friction: {doc}`momentum`. {cite:t}`rumelhart1986` use the same term to train networks.
# - **1983.** {cite:t}`nesterov1983` proves that a look ahead reaches, up to a constant factor, the best rate that any method of gradients can promise on convex functions: {doc}`nesterov`.
# - **2011.** {cite:t}`duchi2011` give every coordinate its own rate, for features that are rare: {doc}`adagrad`.
# - **2012.** Tieleman and Hinton let AdaGrad forget, on a slide of a course ({cite:t}`tieleman2012`): {doc}`rmsprop`. {cite:t}`zeiler2012` restores the units of the step: {doc}`adadelta`.
# - **2014.** {cite:t}`kingma2015` put both averages together, and correct their start: {doc}`adam`.
# - **2017.** {cite:t}`loshchilov2019` take the decay of the weights out of the averages: {doc}`adamw`.
# - **2023.** {cite:t}`chen2023` let a program search for one, and find a method that keeps only a sign: Lion. It has a card above, and no chapter yet.
#
# ## The formula is the code
#
# Each method of this part is one file of `book/optim`, and the part of it that is mathematics is one function, `update`: from a parameter, its gradient and what the method remembers, to the new parameter and the new memory.

# %% tags=["hide-input"]
show_source(SGD.update, Momentum.update, Adam.update)

# %% [markdown]
# In the last one `power(β1, t)` is `β1` to the power `t`, and `u` serves an option, `amsgrad`; without it `u` is `v`.
#
# Everything else is bookkeeping, the same for all methods. For one parameter: recall what the formula remembers of it, apply the formula, and keep what comes back.


# %%
@torch.no_grad()
def one_step(method, x, state, hyper):
    state["step"] = t = state.get("step", 0) + 1
    memory = [state.get(name, 0.0) for name in method.memory]
    new, *memory = method.update(x, x.grad, *memory, t=t, **hyper)
    state.update(zip(method.memory, memory, strict=True))
    x.copy_(new)


# %% [markdown]
# Around it goes a loop over all parameters:


# %%
class SmallRule(torch.optim.Optimizer):
    def __init__(self, params, method, **hyper):
        super().__init__(params, hyper)
        self.method = method

    def step(self, closure):
        loss = closure()  # which leaves the gradients in x.grad
        for group in self.param_groups:
            hyper = {name: group[name] for name in group if name != "params"}
            for x in group["params"]:
                one_step(self.method, x, self.state[x], hyper)
        return loss


# %% tags=["hide-input"]
gaps = {
    "Momentum": difference(
        partial(SmallRule, method=Momentum, lr=0.1, momentum=0.9),
        partial(Momentum, lr=0.1, momentum=0.9),
    ),
    "Adam": difference(
        partial(
            SmallRule,
            method=Adam,
            lr=1e-3,
            betas=(0.9, 0.999),
            eps=1e-8,
            amsgrad=False,
        ),
        partial(Adam, lr=1e-3),
    ),
}
say(
    f"With the formulas of {' and '.join(gaps)} it trains a network for two epochs to the"
    " weights of the library's classes, but for differences"
    f" {'below' if max(gaps.values()) < 1e-12 else 'above'} 1e-12."
)

# %% [markdown]
# The library's class is `Rule`. It has the same loop, and does all that torch's optimizers do: closures, schedulers, checkpoints, gradient scaling, sparse and complex parameters ([the bookkeeping, whole](#the-bookkeeping-whole)).
#
# A method that is three lines long can be invented in a minute. Here is one that looks only at the sign of the gradient ({cite:t}`bernstein2018` study it). It trains on a sample of MNIST like any other optimizer.


# %%
class SignDescent(Rule):
    def __init__(self, params, lr=1e-3, **options):
        super().__init__(params, lr=lr, **options)

    @staticmethod
    def update(x, g, *, t, lr):
        return (x - lr * torch.sign(g),)


model, (data, test) = mlp(784, 32, 10, seed=0).double(), load("mnist")
history = train(model, data, SignDescent(model.parameters()), epochs=3, test=test)

# %% tags=["hide-input"]
say(
    f"After 3 epochs of {data.labels.shape[0]:,} images, SignDescent has"
    f" {100 * history.test_accuracies[-1]:.0f} % of the test sample right."
)

# %% [markdown]
# ## In PyTorch
#
# Hyperparameters and state carry torch's names, so either optimizer can stand in for the other, and even a checkpoint goes from one to the other. Each pair below trains copies of one float64 network on the same minibatches.

# %% tags=["hide-input"]
PAIRS = {
    "SGD": (SGD, partial(torch.optim.SGD)),
    "SGD, momentum=0.9": (Momentum, partial(torch.optim.SGD, momentum=0.9)),
    "SGD, momentum=0.9, nesterov=True": (
        Nesterov,
        partial(torch.optim.SGD, momentum=0.9, nesterov=True),
    ),
    "Adagrad": (AdaGrad, torch.optim.Adagrad),
    "RMSprop": (RMSProp, torch.optim.RMSprop),
    "Adadelta": (AdaDelta, torch.optim.Adadelta),
    "Adam": (Adam, torch.optim.Adam),
    "AdamW": (AdamW, torch.optim.AdamW),
}
table(
    ["torch.optim", "book.optim", "largest difference after two epochs"],
    [
        [
            name,
            ours.__name__,
            "below 1e-12" if difference(ours, theirs) < 1e-12 else "above 1e-12",
        ]
        for name, (ours, theirs) in PAIRS.items()
    ],
)

# %% [markdown]
# ## Going further
#
# ### The bookkeeping, whole
#
# *You see what the library does around a formula in one step, from the gradients to the engine.*
#
# One step of `Rule`. `check_written` looks at what was written into the groups since, `gradients_of` finds the parameters that have a gradient, and looks whether it is finite. `_step_group` hands the formula to an engine, with all parameters of one age at once: `advance` applies it one parameter after the other, as above; `advance_compiled` to all in one compiled pass, `advance_rows` to the rows of a sparse gradient.

# %% tags=["hide-input"]
show_source(Rule.step, Rule._step_group, Rule._by_age, Rule._recall)

# %% [markdown]
# ### The years, to scale
#
# *You see how long the first idea stood alone, and how close together the last five came.*

# %% tags=["hide-input"]
show(
    figures.timeline(),
    "A line of time with a mark for each method: "
    + ", ".join(f"{name} {member.year}" for name, member in figures.family().items())
    + ". The first stands alone, the last five crowd together.",
)

# %% [markdown]
# A century of silence, then three ideas in a generation, then five methods in six years. The questions were old; networks with many millions of parameters made the answers urgent.
#
# ### What it costs in time
#
# *You see how near a readable formula comes to the floor that memory sets, before and after compiling.*
#
# A step of such a method does little arithmetic. It reads the parameters, the gradients and the memory, and writes most of them back. So there is a floor: the bytes that must move, over the bytes that the machine can move in a second. A stored run measured both, on a network with the shapes of a VGG13, next to torch's ways to take the same step: one parameter after the other (`loop`), operation by operation over all parameters (`foreach`), everything in one pass (`fused`, where torch has it).
#
# :::{predict}
# Our formula, run as it is written, makes several passes over memory. How much slower than one pass is it, and what does the compiler of `torch.compile` make of the same formula?
#
# - `a`: two or three times slower; the compiler halves that
# - `b`: about ten times slower or more; the compiler comes within a quarter of one pass
# - `c`: about ten times slower or more; the compiler cannot help, since it does not know the formula
# :::

# %% tags=["hide-input"]
run = results.load("optim")["results"]["tables"][0]
ways = ("eager", "compiled", "fused", "foreach", "loop")
table(
    ["ms a step", *(f"ours, {way}" for way in ways[:2]), *ways[2:], "floor"],
    [
        [
            row["method"],
            *(
                f"{row['milliseconds'].get(way, 0):.1f}"
                if way in row["milliseconds"]
                else "none"
                for way in ways
            ),
            f"{row['floor_ms']:.1f}",
        ]
        for row in run["rows"]
    ],
)

# %% tags=["hide-input"]
fused = [row["ratio"] for row in run["rows"] if row["baseline"] == "fused"]
other = [row["ratio"] for row in run["rows"] if row["baseline"] == "foreach"]
share = [row["share_of_floor"]["compiled"] for row in run["rows"]]
written = [
    row["milliseconds"]["eager"] / row["milliseconds"]["fused"]
    for row in run["rows"]
    if row["baseline"] == "fused"
]
reveal(
    f"{run['parameters'] / 1e6:.1f} million float32 parameters, {run['name']}. As it is"
    f" written, the formula takes **{min(written):.0f} to {max(written):.0f}** times as long"
    f" as torch's fused step; compiled, {min(fused):.2f} to {max(fused):.2f} times. Where"
    f" torch has no fused step, compiled takes {min(other):.2f} and {max(other):.2f} of"
    f" the time of `foreach`. It reaches {100 * min(share):.0f} to"
    f" {100 * max(share):.0f} % of the floor's speed. Compiling costs"
    f" {min(r['compile_seconds'] for r in run['rows']):.0f} to"
    f" {max(r['compile_seconds'] for r in run['rows']):.0f} seconds, once.",
    right="a" if max(written) < 5 else "b" if max(fused) < 1.25 else "c",
)

# %% [markdown]
# So readable and fast are nearly one thing here. The readable formula alone is not: run as written it makes a pass over memory for every operation. The compiler reads it and writes the one pass. What it cannot remove is the work of Python around each step: with a small network that is most of it, and no engine helps.
#
# ### Three options
#
# *You see how to climb, to compile the step, and to stop at a nan before it reaches the parameters.*
#
# They are common to all of ours.
#
# | option | what it does |
# |:--|:--|
# | `maximize=True` | climbs, as in torch |
# | `engine="compiled"` | hands the formula to the compiler of `torch.compile`: a few seconds at the first step, then one pass over memory a step. torch's counterpart is `fused=True`, where it has one |
# | `error_if_nonfinite=True` | stops before a step whose gradient holds nan or inf. torch has the option in `clip_grad_norm_` alone |
#
# Without the last one, a nan goes through the formula into the parameters, in torch as here. With it, you are told where.

# %%
layer = torch.nn.Linear(2, 1)
layer.weight.grad = torch.tensor([[1.0, float("nan")]])
layer.bias.grad = torch.tensor([0.5])
try:
    SGD(layer.named_parameters(), error_if_nonfinite=True).step()
except FloatingPointError as error:
    sentence = str(error)
say(f"> {sentence}")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the first step of RMSProp (★)
#
# RMSProp starts with $v = 0$, keeps the share $\alpha = 0.99$ and has the learning rate $\eta = 0.01$. The first gradient of an entry is 5. How far does the entry move? Leave $\varepsilon$ aside.

# %%
answer = ...
check("3-first-order/first-step", answer)

# %% tags=["remove-input"]
solution("3-first-order/first-step")

# %% [markdown]
# ### Exercise 2: read the plot (★)
#
# Look at the picture of the first steps. You multiply the loss by 100. Whose first step stays as long as it was, within the width of a line?
#
# - `a`: SGD's and Nesterov's
# - `b`: AdaGrad's, RMSProp's and Adam's
# - `c`: everyone's
# - `d`: nobody's

# %%
answer = ...
check("3-first-order/scaled-loss", answer)

# %% tags=["remove-input"]
solution("3-first-order/scaled-loss")

# %% [markdown]
# ### Exercise 3: a method of your own (★★)
#
# {cite:t}`bernstein2018` average before they take the sign: $b \leftarrow \mu\, b + (1-\mu)\, g$, then $x \leftarrow x - \eta \operatorname{sign}(b)$. Write it as `signum(x, g, b, lr, momentum)`, which returns the new $x$ and the new $b$.


# %%
def signum(x, g, b, lr, momentum): ...


check("3-first-order/signum", signum)

# %% tags=["remove-input"]
solution("3-first-order/signum")

# %% [markdown]
# ### An open experiment (★★★)
#
# Turn the valley. In `bowl(kappa=50, angle=30)` the angle says how far its axes are from the axes of the parameters. Which of the eight methods change their place in the table between 0 and 45 degrees, and from which angle on? Write down what you expect of each before you run it. There is no answer here.
#
# ## Summary
#
# - Every first-order method answers two questions: which way, by the gradient or an average of gradients; and how far, by one rate or by a scale for each parameter.
# - Search the rate before you change the method; then the cards say when to take which. Averages cost memory: one number more for each parameter with momentum, AdaGrad or RMSProp, two with AdaDelta, Adam and AdamW.
# - Here a method is its formula. `Rule` does the rest, and every one of them equals its counterpart in torch up to rounding.
#
# ## References
#
# - {cite:t}`cauchy1847`, {cite:t}`robbins1951`, {cite:t}`polyak1964`, {cite:t}`nesterov1983`: which way.
# - {cite:t}`duchi2011`, {cite:t}`tieleman2012`, {cite:t}`zeiler2012`: how far.
# - {cite:t}`kingma2015`, {cite:t}`loshchilov2019`: both.
# - {cite:t}`rumelhart1986`: momentum in the training of networks.
# - {cite:t}`bernstein2018`: the sign alone, with and without momentum. {cite:t}`chen2023`: Lion.
