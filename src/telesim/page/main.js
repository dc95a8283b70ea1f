// Boot, and the few things that concern the whole page: which person, which chat, which size, which keys.
import { draw as drawList, sidebar } from "./chats.js";
import { reopenIfRemembered, toggleCalls } from "./calls.js";
import { Conversation } from "./conversation.js";
import { anyOpen, escapeTop, trouble } from "./dialog.js";
import { el, icon, replace } from "./dom.js";
import { botOf, isOutgoing } from "./face.js";
import { help } from "./guide.js";
import { followLink } from "./links.js";
import { addPerson, mainMenu, peopleMenu } from "./people.js";
import { goTo, replaceRoute, route } from "./route.js";
import { applyTheme, recall, remember } from "./settings.js";
import { clockDialog, faultDialog, toolStrip } from "./tools.js";
import { applyLanguage, t } from "./words.js";
import { enter, loadState, on, world } from "./world.js";

const app = document.getElementById("app");
const bar = document.getElementById("connecting");
let conversation = null;
let asked = null; // a link in the page's own address, opened once the lists are there
let barTimer = 0;

function frame() {
  const act = {
    calls: () => toggleCalls(), clock: clockDialog, faults: faultDialog, help,
    openMenu: (anchor) => mainMenu(anchor, act), openPeople: (anchor) => peopleMenu(anchor, { chat: route().chat }), openLink: followLink,
  };
  const calls = app.querySelector(".calls");
  replace(app, sidebar({ ...act, tools: toolStrip(act) }), el("section", { class: "place" }, nothingOpen()), calls);
  bar.lastElementChild.textContent = t("connecting");
  document.title = "Telegram · telesim";
}

function nothingOpen() {
  return el("div", { class: "nothing" }, el("div", { class: "wallpaper", "aria-hidden": "true" }), el("span", { class: "service" }, t("chooseChat")));
}

function show() {
  const { chat } = route();
  const row = world.rows.get(chat);
  document.body.classList.toggle("in-chat", Boolean(row));
  if (conversation && conversation.row.chat.id === chat && world.openChat === chat) return;
  conversation?.close();
  conversation = null;
  world.openChat = row ? chat : null;
  const place = app.querySelector(".place");
  if (!row) {
    replace(place, nothingOpen());
    return drawList();
  }
  conversation = new Conversation(row, { back: () => goTo(null), calls: () => toggleCalls() });
  replace(place, conversation.node);
  remember(`chat:${world.me.id}`, chat);
  conversation.open({ focus: !anyOpen() }).catch(trouble);
  return drawList();
}

function follow() {
  const { person } = route();
  const wanted = world.people.find((other) => other.id === person);
  if (!wanted) return replaceRoute(world.me.id, null);
  if (wanted.id !== world.me.id) return become(wanted);
  return show();
}

function become(person) {
  remember("person", person.id);
  conversation?.close();
  conversation = null;
  applyLanguage(person.language_code);
  enter(person);
  frame();
  reopenIfRemembered();
}

// The first rows are here: open what the address names, or the bot's chat for a newcomer.
function arrived() {
  const { chat } = route();
  if (chat !== null && !world.rows.has(chat)) replaceRoute(world.me.id, null);
  if (route().chat === null && asked !== "none") {
    const rows = [...world.rows.values()];
    const home = rows.find((row) => row.chat.id === recall(`chat:${world.me.id}`)) ?? rows.find(botOf) ?? rows[0];
    if (home && (innerWidth > 700 || !recall("visited", false))) replaceRoute(world.me.id, home.chat.id);
  }
  remember("visited", true);
  document.body.toggleAttribute("data-live", world.connected);
  show();
  const link = asked;
  asked = "none";
  if (link && link !== "none") followLink(link);
}

function linkOfPage() {
  const query = new URLSearchParams(location.search);
  const bot = world.bots[0]?.username ?? "";
  if (query.has("start")) return `https://t.me/${bot}?start=${encodeURIComponent(query.get("start"))}`;
  if (query.has("invite")) return `https://t.me/+${query.get("invite")}`;
  return query.has("invoice") ? `https://t.me/$${query.get("invoice")}` : null;
}

async function boot() {
  applyTheme();
  applyLanguage();
  try {
    await loadState();
  } catch (error) {
    if (error.status !== undefined) trouble(error);
    showBar(true);
    return setTimeout(boot, 1000);
  }
  showBar(false);
  if (!world.people.length) return welcome();
  asked = linkOfPage();
  const { person, chat } = route();
  const me = [person, recall("person")].map((id) => world.people.find((other) => other.id === id)).find(Boolean)
    ?? newcomer();
  replaceRoute(me.id, me.id === person ? chat : null);
  return become(me);
}

// Whoever opens this for the first time is somebody who speaks as this browser does.
function newcomer() {
  const real = world.people.filter((person) => !person.simulated);
  const speaks = (person) => navigator.language.slice(0, 2).toLowerCase() === person.language_code?.slice(0, 2).toLowerCase();
  return real.find(speaks) ?? real[0] ?? world.people[0];
}

function welcome() {
  replace(app, nothingOpen());
  addPerson();
  on("people", () => world.me || boot());
  addEventListener("hashchange", () => world.me || boot(), { once: true });
}

function showBar(away) {
  clearTimeout(barTimer);
  if (!away) return void (bar.hidden = true);
  bar.lastElementChild.textContent = t("connecting");
  barTimer = setTimeout(() => (bar.hidden = false), 150);
  return undefined;
}

function escape(event) {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  if (escapeTop() || conversation?.escape()) return;
  if (document.activeElement?.matches("input[type=search]")) return;
  const chat = route().chat;
  if (chat === null) return;
  goTo(null);
  requestAnimationFrame(() => document.querySelector(`.chat-row[data-chat="${chat}"]`)?.focus());
}

on("fresh", arrived);
on("connected", (connected) => {
  showBar(!connected);
  document.body.toggleAttribute("data-live", connected && Boolean(world.rowsLoaded));
});
on("trouble", trouble);
on("vanished", () => (history.replaceState(null, "", location.pathname), location.reload()));
on("thread", (id) => id === conversation?.row.chat.id && conversation.history.ready && conversation.draw());
on("redraw", (message) => {
  if (!conversation) return;
  const { history } = conversation;
  for (const [key, drawn] of history.drawn) if (drawn.message?.message_id === message.message_id) history.drawn.set(key, { ...drawn, sign: [] });
  conversation.draw();
});
for (const topic of ["row", "fresh"]) {
  on(topic, (id) => {
    const row = conversation && world.rows.get(conversation.row.chat.id);
    if (row && (id === undefined || id === row.chat.id)) conversation.update(row);
  });
}
on("clock", () => {
  drawList();
  if (conversation?.history.ready) conversation.draw();
});
on("people", () => conversation?.foot.draw(conversation.row));
on("typing", (id) => id === conversation?.row.chat.id && conversation.drawHead());
on("arrived", ({ id, message }) => {
  if (id === conversation?.row.chat.id) conversation.arrived(message);
  if (!isOutgoing(message)) titleOf();
});
on("chats", titleOf);
on("language", () => {
  applyLanguage(world.me.language_code);
  const open = conversation;
  conversation = null;
  open?.close();
  frame();
  show();
});

function titleOf() {
  const unread = [...world.rows.values()].reduce((sum, row) => sum + (row.unread ?? 0), 0);
  document.title = unread ? `(${unread}) Telegram · telesim` : "Telegram · telesim";
}

addEventListener("hashchange", follow);
document.addEventListener("keydown", escape);
addEventListener("pagehide", () => conversation?.history.ready && conversation.history.savePlace());
document.addEventListener("visibilitychange", () => conversation?.seen());
document.getElementById("connecting").prepend(icon("wave"));
boot();
