"""What an explorer computes and writes for many states, asked of the browser in one call."""

import json

from book.explorers.shared.bundle import joined

# As JSON that Python reads: BigInt as int, Number as float, with -0, NaN and the infinities.
TO_TEXT = """(all) => JSON.stringify(all, (key, x) => {
  if (typeof x === "bigint") return `#${x}`;
  if (typeof x !== "number") return x;
  return Object.is(x, -0) ? "#-0.0" : `#${Number.isFinite(x) ? x.toExponential() : x}`;
}).replace(/"#([^"]+)"/g, "$1")"""
EXPRESSION = "given.map((state) => { const numbers = numbersOf(state); return [numbers, wordsOf(numbers)]; })"


def evaluated(browser, tag: str, expression: str, given):
    """Return what an expression of `given` is in the scope of an explorer's files."""
    page = browser.new_page()
    script = (
        f"(text) => {{ {joined(tag)}\nconst given = JSON.parse(text); return ({TO_TEXT})({expression}); }}"
    )
    text = page.evaluate(script, json.dumps(given))
    page.close()
    return json.loads(text)


def computed(browser, tag: str, states: list[dict]) -> list[tuple[dict, dict]]:
    """Return for each state of an explorer its numbers (`numbersOf`) and its words (`wordsOf`)."""
    return list(map(tuple, evaluated(browser, tag, EXPRESSION, states)))
