// The left column: search, the chat list, and who is holding this phone.
import { el, icon, iconButton, replace, walk } from "./dom.js";
import { avatar, botOf, fullName, isOutgoing, peer } from "./face.js";
import { goTo, route } from "./route.js";
import { remember, recall } from "./settings.js";
import { preview, previewSender, serviceKind } from "./service.js";
import { compact, hour, short } from "./times.js";
import { t } from "./words.js";
import { on, world } from "./world.js";

let wanted = "";
let list;

export function isMuted(chatId) {
  return recall("muted", []).includes(chatId);
}

export function toggleMute(chatId) {
  const muted = recall("muted", []);
  remember("muted", muted.includes(chatId) ? muted.filter((id) => id !== chatId) : [...muted, chatId]);
}

export function sidebar({ openMenu, openPeople, openLink, tools }) {
  const search = el("input", {
    type: "search", class: "search-field", placeholder: t("search"), "aria-label": t("search"), autocomplete: "off",
  });
  search.addEventListener("input", () => ((wanted = search.value.trim()), draw()));
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") (event.preventDefault(), list.querySelector(".chat-row")?.focus());
    if (event.key === "Escape") ((search.value = wanted = ""), draw());
    if (event.key === "Enter" && /(?:^|\/\/)t\.me\//u.test(wanted)) (openLink(wanted), (search.value = wanted = ""), draw());
  });
  wanted = "";
  list = el("ul", { class: "chat-list", "aria-label": t("chats") });
  walk(list, () => [...list.querySelectorAll(".chat-row")]);
  const me = el("button", { type: "button", class: "me-button", onclick: (event) => openPeople(event.currentTarget) });
  const face = () => {
    replace(me, avatar(world.me, "s"));
    me.setAttribute("aria-label", t("youAre", { name: fullName(world.me) }));
    me.title = t("youAre", { name: fullName(world.me) });
  };
  face();
  drawMe = face;
  const head = el("header", { class: "side-head" },
    iconButton("menu", t("menu"), (event) => openMenu(event.currentTarget), { "aria-haspopup": "menu" }),
    el("label", { class: "search" }, icon("search"), search),
    me,
  );
  const side = el("nav", { class: "side", "aria-label": t("chats") }, head, el("div", { class: "side-scroll" }, list), tools);
  draw();
  return side;
}

let drawMe = () => {};

function sorted() {
  const text = wanted.toLowerCase();
  const last = (row) => row.last_message?.date ?? (row.chat.type === "private" ? Infinity : -1); // a bot waits to be started
  return [...world.rows.values()]
    .filter((row) => !text || `${fullName(peer(row))} ${peer(row).username ?? ""}`.toLowerCase().includes(text))
    .sort((a, b) => last(b) - last(a));
}

export function draw() {
  if (!list) return;
  const focused = document.activeElement?.closest?.(".chat-row")?.dataset.chat;
  const rows = sorted();
  replace(list, rows.map(rowNode), rows.length ? null : el("li", { class: "empty-list" }, emptyWords()));
  const current = list.querySelector("[aria-current]") ?? list.querySelector(".chat-row");
  if (current) current.tabIndex = 0;
  if (focused) list.querySelector(`[data-chat="${focused}"]`)?.focus({ preventScroll: true });
}

function emptyWords() {
  if (wanted && wanted.includes("t.me/")) return t("pressEnterToOpen");
  return wanted ? t("nothingFound") : t("noChats");
}

function rowNode(row) {
  const { person, chat } = route();
  const current = row.chat.id === chat;
  const unread = row.unread ?? 0;
  const other = peer(row);
  const name = el("span", { class: "row-name" }, kindIcon(row), el("span", { class: "row-title", dir: "auto" }, fullName(other)),
    row.vip || row.chat.vip ? el("span", { class: "vip" }, "VIP") : null,
    isMuted(row.chat.id) ? icon("mute") : null);
  const badge = unread
    ? el("span", { class: ["badge", isMuted(row.chat.id) && "quiet"] }, compact(unread))
    : row.pinned ? el("span", { class: "row-pin" }, icon("pin")) : null;
  const link = el("a", {
    class: "chat-row", href: `#/${person}/${row.chat.id}`, data: { chat: row.chat.id }, tabindex: "-1",
    "aria-current": current ? "true" : null, "aria-label": spoken(row),
    onclick: (event) => (event.preventDefault(), goTo(row.chat.id)),
  },
    avatar(other, "l"),
    el("span", { class: "row-top" }, name, lastTime(row)),
    el("span", { class: "row-bottom" }, lastWords(row), badge),
  );
  return el("li", {}, link);
}

export function kindIcon(row) {
  if (row.chat.type === "channel") return icon("megaphone");
  if (row.chat.type === "private") return botOf(row) ? icon("robot") : null;
  return icon("group");
}

function lastTime(row) {
  const message = row.last_message;
  if (!message) return null;
  const ticks = isOutgoing(message) && !serviceKind(message) ? icon(message.sim?.read ? "checks" : "tick") : null;
  return el("span", { class: "row-time" }, ticks, short(message.date));
}

function lastWords(row) {
  if (world.typing.has(row.chat.id)) return el("span", { class: "row-words typing" }, t("typing"), dots());
  if (!row.last_message) return el("span", { class: ["row-words", (row.chat.type === "private" || row.status === "left") && "hint"] }, emptyRow(row));
  const who = previewSender(row.last_message, row);
  return el("span", { class: "row-words", dir: "auto" },
    who ? el("span", { class: "row-sender" }, `${who}: `) : null, preview(row.last_message).slice(0, 160));
}

function emptyRow(row) {
  if (row.chat.type === "private") return t("tapToStart");
  return row.status === "left" ? t("tapToJoin") : row.status === "requested" ? t("requested") : t("noMessages");
}

export function dots() {
  return el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
}

function spoken(row) {
  const parts = [fullName(peer(row))];
  if (row.unread) parts.push(t("unread", { n: row.unread }));
  if (row.last_message) parts.push(preview(row.last_message).slice(0, 160), hour(row.last_message.date));
  return parts.join(", ");
}

// A busy world tells of many chats at once: the list is drawn once a frame.
let due = false;

function drawSoon() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    draw();
  });
}

for (const topic of ["chats", "row", "people"]) on(topic, drawSoon);
on("people", () => drawMe());
