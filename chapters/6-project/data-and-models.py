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
# # Data and networks
#
# Optimizers are compared on images that nobody has looked at and networks whose parameters nobody has counted. Then a wrong label, a black border or a layer that holds most of the parameters passes for a property of the optimizer.
#
# So look first. These are twelve images of each class of CIFAR-10. **Which rows could you tell apart from the colours alone, and which images would you label otherwise?**

# %% tags=["hide-input"]
import math
from itertools import product

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from book import results
from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.figures import batch_time as times
from book.figures import images as pictures
from book.figures import networks as figures
from book.training.anatomy import layers, multiply_adds, parameters, receptive_fields
from book.training.baselines import closest, linear_classifier
from book.training.data.augment import Augment, crop, cut_out
from book.training.data.load import load
from book.training.data.vision import models  # torchvision's
from book.training.models import cifar_cnn, mnist_mlp, vgg13
from book.training.run.loop import evaluate

# %%
SCALE = "sample"  # "full": all the images, 12 and 170 MB, downloaded once

mnist, mnist_test = load("mnist", SCALE)
cifar, cifar_test = load("cifar10", SCALE)

# %% tags=["hide-input"]
DIGITS = [str(digit) for digit in range(10)]
THINGS = ["airplane", "automobile", "bird", "cat", "deer"]
THINGS += ["dog", "frog", "horse", "ship", "truck"]


def sheet(data, columns=12):
    """The first images of each class, one row a class: shape (10, columns, C, H, W)."""
    rows = [data.images[data.labels == label][:columns] for label in range(10)]
    return torch.stack(rows)


show(
    pictures.contact_sheet(sheet(cifar), THINGS),
    "Ten rows of twelve small colour photographs, one row a class. Airplanes and ships"
    " stand before blue; deer before grass; cats and dogs fill their pictures; many"
    " frogs and birds have the colours of their background.",
)

# %% [markdown]
# **You will**
#
# - look at MNIST and CIFAR-10: their hard images, what normalising does to them, and how far one gets without a network;
# - count how many different images augmentation makes of one;
# - derive the parameters and the multiplications of three networks, check each count against the run, and see where the time of a step goes.
#
# **You need**
#
# - the step limit $2/\lambda_{\max}$, and a valley, which is the narrower the further its curvatures are apart ({doc}`/1-numbers/conditioning`);
# - minibatches: each step sees a few of the images ({doc}`/3-first-order/sgd`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $N$, $n$, $m$ | numbers | how many images; how many inputs and how many outputs a linear layer has |
# | $X$, $Y$ | $(N, n)$; $(N, 10)$ | the inputs as rows; the labels as rows with one 1 |
# | $W$ | $(n, 10)$ | the weights of a linear classifier. In a layer's size $W$ is its width |
# | $\lambda$, $\lambda_{\max}$, $I$ | number; number; $(n, n)$ | the penalty of ridge regression; a largest eigenvalue; the identity |
# | $x$, $\mu$, $\sigma$ | numbers | a normalised pixel; mean and deviation of its channel |
# | $p$, $K$ | $(10,)$; $(n, n)$ | the probabilities; $X^\top X / N$ |
# | $H$ | square | the Hessian. In a layer's size $H$ is its height |
# | $C$, $C_{\text{in}}$, $C_{\text{out}}$ | numbers | channels: of an output; into and out of a convolution |
# | $k$, $s$ | numbers | the side of a window; its stride |
# | $r$, $j$ | numbers | the side of a receptive field in pixels; the distance from one field to the next |
# | $M$, $M_1$ | numbers | the multiply-adds of a forward pass; those of its first layer |
# | $B$ | number | the batch size |
# :::
#
# ## Look at it
#
# The sample that travels with the book has 1,500 training images and 500 test images of each set. Everything but the stored runs uses it. Write `SCALE = "full"` above and run the page again, and the same cells work on all of the images, in some minutes.

# %% tags=["hide-input"]
show(
    pictures.contact_sheet(sheet(mnist), DIGITS),
    "Ten rows of twelve white digits on black, one row a digit. The strokes differ in"
    " thickness and slant. One seven is only a thin arch, one nine a blot, one five looks"
    " like an S.",
)

# %% [markdown]
# ### The hard ones
#
# Measure the difference between two images as the root mean square of the differences of their pixels, in grey levels from 0 to 255. For each image, find the image *of another class* that differs least. {cite:t}`lecun1998` centred and scaled the digits, so on MNIST this should find digits that look alike.
#
# :::{predict}
# And on CIFAR-10: what do the two images of such a pair share?
#
# - `a`: the kind of thing: a cat and a dog, a car and a truck
# - `b`: the colour of the background
# - `c`: nothing that you could name
# :::


# %% tags=["hide-input"]
def look_alikes(data, names, count=8):
    """Pairs of different classes that differ least; no image comes twice."""
    found, used, pairs = [], set(), []
    for label in range(10):
        mine, others = ((data.labels == label) == own for own in (True, False))
        distance, place = closest(data.images[mine], data.images[others])
        places = others.nonzero()[place, 0]
        found += zip(distance, mine.nonzero()[:, 0], places, strict=True)
    for distance, *pair in sorted(found, key=lambda entry: entry[0].item()):
        pair = [place.item() for place in pair]
        if used.isdisjoint(pair):
            used.update(pair)
            words = " / ".join(names[data.labels[place]] for place in pair)
            pairs.append((*data.images[pair], f"{words}: {distance:.0f}"))
    return pairs[:count]


alike = look_alikes(mnist[:1500], DIGITS)
show(
    pictures.pairs(alike),
    "Eight pairs of digits that look alike, each with its difference in grey levels:"
    f" {'; '.join(words for *_, words in alike)}. The one of the first pair has a bent top,"
    " and its seven is narrow.",
)

# %% tags=["hide-input"]
alike = look_alikes(cifar[:1500], THINGS)
show(
    pictures.pairs(alike),
    "Eight pairs of photographs of different classes, which share a green, brown or grey"
    " background and little else, each with its difference in grey levels:"
    f" {'; '.join(words for *_, words in alike)}.",
)

# %% [markdown]
# :::{answer} b
# On MNIST the neighbours look alike, and the first pair is a 1 that you might have read as a 7 yourself. On CIFAR-10 they share a lawn. The difference of pixels compares backgrounds.
# :::
#
# Some labels are plainly wrong. {cite:t}`northcutt2021` let people judge the images that classifiers disagreed with most, and found 15 wrong labels among MNIST's 10,000 test images and 54 among CIFAR-10's. {cite:t}`barz2020` found that 3.3 % of CIFAR-10's test images have a near-duplicate among the training images. So a perfect classifier would be right on 99.5 % of CIFAR-10's test images, and beyond that a higher number means agreeing with the mistakes.
#
# ## Without a network
#
# Before you train anything, see what the pixels give away. Two methods need no training loop:
#
# - the {term}`nearest neighbour`: a test image gets the label of the training image that differs least from it;
# - a linear classifier: ten weighted sums of the pixels, by {term}`ridge regression`. With the centred inputs as the rows of $X$, shape $(N, n)$, and the centred one-hot labels $Y$, shape $(N, 10)$, the weights $W$ solve
#
# $$\boxed{\;\Big( \tfrac{1}{N} X^\top X + \lambda I \Big)\, W = \tfrac{1}{N} X^\top Y\;}$$
#
# with the penalty $\lambda = 1$.
#
# :::{predict}
# Which of the two is better on MNIST, and which on CIFAR-10?
#
# - `a`: the nearest neighbour on both
# - `b`: the linear classifier on both
# - `c`: the nearest neighbour on MNIST, the linear classifier on CIFAR-10
# - `d`: the other way round
# :::


# %%
def nearest(train, test):
    """Share of test images whose nearest training image has their label."""
    _, place = closest(test.images, train.images)
    return (train.labels[place] == test.labels).double().mean().item()


SETS = {"MNIST": (mnist, mnist_test), "CIFAR-10": (cifar, cifar_test)}
linear = {
    name: evaluate(linear_classifier(train), test)[1]
    for name, (train, test) in SETS.items()
}
neighbour = {name: nearest(*halves) for name, halves in SETS.items()}


# %% tags=["hide-input"]
def with_margin(share, count):
    """In per cent, with two standard errors of a share of `count` images."""
    return f"{100 * share:.1f} ± {200 * math.sqrt(share * (1 - share) / count):.1f}"


count = len(mnist_test)
whole = results.load("images")["results"]
stored = {"MNIST": whole["mnist"], "CIFAR-10": whole["cifar10"]}
table(
    ["right, in %", *(f"{name}, here" for name in SETS), *(f"{n}, all" for n in SETS)],
    [
        ["guessing", *["10.0"] * 4],
        [
            "linear",
            *(with_margin(linear[name], count) for name in SETS),
            *(f"{100 * stored[name]['linear']:.1f}" for name in SETS),
        ],
        [
            "nearest neighbour",
            *(with_margin(neighbour[name], count) for name in SETS),
            *(f"{100 * stored[name]['nearest']:.1f}" for name in SETS),
        ],
    ],
)

# %% [markdown]
# :::{answer} c
# The margins are two standard errors; with 500 test images they are wide. The last two columns are a stored run on all images. On MNIST a neighbour is worth more than a linear map, and forty times the images help it. On CIFAR-10 the neighbour shares a lawn, as you saw, and the linear map does better.
# :::
#
# These are the numbers to beat.
#
# ## What normalising does
#
# A network sees $x = (\text{pixel}/255 - \mu)/\sigma$, with the mean $\mu$ and the deviation $\sigma$ of each colour {term}`channel` over all training images. It is always the training images' mean, for the test images too, and at either scale of this page.

# %% tags=["hide-input"]
TITLES = ("grey", "red", "green", "blue")


def moments(data, title):
    raw, seen = data.images.double() / 255, data.inputs.double()
    names = TITLES[:1] if raw.shape[1] == 1 else TITLES[1:]
    return [
        [
            f"{title}, {name}",
            *(f"{f(x[:, c]):.3f}" for x in (raw, seen) for f in MOMENTS),
        ]
        for c, name in enumerate(names)
    ]


MOMENTS = (torch.mean, torch.std)
table(
    ["channel", "mean before", "deviation", "mean after", "deviation"],
    moments(mnist, "MNIST") + moments(cifar, "CIFAR-10"),
)

# %% [markdown]
# Of all images the numbers after would be 0 and 1. Of 1,500 they come close.
#
# Normalising does two things: it divides, and it subtracts.
#
# :::{predict}
# Which of the two makes training easier?
#
# - `a`: dividing by 255
# - `b`: subtracting the mean
# - `c`: both alike
# :::
#
# Take the simplest network, one linear layer with softmax and no bias, and all its weights $W$ at 0. Then every probability is $1/10$, and the Hessian of the cross-entropy is $(\operatorname{diag}(p) - pp^\top) \otimes K$, where $K = \frac{1}{N} X^\top X$, here *not* centred. The eigenvalues of the first factor are 0 and $1/10$. So the largest curvature is a tenth of $K$'s largest eigenvalue, and the step limit is
#
# $$\boxed{\;\frac{2}{\lambda_{\max}(H)} = \frac{20}{\lambda_{\max}(K)}\;}$$
#
# What makes a valley narrow is how far the largest eigenvalue stands out. Its share of the sum of all eigenvalues, which is the mean of $\lVert x \rVert^2$, tells.


# %% tags=["hide-input"]
def largest_eigenvalue(X, products=30):
    """Of X^T X / N, by repeated multiplication."""
    v = torch.ones(X.shape[1], dtype=X.dtype)
    for _ in range(products):
        v = X.T @ (X @ v)
        v /= v.norm()
    return (X @ v).square().mean().item()


def descend(X, labels, lr, steps=20):
    """The loss of a linear layer after steps of gradient descent from zero."""
    layer = nn.Linear(X.shape[1], 10, bias=False, dtype=X.dtype)
    nn.init.zeros_(layer.weight)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(layer(X), labels).backward()
        optimizer.step()
    return nn.functional.cross_entropy(layer(X), labels).item()


few = cifar[:1500]
seen = {
    "grey levels, 0 to 255": few.images.flatten(1).double(),
    "divided by 255": few.images.flatten(1).double() / 255,
    "normalised": few.inputs.flatten(1).double(),
}
largest = {name: largest_eigenvalue(X) for name, X in seen.items()}
share = {name: largest[name] / X.square().sum(1).mean() for name, X in seen.items()}
loss = {name: descend(X, few.labels, 10 / largest[name]) for name, X in seen.items()}

table(
    ["CIFAR-10", "share of the largest", "step limit", "loss after 20 steps"],
    [
        [name, f"{share[name]:.3f}", f"{20 / largest[name]:.1e}", f"{loss[name]:.3f}"]
        for name in seen
    ],
)

# %% tags=["hide-input"]
raw, divided, normalised = loss.values()
reveal(
    f"Subtracting. After 20 steps the loss is {raw:.3f} in grey levels, {divided:.3f} divided by 255 and"
    f" {normalised:.3f} normalised.",
    right="b" if normalised < divided - 0.1 else "a",
)

# %% tags=["hide-input"]
evidence(
    "P4",
    "false",
    f"Dividing leaves the largest eigenvalue {100 * share['divided by 255']:.0f} % of the sum, as before; subtracting the"
    f" mean leaves it {100 * share['normalised']:.0f} %.",
    "Subtract the mean for the valley. Divide for the units, so that customary rates and initial weights fit.",
    "The inputs' second moment on 1,500 images of CIFAR-10. Before and after the division 20 steps of gradient"
    " descent on a linear layer, at half of the step limit, end at losses that differ by"
    f" {'less' if abs(raw - divided) < 1e-9 else 'more'} than 1e-9; with the mean subtracted the loss falls to {normalised:.2f}"
    f" instead of {divided:.2f}.",
)

# %% [markdown]
# Dividing changes the unit of the weights: the rate that fits is $255^2$ times larger, and then every step is the same. It is worth doing because initial weights and customary rates are made for numbers near 1. What widens the valley is the subtraction. Pixels are never negative, so all images share one large direction, their brightness; the mean takes most of it away. (The same happens again inside a deep network, which is a reason for {term}`batch normalisation`.)
#
# ## One image becomes many
#
# An image that is moved by a few pixels or mirrored shows the same thing. So each time that an image is seen it is changed at random: {term}`augmentation`. The project's way is the usual one for CIFAR-10. Pad the image by 4 pixels on each side and cut out a window of the old size; mirror it with probability ½; for long runs, blank out a square, which {cite:t}`devries2017` call cut-out.

# %%
AUGMENTS = {
    "crop": Augment(padding=4),
    "flip": Augment(flip=True),
    "cut-out": Augment(cutout=8),
    "all three": Augment(padding=4, flip=True, cutout=8),
}


# %% tags=["hide-input"]
def as_picture(inputs, data):
    """Undo the normalisation: uint8, to be looked at."""
    mean, deviation = (
        torch.tensor(values)[:, None, None]
        for values in (data.facts.mean, data.facts.deviation)
    )
    return ((inputs * deviation + mean) * 255).round().clamp(0, 255).byte()


def versions(inputs, augment, seed=0):
    drawn = augment.draw(len(inputs), 32, 32, torch.Generator().manual_seed(seed))
    return as_picture(augment(inputs, drawn), cifar)


horse = cifar.inputs[(cifar.labels == 7).nonzero()[0]].expand(12, -1, -1, -1)
show(
    pictures.contact_sheet(
        torch.stack([versions(horse, augment) for augment in AUGMENTS.values()]),
        list(AUGMENTS),
        size=(6.4, 2.0),
    ),
    "Four rows of twelve versions of one horse. Cropped, it is moved by a few pixels"
    " with a grey border where nothing was. Flipped, it looks left or right. Cut out, a"
    " grey square hides a part. The last row has all three.",
)

# %% [markdown]
# :::{predict} number
# How many different images do crop and flip make of this one? A window can begin in one of 9 rows and one of 9 columns, and each can be mirrored. Could some of them be equal?
# :::

# %%
corners = torch.tensor(list(product(range(9), range(9))))
moved = crop(horse[:1].expand(81, -1, -1, -1), *corners.T, padding=4)
every = torch.cat([moved, moved.flip(-1)]).flatten(1)

# %% tags=["hide-input"]
epochs = 30
reveal(
    f"$(2 \\cdot 4 + 1)^2 \\cdot 2$: windows and mirror images: {len(every)}. Different ones among them:"
    f" **{len(every.unique(dim=0))}**. With a square of 8 pixels around any of 1,024"
    f" pixels there are up to {len(every) * 1024:,}. In 30 epochs a network sees at"
    f" most 30 of them.",
    right=len(every.unique(dim=0)),
)

# %% [markdown]
# They are not worth as much as new photographs. And what may be changed depends on the data: mirror a digit and a 2 is a 2 no more, mirror a "b" and it is a "d". The project flips CIFAR-10 alone.
#
# ## Three networks
#
# Three networks carry the project. In the drawings an output of $C$ channels with $H \times W$ pixels is a box of height $H$ and depth $W$; its thickness is half of $\sqrt{C}$. All are drawn to one scale. Beside each stage stand the output of its first layer and the parameters of all its layers.

# %%
SHAPES = {"MLP": (1, 28, 28), "CNN": (3, 32, 32), "VGG13": (3, 32, 32)}
NETWORKS = {"MLP": mnist_mlp(), "CNN": cifar_cnn(), "VGG13": vgg13()}
anatomy = {name: layers(NETWORKS[name], SHAPES[name]) for name in NETWORKS}


# %% tags=["hide-input"]
def each(name, kind):
    """The count of each layer that has one, as text."""
    counts = [getattr(layer, kind) for layer in anatomy[name]]
    return ", ".join(f"{count:,}" for count in counts if count)


show(
    figures.blocks("MLP", anatomy["MLP"], SHAPES["MLP"]),
    "MLP, from top to bottom: an image of 1 by 28 by 28, two tall bars of 1,024 numbers,"
    f" and a small one of 10. Parameters of the linear layers: {each('MLP', 'parameters')}.",
)

# %% tags=["hide-input"]
show(
    figures.blocks("CNN", anatomy["CNN"], SHAPES["CNN"]),
    "CNN: three convolutions, each with pooling. From one to the next the boxes are half as"
    " high and thicker. Parameters, the linear layer's last:"
    f" {each('CNN', 'parameters')}.",
)

# %% tags=["hide-input"]
show(
    figures.blocks("VGG13", anatomy["VGG13"], SHAPES["VGG13"]),
    "VGG13: five blocks of two convolutions and a pooling. The boxes become small and thick"
    " from block to block, and the parameters beside them many; the two linear layers have"
    " few.",
)

# %% [markdown]
# The third follows {cite:t}`simonyan2015`, made small for images of $32 \times 32$, with batch normalisation ({cite:t}`ioffe2015`) after each {term}`convolution`.
#
# ### Parameters
#
# A linear layer from $n$ inputs to $m$ outputs has a weight for each pair and a bias for each output. A convolution with windows of $k \times k$ has a linear layer from one window to one pixel, and uses it at every pixel:
#
# $$\boxed{\;\begin{aligned} \text{linear: } & m\,(n + 1) \\ \text{convolution: } & C_{\text{out}}\,(C_{\text{in}}\, k^2 + 1) \end{aligned}\;}$$
#
# Height and width of the image are not in it. Batch normalisation has two for each channel, and takes over the bias.
#
# ### Multiply-adds
#
# Each weight of a linear layer is used once for each image. Each weight of a convolution is used once for each pixel of the output:
#
# $$\boxed{\;\begin{aligned} \text{linear: } & m\, n \\ \text{convolution: } & H\, W\, C_{\text{out}}\, C_{\text{in}}\, k^2 \end{aligned}\;}$$
#
# Biases, ReLU, pooling and normalisation cost too little to count here.


# %% tags=["hide-input"]
def layer_table(found):
    return table(
        ["layer", "output", "parameters", "multiply-adds"],
        [
            [
                type(layer.module).__name__,
                "×".join(map(str, layer.shape)),
                f"{layer.parameters:,}",
                f"{layer.multiply_adds:,}",
            ]
            for layer in found
        ],
    )


layer_table(anatomy["CNN"])

# %% [markdown]
# Do these formulas count what is there? `numel()` counts the parameters. torch's `FlopCounterMode` watches every matrix product and convolution as it runs; it counts a {term}`multiply-add` as two operations.

# %% tags=["hide-input"]
COUNTS = ("parameters", "multiply_adds")
total = {
    name: [sum(getattr(x, kind) for x in found) for kind in COUNTS]
    for name, found in anatomy.items()
}


def operations(name, images=4, backward=False):
    """What torch counts, for each image."""
    with FlopCounterMode(display=False) as counter:
        output = NETWORKS[name](torch.zeros(images, *SHAPES[name]))
        if backward:
            output.sum().backward()
    return counter.get_total_flops() / images


table(
    ["network", "parameters", "numel", "multiply-adds", "operations / 2"],
    [
        [
            name,
            f"{total[name][0]:,}",
            f"{sum(x.numel() for x in NETWORKS[name].parameters()):,}",
            f"{total[name][1]:,}",
            f"{operations(name) / 2:,.0f}",
        ]
        for name in NETWORKS
    ],
)

# %% [markdown]
# They agree to the last unit. Divide the columns: a parameter of the MLP is used once for each image, one of VGG13 about 24 times, one of the small CNN about 91 times. An optimizer works on each parameter once for each batch, whatever the network does with it. So its own time weighs most beside the MLP.
#
# ### The backward pass
#
# Backpropagation needs two products for each layer, each as large as the forward one: the gradient with respect to the weights, and the one with respect to the layer's input.
#
# :::{predict}
# What does a whole training step cost, in forward passes?
#
# - `a`: two
# - `b`: three, or a little less
# - `c`: four
# :::
#
# One of these products is never needed. Which one?

# %% tags=["hide-input"]
first = {
    name: next(layer.multiply_adds for layer in found if layer.multiply_adds)
    for name, found in anatomy.items()
}
table(
    ["network", "a training step, predicted", "counted"],
    [
        [
            name,
            f"{3 - first[name] / total[name][1]:.4f}",
            f"{operations(name, backward=True) / operations(name):.4f}",
        ]
        for name in NETWORKS
    ],
)

# %% [markdown]
# :::{answer} b
# Three forward passes, less the first layer's: nobody asks for the gradient with respect to the image.
# :::
#
# ### Where they sit
#
# It is often said of convolutional networks that their parameters sit in the last, linear layers, and their work in the convolutions, above all in the first ones, whose images are large.
#
# :::{predict}
# Where do they sit in our VGG13? From one block to the next the side is halved and the channels double.
#
# - `a`: the parameters in the linear layers, the work in the first convolutions
# - `b`: the parameters in the last convolutions, the work spread over nearly all
# - `c`: the parameters in the last convolutions, the work in the first ones
# :::
#
# What becomes of $H\, W\, C_{\text{out}}\, C_{\text{in}}\, k^2$?


# %% tags=["hide-input"]
def in_percent(name, kind):
    """Of each layer with weights, as text."""
    working = [layer for layer in anatomy[name] if layer.multiply_adds]
    whole = total[name][COUNTS.index(kind)]
    return ", ".join(f"{100 * getattr(layer, kind) / whole:.0f}" for layer in working)


show(
    figures.shares({name: anatomy[name] for name in ("CNN", "VGG13")}),
    "Bars of each layer's share of the parameters and of the multiply-adds, in per cent,"
    f" from the first layer to the last. CNN: {in_percent('CNN', 'parameters')} and"
    f" {in_percent('CNN', 'multiply_adds')}. VGG13: {in_percent('VGG13', 'parameters')} and"
    f" {in_percent('VGG13', 'multiply_adds')}.",
)


# %% tags=["hide-input"]
def linear_share(found):
    """Of the parameters and of the multiply-adds, in per cent."""
    last = [layer for layer in found if isinstance(layer.module, nn.Linear)]
    return [
        100 * sum(getattr(x, kind) for x in last) / sum(getattr(x, kind) for x in found)
        for kind in COUNTS
    ]


with torch.device("meta"):  # shapes without numbers: nothing is computed
    original = layers(models.vgg13(), (3, 224, 224))
there, cnn, ours = map(linear_share, (original, anatomy["CNN"], anatomy["VGG13"]))
reveal(
    f"The linear layers have {ours[0]:.1f} % of our VGG13's parameters and {ours[1]:.2f} % of its multiply-adds. In per cent"
    f" from the first layer to the last, the parameters are {in_percent('VGG13', 'parameters')} and the multiply-adds"
    f" {in_percent('VGG13', 'multiply_adds')}.",
    right="b",
)

# %% tags=["hide-input"]
evidence(
    "P5",
    "holds with a caveat",
    f"The linear layers have {there[0]:.1f} % of the parameters of torchvision's VGG13, and {ours[0]:.1f} % of those of"
    " the project's.",
    "Count before you repeat it: the work is in the convolutions, the parameters are where the channels are many.",
    f"In torchvision's, made for images of 224 × 224, they do {there[1]:.1f} % of the multiply-adds. In"
    f" the project's VGG13 for 32 × 32 they do {ours[1]:.2f} %; in"
    f" its small CNN they have {cnn[0]:.1f} % of the parameters and {cnn[1]:.2f} % of the multiply-adds.",
)

# %% [markdown]
# The second half of the saying holds everywhere, and the first was true of one kind of network. Nor do the first layers do most of the work: a quarter of the pixels times twice the channels in and twice out is the same. A convolution from $C$ to $C$ channels costs 37.7 million multiply-adds in each of the first four blocks; only the last block, which does not double, costs a quarter of that.
#
# For an optimizer this means: in VGG13, the three layers whose outputs have $4 \times 4$ and $2 \times 2$ pixels and 512 channels in hold nearly three quarters of what it moves.
#
# ## Where a batch's time goes
#
# The counts predict something that a clock can check: a training step's arithmetic is $3\,M - M_1$ multiply-adds an image, $M$ those of a forward pass and $M_1$ those of its first layer. What a step needs besides, no count shows: bringing the images, and moving the parameters.
#
# A stored run trained the MLP and the CNN with Adam on two cores, on all of the images, in steps of 128. It began with the usual way, a `DataLoader` that fetches one image after the other, and changed one thing at a time.
#
# :::{predict}
# In the first bar of each network: which of the four parts is the longest?
#
# - `a`: the data, in both
# - `b`: the data in the MLP, one of the two passes through the network in the CNN
# - `c`: one of the two passes, in both
# :::

# %% tags=["hide-input"]
stored = results.load("throughput")
TITLES = {"mlp": "MLP", "cnn": "CNN with crops and flips"}
timed = {entry["task"]: entry for entry in stored["results"]["tables"]}
ways = {
    task: {
        row["way"]: row["milliseconds"] for row in entry["rows"] if row["milliseconds"]
    }
    for task, entry in timed.items()
}
whole = {
    task: {way: sum(parts.values()) for way, parts in some.items()}
    for task, some in ways.items()
}
first_bar = "DataLoader, no workers"
network = sum(ways["cnn"][first_bar][part] for part in ("forward", "backward"))
show(
    times.parts({TITLES[task]: some for task, some in ways.items()}),
    "Bars of the milliseconds of a step in four parts. For the MLP the plain way takes"
    f" {whole['mlp'][first_bar]:.0f} milliseconds,"
    f" {ways['mlp'][first_bar]['data']:.0f} of them for data; with the data as tensors"
    " that part cannot be seen any more, and with bfloat16 the whole step takes"
    f" {whole['mlp']['bfloat16']:.0f}. For the CNN the plain way takes"
    f" {whole['cnn'][first_bar]:.0f}, {network:.0f} of them forward and backward; channels"
    " last shortens the forward part, bfloat16 brings the whole step to"
    f" {whole['cnn']['bfloat16']:.0f}, and the optimizer is a thin line throughout.",
)


# %% tags=["hide-input"]
def shares(task):
    """Each part of a step's time in the first bar, in per cent."""
    spent = ways[task][first_bar]
    return {part: 100 * time / whole[task][first_bar] for part, time in spent.items()}


mlp, cnn = (shares(task) for task in ("mlp", "cnn"))
outside = [part["data"] + part["optimizer"] for part in (mlp, cnn)]
longest = [max(part, key=part.get) for part in (mlp, cnn)]
reveal(
    f"In the MLP it is the part called {longest[0]}, {mlp[longest[0]]:.0f} % of the step; in the CNN the part called"
    f" {longest[1]}, {cnn[longest[1]]:.0f} %.",
    right="a" if longest == ["data", "data"] else "b" if longest[0] == "data" else "c",
)

# %% tags=["hide-input"]
evidence(
    "P8",
    "false",
    f"A step of the MLP spends {outside[0]:.0f} % of its time outside of the network, one of the CNN {outside[1]:.0f} %.",
    "Time the parts before you speed one up. Images that fit in memory can be tensors from the start.",
    f"On two cores, with a DataLoader and Adam, the MLP spends {mlp['data']:.0f} % on"
    f" the data and {mlp['optimizer']:.0f} % on the optimizer. For the CNN with crops and"
    f" flips it is {cnn['data']:.0f} % and"
    f" {cnn['optimizer']:.0f} %.",
)

# %% [markdown]
# Worker processes are the usual remedy. On two cores they take from the network what they save on the data: look at the second bars. The images fit in memory many times over, so the data can be tensors from the start, and a batch is one indexing.
#
# The optimizer has a part that can be seen beside the MLP and none beside the CNN, as the counts said: one use of each parameter against 91.
#
# From here on the project trains with the data as tensors, and in bfloat16 where the processor multiplies in it; *Going further* shows what that saves and whether it costs accuracy.
#
# ## Going further
#
# ### Counts against the clock
#
# *You see how far the count of multiplications predicts the time, and what half the bits cost.*
#
# :::{predict}
# Do the two networks do the same number of multiply-adds in a second?
#
# - `a`: yes, within a fourth
# - `b`: the MLP does several times as many: its products are larger
# - `c`: the CNN does several times as many: it has less to fetch
# :::

# %% tags=["hide-input"]
names, found = {"mlp": "MLP", "cnn": "CNN"}, []
for task, name in names.items():
    work = 128 * (3 * total[name][1] - first[name])
    for way in ("data as tensors", "channels last", "bfloat16"):
        if spent := ways[task].get(way):
            seconds = (spent["forward"] + spent["backward"]) / 1e3
            found.append(
                [name, way, f"{work / 1e9:.2f}", f"{work / seconds / 1e9:.0f}"]
            )
table(["network", "way", "10⁹ multiply-adds a step", "10⁹ a second"], found)

# %% tags=["hide-input"]
speed = {(name, way): int(per_second) for name, way, _, per_second in found}
as_tensors = [speed[name, "data as tensors"] for name in ("MLP", "CNN")]
reveal(
    f"With the data as tensors the MLP does {as_tensors[0]} and the CNN {as_tensors[1]} times 10⁹ a second.",
    right="a" if max(as_tensors) < 1.25 * min(as_tensors) else "b",
)

# %% tags=["hide-input"]
say(
    "The order of the numbers in memory makes the CNN"
    f" {speed['CNN', 'channels last'] / speed['CNN', 'data as tensors']:.1f} times as fast;"
    " half the bits make the MLP"
    f" {speed['MLP', 'bfloat16'] / speed['MLP', 'data as tensors']:.1f} times and the CNN"
    f" {speed['CNN', 'bfloat16'] / speed['CNN', 'channels last']:.1f} times as fast."
)

# %% tags=["hide-input"]
rate = {
    task: {row["way"]: row for row in entry["rows"]} for task, entry in timed.items()
}
lines = [
    f"- **{TITLES[task]}**: from"
    f" {rate[task][entry['plain']]['images_per_second']:,.0f} to"
    f" {rate[task]['fit in bfloat16']['images_per_second']:,.0f} images a second,"
    f" {rate[task]['fit in bfloat16']['times_plain']:.1f} times as many;"
    f" {rate[task]['fit in float32']['times_plain']:.1f} times in float32."
    for task, entry in timed.items()
]
say(f"{stored['hardware']['processor']}, two cores:\n\n" + "\n".join(lines))

# %% [markdown]
# Per multiply-add the two networks are nearly equally fast, so the count does predict the time of the network, within a fourth. It is not the whole story: the order of the numbers in memory counts, and so do the bits. Whether bfloat16 costs accuracy was measured as well, over eight seeds of ten epochs on the sample:


# %% tags=["hide-input"]
def means(task):
    """Mean accuracy of each way in per cent; how much better than the plain way, ± one standard error."""
    for way, row in timed[task]["accuracies"]["ways"].items():
        mean = 100 * sum(row["accuracies"]) / len(row["accuracies"])
        gain, error = (100 * row.get(key, 0) for key in ("gain", "standard_error"))
        yield [
            TITLES[task],
            way,
            f"{mean:.1f}",
            f"{gain:+.1f} ± {error:.1f}" if error else "",
        ]


table(
    ["network", "way", "test accuracy, %", "better by, in points"],
    [row for task in timed for row in means(task)],
)

# %% tags=["hide-input"]
gains = [
    (row["gain"], row["standard_error"])
    for task in timed
    for row in timed[task]["accuracies"]["ways"].values()
    if row.get("standard_error")
]
beyond = sum(abs(gain) > 2 * error for gain, error in gains)
say(f"Differences beyond two of their standard errors: {beyond} of {len(gains)}.")

# %% [markdown]
# So nothing measurable was lost.
#
# ### Classes, and where the images come from
#
# *You see how many images each class has in the whole sets.*
#
# The sample has the same number of images of each class, because it was drawn so. It says nothing about the whole sets. A stored run counted them.

# %% tags=["hide-input"]
whole = results.load("images")["results"]
digits = whole["mnist"]["train"]
show(
    pictures.class_counts(
        {"MNIST": whole["mnist"]["train"], "CIFAR-10": whole["cifar10"]["train"]}
    ),
    "Bars of the training images in each class. CIFAR-10 has"
    f" {whole['cifar10']['train'][0]:,} in all ten. MNIST has between {min(digits):,}, for"
    f" the digit {digits.index(min(digits))}, and {max(digits):,}, for the digit"
    f" {digits.index(max(digits))}.",
)

# %% tags=["hide-input"]
say("\n".join(f"- {data.source}" for data in (mnist, mnist_test, cifar, cifar_test)))

# %% [markdown]
# CIFAR-10 is balanced by design, MNIST almost. Accuracy is then an honest summary, and guessing earns 10 % or little more.

# %% [markdown]
# ### What a number can see
#
# *You see how many pixels one number of a layer depends on, and how batch normalisation changes that.*
#
# One number in the output of a layer depends on a square of pixels, its {term}`receptive field`. Let $r$ be its side, and $j$ the number of pixels between the fields of two neighbours. For the image itself $r = j = 1$. A layer with windows of $k \times k$ and stride $s$ reaches $k - 1$ neighbours further, each $j$ pixels apart:
#
# $$\boxed{\;r \leftarrow r + (k - 1)\, j, \qquad j \leftarrow s\, j\;}$$
#
# The gradient checks it: differentiate one number in the middle of the output with respect to the image. Where the gradient is zero for every image, the number cannot see.
#
# :::{predict}
# What are the sides after the three convolutions of the CNN? The windows of the poolings are $2 \times 2$ with stride 2.
#
# - `a`: 3, 5 and 7
# - `b`: 3, 8 and 18
# - `c`: 3, 9 and 27
# :::


# %%
def sight(model, depth, images):
    """Mean size of the gradient of a middle output, for each pixel: shape (H, W)."""
    x = images.clone().requires_grad_()
    y = model[:depth](x)
    y[:, :, y.shape[2] // 2, y.shape[3] // 2].sum().backward()
    return x.grad.abs().mean((0, 1))


def side(strength):
    """How many columns have a gradient that is not zero."""
    columns = (strength > 0).any(dim=0).nonzero()
    return (columns.max() - columns.min() + 1).item()


# %% tags=["hide-input"]
network, some = cifar_cnn().double(), cifar[:200].inputs.double()
sights = {depth: sight(network, depth, some) for depth in (1, 4, 7)}
show(
    figures.receptive(
        {
            f"convolution {n}": (sights[depth], (16 - reach, r))
            for n, (depth, reach, r) in enumerate(((1, 1, 3), (4, 3, 8), (7, 7, 18)), 1)
        }
    ),
    "Three images of 32 by 32 pixels. The pixels with a gradient fill a square of 3 by 3"
    " after the first convolution, 8 by 8 after the second and 18 by 18 after the third,"
    " exactly to the predicted outline. In the third the gradient is strong in a round"
    " middle and weak in the corners.",
)

# %% [markdown]
# :::{answer} b
# 3, 8 and 18. The field is a square, and its use is not. The middle is reached on many paths through the layers, a corner on one; {cite:t}`luo2016` show that in a deep network the part that counts is a small round spot.
# :::
#
# VGG13's fields outgrow the image, so its check runs on noise of $192 \times 192$ pixels. Its convolutions do not mind.

# %% tags=["hide-input"]
deep, noise = vgg13().eval(), torch.Generator().manual_seed(0)
larger = torch.randn(1, 3, 192, 192, generator=noise)
places = {module: place for place, module in enumerate(deep, 1)}
table(
    ["after", "r, predicted", "counted", "j"],
    [
        [
            f"block {block}",
            f"{r}",
            f"{side(sight(deep, places[module], larger))}",
            f"{j}",
        ]
        for block, (module, r, j) in enumerate(
            (row for row in receptive_fields(deep) if isinstance(row[0], nn.MaxPool2d)),
            1,
        )
    ],
)

# %% [markdown]
# In the last two blocks a number sees the whole image of $32 \times 32$, and much of the padding around it. That the checks ran in evaluation mode matters.
#
# :::{predict}
# What does the first number of VGG13 see in training mode, after one convolution and its batch normalisation?
#
# - `a`: 9 pixels, as in evaluation mode
# - `b`: all pixels of its own image
# - `c`: all pixels of all images of the batch
# :::

# %%
batch = cifar[:8].inputs.double().requires_grad_()
first_block = vgg13().double()[:2]
pixels = {}
for mode in (False, True):
    output = first_block.train(mode)(batch)[0, :, 16, 16].square().sum()
    (slope,) = torch.autograd.grad(output, batch)
    pixels[mode] = (slope.abs().sum(1) > 0).flatten(1).sum(1).tolist()

# %% tags=["hide-input"]
reveal(
    f"In evaluation mode a number of the first image depends on {pixels[False][0]} of its"
    f" pixels, and on {pixels[False][1]} of the second image's. In training mode it"
    f" depends on **{pixels[True][0]:,}** and **{pixels[True][1]:,}** of 1,024. Batch normalisation subtracts the mean over"
    " the batch, so in training every output depends on every pixel of every image beside it. A loss is then no sum over"
    " examples any more, and a change of the batch size changes the function that is made small.",
    right="c" if pixels[True][1] else "a",
)

# %% [markdown]
# ### In code
#
# *You see the library's source for nearest images, augmentation, counts and receptive fields.*

# %%
show_source(closest, crop, cut_out, parameters, multiply_adds, receptive_fields)

# %% [markdown]
# #### An exercise: mirror a batch (★★)
#
# Write `flip(images, generator)`: from images of shape $(B, C, H, W)$ to new ones of the same shape, each mirrored left to right with probability ½, independently of the others. No loop over the images; all chances come from the generator.


# %%
def flip(images, generator): ...


check("6-project/flip", flip)

# %% tags=["remove-input"]
solution("6-project/flip")

# %% [markdown]
# #### An exercise: read the plot (★)
#
# You want VGG13 to run faster. Look at the shares in *Where they sit*: whose removal saves the most multiply-adds?
#
# - `a`: both linear layers
# - `b`: the first convolution of all
# - `c`: the second convolution of all
# - `d`: both convolutions of the last block

# %%
answer = ...
check("6-project/cheaper-network", answer)

# %% tags=["remove-input"]
solution("6-project/cheaper-network")

# %% [markdown]
# #### An exercise: how many has it seen? (★★)
#
# Crop and flip make 162 versions of an image (*One image becomes many*), and each epoch draws one of them, all with the same probability. How many *different* versions has a network seen after 30 epochs, on average?

# %%
answer = ...
check("6-project/versions-seen", answer)

# %% tags=["remove-input"]
solution("6-project/versions-seen")

# %% [markdown]
# ### In PyTorch
#
# *You see two differences between torchvision's transforms and ours, and which class stands for which.*
#
# The usual way is a `Dataset` that returns one image, transforms that change it, and a `DataLoader` whose worker processes gather batches. The transforms of `torchvision.transforms.v2` also take a whole batch.
#
# :::{predict}
# What does `RandomHorizontalFlip` then do to 1,000 images?
#
# - `a`: it mirrors about 500 of them
# - `b`: it mirrors all of them or none
# - `c`: it mirrors all of them
# :::

# %%
from torchvision.transforms import v2

torch.manual_seed(0)
batch = cifar.images[:1000]
flipped = [
    (v2.RandomHorizontalFlip()(batch) != batch).flatten(1).any(1).sum().item()
    for _ in range(8)
]
flip = Augment(flip=True)
drawn = flip.draw(1000, 32, 32, torch.Generator().manual_seed(0))
ours = (flip(batch, drawn) != batch).flatten(1).any(1).sum().item()

# %% tags=["hide-input"]
reveal(
    f"Images that torchvision mirrored, in eight calls: {', '.join(map(str, flipped))}."
    f" Ours mirrored {ours}.",
    right="b" if set(flipped) == {0, 1000} else "a",
)

# %% [markdown]
# torchvision draws once for each call, so a batch must be changed image by image, in the workers. Ours draws for each image and changes the batch at once. A second difference stands at the border:

# %%
place = (0, 0, 32, 32)  # the window's first row and column, height and width
normalise = v2.Normalize(cifar.facts.mean, cifar.facts.deviation)
window = v2.functional.crop(v2.functional.pad(cifar.images[:1], 4), *place)
theirs = normalise(window.float() / 255)
zero = torch.zeros(1, dtype=torch.long)
mine = crop(cifar.inputs[:1], zero, zero, padding=4)
inner, border = (theirs - mine)[..., 4:, 4:], (theirs - mine)[..., :4, :]

# %% tags=["hide-input"]
say(
    "In the window's inner part the largest difference is"
    f" {'below' if inner.abs().max() < 1e-5 else 'above'} 1e-5. On the border it is"
    f" {border.abs().max():.2f}: there torchvision puts black and then normalises, ours"
    " puts 0 after normalising, the mean colour."
)

# %% [markdown]
# | PyTorch | Ours | The same | Different |
# |:--|:--|:--|:--|
# | `DataLoader(shuffle=True)` | `Batches` | each image once an epoch, in a new order | whole tensors on the device, no workers; an epoch follows from its seed and number alone |
# | `v2.RandomCrop(32, padding=4)` | `Augment(padding=4)` | the 81 windows | one draw for each image; the border has the mean colour |
# | `v2.RandomHorizontalFlip()` | `Augment(flip=True)` | probability ½ | one draw for each image |
# | `v2.RandomErasing` | `Augment(cutout=8)` | a rectangle is blanked | always a square of one size, cut off at the edge |
# | `v2.Normalize` | `Data.inputs` | mean and deviation of the training set | done once, not in every epoch |
# | `models.vgg13()` | `vgg13()` | ten convolutions in five blocks | two linear layers and no dropout; torch's default initial weights |

# %% tags=["hide-input"]
table(
    ["VGG13", "torchvision's", "ours"],
    [
        [
            "parameters",
            *(
                f"{sum(x.parameters for x in f):,}"
                for f in (original, anatomy["VGG13"])
            ),
        ],
        [
            "multiply-adds for an image",
            *(
                f"{sum(x.multiply_adds for x in f):,}"
                for f in (original, anatomy["VGG13"])
            ),
        ],
    ],
)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: count (★)
#
# A convolution has windows of $5 \times 5$, 64 channels in, 96 channels out, and a bias. How many parameters does it have?

# %%
answer = ...
check("6-project/conv-parameters", answer)

# %% tags=["remove-input"]
solution("6-project/conv-parameters")

# %% [markdown]
# ### An open experiment
#
# Train the CNN on grey levels in place of normalised inputs, with a rate of your choice. How far do batch normalisation and a good rate make up for it?
#
# ## Summary
#
# - Look first: labels are wrong in places, neighbours in pixels share a background, and a classifier without training sets the mark to beat.
# - Subtracting the mean widens the valley; dividing only changes the unit of the rate. Crop and flip make 162 images of one.
# - Parameters and multiply-adds follow from two short formulas, to the last unit (receptive fields from a third, in *Going further*). Parameters crowd in VGG13's last convolutions, work is spread over nearly all, and a training step costs three forward passes less the first layer's.
#
# ## References
#
# - {cite:t}`lecun1998`: MNIST. {cite:t}`krizhevsky2009`: CIFAR-10.
# - {cite:t}`northcutt2021`: wrong labels in test sets. {cite:t}`barz2020`: test images that are training images.
# - {cite:t}`hoerl1970`: ridge regression.
# - {cite:t}`devries2017`: cut-out.
# - {cite:t}`simonyan2015`: VGG. {cite:t}`ioffe2015`: batch normalisation.
# - {cite:t}`araujo2019`: receptive fields, derived for any network. {cite:t}`luo2016`: which part of them counts.
