// What happened in a chat, as one short line: joins, titles, pins, payments; and previews for the chat list.
import { fullName, isOutgoing, sender } from "./face.js";
import { number } from "./times.js";
import { t } from "./words.js";

const KINDS = [
  "successful_payment", "refunded_payment", "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo",
  "delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created", "pinned_message",
  "migrate_to_chat_id", "write_access_allowed", "message_auto_delete_timer_changed", "boost_added", "users_shared",
  "chat_shared", "forum_topic_created", "video_chat_started", "video_chat_ended", "proximity_alert_triggered", "gift",
];

export function serviceKind(message) {
  return KINDS.find((kind) => message[kind] !== undefined) ?? null;
}

export function price(payment) {
  const { currency, total_amount: amount } = payment;
  if (currency === "XTR") return `⭐️ ${number(amount)}`;
  const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  return new Intl.NumberFormat(undefined, { style: "currency", currency }).format(amount / 10 ** digits);
}

const LINES = {
  successful_payment: (m) => t(m.successful_payment.is_recurring ? "paidSubscription" : "paidLine", { price: price(m.successful_payment) }),
  refunded_payment: (m) => t("refundedLine", { price: price(m.refunded_payment) }),
  new_chat_members: (m, who) => {
    const joined = m.new_chat_members;
    if (joined.length === 1 && joined[0].id === m.from?.id) return t("joinedLine", { name: who });
    return t("addedLine", { name: who, who: joined.map(fullName).join(", ") });
  },
  left_chat_member: (m, who) =>
    m.left_chat_member.id === m.from?.id
      ? t("leftLine", { name: who })
      : t("removedLine", { name: who, who: fullName(m.left_chat_member) }),
  new_chat_title: (m) => t("titleLine", { title: m.new_chat_title }),
  new_chat_photo: () => t("photoLine"),
  delete_chat_photo: () => t("photoLine"),
  group_chat_created: () => t("groupLine"),
  supergroup_chat_created: () => t("groupLine"),
  channel_chat_created: () => t("channelLine"),
  pinned_message: (m, who) => t("pinnedLine", { name: who, what: preview(m.pinned_message) }),
};

export function serviceLine(message) {
  const kind = serviceKind(message);
  return LINES[kind]?.(message, fullName(sender(message))) ?? t("somethingHappened");
}

const MEDIA = {
  photo: "🖼 ", video: "🎬 ", animation: "🎞 ", document: "📎 ", audio: "🎵 ", voice: "🎤 ", video_note: "🎥 ", sticker: "",
  poll: "📊 ", invoice: "🧾 ", contact: "👤 ", location: "📍 ", venue: "📍 ", dice: "", paid_media: "⭐️ ", story: "",
};

function named(kind, message) {
  const body = message[kind];
  if (kind === "poll") return body.question;
  if (kind === "invoice") return body.title;
  if (kind === "sticker" || kind === "dice") return body.emoji ?? "";
  if (kind === "contact") return fullName(body);
  return message.caption || body.file_name || body.title || t(`kind_${kind}`);
}

// One line, never markup; a spoiler stays closed here too.
export function preview(message) {
  if (!message) return "";
  if (message.text !== undefined) return hideSpoilers(message.text, message.entities);
  if (serviceKind(message)) return serviceLine(message);
  const kind = Object.keys(MEDIA).find((name) => message[name] !== undefined);
  return kind ? MEDIA[kind] + hideSpoilers(named(kind, message), message.caption_entities) : t("unsupported");
}

function hideSpoilers(text, entities) {
  const signs = [...(entities ?? [])].filter((entity) => entity.type === "spoiler");
  return signs
    .reduce((all, { offset, length }) => all.slice(0, offset) + "▒".repeat(length) + all.slice(offset + length), text)
    .replace(/\s+/gu, " ");
}

export function previewSender(message, row) {
  if (!message || serviceKind(message) || row.chat.type === "channel") return "";
  if (isOutgoing(message)) return row.chat.type === "private" ? "" : t("you");
  return row.chat.type === "private" ? "" : (sender(message).first_name ?? "");
}
