// The foot of a conversation: writing, or the one big button that stands in its place.
import { el, icon, iconButton, replace } from "./dom.js";
import { replyKeyboard } from "./buttons.js";
import { isMuted, toggleMute } from "./chats.js";
import { commandList } from "./commands.js";
import { menu, toast, trouble } from "./dialog.js";
import { botOf, fullName, isOutgoing, sender } from "./face.js";
import { joinChat, starts } from "./links.js";
import { write } from "./outbox.js";
import { preview } from "./service.js";
import { forget, recall, remember } from "./settings.js";
import { post, postForm } from "./wire.js";
import { t } from "./words.js";
import { emit, thread, world } from "./world.js";

const EMOJI = "😀😂😊😍😘😎🤔😴😢😭😡👍👎👏🙏💪❤️💔🔥✨🎉🎁🌹🌙⭐️☕️🍷👀🙈💋👑💎🗝🎩🎭📖".match(/\p{Extended_Pictographic}\ufe0f?/gu);

export function composer(row, context) {
  const node = el("footer", { class: "composer" });
  const state = { row, context, node, kind: null, reply: null, edit: null, keysShown: recall(`keys:${row.chat.id}`, true) };
  const draw = () => drawFoot(state);
  state.draw = draw;
  draw();
  return {
    node,
    draw(fresh) {
      state.row = fresh;
      draw();
    },
    reply(message) {
      Object.assign(state, { reply: message, edit: null });
      drawAbout(state);
      state.field?.focus();
    },
    edit(message) {
      Object.assign(state, { reply: null, edit: message });
      state.field.value = message.text;
      grow(state.field);
      drawAbout(state);
      state.field.focus();
    },
    escape() {
      if (state.list?.isOpen()) return (state.list.close(), true);
      if (!state.reply && !state.edit) return false;
      stopAbout(state);
      return true;
    },
    focus: () => state.field?.focus({ preventScroll: true }),
  };
}

function wantedKind({ row }) {
  const bot = botOf(row);
  if (bot && row.can_write === false) return "blocked";
  if (row.status === "requested") return "requested";
  if (row.chat.type !== "private" && ["left", "kicked", "none"].includes(row.status)) return row.status === "kicked" ? "kicked" : "join";
  if (bot && (starts.has(row.chat.id) || isEmpty(row))) return "start";
  return row.can_write === false ? "mute" : "write";
}

function isEmpty(row) {
  const known = thread(row.chat.id);
  return !row.last_message && !known?.messages.length && (known?.loaded ?? false);
}

function drawFoot(state) {
  const kind = wantedKind(state);
  if (kind === "write" && state.kind === "write") return drawKeys(state);
  if (kind === state.kind && kind !== "mute") return undefined;
  const hadFocus = state.node.contains(document.activeElement);
  state.kind = kind;
  state.node.dataset.kind = kind;
  replace(state.node, FEET[kind](state));
  if (kind === "write") (drawKeys(state), drawAbout(state));
  if (hadFocus) (state.field ?? state.node.querySelector("button"))?.focus({ preventScroll: true });
  return undefined;
}

const big = (label, act, props) => el("button", { type: "button", class: ["foot-button", props?.class], onclick: act, disabled: props?.disabled }, label);

const FEET = {
  blocked: (state) => big(t("unblock"), () => block(state, false)),
  requested: () => big(t("requested"), null, { disabled: true }),
  kicked: () => big(t("kicked"), null, { disabled: true }),
  join: ({ row }) => big(t(row.join === "request" ? "requestJoin" : row.chat.type === "channel" ? "join" : "joinGroup"), () => joinChat(row)),
  start: (state) => big(t("start"), () => start(state), { class: "start" }),
  mute: (state) => big(t(isMuted(state.row.chat.id) ? "unmute" : "mute"), () => (toggleMute(state.row.chat.id), state.draw(), emit("chats"))),
  write: writing,
};

export async function block(state, blocked) {
  try {
    await post(`people/${world.me.id}/block`, { blocked, bot_id: state.row.chat.id });
    emit("people");
    if (!blocked) write(state.row.chat.id, "/start");
  } catch (error) {
    trouble(error);
  }
}

async function start(state) {
  const id = state.row.chat.id;
  const payload = starts.get(id);
  starts.delete(id);
  if (!payload) write(id, "/start");
  else await post(`people/${world.me.id}/start`, { payload, bot_id: id }).catch(trouble);
  state.draw();
  emit("started");
}

function writing(state) {
  const { row } = state;
  const field = el("textarea", {
    id: "composer-field", class: "field", rows: "1", placeholder: t("writeHere"), "aria-label": t("writeHere"), dir: "auto", maxlength: "4096",
    role: "combobox", "aria-autocomplete": "list", "aria-controls": "commands", "aria-expanded": "false", "aria-haspopup": "listbox",
  });
  field.value = recall(`draft:${world.me.id}:${row.chat.id}`, "");
  state.field = field;
  state.list = commandList(field, { commands: () => state.row.commands ?? [], pick: (text) => (say(state, text), grow(field)) });
  state.about = el("div", { class: "about", hidden: true });
  state.keys = el("div", { class: "keys-place" });
  const send = iconButton("send", t("send"), () => submit(state), { class: "send" });
  const menuButton = el("button", { type: "button", class: "bot-menu", "aria-label": t("commands"), onclick: () => (state.list.isOpen() ? state.list.close() : state.list.all()) },
    icon("menu"), el("span", {}, t("botMenu")));
  state.menuButton = menuButton;
  state.toggle = iconButton("keyboard", t("botKeyboard"), () => toggleKeys(state), { class: "keys-toggle", "aria-pressed": "true" });
  const file = el("input", { type: "file", class: "sr", tabindex: "-1", "aria-hidden": "true", onchange: () => (upload(state, file.files[0]), (file.value = "")) });
  field.addEventListener("input", () => typed(state));
  field.addEventListener("keydown", (event) => keys(event, state));
  field.addEventListener("paste", (event) => event.clipboardData?.files.length && (event.preventDefault(), upload(state, event.clipboardData.files[0])));
  requestAnimationFrame(() => grow(field));
  return [state.list.node, el("div", { class: "composer-row" },
    el("div", { class: "composer-box" }, state.about,
      el("div", { class: "composer-line" }, menuButton,
        iconButton("smile", t("emoji"), (event) => emojiMenu(event.currentTarget, field)), field, state.toggle,
        iconButton("attach", t("attach"), () => file.click()), file)), send), state.keys];
}

function typed(state) {
  grow(state.field);
  state.list.filter(state.field.value);
  remember(`draft:${world.me.id}:${state.row.chat.id}`, state.field.value);
}

function grow(field) {
  field.style.setProperty("height", "auto");
  field.style.setProperty("height", `${Math.min(field.scrollHeight, 200)}px`);
  field.closest(".composer")?.classList.toggle("filled", field.value.trim() !== "");
}

function keys(event, state) {
  if (event.isComposing) return;
  if (state.list.key(event)) event.preventDefault();
  else if (event.key === "Enter" && !event.shiftKey) (event.preventDefault(), submit(state));
  else if (event.key === "ArrowUp" && state.field.value === "") (event.preventDefault(), state.context.focusLast());
}

function submit(state) {
  const text = state.field.value.trim();
  if (!text) return;
  if (state.edit) saveEdit(state, text);
  else say(state, text);
}

function say(state, text) {
  write(state.row.chat.id, text, state.reply?.message_id);
  clear(state);
}

async function saveEdit(state, text) {
  const { chat, message_id: id } = state.edit;
  clear(state);
  await post(`people/${world.me.id}/edit`, { chat_id: chat.id, message_id: id, text }).catch(trouble);
}

function clear(state) {
  state.field.value = "";
  forget(`draft:${world.me.id}:${state.row.chat.id}`);
  grow(state.field);
  state.list.close();
  stopAbout(state);
  state.field.focus({ preventScroll: true });
}

function stopAbout(state) {
  if (state.edit) (state.field.value = "", grow(state.field));
  Object.assign(state, { reply: null, edit: null });
  drawAbout(state);
}

function drawAbout(state) {
  const message = state.reply ?? state.edit;
  if (!state.about) return;
  state.about.hidden = !message;
  if (!message) return void replace(state.about);
  const who = isOutgoing(message) ? t("you") : fullName(botOf(state.row) ?? sender(message));
  const title = state.edit ? t("editing") : t("replyTo", { name: who });
  replace(state.about, icon(state.edit ? "pencil" : "reply"), el("span", { class: "about-words" }, el("b", { dir: "auto" }, title), el("span", { dir: "auto" }, preview(message))),
    iconButton("close", t("cancel"), () => (stopAbout(state), state.field.focus())));
}

function drawKeys(state) {
  const markup = state.row.keyboard?.keyboard ? state.row.keyboard : null;
  const shown = markup && (state.keysShown || markup.is_persistent);
  const say = (text) => toast(text);
  state.menuButton.hidden = !(state.row.commands ?? []).length;
  state.toggle.hidden = !markup || Boolean(markup.is_persistent);
  state.toggle.setAttribute("aria-pressed", String(Boolean(shown)));
  const signature = shown ? JSON.stringify(markup) : "";
  state.field.placeholder = markup?.input_field_placeholder ?? t("writeHere");
  if (state.keys.dataset.drawn === signature) return;
  state.keys.dataset.drawn = signature;
  replace(state.keys, shown ? replyKeyboard(markup, { say, send: (text) => (write(state.row.chat.id, text), markup.one_time_keyboard && toggleKeys(state, false)) }) : null);
}

function toggleKeys(state, to = !state.keysShown) {
  state.keysShown = to;
  remember(`keys:${state.row.chat.id}`, to);
  drawKeys(state);
}

function emojiMenu(anchor, field) {
  const put = (emoji, close) => {
    field.setRangeText(emoji, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input"));
    close();
    field.focus();
  };
  menu(anchor, [], { head: (close) => el("div", { class: "emoji-grid" }, EMOJI.map((emoji) =>
    el("button", { type: "button", role: "menuitem", tabindex: "-1", "aria-label": emoji, onclick: () => put(emoji, close) }, emoji))) });
}

async function upload(state, file) {
  if (!file) return;
  const form = new FormData();
  const photo = /^image\/(?:png|jpeg|webp)$/u.test(file.type);
  const fields = { chat_id: state.row.chat.id, kind: photo ? "photo" : "document", caption: state.field.value.trim(), client_id: `${Date.now()}-${Math.random()}` };
  for (const [name, value] of Object.entries(fields)) if (value !== "") form.set(name, value);
  form.set("file", file, file.name);
  toast(t("uploading", { name: file.name }));
  try {
    await postForm(`people/${world.me.id}/upload`, form);
    clear(state);
  } catch (error) {
    trouble(error);
  }
}

export function dropFiles(zone, state) {
  zone.addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
  zone.addEventListener("drop", (event) => event.dataTransfer.files.length && (event.preventDefault(), upload(state(), event.dataTransfer.files[0])));
}

