// The list of a bot's commands: by the menu button, or while a "/" is being typed.
import { el, replace } from "./dom.js";
import { t } from "./words.js";

export function commandList(field, { commands, pick }) {
  const node = el("ul", { class: "commands", role: "listbox", id: "commands", "aria-label": t("commands"), hidden: true });
  let shown = [];
  let here = 0;

  const draw = () => {
    replace(node, shown.map((command, i) =>
      el("li", { role: "option", id: `command-${i}`, class: ["command", i === here && "here"], "aria-selected": String(i === here),
        onpointerdown: (event) => event.preventDefault(), onclick: () => choose(i) },
        el("span", { class: "command-name" }, `/${command.command}`), el("span", { class: "command-words", dir: "auto" }, command.description))));
    node.hidden = shown.length === 0;
    field.setAttribute("aria-expanded", String(!node.hidden));
    if (node.hidden) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", `command-${here}`);
    node.querySelector(".here")?.scrollIntoView({ block: "nearest" });
  };
  const choose = (i) => {
    const command = shown[i];
    close();
    pick(`/${command.command}`);
  };
  const close = () => {
    shown = [];
    draw();
  };
  return {
    node,
    close,
    isOpen: () => !node.hidden,
    all() {
      shown = commands();
      here = 0;
      draw();
      field.focus();
    },
    filter(text) {
      const typed = /^\/(\w*)$/u.exec(text)?.[1];
      shown = typed === undefined ? [] : commands().filter(({ command }) => command.startsWith(typed.toLowerCase()));
      here = 0;
      draw();
    },
    key(event) {
      if (node.hidden) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) here = (here + step + shown.length) % shown.length;
      else if (event.key === "Enter" || event.key === "Tab") return (choose(here), true);
      else if (event.key === "Escape") return (close(), true);
      else return false;
      draw();
      return true;
    },
  };
}
