// One open chat: head, pinned message, history, foot, and what keys and gestures do in it.
import { chatMenu, guard, joinRequests, messageMenu, quickReact } from "./acts.js";
import { isMuted, kindIcon, dots, toggleMute } from "./chats.js";
import { block, composer, dropFiles } from "./composer.js";
import { toast } from "./dialog.js";
import { announce, calm, el, icon, iconButton, replace } from "./dom.js";
import { avatar, botOf, fullName, isOutgoing, peer } from "./face.js";
import { firstHint } from "./guide.js";
import { History } from "./history.js";
import { write } from "./outbox.js";
import { profile } from "./people.js";
import { preview } from "./service.js";
import { number } from "./times.js";
import { post } from "./wire.js";
import { t } from "./words.js";
import { emit, thread, world } from "./world.js";
import { spokenMessage } from "./bubble.js";

export class Conversation {
  constructor(row, { back, calls }) {
    Object.assign(this, { row, back, calls, readTo: 0 });
    this.context = {
      row,
      say: (text) => toast(text),
      send: (text) => this.write(text),
      jump: async (id) => (await this.history.jump(id)) || toast(t("gone")),
      focusLast: () => this.focusMessage(this.history.items().at(-1)),
      seen: () => this.seen(),
      shake: (message) => this.shake(message),
    };
    this.history = new History(row, this.context);
    this.foot = composer(row, this.context);
    this.head = el("header", { class: "head" });
    this.above = el("div", { class: "above" });
    this.empty = el("div", { class: "empty-chat" });
    this.hint = el("div", { class: "hint-place" });
    this.node = el("main", { class: "conversation", "aria-label": fullName(peer(row)), data: { chat: row.chat.id } },
      el("div", { class: "wallpaper", "aria-hidden": "true" }), this.head, this.above,
      el("div", { class: "middle" }, this.history.node, this.empty, this.history.down),
      this.hint, this.foot.node);
    guard(this.history.node);
    this.gestures();
    dropFiles(this.node, () => ({ row: this.row, field: { value: "" } }));
    this.drawHead();
  }

  async open({ focus }) {
    await this.history.load();
    if (this.closed) return;
    this.draw();
    const items = this.history.items();
    if (items.length) items.at(-1).tabIndex = 0;
    if (focus) (this.node.querySelector(".start") ?? (innerWidth > 700 ? document.getElementById("composer-field") : null))?.focus({ preventScroll: true });
  }

  draw() {
    this.history.draw();
    this.foot.draw(this.row);
    this.drawEmpty();
  }

  update(row) {
    const asked = row.keyboard?.force_reply && !this.row.keyboard?.force_reply && row.last_message;
    this.row = this.context.row = this.history.row = row;
    this.drawHead();
    this.foot.draw(row);
    this.drawEmpty();
    if (asked && !isOutgoing(asked)) this.foot.reply(asked);
  }

  arrived(message) {
    const mine = isOutgoing(message);
    this.history.arrived(mine);
    if (mine) this.history.toBottom();
    else announce(spokenMessage(message, this.row));
    if (this.history.stuck) this.seen();
  }

  write(text) {
    write(this.row.chat.id, text);
    this.history.toBottom();
  }

  seen() {
    const last = thread(this.row.chat.id)?.messages.at(-1)?.message_id ?? 0;
    if (document.hidden || !this.history.stuck || last <= this.readTo) return;
    this.readTo = last;
    this.row.unread = 0;
    emit("chats");
    post(`people/${world.me.id}/read`, { chat_id: this.row.chat.id, message_id: last }).catch(() => (this.readTo = 0));
  }

  drawHead() {
    const { row } = this;
    const who = peer(row);
    const hadFocus = this.head.contains(document.activeElement) ? document.activeElement.dataset.head : null;
    const info = el("button", { type: "button", class: "head-info", data: { head: "info" }, onclick: () => profile(row, who) },
      avatar(who, "m"), el("span", { class: "head-words" },
        el("span", { class: "head-title" }, el("h1", { dir: "auto" }, fullName(who)), row.chat.type === "private" ? null : kindIcon(row), row.vip || row.chat.vip ? el("span", { class: "vip" }, "VIP") : null),
        this.subtitle()));
    replace(this.head, iconButton("back", t("back"), this.back, { class: "back", "data-head": "back" }), info,
      iconButton("code", t("botCalls"), this.calls, { class: "wide-only", "data-head": "calls" }),
      iconButton("more", t("moreActs"), (event) => this.menu(event.currentTarget), { "aria-haspopup": "menu", "data-head": "more" }));
    if (hadFocus) this.head.querySelector(`[data-head="${hadFocus}"]`)?.focus();
    replace(this.above, this.pinned(), joinRequests(row));
  }

  subtitle() {
    const typing = world.typing.get(this.row.chat.id);
    if (typing) return el("span", { class: "head-status typing" }, t(typing.action === "typing" ? "typing" : "sendingFile"), dots());
    const { row } = this;
    const n = row.members_count;
    const words = row.chat.type === "private" ? t("bot") : n == null ? t(row.chat.type === "channel" ? "channel" : "group")
      : t(row.chat.type === "channel" ? "subscribers" : "members", { n, count: number(n) });
    return el("span", { class: "head-status" }, words);
  }

  pinned() {
    const message = this.row.pinned;
    if (!message) return null;
    return el("button", { type: "button", class: "pinned", onclick: () => this.context.jump(message.message_id) },
      el("span", { class: "pinned-words" }, el("b", {}, t("pinnedMessage")), el("span", { dir: "auto" }, preview(message))), icon("pin"));
  }

  drawEmpty() {
    const known = thread(this.row.chat.id);
    const empty = known?.loaded && !known.messages.length && !this.history.list.childElementCount;
    const hint = empty && this.foot.node.dataset.kind === "start";
    if (!hint || !this.hint.firstChild) replace(this.hint, hint ? firstHint(this.row) : null);
    if (!empty) return replace(this.empty);
    const bot = botOf(this.row);
    const about = this.row.description ?? this.row.chat.description;
    const card = bot
      ? el("div", { class: "about-bot" }, avatar(bot, "xl"), el("b", {}, t("whatCanBot")), el("p", { dir: "auto" }, about || t("emptyBot")))
      : el("span", { class: "service" }, t(this.row.status === "left" ? "joinToRead" : "noMessages"));
    return replace(this.empty, card);
  }

  menu(anchor) {
    const id = this.row.chat.id;
    chatMenu(anchor, this.row, {
      isMuted: isMuted(id), calls: this.calls, profile: () => profile(this.row, peer(this.row)),
      toggleMute: () => (toggleMute(id), emit("chats"), this.foot.draw(this.row)),
      block: (blocked) => block({ row: this.row }, blocked),
    });
  }

  gestures() {
    const list = this.history.list;
    const menuAt = (node, at) => {
      const message = this.history.messageOf(node);
      if (message) messageMenu(node.closest("[data-id]"), message, { row: this.row, composer: this.foot, at });
      return Boolean(message);
    };
    list.addEventListener("contextmenu", (event) => {
      if (event.target.closest("a[href^=http], video, input")) return;
      if (menuAt(event.target, [event.clientX, event.clientY])) event.preventDefault();
    });
    list.addEventListener("dblclick", (event) => {
      const node = event.target.closest(".item[data-id]");
      if (!node || event.target.closest("button, a, .spoiler")) return;
      getSelection().removeAllRanges();
      quickReact(node, this.history.messageOf(node), this.row);
    });
    longPress(list, menuAt);
    list.addEventListener("keydown", (event) => this.keys(event, menuAt));
  }

  keys(event, menuAt) {
    const node = event.target.closest(".item[data-id]");
    if (!node) return;
    const items = this.history.items();
    const here = items.indexOf(node);
    const steps = { ArrowUp: here - 1, ArrowDown: here + 1, Home: 0, End: items.length - 1 };
    if (event.key in steps) {
      event.preventDefault();
      if (steps[event.key] >= items.length) return this.foot.focus();
      return this.focusMessage(items[Math.max(0, steps[event.key])]);
    }
    const wantsMenu = event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey) || (event.target === node && ["Enter", " "].includes(event.key));
    const box = (node.querySelector(".bubble, .service") ?? node).getBoundingClientRect();
    if (wantsMenu && menuAt(node, [box.left + 20, Math.min(box.top + 30, innerHeight - 60)])) event.preventDefault();
    return undefined;
  }

  focusMessage(node) {
    if (!node) return;
    for (const other of this.history.items()) other.tabIndex = other === node ? 0 : -1;
    node.focus();
    node.scrollIntoView({ block: "nearest" });
  }

  shake(message) {
    if (calm()) return;
    requestAnimationFrame(() => this.history.find(message.message_id)?.querySelector(".bubble")?.classList.add("shake"));
  }

  escape() {
    return this.foot.escape();
  }

  close() {
    this.closed = true;
    this.history.close();
    this.node.remove();
  }
}

function longPress(list, act) {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  list.addEventListener("pointerdown", (event) => {
    stop();
    if (event.pointerType !== "touch" || event.target.closest("button, a, video")) return;
    timer = setTimeout(() => act(event.target, [event.clientX, event.clientY]), 480);
  });
  for (const name of ["pointerup", "pointercancel", "pointermove"]) list.addEventListener(name, stop);
}
