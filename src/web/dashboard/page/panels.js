// The panels: each writes its part of the state into its place.
//
// Invariants: a missing part of the state is an empty panel, never an error; buttons are there only
// for a role that may press them (the server checks again); nothing is shown by colour alone.

import { attr, byId, list, part, put, show } from './dom.js';
import {
  ago, clock, figure, finite, glance, known, millis, number, plain, span, term, wholeSpan, word,
} from './words.js';

export const LEVELS = ['error', 'warn', 'info', 'debug', 'trace'];
const OWNER_ONLY = new Set(['actor_restart', 'log_level']);
const STORE_OLD_S = 10;
const POLL_LATE_S = 90;
const NEARLY_FULL = 0.8;
const SIGNS = { good: '#i-good', warn: '#i-warn', bad: '#i-bad', wait: '#i-wait' };
const LIMITS = { alerts: 4, broadcasts: 6, queues: 12, failed: 5, errors: 5, audit: 8 };

const open = new Set(); // Lists that are shown in full.
let view = null; // What the panels are drawn for: { state, now, role, waits, lost }.

export function toggle(name) {
  if (!open.delete(name)) open.add(name);
}

function all(value) {
  return Array.isArray(value) ? value.filter((each) => each !== null && typeof each === 'object') : [];
}

function may(action) {
  return view.role === 'owner' || (view.role === 'operator' && !OWNER_ONLY.has(action));
}

// Whether an action on a target is done and can still be undone.
function waits(action, target) {
  return view.waits.has(`${action} ${target}`);
}

// Aims a button at its target.
function aim(button, visible, target, label) {
  show(button, visible && may(button.dataset.act));
  attr(button, 'data-target', plain(target));
  if (label === undefined) return;
  const name = `${button.textContent.trim()}: ${label}`;
  attr(button, 'aria-label', name);
  attr(button, 'title', button.classList.contains('icon') ? name : null);
}

function tone(node, value) {
  attr(node, 'data-tone', value);
}

// Everything. `context` is what `view` holds.
export function render(context) {
  view = context;
  const { state } = context;
  sum(state);
  tiles(state);
  health(state);
  alerts(state);
  broadcasts(state);
  queues(state);
  jobs(state);
  failed(state);
  actors(state);
  searches(state);
  errors(state);
  audit(state);
  processFacts(state);
  freshness(state);
}

// A list with its line for "nothing" and its button for "all".
function panel(name, items, rules) {
  const host = byId(name);
  const limit = LIMITS[name] ?? Infinity;
  list(host, open.has(name) ? items : items.slice(0, limit), rules);
  const frame = host.tagName === 'TBODY' ? host.parentElement : host;
  show(frame, items.length > 0);
  const none = frame.nextElementSibling;
  show(none, items.length === 0);
  put(none, word(unknown(host) ? 'not_known' : none.dataset.w));
  const more = none.nextElementSibling;
  if (more === null || !more.classList.contains('more')) return;
  show(more, items.length > limit);
  attr(more, 'data-list', name);
  attr(more, 'aria-expanded', open.has(name));
  put(more, open.has(name) ? word('less') : word('more', { n: items.length }));
}

// Whether nothing is known of a panel: its database has not answered since the start.
function unknown(host) {
  return storeAge(view.state) === null && host.closest('[data-store]') !== null;
}

function count(name, value) {
  const node = byId(name);
  show(node, value > 0);
  put(node, number(value));
}

const PART_TONES = new Map([['up', 'good'], ['degraded', 'warn'], ['down', 'bad']]);

function partName(each) {
  return term('part_', each.component);
}

function storeAge(state) {
  return finite(state.store_age_s);
}

function firing(state) {
  return all(state.alerts).filter((each) => each.state !== 'resolved');
}

function sum(state) {
  const bad = all(state.health).filter((each) => each.state !== 'up');
  const alarms = firing(state);
  const age = storeAge(state);
  const blind = age === null || age > STORE_OLD_S;
  const urgent = bad.some((each) => each.state === 'down') || alarms.some((each) => each.severity === 'page' && !each.acked);
  const level = urgent ? 'bad' : blind || bad.length + alarms.length > 0 ? 'warn' : 'good';
  const reasons = bad.map((each) => `${partName(each)} ${term('state_', each.state)}`);
  if (blind && !bad.some((each) => each.component === 'database')) reasons.push(`${term('part_', 'database')} ${word('state_silent')}`);
  if (alarms.length > 0) reasons.push(word('alerts_open', { n: alarms.length }));
  const title = word({ good: 'all_well', warn: 'needs_look', bad: 'is_broken' }[level]);
  const shown = view.lost ? 'wait' : level;
  tone(byId('sum'), shown);
  attr(byId('sum-icon'), 'href', SIGNS[shown]);
  // What was well may be broken by now.
  put(byId('now-title'), view.lost ? word('no_news', { t: clock(state.at, view.now) }) : title);
  put(byId('now-why'), view.lost ? word('before', { text: [title, ...reasons].join(' · ') }) : reasons.join(' · '));
  put(byId('bot'), state.bot ? `@${plain(state.bot)}` : '');
}

function tile(name, big, sub, level = null) {
  const node = document.querySelector(`[data-tile="${name}"]`);
  put(node.children[1], big);
  if (sub !== null) put(node.children[2], sub);
  tone(node, level);
}

function tiles(state) {
  const users = state.users ?? {};
  const traffic = state.traffic ?? {};
  tile('users', number(users.total), word('tile_users_sub', { n: number(users.reachable) }));
  tile('active', number(users.active_1d), word('tile_active_sub', { w: number(users.active_7d), m: number(users.active_30d) }));
  tile('updates', figure(finite(traffic.updates_per_s) ?? NaN), word('tile_updates_sub', { n: figure(traffic.replies_per_s) }));
  tile('latency', millis(traffic.p99_ms), word('tile_latency_sub', { t: millis(traffic.p50_ms) }));
  const poll = finite(traffic.last_poll_age_s);
  tile('poll', poll === null ? word('none') : poll < 2 ? word('now') : word('ago', { t: wholeSpan(poll) }), null, poll > POLL_LATE_S ? 'bad' : null);
  const waiting = finite(traffic.open);
  tile('open', number(waiting), waiting === 0 ? word('tile_open_none') : word('tile_open_sub', { t: span(finite(traffic.oldest_s)) }));
}

function health(state) {
  panel('health', all(state.health), {
    key: (each) => each.component,
    template: 't-part',
    fill(row, each) {
      const level = PART_TONES.get(each.state) ?? 'wait';
      tone(row.node, level);
      attr(row.icon, 'href', SIGNS[level]);
      put(row.name, partName(each));
      put(row.state, term('state_', each.state));
      put(row.since, finite(each.since) === null ? '' : word('for_span', { t: glance((view.now - each.since) / 1000) }));
      put(row.latency, finite(each.latency_ms) === null ? '' : millis(each.latency_ms));
      put(row.note, plain(each.note));
    },
  });
}

function alerts(state) {
  const rank = (each) => (each.state === 'resolved' ? 2 : each.severity === 'page' ? 0 : 1);
  const items = all(state.alerts).sort((one, two) => rank(one) - rank(two));
  count('n-alerts', firing(state).length);
  attr(byId('p-alerts').parentElement, 'data-many', items.length > 2 ? '' : null);
  panel('alerts', items, {
    key: (each) => each.id,
    template: 't-alert',
    fill(row, each) {
      const level = each.state === 'resolved' ? 'good' : each.severity === 'page' ? 'bad' : 'warn';
      tone(row.node, level);
      attr(row.icon, 'href', SIGNS[level]);
      put(row.name, each.name);
      put(row.severity, each.state === 'resolved' ? word('alert_resolved') : term('severity_', each.severity));
      put(row.text, each.text);
      put(row.since, each.state === 'resolved' ? '' : word(known(`alert_${each.state}`) === null ? 'alert_firing' : `alert_${each.state}`, { t: clock(each.since, view.now) }));
      put(row.acked, each.acked ? `· ${word('alert_acked', { who: plain(each.acked) })}` : '');
      aim(row.ack, !each.acked && each.state !== 'resolved', each.id, plain(each.name));
    },
  });
}

const BROADCAST_TONES = new Map([['running', 'live'], ['paused', 'warn'], ['stopped', 'bad'], ['missed', 'bad']]);

function broadcasts(state) {
  panel('broadcasts', all(state.broadcasts), {
    key: (each) => each.id,
    template: 't-broadcast',
    fill(row, each) {
      const total = Math.max(1, finite(each.total) ?? 0);
      const done = finite(each.done) ?? 0;
      const lost = (finite(each.failed) ?? 0) + (finite(each.blocked) ?? 0);
      const waiting = waits('broadcast_cancel', each.id);
      const can = Array.isArray(each.may) && !waiting ? each.may : [];
      put(row.title, each.title);
      put(row.state, waiting ? word('pending') : term('bc_', each.state));
      tone(row.state, BROADCAST_TONES.get(each.state) ?? null);
      part(row.good, done / total);
      part(row.lost, lost / total);
      part(row.lost, (done - lost) / total, '--from');
      const percent = Math.min(100, Math.floor((done / total) * 100));
      attr(row.meter, 'aria-valuenow', percent);
      attr(row.meter, 'aria-label', plain(each.title));
      put(row.percent, `${number(percent)} %`);
      put(row.of, word('bc_of', { done: number(each.done), total: number(each.total) }));
      put(row.rate, each.state === 'running' ? word('bc_rate', { n: figure(each.rate) }) : '');
      put(row.left, each.state === 'running' && finite(each.left_s) !== null ? word('bc_left', { t: wholeSpan(each.left_s) }) : '');
      put(row.blocked, each.blocked > 0 ? word('bc_blocked', { n: number(each.blocked) }) : '');
      put(row.failed, each.failed > 0 ? word('bc_not', { n: number(each.failed) }) : '');
      aim(row.pause, can.includes('pause'), each.id, plain(each.title));
      aim(row.resume, can.includes('resume'), each.id, plain(each.title));
      aim(row.cancel, can.includes('cancel'), each.id, plain(each.title));
    },
  });
}

function queues(state) {
  const workers = state.workers;
  put(byId('workers'), workers ? word('workers', { busy: number(workers.busy), idle: number(workers.idle) }) : '');
  panel('queues', all(state.queues), {
    key: (each) => each.queue,
    template: 't-queue',
    fill(row, each) {
      const can = Array.isArray(each.may) ? each.may : [];
      put(row.name, each.queue);
      attr(row.name, 'title', plain(each.queue));
      show(row.paused, each.paused === true);
      for (const name of ['ready', 'scheduled', 'running', 'retry', 'dead']) {
        put(row[name], number(each[name]));
        attr(row[name], 'data-zero', each[name] === 0 ? '' : null);
      }
      tone(row.dead, each.dead > 0 ? 'bad' : null);
      put(row.oldest, each.ready > 0 || each.oldest_s > 0 ? wholeSpan(each.oldest_s) : word('none'));
      aim(row.pause, can.includes('pause'), each.queue, plain(each.queue));
      aim(row.resume, can.includes('resume'), each.queue, plain(each.queue));
    },
  });
}

function jobs(state) {
  const items = all(state.jobs);
  show(byId('jobs-part'), items.length > 0);
  list(byId('jobs'), items, {
    key: (each) => each.id,
    template: 't-job',
    fill(row, each) {
      const waiting = waits('job_cancel', each.id);
      put(row.id, word('job_n', { id: plain(each.id) }));
      put(row.task, each.task);
      put(row.queue, each.queue);
      put(row.state, waiting ? word('pending') : term('job_', each.state));
      put(row.age, wholeSpan(each.age_s));
      aim(row.cancel, !waiting && Array.isArray(each.may) && each.may.includes('cancel'), each.id, plain(each.id));
    },
  });
}

function failed(state) {
  const items = all(state.failed);
  count('n-failed', items.reduce((total, each) => total + (finite(each.count) ?? 0), 0));
  panel('failed', items, {
    key: (each) => each.group,
    template: 't-failed',
    fill(row, each) {
      const waiting = waits('group_drop', each.group);
      const ids = Array.isArray(each.jobs) ? each.jobs.map(plain) : [];
      attr(row.node, 'data-waits', waiting ? '' : null);
      put(row.error, each.error);
      put(row.count, word('jobs_n', { n: finite(each.count) ?? ids.length }));
      put(row.task, each.task);
      put(row.last, waiting ? word('pending') : word('last_at', { t: ago(each.last, view.now) }));
      list(row.jobs, ids, { key: (id) => id, template: 't-id', fill: jobLine });
      put(row.rest, each.count > ids.length ? word('and_more', { n: each.count - ids.length }) : '');
      aim(row.retry, !waiting, each.group, plain(each.error));
      aim(row.drop, !waiting, each.group, plain(each.error));
    },
  });
}

function jobLine(row, id) {
  const waiting = waits('job_drop', id);
  put(row.id, waiting ? `${word('job_n', { id })} · ${word('pending')}` : word('job_n', { id }));
  aim(row.retry, !waiting, id, id);
  aim(row.drop, !waiting, id, id);
}

function actors(state) {
  const items = all(state.actors);
  const crews = new Map();
  for (const each of items) {
    const name = plain(each.supervisor);
    if (!crews.has(name)) crews.set(name, []);
    crews.get(name).push(each);
  }
  count('n-actors', items.length);
  panel('actors', [...crews], {
    key: ([name]) => name,
    template: 't-crew',
    fill(row, [name, members]) {
      put(row.name, name);
      put(row.count, word('actors_n', { n: members.length }));
      attr(row.table, 'aria-label', name);
      list(row.rows, members, { key: (each) => each.name, template: 't-actor', fill: actor });
    },
  });
}

function actor(row, each) {
  const full = (finite(each.depth) ?? 0) / Math.max(1, finite(each.capacity) ?? 0);
  const level = each.state === 'running' ? 'good' : each.state === 'stopped' || each.state === 'failed' ? 'bad' : 'warn';
  tone(row.dot, level);
  put(row.name, each.name);
  attr(row.name, 'title', plain(each.name));
  show(row.state, each.state !== 'running');
  put(row.state, term('actor_', each.state));
  tone(row.state, level);
  part(row.bar, full);
  tone(row.bar, full >= 1 ? 'bad' : full >= NEARLY_FULL ? 'warn' : null);
  put(row.depth, word('mailbox_of', { depth: number(each.depth), capacity: number(each.capacity) }));
  put(row.wait, millis(each.wait_ms));
  put(row.handled, number(each.handled));
  put(row.restarts, number(each.restarts));
  attr(row.restarts, 'data-zero', each.restarts === 0 ? '' : null);
  tone(row.restarts, each.restarts > 0 ? 'warn' : null);
  show(row.exit, Boolean(each.last_exit));
  put(row.ended, plain(each.last_exit));
  attr(row.ended, 'title', plain(each.last_exit) || null);
  aim(row.restart, true, each.name, plain(each.name));
}

function searches(state) {
  ranks('top', all(state.searches?.top));
  ranks('empty', all(state.searches?.empty));
}

function ranks(name, items) {
  const most = Math.max(1, ...items.map((each) => finite(each.count) ?? 0));
  panel(name, items.slice(0, 10), {
    key: (each) => each.words,
    template: 't-rank',
    fill(row, each) {
      part(row.share, (finite(each.count) ?? 0) / most);
      put(row.words, each.words);
      attr(row.words, 'title', plain(each.words));
      put(row.count, number(each.count));
    },
  });
}

function errors(state) {
  const items = all(state.errors);
  count('n-errors', items.length);
  panel('errors', items, {
    key: (each) => each.group,
    template: 't-error',
    fill(row, each) {
      put(row.text, each.text);
      put(row.count, word('times', { n: finite(each.count) ?? 0 }));
      put(row.last, word('last_at', { t: ago(each.last, view.now) }));
      put(row.place, each.place);
      put(row.group, word('group', { id: plain(each.group) }));
    },
  });
}

// The state has it for owners alone.
function audit(state) {
  show(byId('p-audit'), view.role === 'owner');
  panel('audit', all(state.audit), {
    key: (each) => `${each.at} ${each.who} ${each.action} ${each.target}`,
    template: 't-audit',
    fill(row, each) {
      put(row.at, clock(each.at, view.now));
      put(row.who, each.is_erased === true ? word('audit_erased') : each.who);
      put(row.action, term('did_', each.action));
      put(row.target, each.target);
      put(row.via, term('via_', each.via));
    },
  });
}

function processFacts(state) {
  put(byId('instance'), plain(state.instance));
  put(byId('role'), term('role_', state.role));
  put(byId('version'), plain(state.version));
  put(byId('uptime'), span(finite(state.uptime_s)));
  const level = plain(state.log_level);
  put(byId('level'), level);
  show(byId('level'), !may('log_level'));
  show(byId('levels'), may('log_level'));
  for (const button of byId('levels').children) attr(button, 'aria-pressed', button.dataset.target === level);
}

// Figures of the database are greyed while it does not answer.
function freshness(state) {
  const age = storeAge(state);
  const never = age === null;
  const old = never || age > STORE_OLD_S;
  const time = never ? null : clock(state.at - age * 1000, view.now);
  for (const node of document.querySelectorAll('[data-store]')) {
    attr(node, 'data-old', old ? '' : null);
    const label = node.querySelector('.asof');
    if (label !== null) put(label, old && !never ? word('as_of', { t: time }) : '');
  }
  show(byId('away'), old);
  if (old) put(byId('away-text'), never ? word('store_never') : word('store_away', { t: time }));
}
