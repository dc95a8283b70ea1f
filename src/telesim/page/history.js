// The scrolling part of a conversation: drawn by difference, so that live edits touch one bubble, focus and
// place stay, and reading far back stays smooth.
import { isWaiting } from "./buttons.js";
import { bubbleNode, pendingNode, serviceNode, spokenMessage } from "./bubble.js";
import { calm, el, focusPoint, icon } from "./dom.js";
import { discard, pending, retry } from "./outbox.js";
import { rowsOf, sameSign } from "./rows.js";
import { recall, remember } from "./settings.js";
import { compact, day, hour } from "./times.js";
import { t } from "./words.js";
import { olderPage, openThread, thread, trim, world } from "./world.js";

const NEAR = 90;

export class History {
  constructor(row, context) {
    Object.assign(this, { row, context, drawn: new Map(), ready: false, unreadFrom: null, below: 0 });
    this.list = el("div", { class: "messages", role: "list", "aria-label": t("messages") });
    this.node = el("div", { class: "history", tabindex: "-1" }, el("div", { class: "column" }, el("div", { class: "gap" }), this.list));
    this.badge = el("span", { class: "badge", hidden: true });
    this.down = el("button", { type: "button", class: "down", "aria-label": t("toBottom"), title: t("toBottom"), hidden: true, onclick: () => this.toBottom(true) }, icon("down"), this.badge);
    this.node.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.resized = new ResizeObserver(() => this.stuck && this.toBottom());
    this.resized.observe(this.node);
    this.resized.observe(this.list);
    this.stuck = true;
  }

  get place() {
    return `place:${world.me.id}:${this.row.chat.id}`;
  }

  async load() {
    const unread = this.row.unread ?? 0;
    const known = await openThread(this.row.chat.id);
    if (unread && !recall(this.place, null, "sessionStorage")) this.unreadFrom = firstUnread(known.messages, unread);
    this.draw();
    await this.restore();
    this.ready = true;
    this.context.seen();
  }

  async restore() {
    const saved = recall(this.place, null, "sessionStorage");
    const line = this.list.querySelector(".unread-line");
    if (saved) {
      for (let i = 0; i < 10 && !this.find(saved.id) && (await this.more()); i++);
      const node = this.find(saved.id);
      if (node) return this.scrollTo(node.offsetTop + saved.by);
    }
    if (line && line.offsetTop < this.node.scrollHeight - this.node.clientHeight) return this.scrollTo(line.offsetTop - 60);
    return this.toBottom();
  }

  scrollTo(top) {
    this.node.scrollTop = top;
    this.stuck = this.atBottom();
  }

  find(id) {
    return this.list.querySelector(`[data-id="${id}"]`);
  }

  atBottom() {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR;
  }

  toBottom(smooth = false) {
    this.stuck = true;
    this.node.scrollTo({ top: this.node.scrollHeight, behavior: smooth && !calm() ? "smooth" : "instant" });
  }

  scrolled() {
    const bottom = this.atBottom();
    if (this.ready) this.stuck = bottom;
    this.down.hidden = bottom;
    this.topDay();
    if (bottom && this.below) (this.below = 0, this.drawBadge());
    if (bottom && this.ready) this.context.seen();
    if (this.node.scrollTop < 700 && this.ready) this.more();
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.ready && this.savePlace(), 120);
  }

  // Only the latest of the dates that stick to the top is shown.
  topDay() {
    const edge = this.node.getBoundingClientRect().top + 12;
    const stuck = [...this.list.querySelectorAll(".day")].map((node) => [node, node.getBoundingClientRect().top <= edge]);
    const last = stuck.findLastIndex(([, held]) => held);
    stuck.forEach(([node], i) => node.classList.toggle("under", i < last));
  }

  savePlace() {
    const top = this.node.scrollTop;
    const first = [...this.list.querySelectorAll("[data-id]")].find((node) => node.offsetTop + node.offsetHeight > top);
    const place = this.atBottom() || !first ? null : { id: Number(first.dataset.id), by: top - first.offsetTop };
    remember(this.place, place, "sessionStorage");
  }

  async more() {
    if (this.paging || !thread(this.row.chat.id)?.older) return false;
    this.paging = true;
    try {
      const found = await olderPage(this.row.chat.id);
      const was = this.node.scrollHeight - this.node.scrollTop;
      this.draw({ quiet: true });
      this.node.scrollTop = this.node.scrollHeight - was;
      return found;
    } catch (error) {
      if (error.status !== undefined) throw error;
      return false; // away: asked again at the next scroll
    } finally {
      this.paging = false;
    }
  }

  arrived(mine) {
    if (this.stuck || mine) return;
    this.below += 1;
    this.drawBadge();
    this.down.hidden = false;
  }

  drawBadge() {
    this.badge.hidden = !this.below;
    this.badge.textContent = compact(this.below);
  }

  draw({ quiet = false } = {}) {
    const known = thread(this.row.chat.id);
    if (!known) return;
    if (this.stuck && this.ready) trim(this.row.chat.id);
    const rows = rowsOf(known.messages, pending(this.row.chat.id), { unreadFrom: this.unreadFrom });
    const back = this.list.contains(document.activeElement) ? focusPoint() : null;
    const before = document.activeElement;
    const alive = this.ready && !quiet && !calm();
    const wanted = new Set(rows.map((row) => row.key));
    for (const [key, { node, kind }] of this.drawn) if (!wanted.has(key)) this.remove(key, node, alive && kind === "bubble");
    let at = null;
    for (const row of rows) at = this.put(row, at, alive);
    this.list.classList.toggle("empty", rows.length === 0);
    if (back && !before.isConnected) back(); // the button just pressed was drawn anew, or is gone with its keyboard
    if (this.stuck) this.toBottom();
  }

  put(row, after, alive) {
    const sign = [...row.sign, row.message ? isWaiting(row.message) : null];
    const known = this.drawn.get(row.key);
    let node = known?.node;
    if (!known || !sameSign(known.sign, sign) || known.kind !== row.kind) {
      node = this.make(row);
      if (known) this.swap(known, node, row, alive);
      else if (alive && row.kind !== "day") node.classList.add("arriving");
      this.drawn.set(row.key, { node, sign, kind: row.kind, message: row.message });
    }
    const next = after ? after.nextSibling : this.list.firstChild;
    if (node !== next) this.list.insertBefore(node, next);
    return node;
  }

  swap(known, node, row, alive) {
    const edited = row.message && known.message && row.message.edit_date !== known.message.edit_date;
    if (alive && edited) node.classList.add("changed");
    const opened = [...known.node.querySelectorAll(".spoiler")].map((spoiler) => spoiler.classList.contains("open"));
    if (!edited) [...node.querySelectorAll(".spoiler")].forEach((spoiler, i) => opened[i] && spoiler.click());
    node.tabIndex = known.node.tabIndex;
    known.node.replaceWith(node);
  }

  remove(key, node, alive) {
    this.drawn.delete(key);
    if (!alive) return node.remove();
    node.inert = true;
    node.style.setProperty("--height", `${node.offsetHeight}px`);
    node.classList.add("going");
    node.addEventListener("animationend", () => node.remove());
    return setTimeout(() => node.remove(), 400);
  }

  make(row) {
    if (row.kind === "day") return el("div", { class: "day", role: "listitem" }, el("span", { class: "service" }, day(row.date)));
    if (row.kind === "unread") return el("div", { class: "unread-line", role: "listitem" }, el("span", {}, t("unreadLine")));
    if (row.kind === "unsent") return el("div", { class: "item", role: "listitem" }, pendingNode(row.item, row.flags, { retry: () => retry(row.item), discard: () => discard(row.item) }));
    const inner = row.kind === "service" ? serviceNode(row.message, this.context) : bubbleNode(row.parts, row.flags, this.context);
    const spoken = `${spokenMessage(row.message, this.row)}, ${hour(row.message.date)}`;
    return el("div", { class: "item", role: "listitem", tabindex: "-1", data: { id: row.message.message_id }, "aria-label": spoken }, inner);
  }

  items() {
    return [...this.list.querySelectorAll(".item[data-id]:not(.going)")];
  }

  messageOf(node) {
    const id = Number(node?.closest?.("[data-id]")?.dataset.id);
    return thread(this.row.chat.id)?.messages.find((message) => message.message_id === id) ?? null;
  }

  async jump(id) {
    for (let i = 0; i < 10 && !this.find(id) && (await this.more()); i++);
    const node = this.find(id);
    if (!node) return false;
    this.stuck = false;
    node.scrollIntoView({ block: "center", behavior: calm() ? "instant" : "smooth" });
    node.classList.add("found");
    setTimeout(() => node.classList.remove("found"), 1600);
    return true;
  }

  close() {
    if (this.ready) this.savePlace();
    this.resized.disconnect();
  }
}

function firstUnread(messages, count) {
  const incoming = messages.filter((message) => !message.sim?.outgoing && message.from?.id !== world.me.id);
  return incoming.at(-count)?.message_id ?? incoming[0]?.message_id ?? null;
}
