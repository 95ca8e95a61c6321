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
# # The comparison
#
# A table of test accuracies says which optimizer is best if you know how each one's rate was chosen, and how much chance moves each cell. Most tables say neither.
#
# Here are test accuracies in per cent, as they were published: six optimizers on the three networks of {doc}`data-and-models`. Rates, epochs, batch sizes and seeds were not stated. **Which of these cells would you believe?**

# %% tags=["hide-input"]
import math
import random
import statistics
import tempfile

import numpy as np
import torch
from torch.optim.lr_scheduler import LambdaLR, LinearLR, SequentialLR

from book import results
from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.explorers import ComparisonExplorer
from book.figures import comparison as figures
from book.optim import Adam
from book.project import tables
from book.project.compare import compare
from book.project.comparison_file import load_comparison
from book.project.declaration import declare, describe
from book.project.intervals import (
    difference_interval,
    holm,
    mean_interval,
    paired_interval,
    paired_p,
    student_t,
)
from book.project.methods import COMPARED, PUBLISHED
from book.project.protocol import Plan, warmup_linear
from book.project.rate_search import chosen_rates
from book.project.summary import pairwise_p
from book.project.tasks import splits
from book.project.tries import expected_best
from book.training.models import cifar_cnn

# %% tags=["hide-input"]
TITLES = {name: method.title for name, method in COMPARED.items()}
HEADS = {"mlp": "MLP on MNIST", "cnn": "CNN on CIFAR-10", "vgg13": "VGG13 on CIFAR-10"}
table(
    ["published", *HEADS.values()],
    [
        [TITLES[name], *(f"{row[task]:.2f}" for task in HEADS)]
        for name, row in PUBLISHED.items()
    ],
)

# %% [markdown]
# **You will**
#
# - measure how often chance alone turns the order of two optimizers round, and correct for all the pairs that you could have looked at;
# - read a protocol that was declared before the run, and see what each of its rules prevents;
# - answer which of eight optimizers is best on the MLP and on the small CNN, and watch the answer change with the number of rates that you can afford.
#
# **You need**
#
# - the three networks, and the nearest neighbour as a mark to beat ({doc}`data-and-models`);
# - momentum's effective rate, $\eta/(1-\mu)$ ({doc}`/3-first-order/momentum`);
# - a schedule: the rate rises, then falls to 0 ({doc}`/3-first-order/schedules`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $A$, $B$ | | two methods |
# | $d$, $s$, $s_A$, $s_B$ | numbers | how much better one method is in the mean; the deviation of its runs |
# | $P$, $\Phi$ | number; function | a probability; the distribution function of the normal distribution |
# | $n$, $\bar x$, $\mu$ | numbers | how many runs, or rates; the mean of the runs; the true mean |
# | $t$, $t_{n-1}$ | number | the 97.5 % quantile of Student's distribution with $n - 1$ degrees of freedom |
# | $x_A$, $x_B$ | numbers | the accuracies of two runs with one seed |
# | $p$, $m$, $m_0$ | numbers | a $p$-value; how many tests, or how many rates are tried; how many of the tests have nothing to find |
# | $\eta$, $\mu$ | numbers | the learning rate; in *Momentum, or its effective rate?* the momentum |
# | $\lambda_{\max}$ | number | the largest curvature |
# | $a_k$, $a_1$, $a_n$ | numbers | the $k$-th smallest accuracy; the smallest; the largest |
# | $\mathbb{E}$ | | an expectation |
# :::
#
# ## A table without settings
#
# The table seems to say much: Adam is best on two of three networks, and momentum is worth 22 points on the CNN. Look at the first row again.
#
# :::{predict}
# How does it compare with a classifier that has no parameters and is never trained: give each test image the label of the training image whose pixels differ least?
#
# - `a`: SGD is ahead on MNIST and on CIFAR-10
# - `b`: SGD is behind on MNIST, ahead on CIFAR-10
# - `c`: SGD is behind on both
# :::

# %% tags=["hide-input"]
marks = results.load("images")["results"]
table(
    ["", "MNIST", "CIFAR-10"],
    [
        ["SGD, published", f"{PUBLISHED['sgd']['mlp']}", f"{PUBLISHED['sgd']['cnn']}"],
        [
            "nearest training image",
            *(f"{100 * marks[name]['nearest']:.2f}" for name in ("mnist", "cifar10")),
        ],
    ],
)

# %% [markdown]
# :::{answer} b
# On MNIST, a network with 1.9 million trained parameters ends *below* the nearest neighbour. The likely cause is a rate too low for the number of epochs. So the cell measures a choice, and so may every other.
# :::
#
# What follows is the same table with the choice taken out.

# %%
SCALE = "stored"  # "full": all of it again on this machine, best with a GPU

# %% tags=["hide-input"]
STORED = {
    "mlp": load_comparison("mlp"),
    "cnn": load_comparison("cnn"),
    "vgg13": load_comparison("vgg13"),
}
if SCALE == "full":  # goes on where it stopped
    STORED = {task: compare(task, budget="full", say=print) for task in STORED}
found = {task: record["results"] for task, record in STORED.items()}
ROWS = {task: part["rows"] for task, part in found.items()}
TUNED = {
    task: {r["method"]: r for r in rows if r["tuned"]} for task, rows in ROWS.items()
}
SEARCHED = [task for task in TUNED if len(TUNED[task]) == len(COMPARED)]
LEVEL = found["cnn"]["protocol"]["level"]

# %% [markdown]
# ## How much is chance?
#
# Train the same network twice with the same optimizer and only another seed. The first weights differ, the order of the images differs, and so do the two test accuracies. Call their standard deviation $s$. If method A is better than B by $d$ on average, how often does B come out ahead when each is run once, from a seed of its own?
#
# The difference of the two runs has the mean $d$ and the deviation $\sqrt{s_A^2 + s_B^2}$, because variances of independent quantities add. For a normal distribution with the distribution function $\Phi$, the wrong one is ahead with probability
#
# $$\boxed{\; P = \Phi\!\left(\frac{-d}{\sqrt{s_A^2 + s_B^2}}\right) \;}$$
#
# Check it on drawn numbers. Then take each method of the rankings below and the next one under it.

# %% tags=["hide-input"]
draw = random.Random(0)
pairs = [(draw.gauss(70.3, 0.4), draw.gauss(70.0, 0.3)) for _ in range(20_000)]
counted = sum(a < b for a, b in pairs) / len(pairs)
say(
    f"A gap of 0.3 points with deviations of 0.4 and 0.3: the worse one is ahead in"
    f" {counted:.1%} of {len(pairs):,} drawn pairs. The formula says"
    f" **{tables.wrong_way(0.3, 0.4, 0.3):.1%}**."
)

# %% tags=["hide-input"]
wrong = [
    float(share.rstrip("%"))
    for rows in ROWS.values()
    for *_, share in tables.neighbours(rows, TITLES)
]
say(
    f"Of {len(wrong)} pairs of neighbours on three networks, one run of each tells the order"
    f" wrongly in {min(wrong):.0f} to {max(wrong):.0f} % of cases, in the median pair in"
    f" **{statistics.median(wrong):.0f} %**."
)

# %% [markdown]
# So run each $n$ times and take the mean. Student's interval, $\bar x \pm t_{n-1}\, s/\sqrt n$, says how sure it is: $t_{n-1}$ is larger than 1.96, because $s$ is estimated from the same few runs (*Going further* counts). Two runs from one seed start from the same weights and see the images in the same order: a lucky start is lucky for both. So the runs of two methods come in **pairs**, one pair a seed, and the interval of a difference is that of the $n$ differences.
#
# ### How sure are many?
#
# A test at 5 % is wrong once in twenty when there is nothing to find. Compare the best of eight methods with the other seven, and you have seven chances to be wrong; worse, *the runs themselves picked the best one*, so it is lucky already. {cite:t}`holm1979` keeps the probability of **any** error among $m$ tests at 5 %: order the $p$-values, compare the smallest with $0.05/m$, the next with $0.05/(m-1)$, and stop at the first that does not pass.
#
# :::{dropdown} Why any error stays below 5 %
#
# Let $m_0$ of the hypotheses be true. Before the first of these is rejected, at most $m - m_0$ others were, so it is compared with $0.05/m_0$ at most; and that one of $m_0$ $p$-values falls below $0.05/m_0$ has a probability of at most $m_0 \cdot 0.05/m_0$.
# :::
#
# But which $m$?
#
# :::{predict}
# Eight methods are all the same. Which corrections err in at most 5 % of such experiments?
#
# - `a`: both, Holm over the 7 with the best and Holm over all 28 pairs
# - `b`: only Holm over all 28 pairs
# - `c`: none of them: the runs picked the best
# :::


# %% tags=["hide-input"]
def errs(experiments=300, methods=8, seeds=5):
    """How often the best of equals is told from another: plain, Holm of 7, of 28."""
    rng, wrong = np.random.default_rng(0), np.zeros(3)
    for _ in range(experiments):
        runs = rng.normal(size=(methods, seeds)) + rng.normal(size=seeds)
        named = {str(k): run.tolist() for k, run in enumerate(runs)}
        best = max(named, key=lambda name: sum(named[name]))
        alone = [paired_p(named[best], named[k]) for k in named if k != best]
        every = [p for pair, p in pairwise_p(named).items() if best in pair]
        wrong += [min(alone) <= 0.05, min(holm(alone)) <= 0.05, min(every) <= 0.05]
    return wrong / experiments


NAMED = ("no correction", "Holm over the 7 with the best", "Holm over all 28 pairs")
WRONG = errs()
table(["", "an error in"], [[n, f"{w:.1%}"] for n, w in zip(NAMED, WRONG, strict=True)])

# %% tags=["hide-input"]
reveal(
    f"Holm over all 28 pairs errs in {WRONG[2]:.1%}, over the 7 with the best in {WRONG[1]:.1%}, and without a correction it"
    f" is {WRONG[0]:.1%}.",
    right="b" if WRONG[2] <= 0.05 < WRONG[1] else "a",
)

# %% [markdown]
# The best may be any of the eight, so any of the 28 pairs may be the one that is looked at. From here on a method is *not told apart* from the best where Holm's $p$ over **all pairs** is above 5 %. That is not a proof that the two are equal.
#
# ## The protocol, before the run
#
# A declaration is written before the first run and stored with the result; `python -m book compare` prints it first (*Going further*). The trials are kept under a name made from it: none of another declaration can be mixed in.
#
# Each rule stands against one way to be wrong.
#
# - **The same search for each method**, from a {term}`search space` that was written down before. Who tunes his own method longer wins ({cite:t}`sivaprasad2020`), and how the spaces are chosen can turn a ranking round ({cite:t}`choi2019`). So a search whose best rate lies at its edge goes on.
# - **Three seeds for the best two rates.** One trial of each rate picks in part the luckiest.
# - **A {term}`validation set` chooses the rate**, and the learning curves are of its images. The test images are looked at once in each final run, after its last epoch.
# - **Fresh seeds for the final runs.** The trial that won was lucky in part. Its luck stays behind with its seed.
# - **One schedule for all.** At a constant rate a run ends in its own noise ({doc}`/3-first-order/schedules`).
# - **Defaults as rows of their own**: torch's rate, constant, without warm-up or decay: what you get if you set nothing.
# - **A run that guesses at the end has failed**, also where no loss was nan. It counts as a guess.
#
# The stored runs below were made by an **earlier protocol**: eight fixed rates (three on VGG13), one seed for each choice, no search beyond an edge, all training images in the final runs; of the test accuracies after each epoch the last one counts. They are judged by today's tests. Runs by today's protocol, of all eight methods, stand in {doc}`inside-the-runs`.
#
# ## What came out
#
# :::{predict}
# The published cells of the CNN lie up to 22.4 points apart. How far apart are the best and the worst of these six methods once each has its own rate?
#
# - `a`: about 20 points
# - `b`: about 7 points
# - `c`: less than 1 point
# :::
#
# And how many of the twelve published cells of the MLP and the CNN are too low?


# %% tags=["hide-input"]
def error_of(task, which=max, tuned=True):
    """A method's title and its test error: the best or the worst of a kind of row."""
    rows = [row for row in ROWS[task] if row["tuned"] is tuned]
    row = which(rows, key=lambda row: row["mean"])
    return f"{TITLES[row['method']]} at {100 - row['mean']:.1f}"


def alt(task):
    return (
        f"Test error of {len(TUNED[task])} methods with intervals, on a logarithmic axis,"
        f" best on top. At the chosen rates {error_of(task)} per cent is the first and"
        f" {error_of(task, min)} the last. The defaults lie to the right, from"
        f" {error_of(task, max, False)} to {error_of(task, min, False)}."
    )


show(figures.ranking(ROWS["cnn"], TITLES), alt("cnn"))

# %% tags=["hide-input"]
COLUMNS = ["rate", "test accuracy, %", "torch's defaults", "published"]
table([HEADS["cnn"], *COLUMNS], list(tables.ranked(ROWS["cnn"], TITLES)))

# %% tags=["hide-input"]
AGAINST = ["difference, alone", "corrected", "p alone", "p by Holm", ""]
top = {task: max(TUNED[task].values(), key=lambda row: row["mean"]) for task in STORED}
table(
    [f"CNN: against {TITLES[top['cnn']['method']]}", *AGAINST],
    list(tables.against_the_best(ROWS["cnn"], TITLES, LEVEL)),
)


# %% tags=["hide-input"]
def span(task, kind):
    """From the worst of the published methods to the best, in points."""
    values = [row[kind] for row in TUNED[task].values() if row["published"]]
    return max(values) - min(values)


loss = {  # what the default rate, constant, gives away
    row["method"]: TUNED["cnn"][row["method"]]["mean"] - row["mean"]
    for row in ROWS["cnn"]
    if not row["tuned"]
}
whole = top["cnn"]["mean"] - min(row["mean"] for row in TUNED["cnn"].values())
more = [TITLES[name] for name, points in loss.items() if points > whole]
reveal(
    f"Of the published gap of {span('cnn', 'published'):.1f} points between the best and"
    f" the worst of six methods, **{span('cnn', 'mean'):.1f}** are left. Torch's default"
    " rate at a constant schedule costs more than the whole way from the best method to"
    f" the worst, {whole:.1f} points, with {len(more)} of {len(loss)}: {', '.join(more)}."
    " Warm-up and decay are missing there too, so not all of it is the rate's.",
    right="b",
)

# %% [markdown]
# Now the MLP (its table is in *Going further*).
#
# :::{predict}
# What remains of the 6.5 points between its best and its worst published cell?
#
# - `a`: about 5 points
# - `b`: about 2 points
# - `c`: about 0.2 points
# :::


# %% tags=["hide-input"]
def apart(task):
    """How many methods are told from the best one."""
    return sum(not row["tied"] for row in TUNED[task].values())


sgd = [trial for trial in found["mlp"]["tuning"] if trial["method"] == "sgd"]
near = min(sgd, key=lambda t: abs(t["accuracy"] - PUBLISHED["sgd"]["mlp"]))
reveal(
    f"From the best of six to the worst it is **{span('mlp', 'mean'):.2f} points**. Told"
    f" from {TITLES[top['mlp']['method']]}, the best of eight: {apart('mlp')} of the other"
    f" {len(TUNED['mlp']) - 1}. SGD's published {PUBLISHED['sgd']['mlp']} % lies closest to"
    f" its trial at the lowest rate that was tried, {near['lr']:g}, which has"
    f" {near['accuracy']:.2f} %; lower ones were not run. The chosen rate is"
    f" {TUNED['mlp']['sgd']['lr']:g}.",
    right="c" if span("mlp", "mean") < 1 else "b",
)

# %% tags=["hide-input"]
above = {task: sum(bool(r["above"]) for r in TUNED[task].values()) for task in STORED}
gains = {
    task: [row["mean"] - row["published"] for row in rows.values() if row["published"]]
    for task, rows in TUNED.items()
}
evidence(
    "P1",
    "false",
    f"With a rate chosen for each method, {above['mlp'] + above['cnn']} of the"
    f" {len(gains['mlp'] + gains['cnn'])} published cells of the MLP and the CNN lie below the whole interval of ours.",
    "A ranking that does not say how each rate was chosen ranks the choices. Ask for the search before the number.",
    f"They lie below it ({LEVEL:.0%}) by"
    f" {min(gains['mlp']):.1f} to {max(gains['mlp']):.1f} points on the MLP and"
    f" {min(gains['cnn']):.1f} to {max(gains['cnn']):.1f} on the CNN. From the best of"
    f" the six methods to the worst it was {span('mlp', 'published'):.1f} and"
    f" {span('cnn', 'published'):.1f} points, and is {span('mlp', 'mean'):.1f} and"
    f" {span('cnn', 'mean'):.1f}.",
)

# %% [markdown]
# ## The rate decides more than the method
#
# Here is every trial of the CNN that chose a rate: the error on validation images against the peak of the rate. The ring marks the rate that won, the broken line the best of all, a cross a run that failed.
#
# :::{predict}
# What lies to the right of the best rate?
#
# - `a`: a slow climb, for all methods
# - `b`: a wall for SGD, momentum and Nesterov; a slow climb for those that divide by the size of the gradient
# - `c`: a wall, for all methods
# :::

# %% tags=["hide-input"]
MOMENTA = {"sgd": 0.0, "momentum": 0.9, "nesterov": 0.9}
CROSSED = dict.fromkeys(
    TITLES[t["method"]] for t in found["cnn"]["tuning"] if t["failed"]
)


def valley(task, name):
    trials = [t for t in found[task]["tuning"] if t["method"] == name]
    best = max(trials, key=lambda t: t["accuracy"])
    return f"{TITLES[name]} {100 - best['accuracy']:.0f} at {best['lr']:g}"


show(
    figures.by_rate(
        found["cnn"]["tuning"], chosen_rates(found["cnn"]["tuning"]), TITLES
    ),
    "Eight panels of validation error against the peak rate, both axes logarithmic,"
    " each a valley. The lowest points, in per cent:"
    f" {', '.join(valley('cnn', name) for name in TITLES)}. Crosses at the right end mark"
    f" failed runs of {', '.join(CROSSED)}.",
)


# %% tags=["hide-input"]
def beyond(name):
    """The trials beyond the best rate, by rate: those that train, those that fail."""
    mine = sorted(
        (t for t in found["cnn"]["tuning"] if t["method"] == name),
        key=lambda t: t["lr"],
    )
    rest = mine[mine.index(max(mine, key=lambda t: t["accuracy"])) + 1 :]
    return [t for t in rest if not t["failed"]], [t for t in rest if t["failed"]]


FAR = {name: beyond(name) for name in TITLES}
WALL = [name for name, (_, lost) in FAR.items() if any(t["diverged"] for t in lost)]
DIVIDE = [name for name in TITLES if name not in MOMENTA]
guess = [
    f"{TITLES[n]} at {t['lr']:g}"
    for n in DIVIDE
    for t in FAR[n][1]
    if not t["diverged"]
]
trained = [f"{len(FAR[name][0])} for {TITLES[name]}" for name in WALL]
reveal(
    f"A wall for {', '.join(TITLES[name] for name in WALL)}: beyond the best rate a few rates of the grid still train"
    f" ({', '.join(trained)}), and at the next the loss is nan or inf. That is the step limit of *Conditioning*."
    f" Of the {len(DIVIDE)} methods that divide by the size of the gradient, {sum(not FAR[n][1] for n in DIVIDE)} bend up"
    f" and still train at the largest rate of their grids. Ending at chance without a nan: {', '.join(guess) or 'none'}.",
    right="b" if set(WALL) == set(MOMENTA) else "none",
)

# %% [markdown]
# ### Momentum, or its effective rate?
#
# In the published table Polyak's and Nesterov's momentum beat Adam on the CNN, and SGD by 22 points. Momentum's steps add up: in the long run it moves by $\eta/(1-\mu)$ times the gradient ({doc}`/3-first-order/momentum`). So draw the same trials twice, against the rate and against the effective rate.
#
# :::{predict}
# Against the effective rate, what becomes of the gap between SGD and momentum?
#
# - `a`: it is gone: momentum is a longer step
# - `b`: it is as large as before
# - `c`: it is gone at small rates, and part of it remains beyond SGD's best
# :::

# %% tags=["hide-input"]
show(
    figures.by_effective_rate(found["cnn"]["tuning"], MOMENTA, TITLES),
    "Two panels of validation error for SGD, momentum and Nesterov. At left,"
    " against the rate, the line of SGD is the others moved to the right. At right,"
    " against the effective rate, the three lie close together at first, and SGD turns"
    f" up before the two others. Lowest: {valley('cnn', 'sgd')}, {valley('cnn', 'momentum')},"
    f" {valley('cnn', 'nesterov')} in per cent and the rate.",
)

# %% [markdown]
# :::{answer} c
# Against the effective rate the lines lie near each other at first: there momentum is SGD with another unit. But they do not end at the same place. SGD turns up where momentum goes on falling, and the rates that only momentum can take are where its best result lies.
# :::
#
# On a quadratic the step limit is $2/\lambda_{\max}$ for $\eta$ without momentum and $2\,(1 + \mu)/\lambda_{\max}$ with it, which is 19 times as much in the effective rate for $\mu = 0.9$. On this network the factor is smaller.


# %% tags=["hide-input"]
def told_apart(a, b):
    gap, half, p = tables.compared(ROWS["cnn"], a, b, LEVEL)
    return f"{gap:+.2f} ± {half:.2f} points (p by Holm {p:.2g})", gap * (p <= 1 - LEVEL)


versus = {name: told_apart(name, "adam") for name in ("momentum", "nesterov")}
signs = [told for _, told in versus.values()]
holds = all(told > 0 for told in signs)
P3 = "false" if min(signs) < 0 else "holds" if holds else "undecided at this budget"
tried = {(t["method"], t["lr"]): t["accuracy"] for t in found["cnn"]["tuning"]}
ball, plain = (
    max((a, lr) for (n, lr), a in tried.items() if n == name)
    for name in ("momentum", "sgd")
)
close = max(
    abs(tried["momentum", lr / 10] - tried["sgd", lr])
    for lr in COMPARED["sgd"].rates
    if lr <= plain[1] and ("momentum", lr / 10) in tried
)
far = max(
    tried["momentum", lr] - tried["sgd", lr]
    for lr in COMPARED["momentum"].rates
    if ("sgd", lr) in tried
)
evidence(
    "P3",
    P3,
    f"Each at its own rate, Nesterov differs from Adam on the CNN by {versus['nesterov'][0]}.",
    "Compare momentum with SGD at equal effective rate first. Between the two momenta and Adam, this many seeds do not"
    " choose.",
    f"Over {len(TUNED['cnn']['adam']['accuracies'])} shared seeds momentum differs from Adam by {versus['momentum'][0]}. Up to an"
    f" effective rate of {plain[1]:g}, SGD's best, momentum and SGD are at most {close:.1f}"
    f" points apart, where at equal rates momentum is up to {far:.1f} ahead; momentum's best trial, at {10 * ball[1]:g}, is {ball[0] - plain[0]:.1f}"
    " points above SGD's.",
)

# %% [markdown]
# So one of the two published gaps is explained. At equal effective rates most of the way from SGD to momentum is gone, as the second panel shows, and what remains lies at rates beyond SGD's best. Whether either momentum beats Adam here, these seeds do not tell once you count how many pairs were looked at.
#
# ## Who wins at which budget?
#
# "Adam needs no tuning" is a statement about a budget. Suppose you can afford $m$ of the $n = 8$ trials, drawn at random. You keep the best one. What do you get on average?
#
# With the $n$ accuracies sorted, $a_1 \le \dots \le a_n$, it is
#
# $$\boxed{\; \mathbb{E}[\text{best of } m] = \sum_{k=m}^{n} \frac{\binom{k-1}{m-1}}{\binom{n}{m}}\, a_k \;}$$
#
# :::{dropdown} Why
# The best of the draw is $a_k$ if $a_k$ is in it and the other $m - 1$ come from the $k - 1$ below. There are $\binom{k-1}{m-1}$ such draws among all $\binom{n}{m}$.
# :::
#
# {cite:t}`dodge2019` proposed to report this curve in place of one number; they draw with replacement. All accuracies here are of trials with the same epochs, seed and validation images: two epochs of the CNN, ten of the MLP.


# %% tags=["hide-input"]
def by_tries(task):
    """For each method the expected best accuracy of m = 1, …, 8 rates."""
    trials = found[task]["tuning"]
    lists = {
        name: [t["accuracy"] for t in trials if t["method"] == name] for name in TITLES
    }
    return {
        name: [expected_best(values, m + 1) for m in range(len(values))]
        for name, values in lists.items()
    }


def winner(task, m):
    """The method with the best expected accuracy of m rates, and that accuracy."""
    name = max(TITLES, key=lambda name: tries[task][name][m - 1])
    return f"{TITLES[name]}, {tries[task][name][m - 1]:.1f} %"


tries = {task: by_tries(task) for task in SEARCHED}
show(
    figures.by_tries({HEADS[task]: lines for task, lines in tries.items()}, TITLES),
    "Expected validation error against the number of rates tried, falling curves on a"
    f" logarithmic axis. Lowest with one rate: {winner('mlp', 1)} right on the MLP and"
    f" {winner('cnn', 1)} on the CNN; with eight: {winner('mlp', 8)} and {winner('cnn', 8)}.",
)

# %% tags=["hide-input"]
NAMES = {"mlp": "the MLP", "cnn": "the CNN", "vgg13": "VGG13"}


def standing(task):
    """The best mean of a task, and how Adam compares with it."""
    first = top[task]["method"]
    gap, half, p = tables.compared(ROWS[task], "adam", first, LEVEL)
    return (
        f"{TITLES[first]} on {NAMES[task]} (Adam {gap:+.2f} ± {half:.2f} points, p by Holm {p:.2g})",
        p,
    )


stands = [standing(task) for task in STORED if top[task]["method"] != "adam"]
beaten = any(p <= 1 - LEVEL for _, p in stands)
always = {winner("cnn", m).split(",")[0] for m in range(1, 9)}
evidence(
    "P2",
    "false" if beaten else "undecided at this budget",
    f"The best mean of the final runs is another method's on {len(stands)} of {len(STORED)} networks, and Adam is told"
    f" apart from it on {sum(p <= 1 - LEVEL for _, p in stands)}.",
    "Say how many rates you can afford to try. With one or two take Adam or AdamW; with more, search for each.",
    f"The best: {'; '.join(words for words, _ in stands)}. By expected validation"
    " accuracy after two epochs of the CNN, whatever the number of rates tried, the best is"
    f" {' or '.join(sorted(always))}; with one rate on the MLP it is {winner('mlp', 1)}. A rate"
    " was tried with one seed, so a lead as short as a seed's luck is none.",
)


# %% [markdown]
# With one rate, those that divide by the size of the gradient are ahead, and fewer of their rates fail (*Going further* counts). {cite:t}`sivaprasad2020` found the same on many more tasks: Adam is the practical choice where the budget is small. The caveat: a draw is from *this* search space, and the spaces of SGD, momentum and Nesterov reach up to rates at which they diverge. With narrower spaces they would do better with one draw.
#
# Now look for yourself. Choose a task and a method, and move the handle over its rates. At the bottom, choose how many you can afford.

# %% tags=["hide-input"]
ComparisonExplorer(STORED, method="nesterov")

# %% [markdown]
# ## Run it
#
# On your own machine, from a copy of the book's repository:
#
# ```text
# python -m book compare --task cnn --optimizers adam,momentum --budget small
# python -m book compare --task cnn --budget colab --storage /content/drive/MyDrive/descent
# ```
#
# If it is cut off, run the same again, and it goes on.
#
# ## Going further
#
# ### How sure is a mean?
#
# *You see how often an interval from a few runs holds the truth, and the library's source for intervals and for Holm's correction.*
#
# Take the mean $\bar x$ of $n$ runs. Its deviation is $s/\sqrt n$. If $s$ were known, $\bar x \pm 1.96\, s/\sqrt n$ would hold the true mean in 95 % of all experiments. But $s$ is estimated from the same few runs, and when it comes out too small by chance, the interval is too short. {cite:t}`student1908` found the exact distribution of $(\bar x - \mu)/(s/\sqrt n)$: with $t$ for its quantile at $n - 1$ degrees of freedom,
#
# $$\boxed{\; \bar x \pm t_{n-1}\, \frac{s}{\sqrt n} \;}$$
#
# :::{predict}
# How many of 100 intervals hold the true mean if you take five runs and 1.96?
#
# - `a`: 95
# - `b`: 88
# - `c`: 50
# :::


# %%
def covered(n, experiments=20_000):
    """The shares of intervals that hold the true mean, 0: by 1.96, by Student's t."""
    drawn = np.random.default_rng(0).normal(size=(experiments, n))
    error = drawn.std(axis=1, ddof=1) / math.sqrt(n)
    return [
        np.mean(abs(drawn.mean(axis=1)) <= t * error)
        for t in (1.96, student_t(0.975, n - 1))
    ]


# %% tags=["hide-input"]
table(
    ["runs", "Student's t", "with 1.96 they hold", "with t"],
    [
        [f"{n}", f"{student_t(0.975, n - 1):.3f}", *(f"{x:.1%}" for x in covered(n))]
        for n in (2, 3, 5, 10)
    ],
)

# %% tags=["hide-input"]
reveal(
    f"{covered(5)[0]:.1%} with 1.96, and {covered(5)[1]:.1%} with Student's {student_t(0.975, 4):.3f}.",
    right="b",
)

# %%
show_source(mean_interval, paired_interval, holm)

# %% [markdown]
# #### How sure is a difference?
#
# What the two runs of a pair share falls out of their difference:
#
# $$\begin{aligned} & \operatorname{Var}(x_A - x_B) \\ & \quad = s_A^2 + s_B^2 - 2\,\operatorname{Cov}(x_A, x_B). \end{aligned}$$
#
# Take Student's interval of the $n$ differences. {cite:t}`welch1947` has the interval for runs that share nothing; there the last term is 0.
#
# :::{predict}
# For which pair of methods is the paired interval shorter than half of the other?
#
# - `a`: Momentum and SGD, whose formulas are alike
# - `b`: Nesterov and AdamW
# - `c`: for each pair: the seeds are the same
# :::


# %% tags=["hide-input"]
def both_ways(a, b):
    """How alike the runs of equal seeds are, and both intervals of the difference."""
    first, second = (TUNED["cnn"][name]["accuracies"] for name in (a, b))
    gap, half = paired_interval(first, second)
    alike = statistics.correlation(first, second)
    names = f"CNN: {TITLES[a]} − {TITLES[b]}"
    welch = difference_interval(first, second)[1]
    return [names, f"{alike:+.2f}", f"{gap:+.2f}", f"± {welch:.2f}", f"± {half:.2f}"]


table(
    ["", "correlation", "difference", "as if independent", "paired"],
    [
        both_ways(*pair)
        for pair in (("nesterov", "adamw"), ("nesterov", "adam"), ("momentum", "sgd"))
    ],
)

# %% tags=["hide-input"]
reveal(
    f"Nesterov and AdamW, whose runs go up and down together most. It is not a matter of like formulas; and"
    f" {len(TUNED['cnn']['adamw']['accuracies'])} seeds tell a correlation only roughly.",
    right="b",
)

# %% [markdown]
# #### An exercise: which rule was broken? (★★)
#
# A paper tries ten rates for each method on the test set, trains the best one again with five new seeds on the same training images, and reports these five with an interval. What is still wrong?
#
# - `a`: nothing; the seeds are fresh
# - `b`: the rate was chosen for these test images, so the mean is too good
# - `c`: five seeds are too few for an interval
# - `d`: the interval should use 1.96

# %%
answer = ...
check("6-project/broken-rule", answer)

# %% tags=["remove-input"]
solution("6-project/broken-rule")

# %% [markdown]
# ### A declaration, and a study in small
#
# *You see what is printed before a comparison runs, and every part of one at work.*
#
# This is what `python -m book compare --task cnn --budget small` prints on a plain CPU before it starts.

# %%
plan = Plan("cnn", tuple(COMPARED), "small")
declared = declare(plan, splits("cifar10", "sample"))

# %% tags=["hide-input"]
say(f"```text\n{describe(declared | {'device': 'cpu', 'precision': 'float32'})}\n```")

# %% [markdown]
# The same code runs at any size. Here it compares two methods with the MLP on the sample, with two rates and one epoch each: too small to say anything about them, and large enough to show every part at work.
#
# :::{predict} number
# The first search has one seed, the best two rates get more, and then come the final runs. How many networks does it train?
# :::

# %%
said = [], []
with tempfile.TemporaryDirectory() as folder:
    for lines in said:
        keep = {"storage": folder, "say": lines.append}
        tiny = compare("mlp", ["adam", "momentum"], "tiny", **keep)["results"]

# %% tags=["hide-input"]
first, second = (
    len(lines) - 2 for lines in said
)  # the protocol and the time come first
reveal(
    f"It reported on **{first}** networks, of which {len(tiny['final'])} are final runs."
    f" Called again with the same storage, it trained {second}: what is finished is kept.",
    right=first,
)

# %% [markdown]
# `small` trains on the sample. `one-pass` goes once over all images. `colab` compares four methods on the CNN with four rates and three seeds. `medium` is as long as the stored runs above, `full` wants a GPU: ten seeds, forty epochs for the CNN, sixty for VGG13. Each prints its protocol first, then how long it may take here, from a few steps that it has timed. Trials and checkpoints lie in the folder `--storage`, which may be on a mounted drive. Any number of processes and machines that share a storage share the work.
#
# A single network is trained by its own command. Under `torchrun` several processes share each batch, one for each GPU:
#
# ```text
# python -m book train --task vgg13 --optimizer momentum --lr 0.05 --epochs 60 --scale full
# torchrun --nproc-per-node 2 -m book train --task vgg13 --optimizer momentum --lr 0.05 --epochs 60 --scale full
# ```
#
# #### An exercise: the best of m (★★)
#
# Write `best_of(accuracies, m)`: the mean, over all ways to choose $m$ of the accuracies, of the largest one chosen. Do it the slow way, by going through all choices; `itertools.combinations` lists them.


# %%
def best_of(accuracies, m): ...


check("6-project/best-of", best_of)

# %% tags=["remove-input"]
solution("6-project/best-of")

# %% [markdown]
# ### More tables
#
# *You see the MLP's rates and intervals, and what a single rate gives.*

# %% tags=["hide-input"]
table([HEADS["mlp"], *COLUMNS], list(tables.ranked(ROWS["mlp"], TITLES)))


# %% [markdown]
# What one rate gives, and how many of the rates fail:


# %% tags=["hide-input"]
def with_one(names, task):
    """What one rate, drawn at random, gives with these methods, and how many of their rates fail."""
    means = [tries[task][name][0] for name in names]
    mine = [t for t in found[task]["tuning"] if t["method"] in names]
    return (
        f"{min(means):.1f} to {max(means):.1f} %",
        f"{sum(t['failed'] for t in mine)} of {len(mine)}",
    )


table(
    [
        "one rate, drawn at random",
        "MLP",
        "its rates that fail",
        "CNN",
        "its rates that fail",
    ],
    [
        [words, *with_one(names, "mlp"), *with_one(names, "cnn")]
        for words, names in (
            (f"{', '.join(TITLES[n] for n in DIVIDE)}", DIVIDE),
            (f"{', '.join(TITLES[n] for n in MOMENTA)}", list(MOMENTA)),
        )
    ],
)

# %% [markdown]
# #### An exercise: read the plot (★★)
#
# Look at the CNN's trials against the effective rate, in *Momentum, or its effective rate?* Between which two effective rates does SGD's line leave momentum's?
#
# - `a`: 0.02 and 0.05
# - `b`: 0.05 and 0.1
# - `c`: 0.2 and 0.5
# - `d`: they never part

# %%
answer = ...
check("6-project/leaves", answer)

# %% tags=["remove-input"]
solution("6-project/leaves")

# %% [markdown]
# ### One pass of VGG13
#
# *You see how many published cells one epoch beats, and which methods fail at their default rates.*
#
# This column is **one pass** over the training images and no more: the six published methods, three rates each from the middle of their spaces, three seeds for the chosen one. It has batch normalisation; whether the published network had it was not stated.
#
# :::{predict} number
# Above how many of the six published cells does a single epoch come, with its whole interval?
# :::

# %% tags=["hide-input"]
table(
    [f"{HEADS['vgg13']}, one pass", *COLUMNS],
    list(tables.ranked(ROWS["vgg13"], TITLES)),
)

# %% tags=["hide-input"]
at_edge = [TITLES[row["method"]] for row in TUNED["vgg13"].values() if row["edge"]]
failed = [TITLES[row["method"]] for row in ROWS["vgg13"] if row["failed"][1]]
reveal(
    f"After one epoch the whole interval lies above the published figure in"
    f" **{above['vgg13']}** of six cells, SGD's by {max(gains['vgg13']):.1f} points. The chosen rate is at the edge of the three for"
    f" {', '.join(at_edge)}: a better one may lie beyond, and this column says so little"
    f" about the order that no more is claimed of it. At their default rate all runs of"
    f" {', '.join(failed)} end at chance.",
    right=above["vgg13"],
)

# %% [markdown]
# ### In PyTorch
#
# *You see the protocol's schedule made of torch's parts.*
#
# torch has the parts and no protocol. The schedule is two `LinearLR` in a `SequentialLR`, or one function in a `LambdaLR`.
#
# :::{predict}
# Do they agree?
#
# - `a`: up to rounding
# - `b`: no: the two parts meet a step too late
# - `c`: no: `LinearLR` does not begin at 0
# :::


# %%
def rates_of(make_scheduler, steps=200):
    """The rate of each step."""
    optimizer = Adam(cifar_cnn().parameters(), lr=0.002)
    scheduler = make_scheduler(optimizer)
    seen = []
    for _ in range(steps):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return torch.tensor(seen, dtype=torch.float64)


def in_torch(optimizer, warmup=30, steps=200):
    """Up to 1 over 30 steps, then down to 0 over the other 170."""
    rise = LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1)
    fall = LinearLR(
        optimizer, start_factor=1.0, end_factor=0.0, total_iters=steps - warmup
    )
    return SequentialLR(optimizer, [rise, fall], milestones=[warmup])


# %% tags=["hide-input"]
ours = rates_of(lambda optimizer: LambdaLR(optimizer, warmup_linear(200)))
theirs = rates_of(in_torch)
gap = ((ours - theirs).abs() / ours).max()
reveal(
    "Largest relative difference of the two over 200 steps:"
    f" {'below' if gap < 1e-12 else 'above'} 1e-12.",
    right="a" if gap < 1e-12 else "b",
)

# %% [markdown]
# For larger questions the field has tools: {cite:t}`schneider2019` and {cite:t}`dahl2023` define tasks and rules for whole families of optimizers, and {cite:t}`schmidt2021` compared fifteen of them. They found, on many tasks, that no method wins everywhere, and that trying several at their defaults does about as well as tuning one. Does the second hold here?

# %% tags=["hide-input"]
untuned = max((r for r in ROWS["cnn"] if not r["tuned"]), key=lambda r: r["mean"])
higher = sum(row["mean"] > untuned["mean"] for row in TUNED["cnn"].values())
say(
    f"On the CNN the best of {len(TUNED['cnn'])} defaults is {TITLES[untuned['method']]}'s, {untuned['mean']:.1f} %, and"
    f" **{higher}** of the {len(TUNED['cnn'])} tuned methods have more, up to {top['cnn']['mean']:.1f} %. The defaults are"
    " without decay; that is part of the difference."
)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: an interval (★)
#
# Five runs end at 70.1, 70.9, 70.4, 71.2 and 70.4 per cent. Student's $t$ for four degrees of freedom is 2.776. What is half the width of the 95 % interval, in points?

# %%
answer = ...
check("6-project/half-width", answer)

# %% tags=["remove-input"]
solution("6-project/half-width")

# %% [markdown]
# ### An open experiment
#
# Choose two methods and a claim about them that you believe. Write down, before any run, what you would have to see to give it up; then run `compare` with the budget that you have.
#
# ## Summary
#
# - One run of each often puts neighbours in a ranking the wrong way round. Pair the runs by seed, and correct for all pairs that you could have looked at.
# - Against the effective rate, momentum is at first SGD in another unit. Its best results come from rates beyond SGD's best.
# - "Best" needs a budget: say how many rates were tried, and show what fewer would have given.
#
# ## References
#
# - {cite:t}`student1908`: the interval of a mean. {cite:t}`welch1947`: of a difference of independent means. {cite:t}`holm1979`: many tests at once.
# - {cite:t}`choi2019`, {cite:t}`sivaprasad2020`: rankings turn with the search space and the budget.
# - {cite:t}`dodge2019`: report the expected best of a budget.
# - {cite:t}`schneider2019`, {cite:t}`dahl2023`, {cite:t}`schmidt2021`: benchmarks of optimizers.
