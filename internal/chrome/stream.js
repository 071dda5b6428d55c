'use strict';
// Jobs with streams of HLS, which hls.js plays. Nothing is judged here either.

// within waits until something is so, but no longer than some ms.
async function within(ms, is) {
  for (const since = performance.now(); performance.now() - since < ms; await sleep(15)) if (is()) return true;
  return Boolean(is());
}

// script runs a script of this server, once.
const scripts = {};
const script = src => scripts[src] ??= new Promise((done, fail) => {
  const s = document.createElement('script');
  s.src = src;
  s.onload = done;
  s.onerror = () => fail(new Error('load ' + src));
  document.head.append(s);
});

// picture is what an element shows: its time, its size, and the cells of timecode,
// the brightness in the middle of 8 by 2 parts. An element without pictures has none.
const grid = document.createElement('canvas');
grid.width = 64;
grid.height = 16;
const grid2d = grid.getContext('2d', {willReadFrequently: true});
function picture(v) {
  let frame;
  try {
    frame = new VideoFrame(v);
  } catch (e) {
    return {time: -1, cells: Array(16).fill(0), width: 0, height: 0};
  }
  grid2d.drawImage(frame, 0, 0, 64, 16);
  const seen = {time: frame.timestamp / 1e6, cells: [], width: frame.displayWidth, height: frame.displayHeight};
  frame.close();
  const d = grid2d.getImageData(0, 0, 64, 16).data;
  for (let i = 0; i < 16; i++) {
    let sum = 0;
    for (const [x, y] of [[3, 3], [4, 3], [3, 4], [4, 4]]) {
      const at = 4 * ((i >> 3) * 8 * 64 + y * 64 + (i & 7) * 8 + x);
      sum += d[at] + d[at + 1] + d[at + 2];
    }
    seen.cells.push(Math.round(sum / 12));
  }
  return seen;
}

// alive ends the players of a job that was given up.
let alive = () => {};

// open has hls.js open a stream. What it says goes to found as it comes. A worker would
// be one for each player, and read the script again.
async function open(job, found) {
  await script('hls.js');
  alive();
  const v = element();
  const hls = new Hls({enableWorker: false, startPosition: job.start ?? -1});
  alive = () => hls.destroy();
  Object.assign(found, {errors: found.errors ?? [], again: found.again ?? [], levels: [], tracks: [], totals: {}, width: 0, height: 0});
  let buffers = {};
  const fatal = new Promise((done, fail) => {
    hls.on(Hls.Events.ERROR, (event, e) => {
      found.errors.push({
        fatal: e.fatal, type: e.type, details: e.details, at: v.currentTime,
        url: (e.frag && (e.frag.relurl || e.frag.url)) || e.url || '', reason: String((e.error && e.error.message) || e.reason || ''),
      });
      if (e.fatal) fail(new Error('fatal: ' + e.type + ', ' + e.details + ': ' + ((e.error && e.error.message) || e.reason || '')));
    });
    v.addEventListener('error', () => fail(new Error(describe(v))), {once: true});
  });
  fatal.catch(() => {});
  hls.on(Hls.Events.MANIFEST_PARSED, (event, m) => {
    found.levels = m.levels.map(l => ({url: l.url[0] || l.uri, width: l.width || 0, height: l.height || 0, codecs: l.attrs.CODECS || ''}));
    found.tracks = m.audioTracks.map(a => a.name);
  });
  hls.on(Hls.Events.LEVEL_LOADED, (event, l) => { found.totals[l.details.url] ??= l.details.totalduration; });
  hls.on(Hls.Events.BUFFER_CREATED, (event, b) => { buffers = b.tracks; });
  const ready = until(v, 'loadeddata');
  hls.loadSource(job.url);
  hls.attachMedia(v);
  try {
    await Promise.race([ready, fatal]);
  } catch (e) {
    alive = () => {};
    hls.destroy();
    throw e;
  }
  const close = () => {
    found.duration = v.duration;
    found.width = v.videoWidth;
    found.height = v.videoHeight;
    found.at = v.currentTime;
    found.buffered = {};
    for (const kind in buffers) {
      const held = buffers[kind].buffer.buffered;
      found.buffered[kind] = Array.from({length: held.length}, (_, i) => [held.start(i), held.end(i)]);
    }
    alive = () => {};
    hls.destroy();
  };
  return {v, hls, fatal, close};
}

// whole waits for the end; a player that stands still for 30 s has not reached it.
async function whole(v, fatal) {
  const ended = until(v, 'ended');
  let last = -1, since = performance.now(), timer;
  const stuck = new Promise((done, fail) => {
    timer = setInterval(() => {
      if (v.currentTime !== last) [last, since] = [v.currentTime, performance.now()];
      if (performance.now() - since > 30000) fail(new Error('late: it stands still at ' + v.currentTime));
    }, 100);
  });
  try {
    await Promise.race([ended, fatal, stuck]);
  } finally {
    clearInterval(timer);
  }
}

// track changes to sound of that name.
async function track(hls, name, fatal) {
  const at = hls.audioTracks.findIndex(a => a.name === name);
  if (at < 0) throw new Error('no sound is named ' + name);
  if (hls.audioTrack === at) return;
  const switched = new Promise(done => hls.once(Hls.Events.AUDIO_TRACK_SWITCHED, done));
  hls.audioTrack = at;
  await Promise.race([switched, fatal, sleep(15000)]);
}

// stream plays to the end and sees each picture; with sound it listens.
async function stream(job, found) {
  const {v, hls, fatal, close} = await open(job, found);
  found.pictures = [];
  if (job.track) await track(hls, job.track, fatal);
  const see = () => {
    found.pictures.push(picture(v));
    v.requestVideoFrameCallback(see);
  };
  v.requestVideoFrameCallback(see);
  try {
    let audio, blocks = [], clock = [], reading;
    if (job.hear) {
      [audio, blocks] = await tap(v);
      reading = setInterval(() => { if (!v.paused) clock.push([audio.currentTime, v.currentTime]); }, 10);
    } else {
      v.muted = true;
    }
    v.playbackRate = job.rate;
    await Promise.race([v.play(), fatal]);
    await whole(v, fatal);
    found.ended = v.ended;
    if (v.videoWidth) {
      await within(5000, () => picture(v).time > v.duration - 0.2);
      found.pictures.push(picture(v));
    }
    if (job.hear) {
      clearInterval(reading);
      const now = audio.currentTime * 48000;
      await within(10000, () => blocks.length && blocks.at(-1)[0] > now);
      await audio.close();
      Object.assign(found, {blocks, clock});
    }
  } finally {
    close();
  }
}

// look tells what a player shows when it is there. What was decoded before may be
// shown for a while: a picture that is not near is given some time to go away.
async function look(v, at, there, width) {
  const seeked = await Promise.race([there.then(() => true), sleep(15000).then(() => false)]);
  const near = p => !v.videoWidth || p.time >= 0 && Math.abs(p.time - v.currentTime) <= 0.15 && (!width || p.width === width);
  let p;
  const shown = await within(5000, () => near(p = picture(v)));
  return {at, seeked, shown, now: v.currentTime, ...p};
}

// twice looks again, once, where a player does not show what it was sent to: on a busy
// machine it may take too long. The first look is told as well.
async function twice(found, looks) {
  let x = await looks();
  if (!x.seeked || !x.shown) {
    const first = x;
    x = await looks();
    found.again.push(JSON.stringify([first, x]));
  }
  found.looks.push(x);
}

// streamseek goes to each of the times, in the order given.
async function streamseek(job, found) {
  const {v, fatal, close} = await open(job, found);
  found.looks = [];
  v.muted = true;
  try {
    for (const at of job.seeks) {
      await twice(found, () => {
        const there = until(v, 'seeked');
        v.currentTime = at;
        return look(v, at, Promise.race([there, fatal]));
      });
    }
  } finally {
    close();
  }
}

// streamcold opens the stream anew at each of the times.
async function streamcold(job, found) {
  found.looks = [];
  for (const at of job.seeks) {
    await twice(found, async () => {
      const {v, fatal, close} = await open({...job, start: at}, found);
      try {
        v.muted = true;
        const there = within(15000, () => !v.seeking && (v.currentTime > 0 || at === 0));
        return await look(v, at, Promise.race([there, fatal]));
      } finally {
        close();
      }
    });
  }
}

// holds tells whether a player has what it shows at a time.
const holds = ({buffered: b}, at) => Array.from({length: b.length}, (_, i) => b.start(i) <= at && b.end(i) > at + 0.2).some(Boolean);

// streamlevels goes through the levels, in the order given: by force, with a picture
// at job.start of each, since what was decoded before is shown up to the next key
// frame; then back again while it plays, each from the next segment on.
async function streamlevels(job, found) {
  const {v, hls, fatal, close} = await open(job, found);
  found.looks = [];
  found.pictures = [];
  v.muted = true;
  try {
    for (const level of job.switches) {
      await twice(found, async () => {
        if (hls.currentLevel !== level) hls.currentLevel = level; // which empties the buffer
        await Promise.race([within(15000, () => hls.currentLevel === level && holds(v, job.start)), fatal]);
        const there = until(v, 'seeked');
        v.currentTime = job.start;
        return look(v, level, Promise.race([there, fatal]), hls.levels[level].width);
      });
    }
    const rest = job.switches.slice(0, -1).reverse();
    const next = async level => {
      v.pause();
      const buffered = new Promise(done => {
        const is = (event, b) => { if (b.frag.level === level && b.frag.type === 'main') { hls.off(Hls.Events.FRAG_BUFFERED, is); done(); } };
        hls.on(Hls.Events.FRAG_BUFFERED, is);
      });
      hls.nextLevel = level;
      await Promise.race([buffered, sleep(15000)]);
      await v.play();
    };
    let level = job.switches.at(-1);
    const see = () => {
      const p = picture(v);
      found.pictures.push(p);
      if (rest.length && p.width === hls.levels[level].width) next(level = rest.shift());
      v.requestVideoFrameCallback(see);
    };
    v.requestVideoFrameCallback(see);
    v.playbackRate = job.rate;
    await Promise.race([v.play(), fatal]);
    await whole(v, fatal);
    found.ended = v.ended;
  } finally {
    close();
  }
}

Object.assign(jobs, {stream, streamseek, streamcold, streamlevels});
