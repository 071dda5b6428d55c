// The list of what was dropped: all of it, filtered, a page at a time.
{
  const PAGE = 200, filter = $('#dropped .filter');
  const input = filter && $('input', filter);
  // rows are all dropped segments by reason, each as where it stands in the data.
  const rows = new Map();
  let gathered = false; // when they are asked for: all sessions are read for them
  const gather = () => {
    if (gathered) return;
    gathered = true;
    const take = (x, session) => {
      for (let j = 0; j < x.n; j++) {
        const reason = raw.reasons[x.reason[j]];
        if (!rows.has(reason)) rows.set(reason, []);
        rows.get(reason).push({ x, j, session });
      }
    };
    for (const s of sessions) for (const q of s.body.renditions) take(q.dropped, s);
    take(readDropped(raw.loose, null, ''), null);
  };
  const text = ({ x, j }) => [x.key(j), x.kept(j), raw.whys[x.why[j]], raw.writers[x.writer[j]], x.rendition].join('\n').toLowerCase();

  const line = (r) => {
    const { x, j, session } = r, key = el('td', {}, el('code', {}, x.key(j))), kept = x.kept(j);
    if (x.left[j]) key.append(' ', el('em', { className: 'tag' }, 'leftover'));
    const size = el('td', { className: 'n' }, bytes(x.size[j]).replace(/ \(.*/, ''));
    return el('tr', {}, key, el('td', {}, ...(kept ? [el('code', {}, kept)] : [])), el('td', {}, raw.whys[x.why[j]]), size, el('td', {}, el('time', {}, utc(Math.floor(((session ? session.at : 0) + x.up[j]) / 1000) * 1000))));
  };

  const fill = (group, shown) => {
    gather();
    const all = rows.get(group.dataset.reason) || [], words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = words.length ? all.filter((r) => { const t = text(r); return words.every((w) => t.includes(w)); }) : all;
    $('tbody', group).replaceChildren(...found.slice(0, shown).map(line));
    const rest = $('.rest', group);
    rest.hidden = found.length <= shown && !words.length;
    rest.replaceChildren(words.length ? groups(found.length) + ' of ' + groups(all.length) + ' match' : '');
    if (found.length > shown) {
      const more = el('button', { type: 'button' }, 'Show more');
      more.addEventListener('click', () => fill(group, shown + 1000));
      rest.append((words.length ? ', ' : '') + groups(Math.min(shown, found.length)) + ' shown ', more);
    }
    group.dataset.found = String(found.length);
    return found.length;
  };

  if (input) {
    filter.hidden = false;
    const list = $$('#dropped .group');
    for (const g of list) g.addEventListener('toggle', () => { if (g.open) fill(g, PAGE); });
    input.addEventListener('input', () => {
      for (const g of list) {
        const n = fill(g, PAGE);
        g.hidden = n === 0;
        if (input.value && n > 0) g.open = true;
      }
    });
    input.addEventListener('keydown', (e) => { if (e.key === 'Escape') { input.value = ''; input.dispatchEvent(new Event('input')); } });
  }
}
