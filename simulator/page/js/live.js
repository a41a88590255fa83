// The one line to the simulator: GET /events. It breaks when the page is out of sight and goes on where it stood, so
// that hidden tabs do not use up the six connections that a browser opens to one place.

import { element } from "./dom.js";

const RETRY_MS = 1000;
const KINDS = ["entry", "pdu", "session", "fault", "ledger", "conformance", "lost"];

const { dataset } = document.body;
const place = { boot: dataset.boot, entry: Number(dataset.entry), pdu: Number(dataset.pdu) };
const listeners = new Map();
const wanted = { numbers: [], contents: false };
let source = null;
let later = 0;

// Kinds are those of /events, and `restarted`: a simulator that has begun anew remembers nothing of before.
export function on(kind, hear) {
  listeners.set(kind, [...(listeners.get(kind) ?? []), hear]);
}

function tell(kind, data) {
  for (const hear of listeners.get(kind) ?? []) hear(data);
}

// Go on where the line stood, with a change of what is wanted; *back* = a place to begin from, if it lies before that.
export function follow(change = {}, back = {}) {
  Object.assign(wanted, change);
  for (const [what, number] of Object.entries(back)) place[what] = Math.min(place[what], number);
  stop();
  if (document.hidden) return;
  const asked = new URLSearchParams({ since_entry: place.entry, since_pdu: place.pdu });
  for (const number of wanted.numbers) asked.append("number", number);
  if (wanted.contents) asked.set("contents", "1");
  source = new EventSource(`/events?${asked}`);
  source.addEventListener("hello", (event) => greet(JSON.parse(event.data).boot));
  source.addEventListener("error", lose);
  for (const kind of KINDS) source.addEventListener(kind, (event) => hear(kind, event));
}

function hear(kind, event) {
  const [, entry, pdu] = event.lastEventId.split(".");
  Object.assign(place, { entry: Number(entry), pdu: Number(pdu) });
  tell(kind, JSON.parse(event.data));
}

function greet(boot) {
  if (boot !== place.boot) {
    Object.assign(place, { boot, entry: 0, pdu: 0 });
    tell("restarted", boot);
    follow();
  }
}

function lose() {
  say("The simulator does not answer", "down");
  // Some browsers give up where nobody listens; then it is ours to try again.
  if (source?.readyState === EventSource.CLOSED) {
    clearTimeout(later);
    later = setTimeout(() => follow(), RETRY_MS);
  }
}

function stop() {
  clearTimeout(later);
  source?.close();
  source = null;
}

export function say(words, state) {
  const link = element("link");
  if (link.textContent !== words) link.textContent = words;
  link.className = state;
}

document.addEventListener("visibilitychange", () => (document.hidden ? stop() : follow()));
addEventListener("pagehide", stop);
addEventListener("pageshow", ({ persisted }) => persisted && follow());
