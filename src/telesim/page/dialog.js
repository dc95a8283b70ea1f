// Things above the page: dialogs, menus, toasts. Focus goes in, stays in, and returns to where it was.
import { announce, el, focusables, focusPoint, icon, iconButton, replace } from "./dom.js";
import { t } from "./words.js";

const stack = [];

export function open({ label, title, body, actions = [], closable = true, onclose, ...rest }) {
  const back = focusPoint();
  const heading = title ? el("h2", { class: "dialog-title" }, title) : null;
  const box = el("div", { class: ["dialog", rest.class], role: rest.role ?? "dialog", "aria-modal": "true", "aria-label": label ?? title, tabindex: "-1" },
    closable ? iconButton("close", t("close"), () => shown.close(), { class: "dialog-close" }) : null,
    heading, body, actions.length ? el("div", { class: "dialog-actions" }, actions) : null);
  const shade = el("div", { class: "shade" }, box);
  const shown = {
    box,
    close(value) {
      if (!stack.includes(shown)) return;
      stack.splice(stack.indexOf(shown), 1);
      shade.classList.add("leaving");
      shade.inert = true;
      setTimeout(() => shade.remove(), 180);
      back();
      onclose?.(value);
    },
    escape: () => closable && shown.close(),
  };
  let pressed = null;
  shade.addEventListener("pointerdown", (event) => (pressed = event.target));
  shade.addEventListener("click", (event) => event.target === shade && pressed === shade && shown.escape());
  box.addEventListener("keydown", (event) => event.key === "Tab" && keepInside(event, box));
  document.body.append(shade);
  stack.push(shown);
  (box.querySelector("[data-first]") ?? box).focus({ preventScroll: true });
  return shown;
}

function keepInside(event, box) {
  const all = focusables(box);
  if (!all.length) return event.preventDefault();
  const edge = event.shiftKey ? all[0] : all.at(-1);
  const wrapTo = event.shiftKey ? all.at(-1) : all[0];
  if (document.activeElement !== edge && box.contains(document.activeElement) && document.activeElement !== box) return;
  event.preventDefault();
  wrapTo.focus();
}

export function escapeTop() {
  const top = stack.at(-1);
  top?.escape();
  return Boolean(top);
}

export function anyOpen() {
  return stack.length > 0;
}

export function button(label, onclick, props = {}) {
  return el("button", { type: "button", ...props, class: ["button", props.class].filter(Boolean).join(" "), onclick }, label);
}

// As Telegram's alert of answerCallbackQuery: one text, one OK.
export function alertBox(text, from) {
  const shown = open({
    title: from, label: from ?? t("notice"), role: "alertdialog", class: "alert", closable: true,
    body: el("p", { class: "alert-text", dir: "auto" }, text),
    actions: [button(t("ok"), () => shown.close(), { class: "plain", "data-first": true })],
  });
  return shown;
}

export function confirmBox({ title, text, yes, danger = false }) {
  return new Promise((resolve) => {
    const shown = open({
      title, label: title, role: "alertdialog", class: "alert", onclose: (value) => resolve(value === true),
      body: el("p", { class: "alert-text", dir: "auto" }, text),
      actions: [
        button(t("cancel"), () => shown.close(), { class: "plain" }),
        button(yes, () => shown.close(true), { class: danger ? "plain danger" : "plain", "data-first": true }),
      ],
    });
  });
}

let toastTimer = 0;

// At the top, as Telegram shows it: below are the buttons that one presses next.
export function toast(text, { icon: sign, long = false } = {}) {
  const place = document.getElementById("toasts");
  const node = el("div", { class: "toast" }, sign ? icon(sign) : null, el("span", { dir: "auto" }, text));
  replace(place, node);
  announce(text);
  clearTimeout(toastTimer);
  const away = () => (node.classList.add("leaving"), setTimeout(() => node.remove(), 200));
  node.addEventListener("click", away);
  toastTimer = setTimeout(away, long ? 9000 : Math.min(7000, 2600 + text.length * 40));
}

export function trouble(error) {
  toast(error.name === "TypeError" || error.status === undefined ? t("noConnection") : error.message, { icon: "alarm" });
}

// `items`: {icon, label, act, danger?, checked?, node?}; null is a line between groups.
export function menu(anchor, items, { at, head } = {}) {
  const back = focusPoint();
  const rows = items.map((item) => item === null ? el("hr", { role: "separator" }) : menuItem(item, () => shown.close()));
  const box = el("div", { class: "menu", role: "menu", tabindex: "-1" }, head?.(() => shown.close()) ?? null, rows);
  const sheet = el("div", { class: "menu-sheet" }, box);
  const shown = {
    box,
    close() {
      if (!stack.includes(shown)) return;
      stack.splice(stack.indexOf(shown), 1);
      sheet.remove();
      if (!document.querySelector(".shade:not(.leaving)")) back();
    },
    escape: () => shown.close(),
  };
  sheet.addEventListener("pointerdown", (event) => event.target === sheet && (event.preventDefault(), shown.close()));
  sheet.addEventListener("contextmenu", (event) => (event.preventDefault(), event.target === sheet && shown.close()));
  box.addEventListener("keydown", (event) => menuKeys(event, box, shown));
  document.body.append(sheet);
  put(box, anchor, at);
  stack.push(shown);
  (box.querySelector("[data-first]") ?? box.querySelector("[role^=menuitem]") ?? box).focus({ preventScroll: true });
  return shown;
}

function menuItem(item, close) {
  const act = () => (close(), item.act());
  const role = item.checked === undefined ? "menuitem" : "menuitemradio";
  const props = { type: "button", role, class: ["menu-item", item.danger && "danger"], tabindex: "-1", onclick: act,
    "aria-checked": item.checked === undefined ? null : String(item.checked) };
  const mark = item.node ?? (item.icon ? icon(item.icon) : el("span", { class: "icon" }));
  return el("button", props, mark, el("span", { class: "menu-label", dir: "auto" }, item.label), item.checked ? icon("check") : null,
    item.note ? el("span", { class: "menu-note" }, item.note) : null);
}

function menuKeys(event, box, shown) {
  if (event.key === "Tab") return (event.preventDefault(), shown.close());
  if (!["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return undefined;
  event.preventDefault();
  const all = [...box.querySelectorAll("[role^=menuitem]")];
  const here = all.indexOf(document.activeElement);
  const step = ["ArrowDown", "ArrowRight"].includes(event.key) ? 1 : -1;
  const next = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : (here + step + all.length) % all.length;
  return all[next]?.focus();
}

function put(box, anchor, at) {
  const edge = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const [x, y] = at ?? [edge.left, edge.bottom + 4];
  const left = Math.max(8, Math.min(x, innerWidth - width - 8));
  const below = y + height + 8 <= innerHeight;
  const top = below ? y : Math.max(8, (at ? y : edge.top - 4) - height);
  box.style.setProperty("--left", `${left}px`);
  box.style.setProperty("--top", `${top}px`);
  box.style.setProperty("--from", below ? "top left" : "bottom left");
}
