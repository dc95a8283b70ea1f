// For whoever opens this for the first time: one sentence where the eyes are, and a help page when asked.
import { el, icon, iconButton } from "./dom.js";
import { open } from "./dialog.js";
import { fullName } from "./face.js";
import { recall, remember } from "./settings.js";
import { t } from "./words.js";
import { on, world } from "./world.js";

export function firstHint(row) {
  if (recall("guided", false) || row.chat.type !== "private") return null;
  const done = () => (remember("guided", true), node.remove());
  const node = el("aside", { class: "hint-card" }, icon("help"),
    el("p", {}, t("hint", { name: fullName(world.me) })), iconButton("close", t("close"), done));
  on("wrote", () => node.isConnected && done());
  return node;
}

export function help() {
  const item = (sign, title, text) => el("li", {}, el("span", { class: "help-sign" }, icon(sign)), el("div", {}, el("b", {}, t(title)), el("p", {}, t(text))));
  return open({
    title: t("help"), class: "help",
    body: el("div", {}, el("p", { class: "dialog-text" }, t("helpIntro")),
      el("ul", { class: "help-list" },
        item("send", "helpWrite", "helpWriteText"), item("person", "helpPeople", "helpPeopleText"), item("star", "helpStars", "helpStarsText"),
        item("clock", "moveClock", "clockText"), item("bolt", "injectFault", "faultText"), item("code", "botCalls", "helpCallsText"),
        item("keyboard", "helpKeys", "helpKeysText"))),
  });
}
