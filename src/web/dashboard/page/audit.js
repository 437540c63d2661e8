// The page of the audit: a filter, a page of entries, and the way to older ones.
//
// Invariants: what is shown is what the address says, so that it can be kept, sent and gone back to;
// what the server says is text; nothing here changes anything.

import { attr, byId, list, put, show, translate } from './dom.js';
import { Refused, ask } from './link.js';
import { finite, plain, speak, term, whenever, word } from './words.js';

const SUBJECTS = ['material', 'section', 'person', 'broadcast', 'report', 'alert', 'job', 'program'];
const ACTIONS = [
  'publish', 'edit', 'archive', 'restore', 'undo', 'replace', 'create_section', 'rename_section',
  'move_section', 'merge_section', 'delete_section', 'set_role', 'ban', 'unban', 'create_broadcast',
  'control_broadcast', 'set_series', 'settle_report', 'ack_alert', 'silence_alert', 'end_silence',
  'control_job', 'control_queue', 'control_program',
];
const NAMES = ['subject', 'action', 'actor', 'before'];

// What the address asks for.
function asked() {
  const given = new URLSearchParams(location.search);
  const kept = new URLSearchParams();
  for (const name of NAMES) {
    const value = given.get(name);
    if (value) kept.set(name, value);
  }
  return kept;
}

function address(changes) {
  const wanted = asked();
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) wanted.delete(name);
    else wanted.set(name, value);
  }
  const query = wanted.toString();
  return query === '' ? '/dashboard/audit.html' : `/dashboard/audit.html?${query}`;
}

function choices(host, prefix, names) {
  const first = new Option(word('audit_any'), '');
  host.replaceChildren(first, ...names.map((name) => new Option(term(prefix, name), name)));
}

function fill(row, each) {
  const person = finite(each.person);
  put(row.who, person === null ? word('audit_erased') : person === 0 ? word('audit_cli') : plain(each.who) || String(person));
  show(row.only, person !== null);
  if (person !== null) {
    put(row.only, `(${person})`);
    attr(row.only, 'href', address({ actor: String(person), before: null }));
    attr(row.only, 'aria-label', `${word('audit_actor')}: ${person}`);
  }
  put(row.action, term('did_', each.action));
  const number = finite(each.number);
  put(row.target, plain(each.target) || (number === null ? word('audit_erased') : number === 0 ? '' : `№ ${number}`));
  const known = each.before !== null || each.after !== null;
  const change = `${plain(each.before) || '–'} → ${plain(each.after) || '–'}`;
  show(row.change, known);
  put(row.change, each.field ? `${each.field}: ${change}` : change);
  put(row.at, whenever(each.at));
  attr(row.at, 'datetime', new Date(each.at).toISOString());
  put(row.via, term('via_', each.via));
  put(row.id, `#${each.id}`);
}

async function load() {
  const query = asked();
  for (const name of ['subject', 'action', 'actor']) byId(name).value = query.get(name) ?? '';
  let page;
  try {
    page = await ask(`/api/v1/audit?${query}`, AbortSignal.timeout(10_000));
  } catch (error) {
    return complain(error instanceof Refused ? error.status : 0);
  }
  show(byId('oops'), false);
  const lines = Array.isArray(page.lines) ? page.lines : [];
  list(byId('lines'), lines, { key: (each) => each.id, template: 't-line', fill });
  show(byId('nothing'), lines.length === 0);
  show(byId('newest'), query.has('before'));
  attr(byId('newest'), 'href', address({ before: null }));
  const next = finite(page.next);
  show(byId('older'), next !== null);
  if (next !== null) attr(byId('older'), 'href', address({ before: String(next) }));
  attr(byId('lines'), 'data-for', query.toString());
}

function complain(status) {
  const key = { 401: 'audit_sign_in', 403: 'oops_role', 400: 'audit_filter', 503: 'oops_database', 0: 'oops_network' }[status];
  put(byId('oops'), key === undefined ? word('oops_other', { code: String(status) }) : word(key));
  show(byId('oops'), true);
  list(byId('lines'), [], { key: (each) => each.id, template: 't-line', fill });
  for (const name of ['nothing', 'newest', 'older']) show(byId(name), false);
}

function chosen() {
  let lang = null;
  try {
    lang = localStorage.getItem('primelingo.language');
    const theme = localStorage.getItem('primelingo.theme');
    if (theme === 'light' || theme === 'dark') attr(document.documentElement, 'data-theme', theme);
  } catch {
    // As the system and the person's own language have it.
  }
  return lang;
}

async function begin() {
  const me = await ask('/api/v1/me', AbortSignal.timeout(10_000)).catch(() => null);
  const lang = chosen() ?? me?.lang ?? 'en';
  speak(lang);
  attr(document.documentElement, 'lang', lang);
  translate(document);
  document.title = `PrimeLingo · ${word('audit')}`;
  choices(byId('subject'), 'audit_of_', SUBJECTS);
  choices(byId('action'), 'did_', ACTIONS);
  byId('filter').addEventListener('submit', (event) => {
    event.preventDefault();
    const value = (name) => byId(name).value.trim() || null;
    go(address({ subject: value('subject'), action: value('action'), actor: value('actor'), before: null }));
  });
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="/dashboard/audit.html"]');
    if (link === null || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(link.getAttribute('href'));
  });
  window.addEventListener('popstate', load);
  await load();
}

async function go(where) {
  history.pushState(null, '', where);
  await load();
  byId('p-audit').focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

begin();
