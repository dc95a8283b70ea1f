// What can be done with one message: the menu of a right click, a long press or Enter.
import { copy } from "./buttons.js";
import { confirmBox, menu, open, toast, trouble } from "./dialog.js";
import { el, icon } from "./dom.js";
import { avatar, fullName, isOutgoing, peer } from "./face.js";
import { canRetract, retract } from "./poll.js";
import { burst, mine, react, strip } from "./reactions.js";
import { serviceKind } from "./service.js";
import { post } from "./wire.js";
import { t } from "./words.js";
import { goTo } from "./route.js";
import { world } from "./world.js";

const isGuarded = (message) => Boolean(message.sim?.protected ?? message.has_protected_content);

export function messageMenu(node, message, { row, composer, at }) {
  const service = serviceKind(message) !== null;
  const canReact = !service && row.status !== "left";
  const items = [...ordinary(message, row, composer, service), ...closing(message, row, service)];
  if (!items.length) return null;
  return menu(node, items, { at, head: canReact ? (close) => strip(message, close) : undefined });
}

function ordinary(message, row, composer, service) {
  const words = message.text ?? message.caption;
  const out = isOutgoing(message);
  const items = [];
  if (row.can_write !== false && row.status !== "left") items.push({ icon: "reply", label: t("reply"), act: () => composer.reply(message) });
  if (words && !isGuarded(message)) items.push({ icon: "copy", label: t("copyText"), act: () => copy(words) });
  if (out && message.text && row.chat.type === "private") items.push({ icon: "pencil", label: t("edit"), act: () => composer.edit(message) });
  if (canRetract(message)) items.push({ icon: "undo", label: t("retract"), act: () => retract(message) });
  if (!service && !message.invoice && !isGuarded(message)) items.push({ icon: "forward", label: t("forward"), act: () => forward(message) });
  if (isGuarded(message)) items.push({ icon: "lock", label: t("protectedLong"), act: () => toast(t("protectedLong"), { icon: "lock" }) });
  return items;
}

function closing(message, row) {
  const mayDelete = row.chat.type === "private" || isOutgoing(message) || row.status === "creator";
  return mayDelete ? [{ icon: "trash", label: t("delete"), danger: true, act: () => remove(message) }] : [];
}

async function remove(message) {
  if (!(await confirmBox({ title: t("deleteTitle"), text: t("deleteText"), yes: t("delete"), danger: true }))) return;
  await post(`people/${world.me.id}/delete`, { chat_id: message.chat.id, message_id: message.message_id }).catch(trouble);
}

function forward(message) {
  const targets = [...world.rows.values()].filter((row) => row.can_write !== false && row.status !== "left");
  const go = async (row) => {
    shown.close(true);
    try {
      await post(`people/${world.me.id}/forward`, { chat_id: row.chat.id, from_chat_id: message.chat.id, message_id: message.message_id });
      goTo(row.chat.id);
      toast(t("forwarded"), { icon: "check" });
    } catch (error) {
      trouble(error);
    }
  };
  const shown = open({ title: t("forwardTo"), class: "pick", body: el("div", { class: "pick-list" }, targets.map((row, i) =>
    el("button", { type: "button", class: "pick-row", "data-first": i === 0 ? true : null, onclick: () => go(row) }, avatar(peer(row), "m"), el("span", { dir: "auto" }, fullName(peer(row)))))) });
}

// A double tap is a heart, as on a phone.
export function quickReact(node, message, row) {
  if (serviceKind(message) || row.status === "left") return;
  if (!mine(message)) burst(node.querySelector(".bubble") ?? node);
  react(message, "❤️");
}

// Protected words cannot be selected (bubble.css sees to it), protected pictures cannot be dragged out.
export function guard(history) {
  history.addEventListener("dragstart", (event) => event.target.closest?.(".guarded") && event.preventDefault());
}

export function chatMenu(anchor, row, { isMuted, toggleMute, block, calls, profile }) {
  const bot = row.chat.type === "private";
  const member = ["member", "restricted", "administrator"].includes(row.status);
  return menu(anchor, [
    { icon: "person", label: t("chatInfo"), act: profile },
    { icon: isMuted ? "bell" : "mute", label: t(isMuted ? "unmute" : "mute"), act: toggleMute },
    { icon: "code", label: t("botCalls"), act: calls },
    ...(bot ? [null, row.can_write === false
      ? { icon: "block", label: t("unblock"), act: () => block(false) }
      : { icon: "block", label: t("blockBot"), danger: true, act: () => block(true) }] : []),
    ...(!bot && member ? [null, { icon: "trash", label: t(row.chat.type === "channel" ? "leaveChannel" : "leaveGroup"), danger: true, act: () => leave(row) }] : []),
  ]);
}

async function leave(row) {
  if (!(await confirmBox({ title: fullName(row.chat), text: t("leaveText"), yes: t("leave"), danger: true }))) return;
  await post(`people/${world.me.id}/leave`, { chat_id: row.chat.id }).catch(trouble);
}

export async function decide(row, user, approve) {
  await post(`people/${world.me.id}/join_requests`, { chat_id: row.chat.id, user_id: user.id, approve }).catch(trouble);
}

export function joinRequests(row) {
  const requests = row.join_requests ?? [];
  if (!requests.length) return null;
  const show = () => {
    const shown = open({ title: t("joinRequests"), class: "pick", body: el("div", { class: "pick-list" }, requests.map(({ user }, i) =>
      el("div", { class: "pick-row still" }, avatar(user, "m"), el("span", { dir: "auto" }, fullName(user)),
        el("button", { type: "button", class: "button small", "data-first": i === 0 ? true : null, onclick: () => (decide(row, user, true), shown.close()) }, t("approve")),
        el("button", { type: "button", class: "button plain danger small", onclick: () => (decide(row, user, false), shown.close()) }, t("decline"))))) });
  };
  return el("button", { type: "button", class: "requests-bar", onclick: show }, icon("addPerson"), t("requestsWaiting", { n: requests.length }));
}
