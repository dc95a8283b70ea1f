// Every sentence of the page, in Spanish and English. `{name}` is filled in; a text may have forms [one, many].
import { ES } from "./words.es.js";
import { EN } from "./words.en.js";
import { recall, remember } from "./settings.js";

const TABLES = { es: ES, en: EN };
let spoken = "es";

export function language() {
  return spoken;
}

export function languageChoice() {
  return recall("language", "auto");
}

// By the switch; else by the person whose phone this is.
export function applyLanguage(personsCode) {
  const choice = languageChoice();
  const wanted = choice === "auto" ? (personsCode ?? navigator.language) : choice;
  spoken = wanted?.toLowerCase().startsWith("es") ? "es" : "en";
  document.documentElement.lang = spoken;
}

export function setLanguage(choice, personsCode) {
  remember("language", choice);
  applyLanguage(personsCode);
}

export function t(key, facts = {}) {
  const text = TABLES[spoken][key];
  if (text === undefined) throw new Error(`no words for ${key}`);
  const form = Array.isArray(text) ? text[facts.n === 1 ? 0 : 1] : text;
  return form.replace(/\{(\w+)\}/gu, (_, name) => facts[name] ?? "");
}
