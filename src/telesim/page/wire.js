// The wire to the simulator: calls, and the live feed that resumes where it broke.
const API = new URL("../api/", import.meta.url);

export class Refused extends Error {
  constructor(status, body) {
    super(body?.error ?? `HTTP ${status}`);
    this.status = status;
    this.body = body ?? {};
  }
}

export class Away extends Error {}

async function request(path, options) {
  let answer;
  try {
    answer = await fetch(new URL(path, API), options);
  } catch (error) {
    throw new Away(error.message);
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok) return body;
  if (answer.status >= 502 && answer.status <= 504) throw new Away(`HTTP ${answer.status}`);
  throw new Refused(answer.status, body);
}

export const get = (path) => request(path, { cache: "no-store" });

export const drop = (path) => request(path, { method: "DELETE" });

const json = (method) => (path, body) =>
  request(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });

export const post = json("POST");
export const patch = json("PATCH");

export const postForm = (path, form) => request(path, { method: "POST", body: form });

const EVENTS = ["message", "edit", "delete", "chat", "typing", "callback", "person", "people", "clock", "call", "fault"];
const RETRY = [300, 700, 1500, 3000];

// `heard(name, data)` gets every event once and in order; `state(connected)` tells the bar; `fresh()` runs when
// the feed starts anew (first time, or the server no longer remembers the place) and the lists must be read again.
export class Feed {
  constructor(person, { heard, state, fresh }) {
    Object.assign(this, { person, heard, state, fresh, since: null, tries: 0, source: null, timer: 0, closed: false });
    this.wake = () => this.reopen(0);
    this.sleep = () => this.lost();
    addEventListener("online", this.wake);
    addEventListener("offline", this.sleep);
    this.open();
  }

  open() {
    const url = new URL(`people/${this.person}/live`, API);
    const resuming = this.since !== null;
    if (resuming) url.searchParams.set("since", this.since);
    const source = new EventSource(url);
    this.source = source;
    const named = (name, act) => source.addEventListener(name, (event) => this.take(event, source, act));
    source.onerror = () => source === this.source && this.lost();
    named("hello", () => this.opened(resuming));
    named("reset", () => this.fresh());
    for (const name of EVENTS) named(name, (event) => this.heard(name, JSON.parse(event.data)));
  }

  opened(resuming) {
    this.tries = 0;
    this.state(true);
    if (!resuming) this.fresh();
  }

  take(event, source, act) {
    if (source !== this.source) return;
    if (event.lastEventId !== "") this.since = event.lastEventId;
    act(event);
  }

  lost() {
    if (this.closed) return;
    this.state(false);
    const wait = RETRY[Math.min(this.tries++, RETRY.length - 1)];
    this.reopen(wait);
  }

  again() {
    this.since = null;
    this.lost();
  }

  reopen(wait) {
    this.source?.close();
    this.source = null;
    clearTimeout(this.timer);
    if (!this.closed) this.timer = setTimeout(() => this.open(), wait);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    removeEventListener("online", this.wake);
    removeEventListener("offline", this.sleep);
  }
}
