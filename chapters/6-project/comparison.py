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
# # The comparison
#
# A table of test accuracies says which optimizer is best if you know how each one's rate was chosen, and how much chance moves each cell. Most tables say neither. This chapter starts from one that says neither, writes down what has to be known, runs it, and reads the table again.
#
# **You will**
#
# - measure how often chance alone turns the order of two optimizers round, and derive the interval that says how sure a mean is;
# - read a protocol that was declared before the run, and see what each of its rules prevents;
# - answer which of eight optimizers is best on the MLP and on the small CNN, and watch the answer change with the number of rates that you can afford.
#
# **You need** the networks ({doc}`data-and-models`), the effective rate ({doc}`/3-first-order/momentum`) and the schedules ({doc}`/3-first-order/schedules`).

# %%
import math
import random
import statistics
import tempfile
from itertools import pairwise

import torch
from torch.optim.lr_scheduler import LambdaLR, LinearLR, SequentialLR

from book import results
from book.display import evidence, say, show, show_source, table
from book.exercises import check, solution
from book.explorers import ComparisonExplorer
from book.figures import comparison as figures
from book.optim import Adam
from book.project.compare import compare
from book.project.comparison_file import load_comparison
from book.project.declaration import describe
from book.project.intervals import difference_interval, mean_interval, student_t
from book.project.methods import COMPARED, PUBLISHED
from book.project.protocol import warmup_linear
from book.project.rate_search import chosen_rates
from book.project.tries import expected_best
from book.training.models import cifar_cnn

SCALE = "stored"  # "full": all of it again on this machine, best with a GPU

# %% [markdown]
# ## A table without settings
#
# Here are test accuracies in per cent, as they were published: six optimizers on the three networks of {doc}`data-and-models`. Rates, epochs, batch sizes and seeds were not stated.

# %%
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
# The table seems to say much. Adam is best on two of three networks. Momentum is worth 22 points on the CNN, and there it beats Adam. VGG13, by far the largest network, does worse than the small CNN with three methods of six.
#
# Look at the first row again. **Predict** how it compares with a classifier that has no parameters and is never trained: give each test image the label of the training image whose pixels differ least.

# %%
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
# On MNIST, a network with 1.9 million trained parameters ends five points *below* the nearest neighbour. That says little about SGD. The likely cause is a rate too low for the number of epochs. So the cell measures a choice, and so may every other cell of the table. What follows is the same table with the choice taken out, as far as that can be done.

# %%
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

# %% [markdown]
# ## How much is chance?
#
# Train the same network twice with the same optimizer and only another seed. The first weights differ, the order of the images differs, and so do the two test accuracies. Call their standard deviation $s$. If method A is better than B by $d$ on average, how often does B come out ahead when each is run once?
#
# The difference of the two runs has the mean $d$ and the deviation $\sqrt{s_A^2 + s_B^2}$, because variances of independent quantities add. For a normal distribution with the distribution function $\Phi$, the wrong one is ahead with probability
#
# $$\boxed{\; P = \Phi\!\left(\frac{-d}{\sqrt{s_A^2 + s_B^2}}\right) \;}$$
#
# Check it on drawn numbers first. Then take each method of the stored runs and the next one below it in the ranking.

# %%
normal = statistics.NormalDist()


def wrong_way(d, s_a, s_b):
    """How often the worse of two is ahead in one run of each."""
    return normal.cdf(-d / math.hypot(s_a, s_b))


draw = random.Random(0)
pairs = [(draw.gauss(70.3, 0.4), draw.gauss(70.0, 0.3)) for _ in range(20_000)]
counted = sum(a < b for a, b in pairs) / len(pairs)
say(
    f"A gap of 0.3 points with deviations of 0.4 and 0.3: the worse one is ahead in"
    f" {counted:.1%} of 20,000 drawn pairs. The formula says **{wrong_way(0.3, 0.4, 0.3):.1%}**."
)


# %%
def neighbours(task):
    """Each method, the next one below it, their gap, and how often one run each tells the order wrongly."""
    order = sorted(TUNED[task].values(), key=lambda row: -row["mean"])
    for a, b in pairwise(order):
        d = a["mean"] - b["mean"]
        spread = [statistics.stdev(row["accuracies"]) for row in (a, b)]
        names = f"{task.upper()}: {TITLES[a['method']]}, then {TITLES[b['method']]}"
        yield [
            names,
            f"{d:.2f}",
            *(f"{s:.2f}" for s in spread),
            f"{wrong_way(d, *spread):.0%}",
        ]


table(
    ["", "gap, points", "deviation", "of the next", "wrong way round"],
    [row for task in STORED for row in neighbours(task)],
)

# %% [markdown]
# A run of each tells neighbours apart hardly better than a coin where the last column is near a half. A table with one run in each cell has an order, and much of the order is chance.
#
# ### How sure is a mean?
#
# So run each $n$ times and take the mean $\bar x$. Its deviation is $s/\sqrt n$. If $s$ were known, $\bar x \pm 1.96\, s/\sqrt n$ would hold the true mean in 95 % of all experiments. But $s$ is estimated from the same few runs, and when it comes out too small by chance, the interval is too short. {cite:t}`student1908` found the exact distribution of $(\bar x - \mu)/(s/\sqrt n)$: with $t$ for its quantile at $n - 1$ degrees of freedom,
#
# $$\boxed{\; \bar x \pm t_{n-1}\, \frac{s}{\sqrt n} \;}$$
#
# **Predict** how many of 100 intervals hold the true mean if you take five runs and 1.96. Then draw 20,000 such experiments.


# %%
def covered(n, experiments=20_000):
    """The shares of intervals that hold the true mean, 0: with 1.96 and with Student's t."""
    draw, hits = random.Random(0), [0, 0]
    quantiles = (1.96, student_t(0.975, n - 1))
    for _ in range(experiments):
        values = [draw.gauss(0, 1) for _ in range(n)]
        mean = sum(values) / n
        s = math.sqrt(sum((x - mean) ** 2 for x in values) / (n - 1))
        for i, t in enumerate(quantiles):
            hits[i] += abs(mean) <= t * s / math.sqrt(n)
    return [count / experiments for count in hits]


# %%
table(
    ["runs", "Student's t", "with 1.96 they hold", "with t"],
    [
        [
            f"{n}",
            f"{student_t(0.975, n - 1):.3f}",
            *(f"{share:.1%}" for share in covered(n)),
        ]
        for n in (2, 3, 5, 10)
    ],
)

# %%
show_source(mean_interval, difference_interval)

# %% [markdown]
# For the difference of two means the variances add again, and {cite:t}`welch1947` gives the degrees of freedom when they are not equal. Two methods are called *tied* here when the interval of their difference contains 0. That is not a proof that they are equal. It says that these runs do not tell.
#
# An interval like this covers the chance *within* the protocol: weights and order. It does not cover another batch size, another network, or the choice of the rate itself.

# %% [markdown]
# ## The protocol, before the run
#
# This is what `python -m book compare --task cnn --budget medium` prints before it starts. It is stored with the result.

# %%
say(f"```text\n{describe(found['cnn']['protocol'])}\n```")

# %% [markdown]
# Each rule stands against one way to be wrong.
#
# - **The same number of trials for each method**, each from a {term}`search space` that was written down before. Who tunes his own method longer wins ({cite:t}`sivaprasad2020`), and how the spaces are chosen can turn a ranking round ({cite:t}`choi2019`).
# - **A {term}`validation set` chooses the rate.** With the test set, the best of eight trials would be reported, and the best of eight is too good by chance. The test images are used once, by the final runs.
# - **Fresh seeds for the final runs.** The trial that won was lucky in part. Its luck stays behind with its seed.
# - **The last epoch counts**, not the best one. The best epoch on the test set is one more choice made by looking at it.
# - **One schedule for all.** At a constant rate a run ends in its own noise, and the comparison becomes one of noise levels ({doc}`/3-first-order/schedules`).
# - **Defaults as rows of their own**: what you get if you tune nothing.
# - **Runs that diverge are counted**, with the accuracy of a guess.
#
# How much is one of these worth? Take the fourth. For each final run with torch's default rate, which is constant, compare the best of its epochs with its last. **Predict** the gain.


# %%
def peeked(task, tuned):
    """By how much the best epoch on the test set is above the last one, mean over all runs, in points."""
    runs = [
        run
        for run in found[task]["final"]
        if run["tuned"] is tuned and not run["diverged"]
    ]
    return statistics.mean(max(run["accuracies"]) - run["accuracy"] for run in runs)


table(
    ["the best epoch is better by, in points", *(HEADS[task] for task in SEARCHED)],
    [
        [name, *(f"{peeked(task, tuned):.2f}" for task in SEARCHED)]
        for name, tuned in (
            ("constant default rate", False),
            ("chosen rate, falls to 0", True),
        )
    ],
)

# %% [markdown]
# Next to nothing. On the CNN, six epochs are few, and in every single run the last one is the best. On the MLP it often is another one, better by a hundredth of a point or two. The rule is for longer runs, whose accuracy goes up and down in its own noise. Here it costs nothing, and one more choice is not made.

# %% [markdown]
# ## What came out
#
# **Predict** two things before you look: how many of the twelve published cells of these two networks are too low, and how far the eight methods lie apart once each has its own rate. The CNN comes first.

# %%
show(
    figures.ranking(ROWS["cnn"], TITLES),
    "Test error of eight methods with intervals, on a logarithmic axis, best on"
    " top. At their chosen rates Nesterov, AdamW and Adam are at 21 per cent,"
    " momentum and AdaDelta at 22, RMSProp at 23, SGD at 25 and AdaGrad at 28. The"
    " defaults lie to the right, from 25 per cent for Adam to 72 for SGD. All six"
    " published crosses lie to the right of the chosen rates too, SGD's at 49.",
)


# %%
def ranked(task):
    """The rows of the table, best first."""
    default = {row["method"]: row for row in ROWS[task] if not row["tuned"]}
    for row in sorted(TUNED[task].values(), key=lambda row: -row["mean"]):
        published = "" if row["published"] is None else f"{row['published']:.2f}"
        yield [
            TITLES[row["method"]] + (" (best or tied)" if row["tied"] else ""),
            f"{row['lr']:g}",
            f"{row['mean']:.2f} ± {row['half']:.2f}",
            f"{default[row['method']]['mean']:.2f} ± {default[row['method']]['half']:.2f}",
            published,
        ]


COLUMNS = ["rate", "test accuracy, %", "torch's defaults", "published"]
table([HEADS["cnn"], *COLUMNS], list(ranked("cnn")))

# %% [markdown]
# Two thirds of the published gap between the best and the worst method was a gap between settings. SGD, which lay 22 points behind, lies less than 5 behind. AdaGrad, in the middle of the published column, is last. And compare the two columns of one row: with four of the eight methods, torch's default rate costs more than the whole way from the best method to the worst.
#
# Now the MLP. **Predict** what remains of the 6.5 points between its best and its worst published cell.

# %%
show(
    figures.ranking(ROWS["mlp"], TITLES),
    "Test error of eight methods on the MLP with intervals, on a logarithmic axis."
    " At their chosen rates all lie between 1.3 and 1.5 per cent, RMSProp first and"
    " SGD last. The defaults go from 1.4 per cent for AdaDelta over 2 for Adam and"
    " AdamW to 4 for RMSProp, 4.5 for the two momenta and 11 for SGD. The published"
    " crosses lie to the right of the chosen rates, SGD's at 8 per cent.",
)

# %%
table([HEADS["mlp"], *COLUMNS], list(ranked("mlp")))

# %%
best = max(TUNED["mlp"].values(), key=lambda row: row["mean"])
worst = min(TUNED["mlp"].values(), key=lambda row: row["mean"])
sgd = [trial for trial in found["mlp"]["tuning"] if trial["method"] == "sgd"]
near = min(sgd, key=lambda t: abs(t["accuracy"] - PUBLISHED["sgd"]["mlp"]))
say(
    f"From {TITLES[best['method']]} to {TITLES[worst['method']]} it is"
    f" **{best['mean'] - worst['mean']:.2f} points** of the test images. SGD's published"
    f" {PUBLISHED['sgd']['mlp']} % lies closest to its trial at rate {near['lr']:g},"
    f" {near['accuracy']:.2f} %; the chosen rate is {TUNED['mlp']['sgd']['lr']:g}."
)

# %% [markdown]
# Eighteen of 10,000 test images are left of a published gap of 650. And the cell with which this chapter began has its likely cause: it is what SGD reaches here at a fiftieth of its good rate.
#
# Look at AdamW and AdaGrad. AdamW has the higher mean, and AdaGrad is the one that is tied with the best. Nothing is wrong there. AdaGrad's runs lie further apart, so they say less, and a tie is what the runs cannot decide.
#
# ### One pass of VGG13
#
# One epoch of VGG13 takes a core six minutes. So this column is **one pass** over the training images and no more: the six published methods, three rates each from the middle of their spaces, three seeds for the chosen one. It has batch normalisation; whether the published network had it was not stated. **Predict** how many of the six published cells a single epoch reaches.

# %%
show(
    figures.ranking(ROWS["vgg13"], TITLES),
    "Test error of six methods after one pass of VGG13. At the chosen rates all lie"
    " between 27 and 32 per cent, Nesterov first and AdaGrad last. The defaults lie far"
    " to the right, from 39 for momentum to 90 for RMSProp, with wide intervals. The"
    " published crosses of Adam and RMSProp lie to the left of their dots, those of SGD,"
    " momentum and Nesterov to the right.",
)

# %%
table([f"{HEADS['vgg13']}, one pass", *COLUMNS], list(ranked("vgg13")))

# %%
PLACES = {
    task: [row for row in TUNED[task].values() if row["published"]] for task in STORED
}
sides = {"above": [], "below": [], "undecided": []}
for row in PLACES["vgg13"]:
    below = row["mean"] + row["half"] < row["published"]
    side = "above" if row["above"] else "below" if below else "undecided"
    sides[side].append(TITLES[row["method"]])
at_edge = [TITLES[row["method"]] for row in PLACES["vgg13"] if row["edge"]]
say(
    f"After one epoch the whole interval lies above the published figure for"
    f" **{', '.join(sides['above'])}**, below it for {', '.join(sides['below'])}, and"
    f" holds it for {', '.join(sides['undecided'])}. The chosen rate is at the edge of the"
    f" three for {', '.join(at_edge)}: a better one may lie beyond."
)

# %% [markdown]
# Look where the published figures of SGD, momentum and Nesterov stand: between the two columns of their own rows, above torch's default rate and below the chosen one. That is what a low rate looks like. RMSProp and Adam need more than one pass for theirs. And look at the intervals of the defaults. They come from two runs, and Student's $t$ for two is 12.7.

# %%
above = {task: sum(row["above"] for row in rows) for task, rows in PLACES.items()}


def span(task, kind):
    """From the worst of the six published methods to the best, in points."""
    values = [row[kind] for row in PLACES[task]]
    return max(values) - min(values)


gains = {
    task: [row["mean"] - row["published"] for row in rows]
    for task, rows in PLACES.items()
}
evidence(
    "P1",
    "false",
    f"With a rate chosen for each method, {above['mlp'] + above['cnn']} of the"
    f" {len(gains['mlp'] + gains['cnn'])} published cells of the MLP and the CNN lie"
    " below the whole 95 % interval of ours, by"
    f" {min(gains['mlp']):.1f} to {max(gains['mlp']):.1f} points on the MLP and"
    f" {min(gains['cnn']):.1f} to {max(gains['cnn']):.1f} on the CNN. From the best of"
    f" the six methods to the worst it was {span('mlp', 'published'):.1f} and"
    f" {span('cnn', 'published'):.1f} points, and is {span('mlp', 'mean'):.1f} and"
    f" {span('cnn', 'mean'):.1f}. After one pass of VGG13 {above['vgg13']} of its"
    f" {len(gains['vgg13'])} cells do, SGD's by {max(gains['vgg13']):.1f} points, and"
    f" {span('vgg13', 'published'):.1f} points have become {span('vgg13', 'mean'):.1f}.",
)

# %% [markdown]
# What this does not show: each rate was chosen with one seed, and on the CNN by runs of two epochs, while the reported ones have six; longer ones might choose lower rates. VGG13's rates were chosen from three, its column is one epoch, and what a method does in one epoch says little about sixty. There is one batch size.
#
# ## The rate decides more than the method
#
# Here is every trial that chose a rate: the error on validation images against the peak of the rate. The ring marks the rate that won, the broken line the best of all. **Predict** which methods have the widest valley.

# %%
show(
    figures.by_rate(
        found["cnn"]["tuning"], chosen_rates(found["cnn"]["tuning"]), TITLES
    ),
    "Eight panels of validation error against the peak rate, both axes logarithmic,"
    " each a valley. SGD falls from 69 per cent to 39 at 0.2 and diverges from 1 on."
    " Momentum and Nesterov fall to 31 and 30 at 0.05, and diverge from 0.5 and 0.2"
    " on. AdaGrad reaches 36 at 0.02 and ends at 90. RMSProp, AdaDelta, Adam and"
    " AdamW reach 33, 32, 28 and 28 per cent, and rise slowly beyond.",
)

# %%
show(
    figures.by_rate(
        found["mlp"]["tuning"], chosen_rates(found["mlp"]["tuning"]), TITLES
    ),
    "The same eight panels for the MLP. AdaGrad, RMSProp, AdaDelta, Adam and AdamW"
    " are flat: from their best, near 2 per cent, they rise to 3 to 5 at the ends, and"
    " none diverges. SGD falls from 7 per cent to 2 at 0.5, and diverges at 1."
    " Momentum and Nesterov fall from 5.5 to below 2 at 0.1, and diverge at 0.5.",
)


# %%
def lost(task, name, factor=5):
    """Points lost by the worst of the tried rates within a factor of the winner, down and up."""
    trials = [t for t in found[task]["tuning"] if t["method"] == name]
    best = max(trials, key=lambda t: t["accuracy"])
    near = [t for t in trials if 1 / factor <= t["lr"] / best["lr"] <= factor]
    return best["accuracy"] - min(t["accuracy"] for t in near)


table(
    ["the worst rate within a factor of 5 loses, points", *TITLES.values()],
    [
        [HEADS[task], *(f"{lost(task, name):.1f}" for name in TITLES)]
        for task in SEARCHED
    ],
)

# %% [markdown]
# Set the two kinds of number side by side. Between the best rates of two methods lie a few points on the CNN and a fifth of a point on the MLP. Between two rates of one method, a factor of five apart, lie ten to sixty on the CNN. On the MLP it is less than one for five of the methods, and everything for the other three. Above their best rate SGD, momentum and Nesterov have one or two more rates, and then a wall: the loss is nan. That is the step limit of {doc}`/1-numbers/conditioning`. Methods that divide by the size of the gradient bend up slowly there, because the length of their step does not depend on it.
#
# ### Momentum, or its effective rate?
#
# In the published table Polyak's and Nesterov's momentum beat Adam on the CNN, and SGD by 22 points. Momentum's steps add up: in the long run it moves by $\eta/(1-\mu)$ times the gradient ({doc}`/3-first-order/momentum`). So draw the same trials twice, against the rate and against the effective rate. **Predict** what becomes of the gap between SGD and momentum.

# %%
MOMENTA = {"sgd": 0.0, "momentum": 0.9, "nesterov": 0.9}
show(
    figures.by_effective_rate(found["cnn"]["tuning"], MOMENTA, TITLES),
    "Two panels of validation error for SGD, momentum and Nesterov. At left,"
    " against the rate, the line of SGD is the others moved a factor of ten to the"
    " right. At right, against the effective rate, the three lie close together from"
    " 60 per cent down to 40. SGD turns up after 0.2 at 39 per cent, Nesterov after"
    " 0.5 at 30, and momentum stays at 31 to 32 until 1.",
)

# %%
tried = {
    (task, t["method"], t["lr"]): t["accuracy"]
    for task in SEARCHED
    for t in found[task]["tuning"]
}
shared = [lr for lr in COMPARED["sgd"].rates if ("cnn", "momentum", lr / 10) in tried]
better = {
    task: [tried[task, "momentum", lr / 10] - tried[task, "sgd", lr] for lr in shared]
    for task in SEARCHED
}
table(
    [
        "momentum better by, points, at the effective rate",
        *(f"{lr:g}" for lr in shared),
    ],
    [[HEADS[task], *(f"{gap:+.1f}" for gap in better[task])] for task in SEARCHED],
)

# %% [markdown]
# Against the effective rate the lines lie on each other: where both can go, momentum is SGD with another unit. On the MLP the two agree to a tenth of a point up to 0.5. But they do not end at the same place. SGD turns up where momentum goes on falling, and the rates that only momentum can take are where its best result lies. On a quadratic the step limit is $2/\lambda_{\max}$ for $\eta$ without momentum and $2\,(1 + \mu)/\lambda_{\max}$ with it, which is 19 times as much in the effective rate for $\mu = 0.9$. This network is no quadratic, and the factor is smaller. The direction is the same.

# %%
cnn = {name: row["accuracies"] for name, row in TUNED["cnn"].items()}
versus = {n: difference_interval(cnn[n], cnn["adam"]) for n in ("momentum", "nesterov")}
close = max(
    abs(gap) for lr, gap in zip(shared, better["cnn"], strict=True) if lr <= 0.2
)
further = tried["cnn", "momentum", 0.05] - tried["cnn", "sgd", 0.2]
evidence(
    "P3",
    "false",
    "Each at its own best rate, momentum differs from Adam on the CNN by"
    f" {versus['momentum'][0]:+.2f} ± {versus['momentum'][1]:.2f} points and Nesterov by"
    f" {versus['nesterov'][0]:+.2f} ± {versus['nesterov'][1]:.2f}. Up to an effective rate"
    f" of 0.2 momentum and SGD are at most {close:.1f} points apart; SGD's best trial is"
    f" there, momentum's at 0.5, {further:.1f} points above.",
)

# %% [markdown]
# So both halves of the question have an answer. The published gap between momentum and SGD is mostly one of effective rates, and what remains comes from rates that SGD cannot take. The published gap of 2.8 points to Adam shrinks to a tie for Polyak's momentum and to two thirds of a point for Nesterov's. Its interval only just excludes 0, and of twenty comparisons without any difference one would.
#
# ## Who wins at which budget?
#
# "Adam needs no tuning" is a statement about a budget. Suppose you can afford $m$ of the $n = 8$ trials, drawn at random. You keep the best one. What do you get on average?
#
# Sort the $n$ accuracies, $a_1 \le \dots \le a_n$. The best of the draw is $a_k$ if $a_k$ is in it and the other $m - 1$ come from the $k - 1$ below. There are $\binom{k-1}{m-1}$ such draws among all $\binom{n}{m}$:
#
# $$\boxed{\; \mathbb{E}[\text{best of } m] = \sum_{k=m}^{n} \frac{\binom{k-1}{m-1}}{\binom{n}{m}}\, a_k \;}$$
#
# {cite:t}`dodge2019` proposed to report this curve in place of one number; they draw with replacement.

# %%
show_source(expected_best)

# %%
some = [
    trial["accuracy"] for trial in found["cnn"]["tuning"] if trial["method"] == "adam"
]
draw = random.Random(0)
drawn = statistics.mean(max(draw.sample(some, 3)) for _ in range(20_000))
say(
    f"Adam on the CNN, three of its eight rates: 20,000 draws give {drawn:.1f} % on"
    f" average, the formula **{expected_best(some, 3):.1f} %**."
)


# %%
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


tries = {task: by_tries(task) for task in SEARCHED}
show(
    figures.by_tries({HEADS[task]: lines for task, lines in tries.items()}, TITLES),
    "Expected validation error against the number of rates tried, falling curves on"
    " a logarithmic axis. MLP: five curves lie together, from 2.3 to 2.7 per cent with"
    " one rate to 1.7 to 1.9 with eight. The two momenta begin at 14 and have joined"
    " them at three rates; SGD begins at 25 and stays on top. CNN: Adam and AdamW are"
    " the lowest throughout, from 40 per cent with one rate to 28 with eight. SGD is"
    " the highest, from 61 to 39. Nesterov begins high, at 56, crosses AdaGrad,"
    " RMSProp, AdaDelta and momentum, and ends at 30.",
)


# %%
def winner(task, m):
    """The method with the best expected accuracy of m rates, and that accuracy."""
    name = max(TITLES, key=lambda name: tries[task][name][m - 1])
    return f"{TITLES[name]}, {tries[task][name][m - 1]:.1f} %"


table(
    ["rates tried", *(HEADS[task] for task in SEARCHED)],
    [[f"{m}", *(winner(task, m) for task in SEARCHED)] for m in (1, 2, 3, 5, 8)],
)


# %%
NAMES = {"mlp": "the MLP", "cnn": "the CNN", "vgg13": "VGG13"}


def standing(task):
    """The best mean of a task, what is tied with it, and how far Adam is from it."""
    rows = sorted(TUNED[task].values(), key=lambda row: -row["mean"])
    first, *others = (TITLES[row["method"]] for row in rows if row["tied"])
    gap, half = difference_interval(
        TUNED[task]["adam"]["accuracies"], rows[0]["accuracies"]
    )
    return (
        f"{first} on {NAMES[task]}, {rows[0]['mean']:.2f} % (tied with it:"
        f" {', '.join(others) or 'none'}; Adam: {gap:+.2f} ± {half:.2f} points)"
    )


evidence(
    "P2",
    "false",
    "With eight rates for each method, the best mean belongs to"
    f" {' and to '.join(map(standing, SEARCHED))}. With one rate, drawn at random, the best"
    f" expected validation accuracy is, on the MLP, that of {winner('mlp', 1)}, and on"
    f" the CNN that of {winner('cnn', 1)}. After one pass, with three rates for each of"
    f" six methods, it belongs to {standing('vgg13')}.",
)

# %% [markdown]
# With all eight rates the methods with momentum catch up. With one or two, those that divide by the size of the gradient are far ahead, because fewer of their rates are bad: on the CNN Adam and AdamW, on the MLP RMSProp and AdaDelta as well. On the MLP three rates are enough for all but AdaGrad and SGD to meet. {cite:t}`sivaprasad2020` found the same on many more tasks: Adam is the practical choice where the budget is small. The caveat: a draw is from *this* search space, and the spaces of SGD, momentum and Nesterov reach up to rates at which they diverge. With narrower spaces they would do better with one draw, for whoever knows beforehand where to put them.
#
# Now look for yourself. Choose a task and a method, and move the handle over its rates. At the bottom, choose how many rates you can afford.

# %%
ComparisonExplorer(STORED, method="nesterov")

# %% [markdown]
# ## Run it
#
# The same code runs at any size. Here it compares two methods with the MLP on the sample, with two rates and one epoch each: too small to say anything about them, and large enough to show every part at work. **Predict** how many networks it trains.

# %%
said = [], []
with tempfile.TemporaryDirectory() as folder:
    for lines in said:
        keep = {"storage": folder, "say": lines.append}
        tiny = compare("mlp", ["adam", "momentum"], "tiny", **keep)["results"]
first, second = (len(lines) - 1 for lines in said)  # the first line is the protocol
say(
    f"It reported on **{first}** networks, of which {len(tiny['final'])} are final runs."
    f" Called again with the same storage, it trained {second}: what is finished is kept."
)

# %% [markdown]
# On your own machine, from a copy of the book's repository:
#
# ```text
# python -m book compare --task cnn --optimizers adam,momentum --budget small
# python -m book compare --task cnn --budget full
# ```
#
# `small` trains on the sample. `medium` is what you see above of the MLP and the CNN: all images, an hour and two hours on two cores. `one-pass` is what you see of VGG13, not quite three hours. `full` wants a GPU: ten seeds, and on CIFAR-10 forty epochs for the CNN, sixty for VGG13. In a notebook, write `SCALE = "full"` at the top. If the runtime is cut off, run it again, and it goes on; give `compare` a `storage` on a disk that outlives the runtime. Any number of processes and machines that share a storage share the work.
#
# A single network is trained by its own command. Under `torchrun` several processes share each batch, one for each GPU:
#
# ```text
# python -m book train --task vgg13 --optimizer momentum --lr 0.05 --epochs 60 --scale full
# torchrun --nproc-per-node 2 -m book train --task vgg13 --optimizer momentum --lr 0.05 --epochs 60 --scale full
# ```

# %% [markdown]
# ## In PyTorch
#
# torch has the parts and no protocol. The schedule is two `LinearLR` in a `SequentialLR`, or one function in a `LambdaLR`. **Predict** whether they agree to the last digit.


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


ours = rates_of(lambda optimizer: LambdaLR(optimizer, warmup_linear(200)))
theirs = rates_of(in_torch)
gap = ((ours - theirs).abs() / ours).max()
say(
    "Largest relative difference of the two over 200 steps:"
    f" {'below' if gap < 1e-12 else 'above'} 1e-12."
)

# %% [markdown]
# For larger questions the field has tools: {cite:t}`schneider2019` and {cite:t}`dahl2023` define tasks and rules for whole families of optimizers, and {cite:t}`schmidt2021` compared fifteen of them. They found what you saw here at small scale: no method wins everywhere, and trying several at their defaults does about as well as tuning one.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: an interval
#
# Five runs end at 70.1, 70.9, 70.4, 71.2 and 70.4 per cent. Student's $t$ for four degrees of freedom is 2.776. What is half the width of the 95 % interval, in points?

# %%
answer = ...
check("6-project/half-width", answer)

# %% tags=["remove-input"]
solution("6-project/half-width")

# %% [markdown]
# ### Exercise 2: which rule was broken?
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
# ### Exercise 3: read the plot
#
# Look at the CNN's trials against the effective rate. Between which two effective rates does SGD's line leave momentum's?
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
# ### Exercise 4: the best of m
#
# Write `best_of(accuracies, m)`: the mean, over all ways to choose $m$ of the accuracies, of the largest one chosen. Do it the slow way, by going through all choices; `itertools.combinations` lists them.


# %%
def best_of(accuracies, m): ...


check("6-project/best-of", best_of)

# %% tags=["remove-input"]
solution("6-project/best-of")

# %% [markdown]
# ## Summary
#
# - One run of each tells neighbours in a ranking apart hardly better than a coin. Five runs and Student's $t$ say how sure a mean is; a difference whose interval contains 0 is a tie.
# - Against the effective rate, momentum is SGD in another unit. It wins with rates at which SGD is no longer stable.
# - "Best" needs a budget: say how many rates were tried, and show what fewer would have given.
#
# ## References
#
# - {cite:t}`student1908`: the interval of a mean. {cite:t}`welch1947`: of a difference.
# - {cite:t}`choi2019`, {cite:t}`sivaprasad2020`: rankings turn with the search space and the budget.
# - {cite:t}`dodge2019`: report the expected best of a budget.
# - {cite:t}`schneider2019`, {cite:t}`dahl2023`, {cite:t}`schmidt2021`: benchmarks of optimizers.
