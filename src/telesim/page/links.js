// Telegram's own addresses open inside the page; every other one in a new tab, after asking.
import { el } from "./dom.js";
import { button, confirmBox, open, toast, trouble } from "./dialog.js";
import { avatar, fullName, peer } from "./face.js";
import { goTo } from "./route.js";
import { payLink } from "./stars.js";
import { number } from "./times.js";
import { get, post } from "./wire.js";
import { t } from "./words.js";
import { emit, world } from "./world.js";

export const starts = new Map(); // chat -> the payload that its START button will send

export function readLink(url) {
  let address;
  try {
    address = new URL(/^[a-z]+:/iu.test(url) ? url : `https://${url}`);
  } catch {
    return null;
  }
  if (address.protocol === "tg:") return readTg(address);
  if (!["t.me", "telegram.me"].includes(address.hostname)) return { kind: "web", url: address.href };
  const [first = "", second] = decodeURIComponent(address.pathname).slice(1).split("/");
  if (first.startsWith("+")) return { kind: "invite", hash: first.slice(1) };
  if (first === "joinchat") return { kind: "invite", hash: second ?? "" };
  if (first.startsWith("$")) return { kind: "invoice", slug: first.slice(1) };
  if (first === "invoice") return { kind: "invoice", slug: second ?? "" };
  if (first === "c") return { kind: "chat", id: Number(`-100${second}`) };
  if (first) return { kind: "name", name: first, start: address.searchParams.get("start"), message: Number(second) || null };
  return { kind: "web", url: address.href };
}

function readTg(address) {
  const query = address.searchParams;
  const kind = address.hostname || address.pathname.replace(/^\/*/u, "");
  if (kind === "resolve") return { kind: "name", name: query.get("domain") ?? "", start: query.get("start") };
  if (kind === "join") return { kind: "invite", hash: query.get("invite") ?? "" };
  if (kind === "invoice") return { kind: "invoice", slug: query.get("slug") ?? "" };
  if (kind === "chat" || kind === "user") return { kind: "chat", id: Number(query.get("id")) };
  return null;
}

const openers = { web, invite, invoice, chat: ({ id }) => openChat(id), name };

export async function followLink(url) {
  const link = readLink(url);
  if (!link) return toast(t("unknownLink"), { icon: "alarm" });
  try {
    return await openers[link.kind](link);
  } catch (error) {
    return trouble(error);
  }
}

async function web({ url }) {
  const sure = await confirmBox({ title: t("openLink"), text: url, yes: t("open") });
  if (sure) window.open(url, "_blank", "noopener,noreferrer");
}

function openChat(id) {
  if (!world.rows.has(id)) return toast(t("noSuchChat"), { icon: "alarm" });
  return goTo(id);
}

function name({ name: wanted, start }) {
  const row = rowNamed(wanted);
  if (!row) return toast(t("noSuchChat"), { icon: "alarm" });
  if (start !== null && row.chat.type === "private") starts.set(row.chat.id, start);
  goTo(row.chat.id);
  return emit("row", row.chat.id);
}

export function openMention(text) {
  name({ name: text.replace(/^@/u, ""), start: null });
}

function rowNamed(wanted) {
  const same = (row) => peer(row).username?.toLowerCase() === wanted.toLowerCase();
  return [...world.rows.values()].find(same) ?? null;
}

async function invoice({ slug }) {
  const found = await get(`invoice/${encodeURIComponent(slug)}`);
  return payLink(slug, found);
}

async function invite({ hash }) {
  const found = await get(`invite/${encodeURIComponent(hash)}?person=${world.me.id}`);
  const row = world.rows.get(found.chat.id);
  if ((row?.status ?? found.status) === "member" || row?.status === "creator") return goTo(found.chat.id);
  return inviteCard(hash, found);
}

function inviteCard(hash, found) {
  const requested = (world.rows.get(found.chat.id)?.status ?? found.status) === "requested";
  const label = requested ? t("requested") : found.request ? t("requestJoin") : t(found.chat.type === "channel" ? "joinChannel" : "joinGroup");
  const members = found.chat.members_count ?? found.members_count;
  const act = button(label, () => join({ invite_link: `https://t.me/+${hash}` }, found, shown), { class: "wide", disabled: requested || found.valid === false, "data-first": true });
  const shown = open({
    label: fullName(found.chat), class: "invite",
    body: el("div", { class: "invite-body" }, avatar(found.chat, "xl"),
      el("h2", { class: "dialog-title", dir: "auto" }, fullName(found.chat)),
      members ? el("p", { class: "dialog-faint" }, t(found.chat.type === "channel" ? "subscribers" : "members", { n: members, count: number(members) })) : null,
      found.chat.description ? el("p", { class: "dialog-text", dir: "auto" }, found.chat.description) : null,
      found.subscription ? el("p", { class: "dialog-text" }, t("subscriptionPrice", { price: `⭐️ ${number(found.subscription.price)}` })) : null,
      found.request && !requested ? el("p", { class: "dialog-faint" }, t("requestText")) : null,
      found.valid === false ? el("p", { class: "pay-error", role: "alert" }, found.error ?? t("linkExpired")) : null, act),
  });
  return shown;
}

async function join(target, found, shown) {
  try {
    const answer = await post(`people/${world.me.id}/join`, target);
    shown?.close();
    const status = answer?.status ?? (found?.request ? "requested" : "member");
    if (status === "requested") return toast(t("requestSent"), { icon: "check" });
    return found && goTo(found.chat.id);
  } catch (error) {
    return trouble(error);
  }
}

export const joinChat = (row) => join({ chat_id: row.chat.id }, { chat: row.chat, request: row.join === "request" }, null);
