"""Conjugate directions in the browser: paths against the library's, sentences against the numbers."""

import itertools
import math
import random

import pytest
import torch

from book.calculus import best_rate
from book.explorers import ConjugateDirections
from book.explorers.conjugate_directions.widget import DEFAULTS
from book.optim.conjugate_gradient import conjugate_directions
from book.optim.newton import newton_direction
from tests.browser.facts import WHOLE, tells

pytestmark = pytest.mark.browser

TAG = ConjugateDirections.tag
THREE = {"digits": 3}
SHOWN = "given.map((state) => { const numbers = numbersOf(state); return [numbers, wordsOf(numbers)]; })"


def state_of(start, angle, lengths, steps=12) -> dict:
    return {"start": list(start), "angle": angle, "lengths": list(lengths), "steps": steps}


def turned(angle, u, v) -> list[float]:
    """A point that is given along the axes."""
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return [u * c - v * s, u * s + v * c]


def states() -> list[dict]:
    draw = random.Random(7)
    found = [dict(DEFAULTS), state_of((0, 0), 10, (2, 1)), state_of((1, 2), 40, (1.3, 1.3))]
    for _ in range(40):
        angle, lengths = draw.uniform(-180, 180), (draw.uniform(0.2, 2.9), draw.uniform(0.2, 2.9))
        found.append(state_of((draw.uniform(-3, 3), draw.uniform(-3, 3)), angle, lengths))
        a, b = lengths
        size = 2 / math.hypot(a * a, b * b)
        found.append(state_of(turned(angle, size * a * a, -size * b * b), angle, lengths))
        found.append(state_of(turned(angle, 0, draw.choice([-1, 1]) * 1.5), angle, lengths))
    return found


def bowl(state) -> torch.Tensor:
    c, s = (f(math.radians(state["angle"])) for f in (math.cos, math.sin))
    Q = torch.tensor([[c, -s], [s, c]], dtype=torch.float64)
    return Q @ torch.diag(torch.tensor(state["lengths"], dtype=torch.float64) ** -2) @ Q.T


def paths_of(state) -> dict[str, list[list[float]]]:
    """Every path: that of descent in plain steps, the others by the library's functions."""
    H, x = bowl(state), torch.tensor(state["start"], dtype=torch.float64)
    descent, g = [x], H @ x
    while len(descent) <= 40 and g.norm() > 1e-12 * (H @ x).norm():
        descent.append(descent[-1] - (g @ g) / (g @ H @ g) * g)
        g = H @ descent[-1]
    conjugate = [x]
    for visit, _ in zip(conjugate_directions(lambda v: H @ v, 0 * x, x), range(3), strict=False):
        if visit.direction is not None and visit.direction.norm() > 1e-12 * (H @ x).norm():
            conjugate.append(visit.x)
    newton = [x, x + newton_direction(H, H @ x, "none")] if x.any() else [x]
    found = {"descent": descent, "conjugate": conjugate, "newton": newton}
    return {name: [point.tolist() for point in path] for name, path in found.items()}


def factor_of(state) -> float | None:
    x, H = torch.tensor(state["start"], dtype=torch.float64), bowl(state)
    if not x.any():
        return None
    g = H @ x
    after = x - (g @ g) / (g @ H @ g) * g
    return ((after @ H @ after) / (x @ H @ x)).item()


def kappa_of(state) -> float:
    a, b = state["lengths"]
    return (max(a, b) / min(a, b)) ** 2


def worst_of(state) -> float:
    return ((kappa_of(state) - 1) / (kappa_of(state) + 1)) ** 2


def story_of(state) -> str:
    factor = factor_of(state)
    if factor is None:
        return "rest"
    if factor <= 1e-6:
        return "round" if state["lengths"][0] == state["lengths"][1] else "axis"
    return "worst" if factor >= 0.99 * worst_of(state) else "zigzag"


def needed_of(factor) -> int:
    if factor is None or factor <= 1e-6:
        return 0 if factor is None else 1
    count, left = 0, 1.0
    while left > 1e-6 * (1 + 1e-9):
        count, left = count + 1, left * factor
    return count


def angle_between(u, v, H) -> float:
    """In degrees, in the plane where the form of H is the square of a length."""
    u, v = (torch.tensor(w, dtype=torch.float64) for w in (u, v))
    cross = math.sqrt(torch.linalg.det(H)) * abs(u[0] * v[1] - u[1] * v[0]).item()
    return math.degrees(math.atan2(cross, (u @ H @ v).item()))


@pytest.fixture(scope="module")
def shown(run):
    return list(zip(states(), run(TAG, SHOWN, states()), strict=True))


def test_every_point_is_the_librarys(shown):
    assert len(shown) > 120
    for state, (numbers, _) in shown:
        for name, path in paths_of(state).items():
            mine = numbers["paths"][name]
            assert len(mine) == len(path) or (abs(len(mine) - len(path)) == 1 and name == "descent"), (
                state,
                name,
            )
            for point, wanted in zip(mine, path, strict=False):
                assert point == pytest.approx(wanted, abs=1e-9), (state, name)


def test_the_first_step_of_descent_is_the_best_one(shown):
    for state, (numbers, _) in shown[::5]:
        H, x = bowl(state), torch.tensor(state["start"], dtype=torch.float64)
        if x.any():
            rate = best_rate(lambda p, H=H: p @ H @ p / 2, x)
            wanted = (x - rate * (H @ x)).tolist()
            assert numbers["paths"]["descent"][1] == pytest.approx(wanted, abs=1e-9)


def test_every_number_is_the_librarys(shown):
    for state, (numbers, _) in shown:
        H = bowl(state)
        assert torch.allclose(torch.tensor(numbers["H"], dtype=torch.float64), H, rtol=1e-12, atol=1e-12)
        root = torch.tensor(numbers["root"], dtype=torch.float64)
        assert torch.allclose(root @ root, H, rtol=1e-12, atol=1e-12)
        assert (root == root.T).all()
        assert torch.linalg.eigvalsh(root)[0] > 0
        assert numbers["kappa"] == pytest.approx(torch.linalg.cond(H).item(), rel=1e-9)
        assert numbers["worst"] == pytest.approx(worst_of(state), abs=1e-9)
        factor = factor_of(state)
        assert (numbers["factor"] is None) == (factor is None)
        if factor is not None:
            assert numbers["factor"] == pytest.approx(factor, abs=1e-9)
            assert factor <= worst_of(state) + 1e-12
        for name, losses in numbers["losses"].items():
            points = torch.tensor(numbers["paths"][name], dtype=torch.float64)
            assert losses == pytest.approx((points @ H * points).sum(1).div(2).tolist(), abs=1e-9)
        steps = needed_of(factor)
        assert numbers["needed"] == {"descent": steps, "conjugate": min(2, steps), "newton": min(1, steps)}


def test_every_step_of_descent_leaves_the_same_share(shown):
    for _state, (numbers, _) in shown:
        losses = [
            loss for loss in numbers["losses"]["descent"] if loss > 1e-8 * numbers["losses"]["descent"][0]
        ]
        for before, after in itertools.pairwise(losses):
            assert after == pytest.approx(numbers["factor"] * before, rel=1e-6)


def test_turns_are_right_angles_where_they_should_be(shown):
    several = 0
    for state, (numbers, _) in shown:
        H, eye = bowl(state), torch.eye(2, dtype=torch.float64)
        assert numbers["turns"]["newton"] is None
        for name in ("descent", "conjugate"):
            path, turn = numbers["paths"][name], numbers["turns"][name]
            assert (turn is None) == (len(path) < 3)
            if turn is None or story_of(state) in ("axis", "round"):
                continue
            first, second = ([b - a for a, b in zip(*pair, strict=True)] for pair in (path[:2], path[1:3]))
            assert turn["seen"] == pytest.approx(angle_between(first, second, eye), abs=1e-6)
            assert turn["round"] == pytest.approx(angle_between(first, second, H), abs=1e-6)
            assert turn["round" if name == "conjugate" else "seen"] == pytest.approx(90, abs=1e-5)
            several += 1
    assert several > 120


PHRASES = {  # what is said in this story alone
    "rest": "The start is the minimum",
    "round": "The bowl is round",
    "axis": "from every point on an axis",
    "worst": "This is about the worst start",
    "zigzag": "The worst start for κ",
}


def told(state, numbers) -> list[tuple]:
    story, factor = story_of(state), factor_of(state)
    if story == "rest":
        return []
    if story in ("round", "axis"):
        return [(1, WHOLE)]
    turn = numbers["turns"]["conjugate"]
    end = [(turn["seen"], WHOLE), (90, WHOLE), (2, WHOLE), (1, WHOLE)]
    pace = [(90, WHOLE), (factor, THREE), (needed_of(factor), WHOLE)]
    return [*pace, (kappa_of(state), THREE), (worst_of(state), THREE), *end]


def test_every_sentence_tells_its_numbers(shown):
    seen = set()
    for state, (numbers, words) in shown:
        story = story_of(state)
        assert numbers["story"] == story, state
        assert {name for name, phrase in PHRASES.items() if phrase in words["story"]} == {story}
        assert tells(words["story"], told(state, numbers)), (state, words["story"])
        seen.add(story)
    assert seen == set(PHRASES)


def test_the_table_tells_its_numbers(shown):
    for state, (numbers, words) in shown:
        for name, turn in numbers["turns"].items():
            assert words[f"{name}_needed"] == str(numbers["needed"][name])
            for kind in ("seen", "round"):
                text = words[f"{name}_{kind}"]
                assert text == "–" if turn is None else tells(text, [(turn[kind], WHOLE)]), state
