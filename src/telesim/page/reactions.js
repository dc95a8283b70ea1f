// Reactions under a message and the strip from which they are chosen.
import { calm, el } from "./dom.js";
import { trouble } from "./dialog.js";
import { compact } from "./times.js";
import { post } from "./wire.js";
import { t } from "./words.js";
import { world } from "./world.js";

export const OFFERED = ["❤️", "👍", "🔥", "🥰", "👏", "😁", "🤔", "🎉", "😢", "🤩", "👎", "🙏"];

const bare = (emoji) => emoji?.replace(/\ufe0f/gu, "");

export function mine(message) {
  return (message.sim?.reactions ?? []).find((reaction) => reaction.mine)?.emoji ?? null;
}

// Telegram names the red heart without its variation selector.
export async function react(message, emoji) {
  const wanted = bare(mine(message)) === bare(emoji) ? null : bare(emoji);
  try {
    await post(`people/${world.me.id}/react`, { chat_id: message.chat.id, message_id: message.message_id, emoji: wanted });
  } catch (error) {
    trouble(error);
  }
}

const drawn = (emoji) => (bare(emoji) === "❤" ? "❤️" : emoji);

export function reactionRow(message) {
  const reactions = message.sim?.reactions?.filter((reaction) => reaction.count > 0) ?? [];
  if (!reactions.length) return null;
  return el("div", { class: "reactions" }, reactions.map(({ emoji, count, mine: own }) =>
    el("button", { type: "button", class: ["reaction", own && "own"], data: { key: `r:${emoji}` }, "aria-pressed": String(Boolean(own)),
      "aria-label": t("reactionBy", { emoji, n: count }), onclick: (event) => (event.stopPropagation(), react(message, emoji)) },
      el("span", { class: "reaction-sign" }, drawn(emoji)), el("span", { class: "reaction-count" }, compact(count)))));
}

export function strip(message, close) {
  const own = bare(mine(message));
  return el("div", { class: "strip", role: "group", "aria-label": t("reactions") }, OFFERED.map((emoji) =>
    el("button", { type: "button", role: "menuitemradio", "aria-checked": String(bare(emoji) === own), "aria-label": emoji, tabindex: "-1",
      class: ["strip-sign", bare(emoji) === own && "own"], onclick: () => (close(), react(message, emoji)) }, emoji)));
}

export function burst(node, emoji = "❤️") {
  if (calm()) return;
  const flying = el("span", { class: "burst", "aria-hidden": "true" }, emoji);
  node.append(flying);
  flying.addEventListener("animationend", () => flying.remove());
}
