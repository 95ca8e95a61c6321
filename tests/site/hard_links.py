"""Links, roles and files that are hard to judge, and the pages that they lead to."""

ALT = "A sentence that says what is seen, long enough for anybody."
HARD = f"""(top)=
# A page with `code_x` & more

## The `weight_decay` option

## With $x^2$ maths and $y$

## *Emphasis*, **strong** and _both_

## Über Größe: naïve — Σx

## Twice

## Twice

## Twice

## <b>html</b> inside

## {{term}}`ulp` and {{math}}`x^2`, two roles

## [A link](https://example.org) and ![{ALT}](x.png)

## 1. Numbers & symbols: 100 %?

## A \\*star\\* and &amp; entity, "quoted" -- and --- dashed

### Third level

#### Fourth level

(UpperLabel)=
Setext
------

> ## Quoted

## 日本語 :smile: `a  b` ##

## !!!

<a id="html-id"></a>
<h2 id="raw-h2">Raw</h2>

(paragraph)=
A paragraph with [a span]{{#span-id}}.

```{{math}}
:label: eq-one
x = 1
```

$$
y = 2
$$ (eq-two)

```{{figure}} x.png
:name: fig-one
:alt: {ALT}

A caption.
```

```{{note}}
:name: note-one
Text.
```
"""
GLOSSARY = """# Glossary

```{glossary}
ulp
  A unit.

machine epsilon
eps
  Two names.

MNIST
  Images.

$x$ maths
  Maths.

`code` and *more*
  Marks.

Gradient : key
  Sorted.

.. A comment

Überlauf
  An umlaut.
```
"""
BIBLIOGRAPHY = """@comment{commented1, title={x}}
@string{acm = {ACM}}
@article{a2000, author={A, B}, title={T}, year={2000}, journal=acm}
@Book{b:2001.c-d, author={B, C}, title={U}, year={2001}, publisher={P}}
"""
ANCHORS = [
    "top",
    "UpperLabel",
    "upperlabel",
    "paragraph",
    "html-id",
    "raw-h2",
    "span-id",
    "eq-one",
    "fig-one",
    "note-one",
    "twice",
    "twice-1",
    "twice-2",
    "twice-1-2",
    "Twice",
    "the-weight_decay-option",
    "the-weight-decay-option",
    "The-weight_decay-option",
    "html-inside",
    "with-x2-maths-and-y",
    "with--maths-and-",
    "with-maths-and-y",
    "emphasis-strong-and-both",
    "third-level",
    "fourth-level",
    "über-größe-naïve--σx",
    "uber-große-naive-sx",
    "setext",
    "quoted",
    "日本語-smile-a--b",
    "-",
    "a-page-with-code_x--more",
    "1-numbers--symbols-100-",
    "a-link-and-",
    "-and-x2-two-roles",
    "-and--two-roles",
    "a-star-and--entity-quoted----and-----dashed",
    "a-star-and--entity-quoted--and---dashed",
    "--",
    "nope",
]
OTHER = [f"[x](hard.md#{anchor})" for anchor in ANCHORS]
OTHER += [f"[x](#{anchor})" for anchor in (*ANCHORS[:12], "ulp", "ULP", "term-ulp", "nope", "")]
OTHER += [f"[x](glossary.md#{anchor})" for anchor in ("glossary", "Glossary", "term-ulp", "ulp")]
OTHER += [
    f"[x]({target})"
    for target in [
        "hard",
        "hard.md",
        "hard.html",
        "/hard.md",
        "/hard",
        "hard.ipynb",
        "hard.py",
        "../chapters/hard.md",
        "Hard.md",
        "hard%2Emd",
        "./hard.md",
        "sub/page.md",
        "sub/page.ipynb",
        "sub/page",
        "sub",
        "sub/",
        "absent.md",
        "file.txt",
        "absent.txt",
        "file.txt#a",
        "<file%20two.txt>",
        "UpperLabel",
        "ulp",
        "mailto:a@b.c",
        "https://a.b",
        "HTTP://a.b",
        "ftp://a.b",
        "path:file.txt",
        "path:absent.txt",
        "project:hard.md",
        "project:nope.md",
        "doi:10.1/2",
        "//a.b/c",
        "tel:1",
        "C:/x",
        "printed.ipynb#printed",
        "printed.ipynb#written",
        "printed.ipynb",
        "printed.ipynb#labelled",
    ]
]
OTHER += [
    "[x]()",
    "[x](<file two.txt>)",
    "<https://a.b>",
    "[x][defined]\n\n[defined]: absent.md",
    "[undefined]",
]
OTHER += [
    f"{{{role}}}`{content}`"
    for role, contents in {
        "term": [
            "ulp",
            "ULP",
            " ulp ",
            "eps",
            "Machine  Epsilon",
            "mnist",
            "x maths",
            "$x$ maths",
            "code and more",
            "gradient",
            "Gradient : key",
            "überlauf",
            "A comment",
            "up",
            "units <ulp>",
            "u<up>",
            "!up",
        ],
        "doc": [
            "hard",
            "/hard",
            "hard.md",
            "x <hard>",
            "./hard",
            "../hard",
            "nope",
            "Hard",
            "sub/page",
            "!nope",
        ],
        "ref": [
            *(
                "UpperLabel",
                "upperlabel",
                "x <UPPERLABEL>",
                "fig-one",
                "eq-one",
                "x <eq-one>",
                "note-one",
                "top",
            ),
            *(
                "x <note-one>",
                "paragraph",
                "x <paragraph>",
                "span-id",
                "x <span-id>",
                "twice",
                "x <twice>",
                "!nope",
            ),
            *("nope", "x <nope>", "labelled"),
        ],
        "eq": ["eq-one", "eq-two", "EQ-ONE", " eq-one ", "fig-one", "nope"],
        "cite:t": ["a2000", "A2000", "nope", "commented1", "acm", "b:2001.c-d", "x <a2000>"],
        "cite:p": ["a2000,b:2001.c-d", "a2000 , nope", " a2000", "{see}a2000{p. 3}", "a2000\n, b:2001.c-d"],
        "download": ["file.txt", "absent.txt"],
        "numref": ["fig-one", "nope"],
        "nosuch": ["x"],
        "math": ["{ref}"],
        "sub": ["x"],
    }.items()
    for content in contents
]
OTHER += [
    f"![{ALT}](absent.png)",
    f"![{ALT}](x.png)",
    f"![{ALT}](/x.png)",
    f"```{{figure}} absent.png\n:alt: {ALT}\n```",
    "```{note}\n[x](absent.md)\n```",
    "~~~{note} {ref}`nope`\nx\n~~~",
    ":::{note}\n[x](absent.md)\n:::",
    "```{admonition} A title\n:class: tip\n:::{note}\n[x](absent.md)\n:::\n```",
    "```python\nabsent = 1  # [x](absent.md)\n```",
    "`[x](absent.md)` and $[x](absent.md)$",
    "    [x](absent.md)",
    "| a | b |\n|---|---|\n| [x](absent.md) | b |",
    "- a\n\n  {ref}`nope`",
    "> {ref}`nope`",
    "word\n: [x](absent.md)",
    "<div>\n[x](absent.md)\n</div>",
    "% [x](absent.md)",
    "{ref}`UpperLabel\n`",
    "{term}`machine\nepsilon`",
    "\\[x](absent.md)",
    "~~~\n[x](absent.md)\n~~~",
]
