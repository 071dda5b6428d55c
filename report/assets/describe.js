// What is said of a segment: in the tooltip, to a screen reader.

function place(session, t) { return utc(session.at + Math.round(t)) + ' (' + (t < 0 ? '' : '+') + clock(t) + ')'; }

function describe(session, lane, i) {
  const item = lane.item(i);
  if (item.gap) return describeGap(session, lane, i);
  return item.drop === undefined ? describeRow(session, lane.q, item.row) : describeDropped(session, lane.q.dropped, item.drop);
}

function describeRow(session, q, i) {
  const rows = [
    ['key', q.key(i)],
    ['store', raw.stores[q.store[i]]],
    ['writer', raw.writers[q.writer[i]] + ', number ' + q.seq[i]],
    ['starts', place(session, q.start[i])],
    ['duration', clock(q.length[i]) + ' (' + raw.sources[q.source[i]] + ')'],
    ['size', bytes(q.part[i] || q.size[i])],
    ['uploaded', utc(session.at + q.start[i] + q.length[i] + uploadLag(q, i)) + ', ' + after(uploadLag(q, i))],
  ];
  if (q.part[i]) rows.splice(6, 0, ['part', groups(q.part[i]) + ' B at ' + groups(q.offset[i]) + ' of ' + groups(q.size[i])]);
  const k = q.slot[i];
  if (q.slots.join.has(k)) rows.push(['before it', 'discontinuity: media does not continue']);
  else if (q.slots.disc.has(k)) rows.push(['before it', 'discontinuity']);
  return { title: q.name + ': in the recording', mark: 'chosen', rows, key: q.key(i), reason: '' };
}

// after says how long after the end of a segment something was, or before it.
const after = (ms) => spoken(Math.abs(ms)) + (ms < 0 ? ' before its end' : ' after its end');
const uploadLag = (q, i) => q.up[i] - q.start[i] - q.length[i];

function describeDropped(session, x, j) {
  const reason = raw.reasons[x.reason[j]], kept = x.kept(j), why = raw.whys[x.why[j]];
  const rows = [['key', x.key(j)], ['store', raw.stores[x.store[j]]], ['writer', raw.writers[x.writer[j]] + (x.has[j] ? ', number ' + x.seq[j] : '')]];
  if (session && x.on[j]) rows.push(['starts', 'about ' + place(session, x.start[j])], ['duration', 'about ' + clock(x.length[j])]);
  rows.push(['size', bytes(x.size[j])], ['uploaded', utc((session ? session.at : 0) + x.up[j])], ['reason', reason + ': ' + raw.means[x.reason[j]]]);
  if (kept) rows.push(['kept instead', kept]);
  if (why) rows.push(['why', why]);
  if (x.mp4[j]) rows.push(['an MP4 takes', spoken(x.mp4[j]) + ' of it']);
  rows.push(['leftover', x.left[j] ? 'yes: --delete leftovers may delete it' : 'no: it is never deleted']);
  return { title: x.rendition + ': dropped, ' + reason, mark: markOf(reason), rows, key: x.key(j), reason };
}

function describeGap(session, lane, i) {
  return {
    title: lane.q.name + ': GAP', mark: 'gap', key: '', reason: 'gap',
    rows: [['starts', place(session, lane.start[i])], ['duration', clock(lane.length[i])], ['what', 'this rendition has no segment here; others do']],
  };
}

function describeHole(session, h) {
  return { title: 'Hole', mark: 'hole', key: '', reason: 'hole', rows: [['starts', place(session, h.s)], ['missing', spoken(h.d)], ['what', 'no rendition has anything here']] };
}

const inWords = (d) => d.title + '. ' + d.rows.map(([k, v]) => k + ' ' + v).join('. ');
