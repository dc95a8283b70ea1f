// The bot's calls beside the chat, for whoever writes the bot.
import { el, icon, iconButton, replace } from "./dom.js";
import { trouble } from "./dialog.js";
import { recall, remember } from "./settings.js";
import { seconds } from "./times.js";
import { get } from "./wire.js";
import { t } from "./words.js";
import { on, world } from "./world.js";

const SHOWN = 300;
const QUIET = new Set(["getupdates", "getme"]);
let panel = null;

export function isOpen() {
  return panel !== null;
}

export function toggleCalls(to = !isOpen()) {
  remember("calls", to);
  if (to === isOpen()) return;
  if (to) openPanel();
  else shut();
}

function shut() {
  const hadFocus = panel.node.contains(document.activeElement);
  panel.node.remove();
  panel = null;
  document.body.classList.remove("with-calls");
  if (hadFocus) document.querySelector(".tools .tool:last-child")?.focus();
}

function openPanel() {
  const filter = el("input", { type: "search", placeholder: t("filterCalls"), "aria-label": t("filterCalls"), spellcheck: "false" });
  const quiet = el("input", { type: "checkbox", id: "calls-quiet", checked: recall("calls:quiet", true) });
  const list = el("ol", { class: "calls-list", tabindex: "0", "aria-label": t("botCalls") });
  const node = el("aside", { class: "calls", "aria-label": t("botCalls") },
    el("header", { class: "calls-head" }, icon("code"), el("h2", {}, t("botCalls")), iconButton("trash", t("clearList"), clear), iconButton("close", t("close"), () => toggleCalls(false))),
    el("div", { class: "calls-filter" }, filter, el("label", { for: "calls-quiet" }, quiet, t("hidePolling"))), list);
  panel = { node, list, filter, quiet, from: 0 };
  filter.addEventListener("input", draw);
  quiet.addEventListener("change", () => (remember("calls:quiet", quiet.checked), draw()));
  document.getElementById("app").append(node);
  document.body.classList.add("with-calls");
  draw();
  read();
}

function clear() {
  panel.from = world.calls.at(-1)?.n ?? 0;
  draw();
}

async function read() {
  try {
    const newest = world.calls.at(-1)?.n ?? 0;
    const told = await get(`calls?after=${Math.max(0, newest - SHOWN)}`);
    const known = new Set(told.map((call) => call.n));
    world.calls = [...told, ...world.calls.filter((call) => !known.has(call.n))].sort((a, b) => a.n - b.n).slice(-600);
    if (panel) draw();
  } catch (error) {
    trouble(error);
  }
}

function wanted(call) {
  const text = panel.filter.value.trim().toLowerCase();
  if (call.n <= panel.from) return false;
  if (panel.quiet.checked && QUIET.has(call.method.toLowerCase())) return false;
  return !text || call.method.toLowerCase().includes(text) || JSON.stringify(call.params ?? {}).toLowerCase().includes(text);
}

function draw() {
  const calls = world.calls.filter(wanted).slice(-SHOWN).reverse();
  replace(panel.list, calls.length ? calls.map(callNode) : el("li", { class: "calls-empty" }, t("noCalls")));
}

function hint(call) {
  const params = call.params ?? {};
  const words = params.text ?? params.caption ?? params.question ?? params.title ?? params.callback_query_id ?? params.emoji;
  return words === undefined ? "" : String(words).replace(/\s+/gu, " ").slice(0, 80);
}

function callNode(call) {
  const node = el("details", { class: ["call", !call.ok && "bad"] },
    el("summary", {}, el("span", { class: "call-mark", role: "img", "aria-label": call.ok ? t("fine") : t("refusedCall") }, call.ok ? "✓" : "✕"),
      el("span", { class: "call-method" }, call.method), el("time", {}, seconds(typeof call.at === "number" ? call.at * 1000 : call.at)), el("span", { class: "call-hint", dir: "auto" }, call.ok ? hint(call) : (call.error?.description ?? call.error ?? ""))));
  node.addEventListener("toggle", () => {
    if (!node.open) return;
    if (!node.querySelector(".call-body")) node.append(el("div", { class: "call-body" }, el("h3", {}, t("params")), code(call.params ?? {}), el("h3", {}, t("result")), code(call.ok ? call.result : call.error)));
    node.scrollIntoView({ block: "nearest" });
  });
  return el("li", {}, node);
}

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?/gu;

function code(value) {
  const text = JSON.stringify(value, null, 2) ?? "null";
  const node = el("pre", { class: "json", tabindex: "0" });
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    node.append(text.slice(at, match.index));
    const kind = match[1] ? (match[2] ? "key" : "text") : match[3] ? "word" : "number";
    node.append(el("span", { class: `json-${kind}` }, match[1] ?? match[0]), match[2] ?? "");
    at = match.index + match[0].length;
  }
  node.append(text.slice(at));
  return node;
}

on("call", (call) => {
  if (!panel || !wanted(call)) return;
  panel.list.querySelector(".calls-empty")?.remove();
  panel.list.prepend(callNode(call));
  while (panel.list.children.length > SHOWN) panel.list.lastChild.remove();
});

export function reopenIfRemembered() {
  if (recall("calls", false) && innerWidth >= 1100) toggleCalls(true);
}
