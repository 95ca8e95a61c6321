// The settings of the methods in a race: what they may be, where they stand on a slider, how a link writes them.
import { rounded } from "../shared/number-text.js";
import { flat, RULES } from "../shared/rules.js";
import RACE from "./race.json" with { type: "json" };

const { limits: LIMITS, shares: SHARES, second: SECOND } = RACE; // shares: of every setting without a limit of its own
export const searches = (method) => Object.hasOwn(SECOND, method); // else it takes one gradient a step
export const METHODS = [...Object.keys(RULES), ...Object.keys(SECOND)];
export const GROUNDS = RACE.surfaces; // of each the loss to reach, the noise of a gradient's entry, and a rate that suits each method

export const WORDS = {
  lr: "learning rate",
  radius: "first radius",
  momentum: "momentum",
  alpha: "share kept",
  rho: "share kept",
  weight_decay: "weight decay",
  beta1: "first beta",
  beta2: "second beta",
};
// A slider runs over powers of ten: of a rate, of a decay, or of what an average forgets, one minus what it keeps.
const TRACKS = { lr: [-4, 2], radius: [-4, 2], weight_decay: [-4, 1] };
const FORGETS = [0, 3];

// The settings with which a method begins on a surface.
export function settingsOn(surface, method) {
  if (searches(method)) return { ...SECOND[method].settings };
  const { hyper, defaults } = RULES[method];
  const own = { ...defaults, ...RACE.begins[method] };
  return { lr: GROUNDS[surface].rates[method], ...Object.fromEntries(hyper.map((name) => [name, own[name]])) };
}

// The methods that run at first on a surface.
export function entrantsOn(surface) {
  return Object.fromEntries(RACE.atFirst.map((name) => [name, settingsOn(surface, name)]));
}

// The methods in their order, settings that are not given filled in; null if one is unknown or out of its range.
export function acceptMethods(surface, given) {
  if (given === null || typeof given !== "object") return null;
  const entries = Object.keys(given).map((name) => {
    if (!METHODS.includes(name)) return null;
    const own = settingsOn(surface, name);
    const settings = { ...own, ...given[name] };
    const whole = flat(settings);
    const fine =
      Object.keys(settings).every((setting) => Object.hasOwn(own, setting)) &&
      Object.entries(whole).every(
        ([setting, value]) => typeof value === "number" && between(value, LIMITS[setting] ?? SHARES),
      );
    return fine ? [name, nested(whole)] : null;
  });
  if (!entries.length || entries.includes(null)) return null;
  return Object.fromEntries(entries.sort(([a], [b]) => METHODS.indexOf(a) - METHODS.indexOf(b)));
}

const between = (value, [low, high]) => value >= low && value <= high;

// The two betas as a pair again; `flat` parts them.
export function nested({ beta1, beta2, weight_decay, ...others }) {
  const betas = beta1 === undefined && beta2 === undefined ? {} : { betas: [beta1, beta2] };
  return { ...others, ...betas, ...(weight_decay === undefined ? {} : { weight_decay }) };
}

// --- on a slider ---------------------------------------------------------------------------------------

export function endsOf(setting) {
  return TRACKS[setting] ?? FORGETS;
}

export function fromTrack(setting, at) {
  const power = rounded(10 ** at, 3);
  if (TRACKS[setting]) return power;
  return Number((1 - 10 ** -at).toFixed(4));
}

export function toTrack(setting, value) {
  return TRACKS[setting] ? Math.log10(value || 1e-9) : -Math.log10(1 - value);
}

// --- in a link: SGD~lr~0.03,Adam~lr~0.1~beta1~0.9~beta2~0.999 --------------------------------------------

export function methodsText(methods) {
  return Object.entries(methods)
    .map(([name, settings]) => [name, ...Object.entries(flat(settings)).flat()].join("~"))
    .join(",");
}

export function methodsFrom(text) {
  const entries = text.split(",").map((one) => {
    const [name, ...rest] = one.split("~");
    const pairs = rest.flatMap((word, i) => (i % 2 ? [] : [[word, Number(rest[i + 1])]]));
    return [name, nested(Object.fromEntries(pairs))];
  });
  return Object.fromEntries(entries);
}
