// One PDU in words: its class, its key facts, its fields, its octets.

import { ask, h, wordsOf } from "./dom.js";

const HEAD = new Set(["id", "at_s", "operator", "session", "peer", "direction", "command", "status", "sequence",
  "contents", "octets"]);
const CLASSES = [
  [/^deliver_sm|^data_sm/, "deliver"],
  [/^submit_/, "submit"],
  [/bind/, "bind"],
  [/^enquire_link/, "quiet"],
  [/^(query|cancel|replace)_sm/, "other"],
];

export const isResponse = ({ command }) => command.endsWith("_resp") || command === "generic_nack";

const isReceipt = (pdu) => !isResponse(pdu) && ((pdu.esm_class ?? 0) & 0x3c) === 0x04;

export const failed = (pdu) =>
  Boolean(pdu.fault) || pdu.command === "generic_nack" || (pdu.status ?? "ESME_ROK") !== "ESME_ROK";

export function classOf(pdu) {
  if (failed(pdu)) return "failed";
  if (isReceipt(pdu)) return "receipt";
  return CLASSES.find(([pattern]) => pattern.test(pdu.command))?.[1] ?? "other";
}

// Both halves of an exchange have one key: the session, who asked, and the number.
export function exchange(pdu) {
  const asker = isResponse(pdu) ? { "<": ">", ">": "<" }[pdu.direction] : pdu.direction;
  return `${pdu.session}${asker}${pdu.sequence}`;
}

export function facts(pdu, latency_s) {
  if (pdu.fault) return pdu.fault;
  if (isResponse(pdu)) {
    const after = latency_s === undefined ? "" : `after ${latency(latency_s)}`;
    const status = pdu.status === "ESME_ROK" ? "" : pdu.status;
    return joined(status, pdu.message_id && `id ${pdu.message_id}`, pdu.system_id, after);
  }
  const ends = pdu.destination_addr && `${shown(pdu, "source_addr")} → ${shown(pdu, "destination_addr")}`;
  if (isReceipt(pdu)) return joined(`receipt of ${pdu.receipted_message_id ?? "?"}`, stateOf(pdu.message_state), ends);
  const wants = pdu.registered_delivery & 3 ? "receipt asked" : "";
  return joined(pdu.system_id && `as ${pdu.system_id}`, ends, pdu.contents?.part, saidIn(pdu), wants);
}

const joined = (...words) => words.filter(Boolean).join(" · ");

const shown = (pdu, name) => pdu.contents?.fields?.[name] ?? pdu[name] ?? "";

function saidIn(pdu) {
  if (pdu.contents?.text !== undefined) return `“${pdu.contents.text}”`;
  return pdu.short_message ?? pdu.message_payload ?? "";
}

const STATES = ["", "ENROUTE", "DELIVERED", "EXPIRED", "DELETED", "UNDELIVERABLE", "ACCEPTED", "UNKNOWN", "REJECTED"];
const stateOf = (number) => STATES[number] ?? "";

function latency(seconds) {
  if (seconds < 0.01) return `${(seconds * 1000).toFixed(1)} ms`;
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
}

const LONG = new Set(["short_message", "message_payload", "text"]); // these have lines of their own
const said = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));

// What stands below a row that is opened.
export function details(pdu, withContents) {
  const { fields, parameters, text } = pdu.contents ?? {};
  const masked = () => Object.fromEntries(Object.entries(pdu).filter(([key]) => !HEAD.has(key)));
  const listed = fields ? { ...fields, ...parameters } : masked();
  const rows = Object.entries({ status: pdu.status, peer: pdu.peer, ...listed, text });
  const list = h("dl", {}, rows.filter(([, value]) => value !== "" && value !== undefined)
    .flatMap(([key, value]) => [h("dt", {}, key), h(LONG.has(key) ? "dd.wide" : "dd", {}, said(value))]));
  return h("div.fields", {}, list, withContents ? octets(pdu.id) : hint());
}

const MASKED = "Texts, passwords and numbers are masked. “Show contents” shows them, and the octets.";
const hint = () => h("p.hint", {}, MASKED);

function octets(id) {
  const dump = h("pre", { hidden: true });
  const button = h("button", { type: "button" }, "Octets");
  button.addEventListener("click", async () => {
    try {
      dump.textContent = hexdump((await ask("GET", `/pdus/${id}?octets=1`))?.octets ?? "");
    } catch (error) {
      dump.textContent = wordsOf(error);
    }
    dump.hidden = false;
    button.remove();
  });
  return h("div", {}, button, dump);
}

// 16 octets a line, as hexdump -C does: place, octets, and those that are ASCII.
function hexdump(hex) {
  const lines = hex.match(/.{1,32}/g) ?? ["it is too long ago"];
  return lines.map((line, at) => {
    const pairs = line.match(/../g);
    const ascii = pairs.map((pair) => String.fromCharCode(parseInt(pair, 16)).replace(/[^ -~]/, "."));
    return `${(at * 16).toString(16).padStart(4, "0")}  ${pairs.join(" ").padEnd(47)}  ${ascii.join("")}`;
  }).join("\n");
}
