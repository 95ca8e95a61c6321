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
# # Second order in practice
#
# Six methods train one network, an {term}`autoencoder` that squeezes a digit into 12 numbers and draws it again. Each takes the same number of steps, each at the best setting that an equal search tried for it. Here is the error on held-out digits, step by step.

# %% tags=["hide-input"]
import math
import statistics

import torch

from book import results
from book.display import evidence, reveal, say, show, table
from book.exercises import check, solution
from book.figures import second_order_in_practice as figures
from book.optim import LBFGS, minimize
from book.project.in_practice_methods import ENTRANTS, closure_of, seconds_of
from book.project.in_practice_tasks import PROBLEMS
from book.project.intervals import LEVEL, paired_interval
from book.training.data.load import load

# %% tags=["hide-input"]
RUN = ("autoencoder", "mlp", "cnn")
found = {name: results.load(f"in-practice-{name}")["results"] for name in RUN}
costs = results.load("step-seconds")["results"]["problems"]
TITLES = {name: entrant.title for name, entrant in ENTRANTS.items()}
FIRST = ("momentum", "adamw")


def mean_curve(problem, length, method, axis):
    """Places on the axis, and the mean over the seeds of the error there."""
    runs = found[problem][length][method]["marks"]
    scores = [
        statistics.fmean(mark["score"] for mark in marks)
        for marks in zip(*runs, strict=False)
    ]
    places = [
        statistics.fmean(
            mark["steps"]
            if axis == "steps"
            else seconds_of(method, mark["steps"], mark["evaluations"], costs[problem])
            for mark in marks
        )
        for marks in zip(*runs, strict=False)
    ]
    return places, [
        -score if PROBLEMS[problem].rebuilt else 100 * score for score in scores
    ]


def panel(problem, axis):
    curves = {
        TITLES[m]: mean_curve(problem, axis, m, axis) for m in found[problem]["chosen"]
    }
    return {name: (places[1:], values[1:]) for name, (places, values) in curves.items()}


def ends(problem, length):
    """Method → mean error or accuracy on test images at the end of its runs."""
    sign = -1 if PROBLEMS[problem].rebuilt else 100
    return {m: sign * row["mean"][0] for m, row in found[problem][length].items()}


def drawn_ends(axis):
    """The lowest and the highest curve at their ends, in words."""
    ends = {
        name: values[-1] for name, (_, values) in panel("autoencoder", axis).items()
    }
    low, high = min(ends, key=ends.get), max(ends, key=ends.get)
    return f" Lowest at the end is {low} with {ends[low]:.1f}, highest {high} with {ends[high]:.1f}."


squeezed = {axis: ends("autoencoder", axis) for axis in ("steps", "seconds")}
order = {axis: sorted(squeezed[axis], key=squeezed[axis].get) for axis in squeezed}
show(
    figures.race(
        {"step": panel("autoencoder", "steps")}, "squared error of an unseen digit"
    ),
    "Error against the step, six falling curves." + drawn_ends("steps"),
)

# %% [markdown]
# A step is not a second. Now give each of them the same *time*: as long as SGD with momentum takes for two and a half times as many steps.
#
# :::{predict}
# Which of the six is *last*, with the largest error, when the time is over?
#
# - `a`: SGD with momentum
# - `b`: AdamW
# - `c`: L-BFGS
# - `d`: K-FAC
# - `e`: AdaHessian
# - `f`: Shampoo
# :::

# %% tags=["hide-input"]
letters = dict(zip(TITLES, "abcdef", strict=True))
winner, last = order["seconds"][0], order["seconds"][-1]
show(
    figures.race(
        {"second": panel("autoencoder", "seconds")}, "squared error of an unseen digit"
    ),
    "Error against the second, six falling curves that end at about the same time."
    + drawn_ends("seconds"),
)

# %% tags=["hide-input"]
taken = {
    m: statistics.mean(row["steps"])
    for m, row in found["autoencoder"]["seconds"].items()
}
place = {axis: 1 + order[axis].index(last) for axis in order}
reveal(
    f"**{TITLES[last]}**, on test images at {squeezed['seconds'][last]:.1f}; in steps it was number {place['steps']}. SGD with"
    f" momentum took {taken['momentum']:.0f} steps in this time, {TITLES[last]} {taken[last]:.0f}."
    f" First in steps is {TITLES[order['steps'][0]]}, at {squeezed['steps'][order['steps'][0]]:.1f}; first in"
    f" seconds {TITLES[winner]}, at {squeezed['seconds'][winner]:.1f}.",
    right=letters[last],
)

# %% [markdown]
# Both are true. Ask for both.
#
# **You will**
#
# - work out when a dear step pays;
# - weigh what second-order methods cost in seconds, in memory and in noise;
# - read a comparison on both axes, and choose a method for a problem.
#
# **You need** the methods' names and what they ask for:
#
# - Newton divides by the Hessian ({doc}`newton`); L-BFGS learns its inverse from gradients ({doc}`quasi-newton`);
# - K-FAC and Shampoo keep two small matrices a layer ({doc}`kfac`), AdaHessian a diagonal ({doc}`adahessian`);
# - the condition number $\kappa$ is the largest curvature over the smallest ({doc}`/1-numbers/conditioning`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $\rho_{\text{cheap}}$, $\rho_{\text{dear}}$ | number | the share of the error that one step of the cheap method, or of the dear one, leaves |
# | $c$ | number | how many cheap steps take as long as a dear one |
# | $m$, $n$ | number | how many examples; how many weights |
# | $X$ | $(m, n)$ | the examples, a row each |
# | $w$, $y$ | $(n,)$, $(m,)$ | the weights; what is to be fitted |
# | $v$ | $(n,)$ | any direction |
# | $\kappa$ | number | the condition number of $X^\top X$ |
# | $H$, $g$ | $(n, n)$, $(n,)$ | the Hessian; the gradient of a batch |
# | $B$ | number | how many examples a batch has |
# | $\sigma$ | number | the deviation of the noise in one label |
# | $\eta$, $\delta$ | number | the learning rate; how far a step of K-FAC may go |
# | $\lambda_{\max}$ | number | the largest eigenvalue of $H$ |
# | $G$, $U$, $S$, $V$ | matrix | the averaged gradient of a layer, and its singular value decomposition |
# | $\mathbb{E}$ | | the mean over batches |
# | $\operatorname{tr}$ | | the sum of the diagonal |
# :::
#
# ## Two steps by hand
#
# A step of a cheap method halves the error and takes 1 second. A step of a dear method leaves a tenth of it and takes 3 seconds. After 6 seconds the cheap one has taken six steps and left $1/64$ of the error, the dear one has taken two and left $1/100$. The dear one is ahead, in steps and in seconds.
#
# :::{predict} number
# Let a dear step take 4 seconds. The cheap method leaves $1/4096$ after 12 seconds. One over how much does the dear one leave?
# :::
#
# :::{answer} 1000
# Three steps leave $1/1000$, four times as much as the cheap ones do. The dear method still wins in steps, by far, and loses in seconds.
# :::
#
# In general a cheap step leaves $\rho_{\text{cheap}}$ of the error, a dear one $\rho_{\text{dear}}$, and $c$ cheap steps take as long as a dear one. So the dear method wins in seconds if $\rho_{\text{dear}} < \rho_{\text{cheap}}^{\,c}$:
#
# $$\boxed{\; c \;<\; \frac{\ln \rho_{\text{dear}}}{\ln \rho_{\text{cheap}}} \;}$$
#
# In words: **a step may cost as much as the steps that it replaces.** Above, $\ln 0.1 / \ln 0.5 = 3.3$: a price of 3 pays, one of 4 does not.
#
# ## Where the second order must win
#
# Least squares, $\frac{1}{2}\lVert Xw - y \rVert^2$ with $m = 2n$ examples and $\kappa = 1000$. Newton's step is exact, so it needs one. It has to form $X^\top X$, in $mn^2/2$ multiplications, as the matrix is symmetric, and to factor it, in $n^3/6$. A gradient takes $2mn$.
#
# :::{predict} number
# For $n = 1000$ and $m = 2000$: how many gradients is one step of Newton worth?
# :::


# %%
def in_gradients(n, m):
    """What one Newton step costs, in gradients of a least squares problem."""
    return (m * n**2 / 2 + n**3 / 6 + 2 * m * n) / (2 * m * n)


# %% tags=["hide-input"]
reveal(
    f"**{in_gradients(1000, 2000):.0f}**: {1000 / 4:.0f} for the matrix, {1000**2 / 12 / 2000:.0f} for its factors, and 1"
    " for the gradient. The price grows with the number of weights.",
    right=round(in_gradients(1000, 2000)),
)

# %% [markdown]
# Count each method's steps until $10^{-8}$ of the first loss is left, and how many gradients they are worth: one drawn start for each $n$, Newton's step counted, not run.


# %% tags=["hide-input"]
κ, ENOUGH = 1000.0, 1e-8


def bowl(n):
    """The eigenvalues of XᵀX, from 1/κ to 1, and how far the start is off along each eigenvector."""
    draw = torch.Generator().manual_seed(n + 3)
    curvatures = torch.logspace(0, -torch.tensor(κ).log10(), n, dtype=torch.float64)
    return curvatures, torch.randn(n, generator=draw, dtype=torch.float64)


def until_enough(points, loss):
    losses = []
    for point in points:
        losses.append(float(loss(point)))
        if losses[-1] <= ENOUGH * losses[0]:
            break
    return [value / losses[0] for value in losses]


def descent(start, product, η, β):
    """The points of gradient descent with momentum β."""
    w, v = start, torch.zeros_like(start)
    while True:
        yield w
        v = β * v - η * product(w)
        w = w + v


def dot(a, b):
    """The exact sum, rounded once: each processor finds the same points."""
    return math.fsum((a * b).tolist())


def conjugate_directions(w, product):
    r = p = -product(w)
    while True:
        yield w
        Ap = product(p)
        α = dot(r, r) / dot(p, Ap)
        w, before, r = w + α * p, r, r - α * Ap
        p = r + dot(r, r) / dot(before, before) * p


def solvers(n):
    """Method → gradients' worth at each step, and the share of the loss that is left there."""
    curvatures, start = bowl(n)
    root = κ**0.5

    def product(v):
        return curvatures * v

    def loss(w):
        return w @ product(w) / 2

    slow = descent(start, product, 2 / (1 + 1 / κ), 0.0)
    ball = descent(
        start, product, 4 / (1 + 1 / root) ** 2, ((root - 1) / (root + 1)) ** 2
    )

    def learned(most):
        return minimize(
            lambda p: LBFGS(p, max_iter=most, tolerance_change=0.0), loss, start
        )

    steps = len(until_enough(learned(1000).path, loss)) - 1
    arrived = learned(steps)  # without the evaluations after the goal
    runs = {
        "gradient descent": (1, slow),
        "momentum": (1, ball),
        "L-BFGS": (arrived.evaluations / steps, arrived.path),
        "conjugate gradient": (1, conjugate_directions(start, product)),
        "Newton": (in_gradients(n, 2 * n), (start, 1e-9 * start)),
    }
    return {
        name: ([worth * step for step in range(len(left))], left)
        for name, (worth, points) in runs.items()
        for left in [until_enough(points, loss)]
    }


# %% tags=["hide-input"]
solved = {n: solvers(n) for n in (50, 1000)}
worth = {
    n: {name: places[-1] for name, (places, _) in runs.items()}
    for n, runs in solved.items()
}
least = {n: min(worth[n], key=worth[n].get) for n in worth}

# %% [markdown]
# :::{predict}
# Counted in gradients, who is first at $n = 50$, and who at $n = 1000$?
#
# - `a`: Newton, both times
# - `b`: Newton at 50, conjugate gradient at 1000
# - `c`: conjugate gradient, both times
# :::

# %% tags=["hide-input"]
show(
    figures.race(
        {
            f"step, n = {n}" if unit == "step" else f"gradients' worth, n = {n}": {
                name: (list(range(len(losses))) if unit == "step" else places, losses)
                for name, (places, losses) in solved[n].items()
            }
            for n, unit in ((1000, "step"), (50, "worth"), (1000, "worth"))
        },
        "share of the loss that is left",
        figures.SOLVERS,
        xscale="symlog",
        yscale="log",
        ylim=(1e-9, 2),
    ),
    f"Three panels. In steps Newton is first, at 1. In gradients' worth it is at {worth[50]['Newton']:.0f} for 50"
    f" weights, before conjugate gradient with {worth[50]['conjugate gradient']:.0f}; for 1000 weights it is at"
    f" {worth[1000]['Newton']:.0f}, behind conjugate gradient with {worth[1000]['conjugate gradient']:.0f}. Gradient"
    f" descent needs {worth[1000]['gradient descent']:,.0f}.",
)

# %% tags=["hide-input"]
reveal(
    table(
        ["gradients' worth until 1e-8 is left", "n = 50", "n = 1000"],
        [[name, *(f"{worth[n][name]:,.0f}" for n in worth)] for name in worth[50]],
    ).data
    + f"\n\nAt 50 weights the first is **{least[50]}**, at 1000 it is **{least[1000]}**. Gradient"
    " descent, momentum and conjugate gradient have a bound in $\\kappa$ alone. In exact arithmetic"
    " conjugate gradient needs at most $n$; with rounding, at 50 weights,"
    f" {worth[50]['conjugate gradient']:.0f}.",
    right="b"
    if (least[50], least[1000]) == ("Newton", "conjugate gradient")
    else "a"
    if least[1000] == "Newton"
    else "c",
)

# %% [markdown]
# That counted multiplications. By the clock a product of two matrices gains: it uses each number that it has fetched many times, a product with a vector once.

# %% tags=["hide-input"]
clock = results.load("least-squares")["results"]
slower = {row["n"]: row["ratio"] for row in clock["rows"]}
table(
    ["weights", "Newton", "conjugate gradient", "its time over Newton's"],
    [
        [
            f"{row['n']:,}",
            f"{1000 * row['Newton']:,.1f} ms",
            f"{1000 * row['conjugate gradient']:,.1f} ms",
            f"{row['ratio']:.1f}",
        ]
        for row in clock["rows"]
    ],
)

# %% tags=["hide-input"]
evidence(
    "S81",
    "partly",
    f"On least squares with condition 1000 Newton's one step is worth {worth[50]['Newton']:.0f} gradients at 50 weights and **{worth[1000]['Newton']:.0f}** at 1000, where conjugate gradient needs {worth[1000]['conjugate gradient']:.0f}. By the clock conjugate gradient takes {slower[1000]:.1f} times Newton's seconds at 1000 weights, and **{slower[2000]:.1f}** times at 2000.",
    "Ask what a step costs at your number of weights, by the clock, before you count steps.",
    f"To 1e-8 of the loss at the start. Gradient descent at its best rate needs {worth[1000]['gradient descent']:,.0f} gradients, with the best momentum {worth[1000]['momentum']:.0f}, L-BFGS {worth[1000]['L-BFGS']:.0f}. Seconds on one core in double precision, medians of {clock['rounds']} rounds, with twice as many examples as weights.",
)

# %% [markdown]
# ## Three networks, by one protocol
#
# The rules are those of the book's own comparison ({doc}`/6-project/comparison`), declared before the first run.
#
# - **Problems.** The autoencoder 196-128-64-12-64-128-196 with tanh, a small sister of the one by {cite:t}`hinton2006`, on MNIST averaged to 14 by 14; a perceptron 784-256-256-10 on MNIST; and the book's small CNN on CIFAR-10 averaged to 16 by 16. The runs are short: at equal steps 100 for the autoencoder and 60 for the others, so that most methods see an image at most once.
# - **One dial a method**, searched in the row 1, 2, 5, 10: the rate; for K-FAC $\delta$, how far a step may go before momentum; for L-BFGS how many iterations it stays on a batch. Four values each, and at most two further ones where the best is at an edge; one seed each, judged on held-out images.
# - **Batches** of 500, for the CNN 250. L-BFGS takes batches four times as large, and both gradients of a pair come from one batch; with 50 iterations a batch it sees two batches on the autoencoder.
# - **Rates** rise and then fall to zero, for all but L-BFGS, which searches along each line.
# - **Matrices** of K-FAC and Shampoo are renewed at every tenth step, and at each of the first 3 (K-FAC) or 10 (Shampoo).
# - **Two reports**, with fresh seeds, on test images: at equal steps, and at equal seconds. The dial stays as chosen at equal steps, which in seconds fits the cheap methods less well.
#
# Seconds are steps times what a step takes, measured apart on one core, all methods side by side:

# %% tags=["hide-input"]
kinds = {
    "step": "a step",
    "refresh": "one with new matrices",
    "evaluation": "an evaluation",
}
table(
    ["in steps of SGD with momentum", *(PROBLEMS[p].title for p in costs)],
    [
        [f"{TITLES[m]}, {kinds[kind]}"]
        + [f"{costs[p][m][kind] / costs[p]['momentum']['step']:.1f}" for p in costs]
        for m in TITLES
        for kind in costs["mlp"][m]
        if m != "momentum"
    ],
)


# %% tags=["hide-input"]
def cycle(problem, method):
    """What a step takes on average where one of ten renews the matrices, in steps of SGD."""
    kinds = costs[problem][method]
    return (
        (9 * kinds["step"] + kinds["refresh"]) / 10 / costs[problem]["momentum"]["step"]
    )


say(
    f"In the mean of ten steps Shampoo's costs {cycle('cnn', 'shampoo'):.1f} of SGD's on the CNN and K-FAC's"
    f" {cycle('cnn', 'kfac'):.1f}; on the MLP {cycle('mlp', 'shampoo'):.1f} and {cycle('mlp', 'kfac'):.1f}."
)

# %% [markdown]
# :::{predict}
# On how many of the problems is a second-order method first at equal *seconds*, so clearly that chance is unlikely?
#
# - `a`: on none
# - `b`: on one
# - `c`: on more than one
# :::


# %% tags=["hide-input"]
LENGTHS = ("steps", "seconds")


def lead(problem, length):
    """The best of either order, and by how much the second-order one is ahead: mean and half the interval."""
    rows = found[problem][length]
    first, second = (
        max(
            (m for m in rows if (m in FIRST) == order), key=lambda m: rows[m]["mean"][0]
        )
        for order in (True, False)
    )
    unit = 1 if PROBLEMS[problem].rebuilt else 100
    level = 1 - (1 - found[problem]["level"]) / math.comb(len(rows), 2)
    gap = paired_interval(rows[second]["scores"], rows[first]["scores"], level)
    return second, first, [unit * value for value in gap]


leads = {(p, length): lead(p, length) for p in found for length in LENGTHS}
won, lost = (
    {
        length: [
            p for p in found if sign * leads[p, length][2][0] > leads[p, length][2][1]
        ]
        for length in LENGTHS
    }
    for sign in (1, -1)
)
best = {
    (p, length): max(rows := found[p][length], key=lambda m: rows[m]["mean"][0])
    for p in found
    for length in LENGTHS
}
others = [p for p in found if p != "autoencoder"]
show(
    figures.problems(
        {
            found[p]["title"]: {
                axis: panel(p, f"{axis}s") for axis in ("step", "second")
            }
            for p in others
        },
        "accuracy, %",
    ),
    f"{2 * len(others)} panels: the accuracy on held-out images against the step and against the second. "
    + " ".join(
        f"{found[p]['title']}: first in steps is {TITLES[best[p, 'steps']]}, in seconds"
        f" {TITLES[best[p, 'seconds']]}."
        for p in others
    ),
)


# %% tags=["hide-input"]
def told(problem, length, method):
    """A method's end, with a mark where its difference to the best lies within its interval."""
    value = ends(problem, length)[method]
    words = f"{value:.2f}" if PROBLEMS[problem].rebuilt else f"{value:.1f} %"
    gap, half = found[problem][length][method]["to_best"]
    if method == best[problem, length]:
        return f"**{words}**"
    return words + (" *" if abs(gap) <= half else "")


seeds = {p: len(found[p]["steps"]["momentum"]["scores"]) for p in found}
never = [TITLES[m] for m in TITLES if m not in best.values()]
reveal(
    f"**{len(won['seconds'])}**; in steps on {len(won['steps'])}. First order is so clearly ahead on"
    f" {len(lost['seconds'])} in seconds, on {len(lost['steps'])} in steps. On test images, at equal steps / at equal"
    f" seconds, the best in bold, a star where the difference to it lies within its interval (paired, {LEVEL:.0%},"
    " corrected for all pairs of methods after Bonferroni):\n\n"
    + table(
        ["", *(found[p]["title"] for p in found)],
        [
            [
                TITLES[m],
                *(" / ".join(told(p, axis, m) for axis in LENGTHS) for p in found),
            ]
            for m in TITLES
        ],
    ).data
    + f"\n\nFirst nowhere: {', '.join(never)}. Seeds: "
    + ", ".join(f"{seeds[p]} for the {found[p]['title']}" for p in found)
    + ". With so few, a star says that these runs cannot tell, not that there is no difference.",
    right="abc"[min(2, len(won["seconds"]))],
)

# %% tags=["hide-input"]
losses = {
    m: statistics.fmean(row["losses"]) for m, row in found["mlp"]["steps"].items()
}
worst_loss = max(losses, key=losses.get)
say(
    f"By its test *loss*, {losses[worst_loss]:.2f}, {TITLES[worst_loss]} is the last on the MLP at equal steps: see *A"
    " loss that accuracy does not show*, below."
)

# %% [markdown]
# How far ahead is the best second-order method of the best first-order one? Here are mean differences over equal seeds, with the same intervals; one that contains 0 decides nothing. The CNN's last two seeds were added after a look at three, with every dial as it was.


# %% tags=["hide-input"]
def lead_in_words(problem, length):
    second, first, (gap, half) = leads[problem, length]
    unit = "" if PROBLEMS[problem].rebuilt else " points"
    return f"{TITLES[second]} before {TITLES[first]}: {gap:+.2f} ± {half:.2f}{unit}"


table(
    ["lead of second order", "at equal steps", "at equal seconds"],
    [
        [
            found[p]["title"],
            *(lead_in_words(p, length) for length in LENGTHS),
        ]
        for p in found
    ],
)


# %% tags=["hide-input"]
def at_an_end(problem, method):
    """Whether the chosen value of the dial is the least or the greatest that was tried."""
    trials = found[problem]["tuning"]
    values = [trial["lr"] for trial in trials if trial["method"] == method]
    return found[problem]["chosen"][method] in (min(values), max(values))


ended = {m: [p for p in found if at_an_end(p, m)] for m in TITLES}
say(
    "One caveat: the search was short, and some dials stayed at an end of what was tried: "
    + "; ".join(
        f"{TITLES[m]}'s on the " + ", the ".join(found[p]["title"] for p in of)
        for m, of in ended.items()
        if of
    )
    + ". Where it is AdamW's or SGD's, the lead of second order may be too large."
)

# %% tags=["hide-input"]
ahead = {length: sum(best[p, length] not in FIRST for p in found) for length in LENGTHS}
evidence(
    "S8",
    "holds with a caveat",
    f"A second-order method is first on {ahead['steps']} of {len(found)} networks at equal steps, beyond chance on {len(won['steps'])}; at equal seconds on **{ahead['seconds']}**, beyond chance on {len(won['seconds'])}.",
    "Ask for both axes, and time a step of both methods on your own machine.",
    "Lead of the best second-order method over the best first-order one: "
    + "; ".join(
        f"{found[p]['title']}, equal {length}: {lead_in_words(p, length)}"
        for p in found
        for length in LENGTHS
    )
    + ". The caveat: which of them leads differs, an interval that holds 0 decides nothing, the CNN's last seeds were added after a look at the first ones, and the runs are short.",
)

# %% [markdown]
# ## Noise
#
# You stand at the minimum of a least squares problem with $n$ = 100 weights, the mean of half the squared error over all possible examples. The best step is none. But your batch has $B$ = 50 fresh examples, with noise of deviation $\sigma = 1$ in each label, and its gradient is not zero. You take one Newton step, with the exact Hessian.
#
# :::{predict}
# How far does the loss rise above its minimum, in the mean?
#
# - `a`: by about 0.01: 50 labels average their noise to a variance of 1/50, and the loss has half of it
# - `b`: by about 0.1
# - `c`: by about 1
# :::


# %% tags=["hide-input"]
def noisy_steps(sizes, n=100, κ=1000.0, draws=300):
    """Mean loss above the minimum after one step from it, by formula and drawn, for both methods."""
    curvature = torch.logspace(0, -torch.tensor(κ).log10(), n, dtype=torch.float64)
    draw, rows = (
        torch.Generator().manual_seed(0),
        {"Newton": ([], []), "gradient descent": ([], [])},
    )
    for B in sizes:
        risen = {name: [] for name in rows}
        for _ in range(draws):
            X = (
                torch.randn(B, n, generator=draw, dtype=torch.float64)
                * curvature.sqrt()
            )
            g = X.T @ torch.randn(B, generator=draw, dtype=torch.float64) / B
            for name, step in (("Newton", g / curvature), ("gradient descent", g)):
                risen[name].append(float(step @ (curvature * step)) / 2)
        for name, trace in (
            ("Newton", n),
            ("gradient descent", float(curvature.square().sum())),
        ):
            rows[name][0].append(trace / (2 * B))
            rows[name][1].append(statistics.fmean(risen[name]))
    return rows


sizes = (50, 200, 800)
noisy = noisy_steps(sizes)
show(
    figures.noise(sizes, noisy),
    "Loss above the minimum against the batch size, two falling lines with marks upon them. Newton's goes from"
    f" {noisy['Newton'][1][0]:.2f} to {noisy['Newton'][1][-1]:.2f}, that of gradient descent from"
    f" {noisy['gradient descent'][1][0]:.2f} to {noisy['gradient descent'][1][-1]:.3f}.",
)

# %% tags=["hide-input"]
drawn, formula = noisy["Newton"][1][0], noisy["Newton"][0][0]
reveal(
    f"By **{drawn:.2f}** in the mean of 300 batches; a step of gradient descent raises it by"
    f" {noisy['gradient descent'][1][0]:.3f}. To be no noisier Newton needs a batch"
    f" {noisy['Newton'][0][0] / noisy['gradient descent'][0][0]:.0f} times as large. Lines are a formula's, which"
    " comes next; marks are drawn.",
    right="c" if drawn > 0.5 else "b",
)

# %% [markdown]
# In the mean a Newton step raises the loss by $n \sigma^2 / 2B$. Every direction gives the same share, the flat ones too.
#
# :::{dropdown} Why so much?
# The gradient of the batch has the covariance $\frac{\sigma^2}{B} H$: it is noisy where the curvature is high. Newton multiplies by $H^{-1}$, and the loss weighs what comes out by $H$ again:
#
# $$\begin{aligned} & \mathbb{E}\big[\tfrac{1}{2}\, g^\top H^{-1} H\, H^{-1} g\big] \\ & \quad = \frac{\sigma^2}{2B} \operatorname{tr}(H^{-1} H) = \frac{n \sigma^2}{2B}. \end{aligned}$$
#
# A step of gradient descent with $\eta = 1/\lambda_{\max}$ raises the loss by $\frac{\sigma^2}{2B} \operatorname{tr}(H^2) / \lambda_{\max}^2$, in which flat directions hardly count.
# :::

# %% tags=["hide-input"]
worst = max(abs(a / b - 1) for a, b in zip(*noisy["Newton"], strict=True))
evidence(
    "S82",
    "holds with a caveat",
    f"One Newton step from the minimum, with batches of {sizes[0]} examples and 100 weights, raises the loss by **{drawn:.2f}**; nσ²/2B is {formula:.2f}.",
    "Give a second-order method large batches, or damp it, or shorten its steps.",
    f"Means of 300 drawn batches; with {sizes[0]} to {sizes[-1]} examples Newton's differ from the formula by at most {worst:.0%}. A step of gradient descent, at 1/λ_max, raises the loss by {noisy['gradient descent'][1][0]:.3f}. The caveat: one full step, at the minimum, on one spectrum.",
)

# %% [markdown]
# So damping ({doc}`kfac`) also keeps out the flat directions' noise. And second order belongs to large batches, where noise is small and many examples share the cost of the matrices.
#
# ## Which one, when
#
# | Your problem | Take | Look at first |
# |:--|:--|:--|
# | residuals, up to some thousand weights | Levenberg–Marquardt | {doc}`trust-regions-and-gauss-newton` |
# | convex, up to some thousand weights, all data at once | Newton with a line search | {doc}`newton` |
# | smooth, no noise, many weights | L-BFGS; with products $Hv$ at hand Newton-CG | {doc}`quasi-newton`, {doc}`conjugate-gradient` |
# | a network with small batches | AdamW, or SGD with momentum | {doc}`/3-first-order/adamw` |
# | a network that crawls: deep, narrow, saturated | Shampoo or K-FAC, and L-BFGS where batches can be large | {doc}`kfac` |
# | a network where batches are large and steps are few | K-FAC or Shampoo, renewed seldom | {doc}`kfac` |
# | convolutions: dear steps, small matrices | Shampoo or K-FAC, once you have timed them | {doc}`kfac` |
# | limits on the answer | projected gradient, augmented Lagrangian | {doc}`constraints` |
#
# Before you switch, time a step of both on your machine, at your batch size: their ratio is $c$. Can the new method save so many steps?
#
# ```python
# from time import perf_counter
#
#
# def seconds_a_step(step, rounds=20):
#     step()  # warm up
#     start = perf_counter()
#     for _ in range(rounds):
#         step()
#     return (perf_counter() - start) / rounds
# ```
#
# ## Going further
#
# ### Who uses which, where
#
# *You see fields from statistics to language models, the method that each takes or took, and the reason.*
#
# | Where | What is or was used | Because |
# |:--|:--|:--|
# | generalised linear models, as logistic regression in statistics | Newton as reweighted least squares ({cite:t}`nelder1972`) | few weights, a convex loss, all data at once |
# | {term}`bundle adjustment`: cameras and points from photographs | Gauss–Newton with Levenberg–Marquardt's damping ({cite:t}`triggs2000`) | residuals, and a Hessian with blocks of zeros |
# | boosted trees | one Newton step for each leaf ({cite:t}`chen2016`) | in a leaf the Hessian is one number |
# | physics-informed networks | L-BFGS ({cite:t}`raissi2019`) | small networks, no noise, many digits |
# | reinforcement learning | natural gradient by conjugate gradients in TRPO ({cite:t}`schulman2015`), K-FAC in ACKTR ({cite:t}`wu2017`) | a step must not change the policy too much |
# | ImageNet with very large batches | K-FAC on ResNet-50, batches of up to 131,072 ({cite:t}`osawa2019`) | few steps, little noise, many machines to share the inverses |
# | networks of many kinds, judged by the clock | Distributed Shampoo, first in AlgoPerf's track with external tuning ({cite:t}`kasimbeg2025`) | matrices renewed seldom, cut into blocks, shared among devices |
# | language models | Adam as a rule; SOAP ({cite:t}`vyas2025`) runs Adam in Shampoo's eigenvectors; Muon ({cite:t}`jordan2024muon`) makes each matrix of the averaged gradient nearly orthogonal | Muon keeps the averaged gradient alone |
#
# Muon's step is nearly what Shampoo's would be if it forgot all steps but the present: $(GG^\top)^{-1/4}\, G\, (G^\top G)^{-1/4} = UV^\top$, with $G = USV^\top$ by its singular values.

# %% [markdown]
# ### Memory
#
# *You see how many numbers each method keeps for a weight, counted in its state after real steps.*
#
# An optimizer's memory is what it keeps from one step to the next, beside the weights and their gradients. Let each method take a step on the perceptron 784-256-256-10, and count the numbers in its `state`.
#
# :::{predict}
# Which keeps the most numbers for each weight?
#
# - `a`: K-FAC and Shampoo, about equally, as both keep matrices for a layer's two sides
# - `b`: K-FAC
# - `c`: Shampoo, in blocks of 256
# - `d`: L-BFGS with 10 pairs
# :::


# %%
def numbers(memory):
    """How many numbers lie in the tensors of an optimizer's memory."""
    if isinstance(memory, torch.Tensor):
        return memory.numel()
    parts = memory.values() if isinstance(memory, dict) else memory
    return sum(map(numbers, parts)) if isinstance(memory, dict | list | tuple) else 0


# %% tags=["hide-input"]
digits = load("mnist")[0][:100]


def after_steps(name, steps=12):
    """A method's optimizer for the perceptron, with its memory as full as it gets."""
    problem = PROBLEMS["mlp"]
    model = problem.network(0)
    optimizer = ENTRANTS[name].optimizer(model, problem, ENTRANTS[name].rates[0])
    closure = closure_of(optimizer, model, problem, digits.inputs, digits.labels)
    for _ in range(steps if name == "lbfgs" else 1):
        optimizer.step(closure)
    return optimizer


weights = found["mlp"]["parameters"]
kept = {name: numbers(dict(after_steps(name).state)) / weights for name in TITLES}
heaviest = max(kept, key=kept.get)
reveal(
    table(
        ["method", "numbers kept for each weight"],
        [[TITLES[name], f"{count:.1f}"] for name, count in kept.items()],
    ).data
    + f"\n\n**{TITLES[heaviest]}**, two numbers for each pair, whatever the network. For K-FAC and Shampoo it depends"
    " on the shapes: one matrix as large as a layer's inputs are many, one for its outputs, and the inverses or"
    " roots of both. Shampoo's blocks of"
    f" {found['mlp']['methods']['shampoo']['fixed']['block_size']} cut the widest side,"
    f" {digits.inputs[0].numel()}, into four. What is not in this table: during a"
    " step AdaHessian holds the graph of the gradient, and K-FAC what went into each layer.",
    right={"kfac": "b", "shampoo": "c", "lbfgs": "d"}[heaviest],
)

# %% [markdown]
# ### The price falls with the batch
#
# *You see how many of SGD's steps one step of K-FAC must replace, at small and at large batches.*
#
# K-FAC's inverses and its two products a layer hardly depend on the batch; its passes and factors do. So its price falls as the batch grows, but not to 1. Measured on 784-1024-1024-10, in steps of SGD at the same batch:

# %% tags=["hide-input"]
timed = results.load("kfac")["results"]["rows"]
say(
    "With matrices renewed every 20 steps, K-FAC's step costs "
    + ", ".join(
        f"**{row['by_period']['20']:.1f}** at {row['batch']:,}" for row in timed
    )
    + f". To pay, one step of it must replace {timed[0]['by_period']['20']:.1f} of SGD's at the smallest batch,"
    f" and {timed[-1]['by_period']['20']:.1f} at the largest."
)

# %% [markdown]
# ### A loss that accuracy does not show
#
# *You see where K-FAC's loss comes from although its answers are good, and what one divisor mends.*
#
# The perceptron was judged by accuracy. Its loss on test images says something else. Here are both, for the runs of equal steps, and what carries the loss.

# %% tags=["hide-input"]
apart = {
    m: {key: statistics.fmean(values) for key, values in row.items()}
    for m, row in results.load("confidence")["results"]["rows"].items()
}
table(
    [
        "",
        "right",
        "test loss",
        "of it where wrong",
        "median probability there",
        "best divisor",
        "loss then",
    ],
    [
        [
            TITLES[m],
            f"{row['accuracy']:.1%}",
            f"{row['loss']:.2f}",
            f"{row['wrong']:.0%}",
            f"{row['sure']:.2f}",
            f"{row['divisor']:.1f}",
            f"{row['divided']:.2f}",
        ]
        for m, row in apart.items()
    ],
)


# %% tags=["hide-input"]
def ranked(key, m):
    """Which of the six means a method's is, from the lowest on."""
    return 1 + sorted(apart, key=lambda name: apart[name][key]).index(m)


own, rest = apart["kfac"], [row for m, row in apart.items() if m != "kfac"]
say(
    f"**K-FAC is too sure.** By its mean accuracy it is number {7 - ranked('accuracy', 'kfac')} of six, by its loss"
    f" number {ranked('loss', 'kfac')}. {own['wrong']:.0%} of this loss lies on the {1 - own['accuracy']:.1%} of the images that"
    f" it gets wrong: to half of its wrong answers it gives a probability of {own['sure']:.2f} or more, where the"
    f" others' medians are {min(row['sure'] for row in rest):.2f} to {max(row['sure'] for row in rest):.2f}. Its logits"
    f" are in the right order and too large. Divided by {own['divisor']:.1f}, a number that held-out images chose,"
    f" they have a loss of **{own['divided']:.2f}**, beside {apart['lbfgs']['divided']:.2f} of L-BFGS and"
    f" {apart['adamw']['divided']:.2f} of AdamW."
)

# %% [markdown]
# So a loss on test images asks two things at once: which answer, and how sure. Say beforehand by which number you judge.
#
# ### How the answer could change
#
# *You see five choices behind such a comparison, and which methods some of them would help.*
#
# Each of these would move the balance, and each is a choice that a paper makes for you:
#
# - **the tuning**: one dial a method here, chosen at equal steps. A dial chosen for each length would help the methods that take many cheap steps. A second dial, as damping, would help K-FAC;
# - **the batch**: larger ones make second order cheaper and less noisy;
# - **the machine**: inverses and eigenvectors are slow on accelerators, products of matrices are fast. Muon is built from products alone;
# - **the length**: these are short runs. What wins early need not win late, and a test error at the end of a long run is another question;
# - **the code**: ours is written to be read. A tuned K-FAC overlaps its inverses with other work.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the price of a step (★)
#
# A step of the cheap method leaves 0.9 of the error, a step of the dear one 0.5. How many times as dear may the dear step be, at most, for its method to be ahead in seconds?

# %%
answer = ...
check("4-second-order/price-of-a-step", answer)

# %% tags=["remove-input"]
solution("4-second-order/price-of-a-step")

# %% [markdown]
# ### Exercise 2: what K-FAC keeps (★)
#
# A layer has 784 inputs, 256 outputs and no bias. K-FAC keeps one square matrix for the inputs, one for the outputs, and their inverses. How many numbers is that for each weight of the layer?

# %%
answer = ...
check("4-second-order/numbers-a-weight", answer)

# %% tags=["remove-input"]
solution("4-second-order/numbers-a-weight")

# %% [markdown]
# ### Exercise 3: at which batch? (★★)
#
# A cheap step takes 0.1 ms an example. A dear step takes the same and 30 ms more, whatever the batch. The dear method needs half as many steps, at every batch size. With batches of 100 a cheap step takes 10 ms and a dear one 40; with 1,600 it is 160 and 190. Where does the dear method win in seconds?
#
# - `a`: at both batch sizes
# - `b`: with batches of 100 alone
# - `c`: with batches of 1,600 alone
# - `d`: at neither

# %%
answer = ...
check("4-second-order/at-which-batch", answer)

# %% tags=["remove-input"]
solution("4-second-order/at-which-batch")

# %% [markdown]
# ### Exercise 4: who is ahead? (★★)
#
# Write `who_is_ahead(curves, budget)`. `curves` has for each name the seconds of a step and the list of losses, the first of them before any step. Return the name whose loss is lowest when `budget` seconds are over. A step that is not finished does not count, and a run that has ended stays at its last loss.


# %%
def who_is_ahead(curves, budget): ...


check("4-second-order/who-is-ahead", who_is_ahead)

# %% tags=["remove-input"]
solution("4-second-order/who-is-ahead")

# %% [markdown]
# ### An open experiment (★★★)
#
# Give the experiment of this chapter another batch size, ten times smaller or larger, and the same number of images. Write down beforehand which methods will gain on which axis, and by how much. `python -m book bench in-practice-mlp` runs one of them again. There is no answer here.
#
# ## Summary
#
# - A dear step pays if it replaces more cheap ones than it costs: $c < \ln\rho_{\text{dear}} / \ln\rho_{\text{cheap}}$. Ask for both axes.
# - The costs of second order are seconds that grow with the layers' widths, memory, and noise: a Newton step has $n\sigma^2/2B$ of it.
# - It wins where there is no noise and weights are few. Larger batches lower its price.

# %% tags=["hide-input"]
axes = {
    p: " and ".join(f"at equal {length}" for length in LENGTHS if p in won[length])
    for p in found
}
say(
    "By more than chance the best second-order method beat both first-order ones here on the "
    + "; on the ".join(
        f"{found[p]['title']} {where or 'on neither axis'}" for p, where in axes.items()
    )
    + "."
)

# %% [markdown]
# ## References
#
# - {cite:t}`hinton2006`: the autoencoder; {cite:t}`martens2010` and {cite:t}`martens2015` trained it without pretraining, by second order.
# - {cite:t}`kasimbeg2025` and {cite:t}`dahl2023`: {term}`time to a result`, as a benchmark judges it; {cite:t}`schmidt2021`: optimizers compared at equal tuning.
# - {cite:t}`anil2020`, {cite:t}`vyas2025`, {cite:t}`jordan2024muon`: what became of Shampoo.
# - {cite:t}`osawa2019`: K-FAC on ImageNet; {cite:t}`nocedal2006`: everything without noise.
