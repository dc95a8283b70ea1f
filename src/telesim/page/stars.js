// Invoices, the payment dialog, receipts and the balance of Telegram Stars.
import { announce, el, icon, replace } from "./dom.js";
import { button, open, toast, trouble } from "./dialog.js";
import { avatar, botOf, fullName } from "./face.js";
import { formatted } from "./format.js";
import { price } from "./service.js";
import { full, number } from "./times.js";
import { patch, post } from "./wire.js";
import { t } from "./words.js";
import { emit, on, world } from "./world.js";

export function invoiceCard(message) {
  const { invoice } = message;
  const url = invoice.photo_url ?? message.sim?.invoice?.photo_url;
  const photo = url ? el("img", { class: "invoice-photo", src: url, alt: "", draggable: "false" }) : null;
  photo?.addEventListener("error", () => photo.remove());
  const paid = message.sim?.invoice?.state;
  return el("div", { class: "invoice" }, photo,
    el("div", { class: "invoice-title", dir: "auto" }, invoice.title),
    el("div", { class: "invoice-text", dir: "auto" }, formatted(invoice.description ?? "", [])),
    el("div", { class: "invoice-price" }, el("b", {}, price(invoice)),
      el("span", { class: ["invoice-state", paid] }, paid === "paid" ? t("paid") : paid === "refunded" ? t("refunded") : t("invoice"))));
}

export function payFor(message) {
  const state = message.sim?.invoice;
  if (state?.state === "paid") return receipt({ ...message.invoice, charge: state.charge_id, date: message.edit_date ?? message.date });
  return payDialog({ ...message.invoice, chat: message.chat.id }, { message_id: message.message_id, chat_id: message.chat.id });
}

export function payLink(slug, invoice) {
  return payDialog(invoice, { invoice_link: `https://t.me/$${slug}` });
}

function payDialog(invoice, target) {
  const stars = invoice.currency === "XTR";
  const row = world.rows.get(invoice.chat);
  const seller = invoice.bot ?? botOf(row) ?? world.bots[0];
  const note = el("p", { class: "pay-error", role: "alert" });
  const act = (outcome) => async (event) => {
    const pressed = event.currentTarget;
    pressed.classList.add("busy");
    for (const node of shown.box.querySelectorAll(".pay-actions button")) node.disabled = true;
    await settle(target, outcome, shown, note, invoice);
    pressed.classList.remove("busy");
    for (const node of shown.box.querySelectorAll(".pay-actions button")) node.disabled = false;
  };
  const confirm = button([t(invoice.subscription_period ? "subscribeFor" : "payNow"), " ", price(invoice)], act("paid"), { class: "wide", "data-first": true });
  const shown = open({
    label: t("confirmPurchase"), class: "pay",
    onclose: (settled) => settled || cancelled(target),
    body: el("div", { class: "pay-body" },
      stars ? balanceTag() : null,
      el("div", { class: "pay-art", "aria-hidden": "true" }, stars ? bigStar() : icon("card"), avatar(seller, "m")),
      el("h2", { class: "dialog-title" }, t(invoice.subscription_period ? "confirmSubscription" : "confirmPurchase")),
      el("p", { class: "pay-question" }, sentence(invoice, seller)),
      note,
      el("div", { class: "pay-actions" }, confirm,
        button(t("cancel"), () => shown.close(), { class: "wide plain" }),
        el("div", { class: "pay-sim" }, el("span", {}, t("simulatorOnly")), button(t("letItFail"), act("failed"), { class: "plain danger small" })))),
  });
  return shown;
}

function sentence(invoice, seller) {
  const facts = { title: invoice.title, bot: fullName(seller), price: price(invoice) };
  const marked = Object.fromEntries(Object.keys(facts).map((name) => [name, `{${name}}`]));
  const parts = t(invoice.subscription_period ? "wantSubscribe" : "wantBuy", marked).split(/\{(\w+)\}/u);
  return parts.map((part, i) => (i % 2 ? el("b", { dir: "auto" }, facts[part]) : part));
}

async function cancelled(target) {
  try {
    await post(`people/${world.me.id}/pay`, { ...target, outcome: "cancelled" });
    toast(t("payCancelled"));
  } catch (error) {
    trouble(error);
  }
}

async function settle(target, outcome, shown, note, invoice) {
  replace(note);
  try {
    const answer = await post(`people/${world.me.id}/pay`, { ...target, outcome });
    if (answer.outcome === "paid") {
      shown.close(true);
      toast(t("payDone", { title: invoice.title }), { icon: "star" });
      return;
    }
    replace(note, refusal(answer));
  } catch (error) {
    if (error.body?.need === undefined) return void (error.status ? replace(note, refusal(error.body ?? {})) : trouble(error));
    const short = error.body.need - error.body.have;
    replace(note, t("starsMissing", { n: number(short) }), " ", button(t("getStars"), () => topUp(), { class: "plain small" }));
  }
  announce(note.textContent);
}

// The bot's own words, or ours for what the simulator says of itself.
function refusal({ code, error }) {
  const ours = { payment_failed: "payFailed", bot_silent: "paySilent", already_paid: "payTwice", already_subscribed: "subscribedAlready" }[code];
  return ours || !error ? t(ours ?? "payFailed") : error;
}

// Ends or takes up again the renewal of what the receipt is for.
function renewal(charge) {
  let canceled = false;
  const node = button(t("cancelRenewal"), async () => {
    try {
      await post(`people/${world.me.id}/subscription`, { charge_id: charge, canceled: !canceled });
      canceled = !canceled;
      node.textContent = t(canceled ? "takeUpRenewal" : "cancelRenewal");
      toast(t(canceled ? "renewalCancelled" : "renewalTakenUp"), { icon: "check" });
    } catch (error) {
      trouble(error);
    }
  }, { class: "plain" });
  return node;
}

export function receipt({ title, charge, date, ...payment }) {
  const line = (label, value) => (value ? el("div", { class: "fact" }, el("dt", {}, label), el("dd", {}, value)) : null);
  return open({
    title: t("receipt"), class: "receipt", actions: payment.subscription_expiration_date ? [renewal(charge)] : [],
    body: el("div", {},
      el("div", { class: "pay-art", "aria-hidden": "true" }, bigStar()),
      el("dl", { class: "facts" }, line(t("what"), title), line(t("amount"), price(payment)), line(t("when"), full(date)),
        line(t("charge"), charge ? el("code", {}, charge) : null),
        line(t("until"), payment.subscription_expiration_date ? full(payment.subscription_expiration_date) : null))),
  });
}

export function openReceipt(message) {
  const paid = message.successful_payment;
  return receipt({ ...paid, title: message.reply_to_message?.invoice?.title, charge: paid.telegram_payment_charge_id, date: message.date });
}

export function bigStar() {
  return el("span", { class: "big-star" }, icon("star"));
}

function balanceTag() {
  const node = el("div", { class: "balance" });
  const draw = () => replace(node, el("span", {}, t("balance")), el("b", {}, `⭐️ ${number(world.me.stars ?? 0)}`));
  draw();
  on("people", draw);
  return node;
}

export function topUp() {
  const offer = (amount) => el("button", { type: "button", class: "star-offer", "data-first": amount === 100 ? true : null, onclick: () => add(amount) },
    el("span", { class: "star-amount" }, icon("star"), `+${number(amount)}`), el("span", { class: "star-free" }, t("free")));
  const add = async (amount) => {
    try {
      const answer = await patch(`people/${world.me.id}`, { stars: (world.me.stars ?? 0) + amount });
      if (Number.isFinite(answer?.stars)) world.me.stars = answer.stars;
      emit("people");
      shown.close();
      toast(t("starsAdded", { n: number(amount) }), { icon: "star" });
    } catch (error) {
      trouble(error);
    }
  };
  const shown = open({
    title: t("stars"), class: "topup",
    body: el("div", {}, balanceTag(), el("div", { class: "pay-art", "aria-hidden": "true" }, bigStar()), el("p", { class: "dialog-text" }, t("topUpText")),
      el("div", { class: "star-offers" }, [50, 100, 500, 1000, 2500, 10000].map(offer))),
  });
  return shown;
}
