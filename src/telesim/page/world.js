// What this page knows of the world, and how live events change it. Views listen; nobody else writes here.
import { setOffset } from "./times.js";
import { Feed, get } from "./wire.js";

export const world = {
  me: null, people: [], bots: [], rows: new Map(), threads: new Map(), calls: [], typing: new Map(),
  connected: false, ready: true, openChat: null,
};

const PAGE = 40;
const KEPT = 240;
const listeners = new Map();
let feed = null;
let held = 0;
let queue = [];

export function on(topic, act) {
  if (!listeners.has(topic)) listeners.set(topic, new Set());
  listeners.get(topic).add(act);
}

export function emit(topic, value) {
  for (const act of listeners.get(topic) ?? []) act(value);
}

// In a private chat the Bot API names the person; on her side of it the chat is the bot's, as in the list.
function own(chatId, message) {
  message.chat = { ...message.chat, id: chatId };
  return message;
}

async function page(chatId, before = "") {
  const messages = await get(`people/${world.me.id}/messages?chat_id=${chatId}&limit=${PAGE}${before}`);
  return messages.map((message) => own(chatId, message));
}

export async function loadState() {
  const state = await get("state");
  Object.assign(world, { people: state.people ?? [], bots: state.bots ?? (state.bot ? [state.bot] : []), ready: state.ready !== false });
  setOffset(state.clock?.offset_seconds ?? 0);
  if (world.me) world.me = world.people.find((person) => person.id === world.me.id) ?? world.me;
  return state;
}

export function enter(person) {
  feed?.close();
  Object.assign(world, { me: person, rows: new Map(), threads: new Map(), typing: new Map(), openChat: null, rowsLoaded: false });
  queue = [];
  feed = new Feed(person.id, { heard, state: connection, fresh: () => holding(refresh) });
  emit("me");
}

function connection(connected) {
  if (world.connected === connected) return;
  world.connected = connected;
  emit("connected", connected);
  if (!connected) setTimeout(stillThere, 2000, world.me.id);
}

// A simulator that begins a new world no longer knows this person: whoever looks is told by a fresh page.
async function stillThere(id) {
  if (world.connected || world.me.id !== id) return;
  const state = await get("state").catch(() => null);
  if (state && !state.people.some((person) => person.id === id)) emit("vanished");
  else if (!world.connected) setTimeout(stillThere, 3000, id);
}

// Events that arrive while something is being read are applied after it: an older answer never hides a newer event.
async function holding(act) {
  held += 1;
  try {
    return await act();
  } finally {
    held -= 1;
    if (held === 0) {
      const waiting = queue;
      queue = [];
      for (const [name, fact] of waiting) apply(name, fact);
    }
  }
}

function heard(name, fact) {
  if (held > 0) queue.push([name, fact]);
  else apply(name, fact);
}

async function refresh() {
  const me = world.me;
  try {
    await loadState();
    const rows = await get(`people/${me.id}/chats`);
    if (me.id !== world.me.id) return;
    world.rows = new Map(rows.map((row) => [row.chat.id, row]));
    world.rowsLoaded = true;
    const open = world.openChat;
    for (const id of [...world.threads.keys()]) if (id !== open) world.threads.delete(id);
    if (open !== null && world.threads.has(open)) await reread(open);
    emit("people");
    emit("chats");
    emit("thread", open);
    emit("fresh");
  } catch (error) {
    if (error.status === undefined) feed.again(); // away in the middle of it: everything is read anew
    else emit("trouble", error);
  }
}

async function reread(chatId) {
  const thread = world.threads.get(chatId);
  const newest = await page(chatId);
  const first = newest[0]?.message_id ?? 0;
  const joins = thread.messages.some((message) => message.message_id >= first);
  thread.messages = joins ? thread.messages.filter((message) => message.message_id < first) : [];
  thread.messages.push(...newest);
  if (!joins) thread.older = newest.length === PAGE;
}

export function thread(chatId) {
  return world.threads.get(chatId) ?? null;
}

export function openThread(chatId) {
  const known = world.threads.get(chatId);
  if (known) return known.loading ?? Promise.resolve(known);
  const fresh = { messages: [], older: true, loaded: false };
  world.threads.set(chatId, fresh);
  fresh.loading = holding(async () => {
    const messages = await page(chatId);
    Object.assign(fresh, { messages, older: messages.length === PAGE, loaded: true, loading: null });
    return fresh;
  }).catch((error) => {
    if (world.threads.get(chatId) === fresh) world.threads.delete(chatId);
    throw error;
  });
  return fresh.loading;
}

// The page above; answers whether there was one.
export async function olderPage(chatId) {
  const known = world.threads.get(chatId);
  if (!known?.loaded || !known.older || known.paging) return false;
  known.paging = true;
  try {
    return await holding(async () => {
      const found = await page(chatId, `&before=${known.messages[0]?.message_id ?? 0}`);
      const seen = new Set(known.messages.map((message) => message.message_id));
      known.messages = [...found.filter((message) => !seen.has(message.message_id)), ...known.messages];
      known.older = found.length === PAGE;
      return found.length > 0;
    });
  } finally {
    known.paging = false;
  }
}

// Long sittings stay light: what scrolled far out above is read again when wanted.
export function trim(chatId) {
  const known = world.threads.get(chatId);
  if (!known || known.messages.length <= KEPT) return;
  known.messages = known.messages.slice(-PAGE * 2);
  known.older = true;
}

function put(known, message) {
  const at = known.messages.findLastIndex((other) => other.message_id <= message.message_id);
  if (at >= 0 && known.messages[at].message_id === message.message_id) known.messages[at] = message;
  else known.messages.splice(at + 1, 0, message);
}

function isMine(message) {
  return message.sim?.outgoing ?? message.from?.id === world.me.id;
}

const appliers = {
  message({ chat_id: id, message: told }) {
    const message = own(id, told);
    const row = world.rows.get(id);
    if (row && (row.last_message?.message_id ?? 0) < message.message_id) {
      row.last_message = message;
      row.unread = isMine(message) ? 0 : (row.unread ?? 0) + 1;
    }
    world.typing.delete(id);
    const known = world.threads.get(id);
    if (known?.loaded) put(known, message);
    emit("arrived", { id, message });
    emit("chats");
    emit("thread", id);
  },
  edit({ chat_id: id, message: told }) {
    const message = own(id, told);
    const row = world.rows.get(id);
    if (row?.last_message?.message_id === message.message_id) row.last_message = message;
    const known = world.threads.get(id);
    if (known?.messages.some((other) => other.message_id === message.message_id)) put(known, message);
    emit("chats");
    emit("thread", id);
  },
  delete({ chat_id: id, message_ids: gone }) {
    const known = world.threads.get(id);
    if (known) known.messages = known.messages.filter((message) => !gone.includes(message.message_id));
    const row = world.rows.get(id);
    if (row && gone.includes(row.last_message?.message_id)) row.last_message = known?.messages.at(-1) ?? null;
    emit("chats");
    emit("thread", id);
  },
  chat(row) {
    world.rows.set(row.chat.id, row);
    emit("chats");
    emit("row", row.chat.id);
  },
  typing({ chat_id: id, from, action }) {
    world.typing.set(id, { from, action });
    clearTimeout(world.typing.timer?.[id]);
    (world.typing.timer ??= {})[id] = setTimeout(() => (world.typing.delete(id), emit("chats"), emit("typing", id)), 5500);
    emit("chats");
    emit("typing", id);
  },
  callback: (answer) => emit("callback", answer),
  person(person) {
    world.people = world.people.map((other) => (other.id === person.id ? { ...other, ...person } : other));
    if (world.me.id === person.id) world.me = { ...world.me, ...person };
    emit("people");
    emit("row", world.openChat);
  },
  people(told) {
    world.people = Array.isArray(told) ? told : (told.people ?? world.people);
    world.me = world.people.find((person) => person.id === world.me.id) ?? world.me;
    emit("people");
  },
  clock(clock) {
    setOffset(clock.offset_seconds ?? 0);
    emit("clock");
  },
  call(call) {
    world.calls.push(call);
    if (world.calls.length > 600) world.calls.splice(0, 100);
    emit("call", call);
  },
  fault: () => emit("fault"),
};

function apply(name, fact) {
  appliers[name]?.(fact);
}
