// The timeline: one session at a time, drawn anew with every move, of which only
// what is in view and wide enough to be seen becomes shapes.
const NS = 'http://www.w3.org/2000/svg';

function svg(name, attrs = {}, ...children) {
  const e = document.createElementNS(NS, name);
  for (const [k, v] of Object.entries(attrs)) e.setAttribute(k, v);
  e.append(...children);
  return e;
}

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5, 216e5, 432e5, 864e5, 1728e5, 6048e5];
const DETAIL = 420; // as many items get an element each

class Timeline {
  constructor(box) {
    this.box = box;
    this.tip = $('#tooltip');
    this.live = $('#live');
    this.labels = el('div', { className: 'labels' });
    this.focusRect = svg('rect', { class: 'seg', id: 'segment-focus', 'data-testid': 'segment-focus', tabindex: 0, role: 'img', rx: 2 });
    this.hot = svg('rect', { class: 'hot', rx: 2 });
    this.layer = svg('g');
    this.cursorLine = svg('path', { class: 'cursor', 'data-testid': 'cursor' });
    this.svg = svg('svg', { role: 'application', 'aria-roledescription': 'timeline', 'data-testid': 'plot-svg' }, this.layer, this.hot, this.cursorLine, this.focusRect);
    this.mini = svg('svg', { height: 30, 'aria-hidden': 'true', 'data-testid': 'mini' });
    this.caption = el('p', { className: 'now' });
    this.caption.dataset.testid = 'view';
    const miniBox = el('div', { className: 'mini' });
    miniBox.append(this.mini);
    box.append(this.labels, this.svg, miniBox, this.caption);
    this.pointers = new Map();
    this.cursor = null;
    this.seek = null; // of the player: (session, time)
    this.listen();
  }

  // show draws a session.
  show(at) {
    this.at = at;
    this.session = sessions[at];
    const all = layOut(this.session, new Set());
    this.closed = new Set(all.lanes.length > 20 ? this.session.body.renditions.map((_, i) => i).slice(1) : []);
    this.from0 = 0;
    this.to0 = Math.max(this.session.length, 1);
    // What came much later or earlier can be zoomed out to, and squeezes nothing.
    const near = this.to0 / 4, fit = { from: 0, to: this.to0 };
    for (const lane of all.lanes) {
      for (let i = 0; i < lane.n; i++) {
        const from = lane.start[i], to = from + lane.length[i];
        this.from0 = Math.min(this.from0, from);
        this.to0 = Math.max(this.to0, to);
        if (from >= -near) fit.from = Math.min(fit.from, from);
        if (to <= this.session.length + near) fit.to = Math.max(fit.to, to);
      }
    }
    const pad = (fit.to - fit.from) * 0.008;
    this.from0 -= pad;
    this.to0 += pad;
    this.fitted = { from: fit.from - pad, to: fit.to + pad };
    this.relay();
    this.focus = this.begin();
    const q = this.session.body.renditions.length;
    this.svg.setAttribute('aria-label', 'Timeline of session ' + this.session.id + ': ' + spoken(this.session.length) + ' in ' + q + (q === 1 ? ' rendition' : ' renditions') + '. Arrow keys move between segments and lanes.');
    this.fit();
  }

  // relay lays the lanes out anew, as after folding.
  relay() {
    const { lanes, labels, height } = layOut(this.session, this.closed);
    Object.assign(this, { lanes, height });
    this.labels.style.height = height + 'px';
    this.svg.setAttribute('height', height);
    this.labels.replaceChildren(...labels.map((l) => {
      const span = el('span', { className: l.at === undefined ? 'w c' + l.color : 'q', title: l.text });
      span.style.top = l.y + 'px';
      if (l.at === undefined) span.append(el('i'), el('bdi', {}, l.text));
      else {
        const b = el('button', { type: 'button' }, el('bdi', {}, l.text));
        b.setAttribute('aria-expanded', String(!l.closed));
        b.addEventListener('click', () => { this.closed.has(l.at) ? this.closed.delete(l.at) : this.closed.add(l.at); this.relay(); this.focus = this.begin(); this.draw(); $$('button', this.labels)[l.at]?.focus(); });
        span.append(b);
      }
      return span;
    }));
  }

  // begin is where the focus is at first: the first lane may have nothing.
  begin() { return { lane: Math.max(0, this.lanes.findIndex((l) => l.n)), i: 0 }; }

  get width() { return Math.max(this.svg.clientWidth, 50); }
  x(t) { return (t - this.from) * this.width / (this.to - this.from); }
  t(x) { return this.from + x * (this.to - this.from) / this.width; }

  fit() { this.view(this.fitted.from, this.fitted.to); }

  // view shows a stretch, within what there is.
  view(from, to) {
    const all = this.to0 - this.from0, span = Math.min(Math.max(to - from, Math.min(200, all)), all);
    from = Math.min(Math.max(from + (to - from - span) / 2, this.from0), this.to0 - span);
    this.from = from;
    this.to = from + span;
    this.later();
  }

  zoom(by, x = this.width / 2) {
    const t = this.t(x), span = (this.to - this.from) / by;
    const all = this.to0 - this.from0, wide = Math.min(Math.max(span, Math.min(200, all)), all);
    this.view(t - wide * x / this.width, t + wide * (1 - x / this.width));
  }

  pan(px) { const d = px * (this.to - this.from) / this.width; this.view(this.from + d, this.to + d); }

  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => { this.waiting = false; this.draw(); });
  }

  draw() {
    const w = this.width, parts = [];
    this.svg.setAttribute('viewBox', '0 0 ' + w + ' ' + this.height);
    parts.push(...this.axis(w));
    let visible = 0;
    for (const lane of this.lanes) {
      lane.first = first(lane, this.from);
      let last = lane.first;
      for (let hi = lane.n; last < hi;) { const mid = (last + hi) >> 1; if (lane.start[mid] <= this.to) last = mid + 1; else hi = mid; }
      lane.last = last;
      visible += last - lane.first;
    }
    const detail = visible <= DETAIL;
    for (const lane of this.lanes) this.lane(lane, detail, parts);
    this.layer.replaceChildren(...parts);
    this.layer.dataset.detail = String(detail);
    this.place();
    this.drawMini();
    this.caption.textContent = utc(this.session.at + Math.round(this.from)).replace(/\.\d+/, '') + ' – ' + utc(this.session.at + Math.round(this.to)).replace(/\.\d+/, '').slice(11) + ', ' + spoken(this.to - this.from).replace(/(\.\d)\d+ s$/, '$1 s') + ' in view';
  }

  axis(w) {
    const step = STEPS.find((s) => s * w / (this.to - this.from) >= 84) || STEPS[STEPS.length - 1];
    const at = this.session.at, out = [], grid = [];
    for (let u = Math.ceil((at + this.from) / step) * step; u <= at + this.to; u += step) {
      const x = this.x(u - at), iso = new Date(u).toISOString();
      if (x < 0 || x > w) continue;
      grid.push('M' + x.toFixed(1) + ' ' + (LANE.axis - 4) + 'V' + this.height);
      const text = step >= 864e5 ? iso.slice(5, 10) : step >= 6e4 ? (u % 864e5 === 0 ? iso.slice(5, 10) : iso.slice(11, 16)) : step >= 1e3 ? iso.slice(11, 19) : iso.slice(14, 23);
      out.push(svg('text', { x: Math.min(Math.max(x, 30), w - 30).toFixed(1), y: 13, 'text-anchor': 'middle' }, text));
    }
    return [svg('path', { class: 'grid', d: grid.join('') }), ...out];
  }

  // lane draws one lane: shapes that touch and look alike are one.
  lane(lane, detail, parts) {
    const cls = classes(lane), runs = new Map(), { y, high } = lane, labels = [];
    const k = this.width / (this.to - this.from), wide = this.width + 4;
    if (lane.kind === 'result' && !lane.none) parts.push(svg('rect', { class: 'track', x: this.x(0).toFixed(1), y: y + high / 2 - 1, width: Math.max(0, this.x(this.session.length) - this.x(0)).toFixed(1), height: 2 }));
    for (let i = lane.first; i < lane.last; i++) {
      const c = cls[i];
      let from = (lane.start[i] - this.from) * k, to = from + lane.length[i] * k;
      if (to < -4) continue;
      from = Math.max(from, -4); to = Math.min(Math.max(to, from + (c < 8 ? 0.6 : 2)), wide);
      let r = runs.get(c);
      if (!r) runs.set(c, r = { d: [], from, to, n: 0, i });
      const apart = detail && to - from > 5;
      if (r.n && (apart || from > r.to + 0.8)) { r.d.push(this.boxOf(r, y, high, c)); this.name(lane, r, labels); r.from = from; r.to = to; r.i = i; r.n = 0; }
      r.to = Math.max(r.to, to); r.n++;
    }
    for (const [c, r] of Array.from(runs).sort((a, b) => a[0] - b[0])) {
      if (r.n) { r.d.push(this.boxOf(r, y, high, c)); this.name(lane, r, labels); }
      parts.push(svg('path', { class: CLASSES[c], d: r.d.join('') }));
    }
    if (lane.none) parts.push(svg('text', { x: 6, y: y + high / 2 + 4 }, 'nothing of it is in the recording'));
    else if (lane.kind === 'result') this.marks(lane, parts);
    parts.push(...labels);
    if (detail) for (let i = lane.first; i < lane.last; i++) this.element(lane, i, parts);
  }

  boxOf(r, y, high, c) {
    const gap = r.to - r.from > 5 ? 0.7 : 0, line = c < 8 ? 0 : 0.5;
    const x = r.from + gap + line, w = Math.max(r.to - r.from - 2 * gap - 2 * line, 0.6);
    return 'M' + x.toFixed(1) + ' ' + (y + line) + 'h' + w.toFixed(1) + 'v' + (high - 2 * line) + 'h-' + w.toFixed(1) + 'z';
  }

  // name writes the writer, or the number of one segment, into a wide box of a result.
  name(lane, r, labels) {
    if (lane.kind !== 'result') return;
    const item = lane.item(r.i), q = lane.q;
    if (item.gap) return;
    const from = Math.max(r.from, 0), to = Math.min(r.to, this.width);
    const text = r.n === 1 ? String(q.seq[item.row]) : raw.writers[q.writer[item.row]];
    if (to - from < 7 * text.length + 10 || text.length > 40) return;
    labels.push(svg('text', { class: 'in', x: ((from + to) / 2).toFixed(1), y: lane.y + lane.high / 2 + 4, 'text-anchor': 'middle' }, text));
  }

  // marks draws holes and discontinuities over a result.
  marks(lane, parts) {
    const { y, high, q } = lane;
    for (const h of this.session.holes) {
      if (h.q >= 0) continue;
      const from = Math.max(this.x(h.s), -4), to = Math.min(Math.max(this.x(h.s + h.d), from + 2.5), this.width + 4);
      if (to > 0 && from < this.width) parts.push(svg('rect', { class: 'hole', 'data-testid': 'hole', x: (from + 0.5).toFixed(1), y: y + 0.5, width: Math.max(to - from - 1, 1.5).toFixed(1), height: high - 1 }));
    }
    let line = '', last = -9;
    const dots = { full: '', open: '' };
    for (const s of q.slots.disc) {
      const x = this.x(q.slots.start[s]);
      if (x < -5 || x > this.width + 5 || x < last + 2) continue;
      const edge = x.toFixed(1);
      line += 'M' + edge + ' ' + (y - 3) + 'v' + (high + 6);
      if (x > last + 9) dots[q.slots.join.has(s) ? 'full' : 'open'] += 'M' + edge + ' ' + (y - 5) + 'l4 4l-4 4l-4 -4z';
      last = x;
    }
    if (line) parts.push(svg('path', { class: 'join', 'data-testid': 'join', d: line }), svg('path', { class: 'join', d: dots.open }), svg('path', { class: 'join full', d: dots.full }));
  }

  // element is one item as an element that tests and assistive tools find.
  element(lane, i, parts) {
    const b = this.box4(lane, i), item = lane.item(i), d = describe(this.session, lane, i);
    parts.push(svg('rect', { class: 'hit', 'data-testid': 'segment', 'data-kind': item.gap ? 'gap' : item.drop === undefined ? 'chosen' : 'dropped', 'data-lane': lane.kind, 'data-key': d.key, 'data-reason': d.reason, x: b.x, y: b.y, width: b.w, height: b.h, 'aria-hidden': 'true' }));
  }

  box4(lane, i) {
    const x = this.x(lane.start[i]), w = Math.max(this.x(lane.start[i] + lane.length[i]) - x, 2.5);
    return { x: x.toFixed(1), y: lane.y, w: w.toFixed(1), h: lane.high };
  }

  // place puts the frames of what has the focus and of what is under the pointer, and
  // the cursor of the player.
  place() {
    const put = (rect, at) => {
      const lane = at && this.lanes[at.lane];
      rect.style.display = lane && lane.n ? '' : 'none';
      if (!lane || !lane.n) return;
      const b = this.box4(lane, at.i);
      for (const [k, v] of [['x', b.x], ['y', b.y], ['width', b.w], ['height', b.h]]) rect.setAttribute(k, v);
    };
    put(this.focusRect, this.focus);
    put(this.hot, this.hovered);
    const lane = this.lanes[this.focus.lane];
    if (lane && lane.n) this.focusRect.setAttribute('aria-label', inWords(describe(this.session, lane, this.focus.i)));
    const on = this.cursor !== null && this.cursorAt === this.at;
    this.cursorLine.style.display = on ? '' : 'none';
    if (on) this.cursorLine.setAttribute('d', 'M' + this.x(this.cursor).toFixed(1) + ' ' + (LANE.axis - 8) + 'V' + this.height);
  }

  drawMini() {
    const w = this.width, k = w / (this.to0 - this.from0), lane = this.lanes[0];
    const key = this.at + '/' + w;
    if (this.miniKey !== key) {
      this.miniKey = key;
      this.mini.setAttribute('viewBox', '0 0 ' + w + ' 30');
      const shapes = [];
      const view = [this.from, this.to];
      [this.from, this.to] = [this.from0, this.to0];
      if (lane) {
        const small = Object.create(lane, { y: { value: 6 }, high: { value: 12 }, first: { value: 0, writable: true }, last: { value: lane.n, writable: true }, kind: { value: 'mini' } });
        this.lane(small, false, shapes);
      }
      let d = '';
      for (const l of this.lanes) {
        if (l.kind !== 'writer') continue;
        let last = -9;
        const cls = classes(l);
        for (let i = 0; i < l.n; i++) {
          const x = (l.start[i] - this.from0) * k;
          if (cls[i] >= 8 && x > last + 1.5) { d += 'M' + x.toFixed(1) + ' 20h2v5h-2z'; last = x; }
        }
      }
      shapes.push(svg('path', { class: 'pf-copy', d }));
      for (const h of this.session.holes) shapes.push(svg('rect', { class: h.q < 0 ? 'hole' : 'gap', x: ((h.s - this.from0) * k).toFixed(1), y: 5, width: Math.max(2.5, h.d * k).toFixed(1), height: 14 }));
      [this.from, this.to] = view;
      this.miniView = svg('rect', { class: 'view', y: 1, height: 28, rx: 3 });
      this.mini.replaceChildren(...shapes, this.miniView);
    }
    this.miniView.setAttribute('x', ((this.from - this.from0) * k).toFixed(1));
    this.miniView.setAttribute('width', Math.max(4, (this.to - this.from) * k).toFixed(1));
  }

  setCursor(at, t) {
    this.cursorAt = at;
    this.cursor = t;
    if (t !== null && at === this.at && this.to - this.from < (this.to0 - this.from0) * 0.98 && (t < this.from || t > this.to) && !this.pointers.size) {
      const span = this.to - this.from;
      this.view(t - span * 0.1, t + span * 0.9);
    } else this.place();
  }
}
