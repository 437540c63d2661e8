// Inline mode and the list of commands: what pops up over the input field.

import { el } from "./format.js";
import { ctl } from "./server.js";

const PAUSE_MS = 250;
const LABELS = { article: "¶", document: "DOC", audio: "♪", voice: "♪", photo: "IMG", video: "VID" };

/** The popup; `actions` as in app.js. */
export class Popup {
  constructor(box, actions) {
    this.box = box;
    this.actions = actions;
    this.turn = 0;
  }

  hide() {
    this.turn += 1;
    clearTimeout(this.timer);
    this.box.hidden = true;
  }

  show(...nodes) {
    this.box.replaceChildren(...nodes);
    this.box.hidden = false;
  }

  /** The commands that begin so. */
  commands(list, start) {
    const rows = list.filter((c) => c.command.startsWith(start)).map((c) => {
      const row = el("button", "choice command-choice",
        el("b", "", `/${c.command}`), el("small", "", c.description));
      row.addEventListener("click", () => {
        this.hide();
        this.actions.say(`/${c.command}`);
      });
      return row;
    });
    if (rows.length) this.show(...rows);
    else this.hide();
  }

  /** Asks the bot for results when typing pauses. */
  query(user, text) {
    clearTimeout(this.timer);
    const turn = ++this.turn;
    this.timer = setTimeout(() => this.ask(user, text, "", turn), PAUSE_MS);
  }

  async ask(user, text, offset, turn) {
    if (!offset) this.show(el("div", "note", el("span", "dots", "Searching")));
    let r;
    try {
      r = await ctl("inline", { user, query: text, offset, wait: true, timeout_s: 10 });
    } catch (e) {
      r = { error: e.message };
    }
    // the text has changed meanwhile
    if (turn !== this.turn) return;
    if (!r.answer) {
      this.show(el("div", "note", r.error ?? "The bot did not answer."));
      return;
    }
    this.results(user, text, r, Boolean(offset), turn);
  }

  results(user, text, r, more, turn) {
    const { results = [], next_offset: next, button } = r.answer;
    const rows = results.map((result) => this.row(user, text, r.inline_query_id, result));
    if (button?.start_parameter) {
      const b = el("button", "choice button-choice", button.text);
      b.addEventListener("click", () => {
        this.hide();
        this.actions.say(`/start ${button.start_parameter}`);
      });
      rows.unshift(b);
    }
    if (next) {
      const b = el("button", "choice button-choice", "More results");
      b.addEventListener("click", () => {
        b.remove();
        this.ask(user, text, next, turn);
      });
      rows.push(b);
    }
    if (more) this.box.append(...rows);
    else if (rows.length) this.show(...rows);
    else this.show(el("div", "note", "No results"));
  }

  row(user, text, queryId, result) {
    const label = LABELS[result.type] ?? result.type.slice(0, 3).toUpperCase();
    const description = result.description ?? result.caption ?? "";
    const row = el("button", "choice",
      el("span", "file-icon", label),
      el("span", "file-text",
        el("b", "", result.title ?? result.type), el("small", "", description)));
    row.addEventListener("click", async () => {
      this.hide();
      this.actions.clear();
      await this.actions.attempt(
        ctl("choose", { user, inline_query_id: queryId, result_id: result.id, query: text }));
    });
    return row;
  }
}
