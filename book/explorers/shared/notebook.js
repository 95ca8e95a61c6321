// In a live notebook: the same element, its state tied to the widget's traits both ways; its data it is given once.

export function inNotebook(tag, keys, data) {
  return {
    render({ model, el }) {
      const traits = () => Object.fromEntries(keys.map((key) => [key, model.get(key)]));
      const element = document.createElement(tag);
      element.dataset.host = "notebook";
      element.dataset.settings = JSON.stringify(traits());
      for (const name of data) element.dataset[name] = JSON.stringify(model.get(name));
      let pushing = false; // each model.set below tells `pull` while the other traits are still old
      const pull = () => pushing || element.set(traits());
      const push = ({ detail }) => {
        pushing = true;
        for (const key of keys) model.set(key, detail[key]);
        pushing = false;
        model.save_changes();
      };
      element.addEventListener("dx-change", push);
      // JupyterLab would take Enter and the arrows as its own; Ctrl-S and its like still reach it.
      element.addEventListener("keydown", (event) => event.ctrlKey || event.metaKey || event.stopPropagation());
      for (const key of keys) model.on(`change:${key}`, pull);
      el.append(element);
      return () => keys.forEach((key) => model.off(`change:${key}`, pull));
    },
  };
}
