// The data of the page: columns of whole numbers, keys as patterns and numbers.
const raw = JSON.parse($('#data').textContent);

// col reads a column: plain, or runs of equal values. Without one it is n zeros.
function col(c, n = 0) {
  if (!c) return new Float64Array(n);
  if (Array.isArray(c)) return Float64Array.from(c);
  let total = 0;
  for (let i = 1; i < c.r.length; i += 2) total += c.r[i];
  const out = new Float64Array(total);
  for (let i = 0, at = 0; i < c.r.length; i += 2) { out.fill(c.r[i], at, at + c.r[i + 1]); at += c.r[i + 1]; }
  return out;
}

// sums reads a column of differences.
function sums(c, n = 0) {
  const out = col(c, n);
  for (let i = 1; i < out.length; i++) out[i] += out[i - 1];
  return out;
}

const patterns = [];
for (let i = 0, last = ''; i < (raw.patterns || []).length; i += 2) patterns.push(last = last.slice(0, raw.patterns[i]) + raw.patterns[i + 1]);

// keys reads the columns of keys into a function of the row; no key is ''.
function keys(k, n) {
  const p = col(k.p, n), number = sums(k.n, n);
  return (i) => p[i] < 0 ? '' : patterns[p[i]].replace('\u0000', () => String(number[i]));
}

function readSlots(s) {
  const start = col(s.s), length = col(s.d), out = new Float64Array(start.length);
  for (let i = 0, end = 0, at = 0; i < start.length; i++) {
    start[i] += end;
    end = start[i] + length[i];
    out[i] = at; // where it is in the output
    at += length[i];
  }
  const flag = (c) => new Set(col(c));
  return { n: start.length, start, length, out, disc: flag(s.disc), join: flag(s.join) };
}

function readDropped(x, session, rendition) {
  const reason = col(x.r), n = reason.length;
  return {
    n, reason, rendition, session,
    on: col(x.on, n), start: col(x.s, n), length: col(x.d, n), writer: col(x.w, n), seq: sums(x.seq, n), has: col(x.has, n), why: col(x.why, n),
    size: col(x.size, n), up: col(x.up, n), left: col(x.left, n), mp4: col(x.mp4, n), store: col(x.st, n), key: keys(x.k, n), kept: keys(x.kept, n),
  };
}

function readRendition(q, session, shared) {
  const slot = sums(q.slot), n = slot.length, slots = q.slots ? readSlots(q.slots) : shared;
  const length = col(q.d, n), start = new Float64Array(n), up = col(q.up, n), row = new Int32Array(slots.n).fill(-1);
  for (let i = 0; i < n; i++) {
    const k = slot[i];
    start[i] = slots.start[k];
    length[i] += slots.length[k];
    up[i] += slots.start[k] + slots.length[k];
    row[k] = i;
  }
  return {
    name: q.name, n, slots, slot, row, start, length, up, writer: col(q.w, n), seq: sums(q.seq, n), source: col(q.src, n), size: col(q.size, n),
    store: col(q.st, n), offset: col(q.off, n), part: col(q.part, n), key: keys(q.k, n), dropped: readDropped(q.x, session, q.name),
  };
}

const sessions = (raw.sessions || []).map((s) => {
  let read = null; // a page may have many sessions: each is read when it is wanted
  return {
    id: s.id, at: s.at, length: s.len, keeps: !!s.keeps, holes: s.holes || [],
    get body() {
      if (!read) {
        const slots = readSlots(s.slots);
        read = { slots, renditions: s.renditions.map((q) => readRendition(q, s.id, slots)) };
      }
      return read;
    },
  };
});

const MARK = { identical: 'copy', duplicate: 'copy', truncated: 'short', partial: 'lap', overlap: 'lap', late: 'late', temporary: 'out', tombstone: 'out', excluded: 'out' };
const markOf = (reason) => MARK[reason] || 'bad';
