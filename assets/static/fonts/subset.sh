#!/bin/sh
# Makes the font files of this folder from the npm packages named below; they change with the faces only.
# Needs: npm, and a Python with `fonttools` and `brotli` (PYTHON=… chooses it).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for package in @fontsource-variable/source-serif-4@5.3.1 @fontsource/stix-two-math@5.3.0; do
  tar xzf "$(npm pack --silent "$package")"
  mv package "$(basename "${package%@*}")"
done
cp source-serif-4/LICENSE "$here/OFL-source-serif-4.txt"
cp stix-two-math/LICENSE "$here/OFL-stix-two-math.txt"
python=${PYTHON:-python3}

latin=U+20-7E,U+A0-FF,U+131,U+142,U+152-153,U+160-161,U+17D-17E,U+2010-2014,U+2018-201A,U+201C-201E,U+2020,U+2022,U+2026,U+202F,U+2032-2033,U+20AC,U+2122,U+2212
greek=U+391-3A9,U+3B1-3C9
math=U+20-7E,U+A0,U+AC,U+B1,U+B7,U+D7,U+F7,U+2C6,U+2DC,U+302-304,U+332,U+307-308,U+30C,U+20D7,U+391-3A9,U+3B1-3C9,U+3D1,U+3D5,U+3F5,U+2010-2014,U+2016,U+2020,U+2026,U+2032-2034,U+203E,U+2061-2064,U+2102,U+210E,U+2113,U+2115,U+211A,U+211D,U+2124,U+2190-2194,U+21A6,U+21D0-21D4,U+2200,U+2202-2205,U+2207-2209,U+220B,U+220F,U+2211-2213,U+2215-221A,U+221D-221E,U+2223,U+2225,U+2227-222B,U+2234,U+223C,U+2243,U+2245,U+2248,U+2254,U+2260-2261,U+2264-2265,U+226A-226B,U+2272-2273,U+2282-2287,U+2295,U+2297,U+2299,U+22A4-22A5,U+22C5-22C6,U+22EE-22F1,U+2308-230B,U+23DE-23DF,U+25A1,U+27E8-27E9,U+2A7D-2A7E,U+1D400-1D467,U+1D49C-1D4CF,U+1D538-1D56B,U+1D6A8-1D71B,U+1D7CE-1D7D7

for style in normal italic; do
  "$python" -m fontTools.varLib.instancer -q -o $style.ttf "source-serif-4/files/source-serif-4-latin-wght-$style.woff2" wght=400:700
  "$python" -m fontTools.subset $style.ttf --unicodes="$latin" --layout-features=kern,liga,mark,ccmp,locl,tnum,lnum \
    --no-hinting --desubroutinize --flavor=woff2 --output-file="$here/source-serif-$style.woff2"
done
"$python" -m fontTools.subset source-serif-4/files/source-serif-4-greek-wght-normal.woff2 --unicodes="$greek" \
  --layout-features=kern --no-hinting --flavor=woff2 --output-file="$here/source-serif-greek.woff2"
"$python" -m fontTools.subset stix-two-math/files/stix-two-math-latin-400-normal.woff2 --unicodes="$math" \
  --layout-features=math,ssty,flac,dtls --no-hinting --desubroutinize --flavor=woff2 --output-file="$here/stix-math.woff2"
"$python" "$here/narrow_radicals.py" "$here/stix-math.woff2"
ls -l "$here"
