// Shared by all pages: elements, words, the theme.
const $ = (sel, at = document) => at.querySelector(sel);
const $$ = (sel, at = document) => Array.from(at.querySelectorAll(sel));

// el makes an element; text is always text.
function el(name, props = {}, ...children) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(props)) {
    if (k in e && k !== 'list') e[k] = v; else e.setAttribute(k, v);
  }
  e.append(...children);
  return e;
}

const groups = (n) => String(Math.abs(n)).replace(/\B(?=(\d{3})+$)/g, '\u202f').replace(/^/, n < 0 ? '−' : '');

function bytes(n) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let k = 0, v = n;
  while (v >= 1024 && k < 4) { v /= 1024; k++; }
  return k ? v.toFixed(1) + ' ' + units[k] + ' (' + groups(n) + ' B)' : n + ' B';
}

// clock gives milliseconds as h:mm:ss.mmm.
function clock(ms) {
  const a = Math.abs(Math.round(ms)), p = (n, w) => String(n).padStart(w, '0');
  return (ms < 0 ? '−' : '') + Math.floor(a / 3600000) + ':' + p(Math.floor(a / 60000) % 60, 2) + ':' + p(Math.floor(a / 1000) % 60, 2) + '.' + p(a % 1000, 3);
}

// spoken gives milliseconds as people say them.
function spoken(ms) {
  if (ms < 0) return '−' + spoken(-ms);
  if (ms < 60000) return (ms / 1000).toFixed(ms % 100 ? 3 : 1) + ' s';
  const s = Math.round(ms / 1000);
  if (s < 3600) return Math.floor(s / 60) + ' min ' + String(s % 60).padStart(2, '0') + ' s';
  const m = Math.round(s / 60);
  return Math.floor(m / 60) + ' h ' + String(m % 60).padStart(2, '0') + ' min';
}

const utc = (unixMs) => new Date(unixMs).toISOString().replace('T', ' ').replace(/(\.000)?Z$/, ' UTC');

// The theme follows the system until the button is used.
function theme() {
  const button = $('#theme'), root = document.documentElement;
  const dark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  const say = () => { button.textContent = dark() ? 'Light' : 'Dark'; button.setAttribute('aria-label', 'Use the ' + (dark() ? 'light' : 'dark') + ' theme'); };
  try { const t = localStorage.getItem('recfin-theme'); if (t === 'dark' || t === 'light') root.dataset.theme = t; } catch { /* no storage: it is kept for this view */ }
  button.hidden = false;
  button.addEventListener('click', () => {
    root.dataset.theme = dark() ? 'light' : 'dark';
    try { localStorage.setItem('recfin-theme', root.dataset.theme); } catch { /* as above */ }
    say();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', say);
  say();
}
theme();
