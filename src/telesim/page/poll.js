// Native polls and quizzes: vote, bars, the right answer, the explanation, the time that runs out.
import { calm, el, icon, ring } from "./dom.js";
import { toast, trouble } from "./dialog.js";
import { formatted } from "./format.js";
import { now, span } from "./times.js";
import { post } from "./wire.js";
import { t } from "./words.js";
import { emit, world } from "./world.js";

const chosen = new Map(); // boxes ticked in a poll of several answers, not yet sent
const seen = new Map(); // what I had voted when a poll was last drawn: a new vote is celebrated once

export function pollCard(message, context) {
  const { poll } = message;
  const state = message.sim?.poll ?? {};
  const my = state.my_option_ids ?? [];
  const open = !poll.is_closed && !my.length;
  const right = state.correct_option_ids ?? poll.correct_option_ids ?? (poll.correct_option_id === undefined ? [] : [poll.correct_option_id]);
  const facts = { poll, my, open, right: open ? [] : right, shares: shares(poll) };
  celebrate(message, my, right, context);
  const several = poll.allows_multiple_answers && open;
  return el("div", { class: ["poll", open && "open"] },
    el("div", { class: "poll-question", dir: "auto" }, formatted(poll.question, poll.question_entities)),
    el("div", { class: "poll-kind" }, el("span", {}, kind(poll)), countdown(poll, open), bulb(message, facts)),
    el("div", { class: "poll-options", role: open ? (several ? "group" : "radiogroup") : "list", "aria-label": poll.question },
      poll.options.map((option, i) => (open ? choice(message, option, i, several) : result(option, i, facts)))),
    foot(message, several, facts));
}

function kind(poll) {
  if (poll.is_closed) return t("finalResults");
  if (poll.type === "quiz") return t(poll.is_anonymous ? "anonymousQuiz" : "quiz");
  return t(poll.is_anonymous ? "anonymousPoll" : "publicPoll");
}

function shares(poll) {
  const total = Math.max(1, poll.total_voter_count ?? 0);
  return poll.options.map((option) => Math.round(((option.voter_count ?? 0) / total) * 100));
}

function choice(message, option, i, several) {
  const key = `${message.chat.id}:${message.message_id}`;
  const ticked = chosen.get(key)?.has(i) ?? false;
  const act = () => {
    if (!several) return vote(message, [i]);
    const set = chosen.get(key) ?? new Set();
    set.has(i) ? set.delete(i) : set.add(i);
    chosen.set(key, set);
    return emit("redraw", message);
  };
  return el("button", { type: "button", class: ["poll-choice", ticked && "ticked"], role: several ? "checkbox" : "radio", "aria-checked": String(ticked), data: { key: `p:${i}` }, onclick: act },
    el("span", { class: several ? "poll-box" : "poll-dot" }, ticked ? icon("check") : null),
    el("span", { class: "poll-text", dir: "auto" }, formatted(option.text, option.text_entities)));
}

function result(option, i, { poll, my, right, shares: all }) {
  const own = my.includes(i);
  const correct = right.includes(i);
  const wrong = poll.type === "quiz" && own && !correct;
  const mark = poll.type === "quiz" ? (correct ? "check" : own ? "close" : null) : own ? "check" : null;
  const say = [option.text, `${all[i]}%`, own ? t("yourAnswer") : "", correct ? t("rightAnswer") : ""].filter(Boolean).join(", ");
  return el("div", { class: ["poll-result", own && "own", wrong && "wrong", correct && "correct"], role: "listitem", "aria-label": say },
    el("span", { class: "poll-share" }, `${all[i]}%`),
    el("span", { class: "poll-text", dir: "auto" }, formatted(option.text, option.text_entities)),
    el("span", { class: "poll-bar" }, mark ? el("span", { class: "poll-mark" }, icon(mark)) : null,
      el("span", { class: "poll-fill", vars: { "--share": String(all[i] / 100) } })));
}

function foot(message, several, { poll }) {
  if (several) {
    const key = `${message.chat.id}:${message.message_id}`;
    const set = chosen.get(key);
    return el("button", { type: "button", class: "poll-vote", disabled: !set?.size, data: { key: "vote" }, onclick: () => vote(message, [...set].sort((a, b) => a - b)) }, t("vote"));
  }
  const n = poll.total_voter_count ?? 0;
  return el("div", { class: "poll-total" }, n ? t(poll.type === "quiz" ? "answers" : "votes", { n }) : t("noVotes"));
}

async function vote(message, options) {
  try {
    await post(`people/${world.me.id}/vote`, { chat_id: message.chat.id, message_id: message.message_id, option_ids: options });
    chosen.delete(`${message.chat.id}:${message.message_id}`);
  } catch (error) {
    trouble(error);
  }
}

export function canRetract(message) {
  const { poll } = message;
  const my = message.sim?.poll?.my_option_ids ?? [];
  return Boolean(poll && !poll.is_closed && my.length && (poll.allows_revoting ?? poll.type !== "quiz"));
}

export const retract = (message) => vote(message, []);

function bulb(message, { open }) {
  const explanation = message.sim?.poll?.explanation ?? message.poll.explanation;
  if (!explanation || open) return null;
  return el("button", { type: "button", class: "poll-bulb", "aria-label": t("explanation"), title: t("explanation"), data: { key: "bulb" },
    onclick: () => toast(explanation, { icon: "bulb", long: true }) }, icon("bulb"));
}

function countdown(poll, open) {
  const end = poll.close_date ?? null;
  if (!end || !open) return null;
  const whole = poll.open_period ?? 600;
  const node = el("span", { class: "poll-timer", role: "timer" });
  const draw = () => {
    const left = end - now() / 1000;
    node.replaceChildren(span(left), ring(Math.max(0, Math.min(1, left / whole))));
    node.classList.toggle("hurry", left < 6);
    if (left > 0) setTimeout(() => node.isConnected && draw(), 500);
  };
  draw();
  setTimeout(draw, 0);
  return node;
}

function celebrate(message, my, right, context) {
  const key = `${world.me.id}:${message.chat.id}:${message.message_id}`;
  const before = seen.get(key);
  seen.set(key, my.length);
  if (message.poll.type !== "quiz" || before !== 0 || !my.length) return;
  const explanation = message.sim?.poll?.explanation ?? message.poll.explanation;
  const won = my.some((option) => right.includes(option));
  if (won) confetti();
  else {
    context.shake?.(message);
    if (explanation) toast(explanation, { icon: "bulb", long: true });
  }
}

function confetti() {
  if (calm()) return;
  const pieces = Array.from({ length: 60 }, (_, i) =>
    el("i", { class: `piece piece-${i % 6}`, vars: { "--x": `${(Math.random() - 0.5) * 90}vw`, "--y": `${-30 - Math.random() * 60}vh`, "--turn": `${Math.random() * 900}deg`, "--late": `${Math.random() * 120}ms` } }));
  const node = el("div", { class: "confetti", "aria-hidden": "true" }, pieces);
  document.body.append(node);
  setTimeout(() => node.remove(), 2600);
}
