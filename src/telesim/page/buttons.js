// Buttons that bots attach: inline keyboards under bubbles and reply keyboards under the composer.
import { el, icon, walk } from "./dom.js";
import { alertBox, toast, trouble } from "./dialog.js";
import { fullName } from "./face.js";
import { followLink } from "./links.js";
import { price } from "./service.js";
import { payFor } from "./stars.js";
import { post } from "./wire.js";
import { t } from "./words.js";
import { botOf } from "./face.js";
import { emit, world } from "./world.js";

const waiting = new Set();

const markOf = (key) => {
  if (key.url || key.login_url) return "outside";
  if (key.web_app) return "keyboard";
  if (key.pay) return "card";
  return key.copy_text ? "copy" : key.switch_inline_query !== undefined ? "forward" : null;
};

export function inlineKeyboard(message, context) {
  const rows = message.reply_markup?.inline_keyboard ?? (message.invoice ? [[{ text: "", pay: true }]] : []);
  if (!rows.length) return null;
  return el("div", { class: "keys", role: "group", "aria-label": t("buttons") },
    rows.map((row, r) => el("div", { class: "key-row" }, row.map((key, c) => keyNode(message, key, `k:${r}:${c}`, context)))));
}

function keyNode(message, key, place, context) {
  const id = `${message.chat.id}:${message.message_id}:${key.callback_data ?? key.text}`;
  const paid = message.sim?.invoice?.state === "paid";
  const label = key.pay ? payLabel(message, key, paid) : key.text;
  const mark = markOf(key);
  return el("button", {
    type: "button", class: ["key", waiting.has(id) && "waiting", key.style && `key-${key.style}`], data: { key: place }, "aria-busy": waiting.has(id) ? "true" : null,
    onclick: (event) => (event.stopPropagation(), press(message, key, id, context)),
  }, el("span", { class: "key-label", dir: "auto" }, label), mark ? el("span", { class: "key-mark" }, icon(mark)) : null);
}

function payLabel(message, key, paid) {
  if (paid) return t("receipt");
  return key.text || t("payPrice", { price: price(message.invoice) });
}

async function press(message, key, id, { row, say }) {
  if (key.url || key.login_url) return followLink(key.url ?? key.login_url.url);
  if (key.pay) return payFor(message);
  if (key.web_app) return void window.open(key.web_app.url, "_blank", "noopener");
  if (key.copy_text) return copy(key.copy_text.text);
  if (key.callback_data === undefined && !key.callback_game) return say(t("onlyInTelegram"));
  if (waiting.has(id)) return undefined;
  const done = () => (waiting.delete(id), emit("thread", message.chat.id));
  waiting.add(id);
  emit("thread", message.chat.id);
  try {
    const answer = await post(`people/${world.me.id}/tap`, {
      chat_id: message.chat.id, message_id: message.message_id, ...(key.callback_data === undefined ? { label: key.text } : { data: key.callback_data }),
    });
    done();
    show(answer ?? {}, row, message);
  } catch (error) {
    trouble(error);
    done();
  }
  return undefined;
}

function show(answer, row, message) {
  if (answer.url) followLink(answer.url);
  const text = answer.text;
  if (!text) return answer.answered === false ? toast(t("botSilent"), { icon: "alarm" }) : undefined;
  const from = botOf(row) ?? message.from;
  return (answer.show_alert ?? answer.alert) ? alertBox(text, fullName(from)) : toast(text);
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("copied"), { icon: "copy" });
  } catch {
    toast(t("notCopied"), { icon: "alarm" }); // a browser may forbid the clipboard on plain http
  }
}

export function isWaiting(message) {
  return [...waiting].some((id) => id.startsWith(`${message.chat.id}:${message.message_id}:`));
}

export function replyKeyboard(markup, { send, say }) {
  const keys = markup.keyboard.map((row) => el("div", { class: "reply-row" }, row.map((key) => {
    const text = typeof key === "string" ? key : key.text;
    const asks = typeof key !== "string" && (key.request_contact || key.request_location || key.request_poll || key.request_users || key.request_chat);
    const act = () => (key.web_app ? window.open(key.web_app.url, "_blank", "noopener") : asks ? say(t("onlyInTelegram")) : send(text));
    return el("button", { type: "button", class: "reply-key", dir: "auto", onclick: act }, text);
  })));
  const node = el("div", { class: ["reply-keyboard", markup.resize_keyboard && "compact"], role: "group", "aria-label": t("botKeyboard") }, keys);
  walk(node, () => [...node.querySelectorAll(".reply-key")]);
  return node;
}
