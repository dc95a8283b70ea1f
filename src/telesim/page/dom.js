// Elements without markup strings: whatever people wrote can only ever become text nodes.
import { SHAPES } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";

export function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) put(node, name, value);
  fill(node, children);
  return node;
}

export function fill(node, children) {
  node.append(...[children].flat(Infinity).filter((child) => child != null && child !== false && child !== ""));
  return node;
}

function put(node, name, value) {
  if (value == null || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "class") node.className = [value].flat().filter(Boolean).join(" ");
  else if (name === "vars") for (const [key, v] of Object.entries(value)) node.style.setProperty(key, v);
  else if (name === "data") for (const [key, v] of Object.entries(value)) node.dataset[key] = v;
  else node.setAttribute(name, value === true ? "" : value);
}

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function icon(name, label) {
  const shape = SHAPES[name] ?? SHAPES.dot;
  const drawn = [shape.stroke ?? []].flat().map((d) => svg("path", { d, class: "line" }));
  const filled = [shape.fill ?? []].flat().map((d) => svg("path", { d, class: "solid" }));
  const node = svg("svg", { viewBox: shape.box ?? "0 0 24 24", class: `icon icon-${name}` }, ...filled, ...drawn);
  if (label) node.append(svg("title", {}, label));
  node.setAttribute(label ? "role" : "aria-hidden", label ? "img" : "true");
  return node;
}

export function iconButton(name, label, onclick, props = {}) {
  const css = ["icon-button", props.class].filter(Boolean).join(" ");
  return el("button", { type: "button", title: label, "aria-label": label, onclick, ...props, class: css }, icon(name));
}

export function ring(fraction) {
  const around = 2 * Math.PI * 7;
  const arc = svg("circle", { cx: 9, cy: 9, r: 7, class: "ring-arc" });
  arc.setAttribute("stroke-dasharray", `${around * fraction} ${around}`);
  return svg("svg", { viewBox: "0 0 18 18", class: "ring", "aria-hidden": "true" }, arc);
}

export function replace(node, ...children) {
  node.replaceChildren();
  return fill(node, children);
}

// A polite line for screen readers; a repeated sentence is still read because the old one is cleared first.
export function announce(sentence) {
  const line = document.getElementById("announcer");
  line.textContent = "";
  requestAnimationFrame(() => (line.textContent = sentence));
}

export function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// Arrow keys walk over `items()`; one of them is in the tab order at a time.
export function walk(container, items, { horizontal = false } = {}) {
  container.addEventListener("keydown", (event) => {
    const [back, on] = horizontal ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    if (![back, on, "Home", "End"].includes(event.key)) return;
    const all = items();
    const here = all.indexOf(document.activeElement);
    if (here < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const there = { [back]: here - 1, [on]: here + 1, Home: 0, End: all.length - 1 }[event.key];
    const next = all[Math.max(0, Math.min(all.length - 1, there))];
    event.preventDefault();
    all.forEach((item) => (item.tabIndex = item === next ? 0 : -1));
    next.focus();
  });
}

// Where the focus is now; what it answers puts it back, even when the thing was meanwhile drawn anew.
export function focusPoint() {
  const before = document.activeElement;
  const id = before.closest?.("[data-id]")?.dataset.id;
  const key = before.dataset?.key;
  return () => {
    const item = id && document.querySelector(`.item[data-id="${id}"]`);
    const again = key && item?.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const target = before.isConnected && before !== document.body ? before : again || item?.querySelector(".key") || item;
    (target ?? document.getElementById("composer-field"))?.focus({ preventScroll: true });
  };
}

export function focusables(node) {
  const wanted = "a[href], button:not([disabled]), input:not([disabled]), select, textarea, summary, [tabindex='0']";
  return [...node.querySelectorAll(wanted)].filter((item) => item.offsetParent !== null);
}
