// Lines over time, drawn as SVG: throughput, time to reply and broadcasts over one common time.
//
// Invariants: a gap in the figures is a gap in the line; the scales begin at zero; all charts read
// the same moment, by pointer or by arrow keys. Colours and strokes are the style sheet's.

import { attr, put, show, stamp, svg, translate } from './dom.js';
import { clock, figure, finite, millis, minute, number, plain, word } from './words.js';

const HEIGHT = 190;
const PAD = { left: 44, right: 12, top: 14, bottom: 24 };
const KEEP_MS = 21 * 60_000;
const MARKS_KEPT = 100;

const CHARTS = [
  { name: 'traffic', unit: 'per_second', floor: 1, series: ['in', 'out'], peak: 'in', write: figure },
  { name: 'latency', unit: 'milliseconds', floor: 10, series: ['p50', 'p99'], peak: 'p99', write: millis },
  { name: 'broadcast', unit: 'per_second', floor: 1, series: ['bc'], peak: 'bc', write: figure },
];

let step = 5000;
let points = [];
let marks = [];
let range = 0;
let picked = null; // The time that is read, or null for the newest.
let bucket = null;
let known = null;
const plots = [];

export function build(host, minutes) {
  range = minutes * 60_000;
  for (const chart of CHARTS) {
    const plot = { ...stamp('t-plot'), chart, width: 0 };
    plot.series = chart.series.map((name) => {
      const row = stamp('t-series');
      row.key.setAttribute('class', `line ${name}`);
      plot.legend.append(row.node);
      const area = svg('path', { class: `area ${name}` });
      const line = svg('path', { class: `line ${name}` });
      plot.lines.append(area, line);
      return { ...row, field: name, area, line };
    });
    plot.rule = svg('line', { class: 'rule', y1: PAD.top, y2: HEIGHT - PAD.bottom });
    plot.cursor.append(plot.rule);
    plot.dots = plot.series.map((series) => svg('circle', { r: 3.5, class: `spot ${series.field}` }));
    plot.cursor.append(...plot.dots);
    attr(plot.svg, 'height', HEIGHT);
    host.append(plot.node);
    listen(plot);
    plots.push(plot);
  }
  new ResizeObserver(() => draw()).observe(host);
}

function listen(plot) {
  const field = plot.field;
  const point = (event) => {
    const box = field.getBoundingClientRect();
    const [from, to] = span();
    const share = (event.clientX - box.left - PAD.left) / Math.max(1, box.width - PAD.left - PAD.right);
    pick(nearest(from + share * (to - from)));
  };
  field.addEventListener('pointermove', point);
  field.addEventListener('pointerdown', point);
  field.addEventListener('pointerleave', () => pick(null));
  field.addEventListener('blur', () => pick(null));
  field.addEventListener('keydown', (event) => {
    const shown = seen();
    if (shown.length === 0) return;
    const here = picked === null ? shown.length - 1 : Math.max(0, shown.findIndex((each) => each.t >= picked));
    const far = Math.max(1, Math.round(shown.length / 10));
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -far, PageUp: far };
    let next = null;
    if (Object.hasOwn(steps, event.key)) next = here + steps[event.key];
    else if (event.key === 'Home') next = 0;
    else if (event.key === 'End') next = shown.length - 1;
    else if (event.key === 'Escape') return pick(null);
    if (next === null) return;
    event.preventDefault();
    pick(shown[Math.min(shown.length - 1, Math.max(0, next))].t);
  });
}

// What the server remembers takes the place of what the page has gathered.
export function load(history) {
  step = Math.max(1000, (finite(history?.step_s) ?? 5) * 1000);
  points = (some(history?.points))
    .filter((each) => finite(each?.t) !== null)
    .sort((one, two) => one.t - two.t);
  marks = (some(history?.marks)).filter((each) => finite(each?.t) !== null);
  bucket = null;
  known = null;
  draw();
}

// Goes on from the stream: the mean of a step for rates, the newest for times.
export function extend(state) {
  note(state);
  const t = Math.floor(state.at / step) * step;
  const traffic = state.traffic ?? {};
  const sent = finite(traffic.broadcast_per_s) ?? rates(state.broadcasts);
  const reading = { in: traffic.updates_per_s, out: traffic.replies_per_s, p50: traffic.p50_ms, p99: traffic.p99_ms, bc: sent };
  if (bucket === null || bucket.t !== t) {
    const last = points.at(-1);
    if (last !== undefined && t <= last.t) return;
    bucket = { t, n: 0, in: null, out: null, p50: null, p99: null, bc: null };
    points.push(bucket);
  }
  bucket.n += 1;
  for (const name of ['in', 'out', 'bc']) {
    const value = finite(reading[name]);
    if (value !== null) bucket[name] = (bucket[name] ?? value) + (value - (bucket[name] ?? value)) / bucket.n;
  }
  bucket.p50 = finite(reading.p50);
  bucket.p99 = finite(reading.p99);
  while (points.length > 0 && points[0].t < t - KEEP_MS) points.shift();
  if (!document.hidden) draw();
}

function rates(broadcasts) {
  if (!Array.isArray(broadcasts)) return null;
  return broadcasts.reduce((sum, each) => sum + (finite(each?.rate) ?? 0), 0);
}

function some(value) {
  return Array.isArray(value) ? value : [];
}

// New alerts and restarts since the state before become marks.
function note(state) {
  const now = { alerts: new Set(), restarts: new Map() };
  for (const each of some(state.alerts)) now.alerts.add(each?.id);
  for (const each of some(state.actors)) now.restarts.set(each?.name, finite(each?.restarts) ?? 0);
  if (known !== null) {
    for (const each of some(state.alerts)) {
      if (!known.alerts.has(each?.id)) marks.push({ t: state.at, kind: 'alert', text: plain(each?.name) });
    }
    for (const [name, count] of now.restarts) {
      if (count > (known.restarts.get(name) ?? count)) marks.push({ t: state.at, kind: 'restart', text: plain(name) });
    }
  }
  known = now;
  marks = marks.slice(-MARKS_KEPT);
}

export function setRange(minutes) {
  range = minutes * 60_000;
  picked = null;
  draw();
}

export function speakAgain() {
  for (const plot of plots) translate(plot.node);
  draw();
}

function span() {
  const to = points.at(-1)?.t ?? Date.now();
  const first = points.at(0)?.t ?? to;
  // A young history fills the chart from the left only as far as it goes, but never less than two minutes.
  return [Math.max(to - range, Math.min(first, to - 120_000)), to];
}

function seen() {
  const [from] = span();
  return points.filter((each) => each.t >= from);
}

function nearest(time) {
  let best = null;
  for (const each of seen()) {
    if (best === null || Math.abs(each.t - time) < Math.abs(best - time)) best = each.t;
  }
  return best;
}

function pick(time) {
  if (picked === time) return;
  picked = time;
  draw();
}

// Steps of a scale that people count in.
function ticks(top, count) {
  const raw = top / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const size = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw - 1e-9);
  const all = [];
  for (let at = 0; at <= top + size * 0.001 || all.length < 2; at += size) all.push(at);
  if (all.at(-1) < top) all.push(all.at(-1) + size);
  return all;
}

const TIME_STEPS = [15, 30, 60, 120, 300, 600].map((each) => each * 1000);

function draw() {
  const [from, to] = span();
  const shown = seen();
  const near = marks.filter((each) => each.t >= from && each.t <= to + step);
  for (const plot of plots) drawOne(plot, shown, near, from, to);
}

function drawOne(plot, shown, near, from, to) {
  const width = Math.max(200, Math.round(plot.field.clientWidth));
  if (plot.width !== width) {
    plot.width = width;
    attr(plot.svg, 'width', width);
    attr(plot.svg, 'viewBox', `0 0 ${width} ${HEIGHT}`);
  }
  const { chart } = plot;
  const values = shown.flatMap((each) => chart.series.map((name) => finite(each[name]) ?? 0));
  const scale = ticks(Math.max(chart.floor, Math.max(0, ...values) * 1.02), 4);
  const top = scale.at(-1);
  const x = (t) => PAD.left + ((t - from) / Math.max(1, to - from)) * (width - PAD.left - PAD.right);
  const y = (v) => HEIGHT - PAD.bottom - (v / top) * (HEIGHT - PAD.top - PAD.bottom);
  put(plot.title, word(`chart_${chart.name}`));
  put(plot.unit, word(chart.unit));
  show(plot.none, shown.filter((each) => chart.series.some((name) => finite(each[name]) !== null)).length < 2);
  drawGrid(plot, scale, from, to, x, y, width);
  for (const series of plot.series) drawSeries(series, shown, x, y);
  drawMarks(plot, near, x);
  drawReading(plot, shown, near, x, y);
}

function drawGrid(plot, scale, from, to, x, y, width) {
  const parts = [];
  const digits = scale[1] < 0.1 ? 2 : scale[1] < 1 ? 1 : 0;
  for (const value of scale) {
    parts.push(['line', { x1: PAD.left, x2: width - PAD.right, y1: y(value), y2: y(value), class: value === 0 ? 'axis' : 'grid' }]);
    parts.push(['text', { x: PAD.left - 8, y: y(value) + 4, class: 'label end' }, axis(value, digits)]);
  }
  const size = TIME_STEPS.find((each) => (to - from) / each <= Math.max(2, width / 90)) ?? TIME_STEPS.at(-1);
  for (let t = Math.ceil(from / size) * size; t <= to; t += size) {
    const at = x(t);
    if (at < PAD.left + 14 || at > width - PAD.right - 4) continue;
    parts.push(['line', { x1: at, x2: at, y1: y(0), y2: y(0) + 4, class: 'axis' }]);
    parts.push(['text', { x: at, y: HEIGHT - 6, class: 'label mid' }, size < 60_000 ? clock(t) : minute(t)]);
  }
  reuse(plot.grid, parts);
}

function axis(value, digits) {
  return value >= 10_000 ? `${figure(value / 1000)}k` : number(value, value === 0 ? 0 : digits);
}

// Takes the nodes that are there for the parts that are wanted.
function reuse(host, parts) {
  parts.forEach(([name, attributes, text], index) => {
    let node = host.children[index];
    if (node === undefined || node.localName !== name) {
      const fresh = svg(name);
      if (node === undefined) host.append(fresh);
      else node.replaceWith(fresh);
      node = fresh;
    }
    for (const [key, value] of Object.entries(attributes)) {
      attr(node, key, typeof value === 'number' ? Math.round(value * 10) / 10 : value);
    }
    if (text !== undefined) put(node, text);
  });
  while (host.children.length > parts.length) host.lastElementChild.remove();
}

function drawSeries(series, shown, x, y) {
  let line = '';
  let area = '';
  let run = [];
  const close = () => {
    if (run.length > 0) {
      const path = run.map(([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`).join('L');
      line += `M${path}`;
      if (run.length === 1) line += 'h.1';
      area += `M${run[0][0].toFixed(1)} ${y(0).toFixed(1)}L${path}L${run.at(-1)[0].toFixed(1)} ${y(0).toFixed(1)}Z`;
    }
    run = [];
  };
  let before = null;
  for (const each of shown) {
    const value = finite(each[series.field]);
    if (value === null || (before !== null && each.t - before > step * 3)) close();
    if (value !== null) run.push([x(each.t), y(Math.max(0, value))]);
    before = each.t;
  }
  close();
  attr(series.line, 'd', line);
  attr(series.area, 'd', area);
}

function drawMarks(plot, near, x) {
  const parts = [];
  for (const mark of near) {
    const kind = mark.kind === 'alert' ? 'alert' : 'restart';
    const at = x(mark.t);
    parts.push(['line', { x1: at, x2: at, y1: PAD.top, y2: HEIGHT - PAD.bottom, class: `mark ${kind}` }]);
    const sign = kind === 'alert' ? `M${at - 5} 11h10l-5 -9z` : `M${at - 4.5} 2.5h9v8h-9z`;
    parts.push(['path', { d: sign, class: `sign ${kind}` }]);
  }
  reuse(plot.marks, parts);
}

function drawReading(plot, shown, near, x, y) {
  const at = picked === null ? shown.at(-1) : shown.find((each) => each.t >= picked) ?? shown.at(-1);
  attr(plot.cursor, 'class', picked !== null && at !== undefined ? '' : 'gone');
  plot.series.forEach((series, index) => {
    const value = at === undefined ? null : finite(at[series.field]);
    put(series.name, word(`series_${series.field}`));
    put(series.value, plot.chart.write(value));
    attr(plot.dots[index], 'class', `spot ${series.field}${value === null ? ' gone' : ''}`);
    if (value !== null) {
      attr(plot.dots[index], 'cx', x(at.t).toFixed(1));
      attr(plot.dots[index], 'cy', y(Math.max(0, value)).toFixed(1));
    }
  });
  const told = [];
  if (at !== undefined) {
    attr(plot.rule, 'x1', x(at.t).toFixed(1));
    attr(plot.rule, 'x2', x(at.t).toFixed(1));
    if (picked !== null) {
      told.push(clock(at.t));
      const reach = Math.max(step, ((shown.at(-1).t - shown[0].t) / Math.max(1, plot.width)) * 6);
      for (const mark of near) {
        if (Math.abs(mark.t - at.t) <= reach) told.push(word(mark.kind === 'alert' ? 'mark_alert' : 'mark_restart', { text: plain(mark.text) }));
      }
    }
  }
  const peak = Math.max(...shown.map((each) => finite(each[plot.chart.peak]) ?? -1));
  put(plot.reading, told.length > 0 ? told.join(' · ') : peak >= 0 ? word('highest', { n: plot.chart.write(peak) }) : '');
  describe(plot, shown, at, told);
}

function describe(plot, shown, at, told) {
  const values = plot.series.map((series) => `${word(`series_${series.field}`)} ${plot.chart.write(at === undefined ? null : finite(at[series.field]))}`);
  attr(plot.field, 'aria-label', `${word(`chart_${plot.chart.name}`)}, ${word(plot.chart.unit)}: ${word('chart_keys')}`);
  attr(plot.field, 'aria-valuemax', Math.max(0, shown.length - 1));
  attr(plot.field, 'aria-valuenow', at === undefined ? 0 : shown.indexOf(at));
  // Only what is read by keys is spoken; the newest value would be spoken every second.
  if (picked !== null || document.activeElement !== plot.field) {
    attr(plot.field, 'aria-valuetext', [...(told.length > 0 ? told : [clock(at?.t)]), ...values].join(', '));
  }
}
