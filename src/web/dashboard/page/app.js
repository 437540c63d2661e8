// The page's own doings: start, language, theme, sign-in, connection, actions and keys.
//
// Invariants: no code, style or data from anywhere but this server; what the server says is text.
// The figures shown last stay, greyed and with their age, for as long as there are no newer ones.

import { attr, byId, put, show, stamp, translate } from './dom.js';
import * as chart from './chart.js';
import { Line, Refused, act, ask, leave } from './link.js';
import { LEVELS, render, toggle } from './panels.js';
import { LANGUAGES, finite, glance, language, plain, speak, term, wholeSpan, word } from './words.js';

const THEMES = ['auto', 'light', 'dark'];
const RANGES = [5, 10, 20]; // Minutes; the server remembers as many as the last.
const FIRST_RANGE = 10;
const PANELS = ['p-health', 'p-alerts', 'p-charts', 'p-broadcasts', 'p-queues', 'p-failed', 'p-actors', 'p-searches', 'p-audit'];
const TOAST_MS = 5000;

const page = {
  me: null,
  state: null,
  got: 0, // When the newest state came, by the page's clock.
  skew: 0, // The server's clock minus the page's.
  status: 'connecting',
  detail: {},
  waits: new Set(), // "action target" of what can still be undone.
  undos: [],
};

// What a person has chosen stays in the browser; where that is forbidden, for this visit only.
const memory = new Map();
function recall(name) {
  try {
    return localStorage.getItem(`primelingo.${name}`);
  } catch {
    return memory.get(name) ?? null;
  }
}
function keep(name, value) {
  memory.set(name, value);
  try {
    localStorage.setItem(`primelingo.${name}`, value);
  } catch {
    // The map above has it.
  }
}

function now() {
  return Date.now() + page.skew;
}

// --- Theme and language

function theme() {
  const chosen = recall('theme');
  return THEMES.includes(chosen) ? chosen : 'auto';
}

function wear() {
  const chosen = theme();
  attr(document.documentElement, 'data-theme', chosen === 'auto' ? null : chosen);
  attr(byId('theme-icon'), 'href', `#i-${chosen}`);
  attr(byId('theme'), 'aria-label', word(`theme_${chosen}`));
  attr(byId('theme'), 'title', word(`theme_${chosen}`));
}

function nextTheme() {
  keep('theme', THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
  wear();
  say(word(`theme_${theme()}`));
}

function use(lang) {
  speak(lang);
  attr(document.documentElement, 'lang', lang);
  document.title = `PrimeLingo · ${word('title')}`;
  byId('language').value = lang;
  translate(document);
  wear();
  chart.speakAgain();
  for (const button of byId('range').children) put(button, word('min', { n: Number(button.dataset.minutes) }));
  greet();
  paint();
  status();
}

function choose(lang) {
  keep('language', lang);
  use(lang);
}

// --- What is shown

function paint() {
  if (page.state !== null) {
    render({ state: page.state, now: now(), role: page.me?.role ?? 'viewer', waits: page.waits, lost: page.status === 'lost' });
  } else {
    put(byId('now-title'), word('no_figures'));
  }
}

function greet() {
  show(byId('me'), page.me !== null);
  show(byId('leave'), page.me !== null);
  if (page.me === null) return;
  put(byId('me-name'), plain(page.me.name));
  put(byId('me-role'), term('role_', page.me.role));
}

function status() {
  attr(byId('link'), 'data-status', page.status);
  put(byId('link-text'), word(`link_${page.status}`));
  const lost = page.status === 'lost';
  show(byId('lost'), lost);
  attr(byId('main'), 'data-stale', lost ? '' : null);
  if (lost) {
    put(byId('lost-what'), word(page.detail.bye ? 'bye' : 'lost'));
    put(byId('lost-age'), page.state === null ? word('lost_never') : word('lost_since', { age: glance((Date.now() - page.got) / 1000) }));
    const next = page.detail.next;
    put(byId('lost-next'), next ? word('retry_in', { t: wholeSpan(Math.max(1, (next - Date.now()) / 1000)) }) : word('retrying'));
  }
  show(byId('gate'), page.status === 'out');
  show(byId('main'), page.status !== 'out');
  show(byId('skip'), page.status !== 'out');
}

function took(state) {
  page.state = state;
  page.got = Date.now();
  if (finite(state.at) !== null) page.skew = state.at - page.got;
  paint();
}

// For those who hear the page.
function say(text) {
  put(byId('said'), text);
}

// --- The connection

// All three at once; a page without its history still has its figures.
async function first(signal) {
  const state = ask('/api/v1/state', signal).then(took);
  const me = ask('/api/v1/me', signal).then(meet);
  ask('/api/v1/history', signal).then(chart.load, () => {});
  await Promise.all([state, me]);
}

function meet(me) {
  page.me = me;
  const chosen = recall('language');
  const wanted = LANGUAGES.includes(chosen) ? chosen : me.lang;
  if (LANGUAGES.includes(wanted) && wanted !== language()) use(wanted);
  greet();
  paint();
}

const line = new Line({
  first,
  state(state) {
    took(state);
    if (finite(state.at) !== null) chart.extend(state);
  },
  status(name, detail) {
    page.status = name;
    page.detail = detail;
    if (name === 'out') {
      page.me = null;
      greet();
    }
    status();
  },
});

// --- Actions

async function perform(action, target) {
  try {
    const answer = await act(action, target, plain(page.me?.csrf));
    const text = action === 'log_level' ? `${word(`did_${action}`)}: ${target}` : word(`did_${action}`);
    if (answer?.undo) offerUndo(text, action, target, answer);
    else toast(text);
  } catch (error) {
    oops(error);
  }
}

function oops(error) {
  const code = error instanceof Refused ? error.status : 0;
  if (code === 401) {
    page.status = 'out';
    line.stop();
    status();
    return;
  }
  const words = new Map([[0, 'oops_network'], [403, 'oops_role'], [404, 'oops_gone'], [409, 'oops_state'], [429, 'oops_many'], [503, 'oops_database']]);
  toast(word(words.get(code) ?? 'oops_other', { code }), 'bad');
}

function raise(text, tone = null) {
  const row = stamp('t-toast');
  put(row.text, text);
  attr(row.node, 'data-tone', tone);
  byId('toasts').append(row.node);
  row.close.addEventListener('click', () => lower(row));
  return row;
}

// The focus of a bar that goes away returns to the figures.
function lower(row) {
  const held = row.node.contains(document.activeElement);
  row.node.remove();
  if (held) byId('main').focus({ preventScroll: true });
}

function toast(text, tone = null) {
  const row = raise(text, tone);
  show(row.undo, false);
  show(row.timer, false);
  say(text);
  setTimeout(() => lower(row), TOAST_MS);
}

function offerUndo(text, action, target, answer) {
  const seconds = Math.max(1, finite(answer.undo_s) ?? 10);
  const end = Date.now() + seconds * 1000;
  const key = `${action} ${target}`;
  const row = raise(text);
  row.fuse.style.setProperty('--span', `${seconds}s`);
  const offer = { row };
  const tick = setInterval(() => count(), 250);
  const count = () => {
    put(row.timer, wholeSpan(Math.ceil((end - Date.now()) / 1000)));
    if (Date.now() >= end) offer.end();
  };
  offer.end = () => {
    clearInterval(tick);
    page.waits.delete(key);
    page.undos = page.undos.filter((each) => each !== offer);
    lower(row);
    paint();
  };
  offer.undo = async () => {
    if (row.undo.disabled) return;
    row.undo.disabled = true;
    await perform('undo', plain(answer.undo));
    offer.end();
  };
  row.undo.addEventListener('click', offer.undo);
  page.waits.add(key);
  page.undos.push(offer);
  count();
  paint();
  say(`${text}. ${word('will_undo', { t: wholeSpan(seconds) })}`);
}

async function press(button) {
  const { act: action, target } = button.dataset;
  if (button.getAttribute('aria-busy') === 'true') return;
  if (action === 'actor_restart' && !(await confirmed(target))) return;
  attr(button, 'aria-busy', 'true');
  await perform(action, target);
  attr(button, 'aria-busy', null);
}

let decide = () => {};
function confirmed(name) {
  put(byId('confirm-title'), word('restart_title', { name }));
  byId('confirm').showModal();
  byId('confirm-no').focus();
  return new Promise((resolve) => {
    decide = (yes) => {
      decide = () => {};
      byId('confirm').close();
      resolve(yes);
    };
  });
}

// --- Keys

const KEYS = new Map([
  ['?', () => byId('keys').showModal()],
  ['t', nextTheme],
  ['l', () => choose(LANGUAGES[(LANGUAGES.indexOf(language()) + 1) % LANGUAGES.length])],
  ['u', () => page.undos.at(-1)?.undo()],
  ['r', () => line.open()],
]);

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, select, textarea, dialog') !== null) return;
  if (recall('keys') === 'off') return;
  if (/^[1-9]$/.test(event.key)) {
    const panel = byId(PANELS[Number(event.key) - 1]);
    panel.focus({ preventScroll: true });
    panel.scrollIntoView({ block: 'start' });
    event.preventDefault();
    return;
  }
  const deed = KEYS.get(event.key);
  if (deed === undefined) return;
  event.preventDefault();
  deed();
}

// --- Start

function choices(host, values, make) {
  host.append(...values.map((value) => {
    const button = document.createElement('button');
    button.type = 'button';
    make(button, value);
    return button;
  }));
}

function frame() {
  chart.build(byId('plots'), FIRST_RANGE);
  choices(byId('range'), RANGES, (button, minutes) => {
    button.dataset.minutes = minutes;
    attr(button, 'aria-pressed', minutes === FIRST_RANGE);
    button.addEventListener('click', () => {
      for (const each of byId('range').children) attr(each, 'aria-pressed', each === button);
      chart.setRange(minutes);
    });
  });
  choices(byId('levels'), LEVELS, (button, level) => {
    put(button, level);
    button.dataset.act = 'log_level';
    button.dataset.target = level;
  });
}

function listen() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (button === null) return;
    if (button.dataset.act !== undefined) press(button);
    else if (button.classList.contains('more')) {
      toggle(button.dataset.list);
      paint();
    }
  });
  document.addEventListener('keydown', onKey);
  byId('theme').addEventListener('click', nextTheme);
  byId('language').addEventListener('change', (event) => choose(event.target.value));
  byId('help').addEventListener('click', () => byId('keys').showModal());
  byId('keys-close').addEventListener('click', () => byId('keys').close());
  byId('keys-on').checked = recall('keys') !== 'off';
  byId('keys-on').addEventListener('change', (event) => keep('keys', event.target.checked ? 'on' : 'off'));
  byId('confirm-yes').addEventListener('click', () => decide(true));
  byId('confirm-no').addEventListener('click', () => decide(false));
  byId('confirm').addEventListener('close', () => decide(false));
  byId('again').addEventListener('click', () => line.open());
  byId('gate-again').addEventListener('click', () => line.open());
  byId('copy').addEventListener('click', async () => {
    await navigator.clipboard?.writeText('/dashboard').then(() => put(byId('copy'), word('copied')), () => {});
  });
  byId('leave').addEventListener('click', async () => {
    await leave(plain(page.me?.csrf)).catch(() => {});
    line.stop();
    page.me = null;
    page.state = null;
    location.reload();
  });
}

function start() {
  frame();
  const chosen = recall('language') ?? navigator.language.slice(0, 2);
  use(LANGUAGES.includes(chosen) ? chosen : 'en');
  listen();
  line.open();
  // Ages grow between the figures too, and all the more when none come.
  setInterval(() => {
    if (document.hidden) return;
    status();
    if (page.status !== 'live') paint();
  }, 1000);
}

start();
