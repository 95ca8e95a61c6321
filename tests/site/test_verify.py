"""`python -m book verify` finds each way in which a stored book can go wrong, and says how to mend it."""

import shutil

import pytest

from book import display
from book.errors import BookError
from book.site.checks import outputs
from book.site.paths import sources
from book.site.verify import findings, pair_findings, verify

NOTEBOOK = "chapters/1-numbers/small.ipynb"


def messages(book) -> list[str]:
    return [str(finding) for finding in findings(book.root)]


def test_a_sound_book_has_nothing_to_mend(small_book, capsys):
    verify(small_book.root)
    assert capsys.readouterr().out == "Nothing to mend in 1 chapters and 2 pages.\n"


def test_findings_end_the_command_with_one_line_each(small_book):
    small_book.edit("chapters/index.md", "1-numbers/small", "1-numbers/smell")
    with pytest.raises(BookError, match=r"chapters/index.md: .*\nOne thing is to mend"):
        verify(small_book.root)


def test_a_dropped_execution_count(small_book):
    small_book.edit_notebook(lambda book: book["cells"][2].update(execution_count=None))
    assert messages(small_book) == [
        f"{NOTEBOOK}, cell 3: the cell has no execution count, so it was never run. Mend: make execute."
    ]


def test_a_removed_alt_text(small_book):
    small_book.edit_notebook(lambda book: book["cells"][3]["outputs"][0].update(metadata={}))
    [message] = messages(small_book)
    assert message.startswith(f"{NOTEBOOK}, cell 4: a picture is stored, and it has no alt text. Mend: ")
    assert message.endswith("then make execute.")


def test_an_alt_text_is_as_long_as_show_asks():
    assert outputs.ALT_TEXT_LENGTH == display.ALT_TEXT_LENGTH


@pytest.mark.parametrize("alt", ["curve.svg", "too short", " "])
def test_a_poor_alt_text(small_book, alt):
    poor = {"image/svg+xml": {"alt": alt}}
    small_book.edit_notebook(lambda book: book["cells"][3]["outputs"][0].update(metadata=poor))
    assert f"{NOTEBOOK}, cell 4: a picture is stored, and it" in messages(small_book)[0]


def test_a_source_edited_without_its_notebook(small_book):
    small_book.edit("chapters/1-numbers/small.py", "0.1 + 0.2:.3f", "0.1 + 0.3:.3f")
    [message] = messages(small_book)
    assert message.startswith(f"{NOTEBOOK}, cell 3: small.py reads ")
    assert message.endswith("Mend: make chapter NAME=small.")


def test_each_chapter_whose_notebook_is_older_has_one_line(small_book):
    for file in (small_book.source, small_book.notebook):
        shutil.copy(file, file.with_stem("other"))
    for name in ("other", "small"):
        small_book.edit(f"chapters/1-numbers/{name}.py", "# %% [markdown]", "# %%\n1 + 1\n\n# %% [markdown]")
    found = [
        (finding.path.stem, finding.mend)
        for finding in pair_findings(sources(small_book.root), small_book.root)
    ]
    assert found == [("other", "make chapter NAME=other"), ("small", "make chapter NAME=small")]


def test_a_source_and_notebook_edited_alike_without_a_run(small_book):
    for file in ("small.py", "small.ipynb"):
        small_book.edit(f"chapters/1-numbers/{file}", "0.1 + 0.2:.3f", "0.1 + 0.3:.3f")
    assert messages(small_book) == [
        f"{NOTEBOOK}: its outputs were not stored from small.py as it stands. Mend: make chapter NAME=small."
    ]


def test_a_stored_error(small_book):
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []}
    small_book.edit_notebook(lambda book: book["cells"][2].update(outputs=[error]))
    assert f"{NOTEBOOK}, cell 3: the stored output is an error, ValueError." in messages(small_book)[0]


def stream(text: str):
    return lambda book: book["cells"][2].update(
        outputs=[{"output_type": "stream", "name": "stdout", "text": text}]
    )


@pytest.mark.parametrize("text", ["<object at 0x7f3c>", "0x7f3c1a2b3c4d"])
def test_an_address(small_book, text):
    small_book.edit_notebook(stream(text))
    assert "cell 3: an output prints a memory address" in messages(small_book)[0]


@pytest.mark.parametrize(
    "text",
    [
        "/tmp/tmpab12/x.pt",
        "saved in '/home/ada/book'",
        "/Users/ada/a b",
        "ipykernel_421",
        "C:\\Users\\ada",
        "/var/folders/x1/T/y",
        "/content/runs",
    ],
)
def test_a_place_on_one_computer(small_book, text):
    small_book.edit_notebook(stream(text))
    assert "cell 3: an output prints a place on this computer" in messages(small_book)[0]


@pytest.mark.parametrize("text", ["https://a.org/home/x and a/tmp/b", "/usr/lib", "the /tmpfile", "x/root"])
def test_a_place_that_all_computers_have(small_book, text):
    small_book.edit_notebook(stream(text))
    assert messages(small_book) == []


def test_a_stored_warning(small_book):
    warned = {"output_type": "stream", "name": "stderr", "text": "/tmp/ipykernel_7/1.py:1: UserWarning: w\n"}
    small_book.edit_notebook(lambda book: book["cells"][2].update(outputs=[warned]))
    assert messages(small_book) == [
        f"{NOTEBOOK}, cell 3: the cell warns, or writes to stderr: '… UserWarning: w'. Mend: mend what "
        "it warns of; where it is the lesson, catch it and print it, then make execute."
    ]


def test_the_bits_of_a_float_are_no_address(small_book):
    small_book.edit_notebook(stream("0x3f800000 and 0x3ff0000000000000"))
    assert messages(small_book) == []


def test_an_output_over_one_megabyte(small_book):
    small_book.edit_notebook(stream("x" * 1_000_001))
    assert "cell 3: an output weighs 1.0 MB where 1 MB is the most" in messages(small_book)[0]


def test_a_notebook_that_is_not_one(small_book):
    small_book.notebook.write_text('{"cells": [', encoding="utf-8")
    with pytest.raises(BookError, match=r"small.ipynb cannot be read as a notebook"):
        verify(small_book.root)


def test_a_source_without_notebook_and_a_notebook_without_source(small_book):
    small_book.notebook.rename(small_book.notebook.with_name("lonely.ipynb"))
    assert any(
        "lonely.ipynb: the notebook has no source beside it" in message for message in messages(small_book)
    )
    assert any("the chapter has no notebook beside its source" in message for message in messages(small_book))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("goldberg1991", "nobody1999", "the citation 'nobody1999' is not defined"),
        ("{term}`ulp`", "{term}`ulps <up>`", "{term} names 'up', which the glossary does not define"),
        ("{doc}`/index`", "{doc}`/nowhere`", "{doc} names the page '/nowhere'"),
        ("{doc}`/index`", "{ref}`nowhere`", "{ref} names the label 'nowhere'"),
        ("(#a-small-chapter)", "(#claim-n1)", "the link to '#claim-n1' names an anchor that no heading"),
        ("(#a-small-chapter)", "(../index.md#absent)", "the link to '../index.md#absent' names an anchor"),
        ("(#a-small-chapter)", "(absent.md)", "the link to 'absent.md' leads nowhere"),
        ("(#a-small-chapter)", "(<absent.md>)", "the link to 'absent.md' leads nowhere"),
        ("{doc}`/index`", "{index}`x`", "the role {index} is unknown. Mend: use one of cite, doc,"),
        ("{doc}`/index`", "{cite:t}`goldberg1991,`", "the citation 'goldberg1991,' is no list of keys"),
        ("{doc}`/index`", "{eq}`nowhere`", "{eq} names the label 'nowhere', which no equation has"),
        ("{doc}`/index`", "{download}`nowhere`", "{download} names the file 'nowhere', which does not exist"),
        (
            "{doc}`/index`",
            "![A picture of nothing, with a long description](a.png)",
            "the picture 'a.png' does not",
        ),
        ("{doc}`/index`", "![](../index.md)", "../index.md is shown, and it has no alt text"),
        ("{doc}`/index`", "<img src='a.png' alt='a.png'>", "a.png is shown, and its alt text is a file name"),
    ],
)
def test_text_that_points_nowhere(small_book, old, new, complaint):
    small_book.edit("chapters/1-numbers/small.py", old, new)
    small_book.edit(NOTEBOOK, old, new)
    [message] = [message for message in messages(small_book) if "cell 1" in message]
    assert message.startswith(f"{NOTEBOOK}, cell 1: ")
    assert complaint in message
    assert "Mend: " in message


@pytest.mark.parametrize(
    "text",
    [
        "`[code](nowhere)` and ``{term}`nothing` ``",
        "$f[a](b)$ and $$\nf[a](b)\n$$",
        "[elsewhere](https://example.org/page) and [by post](mailto:a@example.org)",
        "[a heading](glossary.md#glossary) and [a term](#ulp)",
        "[a title](1-numbers/small.ipynb#a-small-chapter) and {doc}`the chapter <1-numbers/small>`",
        "(here)=\n## Here\n\n{ref}`this <here>` and [that](#here)",
        "```text\n[code](nowhere)\n```",
        "## The `weight_decay` option\n\n[above](#the-weight_decay-option)",
        "## A heading, *twice*\n\n## A heading, *twice*\n\n[the second](#a-heading-twice-1)",
        "~~~\n[code](nowhere)\n~~~\n\n    [code](nowhere)",
        "A \\[bracket](nowhere) that is escaped, and <!-- [a comment](nowhere) -->.",
    ],
)
def test_text_that_points_somewhere_or_is_no_link(small_book, text):
    (small_book.root / "chapters" / "index.md").write_text(f"# A book\n\n{text}\n", encoding="utf-8")
    assert messages(small_book) == []


def test_a_figure_directive_without_alt_text(small_book):
    directive = "```{figure} ../assets/claims.yml\n:name: fig\n\nA caption.\n```\n"
    (small_book.root / "chapters" / "index.md").write_text(directive, encoding="utf-8")
    assert "../assets/claims.yml is shown, and it has no alt text" in messages(small_book)[0]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("is 0.300", "is 0.301", "claim N1 has the evidence 'The sum of 0.1 and 0.2 is 0.300.' here"),
        ('claim: "float32', 'claim: "float16', "claim N1 has the claim 'float32 tops out near 3.4e38"),
        ("verdict: holds", "verdict: 'false'", "claim N1 has the verdict 'holds' here and 'false' in"),
        ("numbers/small", "numbers/other", "claim N1 has the chapter '1-numbers/small' here"),
        ("so: Round", "so: Do not round", "claim N1 has the so 'Round it.' here"),
        ("  so: Round it.\n", "", "claim N1 does not say what follows from it"),
        ("id: N1", "id: N2", "claim N1 is settled here but assets/claims.yml has no entry for it"),
        ("id: N1", "id: N2", "assets/claims.yml: claim N2 has no evidence in 1-numbers/small"),
    ],
)
def test_a_claim_that_is_not_what_the_run_printed(small_book, old, new, complaint):
    small_book.edit("assets/claims.yml", old, new)
    assert any(complaint in message for message in messages(small_book))


def test_another_set_up_cell(small_book):
    (small_book.root / "assets" / "setup_cell.py").write_text("# another set-up\n", encoding="utf-8")
    [message] = messages(small_book)
    assert message.startswith(f"{NOTEBOOK}, cell 2: the second cell is not the book's set-up cell.")


def test_a_set_up_cell_in_a_source(small_book):
    cell = '\n\n# %% tags=["setup", "remove-cell"]\n# set-up\n\n# %%\nfrom book'
    small_book.edit("chapters/1-numbers/small.py", "\n\n# %%\nfrom book", cell)
    assert messages(small_book)[1] == (
        "chapters/1-numbers/small.py, cell 2: the source holds a set-up cell. "
        "Mend: remove the cell: running the chapter puts it in."
    )


def test_an_opt_out_without_a_reason(small_book):
    tagged = {"tags": ["nbval-ignore-output"]}
    small_book.edit_notebook(lambda book: book["cells"][2].update(metadata=tagged))
    complaints = [message for message in messages(small_book) if "no reason is given" in message]
    assert complaints[0].startswith(f"{NOTEBOOK}, cell 3: the output is not compared")


@pytest.mark.parametrize(
    ("width", "tags", "told"), [(88, [], False), (89, [], True), (89, ["hide-input"], False)]
)
def test_a_line_of_visible_code_that_the_page_cuts(small_book, width, tags, told):
    line = "x" * width

    def widen(book):
        book["cells"][2].update(source=f"1 + 1\n{line}", metadata={"tags": tags})

    small_book.edit_notebook(widen)
    expected = (
        f"cell 3: a line of code has 89 characters, and the page shows 88: {line[:40]}…. Mend: shorten it."
    )
    assert any(expected in message for message in messages(small_book)) is told


def test_an_opt_out_by_comment_marker(small_book):
    small_book.edit_notebook(lambda book: book["cells"][2].update(source="# NBVAL_IGNORE_OUTPUT\n1"))
    assert any("cell 3: a comment marker opts the cell out" in message for message in messages(small_book))


def test_a_claim_that_stands_twice(small_book):
    file = small_book.root / "assets" / "claims.yml"
    file.write_text(2 * file.read_text(encoding="utf-8"), encoding="utf-8")
    assert any("claim N1 has two entries" in message for message in messages(small_book))


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("**Predict:** which?", "cell 1: a Predict stands in a paragraph"),
        ("So $x = 1$.", "small.ipynb: the chapter has formulas and no list of symbols"),
    ],
)
def test_what_a_lesson_lacks(small_book, cell, complaint):
    small_book.edit_notebook(lambda book: book["cells"][0].update(source=f"# A small chapter\n\n{cell}"))
    assert any(complaint in message for message in messages(small_book))


def test_a_number_that_is_typed(small_book):
    for file in ("small.py", "small.ipynb"):
        small_book.edit(f"chapters/1-numbers/{file}", "through 4 to 9 and", "through 4 to 9.7 and")
    assert any("cell 4: it prints 9.7, which is neither" in message for message in messages(small_book))


def test_an_entry_of_the_list_of_typed_numbers_that_nothing_needs(small_book):
    entry = "- chapter: 1-numbers/small\n  reason: exact\n  typed: ['77']\n"
    (small_book.root / "assets/typed_numbers.yml").write_text(entry)
    [message] = messages(small_book)
    assert message.startswith("assets/typed_numbers.yml: '77' does not stand typed in 1-numbers/small.")


@pytest.mark.parametrize(
    ("old", "new", "complaints"),
    [
        (
            "file: glossary",
            "file: glosary",
            ["_toc.yml: it names 'glosary', which has no page", "chapters/glossary.md"],
        ),
        (
            "  - file: glossary\n",
            "",
            ["chapters/glossary.md: no line of _toc.yml names it. Mend: name it in _toc.yml."],
        ),
        ("root: index", "rot: index", ["_toc.yml: "]),
        ("chapters:", "chapters: [", ["_toc.yml: while parsing a flow node expected the node content"]),
        ("file: glossary", "file: glossary.md", []),
        ("file: glossary", "glob: gloss*", []),
    ],
)
def test_the_contents_name_every_page_and_nothing_else(small_book, old, new, complaints):
    small_book.edit("_toc.yml", old, new)
    found = [message for message in messages(small_book) if "_toc.yml" in message]
    assert len(found) == len(complaints)
    assert all(message.startswith(start) for message, start in zip(found, complaints, strict=True))


@pytest.mark.parametrize("entry", ["@article{a, title={x}", "@article{b, title={x}}\n@misc{B, title={y}}"])
def test_a_bibliography_that_cannot_be_read(small_book, entry):
    file = small_book.root / "assets" / "references.bib"
    file.write_text(entry, encoding="utf-8")
    with pytest.raises(BookError, match=r"^references.bib cannot be read: .*\. Correct the entry\.$"):
        verify(small_book.root)


def test_contents_that_are_missing(small_book):
    (small_book.root / "_toc.yml").unlink()
    assert messages(small_book) == ["_toc.yml: the file is missing. Mend: write it, or restore it with git."]
