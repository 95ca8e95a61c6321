"""The icons, drawn in the page itself: ten shapes on a 24 × 24 grid, in the colour of the text."""

from markupsafe import Markup

_SHAPES = {
    "menu": "M4 7h16M4 12h16M4 17h16",
    "close": "M6 6l12 12M18 6L6 18",
    "search": "M16 16l4.5 4.5M10.5 17.5a7 7 0 1 1 0-14 7 7 0 0 1 0 14z",
    "sun": "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22"
    "M5 5l1.7 1.7M17.3 17.3L19 19M5 19l1.7-1.7M17.3 6.7L19 5",
    "moon": "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
    "download": "M12 4v11M7 10.5l5 5 5-5M4.5 20h15",
    "play": "M7 4.5v15l12.5-7.5z",
    "book": "M12 6.5C10 5 7 4.5 3.5 5v13.5"
    "c3.5-.5 6.5 0 8.5 1.5 2-1.5 5-2 8.5-1.5V5C17 4.5 14 5 12 6.5zM12 6.5V20",
    "unfold": "M7 9.5l5 5 5-5M4.5 4h15M4.5 20h15",
    "clock": "M12 7v5.2l3.2 2M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
}

ICONS = {
    name: Markup(f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{shape}"/></svg>')
    for name, shape in _SHAPES.items()
}
