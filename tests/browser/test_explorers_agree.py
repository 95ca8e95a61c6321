"""Explorers in the browser agree with Python to the last digit shown, in hundreds of states."""

import pytest

from book.explorers import FloatBits, SoftmaxStress, float_bits, softmax_stress
from book.explorers.shared.bundle import joined
from tests.browser.explorer_pages import float_states, softmax_states

pytestmark = pytest.mark.browser

FLOAT, SOFTMAX = FloatBits.tag, SoftmaxStress.tag


@pytest.mark.parametrize(
    ("tag", "states", "readout"),
    [(FLOAT, float_states(), float_bits.readout), (SOFTMAX, softmax_states(), softmax_stress.readout)],
)
def test_every_string_is_pythons(browser, tag, states, readout):
    page = browser.new_page()
    script = f"(states) => {{ {joined(tag)}\nreturn states.map((state) => readout(...state)); }}"
    computed = page.evaluate(script, states)
    page.close()
    assert len(states) > 300
    for mine, theirs in zip(states, computed, strict=True):
        assert theirs == readout(*mine), mine


def test_the_page_shows_the_readout(explorers):
    page = explorers(FloatBits("0.1"), SoftmaxStress())
    for text, dtype in [("0.1", "bfloat16"), ("1e39", "float32"), ("5e-324", "float64")]:
        patch = {"value": text, "dtype": dtype}
        page.evaluate(f"(patch) => document.querySelector('{FLOAT}').set(patch)", patch)
        parts = page.evaluate(
            f"Object.entries(document.querySelector('{FLOAT}').parts).map(([k, p]) => [k, p.dataset.text])"
        )
        wanted = float_bits.readout(text, dtype)
        assert dict(parts) == {key: wanted[key] for key, _ in parts}
        assert "".join(page.locator(".dx-bit").all_inner_texts()) == wanted["bits"].replace(" ", "")
    wanted = softmax_stress.readout([1000, 990, 980], 0, "float32")
    assert page.locator(".dx-stable tr[data-series='1'] .dx-value").all_inner_texts() == [
        wanted[f"stable_{column}_1"] for column in ("exponent", "exp", "probability", "log")
    ]
    assert page.locator(".dx-naive .dx-verdict").inner_text() == wanted["naive_story"]
