// One phone: its number's texts both ways. The server draws a phone with what was said before; what comes after that is
// drawn here, in the same way (render.py).

import { ask, complain, element, h, time, wordsOf } from "./dom.js";
import { keypad } from "./keypad.js";
import { counted } from "./measure.js";
import { byHand } from "./receipts.js";

const NEAR_PX = 60;
const BUBBLES_MAX = 200;
const STATES = {
  waiting: "waiting for the gateway",
  retrying: "will be delivered again",
  acked: "delivered",
  refused: "refused",
  given_up: "given up",
};
const TICKS = { waiting: "✓", retrying: "↻", acked: "✓✓", refused: "✕", given_up: "✕" };
const STATUSES = JSON.parse(element("statuses").textContent);

export class Phone {
  // *shelf* is told when the phone is to go, has another number, or texts elsewhere.
  constructor(article, shelf) {
    this.article = article;
    this.form = article.querySelector("form");
    this.log = article.querySelector(".log");
    this.text = this.form.elements.text;
    this.error = article.querySelector(".error");
    this.number = article.dataset.number;
    this.messages = new Map(); // message_id → its bubble
    this.follows = true; // the newest text, until somebody scrolls back
    this.#listen(shelf);
    this.#count();
    for (const bubble of this.log.children) {
      for (const id of bubble.dataset.messages?.split(" ") ?? []) this.messages.set(id, bubble);
      this.#finish(bubble);
    }
    this.#stay();
  }

  show(entry) {
    if (entry.kind === "mo") this.#add("mine", "I", entry, "waiting");
    if (entry.kind === "mt") this.#add("theirs", "They", entry, "");
    if (entry.kind === "answer") this.#answer(entry);
    if (entry.kind === "receipt") this.#receipt(entry);
  }

  compose(words) {
    this.text.value = words;
    this.#count();
    this.text.focus();
  }

  #add(kind, who, entry, state) {
    if (this.#find(entry.id)) return;
    const bubble = h(`li.${kind}.come`, { data: { id: entry.id } },
      h("p", {}, h("span.unseen", {}, `${who}: `), entry.text), h("small", {}, time(entry.at_s)));
    if (entry.registered_delivery & 3) bubble.dataset.asked = entry.id;
    if (state) this.#note(bubble, state, STATES[state]);
    if (entry.segments > 1 && kind === "theirs") bubble.querySelector("small").append(` ${entry.segments} SMS`);
    for (const id of entry.message_ids ?? []) this.messages.set(id, bubble);
    this.log.append(bubble);
    while (this.log.children.length > BUBBLES_MAX) this.log.firstChild.remove();
    this.#finish(bubble, entry.operator);
    this.follows ||= kind === "mine";
    this.#stay();
  }

  #answer(entry) {
    const bubble = this.#find(entry.mo);
    const why = entry.status ? ` · ${entry.status_name}` : "";
    if (bubble) this.#note(bubble, entry.state, `${STATES[entry.state]}${why}`, STATUSES[entry.status_name]);
  }

  #receipt(entry) {
    const bubble = this.messages.get(entry.message_id);
    const state = entry.state.toLowerCase();
    if (bubble) this.#note(bubble, state, `receipt: ${state}`);
    bubble?.querySelector(".receipts")?.remove();
  }

  // A code that was sent is not offered any more.
  #spend(words) {
    for (const button of this.log.querySelectorAll(".code")) if (button.dataset.code === words.trim()) button.remove();
  }

  #note(bubble, state, words, more = "") {
    const small = bubble.querySelector("small");
    const tick = TICKS[state] ?? (state === "delivered" ? "✓✓" : "✕");
    small.replaceChildren(small.querySelector("time"), " ", h("b.ticks", { ariaHidden: "true" }, tick), " ",
      h("span", {}, words), more && state !== "acked" ? h("span.why", {}, more) : "");
    bubble.classList.remove(...Object.keys(STATES));
    bubble.classList.add(state);
    this.#stay();
  }

  // What only a script can do with a text: answer its code, write its receipt.
  #finish(bubble, operator = this.operator) {
    const words = bubble.querySelector("p").lastChild.textContent;
    if (bubble.classList.contains("mine")) return this.#spend(words);
    const code = words.match(/^\p{L}+ (\d{6})(?!\d)/u);
    if (code) bubble.append(this.#answerer(code[1]));
    if (bubble.dataset.asked) bubble.append(byHand(bubble.dataset.asked, operator, this.error));
  }

  #answerer(code) {
    const onclick = () => this.compose(code);
    return h("button.code", { type: "button", data: { code }, onclick }, `Answer ${code}`);
  }

  get operator() {
    return this.article.querySelector(".badge")?.textContent ?? document.querySelector(".operator").dataset.name;
  }

  #find(id) {
    return this.log.querySelector(`[data-id="${id}"]`);
  }

  #stay() {
    if (this.follows) this.log.scrollTop = this.log.scrollHeight;
  }

  #count() {
    this.article.querySelector(".counter").textContent = counted(this.text.value);
  }

  async #send() {
    const { from, to } = this.form.elements;
    const text = this.text.value;
    if (!text) return;
    try {
      await ask("POST", "/mo", { from: from.value.trim(), to: to.value.trim(), text });
      complain(this.error, "");
      this.#sent(text);
    } catch (error) {
      complain(this.error, wordsOf(error));
    }
  }

  // Whoever types on, or has gone to another phone, is not disturbed.
  #sent(text) {
    if (this.text.value === text) this.text.value = "";
    this.#count();
    if (this.article.contains(document.activeElement)) this.text.focus();
  }

  #speak(code) {
    this.article.dataset.language = code;
  }

  #listen(shelf) {
    const { form, log, text } = this;
    log.addEventListener("scroll", () => {
      if (log.clientHeight) this.follows = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
    });
    new ResizeObserver(() => this.#stay()).observe(log);
    const language = this.article.querySelector(".language");
    this.#speak(language.value);
    language.addEventListener("change", () => this.#speak(language.value));
    this.article.querySelector(".remove").addEventListener("click", () => shelf.remove(this));
    this.article.querySelector(".examples").addEventListener("click", ({ target }) => {
      if (target.dataset.text) this.compose(target.dataset.text);
    });
    keypad(this.article, text, () => this.#count());
    text.addEventListener("input", () => this.#count());
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    form.elements.from.addEventListener("change", () => shelf.replace(this));
    form.elements.to.addEventListener("change", () => shelf.remember());
  }
}
