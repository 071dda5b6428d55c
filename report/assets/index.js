// The index: sorted by its columns, filtered by words and statuses, walked by keys.
{
  const table = $('.index');
  if (table) {
    const body = table.tBodies[0], rows = Array.from(body.rows).map((tr, n) => ({ tr, n, status: tr.dataset.status, text: (tr.cells[0].textContent + '\n' + $('.rend', tr).textContent).toLowerCase() }));
    const input = $('.filter input'), shown = $('[data-testid=shown]'), chips = $$('.chip');
    $('.filters').hidden = false;
    $('.keys-hint').hidden = false;

    const value = (r, k, number) => { const td = r.tr.cells[k]; return number ? Number(td.dataset.v || 0) : td.textContent.trim(); };
    const compare = new Intl.Collator('en', { numeric: true }).compare;
    let sorted = { k: -1, up: true };
    $$('th[data-sort]', table).forEach((th) => {
      const k = th.cellIndex, number = th.dataset.sort === 'number', b = el('button', { type: 'button' }, th.textContent);
      th.replaceChildren(b);
      b.addEventListener('click', () => {
        const up = sorted.k === k ? !sorted.up : !number;
        sorted = { k, up };
        for (const r of rows) r.v = value(r, k, number);
        rows.sort((a, c) => (number ? a.v - c.v : compare(a.v, c.v)) * (up ? 1 : -1) || a.n - c.n);
        for (const other of $$('th[data-sort]', table)) other.removeAttribute('aria-sort');
        th.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        body.replaceChildren(...rows.map((r) => r.tr));
      });
    });

    const apply = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean), on = chips.filter((c) => c.getAttribute('aria-pressed') === 'true').map((c) => c.dataset.status);
      let n = 0;
      for (const r of rows) {
        const want = words.every((w) => r.text.includes(w)) && (!on.length || on.includes(r.status));
        r.tr.hidden = !want;
        if (want) n++;
      }
      shown.textContent = n === rows.length ? '' : groups(n) + ' of ' + groups(rows.length) + ' shown';
    };
    let waiting = 0;
    input.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(apply, rows.length > 1000 ? 120 : 0); });
    for (const c of chips) c.addEventListener('click', () => { c.setAttribute('aria-pressed', String(c.getAttribute('aria-pressed') !== 'true')); apply(); });

    const links = () => rows.filter((r) => !r.tr.hidden).map((r) => $('a', r.tr)).filter(Boolean);
    document.addEventListener('keydown', (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey) return;
      if (e.key === '/' && document.activeElement !== input) { e.preventDefault(); input.focus(); return; }
      if (e.key === 'Escape' && document.activeElement === input) { input.value = ''; apply(); return; }
      const step = { ArrowDown: 1, ArrowUp: -1 }[e.key], all = step ? links() : [];
      if (!all.length) return;
      const at = all.indexOf(document.activeElement);
      if (at < 0 && document.activeElement !== input && document.activeElement !== document.body) return;
      e.preventDefault();
      if (at === 0 && step < 0) input.focus();
      else all[Math.max(0, Math.min(all.length - 1, at + step))].focus();
    });
  }
}
