// Two number lines: the whole format on a slider (every float as far from the next), and a close look.

import { h } from "../shared/element.js";
import { minus, over, pythonRepr } from "../shared/floats.js";
import { beside, exactly, finite, numberOf, overflowEdge, signed, spacingOf, textOfWord, wordOf } from "./stored.js";

const DECADES = { float16: [-2, 0, 2], bfloat16: [-20, -10, 0, 10, 20], float32: [-20, -10, 0, 10, 20] };
DECADES.float64 = [-200, -100, 0, 100, 200];
const VIEW = 2.7; // spacings to either side in the close look

// The slider counts in floats, or for the long formats in steps of 2**16 or 2**48 of them.
function coarse(form) {
  return BigInt(Math.max(0, form.width - 16));
}

export function sliderRange(form) {
  return Number(form.infinity >> coarse(form));
}

export function sliderPlace({ form, negative, rank }) {
  const place = Math.min(Number(rank >> coarse(form)), sliderRange(form));
  return negative ? -place : place;
}

export function textAtPlace(form, place) {
  const rank = BigInt(Math.abs(place)) << coarse(form);
  return textOfWord(form, wordOf({ form, negative: place < 0, rank }));
}

// Marks below the slider: zero, the infinities, a few decades, and the zone of the subnormals.
export function sliderMarks(form, nearestRank) {
  const range = sliderRange(form);
  const percent = (place) => 50 + (50 * place) / range;
  const mark = (place, label, kind = "") =>
    h("span", { class: `dx-mark ${kind}`, style: `left:${percent(place)}%` }, ...label);
  const decades = DECADES[form.name].flatMap((power) => {
    const place = Number(nearestRank(power) >> coarse(form));
    const minor = power === 0 ? "" : "dx-minor";
    return [mark(place, tenTo(power, ""), minor), mark(-place, tenTo(power, "−"), minor)];
  });
  const edge = Number((1n << BigInt(form.fractionBits)) >> coarse(form));
  const zone = h("span", { class: "dx-zone", style: `left:${percent(-edge)}%;right:${100 - percent(edge)}%` });
  return [zone, mark(-range, ["−∞"]), mark(0, ["0"]), mark(range, ["∞"]), ...decades];
}

function tenTo(power, sign) {
  if (power === 0) return [`${sign}1`];
  return [`${sign}10`, h("sup", {}, String(power).replace("-", "−"))];
}

// What the close look shows, in spacings from the stored float: its neighbours, the band of numbers that
// round to it, and where the typed number stands.
export function closeLook(stored, typed) {
  if (stored.rank > stored.form.infinity) return null;
  const home = finite(stored) ? stored : { ...stored, rank: stored.form.infinity - 1n };
  const unit = spacingOf(home);
  const place = (value) => toPlace(over(minus(value, exactly(home)), unit));
  const floats = [{ ...home, near: true }];
  for (const step of [-1, 1]) {
    for (let next = beside(home, step), i = 0; next && finite(next) && i < 6; next = beside(next, step), i += 1) {
      floats.push({ ...next, near: i === 0 });
    }
  }
  const ticks = floats.map((float) => ({
    at: place(exactly(float)),
    label: float.near ? pythonRepr(numberOf(float)) : "",
  }));
  const typedAt = typed.size && place(signed(typed.size, typed.negative));
  return { ticks: ticks.filter(({ at }) => Math.abs(at) <= VIEW), band: bandOf(stored, home, place), typedAt };
}

function toPlace({ n, d }) {
  const far = 1000n * d;
  if (n > far || n < -far) return n > 0n ? Infinity : -Infinity;
  return Number((n * 1000000n) / d) / 1e6;
}

function bandOf(stored, home, place) {
  const limit = place(signed(overflowEdge(stored.form), stored.negative));
  if (!finite(stored)) return stored.negative ? [-VIEW, limit] : [limit, VIEW];
  const halfway = (step) => {
    const next = beside(home, step);
    return finite(next) ? place(exactly(next)) / 2 : limit;
  };
  return [halfway(-1), halfway(1)];
}

export function drawCloseLook(box, stored, typed) {
  const look = closeLook(stored, typed);
  box.hidden = !look;
  if (!look) return;
  const percent = (at) => 50 + (50 * Math.max(-VIEW, Math.min(VIEW, at))) / VIEW;
  const [from, to] = look.band;
  const band = h("span", { class: "dx-band", style: `left:${percent(from)}%;right:${100 - percent(to)}%` });
  if (!finite(stored)) band.append(pythonRepr(numberOf(stored)));
  const ticks = look.ticks.map(({ at, label }) => {
    const here = at === 0 && finite(stored) ? "dx-here" : "";
    const side = at === 0 ? "" : at < 0 ? "dx-before" : "dx-after";
    const shown = label ? [h("span", { class: `dx-tick-label ${side}` }, label)] : [];
    return h("span", { class: `dx-tick ${here}`, style: `left:${percent(at)}%` }, ...shown);
  });
  box.replaceChildren(band, h("span", { class: "dx-axis" }), ...ticks, ...typedMark(look.typedAt, percent));
}

function typedMark(at, percent) {
  if (at == null) return [];
  const beyond = Math.abs(at) > VIEW;
  const label = beyond ? (at > 0 ? "typed, far right →" : "← typed, far left") : "typed";
  const side = at < -1.6 ? "dx-left" : at > 1.6 ? "dx-right" : "";
  return [h("span", { class: `dx-typed ${side}`, style: `left:${percent(at)}%` }, label)];
}
