// Lanes: for each rendition what the recording has, and under it what each writer
// sent. An item of a lane is found by its place, not by an element of the page.
const LANE = { result: 22, writer: 12, gap: 4, group: 12, axis: 24, most: 5 };

// chosenLane has an item for each slot of a rendition.
function chosenLane(s, q) {
  const { slots } = q;
  if (!q.n) return { kind: 'result', q, n: 0, start: new Float64Array(0), length: new Float64Array(0), item: () => ({ gap: true }), color: () => 'gap', high: LANE.result, none: true };
  const item = (i) => q.row[i] < 0 ? { gap: true, slot: i } : { row: q.row[i], slot: i };
  return { kind: 'result', q, n: slots.n, start: slots.start, length: slots.length, item, color: (i) => q.row[i] < 0 ? 'gap' : 'w' + s.color(q.writer[q.row[i]]), high: LANE.result };
}

// writerLanes has a lane for each writer of a rendition. Many writers share lanes:
// one goes where it begins after what is there has ended.
function writerLanes(s, q) {
  const by = new Map();
  const of = (w) => { if (!by.has(w)) by.set(w, []); return by.get(w); };
  for (let i = 0; i < q.n; i++) of(q.writer[i]).push([q.start[i], q.length[i], i]);
  const x = q.dropped;
  for (let j = 0; j < x.n; j++) if (x.on[j]) of(x.writer[j]).push([x.start[j], x.length[j], -1 - j]);
  for (const list of by.values()) list.sort((a, b) => a[0] - b[0]);
  const all = Array.from(by).map(([w, list]) => ({ writers: [w], list, from: list[0][0], end: list.reduce((m, r) => Math.max(m, r[0] + r[1]), -Infinity) }));
  all.sort((a, b) => a.from - b.from || a.writers[0] - b.writers[0]);
  let lanes = all;
  if (all.length > LANE.most) {
    lanes = [];
    for (const one of all) {
      let to = lanes.find((l) => l.end <= one.from);
      if (!to && lanes.length >= LANE.most) to = lanes.reduce((a, b) => a.end <= b.end ? a : b);
      if (!to) { lanes.push({ ...one, list: one.list.slice() }); continue; }
      to.writers = to.writers.concat(one.writers);
      to.end = Math.max(to.end, one.end);
      for (const r of one.list) to.list.push(r);
    }
    for (const l of lanes) l.list.sort((a, b) => a[0] - b[0]);
  }
  return lanes.map(({ writers, list }) => {
    const start = Float64Array.from(list, (r) => r[0]), length = Float64Array.from(list, (r) => r[1]), ref = Int32Array.from(list, (r) => r[2]);
    return {
      kind: 'writer', q, writers, n: list.length, start, length, high: LANE.writer,
      item: (i) => ref[i] < 0 ? { drop: -1 - ref[i] } : { row: ref[i], slot: q.slot[ref[i]] },
      color: (i) => ref[i] < 0 ? markOf(raw.reasons[x.reason[-1 - ref[i]]]) : 'w' + s.color(q.writer[ref[i]]),
    };
  });
}

// layOut gives all lanes of a session with their heights. closed are the renditions
// whose writers are folded away.
function layOut(session, closed) {
  const s = { color: colors(session) };
  const lanes = [], labels = [];
  let y = LANE.axis + 4;
  session.body.renditions.forEach((q, at) => {
    const result = chosenLane(s, q);
    Object.assign(result, { y, at });
    lanes.push(result);
    labels.push({ y: y, text: q.name, at, closed: closed.has(at) });
    y += LANE.result + LANE.gap;
    if (!closed.has(at)) {
      for (const lane of writerLanes(s, q)) {
        Object.assign(lane, { y, at });
        lanes.push(lane);
        const name = lane.writers.length === 1 ? raw.writers[lane.writers[0]] : lane.writers.length + ' writers';
        labels.push({ y: y - 1, text: name, color: lane.writers.length === 1 ? s.color(lane.writers[0]) : -1 });
        y += LANE.writer + LANE.gap;
      }
    }
    y += LANE.group;
  });
  return { lanes, labels, height: y };
}

// colors gives each writer of a session a colour, in the order in which they come.
function colors(session) {
  const at = new Map();
  const add = (w) => { if (!at.has(w)) at.set(w, at.size % 8); };
  for (const q of session.body.renditions) q.writer.forEach(add);
  for (const q of session.body.renditions) q.dropped.writer.forEach(add);
  return (w) => at.get(w) || 0;
}

// first is the first item of a lane that may reach beyond a time. Items are in order
// of their start; widest bounds how far back one may begin.
function first(lane, t) {
  if (lane.widest === undefined) lane.widest = lane.length.reduce((m, d) => Math.max(m, d), 0);
  let lo = 0, hi = lane.n;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (lane.start[mid] < t - lane.widest) lo = mid + 1; else hi = mid;
  }
  return lo;
}

// hit is the item of a lane at a time, of several the last, or else the nearest within
// reach; -1: none.
function hit(lane, t, reach) {
  let best = -1, near = reach;
  for (let i = first(lane, t - reach); i < lane.n && lane.start[i] <= t + reach; i++) {
    const from = lane.start[i], to = from + lane.length[i];
    const away = t < from ? from - t : t > to ? t - to : -1;
    if (away < 0 || near >= 0 && away < near) { best = i; near = away; }
  }
  return best;
}

// CLASSES are those that an item may have; a lane holds the number of each item's.
const CLASSES = ['w0', 'w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'gap', 'copy', 'short', 'lap', 'late', 'out', 'bad'];

function classes(lane) {
  if (!lane.classes) {
    lane.classes = new Uint8Array(lane.n);
    for (let i = 0; i < lane.n; i++) lane.classes[i] = CLASSES.indexOf(lane.color(i));
  }
  return lane.classes;
}
