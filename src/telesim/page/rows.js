// From messages to what stands on the screen: days, albums, groups of one sender, and what is still unsent.
import { isOutgoing, sender } from "./face.js";
import { clientId } from "./outbox.js";
import { serviceKind } from "./service.js";
import { day as dayWords, dayKey } from "./times.js";

const TOGETHER = 10 * 60;

export function rowsOf(messages, unsent, { unreadFrom }) {
  const items = albums(messages).map((parts) => ({ parts, message: parts[0], kind: serviceKind(parts[0]) ? "service" : "bubble" }));
  const rows = [];
  let day = null;
  for (const [i, item] of items.entries()) {
    const key = dayKey(item.message.date);
    if (key !== day) rows.push({ key: `day:${key}`, kind: "day", date: item.message.date, sign: [dayWords(item.message.date)] });
    const fresh = unreadFrom !== null && item.message.message_id === unreadFrom;
    if (fresh) rows.push({ key: "unread", kind: "unread", sign: [] });
    rows.push(withFlags(item, items[i - 1], items[i + 1], unsent, key !== day || fresh));
    day = key;
  }
  for (const [i, item] of unsent.entries()) rows.push(unsentRow(item, i, unsent, items.at(-1)?.message));
  return rows;
}

function albums(messages) {
  const groups = [];
  for (const message of messages) {
    const last = groups.at(-1);
    if (message.media_group_id && last?.[0].media_group_id === message.media_group_id) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

function together(a, b) {
  if (!a || !b || serviceKind(a) || serviceKind(b)) return false;
  const same = isOutgoing(a) === isOutgoing(b) && sender(a)?.id === sender(b)?.id;
  return same && Math.abs(b.date - a.date) < TOGETHER && dayKey(a.date) === dayKey(b.date);
}

function withFlags(item, before, after, unsent, starts) {
  const { message, parts, kind } = item;
  const first = starts || !together(before?.message, message);
  const last = after ? !together(message, after.message) : !(unsent.length && isOutgoing(message));
  const known = clientId(message);
  return { key: known ? `out:${known}` : `m:${message.message_id}`, kind, parts, message, flags: { first, last }, sign: [...parts, first, last] };
}

function unsentRow(item, i, unsent, before) {
  const first = i === 0 && !(before && isOutgoing(before));
  const last = i === unsent.length - 1;
  return { key: `out:${item.client_id}`, kind: "unsent", item, flags: { first, last }, sign: [item.state, item.error, first, last] };
}

export function sameSign(a, b) {
  return a.length === b.length && a.every((part, i) => part === b[i]);
}
