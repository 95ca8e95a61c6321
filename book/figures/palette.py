"""One palette for figures, pages and explorers, in a light and a dark form.

The seven series colours are darkened (light theme) and lightened (dark theme) relatives of the
colour-blind-safe set of Okabe and Ito (2008), each with a contrast of at least 3:1 to its paper.
"""

LIGHT = {
    "paper": "#fdfcf9",
    "ink": "#1f2a33",
    "muted": "#5a6570",
    "rule": "#d9d6cd",
    "wash": "#f3f0e8",
    "accent": "#0b6285",
    "blue": "#1c6fb0",
    "orange": "#c4531a",
    "green": "#1d8564",
    "purple": "#8f5099",
    "gold": "#94750a",
    "sky": "#3a8fbf",
    "pink": "#c03f79",
}

DARK = {
    "paper": "#14191e",
    "ink": "#e4e2dc",
    "muted": "#a3acb4",
    "rule": "#343c45",
    "wash": "#1c2329",
    "accent": "#6cc3e6",
    "blue": "#74b4f0",
    "orange": "#ff9d66",
    "green": "#5fcfa8",
    "purple": "#d19ddb",
    "gold": "#dfc04c",
    "sky": "#97d2f3",
    "pink": "#f48fb8",
}

SERIES = ("blue", "orange", "green", "purple", "gold", "sky", "pink")
