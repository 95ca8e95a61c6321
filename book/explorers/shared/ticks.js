// SVG elements, and the round numbers at which a plot has its ticks.

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// About `count` round numbers between the ends: multiples of 1, 2 or 5 times a power of ten.
export function ticksOf([low, high], count) {
  if (!count) return [];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((times) => times * power >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

// Powers of ten between the ends, about `count` of them.
export function decadesOf([low, high], count) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const step = Math.max(1, Math.ceil((last - first) / Math.max(1, count)));
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => 10 ** (last - i * step));
}

// For a logarithmic axis of a few decades: 1, 2 and 5 times each power of ten, or more of them; round numbers where these
// are too few.
export function oneTwoFives([low, high], count) {
  const [first, last] = [low, high].map((end) => Math.floor(Math.log10(end)));
  const powers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const inside = (times) =>
    powers
      .flatMap((power) => times.map((one) => Number(`${one}e${power}`)))
      .filter((value) => value >= low && value <= high);
  return (
    [
      [1, 2, 5],
      [1, 2, 3, 4, 5, 7],
    ]
      .map(inside)
      .find((found) => found.length > 2) ?? ticksOf([low, high], count)
  );
}

export function tickText(value) {
  return String(value).replace("-", "−");
}

export function textAt(x, y, anchor, text, name = "dx-tick-text") {
  return svg("text", { x, y, "text-anchor": anchor, class: name }, text);
}

export function powerText(x, y, power) {
  return svg(
    "text",
    { x, y, "text-anchor": "end", class: "dx-tick-text" },
    "10",
    svg("tspan", { dy: -5, "font-size": "75%" }, String(power).replace("-", "−")),
  );
}
