"""Jacobian as a map: the browser agrees with autograd in hundreds of states, its words with its numbers."""

import math
import random
from functools import cache

import pytest
import torch
from torch import Tensor

from book.calculus import jacobian
from book.explorers import JacobianMap
from book.explorers.jacobian_map.widget import MAPS
from tests.browser.computed import computed
from tests.browser.facts import numbers_in, rounds

pytestmark = pytest.mark.browser

TAG = JacobianMap.tag
PIECES = 24  # of each edge of the square
W = torch.tensor([[1.2, -0.8], [0.5, 1.0]], dtype=torch.float64)
B = torch.tensor([0.2, -0.3], dtype=torch.float64)
OWN = [("polar", (r, 0.7), 0.1) for r in (0.3, 1.0, 2.5)]
OWN += [("square", (0.8, -0.6), 0.05), ("swirl", (0.7, -1.1), 0.2), ("shear", (0.7, -1.1), 0.2)]
OWN += [("pleat", (0.9, 0.1), 0.05), ("pleat", (0.75, 0.5), 0.05), ("pleat", (-0.5, 0.5), 0.05)]
OWN += [(name, tuple(known["start"]), 0.02) for name, known in MAPS.items()]
OWN += [("polar", (2.0, 0.5), 0.1), ("swirl", (0.9, 0.4), 0.7)]


def states() -> list[tuple]:
    """The telling ones; for each map start, corners, origin, and eighty random points and sides."""
    draw, found = random.Random(6), list(OWN)
    for name, known in MAPS.items():
        (x0, x1), (y0, y1) = known["box"]
        points = [tuple(known["start"]), (x0, y0), (x1, y1), (0.0, 0.0)]
        points += [(round(draw.uniform(x0, x1), 2), round(draw.uniform(y0, y1), 2)) for _ in range(80)]
        found += [(name, point, round(10 ** draw.uniform(-2, 0.17), 4)) for point in points]
    return found


@pytest.fixture(scope="module")
def shown(browser):
    """For each state what the browser computes, and what it writes."""
    given = [dict(zip(("map", "point", "side"), one, strict=True)) for one in states()]
    assert len(given) > 500
    return dict(zip(states(), computed(browser, TAG, given), strict=True))


def pair(u: Tensor, v: Tensor) -> Tensor:
    return torch.stack(torch.broadcast_tensors(u, v), -1)


def swirl(x: Tensor) -> Tensor:
    """x, turned about the origin by the angle |x|² / 2, as complex numbers."""
    z = torch.view_as_complex(x.contiguous())
    return torch.view_as_real(z * torch.exp(1j * x.square().sum(-1) / 2))


FUNCTIONS = {  # of x with shape (..., 2), written again from their formulas
    "polar": lambda x: x[..., :1] * pair(x[..., 1].cos(), x[..., 1].sin()),
    "square": lambda x: pair(x[..., 0] ** 2 - x[..., 1] ** 2, 2 * x[..., 0] * x[..., 1]),
    "swirl": swirl,
    "shear": lambda x: pair(x[..., 0] + 0.8 * (2 * x[..., 1]).sin(), x[..., 1]),
    "pleat": lambda x: pair(x[..., 0], x[..., 1] ** 3 - x[..., 0] * x[..., 1]),
    "layer": lambda x: (x @ W.T + B).tanh(),
}


def boundary(side: float) -> Tensor:
    """From the lower left corner anticlockwise, shape (96, 2)."""
    t = side * (torch.arange(PIECES).double() / PIECES - 0.5)
    h = torch.full_like(t, side / 2)
    return torch.cat([pair(*edge) for edge in ((t, -h), (h, t), (-t, h), (-h, -t))])


def images(f, J: Tensor, x: Tensor, side: float) -> tuple[Tensor, Tensor]:
    return f(x + boundary(side)), f(x) + boundary(side) @ J.T


@cache
def oracle(name: str, point: tuple, side: float) -> dict:
    """The same numbers by autograd, a singular value decomposition and the shoelace formula."""
    f, x = FUNCTIONS[name], torch.tensor(point, dtype=torch.float64)
    J = jacobian(f, x)
    (image, linear), smaller = images(f, J, x, side), images(f, J, x, side / 2)
    longest, shortest = torch.linalg.svdvals(J).tolist()
    u, v = image.T
    area = (u * v.roll(-1) - v * u.roll(-1)).sum().abs() / 2
    gap, half = ((a - b).norm(dim=1).max().item() for a, b in ((image, linear), smaller))
    pictures = {"value": f(x), "jacobian": J, "image": image, "linear": linear, "ring": x + boundary(side)}
    return {key: tensor.flatten().tolist() for key, tensor in pictures.items()} | {
        "det": torch.linalg.det(J).item(),
        "longest": longest,
        "shortest": shortest,
        "gap": gap,
        "half": half,
        "area": area.item() / side**2,
    }


def flat(value) -> list[float]:
    return [entry for part in value for entry in flat(part)] if isinstance(value, list) else [value]


def test_every_number_is_autograds(shown):
    for given, (numbers, _) in shown.items():
        for name, wanted in oracle(*given).items():
            found, wanted = torch.tensor([flat(numbers[name]), flat(wanted)], dtype=torch.float64)
            assert torch.allclose(found, wanted, rtol=1e-9, atol=1e-12), (given, name)


def test_which_story_is_told(shown):
    told = set()
    for (name, point, side), (numbers, _) in shown.items():
        wanted = oracle(name, point, side)
        share = wanted["gap"] / side / max(wanted["longest"], 1e-300)
        story = "lost" if wanted["shortest"] <= 1e-9 else "far" if share > 0.1 else "close"
        story = "mirrored" if story == "close" and wanted["det"] < 0 else story
        assert numbers["story"] == story, (name, point, side)
        assert story == "lost" or numbers["share"] == pytest.approx(share)
        told.add(story)
    assert told == {"lost", "far", "mirrored", "close"}


SAID = {
    "lost": "direction is lost",
    "far": "The square is large",
    "mirrored": "turned over",
    "close": "A good picture",
}


def test_the_sentence_names_the_story_and_its_numbers(shown):
    for given, (numbers, words) in shown.items():
        said, story = words["story"], numbers["story"]
        assert [key for key, text in SAID.items() if text in said] == [story], given
        wanted = [(100 * numbers["share"], 2)] if story in ("far", "close") else []
        falls = numbers["half"] > 1e-12 and story != "lost"
        wanted += [(numbers["gap"] / numbers["half"], 3)] if falls else []
        assert ("Halve the side" in said) == falls, given
        written = numbers_in(said)
        assert written == ["0"] if story == "lost" else len(written) == len(wanted), said
        if story != "lost":
            pairs = zip(written, wanted, strict=True)
            assert all(rounds(text, value, digits=digits) for text, (value, digits) in pairs), (said, wanted)


def test_the_facts_are_the_numbers_written_out(shown):
    for given, (numbers, words) in shown.items():
        texts = [text for row in words["J"] for text in row] + [
            words["det"],
            words["shortest"],
            words["longest"],
        ]
        values = [*flat(numbers["jacobian"]), numbers["det"], numbers["shortest"], numbers["longest"]]
        for text, value in zip(texts, values, strict=True):
            assert text == "0.000" if abs(value) < 1e-12 else rounds(text, value, digits=4), (
                given,
                text,
                value,
            )
        assert rounds(words["area"], numbers["area"], digits=3)
        assert rounds(words["gap"], numbers["gap"], digits=4)
        half, *ratio = words["half"].split(", ÷ ")
        assert rounds(half, numbers["half"], digits=4)
        assert len(ratio) == (numbers["half"] > 1e-12)
        assert all(rounds(text, numbers["gap"] / numbers["half"], digits=3) for text in ratio)


EXAMPLES = [
    (
        ("pleat", (0.75, 0.5), 0.05),
        "A direction is lost here: the shortest stretch is 0, and the linear image is a line "
        "or a point. To first order, a step that way changes nothing.",
    ),
    (("swirl", (0.9, 0.4), 0.7), "The square is large: its image strays from the parallelogram by "),
    (
        ("pleat", (0.9, 0.1), 0.05),
        "The determinant is negative: the image is turned over, and what ran anticlockwise "
        "runs clockwise. Halve the side, and the largest distance is divided by ",
    ),
    (
        ("square", (0.8, -0.6), 0.05),
        "A good picture: the image strays from the parallelogram by 1.3 % of the longest "
        "stretch of its side. Halve the side, and the largest distance is divided by 4.",
    ),
]


@pytest.mark.parametrize(("given", "said"), EXAMPLES)
def test_one_sentence_of_each_kind(shown, given, said):
    assert shown[given][1]["story"].startswith(said)


# --- known on paper --------------------------------------------------------------------------------------


@pytest.mark.parametrize("r", [0.3, 1.0, 2.5])
def test_polar_has_the_determinant_r_and_the_stretches_1_and_r(shown, r):
    numbers, _ = shown["polar", (r, 0.7), 0.1]
    assert numbers["det"] == pytest.approx(r)
    assert [numbers["shortest"], numbers["longest"]] == pytest.approx(sorted([1, r]))
    c, s = math.cos(0.7), math.sin(0.7)
    assert flat(numbers["jacobian"]) == pytest.approx([c, -r * s, s, r * c])


def test_the_complex_square_stretches_alike_in_all_directions_by_twice_the_modulus(shown):
    numbers, _ = shown["square", (0.8, -0.6), 0.05]
    assert [numbers["longest"], numbers["shortest"]] == pytest.approx([2.0, 2.0])
    assert numbers["gap"] == pytest.approx(0.05**2 / 2)  # |h|² for the corner h of the square


@pytest.mark.parametrize("name", ["swirl", "shear"])
def test_these_maps_keep_areas(shown, name):
    numbers, _ = shown[name, (0.7, -1.1), 0.2]
    assert numbers["det"] == pytest.approx(1)
    assert numbers["area"] == pytest.approx(1, rel=1e-3)


def test_the_pleat_turns_over_inside_its_parabola(shown):
    stories = [shown["pleat", point, 0.05][0]["story"] for point in ((0.9, 0.1), (0.75, 0.5), (-0.5, 0.5))]
    assert stories == ["mirrored", "lost", "close"]


@pytest.mark.parametrize("name", MAPS)
def test_the_distance_falls_as_the_square_of_the_side(shown, name):
    numbers, _ = shown[name, tuple(MAPS[name]["start"]), 0.02]
    assert numbers["gap"] / numbers["half"] == pytest.approx(4, rel=0.02)
