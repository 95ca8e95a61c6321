"""Firefox shows what Chromium shows: formulas, figures of the theme, explorers that answer."""

import pytest

pytestmark = pytest.mark.browser

PAGES = [
    "index",
    "1-numbers/stable-softmax",
    "2-derivatives/gradient",
    "3-first-order/overview",
    "3-first-order/momentum",
]
# The script of an element comes when the element nears the screen; a frame later it fits a change of width.
LOOK = """
document.querySelectorAll('details').forEach((fold) => { fold.open = true; });
for (const e of document.querySelectorAll('*')) {
  if (e.localName.startsWith('descent-')) {
    e.scrollIntoView({ behavior: 'instant' });
    const tooLong = new Promise((done) => setTimeout(done, 1000));
    await Promise.race([customElements.whenDefined(e.localName), tooLong]);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  }
}
const explorers = [...document.querySelectorAll('*')].filter((e) => e.localName.startsWith('descent-'));
const formulas = [...document.querySelectorAll('article math')];
const size = (e) => e.getBoundingClientRect().width * e.getBoundingClientRect().height;
return {
  wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  undefined: [...document.querySelectorAll(':not(:defined)')].map((e) => e.localName),
  empty: explorers.filter((e) => e.children.length === 0 || size(e) === 0).map((e) => e.localName),
  formulas: formulas.filter((m) => m.checkVisibility() && !size(m)).length,
  fonts: document.fonts.check('19px "Source Serif"'),
  shown: [...document.querySelectorAll('.picture')].every(
    (p) => [...p.querySelectorAll('picture')].filter((one) => one.checkVisibility()).length <= 1),
};"""
WHOLE = {"wider": 0, "undefined": [], "empty": [], "formulas": 0, "fonts": True, "shown": True}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_in_firefox(firefox, site, name):
    firefox.resize(1280, 800)
    firefox.open(f"{site}{name}.html")
    assert firefox.run(LOOK) == WHOLE
    firefox.resize(480, 800)
    assert firefox.run(LOOK) == WHOLE


def test_an_explorer_answers_the_keyboard_in_firefox(firefox, site):
    firefox.open(f"{site}1-numbers/stable-softmax.html")
    before, after = firefox.run("""
        const explorer = document.querySelector('descent-softmax-stress');
        explorer.scrollIntoView({ behavior: 'instant' });
        await new Promise((done) => setTimeout(done, 500));
        const slider = explorer.querySelector('input[type=range]');
        const before = explorer.textContent;
        slider.value = slider.max;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((done) => setTimeout(done, 500));
        return [before, explorer.textContent];""")
    assert before
    assert after != before


def test_what_is_missing_is_seen_in_firefox(firefox, site):
    firefox.open(f"{site}index.html")
    firefox.run("document.body.append(document.createElement('descent-nothing'))")
    found = firefox.run(LOOK)
    assert found["undefined"] == found["empty"] == ["descent-nothing"]
