// Text with entities to nodes. Text is only ever put into text nodes: nothing a bot sends is
// read as HTML.

/** An element with a class, text and children. */
export function el(tag, className = "", ...children) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}

const PLAIN = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

/** Only addresses that a browser may safely follow; others give null. */
export function safeUrl(text) {
  const withScheme = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
  try {
    const url = new URL(withScheme);
    return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** A link; `actions.link(url)` may take the click over by returning true. */
export function link(address, text, actions) {
  const url = safeUrl(address);
  if (!url) return el("span", "dead-link", text);
  const a = el("a", "", text);
  a.href = url.href;
  a.target = "_blank";
  a.rel = "noopener noreferrer";
  a.title = url.href;
  a.addEventListener("click", (e) => {
    if (actions.link(url)) e.preventDefault();
  });
  return a;
}

function wrap(entity, raw, inner, actions) {
  const tag = PLAIN[entity.type];
  if (tag) {
    const e = el(tag, "", inner);
    if (entity.type === "expandable_blockquote") {
      e.className = "expandable";
      e.addEventListener("click", () => e.classList.toggle("expanded"));
    }
    return e;
  }
  switch (entity.type) {
    case "pre": {
      const e = el("pre", "", inner);
      if (entity.language) e.dataset.language = entity.language;
      return e;
    }
    case "spoiler": {
      const e = el("span", "spoiler", inner);
      e.tabIndex = 0;
      e.setAttribute("role", "button");
      const show = () => e.classList.add("shown");
      e.addEventListener("click", show);
      e.addEventListener("keydown", (k) => k.key === "Enter" && show());
      return e;
    }
    case "text_link": return link(entity.url ?? "", inner, actions);
    case "url": return link(raw, inner, actions);
    case "email": return link(`mailto:${raw}`, inner, actions);
    case "phone_number": return link(`tel:${raw}`, inner, actions);
    case "mention": return link(`https://t.me/${raw.slice(1)}`, inner, actions);
    case "bot_command": {
      const e = el("button", "command", inner);
      e.addEventListener("click", () => actions.say(raw));
      return e;
    }
    case "hashtag": case "cashtag": case "text_mention": return el("span", "tag", inner);
    default: return el("span", "", inner);
  }
}

/** The text as a fragment. Offsets are UTF-16 units, as JavaScript's are. */
export function formatted(text, entities, actions) {
  const list = [...(entities ?? [])]
    .filter((e) => e.length > 0 && e.offset >= 0)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
  let next = 0;
  function build(from, to) {
    const out = document.createDocumentFragment();
    let at = from;
    while (next < list.length && list[next].offset < to) {
      const entity = list[next++];
      const start = Math.max(entity.offset, at);
      const end = Math.min(entity.offset + entity.length, to);
      if (end <= start) continue;
      out.append(text.slice(at, start));
      const raw = text.slice(start, end);
      out.append(wrap(entity, raw, build(start, end), actions));
      at = end;
      // a block ends its line by itself
      if (BLOCKS.has(entity.type) && text[at] === "\n" && at < to) at += 1;
    }
    out.append(text.slice(at, to));
    return out;
  }
  return build(0, text.length);
}

export function size(bytes) {
  if (bytes === null || bytes === undefined) return "";
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function time(unix) {
  return new Date(unix * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

export function day(unix) {
  const date = new Date(unix * 1000);
  if (date.toDateString() === new Date().toDateString()) return "Today";
  return date.toLocaleDateString([], { day: "numeric", month: "long", year: "numeric" });
}

/** A stable colour class and initials for a name. */
export function avatar(element, name, id) {
  element.className = `avatar tint${Math.abs(id) % 7}`;
  element.textContent = [...(name || "?")][0].toUpperCase();
}
