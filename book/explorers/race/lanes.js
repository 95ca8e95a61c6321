// Who runs in a race, and with which settings: a box for each method, and a lane with a slider for each of its settings.
//
//   this.lanes = new Lanes(LOOKS, (methods) => this.set({ methods }));
//   box.append(this.lanes.entrants, this.lanes.element);
//   this.lanes.draw(surface, methods); // whenever the state changes
import { h } from "../shared/element.js";
import { FIRST_SURFACE } from "../shared/ground.js";
import { fill, numberField } from "../shared/number-field.js";
import { flat, SYMBOLS } from "../shared/rules.js";
import { key } from "./line-chart.js";
import { endsOf, fromTrack, METHODS, nested, settingsOn, toTrack, WORDS } from "./race-settings.js";

export class Lanes {
  constructor(looks, change) {
    Object.assign(this, { looks, change, lanes: {} });
    this.forget();
    const boxes = METHODS.map((name) => this.entrant(name));
    this.entrants = h("fieldset", { class: "dx-entrants" }, h("legend", {}, "Who runs"), ...boxes);
    this.element = h("div", { class: "dx-lanes" }, ...METHODS.map((name) => this.lane(name)));
  }

  // A method that was taken out comes back with its settings, unless they are forgotten.
  forget() {
    this.left = {};
  }

  entrant(name) {
    const box = h("input", { type: "checkbox", onchange: () => this.enter(name, box.checked) });
    const look = this.looks[name];
    this.lanes[name] = { box };
    return h("label", { class: `dx-entrant dx-mark-${look.hue}` }, box, key(look), name);
  }

  enter(name, runs) {
    const { [name]: settings, ...others } = this.methods;
    if (settings) this.left[name] = settings;
    const entered = { [name]: this.left[name] ?? settingsOn(this.surface, name), ...others };
    this.change(runs ? entered : others);
    this.draw(this.surface, this.methods); // the last one stays in
  }

  lane(name) {
    const settings = Object.keys(flat(settingsOn(FIRST_SURFACE, name))); // the same on each
    const lane = h(
      "div",
      { class: "dx-lane", role: "group", "aria-label": name },
      h("span", { class: "dx-lane-name" }, key(this.looks[name]), name),
      ...settings.map((setting) => this.track(name, setting)),
    );
    Object.assign(this.lanes[name], { lane });
    return lane;
  }

  track(name, setting) {
    const [min, max] = endsOf(setting);
    const symbol = SYMBOLS[setting];
    const label = `${name}, ${WORDS[setting]} ${symbol}`;
    const change = (value) => {
      const own = nested({ ...flat(this.methods[name]), [setting]: value });
      this.change({ ...this.methods, [name]: own });
    };
    const slider = h("input", {
      type: "range",
      min,
      max,
      step: 0.02,
      "aria-label": label,
      oninput: () => change(fromTrack(setting, Number(slider.value))),
    });
    const typed = numberField({ min: 0, "aria-label": `${label}, as a number` }, change);
    this.lanes[name][setting] = { slider, typed };
    return h(
      "div",
      { class: "dx-setting" },
      h("span", { class: "dx-symbol", "aria-hidden": "true" }, symbol),
      typed,
      slider,
    );
  }

  draw(surface, methods) {
    Object.assign(this, { surface, methods });
    for (const [name, { box, lane, ...tracks }] of Object.entries(this.lanes)) {
      box.checked = name in methods;
      lane.hidden = !box.checked;
      for (const [setting, value] of Object.entries(flat(methods[name] ?? {}))) {
        fill(tracks[setting].typed, value);
        tracks[setting].slider.value = toTrack(setting, value);
        tracks[setting].slider.setAttribute("aria-valuetext", String(value));
      }
    }
  }
}
