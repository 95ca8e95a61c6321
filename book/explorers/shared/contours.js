// Level lines by marching squares: for each level the closed rings around { f ≤ level }, to stroke and to fill.

const OUTSIDE = Infinity; // a rim around the grid, so that every ring closes; it lies beyond the picture

// Returns [[ring, ...], ...], the rings of one level after another, from the lowest; a ring is [[x, y], ...].
// Levels are numbers, or how many quantiles of the heights (as book/figures/surface.py has them).
export function contours(f, x, y, levels = 11, cells = 128) {
  const grid = gridOf(f, x, y, cells);
  const chosen = Array.isArray(levels) ? levels : quantiles(grid, levels);
  return chosen.map((level) => rings(grid, level));
}

function gridOf(f, [x0, x1], [y0, y1], cells) {
  const n = cells + 5; // two more on each side than the picture needs
  const at = (low, high) => Array.from({ length: n }, (_, i) => low + ((high - low) * (i - 2)) / cells);
  const [xs, ys] = [at(x0, x1), at(y0, y1)];
  const heights = new Float64Array(n * n).fill(OUTSIDE);
  for (let j = 1; j < n - 1; j += 1) for (let i = 1; i < n - 1; i += 1) heights[j * n + i] = f(xs[i], ys[j]);
  return { n, xs, ys, heights };
}

function quantiles({ heights }, count) {
  const sorted = heights.filter(Number.isFinite).sort();
  const inner = Array.from({ length: count - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / count)]);
  return [...new Set(inner)];
}

// A crossing has the number of its grid edge: 2k for the edge from grid point k to the right, 2k + 1 upwards. Each
// cell links crossings so that the low side lies to the left; a crossing is then left by one cell only.
function rings({ n, xs, ys, heights }, level) {
  const next = new Map();
  for (let k = 0; k < n * (n - 1) - 1; k += 1) {
    if (k % n === n - 1) continue;
    const [low, above] = [heights[k] <= level, k + n];
    if (low === heights[k + 1] <= level && low === heights[above + 1] <= level && low === heights[above] <= level)
      continue;
    const edges = [2 * k, 2 * k + 3, 2 * above, 2 * k + 1];
    const corners = [heights[k], heights[k + 1], heights[above + 1], heights[above]];
    for (const [from, to] of links(corners, level)) next.set(edges[from], edges[to]);
  }
  const point = (edge) => {
    const k = edge >> 1;
    const [i, j] = [k % n, Math.floor(k / n)];
    const [a, b] = [heights[k], heights[edge & 1 ? k + n : k + 1]];
    const share = a === OUTSIDE ? 1 : b === OUTSIDE ? 0 : (level - a) / (b - a);
    const along = (ends, m) => ends[m] + share * (ends[m + 1] - ends[m]);
    return edge & 1 ? [xs[i], along(ys, j)] : [along(xs, i), ys[j]];
  };
  const found = [];
  while (next.size) {
    const ring = [];
    for (let [edge] = next.keys(), following; (following = next.get(edge)) !== undefined; edge = following) {
      ring.push(point(edge));
      next.delete(edge);
    }
    if (ring.length > 7) found.push(ring); // less is a fleck of the grid
  }
  return found;
}

// Edges of a cell in turn: 0 below, 1 right, 2 above, 3 left; its corners counter-clockwise from below left. Going
// around, the line comes in where low ends and goes out where low begins.
function links(corners, level) {
  const low = corners.map((height) => height <= level);
  const ends = [0, 1, 2, 3].filter((k) => low[k] && !low[(k + 1) % 4]);
  const starts = [0, 1, 2, 3].filter((k) => !low[k] && low[(k + 1) % 4]);
  if (ends.length === 1) return [[ends[0], starts[0]]];
  const joined = corners.reduce((sum, height) => sum + height, 0) / 4 <= level; // two low corners, meeting or not
  const after = (k, step) => (k + step) % 4;
  return ends.map((k) => [k, joined ? after(k, 1) : after(k, 3)]);
}
