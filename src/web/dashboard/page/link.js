// The way to the server: what is asked once, the stream of figures, and actions.
//
// Invariants: nothing is asked of another origin; a hidden page holds no stream; each failed try
// doubles the time to the next one, from one second to thirty; whatever is not an answer of the
// expected shape counts as no answer.

const QUIET_MS = 10_000; // The server sends once a second: so long a silence is a dead line.
const LONGEST_S = 30;
const PATIENCE_MS = 10_000;

export class Refused extends Error {
  constructor(status) {
    super(`status ${status}`);
    this.status = status;
  }
}

export async function ask(path, signal) {
  const answer = await fetch(path, { headers: { accept: 'application/json' }, signal });
  if (!answer.ok) throw new Refused(answer.status);
  return answer.json();
}

// Carries out an action. Gives the server's answer, or throws Refused (status 0: nobody reached).
export async function act(action, target, csrf) {
  let answer;
  try {
    answer = await fetch('/api/v1/actions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf': csrf },
      body: JSON.stringify({ action, target }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new Refused(0);
  }
  if (!answer.ok) throw new Refused(answer.status);
  return answer.json().catch(() => ({}));
}

export async function leave(csrf) {
  await fetch('/api/v1/leave', { method: 'POST', headers: { 'x-csrf': csrf } });
}

// Keeps a stream open while the page is seen. Tells through `on`:
// on.first(signal) - asked before each stream; throws if the server cannot be reached or refuses;
// on.state(object) - figures; on.status('connecting' | 'live' | 'lost' | 'paused' | 'out', detail).
export class Line {
  #on;
  #source = null;
  #watch = 0;
  #timer = 0;
  #fails = 0;
  #asked = new AbortController();

  constructor(on) {
    this.#on = on;
    document.addEventListener('visibilitychange', () => (document.hidden ? this.#rest() : this.open()));
    window.addEventListener('online', () => this.open());
  }

  // Tries now. What was open, asked or planned is given up.
  async open() {
    this.#shut();
    if (document.hidden) return this.#on.status('paused', {});
    this.#on.status(this.#fails === 0 ? 'connecting' : 'lost', { next: null });
    const asked = new AbortController();
    this.#asked = asked;
    this.#timer = setTimeout(() => asked.abort(), PATIENCE_MS);
    try {
      await this.#on.first(asked.signal);
    } catch (error) {
      if (this.#asked === asked) this.#failed(error);
      return;
    }
    if (this.#asked === asked) this.#listen();
  }

  stop() {
    this.#shut();
  }

  #rest() {
    this.#shut();
    this.#on.status('paused', {});
  }

  #shut() {
    const asked = this.#asked;
    this.#asked = new AbortController();
    asked.abort();
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
  }

  #listen() {
    const source = new EventSource('/api/v1/stream');
    this.#source = source;
    clearTimeout(this.#timer);
    this.#expect();
    source.addEventListener('state', (event) => {
      let state;
      try {
        state = JSON.parse(event.data);
      } catch {
        return;
      }
      if (state === null || typeof state !== 'object') return;
      this.#fails = 0;
      this.#expect();
      this.#on.status('live', {});
      this.#on.state(state);
    });
    source.addEventListener('bye', () => this.#failed(null, true));
    source.addEventListener('error', () => this.#failed(null));
  }

  #expect() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#failed(null), QUIET_MS);
  }

  #failed(error, bye = false) {
    this.#shut();
    if (document.hidden) return;
    if (error instanceof Refused && error.status === 401) {
      this.#on.status('out', {});
      return;
    }
    const seconds = Math.min(LONGEST_S, 2 ** this.#fails);
    // Pages that lost the same server do not come back at the same moment.
    const wait = Math.round(seconds * 1000 * (0.8 + 0.4 * Math.random()));
    this.#fails += 1;
    this.#timer = setTimeout(() => this.open(), wait);
    this.#on.status('lost', { next: Date.now() + wait, bye });
  }
}
