// Text with Bot API entities -> nodes. Offsets are UTF-16 units, which is what a JavaScript string counts in.
import { el } from "./dom.js";
import { t } from "./words.js";

const WRAP = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

export function formatted(text, entities, acts = {}) {
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return build(text, 0, text.length, sorted, acts);
}

function build(text, start, end, entities, acts) {
  const nodes = [];
  let at = start;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i];
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    if (to <= from) continue;
    const block = BLOCKS.has(entity.type);
    if (from > at) nodes.push(plain(text.slice(at, from), false, block));
    const inner = entities.slice(i + 1).filter((other) => other.offset >= from && other.offset < to);
    nodes.push(wrap(entity, text.slice(from, to), build(text, from, to, inner, acts), acts));
    at = block && text[to] === "\n" ? to + 1 : to;
  }
  if (at < end) nodes.push(plain(text.slice(at, end)));
  return nodes;
}

// The line break before a quote or a code block is drawn by the block itself.
function plain(part, _after, beforeBlock) {
  return document.createTextNode(beforeBlock && part.endsWith("\n") ? part.slice(0, -1) : part);
}

function wrap(entity, part, children, acts) {
  if (WRAP[entity.type]) return el(WRAP[entity.type], {}, children);
  const special = { pre, spoiler, blockquote: quote, expandable_blockquote: quote }[entity.type];
  return special ? special(entity, part, children, acts) : link(entity, part, children, acts);
}

function link(entity, part, children, acts) {
  const act = (name, value) => (event) => {
    event.preventDefault();
    acts[name]?.(value);
  };
  const press = (name, value) => el("a", { href: "#", role: "button", class: "link", onclick: act(name, value) }, children);
  switch (entity.type) {
    case "text_link":
      return anchor(entity.url, children, act);
    case "url":
      return anchor(/^[a-z]+:\/\//iu.test(part) ? part : `https://${part}`, children, act);
    case "email":
      return anchor(`mailto:${part}`, children, act);
    case "phone_number":
      return anchor(`tel:${part.replace(/[^+\d]/gu, "")}`, children, act);
    case "bot_command":
      return press("command", part);
    case "mention":
      return press("mention", part);
    case "text_mention":
      return press("person", entity.user);
    case "hashtag":
    case "cashtag":
      return press("hashtag", part);
    default:
      return el("span", {}, children);
  }
}

// Only addresses a browser may follow harmlessly become links; `javascript:` stays text.
function anchor(url, children, act) {
  let address;
  try {
    address = new URL(url);
  } catch {
    return el("span", {}, children);
  }
  if (!["http:", "https:", "tg:", "mailto:", "tel:"].includes(address.protocol)) return el("span", {}, children);
  const props = { href: address.href, class: "link", target: "_blank", rel: "noopener noreferrer", onclick: act("link", address.href) };
  return el("a", props, children);
}

function pre(entity, part, children) {
  const language = entity.language ? el("span", { class: "pre-language" }, entity.language) : null;
  return el("pre", { class: "pre", tabindex: "0" }, language, el("code", {}, children));
}

function spoiler(_entity, _part, children) {
  const inner = el("span", { class: "spoiler-text" }, children);
  const node = el("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": t("spoiler") }, inner);
  inner.setAttribute("aria-hidden", "true");
  const open = (event) => {
    if (node.classList.contains("open") || (event.type === "keydown" && !["Enter", " "].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    node.classList.add("open");
    inner.removeAttribute("aria-hidden");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  node.addEventListener("click", open);
  node.addEventListener("keydown", open);
  return node;
}

function quote(entity, part, children) {
  const text = el("span", { class: "quote-text" }, children);
  const long = entity.type === "expandable_blockquote" && (part.length > 140 || part.split("\n").length > 3);
  if (!long) return el("blockquote", { class: "quote" }, text);
  const node = el("blockquote", { class: "quote folded" }, text);
  const button = el("button", { type: "button", class: "quote-toggle", "aria-expanded": "false" }, t("more"));
  button.addEventListener("click", () => {
    const folded = node.classList.toggle("folded");
    button.setAttribute("aria-expanded", String(!folded));
    button.textContent = folded ? t("more") : t("less");
  });
  node.append(button);
  return node;
}

const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f)+$/u;

export function jumbo(text, entities) {
  if (!text || text.length > 40 || (entities ?? []).length || !EMOJI.test(text)) return 0;
  const count = [...new Intl.Segmenter().segment(text)].length;
  return count <= 3 ? count : 0;
}
