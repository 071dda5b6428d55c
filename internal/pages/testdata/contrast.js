// Each text that is in view as far as styles know, with a contrast below 4.5 (3 where
// it is large) to what lies behind it.
(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((k) => top[k] * top[3] + below[k] * (1 - top[3])).concat(1);
  const light = (c) => { const [r, g, b] = c.map((v) => { const s = v / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const behind = (e) => {
    const stack = [];
    for (let at = e; at; at = at.parentElement) {
      const c = rgba(getComputedStyle(at).backgroundColor);
      if (c[3] > 0) stack.push(c);
      if (c[3] === 1) break;
    }
    return stack.reverse().reduce((below, c) => over(c, below), [255, 255, 255, 1]);
  };
  const found = new Map();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || e.closest('script, style, [hidden], .in') || !e.getClientRects().length) continue;
    const s = getComputedStyle(e), svg = e instanceof SVGElement;
    const ground = behind(e), ink = over(rgba(svg ? s.fill : s.color), ground);
    const size = parseFloat(s.fontSize), large = size >= 24 || size >= 18.66 && Number(s.fontWeight) >= 700;
    const r = ratio(ink, ground);
    const name = e.tagName.toLowerCase() + (e.getAttribute('class') ? '.' + e.getAttribute('class') : '');
    if (r < (large ? 3 : 4.5) && !found.has(name)) found.set(name, name + ' ' + JSON.stringify(walk.currentNode.data.trim().slice(0, 40)) + ': ' + r.toFixed(2) + ' of ' + s.color);
  }
  // Numbers in segments are dark on the colour of their writer.
  const label = document.querySelector('.plot text.in');
  if (label) for (let k = 0; k < 8; k++) {
    const r = ratio(rgba(getComputedStyle(label).fill), rgba(getComputedStyle(document.documentElement).getPropertyValue('--w' + k).replace(/^light-dark\((.*),(.*)\)$/, (_, a, b) => getComputedStyle(document.body).backgroundColor === 'rgb(247, 247, 245)' ? a : b)));
    if (r < 4.5) found.set('w' + k, 'a number on the colour of writer ' + k + ': ' + r.toFixed(2));
  }
  const placeholder = document.querySelector('input');
  if (placeholder) {
    const ground = behind(placeholder), r = ratio(over(rgba(getComputedStyle(placeholder, '::placeholder').color), ground), ground);
    if (r < 4.5) found.set('placeholder', 'a placeholder: ' + r.toFixed(2));
  }
  return Array.from(found.values());
})()
