/* Progressive enhancement only: every page reads, sorts (by link) and filters without this file. */
(() => {
const $ = (s, r = document) => r.querySelector(s), $$ = (s, r = document) => [...r.querySelectorAll(s)];

/* theme: system -> light -> dark; a cookie lets the server render the choice next time */
const root = document.documentElement, tb = $('#theme');
if (tb) { const dark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme:dark)').matches;
 tb.setAttribute('aria-pressed', String(dark()));
 tb.addEventListener('click', e => { e.preventDefault();
  root.dataset.theme = dark() ? 'light' : 'dark'; tb.setAttribute('aria-pressed', String(dark()));
  document.cookie = 'theme=' + root.dataset.theme + ';path=/;max-age=31536000;samesite=lax'; }); }

/* chart tooltips: marks carry data-i, the words come from row i of the chart's own data table */
const tip = document.createElement('div'); tip.id = 'tip'; tip.hidden = true; document.body.append(tip);
const say = $('#live');
for (const fig of $$('figure.chart[data-tips]')) {
  const svg = $('svg.plot', fig), marks = $$('[data-i]', svg), rows = $$('tbody tr', fig), heads = $$('thead th', fig).map(h => h.textContent);
  if (!rows.length) continue;
  let at = -1;
  const show = (i, speak) => {
    at = i; marks.forEach(m => m.classList.toggle('on', +m.dataset.i === i));
    const m = marks.find(m => +m.dataset.i === i), c = [...rows[i].children].map(x => x.textContent);
    tip.replaceChildren(); const b = document.createElement('b'), dl = document.createElement('dl'); b.textContent = c[0];
    c.slice(1).forEach((v, k) => { if (!v.trim() || v.trim() === '–') return; const dt = document.createElement('dt'), dd = document.createElement('dd'); dt.textContent = heads[k + 1]; dd.textContent = v; dl.append(dt, dd); });
    tip.append(b, dl); tip.hidden = false;
    const r = m.getBoundingClientRect(), f = svg.getBoundingClientRect(), w = tip.offsetWidth;
    let x = r.left + r.width / 2 + 12; if (x + w > innerWidth - 8) x = r.left + r.width / 2 - w - 12;
    tip.style.left = Math.max(8, x) + scrollX + 'px';
    tip.style.top = (r.height > 150 ? f.top + 24 : Math.max(r.top - tip.offsetHeight - 8, f.top - 30)) + scrollY + 'px';
    if (speak && say) say.textContent = c[0] + ': ' + c.slice(1).map((v, k) => heads[k + 1] + ' ' + v).join(', ');
  };
  const hide = () => { tip.hidden = true; marks.forEach(m => m.classList.remove('on')); };
  svg.addEventListener('pointermove', e => { const m = e.target.closest('[data-i]'); m ? show(+m.dataset.i) : hide(); });
  svg.addEventListener('pointerleave', hide);
  const kb = $('.kb', fig); if (!kb) continue;
  kb.addEventListener('keydown', e => {
    const k = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (k) { e.preventDefault(); const ok = marks.map(m => +m.dataset.i), n = ok.length; let p = ok.indexOf(at); show(ok[p < 0 ? (k > 0 ? 0 : n - 1) : (p + k + n) % n], true); }
    if (e.key === 'Escape') hide(); });
  kb.addEventListener('blur', hide);
}

/* provenance cards: a figure links to its source entry; with script it opens in place */
const pop = document.createElement('div'); pop.className = 'pop'; pop.id = 'prov'; pop.setAttribute('popover', 'auto'); pop.setAttribute('role', 'dialog'); pop.setAttribute('aria-label', root.lang === 'ja' ? 'この数値の出典' : 'Where this figure comes from'); pop.tabIndex = -1; document.body.append(pop);
document.addEventListener('click', e => {
  const a = e.target.closest('a.fig'); if (!a || !pop.showPopover || e.ctrlKey || e.metaKey) return;
  const li = a.dataset.s && document.getElementById('s' + a.dataset.s); if (!li) return; e.preventDefault();
  pop.replaceChildren(...[...li.cloneNode(true).childNodes]);
  const more = document.createElement('p'), go = document.createElement('a'); go.href = a.href; go.textContent = root.lang === 'ja' ? 'この数値の根拠' : 'How this figure is made'; more.append(go); pop.append(more);
  pop.showPopover(); const r = a.getBoundingClientRect();
  pop.style.left = Math.max(8, Math.min(r.left, innerWidth - pop.offsetWidth - 8)) + 'px';
  pop.style.top = (r.bottom + pop.offsetHeight + 12 < innerHeight ? r.bottom + 8 : Math.max(8, r.top - pop.offsetHeight - 8)) + 'px';
  pop.focus({ preventScroll: true }); pop.addEventListener('toggle', t => { if (t.newState === 'closed') a.focus({ preventScroll: true }); }, { once: true });
  go.addEventListener('click', () => pop.hidePopover());
});

/* sortable tables: data-v holds the machine value */
for (const t of $$('table[data-sort]')) $$('thead button', t).forEach(b => b.addEventListener('click', () => {
  const th = b.closest('th'), i = [...th.parentNode.children].indexOf(th), d = th.getAttribute('aria-sort') === 'descending' ? 1 : -1, body = t.tBodies[0];
  $$('th[aria-sort]', t).forEach(h => h.removeAttribute('aria-sort')); th.setAttribute('aria-sort', d < 0 ? 'descending' : 'ascending');
  const v = r => { const c = r.children[i]; return c.dataset.v !== undefined ? +c.dataset.v : c.textContent; };
  body.append(...[...body.rows].sort((x, y) => (typeof v(x) === 'number' ? v(x) - v(y) : v(x).localeCompare(v(y))) * d));
}));
})();
