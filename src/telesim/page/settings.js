// What this browser remembers. Private windows may refuse storage: then the choice lives as long as the page.
const PREFIX = "telesim:";
const memory = new Map();

function safely(act, otherwise) {
  try {
    return act();
  } catch (error) {
    if (error instanceof DOMException) return otherwise;
    throw error;
  }
}

function store(area) {
  return safely(() => window[area], null);
}

export function remember(key, value, area = "localStorage") {
  memory.set(key, value);
  safely(() => store(area)?.setItem(PREFIX + key, JSON.stringify(value)), null);
}

export function recall(key, otherwise = null, area = "localStorage") {
  const text = safely(() => store(area)?.getItem(PREFIX + key), null);
  if (text == null) return memory.get(key) ?? otherwise;
  try {
    return JSON.parse(text);
  } catch {
    return otherwise; // someone else's text under our key is as good as none
  }
}

export function forget(key, area = "localStorage") {
  memory.delete(key);
  safely(() => store(area)?.removeItem(PREFIX + key), null);
}

const dark = matchMedia("(prefers-color-scheme: dark)");

export function theme() {
  return recall("theme", "auto");
}

export function setTheme(choice) {
  remember("theme", choice);
  applyTheme();
}

export function isDark() {
  return theme() === "dark" || (theme() === "auto" && dark.matches);
}

export function applyTheme() {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  const bar = document.querySelector("meta[name=theme-color]");
  bar?.setAttribute("content", isDark() ? "#17212b" : "#ffffff");
}

dark.addEventListener("change", applyTheme);
