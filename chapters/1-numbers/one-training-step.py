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
# # One training step
#
# A network starts with weights that are wrong. One training step makes all of them a little less wrong at once, and nobody has to know the right ones.
#
# **You will**
#
# - compute one whole training step by hand, on a network of three weights;
# - recognise the same step in five lines of PyTorch;
# - find the four places of the training loop where its numbers can break.
#
# **You need** Python, and what a derivative is. $\partial L / \partial w$ is the derivative for $w$ while all else stands still, and along a chain of steps derivatives multiply. Only [Where a formula exists](#where-a-formula-exists), below *Going further*, takes matrices.
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $y$ | numbers | the input; the answer that is wanted |
# | $w = (w_1, w_2, w_3)$ | $(3,)$ | the weights |
# | $z$, $h$ | numbers | what the hidden unit receives, and what it passes on |
# | $\hat{y}$ | number | the prediction |
# | $L$ | number | the loss |
# | $\partial L / \partial w$ | as $w$ | how fast the loss grows with $w$ while all else stands still |
# | $g$ | $(3,)$ | the gradient: the three derivatives of the loss |
# | $\varepsilon$ | number | the size of a nudge |
# | $\eta$ | number | the learning rate |
# | $k$ | number | how many batches are added up |
# | $X$, $n$, $d$ | $(n, d)$ | examples as rows: $n$ of them with $d$ features |
# | $X^\top$ | $(d, n)$ | the transpose of $X$ |
# | $\lambda_{\max}$ | number | the largest eigenvalue of $X^\top X / n$ |
# :::

# %% tags=["hide-input"]
import torch

from book import results
from book.display import reveal, say, show, table
from book.exercises import check, solution
from book.figures import one_training_step as figures

# %% [markdown]
# ## A network that says 4
#
# Here is the smallest network that deserves the name. The number 2 goes in, and three weights work on it: the first multiplies, the second is added, and the third multiplies what comes out. In between, a negative number would become 0.

# %% tags=["hide-input"]
first, second, third = 0.5, 1.0, 2.0
comes_in = 2.0
summed = first * comes_in + second
passed = max(0.0, summed)
steps = [
    ("goes in", comes_in, ""),
    ("multiply, add", summed, f"first {first}, second {second:g}"),
    ("below 0: take 0", passed, ""),
    ("multiply", third * passed, f"third {third:g}"),
]
show(
    figures.weighed(steps),
    f"A chain of four boxes. A {comes_in:g} goes in; multiplied by the first weight, {first},"
    f" and added to the second, {second:g}, it is {summed:g} again; it is not below 0 and stays;"
    f" multiplied by the third weight, {third:g}, it comes out as {third * passed:g}.",
)

# %% [markdown]
# The network says 4. You wanted 1.
#
# :::{predict}
# You may turn one of the three weights down by 0.1. Which one brings the 4 down most?
#
# - `a`: the first, 0.5
# - `b`: the second, 1
# - `c`: the third, 2
# :::
#
# :::{answer} a
# The first: then the network says $(0.4 \cdot 2 + 1) \cdot 2 = 3.6$. With either of the others it says 3.8. The first weight is multiplied twice on its way: by the input and by the third weight.
# :::
#
# In a large network nobody sees that by looking. So write it down:
#
# $$\begin{aligned} z &= w_1 x + w_2, \\ h &= \max(0, z), \\ \hat{y} &= w_3 h. \end{aligned}$$
#
# The input is $x$, and the weights are $w_1, w_2, w_3$. The hidden unit $h$ is a *rectified linear unit* (ReLU): it passes a positive $z$ on and turns a negative one into 0. The output $\hat{y}$ is the network's **prediction**, and the answer that you want is $y$.

# %%
x, y = 2.0, 1.0
w = torch.tensor([0.5, 1.0, 2.0])


def forward(w, x):
    z = w[0] * x + w[1]
    h = z.clamp(min=0)
    return z, h, w[2] * h


z, h, prediction = forward(w, x)

# %% tags=["hide-input"]
say(f"In code, too, the network says **{prediction:.0f}**. You wanted {y:.0f}.")

# %% [markdown]
# How wrong is it? The **loss** turns a prediction and an answer into one number that is zero for a perfect prediction and grows with the mistake:
#
# $$L = \tfrac{1}{2} (\hat{y} - y)^2.$$
#
# Here $L = \frac{1}{2} (4 - 1)^2 = 4.5$.
#
# Three weights can be changed. Which should grow, which shrink, and how much? You could try: nudge one weight, run the network again, see whether the loss fell. That costs one run of the network for each weight. The networks that you use every day have billions of weights.
#
# ## Backward: every weight's share of the blame
#
# There is a way to get all the answers in one pass. Start at the loss and walk back through the network. At each stop, ask: *if this number grew by a tiny amount, how fast would the loss grow?* The answer is a derivative, and each follows from the one before it by the **chain rule**:
#
# $$
# \begin{aligned}
# \frac{\partial L}{\partial \hat{y}} &= \hat{y} - y = 3 \\
# \frac{\partial L}{\partial h} &= \frac{\partial L}{\partial \hat{y}} \, w_3 = 3 \cdot 2 = 6 \\
# \frac{\partial L}{\partial z} &= \frac{\partial L}{\partial h} \cdot \begin{cases} 1 & \text{if } z > 0 \\ 0 & \text{otherwise} \end{cases} = 6
# \end{aligned}
# $$
#
# Each weight meets the network at one place, and takes its share from there:
#
# $$
# \begin{aligned}
# \frac{\partial L}{\partial w_3} &= \frac{\partial L}{\partial \hat{y}} \, h = 3 \cdot 2 = 6, \\
# \frac{\partial L}{\partial w_1} &= \frac{\partial L}{\partial z} \, x = 6 \cdot 2 = 12, \\
# \frac{\partial L}{\partial w_2} &= \frac{\partial L}{\partial z} = 6.
# \end{aligned}
# $$
#
# The list of the three is the **gradient** $g = (12, 6, 6)$, a vector of the same shape as $w$.


# %%
def backward(w, x, y):
    z, h, prediction = forward(w, x)
    d_prediction = prediction - y
    d_z = d_prediction * w[2] * (z > 0)
    return torch.stack([d_z * x, d_z, d_prediction * h])


g = backward(w, x, y)

# %% tags=["hide-input"]
values = {
    "x": x,
    "z": z,
    "h": h,
    "prediction": prediction,
    "loss": (prediction - y) ** 2 / 2,
}
gradients = {
    "z": g[1],
    "h": (prediction - y) * w[2],
    "prediction": prediction - y,
    "loss": 1,
}
show(
    figures.network(values, gradients),
    "A chain of five boxes from x to the loss. Above them the forward values"
    f" {', '.join(f'{float(v):g}' for v in values.values())}; below them the derivatives"
    " of the loss, for z, h, the prediction and the loss"
    f" {', '.join(f'{float(v):g}' for v in gradients.values())}.",
)

# %% [markdown]
# Do not take the algebra on trust. Nudge each weight by $\varepsilon = 10^{-4}$ up and down, run the network both times, and divide the change of the loss by $2 \varepsilon$. This is the slow method from above, and it needs no chain rule at all.


# %%
def loss(w, x=x, y=y):
    return (forward(w, x)[2] - y) ** 2 / 2


nudges = 1e-4 * torch.eye(3, dtype=torch.float64)
w64 = w.double()
by_nudging = torch.stack([(loss(w64 + e) - loss(w64 - e)) / 2e-4 for e in nudges])

# %% tags=["hide-input"]
say(
    f"By the chain rule: {g.tolist()}. By nudging:"
    f" {[round(v, 4) for v in by_nudging.tolist()]}."
)

# %% [markdown]
# ## Update: one small step down
#
# A positive derivative says: this weight pushes the loss up. So lower it. All three are positive here. The **update** moves every weight against its own derivative,
#
# $$\boxed{\; w \leftarrow w - \eta \, g \;}$$
#
# where the **learning rate** $\eta$ (a number, `lr` in code) says how far. Take $\eta = 0.01$:
#
# $$\begin{aligned} w &\leftarrow (0.5 - 0.12, \; 1 - 0.06, \; 2 - 0.06) \\ &= (0.38, \; 0.94, \; 1.94). \end{aligned}$$
#
# :::{predict}
# The network said 4 and should say 1. What does it say after this one step?
#
# - `a`: more than 4
# - `b`: something between 1 and 4
# - `c`: less than 1
# :::

# %%
lr = 0.01
w_new = w - lr * g

# %% tags=["hide-input"]
after = forward(w_new, x)[2]
reveal(
    f"The prediction moves from {forward(w, x)[2]:.0f} to"
    f" **{forward(w_new, x)[2]:.3f}**, and the loss from {loss(w):.1f} to"
    f" **{loss(w_new):.3f}**. Better, and still wrong.",
    right="a" if after > 4 else "b" if after > 1 else "c",
)

# %% [markdown]
# So do it again. That is all that training is: **forward, loss, backward, update**, over and over.


# %%
def train(w, lr, steps):
    losses = [loss(w).item()]
    for _ in range(steps):
        w = w - lr * backward(w, x, y)
        losses.append(loss(w).item())
    return w, losses


w_end, losses = train(w, lr=0.01, steps=25)

# %% tags=["hide-input"]
show(
    figures.training_curve({"lr = 0.01": losses}),
    "The loss on a logarithmic axis falls at every one of 25 steps, from"
    f" {losses[0]:.1f} to {losses[-1]:.1e}.",
)

# %% [markdown]
# ## How far is too far?
#
# A step of 0.01 helped. Would a step five times as long help five times as much? The curve below takes *one* step from the same start, once for each learning rate, and shows the loss after it.
#
# :::{predict}
# What does the curve do on the far right, at the longest steps?
#
# - `a`: it rises without end
# - `b`: it turns round and falls to zero again
# - `c`: it becomes flat: a still longer step changes nothing
# :::

# %%
rates = torch.linspace(0, 0.12, 241)
after_one_step = torch.stack([loss(w - rate * g) for rate in rates])

# %% tags=["hide-input"]
show(
    figures.step_length(rates, after_one_step, taken=0.01),
    f"The loss after one step starts at {after_one_step[0]:.1f}, falls to zero near a"
    f" learning rate of {rates[after_one_step.argmin()]:.3f}, rises again until one"
    f" fifteenth, and stays at {after_one_step[-1]:.1f} for every longer step.",
)

# %% [markdown]
# :::{answer} c
# From $\eta = 1/15$ on the curve is flat: every longer step leaves the same loss.
# :::
#
# Three things happen on this curve, and each has a part of this book.
#
# - **Too short** (left): the loss falls, and you pay for many steps.
# - **Just right**: one rate solves this problem in one step, the smaller root of $(2 - 30\eta)(2 - 6\eta) = 1$, because after the step $z = 2 - 30\eta$ and $w_3 = 2 - 6\eta$. To find such a rate in general, you must know how the slope itself changes. That is *curvature*, in the parts on derivatives and on second-order methods.
# - **Too long** (right): from $\eta = 1/15$ on, the curve is flat. A flat curve has no slope. Look at what is left of the gradient there.

# %%
w_dead = w - 0.1 * g

# %% tags=["hide-input"]
say(
    f"After one step of 0.1 the weights are {[round(v, 2) for v in w_dead.tolist()]},"
    f" $z$ is **{forward(w_dead, x)[0]:.1f}** and the gradient is"
    f" {backward(w_dead, x, y).abs().tolist()}."
)

# %% [markdown]
# The hidden unit is *dead*. Its $z$ is negative, ReLU passes nothing on, and nothing comes back: with a gradient of zero, descent leaves the weights where they are, and the network goes on saying 0. No error was raised.
#
# Why one fifteenth? After a step of $\eta$ the hidden unit receives
#
# $$\begin{aligned} z &= (0.5 - 12 \eta) \cdot 2 + (1 - 6 \eta) \\ &= 2 - 30 \eta, \end{aligned}$$
#
# which is negative as soon as $\eta > 1/15$.
#
# ## The same step in PyTorch
#
# You will never write `backward` by hand again. PyTorch records what `forward` does and walks back through the record. The step that you did by hand becomes five lines, and you will find them in most training scripts.

# %%
weights = torch.tensor([0.5, 1.0, 2.0], requires_grad=True)
optimizer = torch.optim.SGD([weights], lr=0.01)

prediction = forward(weights, x)[2]  # forward
error = (prediction - y) ** 2 / 2  # loss
optimizer.zero_grad()  # forget the gradient of the step before
error.backward()  # backward: fills weights.grad
optimizer.step()  # update

# %% tags=["hide-input"]
say(
    f"`weights.grad` is {weights.grad.tolist()}, and the new weights are"
    f" {[round(v, 4) for v in weights.tolist()]}: the same as by hand,"
    f" {[round(v, 4) for v in w_new.tolist()]}."
)

# %% [markdown]
# ## Why not solve for the weights?
#
# You learned to find a minimum by setting the derivative to zero. Why step instead? There are two reasons.
#
# **First: there is mostly no formula, and no single answer.** Multiply $w_1$ and $w_2$ by 2 and divide $w_3$ by 2. The prediction is the same. So our three-weight network, with one example to learn, has a whole surface of solutions. Here are two of its weights, with $w_2 = 1$ held fixed. Every point of the green curve is a perfect solution. Descent starts at $(0.5, 2)$ and ends on the curve at the place that it reaches first.

# %% tags=["hide-input"]
grid = torch.linspace(-0.4, 2.6, 121)
w1, w3 = torch.meshgrid(grid, grid, indexing="xy")
path = [torch.tensor([0.5, 1.0, 2.0])]
for _ in range(60):
    path.append(
        path[-1] - 0.01 * backward(path[-1], x, y) * torch.tensor([1.0, 0.0, 1.0])
    )
show(
    figures.valley(
        loss(torch.stack([w1, torch.ones_like(w1), w3])),
        grid,
        torch.stack(path)[:, [0, 2]],
    ),
    "Contours of the loss over w1 and w3. A green curve of zero loss bends from the top"
    " left to the bottom right; the path of descent starts to its right and walks left"
    " until it meets the curve.",
)

# %% [markdown]
# **Second: where a formula exists, it can cost more than descent.** Least squares has one. With many weights it takes longer than descent does ([Where a formula exists](#where-a-formula-exists)).
#
# ## Where the loop breaks
#
# The loop has four stations. At each one, ordinary numbers can go wrong without an error message. Run all four failures now; each line is one real computation in `float32`, the type that PyTorch uses unless told otherwise.

# %%
one = torch.tensor(1.0)
forward_breaks = torch.exp(89 * one)
loss_breaks = torch.log(torch.softmax(torch.tensor([0.0, 200.0]), dim=0))[0]
backward_breaks = torch.prod(torch.full((50,), 0.1))
update_breaks = one + 1e-8 - one

# %% tags=["hide-input"]
say(f"""
- forward: $e^{{89}}$ is **{forward_breaks}**
- loss: the log of a tiny probability is **{loss_breaks}**
- backward: fifty factors of 0.1 multiply to **{backward_breaks}**
- update: adding $10^{{-8}}$ to a weight of 1 changes it by **{update_breaks}**
""")

# %% [markdown]
# None of the four is a bug in your code. All four are how numbers work in a computer, and all four have a cure. They are the map of the book: in {doc}`floating-point` you see why the four lines above come out as they do, {doc}`stable-softmax` mends the first two, {doc}`conditioning` says how long a step may be, and the parts to come take the last two stations apart.

# %% tags=["hide-input"]
stations = [
    ("forward", "overflow", "Part 1"),
    ("loss", "log of zero", "Part 1"),
    ("backward", "vanishing, exploding", "Parts 1, 2 and 5"),
    ("update", "too short, too long, wrong way", "Parts 3 and 4"),
]
show(
    figures.loop_map(stations),
    "The training loop as four boxes in a ring: forward, loss, backward, update. Under"
    " each what breaks there, above each the part of the book that mends it.",
)

# %% [markdown]
# ## Going further
#
# ### Which variant is this?
#
# *You see why a copied rate needs its loss, what a forgotten `zero_grad` does, and how to add up small batches.*
#
# **Where does the ½ go?** With $L = \frac{1}{2}(\hat{y} - y)^2$ the derivative is $\hat{y} - y$. `torch.nn.MSELoss` has no ½, so its gradient is twice as large, and the same learning rate takes a step twice as long. It also averages over the batch by default (`reduction="mean"`); a *sum* over a batch of 64 makes the step 64 times longer. When you copy a learning rate from a paper, copy its loss as well.
#
# **Why `zero_grad`?** PyTorch *adds* each new gradient to `weights.grad`. If you forget the line, you step along the sum of all gradients so far. Run both, and watch.


# %%
def train_with_torch(forget):
    weights = torch.tensor([0.5, 1.0, 2.0], requires_grad=True)
    optimizer, history = torch.optim.SGD([weights], lr=0.01), []
    for _ in range(26):
        error = loss(weights)
        history.append(error.item())
        if not forget:
            optimizer.zero_grad()
        error.backward()
        optimizer.step()
    return history


runs = {
    "with zero_grad": train_with_torch(forget=False),
    "without": train_with_torch(forget=True),
}

# %% tags=["hide-input"]
ahead = [a < b for a, b in zip(runs["without"], runs["with zero_grad"], strict=True)]
first = ahead.index(True)
show(
    figures.training_curve(runs),
    "With zero_grad the loss falls at every step. Without it the loss is lower at steps"
    f" {first} to {first + sum(ahead) - 1}, then jumps to {runs['without'][-1]:.2g} and"
    " stays there.",
)

# %% [markdown]
# You have seen this plateau before. The steps along the sum of all gradients grow longer and longer, one of them is too long, and the unit is dead.
#
# Adding gradients up is sometimes what you want: one step for several small batches. Mind the mean. The mean gradients of $k$ batches of equal size add up to $k$ *times* the mean gradient of the large batch, so divide each loss by $k$ before its `backward()`.

# %%
xs, ys = torch.tensor([2.0, 1.0, 3.0, 0.5]), torch.tensor([1.0, 2.0, 1.0, 0.0])
weights = torch.tensor([0.5, 1.0, 2.0], requires_grad=True)
(large,) = torch.autograd.grad(loss(weights, xs, ys).mean(), weights)
for batch in (slice(0, 2), slice(2, 4)):
    loss(weights, xs[batch], ys[batch]).mean().backward()

# %% tags=["hide-input"]
say(
    "Two batches added up, over one batch of both:"
    f" **{[round(v, 4) for v in (weights.grad / large).tolist()]}**."
)

# %% [markdown]
# ### Where a formula exists
#
# *You see descent and the normal equations race: counted in operations, then measured in seconds.*
#
# *Linear regression* is the famous case with a formula. Take $n$ examples with $d$ features each, in a matrix $X$ of shape $(n, d)$, and targets $y$ of shape $(n,)$. The $w$ of shape $(d,)$ with the least squared error solves the *normal equations*
#
# $$X^\top X \, w = X^\top y.$$
#
# Forming $X^\top X$ takes about $2nd^2$ operations (half as many if you use its symmetry) and solving takes about $\frac{1}{3}d^3$ (by Cholesky factorisation; {cite:t}`trefethen1997`, lecture 23). One step of descent multiplies by $X$ once and by $X^\top$ once, about $4nd$ operations. So descent may take $d/2$ steps before it has cost as much as forming $X^\top X$ alone.
#
# :::{predict}
# Which of the two is faster on a real processor?
#
# - `a`: descent, with 100 weights and with 1,000
# - `b`: the formula with 100 weights, descent with 1,000
# - `c`: the formula, with 100 weights and with 1,000
# :::

# %% tags=["hide-input"]
regression = results.load("regression")
rows = regression["results"]["rows"]
show(
    figures.regression_cost(rows),
    "Seconds against the number of weights, both axes logarithmic. The curve of the"
    " formula is the steeper one: it starts below the curve of descent and ends"
    " above it.",
)


# %% tags=["hide-input"]
def operations(row):  # of descent, in those of the formula
    d = row["features"]
    n = d * regression["results"]["examples_per_feature"]
    return row["steps"] * 4 * n * d / (2 * n * d**2 + d**3 / 3)


def times(row):
    return row["descent_seconds"] / row["formula_seconds"]


columns = ["weights", "steps", "operations, descent/formula", "time, descent/formula"]
cells = []
for row in rows:
    numbers = row["steps"], f"{operations(row):.2f}", f"**{times(row):.2f}**"
    cells.append([f"{row['features']:,}", *map(str, numbers)])
table(columns, cells)

# %% tags=["hide-input"]
small, large = (next(row for row in rows if row["features"] == d) for d in (100, 1000))
reveal(
    f"With 100 weights descent takes **{times(small):.2f}** times as long as the formula, with 1,000"
    f" **{times(large):.2f}** times. The count alone would have said {operations(small):.2f} and"
    f" {operations(large):.3f}: descent, twice.",
    right={(True, True): "a", (False, True): "b"}.get(
        (times(small) < 1, times(large) < 1), "c"
    ),
)

# %% tags=["hide-input"]
say(
    f"Measured with `{regression['command']}` ({regression['hardware']['processor']},"
    f" one core), to a relative error of {regression['results']['tolerance']:.0e}."
)

# %% [markdown]
# A product with a vector uses each number of $X$ once after fetching it; forming $X^\top X$ uses each many times. Counts of operations leave this out.
#
# The caveats matter. These features are random and independent, which keeps the problem *well conditioned*: a few dozen steps are enough. The targets have no noise, and the rate is the one that theory gives for such features, $1/\lambda_{\max}$ of $X^\top X / n$ in the limit of large $n$ and $d$, so no time went into finding it. The chapter {doc}`conditioning` shows a problem of only two weights on which descent needs thousands of steps, and one on which the formula loses every digit.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: another example (★)
#
# The same network, with the same weights $w = (0.5, 1, 2)$, now sees $x = 1$ and should answer $y = 1$. Compute $\partial L / \partial w_1$ by hand.

# %%
answer = ...
check("1-numbers/first-gradient", answer)

# %% tags=["remove-input"]
solution("1-numbers/first-gradient")

# %% [markdown]
# ### Exercise 2: the whole step (★★)
#
# Write `train_step(w, x, y, lr)`. It gets the three weights as a tensor of shape (3,), takes one training step on the loss $\frac{1}{2}(\hat{y} - y)^2$ and returns the new weights. Do it without autograd and without changing `w` itself.


# %%
def train_step(w, x, y, lr): ...


check("1-numbers/train-step", train_step)

# %% tags=["remove-input"]
solution("1-numbers/train-step")

# %% [markdown]
# ### Exercise 3: read the plot (★)
#
# Go back to the curve of the loss after one step. For every rate above $1/15$ the loss after the step is exactly 0.5. Why this value?
#
# - `a`: the loss has reached its minimum, and the minimum is 0.5
# - `b`: the hidden unit is dead, so the prediction is 0 and $\frac{1}{2}(0 - 1)^2 = 0.5$
# - `c`: the weights have overflowed, and the loss is cut off at 0.5
# - `d`: the weights return to where they started

# %%
answer = ...
check("1-numbers/flat-at-one-half", answer)

# %% tags=["remove-input"]
solution("1-numbers/flat-at-one-half")

# %% [markdown]
# ### Exercise 4: when does the formula lose? (★★)
#
# Linear regression with $n = 10{,}000$ examples and $d = 1{,}000$ features. Count $2nd^2 + \frac{1}{3}d^3$ operations for the formula and $4nd$ for one step of descent. How many steps of descent cost as much as the formula?

# %%
answer = ...
check("1-numbers/formula-or-descent", answer)

# %% tags=["remove-input"]
solution("1-numbers/formula-or-descent")

# %% [markdown]
# ### An open experiment (★★★)
#
# A rate that kills this network need not kill a wider one. Give the network ten hidden units with random weights, the same input and the same answer. How many of its units die in one step, as the rate grows, and does the network still learn? Write down what you expect, and from how many random starts you will judge. There is no answer here.
#
# ## Summary
#
# - A training step is four moves: forward, loss, backward, update. The backward pass gives the derivative of the loss for every weight at once.
# - The update is $w \leftarrow w - \eta g$. Too short wastes steps, too long can kill a unit for good, and what is right depends on the curvature.
# - We step instead of solving because there is mostly no formula, and because a formula can cost more. Each of the four moves can break on the numbers themselves, silently.
#
# ## References
#
# - {cite:t}`rumelhart1986`: the backward pass as the way to train networks with hidden units, in four pages.
# - {cite:t}`cauchy1847`: the first description of gradient descent, for the equations of astronomy.
# - {cite:t}`trefethen1997`: lecture 11 for least squares, lecture 23 for the cost of Cholesky factorisation.
# - {cite:t}`paszke2019`: how PyTorch records a computation and differentiates it.
