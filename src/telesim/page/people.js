// Several people share this page: choosing one, adding one, and the settings of the page itself.
import { el, icon } from "./dom.js";
import { button, menu, open, trouble } from "./dialog.js";
import { avatar, fullName } from "./face.js";
import { goTo } from "./route.js";
import { setTheme, theme } from "./settings.js";
import { topUp } from "./stars.js";
import { number } from "./times.js";
import { get, patch, post } from "./wire.js";
import { languageChoice, setLanguage, t } from "./words.js";
import { emit, loadState, world } from "./world.js";

const LANGUAGES = [["es", "Español"], ["en", "English"], ["de", "Deutsch"], ["fr", "Français"], ["it", "Italiano"], ["pt", "Português"], ["ru", "Русский"]];

export function peopleMenu(anchor, { chat }) {
  const row = (person) => ({
    label: fullName(person), node: avatar(person, "xs"), checked: person.id === world.me.id, act: () => switchTo(person, chat),
  });
  const crowd = world.people.filter((person) => person.simulated).slice(0, 40).map(row);
  return menu(anchor, [
    ...world.people.filter((person) => !person.simulated).slice(0, 40).map(row),
    null,
    { icon: "addPerson", label: t("addPerson"), act: addPerson },
    { icon: "pencil", label: t("editPerson"), act: editPerson },
    ...(crowd.length ? [null, ...crowd] : []), // last: there may be many of them
  ], {
    head: (close) => el("div", { class: "me-card" }, avatar(world.me, "m"),
      el("span", { class: "me-name", dir: "auto" }, fullName(world.me), el("small", {}, `id ${world.me.id} · ${world.me.language_code ?? "–"}`)),
      el("button", { type: "button", class: "me-stars", role: "menuitem", tabindex: "-1", "aria-label": t("starsBalance", { n: number(world.me.stars ?? 0) }),
        onclick: () => (close(), topUp()) }, icon("star"), number(world.me.stars ?? 0), icon("plus"))),
  });
}

export function switchTo(person, chat) {
  if (person.id === world.me.id) return;
  goTo(chat, person.id);
}

function personForm({ title, first, last = "", code, extra, save, yes }) {
  const name = el("input", { id: "person-name", required: true, maxlength: "64", autocomplete: "off", "data-first": true });
  name.value = first;
  const select = el("select", { id: "person-language" }, LANGUAGES.map(([value, label]) => el("option", { value, selected: value === code }, label)));
  const note = el("p", { class: "pay-error", role: "alert" });
  const form = el("form", { class: "form" },
    el("label", { for: "person-name" }, t("firstName")), name,
    el("label", { for: "person-language" }, t("theirLanguage")), select, extra, note,
    el("div", { class: "dialog-actions" }, button(t("cancel"), () => shown.close(), { class: "plain" }), el("button", { class: "button" }, yes)));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    name.value = name.value.trim();
    if (!form.reportValidity()) return;
    try {
      await save({ first_name: name.value, language_code: select.value });
      shown.close();
    } catch (error) {
      if (error.status) note.textContent = error.message;
      else trouble(error);
    }
  });
  const shown = open({ title, class: "person-form", body: form });
  name.select();
  return shown;
}

export function addPerson() {
  return personForm({
    title: t("addPerson"), first: "", code: document.documentElement.lang, yes: t("create"),
    save: async (wanted) => {
      const { id } = await post("people", wanted);
      await loadState();
      emit("people");
      const fresh = world.people.find((person) => person.id === id) ?? { id, ...wanted };
      if (!world.people.includes(fresh)) world.people.push(fresh);
      const rows = await get(`people/${id}/chats`);
      goTo(rows.find((row) => row.chat.type === "private")?.chat.id ?? id, id);
    },
  });
}

function editPerson() {
  return personForm({
    title: t("editPerson"), first: world.me.first_name, code: world.me.language_code, yes: t("save"),
    save: async (wanted) => {
      await patch(`people/${world.me.id}`, wanted);
      await loadState();
      emit("people");
      emit("language");
    },
  });
}

export function mainMenu(anchor, { help, calls, clock, faults }) {
  return menu(anchor, [
    { icon: "addPerson", label: t("addPerson"), act: addPerson },
    { icon: "star", label: t("starsBalance", { n: number(world.me.stars ?? 0) }), act: topUp },
    null,
    { icon: "clock", label: t("moveClock"), act: clock },
    { icon: "bolt", label: t("injectFault"), act: faults },
    { icon: "code", label: t("botCalls"), act: calls },
    null,
    { icon: "moon", label: t("settings"), act: settings },
    { icon: "help", label: t("help"), act: help },
  ]);
}

function settings() {
  const group = (label, options, chosen, act) => el("fieldset", { class: "choices" }, el("legend", {}, label), options.map(([value, words]) => {
    const input = el("input", { type: "radio", name: label, value, checked: value === chosen, onchange: () => act(value) });
    return el("label", {}, input, el("span", {}, words));
  }));
  const speak = (value) => {
    setLanguage(value, world.me.language_code);
    shown.close();
    emit("language");
  };
  const shown = open({
    title: t("settings"), class: "settings",
    body: el("div", { class: "form" },
      group(t("theme"), [["auto", t("likeSystem")], ["light", t("light")], ["dark", t("dark")]], theme(), setTheme),
      group(t("language"), [["auto", t("likePerson")], ["es", "Español"], ["en", "English"]], languageChoice(), speak)),
  });
  return shown;
}

export function profile(row, who) {
  const line = (label, value) => (value ? el("div", { class: "fact" }, el("dt", {}, label), el("dd", { dir: "auto" }, value)) : null);
  return open({
    label: fullName(who), class: "profile",
    body: el("div", { class: "invite-body" }, avatar(who, "xl"), el("h2", { class: "dialog-title", dir: "auto" }, fullName(who)),
      el("dl", { class: "facts" },
        line(t("description"), row.description ?? row.chat.description),
        line(t("userName"), who.username ? `@${who.username}` : null),
        line(t("link"), who.username ? `t.me/${who.username}` : null),
        line("id", String(who.id)),
        line(t(row.chat.type === "channel" ? "subscribersLabel" : "membersLabel"), row.members_count ? number(row.members_count) : null))),
  });
}

