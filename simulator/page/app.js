// The page: the people, the chosen one's chat with the bot, and what happens in it.
// The hash says who is chosen: #user=2001. With &still the page is not live (for screenshots).

import { avatar, el } from "./format.js";
import { ctl, listen } from "./server.js";
import { bubble, place, summary, tidy } from "./messages.js";
import { Composer } from "./composer.js";

const $ = (id) => document.getElementById(id);
const HISTORY = 300;
const ANSWER_MS = 30_000;
const ACTION_MS = 5_000;
const ACTION_TEXT = {
  typing: "typing", upload_document: "sending a file", upload_photo: "sending a photo",
  upload_video: "sending a video", upload_voice: "sending a voice message",
  record_voice: "recording a voice message", find_location: "looking for a place",
  choose_sticker: "choosing a sticker",
};

const app = {
  bot: { username: "", name: "Bot", id: 0 },
  people: new Map(),
  current: 0,
  person: () => app.people.get(app.current),
};
// presses that wait for their answer, by callback query id
const presses = new Map();

const actions = {
  say: (text) => actions.attempt(ctl("message", { user: app.current, text })),
  clear: () => composer.set(""),
  reply: (m) => composer.replyTo(m),
  message: (id) => app.person().messages.get(id),
  nameOf: (m) => (m.from === "bot" ? app.bot.name : app.people.get(m.from)?.name ?? "User"),
  jump(id) {
    const row = $(`m${id}`);
    row?.scrollIntoView({ block: "center", behavior: "smooth" });
    row?.classList.add("flash");
    setTimeout(() => row?.classList.remove("flash"), 1200);
  },
  isWaiting: (id, place) => [...presses.values()].some((p) => p.message === id && p.place === place),
  /** Reports what went wrong, in the page. */
  async attempt(promise) {
    try {
      return await promise;
    } catch (e) {
      actions.toast(e.message);
      return null;
    }
  },
  toast(text) {
    $("toast").textContent = text;
    $("toast").hidden = false;
    clearTimeout(actions.toastTimer);
    actions.toastTimer = setTimeout(() => { $("toast").hidden = true; }, 3500);
  },
  progress(name) {
    const bar = el("progress");
    const row = el("div", "message mine uploading",
      el("div", "bubble", el("b", "", name), bar));
    $("messages").append(row);
    toEnd();
    return { set: (share) => { bar.value = share; }, remove: () => row.remove() };
  },
  /** A link to this bot is a command; other links are left to the browser. */
  link(url) {
    const here = /^(t|telegram)\.me$/.test(url.hostname)
      && url.pathname.slice(1).toLowerCase() === app.bot.username.toLowerCase();
    if (!here) return false;
    const start = url.searchParams.get("start");
    if (start !== null) actions.say(start ? `/start ${start}` : "/start");
    return true;
  },
  press(m, button, place) {
    const inline = button.switch_inline_query_current_chat
      ?? button.switch_inline_query
      ?? (button.switch_inline_query_chosen_chat ? button.switch_inline_query_chosen_chat.query ?? "" : undefined);
    if (button.callback_data !== undefined) pressCallback(m, button.callback_data, place);
    else if (inline !== undefined) composer.set(`@${app.bot.username} ${inline}`);
    else if (button.copy_text) copy(button.copy_text.text);
    else actions.toast("The simulator does not have this kind of button.");
  },
};

const composer = new Composer(app, actions);

async function copy(text) {
  await actions.attempt(navigator.clipboard.writeText(text));
  actions.toast("Copied");
}

// ---- presses and their answers

const early = new Map();

async function pressCallback(m, data, place) {
  if (actions.isWaiting(m.message_id, place)) return;
  const temporary = Symbol("press");
  const press = { message: m.message_id, place, person: app.current };
  presses.set(temporary, press);
  redraw(press);
  const r = await actions.attempt(
    ctl("click", { chat: app.current, user: app.current, message_id: m.message_id, data }));
  presses.delete(temporary);
  if (r && early.has(r.callback_query_id)) {
    answered(press, early.get(r.callback_query_id));
  } else if (r) {
    presses.set(r.callback_query_id, press);
    setTimeout(() => presses.delete(r.callback_query_id) && redraw(press), ANSWER_MS);
  }
  redraw(press);
}

function onAnswer(event) {
  const press = presses.get(event.id);
  if (!press) {
    // the answer may overtake the click's own reply
    early.set(event.id, event.answer);
    setTimeout(() => early.delete(event.id), ANSWER_MS);
    return;
  }
  presses.delete(event.id);
  redraw(press);
  answered(press, event.answer);
}

function answered(press, answer) {
  if (press.person !== app.current || !answer) return;
  if (answer.text && answer.show_alert) {
    $("alert").querySelector("p").textContent = answer.text;
    $("alert").showModal();
  } else if (answer.text) actions.toast(answer.text);
  if (answer.url) follow(answer.url);
}

/** A browser opens no window without a click: ask for one. */
function follow(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return;
  }
  if (actions.link(url) || !/^https?:$/.test(url.protocol)) return;
  const dialog = $("link");
  dialog.querySelector("p").textContent = url.href;
  dialog.onclose = () => dialog.returnValue === "open" && window.open(url.href, "_blank", "noopener");
  dialog.showModal();
}

function redraw(press) {
  const m = app.people.get(press.person)?.messages.get(press.message);
  if (m && press.person === app.current) $(`m${m.message_id}`)?.replaceWith(bubble(m, actions));
  tidy($("messages"));
}

// ---- people

async function loadAbout() {
  const about = await ctl("people");
  app.bot = about.bot;
  $("limits").textContent = `Limits: ${about.limits}`;
  const people = new Map();
  for (const p of about.people) {
    const known = app.people.get(p.id);
    people.set(p.id, { messages: new Map(), read: Number(sessionStorage.getItem(`read${p.id}`) ?? 0), ...known, ...p });
  }
  app.people = people;
  if (!app.people.has(app.current)) app.current = app.people.keys().next().value ?? 0;
}

async function loadChat(person) {
  if (!person.has_chat) {
    person.messages = new Map();
    return;
  }
  const chat = await ctl("chat", { id: person.id, last: HISTORY });
  person.messages = new Map(chat.messages.map((m) => [m.message_id, m]));
  const newest = chat.messages.at(-1)?.message_id ?? 0;
  // numbers begin anew when the simulator does
  if (person.read > newest) person.read = 0;
}

async function loadAll() {
  await loadAbout();
  await Promise.all([...app.people.values()].map(loadChat));
  drawPeople();
  drawChat();
}

function sorted(person) {
  return [...person.messages.values()].sort((a, b) => a.message_id - b.message_id);
}

function unread(person) {
  return sorted(person).filter((m) => m.from === "bot" && m.message_id > person.read).length;
}

function markRead() {
  const person = app.person();
  if (!person || document.hidden) return;
  person.read = Math.max(0, ...person.messages.keys());
  sessionStorage.setItem(`read${person.id}`, person.read);
}

function drawPeople() {
  const rows = [...app.people.values()].map((person) => {
    const picture = el("span");
    avatar(picture, person.name, person.id);
    const last = sorted(person).at(-1);
    const line = last ? `${last.from === "bot" ? "" : "You: "}${summary(last)}` : "No messages yet";
    const row = el("a", "person", picture,
      el("span", "person-text",
        el("span", "line", el("b", "", person.name), el("small", "role", [person.role, person.language].filter(Boolean).join(" · "))),
        el("span", "line", el("small", "last", line))));
    const count = person.id === app.current ? 0 : unread(person);
    if (count) row.append(el("span", "unread", String(count)));
    row.href = `#user=${person.id}`;
    row.addEventListener("click", () => document.body.classList.add("in-chat"));
    if (person.id === app.current) {
      row.classList.add("chosen");
      row.setAttribute("aria-current", "true");
    }
    return row;
  });
  $("people").replaceChildren(...rows);
  const total = [...app.people.values()].reduce((n, p) => n + (p.id === app.current ? 0 : unread(p)), 0);
  document.title = total ? `(${total}) ${app.bot.name}` : app.bot.name;
}

// ---- the chat

function atEnd() {
  const s = $("scroll");
  return s.scrollHeight - s.scrollTop - s.clientHeight < 120;
}

function toEnd() {
  $("scroll").scrollTop = $("scroll").scrollHeight;
}

function drawChat() {
  const person = app.person();
  if (!person) return;
  avatar($("bot-avatar"), app.bot.name, app.bot.id);
  $("bot-name").textContent = app.bot.name;
  $("as").textContent = `as ${person.name}`;
  $("messages").replaceChildren(...sorted(person).map((m) => bubble(m, actions)));
  composer.keyboardOf = undefined;
  drawFrame();
  toEnd();
}

/** All of the chat but its messages. */
function drawFrame() {
  const person = app.person();
  const messages = sorted(person);
  const blocked = person.state === "blocked";
  tidy($("messages"));
  composer.keyboard(blocked ? [] : messages);
  const empty = messages.length === 0;
  $("empty").hidden = !empty;
  $("empty-name").textContent = app.bot.name;
  $("empty-text").textContent = person.description
    || "No messages here yet. Press START to begin, as a new user of the bot would.";
  $("start").hidden = !empty && !blocked;
  $("start").textContent = blocked ? "UNBLOCK" : "START";
  $("composer").hidden = empty || blocked;
  $("commands").hidden = person.commands.length === 0;
  $("block").textContent = blocked ? "Unblock the bot" : "Stop and block the bot";
  const pinned = messages.findLast((m) => m.pinned && !m.deleted);
  $("pinned").hidden = !pinned;
  if (pinned) {
    const line = el("button", "quote", el("b", "", "Pinned message"), el("span", "", summary(pinned)));
    line.addEventListener("click", () => actions.jump(pinned.message_id));
    $("pinned").replaceChildren(line);
  }
  drawStatus();
  markRead();
}

function drawStatus() {
  const action = app.person()?.action;
  $("status").textContent = action ? `${ACTION_TEXT[action] ?? action.replaceAll("_", " ")}…` : `@${app.bot.username}`;
  $("status").classList.toggle("active", Boolean(action));
}

function choose(id) {
  if (!app.people.has(id)) return;
  const draft = $("text").value;
  if (app.person()) app.person().draft = draft;
  app.current = id;
  composer.replyTo(null);
  composer.files = [];
  composer.drawFiles();
  drawChat();
  drawPeople();
  $("text").value = app.person().draft ?? "";
  composer.typed();
  if (!matchMedia("(pointer: coarse)").matches) $("text").focus();
}

// ---- events

function onMessage({ chat, message }) {
  const person = app.people.get(chat);
  if (!person || !message) return;
  if (message.deleted) person.messages.delete(message.message_id);
  else person.messages.set(message.message_id, message);
  person.has_chat = true;
  if (message.from === "bot") setAction(person, null);
  else if (person.state !== "active") person.state = "active";
  if (chat === app.current) {
    const follows = atEnd() || message.from !== "bot";
    place($("messages"), message, actions);
    drawFrame();
    if (follows && !message.edit_date) toEnd();
  }
  drawPeople();
}

function setAction(person, action) {
  clearTimeout(person.actionTimer);
  person.action = action;
  if (action) person.actionTimer = setTimeout(() => setAction(person, null), ACTION_MS);
  if (person.id === app.current) drawStatus();
}

async function onEvent(event) {
  switch (event.kind) {
    case "message": onMessage(event); break;
    case "answer": onAnswer(event); break;
    case "action": {
      const person = app.people.get(event.chat);
      if (person) setAction(person, event.action === "cancel" ? null : event.action);
      break;
    }
    case "about":
      await loadAbout();
      drawPeople();
      drawFrame();
      break;
    case "resync": await loadAll(); break;
  }
}

// ---- what the frame's own buttons do

$("start").addEventListener("click", async () => {
  const person = app.person();
  if (person.state === "blocked") {
    await actions.attempt(ctl("unblock", { user: person.id }));
    person.state = "active";
    drawFrame();
    if (person.messages.size) return;
  }
  await actions.say("/start");
});
$("block").addEventListener("click", async () => {
  const person = app.person();
  const blocked = person.state === "blocked";
  await actions.attempt(ctl(blocked ? "unblock" : "block", { user: person.id }));
  person.state = blocked ? "active" : "blocked";
  $("menu").open = false;
  drawFrame();
});
$("back").addEventListener("click", () => document.body.classList.remove("in-chat"));
$("down").addEventListener("click", toEnd);
$("scroll").addEventListener("scroll", () => { $("down").hidden = atEnd(); });
document.addEventListener("visibilitychange", () => {
  markRead();
  drawPeople();
});
window.addEventListener("hashchange", () => choose(hashUser()));

function hash() {
  return new URLSearchParams(location.hash.slice(1));
}

function hashUser() {
  return Number(hash().get("user") ?? 0);
}

async function connected(up) {
  $("connection").textContent = up ? "connected" : "connection lost, trying again…";
  $("connection").classList.toggle("lost", !up);
  // events may have been missed: read anew at every connection
  if (up) await actions.attempt(loadAll());
  if (up) document.body.classList.add("ready");
}

app.current = hashUser();
if (app.current) document.body.classList.add("in-chat");
// "#user=1001&still" is read once and left alone: an open stream keeps headless browsers waiting
if (hash().has("still")) connected(true);
else listen(onEvent, connected);
