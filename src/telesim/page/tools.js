// The simulator's own controls, apart from what Telegram has: the clock, faults, the bot's calls.
import { el, icon, iconButton, replace } from "./dom.js";
import { button, open, toast, trouble } from "./dialog.js";
import { clockFace, now } from "./times.js";
import { drop, get, post } from "./wire.js";
import { t } from "./words.js";
import { on } from "./world.js";

let faults = [];

export function toolStrip({ calls }) {
  const face = el("span", { class: "tool-time" });
  const count = el("span", { class: "tool-count", hidden: true });
  const clock = el("button", { type: "button", class: "tool tool-clock", title: t("moveClock"), "aria-label": t("moveClock"), onclick: clockDialog }, icon("clock"), face);
  const fault = el("button", { type: "button", class: "tool", title: t("injectFault"), "aria-label": t("injectFault"), onclick: faultDialog }, icon("bolt"), count);
  const node = el("div", { class: "tools", role: "toolbar", "aria-label": t("simulator") }, clock, fault,
    iconButton("code", t("botCalls"), calls, { class: "tool" }));
  const draw = () => {
    face.textContent = clockFace(now());
    count.hidden = !faults.length;
    count.textContent = String(faults.length);
  };
  current = draw;
  draw();
  readFaults();
  return node;
}

let current = () => {};
on("clock", () => current());
on("fault", () => readFaults());
setInterval(() => current(), 10000);

async function readFaults() {
  try {
    const told = await get("faults");
    faults = Array.isArray(told) ? told : (told?.faults ?? []);
  } catch (error) {
    if (error.status === undefined) return; // away: asked again when the feed is back
    faults = [];
  }
  current();
}

const HOUR = 3600;

export function clockDialog() {
  const face = el("p", { class: "clock-face", "aria-live": "polite" }, clockFace(now()));
  const move = async (seconds) => {
    try {
      await post("clock", { advance_seconds: seconds });
      face.textContent = clockFace(now());
      toast(t("clockMoved"), { icon: "clock" });
    } catch (error) {
      trouble(error);
    }
  };
  const amount = el("input", { type: "number", id: "clock-amount", min: "1", value: "7", required: true });
  const unit = el("select", { "aria-label": t("unit") }, [["60", t("minutes")], ["3600", t("hours")], ["86400", t("days")]].map(([value, label]) => el("option", { value, selected: value === "86400" }, label)));
  const form = el("form", { class: "clock-custom" }, el("label", { for: "clock-amount", class: "sr" }, t("forwardBy")), amount, unit, el("button", { class: "button" }, t("go")));
  form.addEventListener("submit", (event) => (event.preventDefault(), move(Number(amount.value) * Number(unit.value))));
  const quick = [["+1 h", HOUR], [t("plusDay"), 24 * HOUR], [t("plusMonth"), 720 * HOUR]];
  on("clock", () => face.isConnected && (face.textContent = clockFace(now())));
  return open({
    title: t("moveClock"), class: "clock",
    body: el("div", { class: "form" }, face, el("p", { class: "dialog-faint" }, t("clockText")),
      el("div", { class: "quick" }, quick.map(([label, seconds], i) => button(label, () => move(seconds), { class: "tonal", "data-first": i === 0 ? true : null }))), form),
  });
}

const KINDS = ["429", "500", "timeout", "drop_reply", "duplicate_updates", "delay_updates"];
const METHODS = ["", "sendMessage", "editMessageText", "answerCallbackQuery", "sendPhoto", "getUpdates", "sendInvoice", "answerPreCheckoutQuery", "setMessageReaction"];

export function faultDialog() {
  const kind = el("select", { id: "fault-kind", "data-first": true }, KINDS.map((value) => el("option", { value }, t(`fault_${value}`))));
  const method = el("input", { id: "fault-method", list: "fault-methods", placeholder: t("anyMethod"), autocomplete: "off", spellcheck: "false" });
  const methods = el("datalist", { id: "fault-methods" }, METHODS.filter(Boolean).map((value) => el("option", { value })));
  const count = el("input", { id: "fault-count", type: "number", min: "1", max: "1000", value: "1", required: true });
  const after = el("input", { id: "fault-after", type: "number", min: "1", max: "3600", value: "3" });
  const afterField = el("div", { class: "field-pair" }, el("label", { for: "fault-after" }, t("seconds")), after);
  const methodField = el("div", { class: "field-pair" }, el("label", { for: "fault-method" }, t("method")), method, methods);
  const note = el("p", { class: "pay-error", role: "alert" });
  const list = el("ul", { class: "fault-list" });
  const adapt = () => {
    afterField.hidden = !["429", "delay_updates"].includes(kind.value);
    methodField.hidden = kind.value.endsWith("_updates");
  };
  kind.addEventListener("change", adapt);
  adapt();
  const draw = async () => {
    await readFaults();
    replace(list, faults.length ? faults.map(faultLine) : el("li", { class: "dialog-faint" }, t("noFaults")));
    clear.hidden = !faults.length;
  };
  const clear = button(t("clearFaults"), () => drop("faults").then(draw).catch(trouble), { class: "plain danger small" });
  const form = el("form", { class: "form" }, el("p", { class: "dialog-faint" }, t("faultText")),
    el("label", { for: "fault-kind" }, t("faultKind")), kind, methodField,
    el("div", { class: "field-row" }, el("div", { class: "field-pair" }, el("label", { for: "fault-count" }, t("times")), count), afterField),
    note, el("div", { class: "dialog-actions" }, clear, el("button", { class: "button" }, t("inject"))), list);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    note.textContent = "";
    try {
      await post("faults", faultOf(kind.value, method.value.trim(), Number(count.value), Number(after.value)));
      toast(t("faultSet"), { icon: "bolt" });
      await draw();
    } catch (error) {
      note.textContent = error.status ? error.message : t("noConnection");
    }
  });
  const shown = open({ title: t("injectFault"), class: "faults", body: form });
  draw();
  return shown;
}

function faultOf(kind, method, count, seconds) {
  const fault = { kind, count };
  if (method && !kind.endsWith("_updates")) fault.method = method;
  if (kind === "429") fault.retry_after = seconds;
  if (kind === "delay_updates") fault.seconds = seconds;
  return fault;
}

function faultLine(fault) {
  return el("li", {}, icon("bolt"), el("span", {}, KINDS.includes(fault.kind) ? t(`fault_${fault.kind}`) : fault.kind), fault.kind.endsWith("_updates") ? null : el("code", {}, fault.method ?? t("anyMethod")), el("span", {}, `× ${fault.count ?? 1}`));
}
