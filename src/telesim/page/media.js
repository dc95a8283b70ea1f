// Pictures, albums, films and files inside bubbles, and the full-screen viewer.
import { el, icon } from "./dom.js";
import { open as openDialog } from "./dialog.js";
import { bytes, span } from "./times.js";
import { t } from "./words.js";

const MAX_WIDTH = 420;
const MAX_HEIGHT = 430;

function address(message, fileId) {
  return message.sim?.media_url?.[fileId] ?? null;
}

function largest(photo) {
  return photo.reduce((best, size) => (size.width * size.height > best.width * best.height ? size : best), photo[0]);
}

function visual(message) {
  if (message.photo?.length) return { ...largest(message.photo), kind: "photo" };
  if (message.animation) return { ...message.animation, kind: "film", silent: true };
  if (message.video) return { ...message.video, kind: "film" };
  return null;
}

export function hasVisual(message) {
  return visual(message) !== null;
}

// The box has its final size before the picture is there, so that nothing jumps.
function box(shape) {
  const [w, h] = [shape.width || 320, shape.height || 240];
  const scale = Math.min(MAX_WIDTH / w, MAX_HEIGHT / h, Math.max(1, 200 / w));
  return { "--w": `${Math.max(120, Math.round(w * scale))}px`, "--ratio": `${w} / ${h}` };
}

export function picture(message, { tile = false } = {}) {
  const shape = visual(message);
  const url = address(message, shape.file_id);
  const inner = shape.kind === "film" ? film(shape, url) : image(url, message);
  const props = { class: ["media", tile && "tile", message.has_media_spoiler && "veiled"], vars: tile ? {} : box(shape) };
  if (message.has_media_spoiler) return veiled(props, inner, message, url);
  if (shape.kind === "film") return el("div", props, inner);
  return el("button", { type: "button", ...props, "aria-label": t("openPhoto"), data: { key: `photo:${message.message_id}` },
    onclick: () => view(url, message) }, inner);
}

function image(url, message) {
  if (!url) return el("span", { class: "media-missing" }, icon("photo"));
  const node = el("img", { src: url, alt: message.caption || t("kind_photo"), decoding: "async", draggable: "false" });
  node.addEventListener("error", () => node.replaceWith(el("span", { class: "media-missing" }, icon("photo"))));
  return node;
}

function film(shape, url) {
  if (!url) return el("span", { class: "media-missing" }, icon("photo"));
  const node = el("video", { src: url, controls: !shape.silent, loop: Boolean(shape.silent), playsinline: true, preload: "metadata" });
  node.muted = true;
  if (shape.silent) node.autoplay = true;
  return node;
}

function veiled(props, inner, message, url) {
  const node = el("button", { type: "button", ...props, "aria-label": t("spoiler") }, inner, el("span", { class: "veil" }));
  node.addEventListener("click", () => {
    if (!node.classList.contains("veiled")) return view(url, message);
    node.classList.remove("veiled");
    node.setAttribute("aria-label", t("openPhoto"));
  });
  return node;
}

export function album(messages) {
  const count = messages.length;
  const shapes = messages.map(visual);
  const wide = (shape) => (shape.width || 1) >= (shape.height || 1);
  const first = count === 3 && !wide(shapes[0]) ? "tall-first" : "";
  return el("div", { class: ["album", `album-${Math.min(count, 10)}`, first] }, messages.map((message) => picture(message, { tile: true })));
}

function view(url, message) {
  if (!url) return;
  const node = el("img", { src: url, alt: message.caption || t("kind_photo"), draggable: "false" });
  if (message.sim?.protected || message.has_protected_content) node.addEventListener("contextmenu", (event) => event.preventDefault());
  const shown = openDialog({ label: t("kind_photo"), class: "viewer", body: el("figure", {}, node, message.caption ? el("figcaption", {}, message.caption) : null) });
  node.addEventListener("click", () => shown.close());
}

export function fileCard(message) {
  const kind = ["document", "audio", "voice"].find((name) => message[name]);
  const file = message[kind];
  const url = address(message, file.file_id);
  if (kind !== "document" && url) return el("div", { class: "sound" }, title(file, kind), el("audio", { src: url, controls: true, preload: "metadata" }));
  const name = file.file_name ?? t(`kind_${kind}`);
  const ending = /\.([a-z0-9]{1,4})$/iu.exec(name)?.[1]?.toLowerCase();
  const props = { class: "file", data: { key: `file:${message.message_id}` } };
  const body = [
    el("span", { class: ["file-badge", `file-${hue(ending)}`] }, icon("file"), el("span", {}, ending ?? "")),
    el("span", { class: "file-name", dir: "auto" }, name),
    el("span", { class: "file-size" }, [bytes(file.file_size), file.duration ? span(file.duration) : ""].filter(Boolean).join(" · ")),
  ];
  if (!url || message.sim?.protected) return el("div", props, body);
  return el("a", { ...props, href: url, download: name, "aria-label": t("download", { name }) }, body);
}

function title(file, kind) {
  return el("span", { class: "file-name" }, [file.performer, file.title ?? file.file_name].filter(Boolean).join(" – ") || t(`kind_${kind}`));
}

function hue(ending) {
  if (["pdf"].includes(ending)) return "red";
  if (["zip", "rar", "7z", "gz"].includes(ending)) return "yellow";
  if (["xls", "xlsx", "csv", "apk"].includes(ending)) return "green";
  return "blue";
}

export function sticker(message) {
  const url = message.sticker && address(message, message.sticker.file_id);
  if (url && !message.sticker.is_animated && !message.sticker.is_video) return el("img", { class: "sticker", src: url, alt: message.sticker.emoji ?? "" });
  return el("span", { class: "jumbo jumbo-1" }, message.sticker?.emoji ?? "🖼");
}
