"""Bundles: JavaScript files joined by their own imports, however they are written."""

import json

import pytest

from book.errors import BookError
from book.explorers.shared import bundle

ONE = """// The element itself.
import { h } from "../shared/h.js";
import TABLE from "./one.json" with { type: "json" };
import {
  first, // the first
  second,
} from "./numbers.js";

/* A block
   of words. */
const NAME = "http://www.w3.org/2000/svg"; // a name, no address
export const pattern = /[/"'`] \\/\\/ x/g;
const found = NAME.split(
  /["'] {2}\\/  x/,
  2,
);
const half = first / second; // not a pattern /
const text = `two lines // kept
    with their indent ${first ? `and ${second}` : "{"} /* kept */`;
export function told(a, b) {
  return a
    // between
    .concat(b)   // behind
}
const said = 'it\\'s // kept', more = "say \\"a // b\\"";
define("descent-one", [NAME, TABLE, half, found, text, told, said, more, h]);
"""
FILES = {
    "one/one.js": ONE,
    "one/one.json": '{\n  "words": ["a // b"]\n}\n',
    "one/numbers.js": """import { h } from "../shared/h.js";
export const first = 6;
export let second = 3;
""",
    "shared/h.js": "export async function later() {}\nexport function h(x) {\n  return x;\n}\n",
}
BUNDLED = """async function later() {}
function h(x) {return x;}
const first = 6;
let second = 3;
const TABLE = {"words":["a // b"]};
const NAME = "http://www.w3.org/2000/svg";
const pattern = /[/"'`] \\/\\/ x/g;
const found = NAME.split(
  /["'] {2}\\/  x/,2,);
const half = first / second;
const text = `two lines // kept
    with their indent ${first ? `and ${second}` : "{"} /* kept */`;
function told(a,b) {return a
.concat(b)}
const said = 'it\\'s // kept',more = "say \\"a // b\\"";
define("descent-one",[NAME,TABLE,half,found,text,told,said,more,h]);
"""


@pytest.fixture
def bundled(tmp_path, monkeypatch):
    """A function that writes files and returns the bundle of descent-one, without its style sheets."""

    def join(**changes):
        for name, text in {**FILES, **changes}.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, "utf-8")
        _, _, scripts = bundle.joined("descent-one").partition("\n")
        return scripts

    caches = [bundle.entries, bundle.files, bundle._code]
    monkeypatch.setattr(bundle, "FOLDER", tmp_path)
    for cache in caches:
        cache.cache_clear()
    yield join
    for cache in caches:
        cache.cache_clear()


def test_formatted_code_is_bundled_right(bundled):
    assert bundled() == BUNDLED


def test_a_table_is_put_in_as_it_is(bundled):
    words = {"one/one.json": json.dumps({"quote": '"', "backslash": "\\1", "line": "a\nb"})}
    assert 'const TABLE = {"quote":"\\"","backslash":"\\\\1","line":"a\\nb"};\n' in bundled(**words)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            'import { h as k } from "../shared/h.js";',
            r"numbers.js renames what it imports from ../shared/h.js",
        ),
        ('import * as all from "../shared/h.js";', r"numbers.js has the line 'import \* as all"),
        ('import "../shared/h.js";', "numbers.js has the line 'import"),
        ("export { first };", "a bundle knows named imports and exports alone"),
        ("export default first;", "numbers.js has the line 'export default"),
        ('import { gone } from "./gone.js";', "numbers.js imports gone.js, and there is no such file"),
        ('import { x } from "./one.js";', "numbers.js imports one.js, which imports it in turn"),
    ],
)
def test_what_has_no_meaning_in_one_scope_is_refused(bundled, line, sentence):
    with pytest.raises(BookError, match=sentence):
        bundled(**{"one/numbers.js": f"{line}\nexport const first = 6, second = 3;\n"})


def test_a_comment_or_a_text_may_speak_of_imports(bundled):
    numbers = '/*\nimport { x } from "./gone.js";\n*/\nexport const first = 6, second = "import a";\n'
    assert "gone" not in bundled(**{"one/numbers.js": numbers})


def test_a_style_sheet_keeps_its_words_apart():
    sheet = bundle.styles("descent-float-bits")["element"]
    assert "\n " not in sheet
    assert "/*" not in sheet
