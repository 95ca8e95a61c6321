// A surface as ground to walk on: its level lines, and the heights that a curve of losses has to show.
import { contours } from "./contours.js";
import GROUND from "./ground.json" with { type: "json" };
import { picture } from "./surfaces.js";

export const { surface: FIRST_SURFACE, most_steps: MOST_STEPS } = GROUND;
const FLOOR = 1e-9; // the lowest loss that a curve shows
const levels = {};

// Level lines of a surface over its picture, computed once.
function levelsOf(surface) {
  const [x, y] = picture(surface);
  levels[surface.name] ??= contours((a, b) => surface.f([a, b]), x, y);
  return levels[surface.name];
}

// Stars for the minima of any surface: four at most.
export function starsOn(plane) {
  return [0, 1, 2, 3].map(() => plane.text({ anchor: "middle", dy: 6, name: "dx-star" }));
}

// Another surface on a plane, its level lines and its minima.
export function drawGround(surface, { plane, levels: lines, stars }) {
  const [x, y] = picture(surface);
  plane.view(x, y);
  lines.set(levelsOf(surface));
  stars.forEach((star, i) => star.set(surface.minima[i] ?? null, "★"));
}

// Powers of ten around losses above 0, two apart at least.
export function decadesAround(losses) {
  const seen = losses.map((loss) => Math.max(FLOOR, loss));
  const power = (value, round) => 10 ** round(Math.log10(value));
  const [low, high] = [
    power(Math.min(...seen), (p) => Math.floor(p - 0.01)),
    power(Math.max(...seen), (p) => Math.ceil(p + 0.01)),
  ];
  return [Math.min(low, high / 100), high];
}

// The lowest and the highest loss on the edges of the picture, for surfaces without a minimum.
export function heightsOf(surface) {
  const [[x0, x1], [y0, y1]] = picture(surface);
  const edge = [
    [x0, 0],
    [x1, 0],
    [0, y0],
    [0, y1],
    [x0, y0],
    [x1, y0],
    [x0, y1],
    [x1, y1],
  ].map(surface.f);
  return [Math.min(...edge), Math.max(...edge)];
}
