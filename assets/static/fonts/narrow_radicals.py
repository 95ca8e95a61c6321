"""Draw every size of the root sign as wide as the smallest: `narrow_radicals.py FONT.woff2`, in place.

Chromium keeps room behind a root for the widest size that the font has, so that "√x ," shows a hole.
"""

import sys

from fontTools.misc.transform import Scale
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

font = TTFont(sys.argv[1])
sign = font.getBestCmap()[0x221A]
variants = font["MATH"].table.MathVariants
sizes = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(sign)]
sizes.GlyphAssembly = None  # built from wide pieces; the largest size is 2.9 em high
width = font["hmtx"][sign][0]
for name in [record.VariantGlyph for record in sizes.MathGlyphVariantRecord][1:]:
    advance, bearing = font["hmtx"][name]
    pen = TTGlyphPen(None)
    font.getGlyphSet()[name].draw(TransformPen(pen, Scale(width / advance, 1)))
    font["glyf"][name] = pen.glyph()
    font["hmtx"][name] = width, round(bearing * width / advance)
font.save(sys.argv[1])
