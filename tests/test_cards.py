"""The cards of the methods: whole, short, true to the library, and running as they are printed."""

import ast
import inspect
import math
import re

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from book.cards import FOLDER, OF_NETWORKS, PARTS, SEARCHING, card, cards, chosen_rates
from book.claims import claim_text
from book.display import one_screen, use_it
from book.errors import BookError
from book.optim.methods import METHODS
from book.optim.second_order import SECOND_ORDER
from book.project.comparison_file import load_comparison
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import evaluate
from tests.optim.references import GRIDS, apart, parameters, set_gradients

EACH = pytest.mark.parametrize("name", METHODS)
SECOND = (*OF_NETWORKS, *SEARCHING)
ALL = pytest.mark.parametrize("name", [*METHODS, *SECOND])
CASES = [(name, index) for name in METHODS for index in range(len(GRIDS[name][1]))]
STEPS = 200  # ours goes on for 1,000 beside torch, in tests/optim/test_oracles.py


def test_each_method_has_a_card_and_each_card_a_method():
    named = (*METHODS, *SECOND)
    assert {file.stem for file in FOLDER.glob("*")} == {name.lower() for name in named}
    assert {*SECOND} <= SECOND_ORDER.keys()


@ALL
def test_a_card_has_all_parts_and_no_other(name):
    found = card(name).parts
    assert tuple(found) == PARTS
    assert all(found.values())
    assert found["Formula"].startswith(r"$$\boxed{")
    assert found["Takes"].count("\n- ") == 2, "what it takes from its parents, in three lines"
    assert 2 <= found["Symptoms"].count("\n") - 1 <= (4 if name in SECOND else 3)


@ALL
def test_the_plain_code_is_short_and_imports_torch_alone(name):
    code, most = card(name).plain, 25 if name in SEARCHING else 15
    assert 10 <= len([line for line in code.splitlines() if line.strip()]) <= most
    imports = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imports] == ["import torch"]


def method_of(name):
    """The function that the card's plain code defines, and what else it leaves; it runs as it is printed."""
    space = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        exec(card(name).plain, space)
    return space[name.lower()], space


def options_of(function, name, index) -> dict:
    """A set of options of the grid, as far as the plain function has them."""
    lr, grid = GRIDS[name]
    options = {"lr": lr} | grid[index]
    named = inspect.signature(function).parameters
    return {key: float(value) if key == "lr" else value for key, value in options.items() if key in named}


@pytest.mark.long
@pytest.mark.parametrize(("name", "index"), CASES)
def test_the_plain_code_follows_ours_step_for_step(name, index):
    function, _ = method_of(name)
    options = options_of(function, name, index)
    plain, ours = parameters(), parameters()
    optimizer, state, paths = METHODS[name].make(ours, **options), {}, ([], [])
    for _ in range(STEPS):
        set_gradients(plain, False)
        set_gradients(ours, False)
        function(plain, *([state] if "state" in inspect.signature(function).parameters else []), **options)
        optimizer.step()
        for path, params in zip(paths, (plain, ours), strict=True):
            path.append([p.detach().clone() for p in params])
    assert apart(*paths) < 1e-12
    assert apart(paths[0][-1:], [parameters()]) > 1e-3, "it has moved"


@EACH
def test_what_the_plain_code_tries_comes_nearer_to_its_goal(name):
    _, space = method_of(name)
    if "model" not in space:
        assert name in ("AdaDelta", "Adam", "AdamW"), "no room for it in fifteen lines"
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        start = torch.nn.Linear(2, 1)
    inputs = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]])
    before, after = (
        (model(inputs) - inputs.sum(1, keepdim=True)).square().mean() for model in (start, space["model"])
    )
    assert after < before


@EACH
def test_the_loop_trains_with_the_method(name):
    space = {}
    exec(card(name).loop, space)
    data, _ = load("mnist")
    few = data[torch.arange(256)]
    model = mlp(784, 16, 10, seed=0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        loader = DataLoader(TensorDataset(few.inputs, few.labels), batch_size=32, shuffle=True)
        before, _ = evaluate(model, few)
        space["train"](model, loader, epochs=4)
    assert evaluate(model, few)[0] < 0.95 * before


@EACH
def test_the_loop_takes_torchs_class_where_there_is_one(name):
    twin = METHODS[name].twin
    theirs = getattr(twin, "func", twin)
    assert f"torch.optim.{theirs.__name__}(" in card(name).loop if twin else f" {name}(" in card(name).loop


@pytest.mark.long
@ALL
def test_claims_that_a_card_names_are_there(name):
    named = re.findall(r"claim (\w+)", " ".join(card(name).parts.values()))
    assert named == [claim for claim in named if claim_text(claim)]


def rows(name):
    return [line.strip("| ").split(" | ") for line in card(name).parts["First values"].splitlines()[2:]]


@EACH
def test_what_is_called_torchs_default_is_it(name):
    defaults = {key: p.default for key, p in inspect.signature(METHODS[name].make).parameters.items()}
    for option, value, because in rows(name):
        if match := re.search(
            r"torch's default(?: (\d[\d.e-]*))?|default of the paper and of torch", because
        ):
            assert ast.literal_eval(match[1] or value) == defaults[option.strip("`")], option


@EACH
def test_the_first_rate_is_near_those_that_the_comparison_chose(name):
    chosen = chosen_rates(name).values()
    assert len(chosen) == (2 if METHODS[name].chapter else 0)
    assert all(1 / 5 <= float(card(name).rate) / rate <= 5 for rate in chosen)


@pytest.mark.parametrize("task", ["mlp", "cnn"])
def test_what_the_cards_say_of_the_defaults_in_the_comparison(task):
    found = load_comparison(task)["results"]["rows"]
    means = {(row["method"], row["tuned"]): row["mean"] for row in found}
    lost = {method: means[method, True] - means[method, False] for method, tuned in means if tuned}
    assert min(lost, key=lost.get) == "adadelta"
    assert max(lost, key=lost.get) == "sgd"
    assert lost["rmsprop"] > 2


def longest_step(β1, β2):
    """Of Adam, in units of the rate, after long."""
    return (1 - β1) / math.sqrt((1 - β2) * (1 - β1**2 / β2))


def test_what_adams_card_says_of_its_longest_step():
    assert round(longest_step(0.9, 0.999)) == 7
    assert longest_step(0.9, 0.95) < 1.2


@ALL
def test_what_the_plain_code_asks_names_what_its_function_takes(name):
    function, _ = method_of(name)
    given = inspect.signature(function).parameters.values()
    named = re.findall(r"`(\w+)(?: = [^`]+)?`", card(name).asks)
    assert sorted(named) == sorted(one.name for one in given if one.default is one.empty)


@ALL
def test_what_a_chapter_shows_is_all_of_the_card(name):
    found, shown = card(name), one_screen(name).data + use_it(name).data
    assert [part for part in PARTS[:2] + PARTS[3:7] if found.parts[part] not in shown] == []
    assert found.plain in shown
    assert found.asks in shown
    assert found.loop in shown


def test_a_table_can_say_it_in_a_few_words():
    for found in (*cards(), *map(card, SECOND)):
        assert found.when.endswith(".")
        assert len(found.when) < 120
        assert 0 < len(found.tune) < 40


def test_a_method_that_is_not_there():
    with pytest.raises(BookError, match=r"There is no method 'Adan'; did you mean"):
        card("Adan")
