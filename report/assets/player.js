// The player: what can be played, and the cursor of the timeline that follows it.
{
  const box = $('#player'), video = box && $('video', box);
  const plays = raw.plays || [];
  let playing = -1, engine = null;

  const say = (text) => { $('.plays .hint', box).textContent = text; };

  // axis maps the time of a play to that of its session, and back.
  const axis = (p) => {
    const s = sessions.find((x) => x.id === p.session);
    if (!s) return null;
    const q = p.rendition ? s.body.renditions.find((x) => x.name === p.rendition) : null;
    let start, length, out;
    if (q && p.type === 'video/mp4') {
      start = q.start; length = q.length; out = new Float64Array(q.n);
      for (let i = 0, at = 0; i < q.n; i++) { out[i] = s.keeps ? start[i] : at; at += length[i]; }
    } else ({ start, length, out } = s.body.slots);
    const find = (list, t) => { let lo = 0, hi = list.length; while (lo < hi) { const m = (lo + hi) >> 1; if (list[m] <= t) lo = m + 1; else hi = m; } return Math.max(0, lo - 1); };
    const from = p.from || 0;
    return {
      at: sessions.indexOf(s),
      wall: (ms) => { const i = find(out, ms + from); return start[i] + Math.max(0, s.keeps && q ? ms + from - out[i] : Math.min(ms + from - out[i], length[i])); },
      media: (t) => { const i = find(start, t); return out[i] + Math.max(0, Math.min(t - start[i], length[i])) - from; },
    };
  };

  // local: a browser does not fetch playlists from files.
  const local = (p) => location.protocol === 'file:' && p.type === 'application/vnd.apple.mpegurl' && !/^https?:/.test(p.url);

  let map = null;
  const follow = () => { if (timeline && map) timeline.setCursor(map.at, map.wall(video.currentTime * 1000)); };

  // load makes a play ready, and plays it unless it is only to be seen.
  const load = (n, at, still) => {
    const p = plays[n];
    if (engine) { engine.destroy(); engine = null; }
    playing = n;
    map = axis(p);
    for (const b of $$('.play', box)) b.setAttribute('aria-pressed', String(Number(b.dataset.play) === n));
    if (timeline && map) timeline.pickSession(map.at);
    say('');
    const ready = () => {
      if (at !== undefined) video.currentTime = at;
      if (still) return;
      follow();
      video.play().catch(() => { /* a browser may want a gesture: the controls are there */ });
    };
    // native is what the browser plays by itself.
    const native = () => {
      video.preload = still ? 'metadata' : 'auto';
      video.src = p.url;
      video.addEventListener('loadedmetadata', ready, { once: true });
      video.load();
    };
    const HLS = typeof Hls === 'undefined' ? null : Hls;
    if (p.type !== 'application/vnd.apple.mpegurl') native();
    else if (HLS && HLS.isSupported()) {
      if (local(p)) { say('A browser plays a playlist only from a server: recfin serve shows this page with a player that works.'); return; }
      video.removeAttribute('src');
      engine = new HLS({ enableWorker: false, maxBufferLength: still ? 2 : 30 });
      engine.on(HLS.Events.ERROR, (_, d) => { if (d.fatal) say('It cannot be played: ' + d.details + (d.response ? ' (' + d.response.code + ')' : '')); });
      engine.on(HLS.Events.MANIFEST_PARSED, ready);
      engine.loadSource(new URL(p.url, document.baseURI).href);
      engine.attachMedia(video);
    } else native();
  };

  if (video && plays.length) {
    for (const b of $$('.play', box)) {
      b.hidden = false;
      b.addEventListener('click', () => load(Number(b.dataset.play)));
    }
    for (const a of $$('.noscript', box)) a.hidden = true;
    video.addEventListener('error', () => { if (video.error && video.getAttribute('src')) say('It cannot be played' + (video.error.message ? ': ' + video.error.message : '')); });
    for (const name of ['timeupdate', 'seeking', 'seeked']) video.addEventListener(name, follow);
    video.addEventListener('play', () => { if (engine) engine.config.maxBufferLength = 30; });
    // The first picture of the last session that can be played.
    const shown = sessions.length ? sessions[sessions.length - 1].id : '';
    const begin = [plays.findIndex((p) => p.session === shown && !local(p)), plays.findIndex((p) => !local(p))].find((n) => n >= 0);
    if (begin !== undefined) load(begin, undefined, true);
    let frame = 0;
    const tick = () => { follow(); frame = video.paused ? 0 : requestAnimationFrame(tick); };
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) video.addEventListener('play', () => { if (!frame) tick(); });
    if (timeline) {
      timeline.seek = (at, t) => {
        if (playing < 0) return;
        if (map && map.at === at) { video.currentTime = Math.max(0, map.media(t) / 1000); return; }
        const n = plays.findIndex((p) => p.session === sessions[at].id && p.type === plays[playing].type);
        if (n >= 0) { const m = axis(plays[n]); load(n, Math.max(0, m.media(t) / 1000)); }
      };
    }
  }
}
