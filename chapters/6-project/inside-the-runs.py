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
# # Inside the runs
#
# A table of means hides what it was made of: the luck in the choice of a rate, the images that are missed, and the way there. This page opens one comparison and looks.
#
# **You will**
#
# - find the digits that every method takes for another, and say whether two optimizers err alike;
# - see how often a rate that won with one seed wins with three;
# - measure who is ahead along the way.
#
# **You need** {doc}`comparison`, of which three things count here:
#
# - for each method the rate is searched on images held out from training, and the best rate then runs with five fresh seeds;
# - a seed decides the first weights and the order of the images, and runs of two methods with equal seeds are compared in pairs;
# - a difference counts only after Holm's correction for all pairs of methods.
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $s$ | number | the deviation of a method's accuracy over seeds |
# | $a$ | number | the share of images that a run has right |
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
# ## What the networks get wrong
#
# These handwritten digits are among the test images of MNIST. All methods of {doc}`comparison` trained the same network on the training images, with several seeds each, and saw each image once. Every one of these runs got these digits wrong.

# %% tags=["hide-input"]
ONE_PASS = load_comparison("mlp", "one-pass")["results"]
LEVEL = ONE_PASS["protocol"]["level"]
SAID = load_predictions("mlp", "one-pass")


def by_method(final, said):
    """What the runs at each method's chosen rate say, and all of them together."""
    names = dict.fromkeys(r["method"] for r in final)
    runs = {
        name: said.runs[[r["method"] == name and r["tuned"] for r in final]]
        for name in names
    }
    return runs, np.concatenate(list(runs.values()))


RUNS, every = by_method(ONE_PASS["final"], SAID)
missed = mistakes.missed_by_all(SAID.labels, every)
_, sample = load("mnist")
here = choose(
    torch.from_numpy(SAID.labels).long(), len(sample) // 10
)  # the sample's places among all
seen = [k for k, place in enumerate(here.tolist()) if place in set(missed.tolist())][:8]
show(
    figures.missed(sample.images[seen], [f"{k}" for k, _ in enumerate(seen, start=1)]),
    f"{len(seen)} handwritten digits, numbered. They are crooked, cut off, or look like"
    " two digits at once.",
)

# %% [markdown]
# :::{predict}
# What would you call each of them?
# :::

# %% tags=["hide-input"]
calls = [np.bincount(every[:, here[k]]).argmax() for k in seen]
named = [
    f"number {i} is a {sample.labels[k]}, and most runs call it {call}"
    for i, (k, call) in enumerate(zip(seen, calls, strict=True), start=1)
]
reveal(
    f"By their labels: {'; '.join(named)}. All {len(every)} runs miss the same **{len(missed)}** of"
    f" {len(SAID.labels):,} images; those of the book's sample are above."
)

# %% [markdown]
# Each run stores what it says of each test image. Take all methods and seeds together, and count for each digit which other one it is called.
#
# :::{predict}
# Which of these mistakes is the most frequent?
#
# - `a`: a 0 that is called 6
# - `b`: a 5 that is called 3
# - `c`: a 1 that is called 7
# - `d`: an 8 that is called 5
# :::


# %%
def worst(shares):
    """The largest entry beside the diagonal: its place and itself."""
    wrong = np.where(np.eye(10, dtype=bool), 0, shares)
    i, j = np.unravel_index(wrong.argmax(), wrong.shape)
    return i, j, wrong[i, j]


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
wrong = np.where(np.eye(10, dtype=bool), 0, shares)
close = [divmod(int(place), 10) for place in wrong.ravel().argsort()[::-1][:3]]
ranked = [f"a {a} that is called {b}, {wrong[a, b]:.2f} %" for a, b in close]
each = [mistakes.confusion(SAID.labels, run[None]) for run in every]
leads = [one[close[0]] - one[close[1]] for one in each]
lead, luck = statistics.mean(leads), statistics.stdev(leads)
OPTIONS = {"a": (0, 6), "b": (5, 3), "c": (1, 7), "d": (8, 5)}
reveal(
    f"Of each digit: {'; '.join(ranked)}. The first leads the second by {lead:.2f} points, which is"
    f" {'less' if lead < luck else 'more'} than the deviation of that lead over runs, {luck:.2f}. The options that are not"
    f" right have {min(wrong[p] for p in OPTIONS.values()):.2f} to {sorted(wrong[p] for p in OPTIONS.values())[-2]:.2f} %.",
    right=max(OPTIONS, key=lambda key: wrong[OPTIONS[key]]),
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
of_digits = [np.diag(mistakes.confusion(SAID.labels, runs)) for runs in RUNS.values()]
alike = np.corrcoef(of_digits)[np.triu_indices(len(of_digits), k=1)]
say(
    "Read down a column: what is hard for one method is hard for the others. The correlation of two methods' rows is"
    f" between {alike.min():.2f} and {alike.max():.2f}."
)

# %% [markdown]
# Do two runs err on the same images, too? Let each have the share $a$ of the images right. If their mistakes had nothing to do with each other, both would be right on $a^2$ of the images and both wrong on $(1 - a)^2$, so they would agree on no more than $a^2 + (1 - a)^2$ ({cite:t}`geirhos2020` judge agreement against such a baseline).
#
# :::{predict}
# Two runs of two different methods agree on
#
# - `a`: about as many images as that
# - `b`: clearly more, but fewer than two runs of one method
# - `c`: clearly more, and about as many as two runs of one method
# :::


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
right = (every == SAID.labels).mean()
apart = 100 * (right**2 + (1 - right) ** 2)
mean_own, mean_cross = (statistics.mean(some) for some in (own, cross.values()))
LEVELS = {
    "a": "Runs of two methods agree as if their mistakes were independent.",
    "b": "Runs of two methods agree less than runs of one.",
    "c": "On these digits runs of two methods agree about as well as runs of one.",
}
key = "a" if mean_cross < apart + 0.5 else "c" if mean_own - mean_cross < 0.5 else "b"
reveal(
    f"Two runs of one method call {min(own):.1f} to {max(own):.1f} % of the images the same, runs of two methods"
    f" {min(cross.values()):.1f} to {max(cross.values()):.1f} %. With {100 * right:.1f} % right on average, mistakes that had"
    f" nothing to do with each other would allow {apart:.1f} %. {LEVELS[key]}",
    right=key,
)

# %% [markdown]
# ## Is the rate itself sure?
#
# For each method the project tried rates on images held out from training ([the protocol](#the-protocol-of-these-runs)). A rate that won with one seed may have won by luck. So the search runs the best two with three seeds. Each stroke below is one seed, the square the first one, the dot the mean, the ring what was chosen.
#
# :::{predict} number
# For how many of the methods would the first seed alone have chosen the other rate?
# :::


# %%
def choices(search):
    """The best two rates with the first seed, and where the chosen one is another."""
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
# And what did the choice lead to? Here is each method at its chosen rate, against the best.

# %% tags=["hide-input"]
best = max((r for r in ONE_PASS["rows"] if r["tuned"]), key=lambda r: r["mean"])
AGAINST = ["difference, alone", "corrected", "p alone", "p by Holm", ""]
table(
    [f"against {TITLES[best['method']]}, {best['mean']:.2f} %", *AGAINST],
    list(tables.against_the_best(ONE_PASS["rows"], TITLES, LEVEL)),
)

# %% [markdown]
# ## Another network, other images
#
# The small CNN trained by the same protocol, in one pass over the training images of CIFAR-10.
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
titles = [TITLES[name] for name in PHOTOS["protocol"]["methods"]]
say(f"It ran with {len(titles)} methods: {', '.join(titles)}.")

# %% tags=["hide-input"]
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
beyond = [
    agree - 100 * (mine == photos.labels).mean()
    for agree, mine in zip(own, runs.values(), strict=True)
]
reveal(
    f"With {len(PHOTOS['protocol']['seeds']['tuning'])} seeds the choice is another one for"
    f" **{len(other)} of {len(picked)}** methods ({', '.join(other) or 'none'}); above it was"
    f" {len(turned)} of {len(CHOSEN)}. A run has"
    f" {100 * (both == photos.labels).mean():.1f} % of the test images right on average, where above it was"
    f" {100 * right:.1f} %: this task is harder. Two runs of one method call {min(own):.1f} to {max(own):.1f} % the same,"
    f" which is {min(beyond):.1f} to {max(beyond):.1f} points more than that method has right; runs of two"
    f" methods {min(cross.values()):.1f} to {max(cross.values()):.1f} %. All {len(both)}"
    f" runs miss **{len(missed):,}** of {len(photos.labels):,} images.",
    right="a" if min(beyond) > 0 else "b",
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
spread = {
    name: statistics.stdev(run[EARLY] for run in runs) for name, runs in CURVES.items()
}
ahead = sorted(early, key=early.get)
gap = early[ahead[1]] - early[ahead[0]]
final = {name: [run[-1] for run in CURVES[name]] for name in CURVES}
second = sorted(ends, key=ends.get)[1]
lead = [b - a for a, b in zip(final[first], final[second], strict=True)]
reveal(
    f"After about 100 steps {TITLES[ahead[0]]} is at {early[ahead[0]]:.3f} and {TITLES[ahead[1]]} at {early[ahead[1]]:.3f},"
    f" which is {'less' if gap < spread[ahead[1]] else 'more'} than a seed's deviation apart, {spread[ahead[1]]:.3f};"
    f" {TITLES[ahead[-1]]} is last, at {early[ahead[-1]]:.2f}. At the end {TITLES[first]} has the lowest mean,"
    f" {ends[first]:.3f}, then {TITLES[second]}, {ends[second]:.3f}: over equal seeds"
    f" {statistics.mean(lead):.3f} ± {statistics.stdev(lead):.3f} apart (one deviation). {TITLES[last]} is the highest, at"
    f" {ends[last]:.2f}."
)


# %%
def steps_to(name, target):
    """Steps until the loss is at the target: mean over seeds, fewest, most."""
    runs = [r for r in ONE_PASS["final"] if r["method"] == name and r["tuned"]]
    steps = [mistakes.steps_to(r["losses"], r["steps"], target) for r in runs]
    return statistics.mean(steps), min(steps), max(steps)


TARGET = max(ends.values()) * 1.05  # all get there

# %% tags=["hide-input"]
table(
    [f"to a training loss of {TARGET:.2f}", "steps", "fewest", "most"],
    [[TITLES[name], *(f"{n:.0f}" for n in steps_to(name, TARGET))] for name in CHOSEN],
)

# %% [markdown]
# Steps are the method's; seconds are also the computer's. These runs shared two cores with other work, so their seconds say nothing about a method. Quiet ones stand in {doc}`/3-first-order/overview`.
#
# ## Going further
#
# ### The protocol of these runs
#
# *You see what was fixed beforehand: the data, each method's rates, the seeds, and when two methods count as tied.*
#
# This was printed before the first run started.

# %% tags=["hide-input"]
say(f"```text\n{describe(ONE_PASS['protocol'])}\n```")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: how far can two networks disagree? (★)
#
# Two networks each get 97 % of the test images right. On what share of the images, in per cent, do they agree at least?

# %%
answer = ...
check("6-project/least-agreement", answer)

# %% tags=["remove-input"]
solution("6-project/least-agreement")

# %% [markdown]
# ### Exercise 2: what seeds share (★★)
#
# Two methods run with the same five seeds. Their accuracies go up and down together: the correlation over the seeds is 0.9, and both have the deviation $s$. What is the deviation of their difference, as a multiple of $s$?

# %%
answer = ...
check("6-project/paired-deviation", answer)

# %% tags=["remove-input"]
solution("6-project/paired-deviation")

# %% [markdown]
# ### An open experiment (★★★)
#
# Let five runs of one method vote on each image, then one run of each of five methods. Which vote has more images right, and could you have told from the agreement above? `RUNS` holds what each run says of each image, `SAID.labels` is right. Write down what you expect first. There is no answer here.
#
# ## Summary
#
# - The winner of one trial each is partly the luckiest. Run the best few again before you choose.
# - Ask what a network gets wrong, not only how much: some images every method misses.
# - Whether two methods err alike, their agreement alone does not say. Compare it with that of two seeds of one method.
#
# ## References
#
# - {cite:t}`bouthillier2021`: how much of a benchmark's result is the luck of seeds, splits and the choice of settings.
# - {cite:t}`geirhos2020`: whether two networks err on the same images, beyond what their accuracies alone would give.
# - {cite:t}`lecun1998`: the digits. {cite:t}`krizhevsky2009`: the photographs.
