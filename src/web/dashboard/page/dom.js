// Writing to the page so that only what differs is touched.
//
// Invariants: a text from outside only ever becomes the content of a text node or the value of an
// attribute that is not looked at as code; nothing here parses HTML. A row that stays keeps its
// nodes, so focus, selection and open details survive an update.

import { word } from './words.js';

export function byId(id) {
  return document.getElementById(id);
}

export function put(node, value) {
  const text = value === null || value === undefined ? '' : String(value);
  const only = node.firstChild;
  if (only !== null && only === node.lastChild && only.nodeType === Node.TEXT_NODE) {
    if (only.data !== text) only.data = text;
  } else if (node.textContent !== text) {
    node.textContent = text;
  }
}

export function attr(node, name, value) {
  if (value === null || value === undefined) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, String(value));
  }
}

export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

// How much of a bar is filled, from 0 to 1.
export function part(node, share, name = '--part') {
  const value = (Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0).toFixed(4);
  if (node.style.getPropertyValue(name) !== value) node.style.setProperty(name, value);
}

export function svg(name, attributes = {}) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

// Fills in the words of the chosen language.
export function translate(root) {
  for (const node of root.querySelectorAll('[data-w]')) put(node, word(node.dataset.w));
  for (const node of root.querySelectorAll('[data-wl]')) {
    attr(node, 'aria-label', word(node.dataset.wl));
    attr(node, 'title', word(node.dataset.wl));
  }
  for (const node of root.querySelectorAll('[data-wc]')) attr(node, 'data-column', word(node.dataset.wc));
}

// A copy of a template: its node, and the nodes named by data-f.
export function stamp(id) {
  const node = byId(id).content.firstElementChild.cloneNode(true);
  translate(node);
  const row = { node };
  for (const field of node.querySelectorAll('[data-f]')) row[field.dataset.f] = field;
  return row;
}

const hosts = new WeakMap();

// Brings the children of `host` in line with `items`: `key` tells which row belongs to an
// item, `template` what a row is made from, `fill` writes an item into its row.
export function list(host, items, { key, template, fill }) {
  const before = hosts.get(host) ?? new Map();
  const after = new Map();
  const wanted = items.map((item) => {
    let name = String(key(item));
    while (after.has(name)) name += "'";
    const row = before.get(name) ?? stamp(template);
    after.set(name, row);
    return [row, item];
  });
  const held = document.activeElement;
  for (const [name, row] of before) if (!after.has(name)) row.node.remove();
  let place = host.firstElementChild;
  for (const [row, item] of wanted) {
    fill(row, item);
    if (row.node === place) place = place.nextElementSibling;
    else host.insertBefore(row.node, place);
  }
  hosts.set(host, after);
  keepFocus(host, held);
}

// Moving a node takes the focus from it; removing it would throw the focus to the top of the page.
function keepFocus(host, held) {
  if (held === null || held === document.body || document.activeElement === held) return;
  if (held.isConnected && host.contains(held)) held.focus({ preventScroll: true });
  else if (!held.isConnected) host.closest('[tabindex="-1"]')?.focus({ preventScroll: true });
}
