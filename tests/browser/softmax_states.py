"""Logits in each format, and what the browser computes and writes for them."""

import random

from book.explorers import SoftmaxStress
from book.explorers.shared.formats import FORMATS
from tests.browser.computed import computed

ROWS = [[1000, 990, 980], [-1000, -990, -980], [0, -5, -120], [11, 11, 11], [2, 1, 0], [0, 0], [88.7, 88.8]]
ROWS += [[-17.4, -17.3], [11.09, 11.08, -3], [709.7, 709.8], [-745.2, -745.1, -700], [0.1, 0.2, 0.30000001]]
ROWS += [[0, 0], [-1000, -1010], [0, -120], [100, 0], [100, 0, -200], [11, 11, 10], [-14, -15], [1000, 990]]
ROWS += [[20, 10, 0], [1000, 990, 980]]


def softmax_states() -> list[dict]:
    """Logits, offset and format: the telling ones and hundreds of random ones, mild and extreme."""
    draw, states = random.Random(5), []
    for dtype in FORMATS:
        states += [{"logits": row, "offset": offset, "dtype": dtype} for row in ROWS for offset in (0, 980)]
        for _ in range(126):
            scale = draw.choice([1, 10, 20, 100, 750, 1000, 10000])
            row = [round(draw.uniform(-scale, scale), 3) for _ in range(draw.randint(2, 5))]
            offset = draw.choice([0, 0, 5, -87.3, 700, -980])
            states.append({"logits": row, "offset": offset, "dtype": dtype})
    return states


def shown_softmax(browser) -> list[tuple[dict, dict, dict]]:
    """Return each state with what the browser computes, and what it writes."""
    states = softmax_states()
    both = computed(browser, SoftmaxStress.tag, states)
    return [(state, numbers, words) for state, (numbers, words) in zip(states, both, strict=True)]
