// How a person moves in the timeline: pointer, wheel, keys.
Timeline.prototype.listen = function () {
  const s = this.svg;
  s.addEventListener('pointerdown', (e) => this.down(e));
  s.addEventListener('pointermove', (e) => this.move(e));
  for (const name of ['pointerup', 'pointercancel']) s.addEventListener(name, (e) => this.up(e));
  s.addEventListener('pointerleave', (e) => { if (e.pointerType === 'mouse' && !this.pointers.size) this.hide(); });
  s.addEventListener('wheel', (e) => this.wheel(e), { passive: false });
  s.addEventListener('keydown', (e) => this.key(e));
  this.focusRect.addEventListener('focus', () => { if (this.focusRect.matches(':focus-visible')) this.tell(); });
  this.focusRect.addEventListener('blur', () => this.hide());
  const jump = (e) => {
    const x = e.clientX - this.mini.getBoundingClientRect().left, t = this.from0 + x * (this.to0 - this.from0) / this.width, half = (this.to - this.from) / 2;
    this.view(t - half, t + half);
  };
  this.mini.addEventListener('pointerdown', (e) => { this.mini.setPointerCapture(e.pointerId); jump(e); });
  this.mini.addEventListener('pointermove', (e) => { if (e.buttons) jump(e); });
  this.mini.addEventListener('wheel', (e) => this.wheel(e, true), { passive: false });
  document.addEventListener('keydown', (e) => { if (e.key === 'Escape') this.hide(); });
  // Tab may scroll to what it comes to: what is said of that goes along.
  document.addEventListener('scroll', () => {
    if (this.pointers.size) return;
    if (this.told && document.activeElement === this.focusRect) this.tell(); else this.hide();
  }, { passive: true });
  new ResizeObserver(() => { if (this.session) this.later(); }).observe(this.svg);
};

Timeline.prototype.at2d = function (e) {
  const r = this.svg.getBoundingClientRect();
  return { x: e.clientX - r.left, y: e.clientY - r.top };
};

// under finds the item under a point: { lane, i }, or a hole, or null.
Timeline.prototype.under = function (p) {
  const n = this.lanes.findIndex((l) => p.y >= l.y - 2 && p.y <= l.y + l.high + 2);
  if (n < 0) return null;
  const t = this.t(p.x), lane = this.lanes[n], i = hit(lane, t, 3 * (this.to - this.from) / this.width);
  if (i >= 0) return { lane: n, i };
  const h = lane.kind === 'result' && this.session.holes.find((x) => x.q < 0 && t >= x.s && t <= x.s + x.d);
  return h ? { hole: h } : null;
};

Timeline.prototype.down = function (e) {
  if (e.pointerType === 'mouse' && e.button !== 0) return;
  this.pointers.set(e.pointerId, this.at2d(e));
  this.moved = this.pointers.size > 1;
  this.begun = this.at2d(e);
};

Timeline.prototype.move = function (e) {
  const p = this.at2d(e), was = this.pointers.get(e.pointerId);
  if (!was) { if (e.pointerType === 'mouse') this.hover(p, e); return; }
  if (this.pointers.size === 2) {
    const [a, b] = Array.from(this.pointers.values()), other = was === a ? b : a;
    const before = Math.max(Math.abs(was.x - other.x), 8), after = Math.max(Math.abs(p.x - other.x), 8);
    this.zoom(after / before, (p.x + other.x) / 2);
    this.pan((was.x - p.x) / 2);
    this.moved = true;
  } else if (this.moved || Math.abs(p.x - this.begun.x) > 4) {
    if (!this.moved) { this.svg.setPointerCapture(e.pointerId); this.svg.classList.add('drag'); this.hide(); }
    this.moved = true;
    this.pan(was.x - p.x);
  }
  this.pointers.set(e.pointerId, p);
};

Timeline.prototype.up = function (e) {
  const held = this.pointers.delete(e.pointerId);
  this.svg.classList.remove('drag');
  if (!held || this.moved || e.type === 'pointercancel') return;
  const p = this.at2d(e), found = this.under(p);
  if (found && found.lane !== undefined) { this.focus = found; this.focusRect.focus({ preventScroll: true }); }
  this.hover(p, e);
  if (this.seek) this.seek(this.at, this.t(p.x));
};

Timeline.prototype.hover = function (p, e) {
  const found = this.under(p);
  if (!found) { this.hide(); return; }
  this.hovered = found.hole ? null : found;
  this.told = false;
  this.place();
  this.say(found.hole ? describeHole(this.session, found.hole) : describe(this.session, this.lanes[found.lane], found.i), e.clientX, e.clientY);
};

Timeline.prototype.wheel = function (e, always) {
  const x = e.clientX - this.svg.getBoundingClientRect().left;
  if (e.ctrlKey || e.metaKey || e.altKey || always || !e.shiftKey && Math.abs(e.deltaX) <= Math.abs(e.deltaY) && this.svg.contains(document.activeElement)) {
    e.preventDefault();
    const px = e.deltaMode === 1 ? e.deltaY * 16 : e.deltaY;
    this.zoom(Math.exp(-Math.max(-200, Math.min(200, px)) / 240), always ? this.width / 2 : x);
  } else if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
    e.preventDefault();
    this.pan(e.deltaX || e.deltaY);
  }
};

Timeline.prototype.key = function (e) {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  const f = this.focus, lane = this.lanes[f.lane];
  if (!lane) return;
  const mid = () => lane.n ? lane.start[f.i] + lane.length[f.i] / 2 : (this.from + this.to) / 2;
  const go = (i) => { f.i = Math.max(0, Math.min(lane.n - 1, i)); this.reveal(); };
  const other = (step) => {
    let n = f.lane + step;
    while (this.lanes[n] && !this.lanes[n].n) n += step;
    if (!this.lanes[n]) return;
    const t = mid(), next = this.lanes[n];
    f.lane = n;
    f.i = nearest(next, t);
    this.reveal();
  };
  const zoomed = (by) => { this.zoom(by, Math.max(0, Math.min(this.width, this.x(mid())))); };
  const keys = {
    ArrowLeft: () => go(f.i - 1), ArrowRight: () => go(f.i + 1), Home: () => go(0), End: () => go(lane.n - 1), ArrowUp: () => other(-1), ArrowDown: () => other(1),
    '+': () => zoomed(1.6), '=': () => zoomed(1.6), '-': () => zoomed(1 / 1.6), '−': () => zoomed(1 / 1.6), 0: () => this.fit(),
    PageUp: () => this.pan(-this.width * 0.8), PageDown: () => this.pan(this.width * 0.8), Escape: () => this.hide(),
    Enter: () => { if (this.seek) this.seek(this.at, lane.start[f.i]); this.tell(); }, ' ': () => this.tell(),
  };
  if (!keys[e.key]) return;
  e.preventDefault();
  keys[e.key]();
};

// nearest is the item of a lane whose middle is nearest to a time.
function nearest(lane, t) {
  let best = 0, near = Infinity;
  for (let i = 0; i < lane.n; i++) {
    const away = Math.abs(lane.start[i] + lane.length[i] / 2 - t);
    if (away < near) { near = away; best = i; }
  }
  return best;
}

// reveal brings what has the focus into view, and says what it is.
Timeline.prototype.reveal = function () {
  const lane = this.lanes[this.focus.lane], from = lane.start[this.focus.i], to = from + lane.length[this.focus.i], span = this.to - this.from;
  if (from < this.from) this.view(from - span * 0.1, from + span * 0.9);
  else if (to > this.to) this.view(to - span * 0.9, to + span * 0.1);
  this.draw();
  this.focusRect.focus({ preventScroll: true });
  this.tell();
};

// tell shows what has the focus, and lets a screen reader say it.
Timeline.prototype.tell = function () {
  const lane = this.lanes[this.focus.lane];
  if (!lane || !lane.n) return;
  const d = describe(this.session, lane, this.focus.i), r = this.focusRect.getBoundingClientRect();
  this.say(d, Math.min(Math.max(r.left + r.width / 2, 8), innerWidth - 8), r.bottom);
  this.told = true;
  this.live.textContent = inWords(d);
};

// say shows the tooltip beside a point, within the window.
Timeline.prototype.say = function (d, x, y) {
  const tip = this.tip, list = el('dl');
  for (const [k, v] of d.rows) list.append(el('dt', {}, k), el('dd', {}, k === 'key' || k === 'kept instead' ? el('code', {}, v) : v));
  const mark = svg('svg', { width: 22, height: 12, 'aria-hidden': 'true' }, svg('path', { class: d.mark === 'chosen' ? 'w0' : d.mark, d: 'M1 1h20v10h-20z' }));
  tip.replaceChildren(el('b', {}, mark, el('bdi', {}, d.title)), list);
  tip.dataset.key = d.key;
  tip.dataset.reason = d.reason;
  tip.hidden = false;
  const w = tip.offsetWidth, h = tip.offsetHeight;
  tip.style.left = Math.max(8, Math.min(x + 14, innerWidth - w - 8)) + 'px';
  tip.style.top = (y + 18 + h > innerHeight ? Math.max(8, y - h - 14) : y + 18) + 'px';
};

Timeline.prototype.hide = function () {
  this.tip.hidden = true;
  this.told = false;
  if (this.hovered) { this.hovered = null; this.place(); }
};

// The timeline of the page.
let timeline = null;
{
  const box = $('.plot');
  if (box && sessions.length) {
    const tools = $('.tools'), pick = $('select', tools);
    $('.static').hidden = true;
    tools.hidden = box.hidden = false;
    $('#timeline .keys-hint').hidden = false;
    $('.pick', tools).hidden = sessions.length < 2;
    timeline = new Timeline(box);
    timeline.show(Number(pick.value));
    pick.addEventListener('change', () => timeline.show(Number(pick.value)));
    timeline.pickSession = (at) => { if (timeline.at !== at) { pick.value = at; timeline.show(at); } };
    const todo = { in: () => timeline.zoom(1.8), out: () => timeline.zoom(1 / 1.8), fit: () => timeline.fit() };
    for (const b of $$('[data-do]', tools)) b.addEventListener('click', todo[b.dataset.do]);
  }
}
