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
# # Floating point
#
# A computer keeps a number in 16, 32 or 64 bits, so it must round almost every result that it computes, and it rounds without telling you. In this chapter you learn where the numbers stand, and what happens between and beyond them.
#
# **You will**
#
# - read the bits of a float, and say how far away the next one is;
# - predict how far a counter counts, and where an exponential overflows;
# - bound the error of one rounding, the line on which all accuracy rests.
#
# **You need** {doc}`one-training-step`, powers of two and logarithms: $2^{10}$ is about a thousand, $2^{-k}$ is 1 divided by $2^k$, and $\log_2 x$ is the power to which you raise 2 to get $x$.
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $y$ | number | floats |
# | $w$, $p$ | whole numbers | a format's exponent bits, and its precision: the number of its significant bits |
# | $s$, $e$, $f$ | whole numbers | the three fields of a float: sign, exponent, fraction |
# | $b$ | whole number | the bias that is taken off the exponent |
# | $n$ | whole number | an integer; a format with gaps above 1 cannot hold each |
# | $k$ | whole number | a power of two: $2^k \le \lvert x \rvert < 2^{k+1}$ |
# | $\operatorname{ulp}(x)$ | number | the gap from $\lvert x \rvert$ to the next larger float |
# | $\circ$ | | one of $+, -, \times, /$ |
# | $\operatorname{fl}(x)$ | number | $x$ rounded to the nearest float |
# | $\delta$ | number | the relative error of one rounding |
# | $u = 2^{-p}$ | number | the unit roundoff, the largest $\lvert\delta\rvert$ |
# | $m$ | number | the smallest subnormal |
# | $z$ | $(n,)$ | the logits that a softmax gets |
# | $\varepsilon$ | number | machine epsilon: in PyTorch the gap from 1 to the next float |
# :::

# %% tags=["hide-input"]
import math
from decimal import Decimal

import torch

from book import numerics
from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.explorers import FloatBits
from book.figures import floating_point as figures

# %% [markdown]
# ## One number in sixteen bits
#
# Here is 3.14 in 16 bits. Each box is a bit, and a click flips it.
#
# - Flip the last bit. How far does the number move?
# - Type `3140`, and flip the last bit again. How far now?

# %% tags=["hide-input"]
FloatBits(value="3.14", dtype="float16")

# %% [markdown]
# The same bit moved 3.14 by two thousandths and 3140 by 2. So the numbers that a float can hold do not stand evenly. That has a consequence that you can run.
#
# (a-counter-that-stops-counting)=
# ## A counter to 3,000
#
# Start at 0 and add 1, three thousand times. You know the answer. PyTorch offers four formats, two of 16 bits (`float16` and `bfloat16`), one of 32 and one of 64. The largest `float16` is 65,504.
#
# :::{predict}
# What does the counter in `float16` do on its way to 3,000?
#
# - `a`: it arrives, for 3,000 is far below 65,504
# - `b`: it stops on the way and stays, without an error
# - `c`: it becomes `inf`
# :::

# %%
FORMATS = {n: getattr(torch, n) for n in ("float16", "bfloat16", "float32", "float64")}
counts = {}
for name, dtype in FORMATS.items():
    count, one = torch.zeros((), dtype=dtype), torch.ones((), dtype=dtype)
    counts[name] = [(count := count + one).item() for _ in range(3000)]

# %% tags=["hide-input"]
show(
    figures.counters(counts),
    "Four counters that add 1 three thousand times. Those in float32 and float64 "
    f"reach 3000; float16 is stuck at {counts['float16'][-1]:.0f} and bfloat16 at "
    f"{counts['bfloat16'][-1]:.0f}.",
)

# %% tags=["hide-input"]
reveal(
    f"It stops at **{counts['float16'][-1]:.0f}**, and the counter in `bfloat16` at "
    f"**{counts['bfloat16'][-1]:.0f}**. Neither is anywhere near its largest number, and there is no error, no "
    'warning, no `inf`. Replace "counter" by "running sum of the loss" or "weight that receives small '
    'updates", and you have a training run that silently stands still.',
    right="b" if counts["float16"][-1] == counts["float16"][-2] < 3000 else "a",
)

# %% [markdown]
# To see why, build a format so small that you can look at every number in it.
#
# ## A number line with gaps
#
# Take six bits: one for the **sign**, three for the **exponent**, two for the **fraction**. The exponent chooses a power of two, from 1/4 to 8. The fraction cuts the way from this power to the next one into equal steps.
#
# :::{predict}
# How many of these numbers lie from 1 up to (not including) 2? And from 4 up to 8?
#
# - `a`: 2, and 8
# - `b`: 4, and 4
# - `c`: 4, and 16
# :::

# %% tags=["hide-input"]
normal = [2.0**k * (1 + f / 4) for k in range(-2, 4) for f in range(4)]
subnormal = [2.0**-2 * f / 4 for f in range(4)]
show(
    figures.tiny_line(subnormal, normal),
    f"A number line from 0 to {max(normal):.0f} with {len(subnormal + normal)} marks, "
    "four in every interval between powers "
    "of two, so that the marks stand twice as far apart after each power. Enlarged "
    "below: from 0 to 1/4 four marks stand evenly.",
)

# %% [markdown]
# :::{answer} b
# Four, both times: two bits of fraction make four steps, whatever the power. So the gaps double at every power of two: 1/4 after 1, 1/2 after 2, 1 after 4, 2 after 8. A float has a fixed number of *significant digits*, not a fixed number of digits after the point. That is what "floating" means.
# :::
#
# Below the smallest power of two, the gaps stop shrinking. The numbers below 1/4 (pink) are the {term}`subnormals <subnormal>`: they fill the hole around 0 with even steps, and the closer to 0, the fewer significant digits are left.
#
# Take the six bits `0 101 10`. The sign is plus. The exponent field `101` is 5, and 3 is taken off, so that small powers fit as well: $2^{5-3} = 4$. The fraction `10` is 2 of 4 steps: $4 \cdot (1 + 2/4) = 6$.
#
# Now in general. A format has two sizes: $w$, the number of exponent bits, and $p$, its **precision**, the number of significant bits. Only $p - 1$ of them are stored, in the fraction; the first significant bit of a normal number is always 1 and costs nothing. The three fields are integers: the sign $s \in \{0, 1\}$, the exponent $e \in \{0, \dots, 2^w - 1\}$ and the fraction $f \in \{0, \dots, 2^{p-1} - 1\}$. With the bias $b = 2^{w-1} - 1$, the number is
#
# $$
# \boxed{\;
# \begin{aligned}
# &\text{normal, } 0 < e < 2^w - 1\text{:} \\
# &\quad x = (-1)^s \cdot 2^{e-b} \left(1 + \dfrac{f}{2^{p-1}}\right) \\
# &\text{zero and subnormal, } e = 0\text{:} \\
# &\quad x = (-1)^s \cdot 2^{1-b} \; \dfrac{f}{2^{p-1}}
# \end{aligned}
# \;}
# $$
#
# The exponent that is all ones is reserved: with $f = 0$ it means **infinity** (`inf`), with $f \neq 0$ it means {term}`nan`, "not a number". The tiny format has $w = 3$, $p = 3$ and $b = 3$.
#
# A formula is easy to get wrong by one. So decode *every* pattern of 16 bits, in both 16-bit formats, and compare with what PyTorch says the pattern means.


# %%
def decode(pattern, w, p):
    s, e = pattern >> (w + p - 1), (pattern >> (p - 1)) % 2**w
    f = pattern % 2 ** (p - 1)
    # e = 0: no leading 1, smallest power
    significand = f.double() / 2 ** (p - 1) + (e > 0)
    power = e.clamp(min=1).double() - (2 ** (w - 1) - 1)
    special = torch.where(f == 0, torch.inf, torch.nan)
    return (-1.0) ** s * torch.where(e < 2**w - 1, significand * 2.0**power, special)


# %% tags=["hide-input"]
patterns = torch.arange(2**16)
agree = {}
for name, w, p in (("float16", 5, 11), ("bfloat16", 8, 8)):
    stored = patterns.to(torch.int16).view(FORMATS[name]).double()
    meant = decode(patterns, w, p)
    agree[name] = ((meant == stored) | (meant.isnan() & stored.isnan())).sum()
say(
    " ".join(f"`{n}`: **{k:,}** of {2**16:,} patterns agree." for n, k in agree.items())
)

# %% [markdown]
# The four formats of PyTorch are this formula with four pairs $(w, p)$. Three of them, `float16`, `float32` and `float64`, are standard IEEE 754 formats {cite:p}`ieee754`. The fourth, `bfloat16`, is not in the standard: it is a `float32` of which only the first 16 bits are kept (PyTorch rounds to the nearest instead of cutting), and it was made for neural networks {cite:p}`kalamkar2019`.

# %% tags=["hide-input"]
rows, matches = [], 0
for name, w, p in zip(FORMATS, (5, 8, 8, 11), (11, 8, 24, 53), strict=True):
    info, low = (
        torch.finfo(FORMATS[name]),
        2 - 2 ** (w - 1),
    )  # 2^low: the smallest normal
    largest = 2.0 ** (1 - low) * (2 - 2.0 ** (1 - p))
    smallest, lowest = 2.0**low, 2.0 ** (low + 1 - p)
    found = info.max, info.smallest_normal, info.smallest_normal * info.eps
    matches += sum(
        a == b for a, b in zip((largest, smallest, lowest), found, strict=True)
    )
    ends = f"{smallest:.3g} = $2^{{{low}}}$", f"{lowest:.2g} = $2^{{{low + 1 - p}}}$"
    rows.append(
        [
            f"`{name}`",
            f"{w}",
            f"{p}",
            f"{largest:.5g}",
            *ends,
            f"{p * math.log10(2):.1f}",
        ]
    )
columns = [
    "format",
    "$w$",
    "$p$",
    "largest",
    "smallest normal",
    "smallest subnormal",
    "digits",
]
say(
    table(columns, rows).data
    + f"\n\nOf the {3 * len(FORMATS)} ends by the formula, **{matches}** are equal to those of `torch.finfo`."
)

# %% [markdown]
# The last column is $p \log_{10} 2$, the precision in decimal digits. The two 16-bit formats spend the same budget differently. `float16` buys digits and pays with range; `bfloat16` keeps the range of `float32` and pays with digits.
#
# ### One tenth
#
# Here is one number, 0.1, in all four formats. A box in full colour is a 1, a faint one a 0.
#
# :::{predict}
# In which of the four is 0.1 stored exactly?
#
# - `a`: in all
# - `b`: in `float64` alone
# - `c`: in none
# :::

# %% tags=["hide-input"]
tenth = {name: numerics.bits(0.1, dtype) for name, dtype in FORMATS.items()}
show(
    figures.strips(
        {name: (b.sign, b.exponent, b.fraction) for name, b in tenth.items()},
        {name: f"= {Decimal(b.value)}" for name, b in tenth.items()},
    ),
    "The bits of 0.1 in four formats, aligned where the fraction begins. After the "
    "exponent the pattern 1001 repeats until each format runs out of bits; none of "
    "the four values is exactly 0.1.",
)

# %% tags=["hide-input"]
exactly = sum(Decimal(b.value) == Decimal("0.1") for b in tenth.values())
reveal(
    f"In **{exactly}** of the {len(tenth)}; below each strip stands the number that is stored instead, to its "
    "last digit. In base two, one tenth is a fraction that repeats for ever, as one third does in base ten. "
    "Wherever a format cuts it off, something is left over. What is stored is the nearest float, and Python "
    "prints `0.1` only because that is the shortest decimal that leads back to it.",
    right="c" if exactly == 0 else "b",
)

# %% [markdown]
# Now take one in your hands again. Type a number, flip its bits, change the format.
#
# - Set the exponent of 1 to all ones. Then set any bit of the fraction.
# - Type `2048` in `float16`, then `2050`. Which float lies between them?
# - Type `1e-7` in `float16`. How many significant bits are left?

# %% tags=["hide-input"]
FloatBits(value="1", dtype="float16")

# %% [markdown]
# ## Rounding, and the size of a gap
#
# The exact result of $x + y$, $x - y$, $x \times y$, $x / y$ or $\sqrt{x}$ mostly falls between two floats. IEEE 754 promises, unless you ask for another mode, that you get the nearer one. When the result lies exactly in the middle, the tie goes to the float whose last bit is 0, called *even*. Neighbouring ties go opposite ways, so that they do not push a long sum to one side.
#
# From 2048 on, `float16` has a gap of 2: 2048, 2050, 2052, … So every odd number there is a tie.
#
# :::{predict}
# To which floats do 2049 and 2051 go?
#
# - `a`: both down, to 2048 and 2050
# - `b`: both up, to 2050 and 2052
# - `c`: to 2048 and 2052
# - `d`: both to 2050
# :::

# %%
exact = [float(n) for n in range(2048, 2061)]
rounded = torch.tensor(exact).half().tolist()

# %% tags=["hide-input"]
show(
    figures.rounding(exact, rounded),
    f"Arrows from the integers {exact[0]:.0f} to {exact[-1]:.0f} to the nearest float16. "
    "Even integers stay. Each odd one is a tie and goes to the neighbour with an even "
    f"last bit: {exact[1]:.0f} to {rounded[1]:.0f}, {exact[3]:.0f} to {rounded[3]:.0f}, "
    "and so on.",
)

# %% tags=["hide-input"]
ways = {(2048, 2050): "a", (2050, 2052): "b", (2048, 2052): "c", (2050, 2050): "d"}
reveal(
    f"{exact[1]:.0f} goes to **{rounded[1]:.0f}** and {exact[3]:.0f} to **{rounded[3]:.0f}**. There is your stuck counter: it holds "
    f"2048, you add 1, the exact sum is a tie, and the tie goes back to {rounded[1]:.0f}.",
    right=ways[rounded[1], rounded[3]],
)

# %% [markdown]
# In general a counter stops at $2^p$, where the gap becomes 2 for the first time: $2^{11} = 2048$ in `float16`, $2^8 = 256$ in `bfloat16`. Both agree with the picture of the counters.
#
# The gap has a name: {term}`ulp`, *unit in the last place*. For a normal number $x$ with $2^k \le |x| < 2^{k+1}$, the fraction cuts the interval into $2^{p-1}$ steps, so
#
# $$\operatorname{ulp}(x) = 2^{k - (p - 1)}.$$
#
# Here is how the library measures it, by going to the next float and subtracting (the decorator only checks the argument).

# %% tags=["hide-input"]
show_source(numerics.ulp)

# %% tags=["hide-input"]
lowest, highest = (-24, -133, -149, -160), (16, 128, 128, 141)
curves = {}
for name, low, high in zip(FORMATS, lowest, highest, strict=True):
    powers = torch.arange(low, high, dtype=torch.float64)
    curves[name] = powers, numerics.ulp((2.0**powers).to(FORMATS[name])).double().log2()
show(
    figures.spacing(curves),
    "The gap to the next float against the size of the number, in powers of two. "
    "Each format is a staircase of slope 1. The 16-bit formats and float32 are flat at "
    "their lower ends and stop at a dot; float64 goes on beyond the picture, at both ends. "
    "bfloat16 lies 16 powers above float32; float16 is a short piece.",
)

# %% [markdown]
# Each line is a staircase with one step per power of two, too small to see here. Read along the dotted line. Where the line of a format is on it or below it, the format holds every integer of that size; above it, the format cannot tell $n$ from $n + 1$. At its lower left, a line goes flat: those are the subnormals, whose gap no longer shrinks. `float64` goes on beyond the picture, at both ends.
#
# ### How wrong is one rounding?
#
# The nearest float is at most half a gap away: $2^{k-p}$. The number itself is at least $2^k$. Divide, and the power $2^k$ cancels. So the *relative* error of one rounding has the same bound everywhere in the normal range, called the {term}`unit roundoff` $u = 2^{-p}$:
#
# $$
# \boxed{\;
# \begin{aligned}
# &\operatorname{fl}(x \circ y) = (x \circ y)(1 + \delta), \\
# &|\delta| \le u = 2^{-p}
# \end{aligned}
# \;}
# $$
#
# Here $\circ$ is one of the operations above, $\operatorname{fl}$ is what the computer returns, and $\delta$ is the relative error. It holds as long as the result neither overflows nor becomes subnormal. Nearly every statement about accuracy in this book is built on this one line.
#
# Test it: two `float32` have 24 significant bits each, so their product has at most 48 and is exact in `float64`. Multiply 200,000 random pairs both ways.
#
# :::{predict}
# The largest relative error that you find, measured in $u$, is
#
# - `a`: far below 1, as the worst case is rare
# - `b`: just about 1
# - `c`: now and then above 1
# :::

# %%
torch.manual_seed(0)
x, y = torch.rand(2, 200_000)
exact = x.double() * y.double()
delta = ((x * y).double() - exact).abs() / exact.abs()
u = 2.0**-24

# %% tags=["hide-input"]
largest = delta.max() / u
above = 2 * exact[delta.argmax()].abs().frexp().mantissa
reveal(
    f"The largest $|\\delta|$ is **{largest:.3f}** $u$, the mean {delta.mean() / u:.2f} $u$; "
    f"{(delta > u).sum()} of 200,000 exceed $u$. The largest was at {above:.4f} times a power of two: just above "
    "a power of two the gap is largest beside the number.",
    right="c" if largest > 1 else "b" if largest > 0.9 else "a",
)

# %% [markdown]
# The promise covers $+, -, \times, /, \sqrt{\ }$. It does *not* cover `exp`, `log`, `cos` or `tanh`: the standard recommends that they be rounded correctly, and libraries typically deliver an error of an ulp or so. That is one reason why a CPU and a GPU may differ in the last digit.
#
# ## Off the ends
#
# A float has two ends. Beyond the largest number there is {term}`overflow`: the result is `inf`. Near 0 there is {term}`underflow`: the result loses digits as a subnormal, then becomes 0.
#
# The exponential gets to both ends quickly, and softmax is made of exponentials. When is $e^x$ too large? When $x > \ln(\text{largest})$. When is it 0? When $e^x$ is at most half of the smallest subnormal, call it $m$: in the middle, the tie goes to the even neighbour, which is 0. So $x \le \ln(m/2)$.
#
# :::{predict}
# The range of `float64` is enormous, up to $1.8 \cdot 10^{308}$. Up to which $x$ does $e^x$ fit?
#
# - `a`: about 70
# - `b`: about 700
# - `c`: about 70,000
# - `d`: about $10^{300}$
# :::

# %% tags=["hide-input"]
limits, probes = {}, []
for name, dtype in FORMATS.items():
    info = torch.finfo(dtype)
    zero = math.log(2) * (math.log2(info.smallest_normal * info.eps) - 1)
    limits[name] = zero, math.log(info.smallest_normal), math.log(info.max)
    ends = torch.tensor([[zero], [limits[name][2]]]) + torch.tensor([-0.5, 0.5])
    low, high = ends.to(dtype).exp()
    probes += [low[0] == 0, low[1] > 0, high[0].isfinite(), high[1].isinf()]
show(
    figures.exp_range(limits),
    "For each format a bar of the x where exp(x) is neither 0 nor inf: "
    + ", ".join(f"{name} from {a:.1f} to {b:.1f}" for name, (a, _, b) in limits.items())
    + "; pale where subnormal.",
)

# %% tags=["hide-input"]
wide, short = limits["float64"], limits["float16"]
reveal(
    f"Only up to **{wide[2]:.1f}**. (The pale part of a bar is where $e^x$ is subnormal.) The exponential turns "
    f"the whole astronomic range of `float64` into the interval from {wide[0]:.0f} to {wide[2]:.0f}, and that of "
    f"`float16` into a poor {short[0]:.1f} to {short[2]:.1f}: a single logit of {math.ceil(short[2])} overflows it. Half a unit inside "
    f"and outside of all eight ends, `torch.exp` does as predicted in {sum(probes)} of {len(probes)} cases.",
    right="b" if 350 < wide[2] < 1400 else "c",
)

# %% [markdown]
# Overflow, too, is a rounding. The largest `float16` is 65,504, and the next one would be 65,536. So 65,519 still rounds down to 65,504, and 65,520, the middle, becomes `inf`.
#
# From `inf` it is one step to `nan`. Infinity follows the rules of limits as far as it can: $1/\infty = 0$, $\infty + 1 = \infty$. Where limits give no answer, as for $\infty - \infty$, $0 \cdot \infty$ and $\infty / \infty$, the result is `nan`. That is what happens to a softmax written as the textbook writes it, $e^{z_i} / \sum_j e^{z_j}$.

# %%
z = torch.tensor([1000.0, 990.0, 980.0])
naive_softmax = z.exp() / z.exp().sum()

# %% tags=["hide-input"]
edge = torch.tensor([65519.0, 65520.0]).half().tolist()
inf, nan = torch.inf, torch.nan
say(f"""
- 65519 and 65520 in `float16`: **{edge}**
- `inf - inf`, `0 * inf`, `inf / inf`: **{inf - inf}**, **{0 * inf}**, **{inf / inf}**
- `nan == nan`: **{nan == nan}**
- `exp` of {z.tolist()}: **{z.exp().tolist()}**
- naive softmax: **{naive_softmax.tolist()}**
""")

# %% tags=["hide-input"]
infinite, lost = z.exp().isinf().sum(), naive_softmax.isnan().sum()
evidence(
    "N1",
    "holds",
    f"{lost} of the {len(z)} outputs of the naive softmax are nan.",
    "Never exponentiate a logit as it comes: subtract the largest first, or call the framework's softmax.",
    f"The largest float32 is {torch.finfo(torch.float32).max:.4e}; {infinite} of the {len(z)} exponentials of "
    "1000, 990 and 980 are inf.",
)

# %% [markdown]
# The true answer is perfectly ordinary: about (0.99995, 0.00005, 0.000000002). Nothing is wrong with the question, only with the way through it. {doc}`stable-softmax` finds another way.
#
# ## Use it
#
# | You see | It is | Do |
# |:--|:--|:--|
# | a count or an average that stands still | a sum that outgrew its terms: you add at most half a gap | count in integers; sum in `float32` or `float64` |
# | `==` that is never true | two roundings of one number | `torch.isclose`, with a tolerance of a few $u$ times the size |
# | `inf`, then `nan` | an exponential, a square or a quotient beyond the largest number | subtract the largest, or work with logarithms |
# | small values that became 0 | underflow in 16 bits | another format, or a scale ({doc}`sixteen-bits`) |
# | results that differ in the last digit between machines | another order of the sum, another `exp` | nothing; compare within a tolerance |
#
# Before you cast a tensor to fewer bits, ask what the cast would do to it. This runs without the book:


# %%
def what_a_cast_does(x, dtype):
    before, after = x[x != 0].double(), x[x != 0].to(dtype)
    smallest = torch.finfo(dtype).smallest_normal
    return {
        "become 0": (after == 0).double().mean(),
        "become subnormal": ((after != 0) & (after.abs() < smallest)).double().mean(),
        "become inf": (after.isinf() & before.isfinite()).double().mean(),
    }


# %% tags=["hide-input"]
torch.manual_seed(0)
values = 10 ** (4 * torch.randn(10_000))
shares = {n: what_a_cast_does(values, FORMATS[n]) for n in ("float16", "bfloat16")}
table(
    ["10,000 numbers spread over many powers of ten", *shares["float16"]],
    [
        [f"`{n}`", *(f"{100 * share:.0f} %" for share in found.values())]
        for n, found in shares.items()
    ],
)

# %% [markdown]
# ## Going further
#
# ### Which variant is this?
#
# *You see which of three machine epsilons torch reports, and where the definitions of an ulp part ways.*
#
# Two words of this chapter have more than one meaning in print.
#
# **{term}`Machine epsilon <machine epsilon>`.** `torch.finfo(torch.float32).eps` is $2^{-23}$, the gap from 1 to the next float. Textbooks on numerical analysis mostly use the unit roundoff $u = 2^{-24}$, half of it {cite:p}`higham2002`. LAPACK's `DLAMCH('E')` returns *that* one. A third definition, "the smallest $\varepsilon$ with $1 + \varepsilon > 1$", is neither: $1 + 2^{-24}$ is a tie and goes back to 1, but anything larger goes up.
#
# **ulp.** Next to a power of two the gap below is half of the gap above, so "the gap at 1" is ambiguous. {cite:t}`goldberg1991` counts in units of the last digit as the number itself is written, which gives the gap above. Kahan takes the gap between the two floats nearest to $x$, even if $x$ is one of them: 1 and the float just below it, so half as much. {cite:t}`muller2005` compares these and more. `numerics.ulp` is the gap above, as in `math.ulp` of Python. The three differ only at powers of two and just beside them, by a factor of two.

# %% tags=["hide-input"]
one = torch.tensor(1.0)
above, below = torch.nextafter(one, 2 * one) - one, one - torch.nextafter(one, 0 * one)
tie = torch.tensor(2.0**-24)
up = [(one + x > one).item() for x in (tie, torch.nextafter(tie, one))]
say(f"""
- gap above 1: $2^{{{above.log2():.0f}}}$ (`numerics.ulp`, Goldberg's ulp, `torch.finfo.eps`)
- gap below 1: $2^{{{below.log2():.0f}}}$ (Kahan's ulp at 1, and in size the unit roundoff)
- $1 + 2^{{-24}} > 1$: **{up[0]}**; with the next float after $2^{{-24}}$: **{up[1]}**
""")

# %% [markdown]
# ### Why subnormals exist
#
# *You see which guard against a division by zero fails without them, and which chips and compilers switch them off.*
#
# Without the subnormals, the numbers next to 0 would be $\pm$ the smallest normal, with a hole in between. Take $x$ and $y$ a little above that number. Their difference would fall into the hole and become 0, although $x \neq y$. A guard such as `if x != y: return 1 / (x - y)` would then divide by zero. With subnormals, $x - y = 0$ only if $x = y$.
#
# Some hardware and some settings flush subnormals to 0 because they are slow or need more circuits. `torch.set_flush_denormal(True)` does it on a CPU. Subtract neighbours just above the smallest normal `float32`, once each way.
#
# :::{predict}
# Of the 999 differences between unequal neighbours, how many are 0 when subnormals are flushed?
#
# - `a`: none
# - `b`: about half
# - `c`: all
# :::

# %%
first = torch.tensor(2.0**-126).view(
    torch.int32
)  # neighbours have neighbouring patterns
x = torch.arange(1000, dtype=torch.int32).add(first).view(torch.float32)
differences = {}
for flush in (False, True):
    torch.set_flush_denormal(flush)
    differences[flush] = x[1:] - x[:-1]
torch.set_flush_denormal(False)
zeros = {flush: (found == 0).sum().item() for flush, found in differences.items()}

# %% tags=["hide-input"]
reveal(
    f"Of {len(x) - 1} differences of unequal neighbours, **{zeros[False]}** are 0 by the standard, and "
    f"**{zeros[True]}** when subnormals are flushed.",
    right="c" if zeros[True] == len(x) - 1 else "a" if zeros[True] == 0 else "b",
)

# %% [markdown]
# Whether you have subnormals is a property of the hardware, the instruction and the compiler flags, not of the format. NVIDIA's compiler flushes those of `float32` under `--use_fast_math`; the matrix units of AMD's MI200 flush those of `float16` and `bfloat16` {cite:p}`amd_mi200`. In `float16` it matters most: $2^{-14} \approx 6 \cdot 10^{-5}$ is its smallest normal number, and many gradients are below it ({doc}`sixteen-bits`).
#
# ## Exercises
#
# ### Exercise 1: the largest count (★)
#
# The counter of the first picture, now in `float32`: it starts at 0 and adds 1 at every step. At which number does it stop for ever?

# %%
answer = ...
check("1-numbers/float32-counter", answer)

# %% tags=["remove-input"]
solution("1-numbers/float32-counter")

# %% [markdown]
# ### Exercise 2: a time stamp (★★)
#
# A log keeps the time of each event in `float32`, as seconds since 1970: about 1,800,000,000 now. How many seconds lie between one time that it can store and the next?

# %%
answer = ...
check("1-numbers/time-stamp", answer)

# %% tags=["remove-input"]
solution("1-numbers/time-stamp")

# %% [markdown]
# ### Exercise 3: the gap of any format (★★★)
#
# Write `gap(x, w, p)`. It gets a number $x > 0$ inside the range of a format with $w$ exponent bits and precision $p$, and returns the distance from $x$ to the next larger number, as a Python float. Mind the subnormals, where the gap no longer shrinks.


# %%
def gap(x, w, p): ...


check("1-numbers/gap-of-a-format", gap)

# %% tags=["remove-input"]
solution("1-numbers/gap-of-a-format")

# %% [markdown]
# ### An open experiment
#
# Take a trained network of yours and cast each of its tensors to `float16` and to `bfloat16` and back: weights, activations, gradients. `what_a_cast_does` says what each loses. Which format would you choose for which tensor, and does the accuracy on the test set agree with your choice? There is no answer here; {doc}`sixteen-bits` does the same with one network.
#
# ## Summary
#
# - A float is a power of two times a fraction with $p$ significant bits. The gaps double at each power of two, and what is added below half a gap is lost.
# - One rounding costs at most $u = 2^{-p}$ relative to the result. That holds in the normal range, for $+, -, \times, /$ and the root.
# - The ends are near: $e^x$ overflows `float64` above 709.8 and `float16` above 11.1, and from `inf` it is one step to `nan`.
#
# What many roundings do together is next: {doc}`sums-and-cancellation`. What 16 bits do to a training run comes after: {doc}`sixteen-bits`.
#
# ## References
#
# - {cite:t}`goldberg1991`: the classic introduction, with proofs of what was only tested here.
# - {cite:t}`higham2002`: chapters 1 and 2, on rounding and on the model that the boxed line is.
# - {cite:t}`muller2018`: the handbook, when you need to know exactly what the hardware promises.
# - {cite:t}`kalamkar2019`: `bfloat16` for training.
