# ---
# jupyter:
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
# # Inside the runs
#
# A table of means hides what it was made of: the luck in the choice of a rate, the images that are missed, and the way there. This page opens one comparison and looks.
#
# **You will**
#
# - see how often a rate that won with one seed wins with three;
# - find the digits that every method takes for another, and say whether two optimizers err alike;
# - measure who is ahead along the way, in steps and in seconds.
#
# **You need** {doc}`comparison`: its protocol, its intervals, and what a seed is.
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $s$ | number | the deviation of a method's accuracy over seeds |
# :::

# %% tags=["hide-input"]
import statistics

import numpy as np
import torch

from book.display import reveal, say, show, table
from book.exercises import check, solution
from book.figures import comparison as figures
from book.project import mistakes, tables
from book.project.comparison_file import load_comparison, load_predictions
from book.project.declaration import describe
from book.project.methods import COMPARED
from book.project.rate_search import chosen_rates, finalists
from book.training.data.load import load
from book.training.data.sample import choose

TITLES = {name: method.title for name, method in COMPARED.items()}

# %% [markdown]
# The runs are of the MLP: **one pass** over the 55,000 training images of MNIST that are not held out. This was printed before they started.

# %% tags=["hide-input"]
ONE_PASS = load_comparison("mlp", "one-pass")["results"]
LEVEL = ONE_PASS["protocol"]["level"]
say(f"```text\n{describe(ONE_PASS['protocol'])}\n```")

# %% tags=["hide-input"]
best = max((r for r in ONE_PASS["rows"] if r["tuned"]), key=lambda r: r["mean"])
AGAINST = ["difference, alone", "corrected", "p alone", "p by Holm", ""]
table(
    [f"against {TITLES[best['method']]}, {best['mean']:.2f} %", *AGAINST],
    list(tables.against_the_best(ONE_PASS["rows"], TITLES, LEVEL)),
)

# %% [markdown]
# ## Is the rate itself sure?
#
# A rate that won with one seed may have won by luck. So the search runs the best two with three seeds. Each stroke below is one seed, the square the first one, the dot the mean, the ring what was chosen.
#
# :::{predict} number
# For how many of the eight methods would the first seed alone have chosen the other rate?
# :::


# %%
def choices(search):
    """The best two rates with the first seed, what was chosen, and where that is not the first one's best."""
    best_two = finalists([trial for trial in search if trial["seed"] == 0])
    chosen = chosen_rates(search)
    other = [TITLES[name] for name, two in best_two.items() if two[0] != chosen[name]]
    return best_two, chosen, other


# %% tags=["hide-input"]
SEARCH = ONE_PASS["tuning"]
BEST_TWO, CHOSEN, turned = choices(SEARCH)
show(
    figures.finalists(SEARCH, CHOSEN, {name: TITLES[name] for name in CHOSEN}),
    f"For each of {len(CHOSEN)} methods two rows of strokes, the validation errors of its"
    " best two rates with each seed after one pass over MNIST. A ring marks the mean that"
    f" won; for {len(turned)} methods it is not the first seed's choice.",
)


# %% tags=["hide-input"]
def spread_of_choice(name):
    """How far the best two rates are apart, and how far one rate's seeds are, in points."""
    runs = [
        [t["accuracy"] for t in SEARCH if (t["method"], t["lr"]) == (name, lr)]
        for lr in BEST_TWO[name]
    ]
    means = [statistics.mean(some) for some in runs]
    return abs(means[0] - means[1]), statistics.mean(map(statistics.stdev, runs))


closer = sum(gap < deviation for gap, deviation in map(spread_of_choice, CHOSEN))
wider = [
    TITLES[n]
    for n, m in ONE_PASS["protocol"]["methods"].items()
    if len({t["lr"] for t in SEARCH if t["method"] == n}) > len(m["rates"])
]
fell = dict.fromkeys(
    f"{TITLES[t['method']]} at {t['lr']:g}" for t in SEARCH if t["seed"] and t["failed"]
)
edges = [TITLES[r["method"]] for r in ONE_PASS["rows"] if r["tuned"] and r["edge"]]
reveal(
    f"With {len(ONE_PASS['protocol']['seeds']['tuning'])} seeds the choice is another one for **{len(turned)} of {len(CHOSEN)}**"
    f" methods ({', '.join(turned) or 'none'}). For {closer} the two rates are closer than"
    f" one rate's seeds (one deviation). Failed with a further seed: {', '.join(fell) or 'none'}. The search went beyond its first rates for"
    f" {', '.join(wider) or 'none'}; at an edge in the end: {', '.join(edges) or 'none'}.",
    right=len(turned),
)

# %% [markdown]
# ## What the networks get wrong
#
# Each final run stores what it says of each test image. Here are all methods and seeds together.
#
# :::{predict}
# Which mistake is the most frequent?
#
# - `a`: a 4 that is called 9
# - `b`: a 5 that is called 3
# - `c`: a 1 that is called 7
# - `d`: a 7 that is called 2
# :::


# %%
def by_method(final, said):
    """What the runs at each method's chosen rate say, and all of them together."""
    names = dict.fromkeys(r["method"] for r in final)
    runs = {
        name: said.runs[[r["method"] == name and r["tuned"] for r in final]]
        for name in names
    }
    return runs, np.concatenate(list(runs.values()))


def worst(shares):
    """The largest entry beside the diagonal: its place and itself."""
    wrong = np.where(np.eye(10, dtype=bool), 0, shares)
    i, j = np.unravel_index(wrong.argmax(), wrong.shape)
    return i, j, wrong[i, j]


# %%
SAID = load_predictions("mlp", "one-pass")
RUNS, every = by_method(ONE_PASS["final"], SAID)
shares = mistakes.confusion(SAID.labels, every)
i, j, most = worst(shares)

# %% tags=["hide-input"]
show(
    figures.mistakes(shares, list("0123456789")),
    "A table of ten right classes by ten given ones, in per cent of the right class,"
    f" without its diagonal. The largest entry is {most:.1f}: a {i} that is called"
    f" {j}.",
)

# %% tags=["hide-input"]
reveal(
    f"A {i} that is called {j}: {most:.1f} % of them.",
    right={(4, 9): "a", (5, 3): "b", (1, 7): "c", (7, 2): "d"}.get((i, j), "none"),
)

# %% tags=["hide-input"]
table(
    ["right in per cent, of the digit", *"0123456789"],
    [
        [
            TITLES[name],
            *(f"{x:.1f}" for x in np.diag(mistakes.confusion(SAID.labels, runs))),
        ]
        for name, runs in RUNS.items()
    ],
)

# %% tags=["hide-input"]
missed = mistakes.missed_by_all(SAID.labels, every)
_, sample = load("mnist")
here = choose(
    torch.from_numpy(SAID.labels).long(), len(sample) // 10
)  # the sample's places among all
seen = [k for k, place in enumerate(here.tolist()) if place in set(missed.tolist())][:8]
calls = [np.bincount(every[:, here[k]]).argmax() for k in seen]
show(
    figures.missed(
        sample.images[seen],
        [
            f"{sample.labels[k]}, called {call}"
            for k, call in zip(seen, calls, strict=True)
        ],
    ),
    f"{len(seen)} handwritten digits that every run of every method gets wrong, each with"
    " its label and what most runs call it. They are crooked, cut off, or look like"
    " another digit.",
)


# %% tags=["hide-input"]
def agreements(runs):
    """How far runs agree: two of one method, for each; two of two methods, for each pair."""
    pairs = {
        (a, b): mistakes.agreement(runs[a], runs[b])
        for a in runs
        for b in runs
        if a <= b
    }
    own = [value for (a, b), value in pairs.items() if a == b]
    return own, {pair: value for pair, value in pairs.items() if pair[0] != pair[1]}


own, cross = agreements(RUNS)
least = min(cross, key=cross.get)
say(
    f"The largest entry is a {i} that is called {j}, {most:.1f} %. All"
    f" {len(every)} runs miss the same **{len(missed)}** of {len(SAID.labels):,} images;"
    f" {len(seen)} of those in the book's sample are above. Two runs of one method call"
    f" {min(own):.1f} to {max(own):.1f} % of the images the same; runs of"
    f" two methods {min(cross.values()):.1f} to {max(cross.values()):.1f} %, least"
    f" {TITLES[least[0]]} and {TITLES[least[1]]}."
)

# %% [markdown]
# ## Another network, other images
#
# Four of the methods also trained the small CNN, in one pass over the training images of CIFAR-10 by the same protocol. This task is harder.
#
# :::{predict}
# Do two runs of one method agree on more images than they have right?
#
# - `a`: yes: they make many of their mistakes alike
# - `b`: no: there are nine ways to be wrong
# :::
#
# And does a rate that wins with one seed win with three more often than above?

# %% tags=["hide-input"]
PHOTOS = load_comparison("cnn", "one-pass")["results"]
best = max((r for r in PHOTOS["rows"] if r["tuned"]), key=lambda r: r["mean"])
table(
    [f"against {TITLES[best['method']]}, {best['mean']:.2f} %", *AGAINST],
    list(tables.against_the_best(PHOTOS["rows"], TITLES, LEVEL)),
)

# %% tags=["hide-input"]
_, picked, other = choices(PHOTOS["tuning"])
photos = load_predictions("cnn", "one-pass")
runs, both = by_method(PHOTOS["final"], photos)
own, cross = agreements(runs)
missed = mistakes.missed_by_all(photos.labels, both)
reveal(
    f"With {len(PHOTOS['protocol']['seeds']['tuning'])} seeds the choice is another one for"
    f" **{len(other)} of {len(picked)}** methods ({', '.join(other) or 'none'}). A run has"
    f" {100 * (both == photos.labels).mean():.1f} % of the test images right on average."
    f" Two runs of one method call {min(own):.1f} to {max(own):.1f} % the same, runs of two"
    f" methods {min(cross.values()):.1f} to {max(cross.values()):.1f} %. All {len(both)}"
    f" runs miss **{len(missed):,}** of {len(photos.labels):,} images.",
    right="a" if min(own) > 100 * (both == photos.labels).mean() else "b",
)

# %% tags=["hide-input"]
NAMES = ["plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
shares = mistakes.confusion(photos.labels, both)
i, j, most = worst(shares)
show(
    figures.mistakes(shares, NAMES),
    "A table of the ten right classes of CIFAR-10 by ten given ones, in per cent of the"
    f" right class, without its diagonal. The largest entry is {most:.1f}: a"
    f" {NAMES[i]} that is called a {NAMES[j]}.",
)

# %% [markdown]
# ## Along the way
#
# In one pass each batch is new to the network, so its training loss is a fair measure of how far it is.
#
# :::{predict}
# Which method is ahead after the first hundred steps, and is it at the end?
# :::

# %% tags=["hide-input"]
CURVES = {
    name: [r["losses"] for r in ONE_PASS["final"] if r["method"] == name and r["tuned"]]
    for name in CHOSEN
}
STEPS = max(r["steps"] for r in ONE_PASS["final"])
ends = {name: statistics.mean(run[-1] for run in runs) for name, runs in CURVES.items()}
first, last = min(ends, key=ends.get), max(ends, key=ends.get)
show(
    figures.learning(CURVES, STEPS, LEVEL, TITLES),
    f"Training loss against the step, {len(CURVES)} falling lines with bands, on a"
    f" logarithmic axis. After {STEPS} steps {TITLES[first]} is the lowest at"
    f" {ends[first]:.2f} and {TITLES[last]} the highest at {ends[last]:.2f}.",
)

# %% tags=["hide-input"]
EARLY = round(100 / STEPS * len(CURVES["sgd"][0])) - 1
early = {
    name: statistics.mean(run[EARLY] for run in runs) for name, runs in CURVES.items()
}
ahead = sorted(early, key=early.get)
reveal(
    f"After about 100 steps {TITLES[ahead[0]]} is at {early[ahead[0]]:.2f} and {TITLES[ahead[1]]} at {early[ahead[1]]:.2f};"
    f" {TITLES[ahead[-1]]} is last, at {early[ahead[-1]]:.2f}. At the end {TITLES[first]} is the lowest, at {ends[first]:.2f},"
    f" and {TITLES[last]} the highest, at {ends[last]:.2f}."
)


# %%
def to_target(name, target):
    """Steps and seconds until the loss is at the target, mean over seeds; the seconds with their range."""
    runs = [r for r in ONE_PASS["final"] if r["method"] == name and r["tuned"]]
    steps = [mistakes.steps_to(r["losses"], r["steps"], target) for r in runs]
    if None in steps:
        return [TITLES[name], "not reached", ""]
    seconds = [s * r["seconds"] / r["steps"] for s, r in zip(steps, runs, strict=True)]
    span = f"{statistics.mean(seconds):.0f} ({min(seconds):.0f} to {max(seconds):.0f})"
    return [TITLES[name], f"{statistics.mean(steps):.0f}", span]


TARGET = max(ends.values()) * 1.05  # all get there

# %% tags=["hide-input"]
table(
    [f"to a training loss of {TARGET:.2f}", "steps", "seconds (range over seeds)"],
    [to_target(name, TARGET) for name in CHOSEN],
)

# %% [markdown]
# Steps are the method's. Seconds are also the computer's: these runs shared two cores with other work, some with much more of it than others. So do not compare the seconds of two methods here. Quiet ones stand in {doc}`/3-first-order/overview`.
#
# ## Exercises
#
# ### Exercise 1: how far can two networks disagree?
#
# Two networks each get 97 % of the test images right. On what share of the images, in per cent, do they agree at least?

# %%
answer = ...
check("6-project/least-agreement", answer)

# %% tags=["remove-input"]
solution("6-project/least-agreement")

# %% [markdown]
# ### Exercise 2: what seeds share
#
# Two methods run with the same five seeds. Their accuracies go up and down together: the correlation over the seeds is 0.9, and both have the deviation $s$. What is the deviation of their difference, as a multiple of $s$?

# %%
answer = ...
check("6-project/paired-deviation", answer)

# %% tags=["remove-input"]
solution("6-project/paired-deviation")

# %% [markdown]
# ## Summary
#
# - The winner of one trial each is partly the luckiest. Run the best few again before you choose.
# - Ask what a network gets wrong, not only how much: some images every method misses.
# - Two methods agree about as well as two seeds of one, where what they learn is the same. Compare the first number with the second.
