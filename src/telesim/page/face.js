// Who is who: names, colours and avatars of people, bots and chats.
import { el } from "./dom.js";
import { t } from "./words.js";
import { world } from "./world.js";

export function fullName(user) {
  if (!user) return "";
  return user.title ?? ([user.first_name, user.last_name].filter(Boolean).join(" ").trim() || t("nameless"));
}

// On a person's screen the other side of a private chat is the bot.
export function botOf(row) {
  if (row?.chat.type !== "private") return null;
  const bot = row.bot ?? world.bots.find((other) => other.id === row.chat.id);
  return bot ? { ...bot, ...(bot.id === row.chat.id ? row.chat : {}) } : (world.bots[0] ?? null);
}

export function peer(row) {
  return botOf(row) ?? row.chat;
}

export function initials(name) {
  const words = name.split(/\s+/u).filter((word) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(word));
  const letter = (word) => [...word].find((sign) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(sign)) ?? "";
  const chosen = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return chosen.map(letter).join("").toUpperCase() || "?";
}

export function shade(who) {
  if (Number.isInteger(who?.color)) return Math.abs(who.color) % 7;
  const known = world.people.find((person) => person.id === who?.id);
  if (Number.isInteger(known?.color)) return Math.abs(known.color) % 7;
  return Math.abs(Number(who?.id ?? 0)) % 7;
}

export function avatar(who, size = "m") {
  const name = fullName(who);
  return el("span", { class: ["avatar", `avatar-${size}`, `shade-${shade(who)}`], "aria-hidden": "true" }, initials(name));
}

export function sender(message) {
  return message.sender_chat ?? message.from ?? message.chat;
}

export function isOutgoing(message) {
  return message.sim?.outgoing ?? (message.from?.id === world.me?.id && !message.sender_chat);
}
