// Messages as bubbles: text, files, quotes, buttons.

import { el, formatted, link, size, time, day } from "./format.js";
import { fileUrl } from "./server.js";

const SHOWN_EXTRA = new Set(["via_bot", "forward_origin", "dice"]);

/** What a message is in one line, for lists and quotes. */
export function summary(m) {
  if (m.text) return m.text.replace(/\s+/g, " ").slice(0, 120);
  if (m.media) return m.media.name ?? m.media.type.replace("_", " ");
  if (m.extra) return Object.keys(m.extra)[0] ?? "";
  return "";
}

function fileRow(media, icon) {
  const name = media.name ?? `${media.type}`;
  const extension = /\.([a-z0-9]{1,4})$/i.exec(name)?.[1] ?? icon;
  const a = el("a", "file",
    el("span", "file-icon", extension.toUpperCase()),
    el("span", "file-text", el("b", "", name), el("small", "", size(media.size))));
  a.href = fileUrl(media.file_id);
  a.download = name;
  a.title = `Download ${name}`;
  return a;
}

function mediaNode(media, spoiler) {
  const source = fileUrl(media.file_id);
  switch (media.type) {
    case "photo": case "sticker": {
      const img = el("img", media.type);
      img.src = source;
      img.alt = media.name ?? media.type;
      img.loading = "lazy";
      if (spoiler) img.classList.add("veiled");
      img.addEventListener("click", () => img.classList.remove("veiled"));
      // synthetic pictures have no picture in them
      img.addEventListener("error", () => img.replaceWith(fileRow(media, "IMG")));
      return img;
    }
    case "video": case "animation": case "video_note": {
      const video = el("video");
      video.src = source;
      video.controls = true;
      video.preload = "metadata";
      video.addEventListener("error", () => video.replaceWith(fileRow(media, "VID")));
      return video;
    }
    case "audio": case "voice": {
      const audio = el("audio");
      audio.src = source;
      audio.controls = true;
      audio.preload = "none";
      return el("div", "sound", fileRow(media, "♪"), audio);
    }
    default: return fileRow(media, "FILE");
  }
}

function extraNode(extra) {
  const out = document.createDocumentFragment();
  for (const [name, content] of Object.entries(extra)) {
    if (name === "dice") out.append(el("span", "dice", `${content.emoji} ${content.value}`));
    if (SHOWN_EXTRA.has(name)) continue;
    out.append(el("pre", "", `${name}: ${JSON.stringify(content, null, 1)}`));
  }
  return out;
}

function originName(origin) {
  const user = origin.sender_user;
  return user?.first_name ?? origin.sender_chat?.title ?? origin.sender_user_name ?? "someone";
}

function quoteNode(target, actions) {
  const quote = el("button", "quote",
    el("b", "", target ? actions.nameOf(target) : "Message"),
    el("span", "", target ? summary(target) : "not loaded"));
  if (target) quote.addEventListener("click", () => actions.jump(target.message_id));
  return quote;
}

function inlineButton(m, button, place, actions) {
  if (button.url !== undefined) {
    const a = link(button.url, button.text, actions);
    a.classList.add("key", "away");
    return a;
  }
  const b = el("button", "key", el("span", "", button.text));
  if (actions.isWaiting(m.message_id, place)) {
    b.classList.add("waiting");
    b.setAttribute("aria-busy", "true");
  }
  b.addEventListener("click", () => actions.press(m, button, place));
  return b;
}

function keyboardNode(m, actions) {
  const rows = m.markup?.inline_keyboard;
  if (!rows) return null;
  const out = el("div", "inline-keyboard");
  rows.forEach((row, r) => {
    const line = el("div", "key-row");
    row.forEach((button, c) => line.append(inlineButton(m, button, `${r}:${c}`, actions)));
    out.append(line);
  });
  return out;
}

function reactionNode(reaction) {
  if (!Array.isArray(reaction) || reaction.length === 0) return null;
  const chips = reaction.map((r) => el("span", "reaction", r.emoji ?? "⭐"));
  return el("div", "reactions", ...chips);
}

/** One message. `actions` is what its parts can do (see app.js). */
export function bubble(m, actions) {
  const mine = m.from !== "bot";
  const content = el("div", "bubble");
  const origin = m.extra?.forward_origin;
  if (origin) content.append(el("div", "origin", `Forwarded from ${originName(origin)}`));
  if (m.extra?.via_bot) content.append(el("div", "origin", `via @${m.extra.via_bot.username}`));
  if (m.reply_to) content.append(quoteNode(actions.message(m.reply_to), actions));
  if (m.media) content.append(mediaNode(m.media, m.extra?.has_media_spoiler));
  if (m.extra) content.append(extraNode(m.extra));
  if (m.text) content.append(el("div", "text", formatted(m.text, m.entities, actions)));
  const meta = el("span", "meta",
    m.pinned ? "📌 " : null,
    m.edit_date ? "edited " : null,
    time(m.date),
    mine ? el("span", "ticks", "✓✓") : null);
  content.append(reactionNode(m.reaction) ?? "", meta);
  const answer = el("button", "answer", "↩");
  answer.title = "Reply";
  answer.setAttribute("aria-label", "Reply to this message");
  answer.addEventListener("click", () => actions.reply(m));
  const body = el("div", "body", content, keyboardNode(m, actions));
  const row = el("div", mine ? "message mine" : "message", body, answer);
  if (m.media && !m.text && ["photo", "video"].includes(m.media.type)) row.classList.add("bare");
  row.id = `m${m.message_id}`;
  row.dataset.id = m.message_id;
  row.dataset.date = m.date;
  row.addEventListener("dblclick", () => actions.reply(m));
  return row;
}

/** Puts a message where it belongs: in place of its older self, or by its number. */
export function place(list, m, actions) {
  const old = list.querySelector(`#m${m.message_id}`);
  if (m.deleted) {
    old?.remove();
  } else if (old) {
    const fresh = bubble(m, actions);
    // a picture that did not change need not be fetched again
    const [was, is] = [old.querySelector("img"), fresh.querySelector("img")];
    if (was && is && was.src === is.src) is.replaceWith(was);
    old.replaceWith(fresh);
  } else {
    const after = [...list.children].findLast((e) => Number(e.dataset.id) < m.message_id);
    if (after) after.after(bubble(m, actions));
    else list.prepend(bubble(m, actions));
  }
}

/** Sets the days between messages and draws neighbours of one side together. */
export function tidy(list) {
  list.querySelectorAll(".day").forEach((d) => d.remove());
  let before = null;
  for (const row of list.querySelectorAll("[data-id]")) {
    const title = day(Number(row.dataset.date));
    const newDay = !before || day(Number(before.dataset.date)) !== title;
    if (newDay) row.before(el("div", "day", title));
    const sameSide = before && before.classList.contains("mine") === row.classList.contains("mine");
    row.classList.toggle("joined", Boolean(sameSide && !newDay));
    before = row;
  }
}
