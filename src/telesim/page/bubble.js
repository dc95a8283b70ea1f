// One message (or album) as Telegram draws it.
import { el, icon } from "./dom.js";
import { inlineKeyboard } from "./buttons.js";
import { avatar, botOf, fullName, isOutgoing, sender, shade } from "./face.js";
import { formatted, jumbo } from "./format.js";
import { album, fileCard, hasVisual, picture, sticker } from "./media.js";
import { followLink, openMention } from "./links.js";
import { pollCard } from "./poll.js";
import { reactionRow } from "./reactions.js";
import { preview, serviceKind, serviceLine } from "./service.js";
import { invoiceCard, openReceipt } from "./stars.js";
import { compact, full, hour } from "./times.js";
import { t } from "./words.js";

const acts = (context) => ({
  link: (url) => followLink(url),
  command: (text) => context.send(text.split("@")[0]),
  mention: (text) => openMention(text),
  person: (user) => context.say(fullName(user)),
  hashtag: (text) => context.say(text),
});

export function serviceNode(message, context) {
  const pinned = message.pinned_message;
  const paid = message.successful_payment;
  const act = pinned ? () => context.jump(pinned.message_id) : paid ? () => openReceipt(message) : null;
  const words = el(act ? "button" : "span", { class: "service", type: act ? "button" : null, onclick: act, dir: "auto" }, serviceLine(message));
  return el("div", { class: "service-line" }, words);
}

export function bubbleNode(parts, flags, context) {
  const message = parts[0];
  const out = isOutgoing(message);
  const body = content(parts, flags, context);
  const classes = ["bubble", out ? "out" : "in", flags.last && "tail", body.bare && "bare", body.media && "has-media", body.edge && "edge",
    message.reply_markup?.inline_keyboard?.length && "with-keys", body.wide && "wide"];
  const group = !out && ["group", "supergroup"].includes(context.row.chat.type);
  return el("div", { class: ["message", out ? "mine" : "theirs", flags.first && "first", flags.last && "last", message.sim?.protected && "guarded"] },
    group ? el("div", { class: "beside" }, flags.last ? avatar(sender(message), "s") : null) : null,
    el("div", { class: "stack" },
      el("div", { class: classes }, heading(message, flags, context, out), body.nodes, closing(parts, body), comments(message)),
      inlineKeyboard(message, context)));
}

function heading(message, flags, context, out) {
  const nodes = [];
  const who = sender(message);
  const named = flags.first && !out && context.row.chat.type !== "private";
  if (named) nodes.push(el("div", { class: ["bubble-name", `name-${shade(who)}`], dir: "auto" }, fullName(who), badge(message)));
  if (message.via_bot) nodes.push(el("div", { class: "forwarded" }, `via @${message.via_bot.username}`));
  if (message.forward_origin && !message.is_automatic_forward) nodes.push(forwarded(message.forward_origin));
  if (message.reply_to_message || message.quote) nodes.push(replied(message, context));
  return nodes;
}

function badge(message) {
  const text = message.author_signature ?? null;
  return text ? el("span", { class: "signature" }, text) : null;
}

function forwarded(origin) {
  const name = origin.sender_user_name ?? fullName(origin.sender_user ?? origin.sender_chat ?? origin.chat);
  return el("div", { class: "forwarded", dir: "auto" }, t("forwardedFrom"), " ", el("b", {}, name));
}

function replied(message, context) {
  const original = message.reply_to_message;
  const who = original ? sender(original) : null;
  const name = who ? (isOutgoing(original) ? t("you") : fullName(context.row.chat.type === "private" ? botOf(context.row) ?? who : who)) : t("reply");
  const words = message.quote?.text ?? (original ? preview(original) : "");
  return el("button", { type: "button", class: ["replied", `name-${shade(who)}`], data: { key: "reply" }, "aria-label": t("inReplyTo", { words }),
    onclick: () => original && context.jump(original.message_id) },
    el("span", { class: "replied-name", dir: "auto" }, name), el("span", { class: "replied-words", dir: "auto" }, words.slice(0, 200)));
}

function content(parts, flags, context) {
  const [message] = parts;
  if (message.invoice) return { nodes: [invoiceCard(message, context)], wide: true, media: Boolean(message.invoice.photo_url) };
  if (message.poll) return { nodes: [pollCard(message, context)], wide: true };
  if (message.sticker || message.dice) return { nodes: [message.dice ? dice(message.dice) : sticker(message)], bare: true };
  const captioned = parts.find((part) => part.caption);
  const words = text(captioned ?? message, captioned ? "caption" : "text", context);
  if (parts.length > 1 && parts.every(hasVisual)) return visual(album(parts), words, message);
  if (hasVisual(message)) return visual(picture(message), words, message);
  if (parts.some((part) => part.document || part.audio || part.voice)) return { nodes: [parts.map(fileCard), words], wide: true };
  const big = jumbo(message.text, message.entities);
  if (big) return { nodes: [el("span", { class: `jumbo jumbo-${big}` }, message.text)], bare: true };
  return words ? { nodes: [words] } : { nodes: [el("div", { class: "words other" }, other(message))] };
}

function visual(media, words, message) {
  const above = message.show_caption_above_media && words;
  const edge = (!words || above) && !message.sim?.reactions?.some((reaction) => reaction.count);
  return { nodes: above ? [el("div", { class: "caption" }, words), media] : [media], caption: above ? null : words, media: true, edge: Boolean(edge) };
}

function text(message, field, context) {
  const value = message[field];
  if (!value) return null;
  const entities = message[field === "text" ? "entities" : "caption_entities"];
  return el("div", { class: "words", dir: "auto" }, formatted(value, entities, acts(context)), linkPreview(message));
}

function linkPreview(message) {
  const url = message.link_preview_options?.url;
  return url && !message.link_preview_options.is_disabled ? el("span", { class: "sr" }, url) : null;
}

function dice(thrown) {
  return el("span", { class: "jumbo jumbo-1" }, thrown.emoji, el("sup", { class: "dice-value" }, String(thrown.value)));
}

function other(message) {
  if (message.contact) return `👤 ${fullName(message.contact)} ${message.contact.phone_number ?? ""}`;
  const place = message.venue?.location ?? message.location;
  if (place) return `📍 ${message.venue?.title ?? ""} ${place.latitude.toFixed(4)}, ${place.longitude.toFixed(4)}`;
  return t("unsupported");
}

function closing(parts, body) {
  const message = parts[0];
  const stamp = meta(parts.at(-1), parts);
  const reactions = reactionRow(message);
  const end = reactions ? el("div", { class: "closing" }, reactions, stamp) : stamp;
  return body.caption || (body.media && reactions) ? el("div", { class: "caption" }, body.caption, end) : end;
}

function comments(message) {
  const linked = message.sim?.comments;
  if (!linked) return null;
  return el("button", { type: "button", class: "comments", data: { key: "comments" }, onclick: () => followLink(`tg://chat?id=${linked.chat_id}`) },
    icon("comment"), el("span", {}, linked.count ? t("comments", { n: linked.count }) : t("leaveComment")), icon("right"));
}

function meta(message, parts) {
  const out = isOutgoing(message);
  const views = parts[0].sim?.views ?? parts[0].views;
  return el("span", { class: "meta", title: full(message.date) },
    parts[0].sim?.protected ? icon("lock", t("protected")) : null,
    views != null ? el("span", { class: "views" }, icon("eye", t("views")), compact(views)) : null,
    message.edit_date && !message.edit_hidden ? el("span", { class: "edited" }, t("edited")) : null,
    el("time", { datetime: new Date(message.date * 1000).toISOString() }, hour(message.date)),
    out && !message.sender_chat ? icon(message.sim?.read ? "checks" : "tick", t(message.sim?.read ? "read" : "sent")) : null);
}

export function pendingNode(item, flags, { retry, discard }) {
  const failed = item.state === "failed";
  const mark = failed
    ? el("span", { class: "failed", role: "img", "aria-label": t("notSent") }, "!")
    : icon("clock", t("sending"));
  const redo = failed
    ? el("div", { class: "redo" }, el("span", {}, item.error ?? t("notSent")), el("button", { type: "button", onclick: retry }, t("retry")),
      el("button", { type: "button", onclick: discard }, t("delete")))
    : null;
  return el("div", { class: ["message", "mine", "pending", flags.first && "first", flags.last && "last"] },
    el("div", { class: "stack" },
      el("div", { class: ["bubble", "out", flags.last && "tail"] }, el("div", { class: "words", dir: "auto" }, item.text),
        el("span", { class: "meta" }, el("time", {}, hour(item.date)), mark)), redo));
}

export function spokenMessage(message, row) {
  const out = isOutgoing(message);
  const who = out ? t("you") : fullName(row.chat.type === "private" ? (botOf(row) ?? sender(message)) : sender(message));
  const line = serviceKind(message) ? serviceLine(message) : `${who}: ${preview(message)}`;
  const keys = message.reply_markup?.inline_keyboard?.flat().map((key) => key.text) ?? [];
  return [line, keys.length ? t("buttonsAre", { labels: keys.join(", ") }) : ""].filter(Boolean).join(". ");
}
