// The input side: text, files, the reply bar, the bot's keyboard.

import { el, size } from "./format.js";
import { ctl, upload } from "./server.js";
import { Popup } from "./inline.js";
import { summary } from "./messages.js";

const $ = (id) => document.getElementById(id);
const MAX_FILE = 60 * 1024 * 1024;

export class Composer {
  /** `app` gives the current person and bot; `actions` is what messages can do. */
  constructor(app, actions) {
    this.app = app;
    this.actions = actions;
    this.files = [];
    this.popup = new Popup($("popup"), actions);
    this.text = $("text");
    $("composer").addEventListener("submit", (e) => {
      e.preventDefault();
      this.submit();
    });
    this.text.addEventListener("input", () => this.typed());
    this.text.addEventListener("keydown", (e) => this.key(e));
    $("commands").addEventListener("click", () => this.toggleCommands());
    $("attach").addEventListener("click", () => $("file").click());
    $("file").addEventListener("change", () => {
      this.add($("file").files);
      $("file").value = "";
    });
    $("keys").addEventListener("click", () => { $("keyboard").hidden = !$("keyboard").hidden; });
    this.watchDrops();
  }

  watchDrops() {
    const chat = $("chat");
    const withFiles = (e) => e.dataTransfer?.types.includes("Files");
    chat.addEventListener("dragover", (e) => {
      if (!withFiles(e)) return;
      e.preventDefault();
      $("drop").hidden = false;
    });
    chat.addEventListener("dragleave", (e) => {
      if (!chat.contains(e.relatedTarget)) $("drop").hidden = true;
    });
    chat.addEventListener("drop", (e) => {
      if (!withFiles(e)) return;
      e.preventDefault();
      $("drop").hidden = true;
      this.add(e.dataTransfer.files);
    });
    this.text.addEventListener("paste", (e) => {
      if (e.clipboardData.files.length === 0) return;
      e.preventDefault();
      this.add(e.clipboardData.files);
    });
  }

  key(e) {
    if (e.key === "Escape") {
      this.popup.hide();
      this.replyTo(null);
    }
    // a phone's keyboard has no other way to a new line
    const sends = e.key === "Enter" && !e.shiftKey && !e.isComposing
      && !matchMedia("(pointer: coarse)").matches;
    if (!sends) return;
    e.preventDefault();
    this.submit();
  }

  fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 180)}px`;
  }

  set(text) {
    this.text.value = text;
    this.text.focus();
    this.typed();
  }

  typed() {
    this.fit();
    const text = this.text.value;
    const person = this.app.person();
    const command = /^\/(\w*)$/.exec(text);
    const inline = /^@(\w+)\s([\s\S]*)$/.exec(text);
    if (command) this.popup.commands(person.commands, command[1]);
    else if (inline && inline[1].toLowerCase() === this.app.bot.username.toLowerCase()) {
      this.popup.query(person.id, inline[2].trim());
    } else this.popup.hide();
  }

  toggleCommands() {
    if ($("popup").hidden) this.popup.commands(this.app.person().commands, "");
    else this.popup.hide();
  }

  add(list) {
    for (const file of list) {
      if (file.size > MAX_FILE) this.actions.toast(`${file.name} is larger than 60 MB`);
      else if (file.size === 0) this.actions.toast(`${file.name} is empty`);
      else this.files.push(file);
    }
    this.drawFiles();
    this.text.focus();
  }

  drawFiles() {
    const box = $("files");
    box.hidden = this.files.length === 0;
    const chips = this.files.map((file, i) => {
      const remove = el("button", "icon", "×");
      remove.type = "button";
      remove.setAttribute("aria-label", `Remove ${file.name}`);
      remove.addEventListener("click", () => {
        this.files.splice(i, 1);
        this.drawFiles();
      });
      return el("span", "chip", el("b", "", file.name), el("small", "", size(file.size)), remove);
    });
    this.asDocument = el("input");
    this.asDocument.type = "checkbox";
    const media = this.files.some((f) => /^(image|audio|video)\//.test(f.type));
    const choice = media ? el("label", "", this.asDocument, " send as documents") : null;
    box.replaceChildren(...chips, ...(choice ? [choice] : []));
    this.text.placeholder = this.files.length ? "Caption" : "Message";
  }

  replyTo(m) {
    this.target = m;
    const box = $("reply");
    box.hidden = !m;
    if (!m) return;
    const cancel = el("button", "icon", "×");
    cancel.setAttribute("aria-label", "Do not reply");
    cancel.addEventListener("click", () => this.replyTo(null));
    box.replaceChildren(
      el("div", "quote", el("b", "", this.actions.nameOf(m)), el("span", "", summary(m))), cancel);
    this.text.focus();
  }

  async submit() {
    const text = this.text.value.trim();
    const user = this.app.person().id;
    const replyTo = this.target?.message_id;
    const files = this.files;
    if (!text && files.length === 0) return;
    const asDocument = this.asDocument?.checked ?? false;
    this.files = [];
    this.drawFiles();
    this.replyTo(null);
    this.set("");
    if (files.length === 0) {
      await this.actions.attempt(ctl("message", { user, text, reply_to: replyTo ?? 0 }));
      return;
    }
    for (const [i, file] of files.entries()) {
      const note = this.actions.progress(file.name);
      const caption = i === 0 ? text : "";
      const sent = upload(user, file, { asDocument, caption, replyTo }, (p) => note.set(p));
      await this.actions.attempt(sent);
      note.remove();
    }
  }

  /** The bot's reply keyboard: that of the newest message that shows or removes one. */
  keyboard(messages) {
    const last = messages.findLast((m) => m.from === "bot"
      && (m.markup?.keyboard || m.markup?.remove_keyboard));
    const rows = last?.markup.keyboard ?? [];
    $("keys").hidden = rows.length === 0;
    const shown = last?.message_id !== this.keyboardOf || rows.length === 0;
    this.keyboardOf = last?.message_id;
    if (shown) $("keyboard").hidden = rows.length === 0;
    $("keyboard").replaceChildren(...rows.map((row) => el("div", "key-row", ...row.map((button) => {
      const label = typeof button === "string" ? button : button.text;
      const key = el("button", "key", label);
      key.addEventListener("click", () => {
        if (last.markup.one_time_keyboard) $("keyboard").hidden = true;
        this.actions.say(label);
      });
      return key;
    }))));
  }
}
