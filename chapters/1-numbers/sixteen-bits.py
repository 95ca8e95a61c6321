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
# # Sixteen bits for training
#
# Half the bits mean half the memory and half the traffic. But a weight may stop moving, a gradient may vanish on its way back, and neither says so. This chapter predicts both, and repairs both.
#
# **You will**
#
# - predict which updates and which gradients 16 bits lose, and keep them;
# - compute the depth at which a product of many factors leaves the range;
# - write a training step in mixed precision that survives an `inf` or a `nan`.
#
# **You need** {doc}`floating-point`: gaps that double at each power of two, ties that go to even, subnormals, `inf` and `nan`; and a training step, {doc}`one-training-step`. `float16` has $p = 11$ significant bits and the range from $2^{-24}$ to 65,504; `bfloat16` has $p = 8$ and the range of `float32`.
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $p$ | whole number | a format's precision, the number of its significant bits |
# | $w$ | whole number | a format's exponent bits |
# | $x$ | number | a number between two neighbours of a format |
# | $L$, $\theta$ | number, all weights | the loss; the weights |
# | $g$ | shape of $\theta$ | the gradient of the loss |
# | $S = 2^k$ | number | the loss scale |
# | $c$ | number | the factor that one layer multiplies a gradient by |
# | $n$, $n_0$ | whole number | a number of layers; the first at which the gradient is 0 |
# | $m$ | number | the smallest subnormal of a format |
# | $h$, $\sigma$ | number, function | the value in a chain of sigmoids; $\sigma(h) = 1/(1 + e^{-h})$ |
# | $v$ | number | the variance of one component of a gradient |
# | $a$, $b$ | numbers | the factors of a product to which a third number is added |
# | $u$ | number | the unit roundoff, $2^{-p}$ |
# :::

# %% tags=["hide-input"]
import copy
import math
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

from book import numerics
from book.display import evidence, reveal, say, show, table
from book.exercises import check, solution
from book.explorers import FloatBits
from book.figures import sixteen_bits as figures

# %% [markdown]
# ## A weight that does not move
#
# A weight stands at 1, and the optimizer wants to take 0.001 off. Type `0.999`. What is stored? Then choose `float16`, and type it again.

# %% tags=["hide-input"]
FloatBits(value="1", dtype="bfloat16")

# %% [markdown]
# Just below 1 the gap is $2^{-p}$, and an update is lost if it is at most half a gap. So `bfloat16` never moves. Now the optimizer subtracts 0.001 five hundred times.
#
# :::{predict}
# Where does the weight in `float16` end? Between 1/2 and 1 its gap is $2^{-11}$, about 0.000488.
#
# - `a`: at 0.500
# - `b`: at 0.512
# - `c`: at 0.488
# :::

# %%
FORMATS = {n: getattr(torch, n) for n in ("float16", "bfloat16", "float32", "float64")}
paths = {}
for name, dtype in FORMATS.items():
    weight, update = torch.ones((), dtype=dtype), torch.tensor(1e-3, dtype=dtype)
    paths[name] = [1.0] + [(weight := weight - update).item() for _ in range(500)]

# %% tags=["hide-input"]
show(
    figures.lost_updates(paths),
    "A weight against the number of updates of 0.001. In float32 and float64 it "
    f"falls from 1 to {paths['float32'][-1]:.1f}; float16 ends near it at "
    f"{paths['float16'][-1]:.3f}; bfloat16 stays at {paths['bfloat16'][-1]:.0f}.",
)

# %% tags=["hide-input"]
brain16, float16 = paths["bfloat16"][-1], paths["float16"][-1]
step = paths["float16"][0] - paths["float16"][1]
reveal(
    f"At **{float16:.3f}**: each step is {step * 2**11:.0f} gaps, {step:.6f}; 500 make {500 * step:.3f}. The weight in "
    f"`bfloat16` stays at **{brain16:.0f}**: there half a gap below 1 is {2**-9:.4f}, twice the update.",
    right="a" if abs(float16 - 0.5) < 1e-3 else "b" if float16 > 0.5 else "c",
)

# %% [markdown]
# The usual cure: **keep the weights in `float32`**, cast a copy to 16 bits for the forward and backward pass, and apply the update to the original. That is {term}`mixed precision`: matrix products take 16-bit numbers, and what needs more stays in `float32`. On a GPU with matrix units {cite:t}`micikevicius2018` measured operations 2 to 6 times as fast, where memory or arithmetic limits them.
#
# ### Rounded by chance
#
# There is a second cure, which needs no copy. Let $x$ lie between two neighbours, three tenths of the way up. To nearest, it always goes down. {term}`Stochastic rounding <stochastic rounding>` sends it up in three of ten cases and down in seven, so that the *mean* of what is stored is $x$.
#
# The exact 0.999 lies 0.256 of a gap below 1. So about every fourth update should move a `bfloat16` weight, by a whole gap.
#
# :::{predict}
# Two hundred weights in `bfloat16`, 500 updates each, rounded by chance. Where do they end?
#
# - `a`: all at 1, as before
# - `b`: all at 0.5
# - `c`: around 0.5, a few hundredths apart
# - `d`: anywhere between 0 and 1
# :::

# %%
chance = torch.Generator().manual_seed(0)
weights = [torch.ones(200)]
for _ in range(500):
    exact = weights[-1] - 1e-3
    # 7 bits of fraction: the numbers of bfloat16
    weights.append(numerics.round_stochastically(exact, 7, chance))
weights = torch.stack(weights, dim=1)

# %% tags=["hide-input"]
straight = [1 - 1e-3 * n for n in range(501)]
show(
    figures.by_chance(weights[:20], paths["bfloat16"], straight),
    "A weight against the number of updates. Rounded to nearest it stays at 1. Twenty runs rounded by chance "
    "wander downwards in steps around the straight line to one half, and their mean stays close to the line.",
)

# %% tags=["hide-input"]
ends, part = weights[:, -1], 1e-3 / 2**-8
spread = 2**-8 * math.sqrt(500 * part * (1 - part))
off = abs(ends.mean() - 0.5) / (ends.std() / math.sqrt(len(ends)))
reveal(
    f"Around **{ends.mean():.3f}**, with a standard deviation of {ends.std():.3f}. A gap is taken with "
    f"probability {part:.3f} at each of 500 updates, so by the binomial distribution the spread should be "
    f"{spread:.3f}. The mean is {off:.1f} of its own standard errors away from one half.",
    right="c" if 0.01 < ends.std() < 0.1 and off < 4 else "d",
)

# %% [markdown]
# Unbiased, but not free: each update now carries noise of the size of a gap, and it adds up like the noise of small batches. {cite:t}`gupta2015` trained networks this way in 16-bit fixed point with little or no loss of accuracy; {cite:t}`croci2022` survey what is known, and which chips can do it.
#
# ## A gradient that is not there
#
# The second thing goes wrong in the backward pass. Take a classifier with eight layers: seven of 64 tanh units, then 10 outputs. Train it for 100 steps in `float64`, then look at the gradients of the loss with respect to every layer's outputs. These are the numbers that a backward pass in 16 bits must store.

# %%
torch.manual_seed(6)
labels = torch.arange(512) % 10
# Ten random centres, one a class, and noise around them for each of 512 examples.
centres = torch.randn(10, 32, dtype=torch.float64)
noise = torch.randn(512, 32, dtype=torch.float64)
inputs = centres[labels] + 0.8 * noise
widths = [32, *[64] * 7, 10]
layers = nn.ModuleList(nn.Linear(*w, dtype=torch.float64) for w in pairwise(widths))


def forward(layers, x):
    """The output of every layer; each works on the tanh of the one before."""
    outputs = [layers[0](x)]
    for layer in layers[1:]:
        outputs.append(layer(outputs[-1].tanh()))
    return outputs


def backward(layers, x, scale=1.0):
    """Gradients of scale × loss for the outputs, and for the weights, of each layer."""
    outputs = forward(layers, x)
    # The loss is computed in a wide format.
    loss = scale * F.cross_entropy(outputs[-1].double(), labels)
    gradients = torch.autograd.grad(loss, outputs + [layer.weight for layer in layers])
    gradients = [g.double() for g in gradients]
    return gradients[: len(layers)], gradients[len(layers) :]


# %% tags=["hide-input"]
def lost_share(gradients):
    sizes = torch.cat([g.flatten() for g in gradients]).abs()
    return 100 * (sizes[sizes > 0] <= 2**-25).double().mean()


before = lost_share(backward(layers, inputs)[0])
optimizer = torch.optim.Adam(layers.parameters(), lr=3e-3)
for _ in range(100):
    loss = F.cross_entropy(forward(layers, inputs)[-1], labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
say(
    f"The loss fell to {loss:.4f}. Before the first step, `float16` would have lost **{before:.1f} %** of the "
    "gradients."
)

# %% [markdown]
# The smallest `float16` is $2^{-24}$, so everything up to $2^{-25}$ becomes 0. The loss is a mean over 512 examples, and the network is already right about most of them.
#
# :::{predict}
# Which share of the gradients would `float16` lose now?
#
# - `a`: still below 1 %
# - `b`: about 5 %
# - `c`: about 40 %
# - `d`: nearly all
# :::

# %%
true_outputs, true_weights = backward(layers, inputs)

# %% tags=["hide-input"]
sizes = torch.cat([g.flatten() for g in true_outputs]).abs()
sizes = sizes[sizes > 0].log2()
show(
    figures.gradient_histogram(sizes, sizes + 16, 16),
    "Two histograms of gradient sizes over the range of float16. Above, nearly all "
    "are below the normal range and almost half round to 0. Below, the same shape "
    "moved right by 16 powers of two, nearly all inside.",
)

# %% tags=["hide-input"]
share = lost_share(true_outputs)
reveal(
    f"**{share:.0f} %** round to 0, {100 * (sizes < -14).double().mean():.0f} % are below the normal range. The "
    f"upper part of the range is empty: the largest of these is $2^{{{sizes.max():.1f}}}$, `float16` goes up to $2^{{16}}$. The "
    "gradients are not too small. They are in the wrong place.",
    right="a" if share < 1 else "b" if share < 15 else "c" if share < 75 else "d",
)

# %% [markdown]
# ### The repair: scale the loss
#
# The lower picture shows the repair, {term}`loss scaling`: multiply the loss by $S = 2^k$ before the backward pass. Differentiation is linear, so every gradient is multiplied by $S$, and the histogram moves $k$ to the right. Before the update, divide by $S$ in `float32`, which has room for the small results:
#
# $$\boxed{\; g = \tfrac{1}{S} \, \nabla_{\theta} \, (S \cdot L), \qquad S = 2^k \;}$$
#
# $L$ is the loss (a number), $\theta$ the weights and $g$ their gradient, of the same shape. A power of two changes only the exponent, so scaling itself rounds nothing.
#
# How far can you go? The largest gradient, scaled, may be at most 65,504. Weight gradients are sums over examples, so larger. The largest of all:

# %% tags=["hide-input"]
largest = max(g.abs().max().item() for g in true_outputs + true_weights)
say(f"The largest gradient is **{largest:.4f}** $= 2^{{{math.log2(largest):.2f}}}$.")

# %% [markdown]
# :::{predict} number
# Which is the last safe $k$? Then run the backward pass in `float16` for every $k$ up to 30.
# :::

# %%
half = copy.deepcopy(layers).half()
powers, lost, errors = list(range(31)), [], []
count = sum((t != 0).sum().item() for t in true_outputs)
for k in powers:
    g_outputs, g_weights = backward(half, inputs.half(), scale=2.0**k)
    pairs = zip(g_outputs, true_outputs, strict=True)
    zeros = sum(((g == 0) & (t != 0)).sum().item() for g, t in pairs)
    lost.append(100 * zeros / count)
    pairs = zip(g_weights, true_weights, strict=True)
    off = [((g / 2.0**k - t).norm() / t.norm()).item() for g, t in pairs]
    errors.append(max(off) if all(map(math.isfinite, off)) else math.inf)

# %% tags=["hide-input"]
safe = math.floor(math.log2(65504 / largest))
show(
    figures.scale_sweep(powers, lost, errors, safe),
    f"Left: the share of gradients lost to 0 falls from {lost[0]:.0f} percent without "
    "a scale to almost none at 2 to the 16. Right: the error of the worst layer's "
    f"weight gradient falls from {errors[0]:.2f} to {errors[16]:.3f}, is flat, and "
    "ends where float16 overflows.",
)

# %% tags=["hide-input"]
off = [100 * error for error in errors]
last_safe = off.index(math.inf) - 1
reveal(
    f"""
- last safe $k$: predicted **{safe}**, seen **{last_safe}**
- without a scale: {lost[0]:.0f} % become 0, the worst layer is off by **{off[0]:.0f} %**
- with $S = 2^{{16}}$, then unscaled: {lost[16]:.1f} % become 0, off by **{off[16]:.1f} %**
""",
    right=last_safe,
)

# %% [markdown]
# (Without a scale, the share differs a little from the one in the histogram: here every step of the pass was rounded, not only its results.) Between "too small" and "too large" lies a plateau many powers of two wide; any $S$ on it will do. What error remains there comes from the 11 bits of `float16`, and no scale can help against that.
#
# The gradients change during training, so frameworks search for $S$ as they go. `torch.amp.GradScaler` starts high, skips the step and lowers $S$ whenever a gradient is `inf` or `nan`, and raises $S$ after a long run of good steps.
#
# `bfloat16` has the range of `float32` and needs no loss scaling. It pays with digits: its products are eight times coarser than those of `float16`. Both formats need the weights in `float32`, and `bfloat16` needs it more.
#
# Caveat: this is one small network with one batch size. How many gradients `float16` loses depends on both, and on how far the training has come. {cite:t}`micikevicius2018` show such a histogram of an object detector, whose training fails without a scaled loss.
#
# ## A product of many factors
#
# The backward pass through $n$ layers multiplies $n$ factors. If each is about $c$, the gradient at the input is about $c^n$: it {term}`vanishes <vanishing gradient>` for $c < 1$ and explodes for $c > 1$. In exact arithmetic it would only become small. In floats it becomes 0, at a depth that you can compute. With $m$ the smallest subnormal, $c^n$ rounds to 0 as soon as $c^n \le m/2$. Take logarithms, and mind that $\log_2 c$ is negative:
#
# $$\boxed{\; n_0 = \left\lceil \frac{\log_2 (m/2)}{\log_2 c} \right\rceil \;}$$
#
# The classic example is a chain of sigmoids: $h \leftarrow \sigma(h)$, again and again, with $\sigma(h) = 1 / (1 + e^{-h})$. The derivative of $\sigma$ is $\sigma (1 - \sigma)$, at most 1/4. Start the chain at its fixed point, where $h = \sigma(h)$, so that every layer has the same factor $c = h (1 - h)$.
#
# :::{predict} number
# $c \approx 0.2247$. After how many layers is the gradient exactly 0 in `float16`? You need $\log_2 0.2247 \approx -2.15$ and $m = 2^{-24}$.
# :::

# %%
fixed = torch.tensor(0.5, dtype=torch.float64)
for _ in range(100):
    fixed = torch.sigmoid(fixed)
factor = (fixed * (1 - fixed)).item()
# the boxed rule
depths = {
    name: numerics.vanishing_depth(factor, dtype) for name, dtype in FORMATS.items()
}


def input_gradient(depth, dtype):
    h = x = fixed.to(dtype).requires_grad_()
    for _ in range(depth):
        h = torch.sigmoid(h)
    return torch.autograd.grad(h, x)[0].item()


# %% tags=["hide-input"]
gradients = {
    name: [input_gradient(n, dtype) for n in range(1, 91)]
    for name, dtype in FORMATS.items()
}
show(
    figures.vanishing(gradients, depths),
    "The gradient at the input of a chain of sigmoids against its depth: straight "
    "lines on a logarithmic axis that break off at the predicted depths, "
    f"{depths['float16']} in float16, {depths['bfloat16']} in bfloat16 and "
    f"{depths['float32']} in float32.",
)

# %% tags=["hide-input"]
seen = {}
for name, depth in depths.items():
    nearby = range(max(1, depth - 5), depth + 6)
    seen[name] = next(n for n in nearby if input_gradient(n, FORMATS[name]) == 0)
reveal(
    "\n".join(
        [
            f"After **{seen['float16']}**.",
            "",
            "| format | predicted $n_0$ | seen |",
            "|---|---|---|",
        ]
        + [f"| `{name}` | {depths[name]} | **{seen[name]}** |" for name in FORMATS]
    ),
    right=seen["float16"],
)

# %% [markdown]
# Four times the bits, in `float64`, buy some forty times the depth: a delay, no cure. The cures change the factor $c$: other activations, careful initialisation, normalisation, residual connections.
#
# ### Layers with a matrix
#
# A real layer has a matrix, not one factor. Take layers of 64 linear units whose weights are drawn with mean 0 and variance $c^2 / 64$. Going backward, each component of the gradient becomes a sum of 64 products of variance $v \cdot c^2/64$ each, if $v$ was the variance before. The sum has variance $v c^2$: again a factor of $c$ per layer, now on average.
#
# For $c = 0.5$ and $c = 2$, the average argument gives 150 layers to 0 and 128 layers to overflow in `float32`. But this gradient has 64 random components, and all of them must die, while one is enough to overflow.
#
# :::{predict}
# How far off will the two depths be, in five runs?
#
# - `a`: by a few layers
# - `b`: by tens of layers
# - `c`: by a factor of two
# :::


# %%
def depth_of_failure(c, seed, width=64):
    torch.manual_seed(seed)
    gradient, depth = torch.ones(width), 0
    while gradient.any() and gradient.isfinite().all():
        weight = torch.randn(width, width) * c / math.sqrt(width)
        gradient, depth = weight.T @ gradient, depth + 1
    return depth


dies, overflows = ([depth_of_failure(c, seed) for seed in range(5)] for c in (0.5, 2.0))

# %% tags=["hide-input"]
all_zero = numerics.vanishing_depth(0.5, torch.float32)
first_inf = numerics.overflow_depth(2.0, torch.float32)
worst = max(abs(n - all_zero) for n in dies), max(abs(n - first_inf) for n in overflows)
reveal(
    f"{len(dies)} seeds. All components 0: predicted {all_zero}, seen **{min(dies)} to "
    f"{max(dies)}**. First overflow: predicted {first_inf}, seen **{min(overflows)} to "
    f"{max(overflows)}**. The average is a good guide: over a hundred layers the luck of single components "
    "hardly counts.",
    right="a" if max(worst) < 10 else "b" if max(worst) < 70 else "c",
)

# %% [markdown]
# ## One nan
#
# Here is a network of three layers with a batch of 64 examples. *One* of its 1,280 input numbers is `nan`: a division by zero in the preprocessing, a broken sensor.
#
# :::{predict}
# Which weights are `nan` after one training step?
#
# - `a`: the 50 that multiply this input number
# - `b`: those of the first layer
# - `c`: all
# :::

# %%
torch.manual_seed(0)
hidden = [nn.Linear(20, 50), nn.ReLU(), nn.Linear(50, 50), nn.ReLU()]
model = nn.Sequential(*hidden, nn.Linear(50, 10))
batch, targets = torch.randn(64, 20), torch.arange(64) % 10
batch[17, 3] = torch.nan


def training_step(model, guarded=False):
    model = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = F.cross_entropy(model(batch), targets)
    loss.backward()
    if not guarded or loss.isfinite():
        optimizer.step()
    return model


# %% tags=["hide-input"]
def nan_weights(model):
    return sum(p.isnan().sum().item() for p in model.parameters())


total = sum(p.numel() for p in model.parameters())
before, after = nan_weights(model), nan_weights(training_step(model))
guarded = nan_weights(training_step(model, guarded=True))
reveal(
    f"`nan` weights before the step: **{before}** of {total:,}. After it: **{after:,}**. With the guard: "
    f"**{guarded}**.\n\n"
    "A `nan` is contagious: any sum or product with it is `nan`. The first layer spreads it over all 50 hidden "
    "units of example 17. The loss is a mean over the batch, so it is `nan`. On the way back, the gradient of each "
    "weight is a sum over the examples, and example 17 is in every sum. ReLU does not stop it: a comparison with "
    "`nan` is false, and PyTorch lets it through in both directions. From here on, no clean batch can bring the "
    "weights back.",
    right="c" if after == total else "b",
)

# %% [markdown]
# The guard is one line, `if loss.isfinite()`, and you should log when it fires. To find *where* a `nan` is born, look at the output of each layer, from the input on. If the forward pass is clean, run one step under `torch.autograd.set_detect_anomaly(True)`: it stops at the first operation of the backward pass that returns `nan`, and names the line of the forward pass it belongs to.

# %% tags=["hide-input"]
product = torch.ones((), dtype=torch.float16)
for _ in range(10_000):
    product = product * 0.9
exactly = sum(depths[name] == seen[name] for name in FORMATS)
evidence(
    "N5",
    "holds with a caveat",
    f"The depth at which a sigmoid chain's gradient becomes 0 was predicted exactly in {exactly} of 4 formats.",
    "Compute the depth before you train; if it is below yours, change the factor, not the format. And test the "
    "loss for nan before each step.",
    f"The depths are {', '.join(str(d) for d in depths.values())}. Random layers with c = 2 overflow after "
    f"{min(overflows)} to {max(overflows)} layers, predicted {first_inf}. One nan among {batch.numel():,} inputs made "
    f"{after:,} of {total:,} weights nan in one step. The caveat: a float16 product of factors 0.9 stalls at "
    f"{product / 2**-24:.0f} times the smallest subnormal, and never becomes 0.",
)

# %% [markdown]
# ## Use it
#
# | You see | It is | Do |
# |:--|:--|:--|
# | the loss falls, then stands still in `bfloat16` alone | updates below half a gap | weights in `float32`, or stochastic rounding |
# | training in `float16` learns worse than in `float32`, without `nan` | gradients that became 0 | a loss scale: `GradScaler` |
# | the scale of `GradScaler` falls and falls | `inf` or `nan` in every step, which no scale cures | find where it is born: `set_detect_anomaly(True)` |
# | `nan` from one step to the next | one bad input, or an overflow | the guard; log the batch |
# | exact zeros in the gradients of early layers | a product of many small factors | residual connections, normalisation, another initialisation |
# | `float16` breaks and `bfloat16` does not | range, not digits | stay with `bfloat16`; it needs no scale |
#
# Start with `bfloat16` where the chip has it: one line more than `float32`, and nothing to tune. In `float16` you need all of the following. `autocast` chooses the format of each operation inside it; the loss stays in `float32`.

# %%
# On a GPU: "cuda". With torch.bfloat16 leave the scaler out.
device, dtype = "cpu", torch.float16


def train(model, batches, steps_skipped=0):
    # The weights stay in float32.
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    scaler = torch.amp.GradScaler(device, init_scale=2.0**16)
    for x, y in batches:
        with torch.autocast(device, dtype=dtype):
            logits = model(x)
        loss = F.cross_entropy(logits.float(), y)
        if not loss.isfinite():
            steps_skipped += 1
            continue
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        # No step is taken if a gradient is inf or nan.
        scaler.step(optimizer)
        scaler.update()
    return loss.item(), steps_skipped


# %% tags=["hide-input"]
batches = [(inputs[i::4].float(), labels[i::4]) for i in range(4)] * 25
broken = batches[0][0].clone()
broken[3, 5] = torch.nan
batches[50] = broken, batches[50][1]
torch.manual_seed(0)
parts = [nn.Linear(32, 64), nn.Tanh(), nn.Linear(64, 10)]
final, skipped = train(nn.Sequential(*parts), batches)
say(
    f"On the classifier's data, with a small network, {len(batches)} batches and a `nan` in one of them: batches left "
    f"out **{skipped}**, last loss **{final:.2f}**."
)

# %% [markdown]
# ## Going further
#
# ### How `GradScaler` searches
#
# *You see where torch's scale begins, how it backs off, and how long it waits before it grows.*

# %% tags=["hide-input"]
scaler = torch.amp.GradScaler("cpu")
say(
    f"It starts at $2^{{{math.log2(scaler.get_scale()):.0f}}}$, multiplies by "
    f"{scaler.get_backoff_factor()} after a bad step, and by "
    f"{scaler.get_growth_factor():.0f} after {scaler.get_growth_interval():,} good "
    "ones in a row."
)

# %% [markdown]
# ### A product that stalls
#
# *You see why a product of factors below 1 may stay above 0 for ever when each step is rounded.*
#
# The boxed rule is about the exact $c^n$, rounded once. Half of the smallest subnormal rounds to 0, but 0.9 times the smallest subnormal rounds back to itself. So a product that is *rounded after every factor* may never reach 0 when $c > 1/2$.

# %% tags=["hide-input"]
say(
    "The exact $0.9^n$ rounds to 0 from n = "
    f"{numerics.vanishing_depth(0.9, torch.float16)} on. After 10,000 rounded factors, "
    f"the product still stands at **{product / 2**-24:.0f}** times the smallest "
    "subnormal."
)

# %% [markdown]
# It stands there because $0.9 \cdot 4 = 3.6$ rounds to 4. (The sigmoid chain has $c < 1/2$, which is why it does reach 0.) Such a gradient is not zero, and it is not information either.
#
# ### Multiply and add, rounded once
#
# *You see what one rounding in place of two changes under cancellation, and where a float16 dot product loses its digits.*
#
# A matrix product is a great many multiply-adds. Most chips have one instruction for $a \cdot b + c$ that rounds **once**, after the addition: the fused multiply-add (FMA). Written as two operations, the product is rounded first.
#
# When does it matter? Under cancellation. Let $c$ be the rounded product with its sign turned. In two roundings, $a \cdot b + c$ is then exactly 0.
#
# :::{predict}
# And rounded once?
#
# - `a`: 0 as well
# - `b`: 0 for about half of the pairs
# - `c`: nearly never 0
# :::

# %%
torch.manual_seed(0)
a, b = torch.randn(2, 100_000)
c = -(a * b)
twice = a * b + c
once = (
    a.double() * b.double() + c.double()
).float()  # exact in float64, then rounded once

# %% tags=["hide-input"]
share = (once != 0).float().mean()
relative = (once.abs() / (a * b).abs()).max() / 2**-24
reveal(
    f"Not 0 in **{100 * share:.1f} %** of the cases, where two roundings give 0 in "
    f"{100 * (twice == 0).float().mean():.0f} %. What comes out is the rounding error of the product, exactly: at most "
    f"{relative:.2f} $u$ of it. So an FMA can compute what a rounding lost in one instruction. (The product is "
    f"exact in `float64`: of two 24-bit numbers it has at most {2 * 24} bits.)",
    right="a" if share == 0 else "c" if share > 0.9 else "b",
)

# %% [markdown]
# The same holds for 16-bit inputs, only more so: the product of two `float16` has at most 22 bits, so in `float32` it is exact. Matrix units use that: they multiply 16-bit numbers, and can add the products in `float32` {cite:p}`micikevicius2018`. What would happen if they added in `float16`? A dot product of 4,096 random numbers from 0 to 1, three ways, five seeds:


# %%
def in_float16(products):
    total = torch.zeros((), dtype=torch.float16)
    for exact in products:
        total = (total.double() + exact).half()
    return total


WAYS = {
    "products and sum in `float16`": lambda a, b: numerics.naive_sum(a * b),
    "products exact, sum in `float16`": lambda a, b: in_float16(
        a.double() * b.double()
    ),
    "products exact, sum in `float32`": lambda a, b: numerics.naive_sum(
        a.float() * b.float()
    ),
}


def dot_error(way, seed):
    a, b = torch.rand(2, 4096, generator=torch.Generator().manual_seed(seed)).half()
    true = a.double() @ b.double()
    return (abs(way(a, b).double() - true) / true).item()


# %% tags=["hide-input"]
errors = {
    name: [dot_error(way, seed) for seed in range(5)] for name, way in WAYS.items()
}
table(
    ["", "smallest relative error", "largest"],
    [
        [name, f"{min(found):.1e}", f"**{max(found):.1e}**"]
        for name, found in errors.items()
    ],
)

# %% [markdown]
# It is the sum that needs the bits, not the products: from 512 on half a gap of `float16` is 1/4, and every smaller product is lost, as in the sums of {doc}`sums-and-cancellation`.
#
# ### TF32 and eight bits
#
# *You see what each format's rounding costs the trained classifier's gradients, and which of two eight-bit formats suits them better.*
#
# More formats share the idea, and split the bits in other ways. TF32 is a `float32` whose products are taken with 10 bits of fraction only: the range of `float32`, the digits of `float16`. Two formats of 8 bits are in use {cite:p}`micikevicius2022`: E5M2 follows the formula of {doc}`floating-point`; E4M3 bends it and gives up infinities, so that its largest number is 448 instead of 240.
#
# A tensor whose numbers are so few needs a scale of its own. Take the trained classifier again. Multiply each tensor by the largest power of two that keeps it in range, round it, and compute the gradients of the weights from rounded activations and rounded gradients.
#
# :::{predict}
# E4M3 has 4 significant bits, so one rounding may be off by 1/16. How far off is the gradient of the worst layer's weights, a sum over 512 examples?
#
# - `a`: by about 50 %: the roundings add up
# - `b`: by about 5 %
# - `c`: by about 0.1 %: they average out
# :::


# %%
def rounded(x, name):
    if name == "TF32":
        return numerics.round_to(x.float(), 10).double()
    dtype = getattr(torch, name)
    scale = 2.0 ** math.floor(math.log2(torch.finfo(dtype).max / x.abs().max()))
    return (x * scale).to(dtype).double() / scale


def gradient_error(for_activations, for_gradients):
    activations = [inputs, *(x.tanh() for x in forward(layers, inputs)[:-1])]
    off = []
    for x, g, true in zip(activations, true_outputs, true_weights, strict=True):
        found = rounded(g, for_gradients).T @ rounded(x.detach(), for_activations)
        off.append(((found - true).norm() / true.norm()).item())
    return max(off)


# %% tags=["hide-input"]
SHORT = {
    "TF32": (8, 11),
    "float16": (5, 11),
    "bfloat16": (8, 8),
    "float8_e4m3fn": (4, 4),
    "float8_e5m2": (5, 3),
}
off = {name: gradient_error(name, name) for name in SHORT}
rows = []
for name, (w, p) in SHORT.items():
    info = torch.finfo(torch.float32 if name == "TF32" else getattr(torch, name))
    tiny = f"$2^{{{math.log2(info.smallest_normal) + 1 - p:.0f}}}$"
    rows.append(
        [
            f"`{name}`",
            f"{w}",
            f"{p}",
            f"{info.max:.4g}",
            tiny,
            f"**{100 * off[name]:.2g} %**",
        ]
    )
table(
    ["format", "$w$", "$p$", "largest", "smallest subnormal", "error of the gradient"],
    rows,
)

# %% tags=["hide-input"]
mixed = gradient_error("float8_e4m3fn", "float8_e5m2")
reveal(
    f"By **{100 * off['float8_e4m3fn']:.0f} %**: about as much as one rounding, neither more nor far less. With E4M3 "
    f"for the activations and E5M2 for the gradients, as its authors recommend it, it is {100 * mixed:.0f} %.",
    right="a"
    if off["float8_e4m3fn"] > 0.2
    else "b"
    if off["float8_e4m3fn"] > 0.01
    else "c",
)

# %% [markdown]
# That is the error of one gradient, not what it does to training: the noise of a minibatch may well be larger. With a scale for each tensor these gradients have no need of the range of E5M2, which is why E4M3 is the better of the two here. Where one scale must serve many tensors, or an old one serves the next step, range decides.
#
# ## Exercises
#
# ### Exercise 1: how deep before the gradient dies? (★)
#
# Each layer multiplies the gradient by exactly 1/4, the most that a sigmoid allows. The gradient starts at 1. After how many layers is it exactly 0 in `bfloat16`? (Its smallest subnormal is $2^{-133}$.)

# %%
answer = ...
check("1-numbers/gradient-depth", answer)

# %% tags=["remove-input"]
solution("1-numbers/gradient-depth")

# %% [markdown]
# ### Exercise 2: a step by chance (★★)
#
# A `bfloat16` weight stands at 1, and an update takes 0.001 off. The result is rounded by chance. With which probability does the weight move?

# %%
answer = ...
check("1-numbers/stochastic-step", answer)

# %% tags=["remove-input"]
solution("1-numbers/stochastic-step")

# %% [markdown]
# ### Exercise 3: choose a loss scale (★★★)
#
# Write `loss_scale(gradients)`. It gets the unscaled gradients as a `float32` tensor and returns the largest power of two $S$ for which no $S \cdot g$ exceeds the largest `float16`, 65,504, in size.


# %%
def loss_scale(gradients): ...


check("1-numbers/loss-scale", loss_scale)

# %% tags=["remove-input"]
solution("1-numbers/loss-scale")

# %% [markdown]
# ### An open experiment
#
# Train the classifier of this chapter with all weights in `bfloat16`, once rounded to nearest and once by chance (`numerics.round_stochastically` on the weights after each step), and a third time with `float32` weights. Use several seeds and several rates. At which rate does rounding to nearest stop learning, and does chance bring it back? There is no answer here.
#
# ## Summary
#
# - Keep the weights in `float32`: an update below half a gap is lost. Or round by chance, which is right on average and noisy.
# - `float16` needs a scaled loss because of its range; `bfloat16` has the range and pays with digits.
# - Products leave the range at a depth that you can compute, and one `nan` reaches every weight: test the loss before each step.
#
# ## References
#
# - {cite:t}`micikevicius2018`: mixed precision and loss scaling, with gradient histograms of real networks.
# - {cite:t}`kalamkar2019`: `bfloat16` for training.
# - {cite:t}`gupta2015`: training in 16 bits, where the way of rounding is crucial.
# - {cite:t}`croci2022`: what stochastic rounding can and cannot do.
# - {cite:t}`micikevicius2022`: the two formats of 8 bits.
