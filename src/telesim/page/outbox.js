// What I wrote and the simulator has not yet confirmed. It survives a lost connection and a reload: every text
// carries its own id, so that asking twice writes once.
import { recall, remember } from "./settings.js";
import { now } from "./times.js";
import { Refused, post } from "./wire.js";
import { emit, on, thread, world } from "./world.js";

const sentAs = new Map(); // "chat:message" -> client id, where the server does not echo it
let items = [];
let working = false;

const place = () => `outbox:${world.me.id}`;

function save() {
  remember(place(), items, "sessionStorage");
}

export function pending(chatId) {
  const known = new Set((thread(chatId)?.messages ?? []).map(clientId).filter(Boolean));
  return items.filter((item) => item.chat_id === chatId && !known.has(item.client_id));
}

export function clientId(message) {
  return message.sim?.client_id ?? sentAs.get(`${message.chat.id}:${message.message_id}`) ?? null;
}

export function write(chatId, text, replyTo) {
  const item = { client_id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, chat_id: chatId, text, reply_to_message_id: replyTo, date: Math.floor(now() / 1000), state: "sending" };
  items.push(item);
  save();
  emit("thread", chatId);
  emit("wrote", chatId);
  work();
}

export function retry(item) {
  Object.assign(item, { state: "sending", error: null });
  emit("thread", item.chat_id);
  work();
}

export function discard(item) {
  items = items.filter((other) => other !== item);
  save();
  emit("thread", item.chat_id);
}

// One after another, in the order written; without connection it waits for the feed to come back.
async function work() {
  if (working) return;
  working = true;
  let item;
  const me = world.me.id;
  while (world.connected && me === world.me.id && (item = items.find((other) => other.state === "sending" && !other.message_id))) {
    if (!(await deliver(item, me))) break;
  }
  working = false;
}

async function deliver(item, me) {
  const { client_id, chat_id, text, reply_to_message_id } = item;
  try {
    const answer = await post(`people/${me}/send`, { client_id, chat_id, text, ...(reply_to_message_id ? { reply_to_message_id } : {}) });
    item.message_id = answer.message_id;
    sentAs.set(`${chat_id}:${answer.message_id}`, client_id);
    settle();
  } catch (error) {
    if (!(error instanceof Refused)) {
      setTimeout(work, 1500);
      return false;
    }
    Object.assign(item, { state: "failed", error: error.message });
  }
  save();
  emit("thread", chat_id);
  return true;
}

function settle() {
  items = items.filter((item) => !item.message_id || !thread(item.chat_id)?.messages.some((message) => message.message_id === item.message_id));
  save();
}

on("thread", settle);
on("connected", (connected) => connected && work());
on("me", () => {
  items = recall(place(), [], "sessionStorage");
  working = false;
});
