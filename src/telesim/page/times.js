// Dates as Telegram writes them, in the page's language and the simulated world's time.
import { language, t } from "./words.js";

const cache = new Map();
let offset = 0;

export function setOffset(seconds) {
  offset = seconds;
}

export function now() {
  return Date.now() + offset * 1000;
}

function format(options) {
  const key = language() + JSON.stringify(options);
  if (!cache.has(key)) cache.set(key, new Intl.DateTimeFormat(language(), options));
  return cache.get(key);
}

const date = (seconds) => new Date(seconds * 1000);

export function hour(seconds) {
  return format({ hour: "2-digit", minute: "2-digit", hour12: false }).format(date(seconds));
}

export function dayKey(seconds) {
  const d = date(seconds);
  return `${d.getFullYear()}-${d.getMonth() + 1}-${d.getDate()}`;
}

function daysAgo(seconds) {
  const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);
  return Math.round((midnight(now()) - midnight(seconds * 1000)) / 86400000);
}

export function day(seconds) {
  const ago = daysAgo(seconds);
  if (ago === 0) return t("today");
  if (ago === 1) return t("yesterday");
  const sameYear = date(seconds).getFullYear() === new Date(now()).getFullYear();
  return format({ day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) }).format(date(seconds));
}

export function short(seconds) {
  const ago = daysAgo(seconds);
  if (ago === 0) return hour(seconds);
  if (ago > 0 && ago < 7) return format({ weekday: "short" }).format(date(seconds));
  return format({ day: "2-digit", month: "2-digit", year: "2-digit" }).format(date(seconds));
}

export function full(seconds) {
  return format({ dateStyle: "long", timeStyle: "short" }).format(date(seconds));
}

export function clockFace(at) {
  return format({ weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false }).format(at);
}

export function seconds(at) {
  return format({ hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }).format(new Date(at));
}

export function number(n) {
  return new Intl.NumberFormat(language()).format(n);
}

export function compact(n) {
  if (n < 1000) return String(n);
  return new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(n);
}

export function bytes(n) {
  if (n == null) return "";
  const step = n < 1024 ? 0 : n < 1048576 ? 1 : 2;
  return `${(n / 1024 ** step).toFixed(step ? 1 : 0)} ${["B", "KB", "MB"][step]}`;
}

export function span(total) {
  const left = Math.max(0, Math.ceil(total));
  const two = (n) => String(n).padStart(2, "0");
  return left >= 3600
    ? `${Math.floor(left / 3600)}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`
    : `${Math.floor(left / 60)}:${two(left % 60)}`;
}
