"""A number in what a cell tells is computed or an input; a count of seeds is the one in the code."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from book.site.checks.text import Page
from book.site.checks.typed import FILE, allowed, typed_findings, unused_findings
from tests.cases import each


@pytest.fixture
def page(tmp_path):
    """Return a maker of pages: each text is a cell, in Markdown if it begins with `# `."""

    def make(*cells):
        kinds = [new_markdown_cell if cell.startswith("# ") else new_code_cell for cell in cells]
        path = tmp_path / "chapters" / "1-numbers" / "small.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(
            new_notebook(cells=[kind(cell) for kind, cell in zip(kinds, cells, strict=True)]), path
        )
        return Page(path, tmp_path)

    return make


MEASURED = [
    'show(figure(7), "The loss falls to zero near a rate of 0.047 and rises again.")',
    'show(figure(rates), "It falls from 4.5" f" to {losses[-1]:.1e}.")',
    'say(f"The loss ends at {loss:.2f}, after 1,250 steps.")',
    'say("Of 999 pairs " + ", ".join(f"{n} agree" for n in counts))',
    'table(["rate", "loss after 120"], rows)',
    'evidence("N1", "holds", f"A distance of 1.41 shrinks to {left:.2f}.")',
    'say(f"""\n- the widest gap is 103.97\n""")',
    'show(figure(0.5), alt="The curve ends at 3e-5 and stays there.")',
]


@each("cell", MEASURED)
def test_a_measured_number_that_is_typed_is_found(page, cell):
    [finding] = typed_findings(page("x = 3", cell), set())
    assert (finding.cell, "neither computed nor an input" in finding.what) == (2, True)


INPUTS = [
    'lr = 0.095\nshow(figure(lr), "At 0.095 the path zigzags and arrives.")',
    'show(figure(descend(steps=1_250)), "The loss falls at every one of 1,250 steps.")',
    'say(f"The loss of {network} ends at {loss:.4f}, 2.5 times as high." if scale == 2.5 else "")',
    'runs = rows["Adam, lr 0.01"]\nsay(f"With Adam at 0.01 it ends at {runs:.2f}.")',
    'same = gap < 1e-12\nsay(f"Equal to 12 digits: {same}.")',
    'say(f"In float32 and in bfloat16, w₁₂ and x2: {a}. A parabola ½x², 2/λmax and 1/L.")',
    'say(f"$10^{{{power}}}$ and `x[{i}]` on {10} axes")',
    'say("In $10^{2}$ and 10⁻⁸ a power has its base, 17^2 as well; v1.5a and 3.5e is none.")',
    "%%time\n1/0 of 17",
    'print("17 in a print is not what the page tells")',
]


@each("cell", INPUTS)
def test_a_number_that_is_computed_or_an_input_is_none(page, cell):
    assert typed_findings(page(cell), set()) == []


def test_an_input_of_a_later_cell_explains_nothing(page):
    told = 'say("The best rate is 0.3.")'
    assert len(typed_findings(page(told, "lr = 0.3"), set())) == 1
    assert typed_findings(page("lr = 0.3", told), set()) == []


SEEDS = "results = [train(seed) for seed in range(4)]"
LOOPS = [
    SEEDS,
    "for seed in (3, 5, 6, 7):\n    train(seed)",
    "SEEDS = range(4)",
    "seeds = [0, 1, 2, 3]",
    "runs = [run(s) for s in range(4)]",
]


@pytest.mark.parametrize("loop", LOOPS)
def test_prose_says_as_many_seeds_as_its_sections_code_runs(page, loop):
    [finding] = typed_findings(page("# Noise\n\nSeen from five seeds.", loop), set())
    assert finding.what == "it says 'five seeds', and the code of its section runs over 4"
    assert typed_findings(page("# Noise\n\nSeen from four seeds, 4 random seeds.", loop), set()) == []
    assert typed_findings(page("# One\n\nA stored run took five seeds.", "# Another", loop), set()) == []
    both = "# Seen\n\nFour seeds.\n\n## Next\n\nA stored run took five seeds."
    assert typed_findings(page("# One", loop, both), set()) == []


def test_scales_are_no_seeds(page):
    scales = "for s in (1, 0.1, 0.01):\n    train(s)"
    assert typed_findings(page("# Scale\n\nA stored run took five seeds.", scales), set()) == []


def test_a_printed_count_of_seeds_is_computed(page):
    [finding] = typed_findings(page(SEEDS, 'say(f"Five seeds end at {low} to {high}.")'), set())
    assert "it prints 'Five seeds' as typed" in finding.what
    assert typed_findings(page(SEEDS, 'say(f"{len(results)} seeds: {low} to {high}.")'), set()) == []


def test_the_list_frees_what_it_names_and_holds_nothing_else(page):
    told = page('say("The integers 2048 to 2060.")')
    file = told.root / FILE
    file.parent.mkdir()
    file.write_text(f"- chapter: {told.document}\n  reason: exact\n  typed: ['2048', '2060', '7']\n")
    free = allowed(told.root)
    assert typed_findings(told, free[told.document]) == []
    [unused] = unused_findings([told], free)
    assert unused.what == "'7' does not stand typed in 1-numbers/small"
    assert len(unused_findings([], free)) == 3


def test_a_book_without_a_list_frees_nothing(tmp_path):
    assert allowed(tmp_path) == {}
