// Sorts and finds, zooms, copies, and shows what is new without a reload. All pages can be read without it.
(function () {
  'use strict';
  const all = (css, from) => Array.from((from || document).querySelectorAll(css));
  const one = id => document.getElementById(id);
  const kept = (where, key, value) => { // storage may be forbidden
    try { return value === undefined ? where().getItem(key) : where().setItem(key, value); } catch (e) { return null; }
  };
  const local = () => localStorage, session = () => sessionStorage;

  // Theme: what the system says, until somebody chooses.
  const root = document.documentElement;
  function theme(t) {
    if (t === 'light' || t === 'dark') root.setAttribute('data-theme', t); else { root.removeAttribute('data-theme'); t = 'auto'; }
    const b = one('theme');
    if (b) { b.hidden = false; b.textContent = 'Theme: ' + t; }
    return t;
  }
  let chosen = theme(kept(local, 'bench-theme'));

  // The table's state is in the address: #experiments?sort=change&dir=d&v=KEEP,MAYBE&q=hash
  function state() {
    const query = location.hash.split('?')[1];
    return Object.fromEntries(new URLSearchParams(query || ''));
  }
  function remember(s) {
    const q = new URLSearchParams(Object.entries(s).filter(e => e[1]));
    const table = one('exps'), id = table && table.closest('section').id;
    history.replaceState(null, '', String(q) ? '#' + id + '?' + q : location.pathname + location.search);
  }
  function cell(row, column) {
    let at = 0;
    for (const c of row.cells) if ((at += c.colSpan) > column) return c;
  }
  const key = c => !c ? '' : c.dataset.s !== undefined ? c.dataset.s : c.textContent.trim() === '–' ? '' : c.textContent.trim();
  const numeric = ['id', 'verdict', 'effect', 'change', 'interval', 'p', 'worst', 'result', 'correct'];
  const number = text => parseFloat(text.replace('−', '-').replace(/^[<+[]+/, '').replace(/\u202f/g, '')); // a column has one unit
  function arrange() {
    const t = one('exps');
    if (!t) return;
    const s = state(), wanted = (s.v || '').split(',').filter(Boolean), find = (s.q || '').toLowerCase();
    const body = t.tBodies[0], rows = Array.from(body.rows);
    let shown = 0;
    rows.forEach((r, i) => {
      if (r.dataset.i === undefined) r.dataset.i = i;
      const tokens = (r.dataset.v || '').split(' ');
      r.hidden = wanted.length > 0 && !wanted.some(v => tokens.includes(v)) || find !== '' && !r.textContent.toLowerCase().includes(find);
      if (!r.hidden) shown++;
    });
    one('count').textContent = shown === rows.length ? shown : shown + ' of ' + rows.length + ' shown';
    all('[data-v]', one('filters')).forEach(b => b.setAttribute('aria-pressed', wanted.includes(b.dataset.v)));
    const q = one('q');
    if (q && q.value !== (s.q || '')) q.value = s.q || '';
    if (!s.sort) return;
    const heads = Array.from(t.tHead.rows[0].cells), column = heads.findIndex(h => h.dataset.sort === (s.sort === 'effect' ? 'change' : s.sort));
    if (column < 0) return;
    heads.forEach(h => { if (h.dataset.sort === s.sort) h.setAttribute('aria-sort', s.dir === 'd' ? 'descending' : 'ascending'); else h.removeAttribute('aria-sort'); });
    const order = new Intl.Collator(undefined, { numeric: true });
    const sorted = rows.map(r => ({ r: r, k: key(cell(r, column)), i: +r.dataset.i })).sort((a, b) => {
      if (a.k === '' || b.k === '') return a.k === b.k ? a.i - b.i : a.k === '' ? 1 : -1; // no value: last
      const x = number(a.k), y = number(b.k), c = !numeric.includes(s.sort) || isNaN(x) || isNaN(y) ? order.compare(a.k, b.k) : x - y;
      return (s.dir === 'd' ? -c : c) || a.i - b.i;
    });
    if (sorted.some((x, i) => x.r !== rows[i])) body.append(...sorted.map(x => x.r));
  }
  function change(f) { const s = state(); f(s); remember(s); arrange(); }
  function table() {
    const t = one('exps');
    if (!t || t.tHead.querySelector('button')) return;
    one('filters').hidden = false;
    all('th[data-sort]', t.tHead).forEach(h => {
      const b = document.createElement('button');
      b.type = 'button';
      b.append(...h.childNodes);
      h.append(b);
      b.onclick = () => change(s => {
        s.dir = h.getAttribute('aria-sort') === 'ascending' ? 'd' : '';
        s.sort = h.dataset.sort;
      });
    });
    all('[data-v]', one('filters')).forEach(b => {
      b.onclick = () => change(s => {
        const v = (s.v || '').split(',').filter(x => x && x !== b.dataset.v);
        if (b.getAttribute('aria-pressed') !== 'true') v.push(b.dataset.v);
        s.v = v.join(',');
      });
    });
    one('q').oninput = () => change(s => { s.q = one('q').value; });
    arrange();
  }

  // Flame graph: the frame under a frame lies within its edges, so zooming is one stretch for all.
  function flames() {
    const svg = document.querySelector('#flames svg');
    if (!svg || svg.dataset.on) return;
    svg.dataset.on = 1;
    const frames = all('.fr', svg).map(g => {
      const r = g.querySelector('rect');
      return { g: g, r: r, t: g.querySelector('text'), x: +r.getAttribute('x'), w: +r.getAttribute('width'), d: +g.dataset.d, n: g.querySelector('title').textContent.split(': ')[0] };
    });
    const full = frames[0].w;
    frames[0].g.tabIndex = 0;
    function zoom(to) {
      const k = full / to.w;
      frames.forEach(f => {
        const within = f.x >= to.x - .5 && f.x + f.w <= to.x + to.w + .5, above = f.d < to.d && f.x <= to.x + .5 && f.x + f.w >= to.x + to.w - .5;
        const x = above ? .5 : (f.x - to.x) * k + .5, w = above ? full : f.w * k;
        f.g.style.display = above || within && f.d >= to.d ? '' : 'none';
        f.r.setAttribute('x', x);
        f.r.setAttribute('width', Math.max(1, w));
        if (f.t) { // cut anew: about 6.6 a letter
          const n = Math.floor((w - 8) / 6.6);
          f.t.setAttribute('x', x + 5);
          f.t.textContent = f.n.length <= n ? f.n : n > 1 ? f.n.slice(0, n - 1) + '…' : '';
        }
      });
    }
    frames.forEach((f, i) => {
      f.g.onclick = () => zoom(f);
      f.g.onkeydown = e => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
        if (e.key === 'Enter' || e.key === ' ') zoom(f);
        else if (e.key === 'Escape') { zoom(frames[0]); frames[0].g.focus(); }
        else if (step) { let j = i; do j += step; while (frames[j] && frames[j].g.style.display === 'none'); if (frames[j]) frames[j].g.focus(); }
        else return;
        e.preventDefault();
      };
    });
  }

  function copies() {
    all('[data-copy]').forEach(b => {
      b.hidden = false;
      b.onclick = () => {
        const pre = one(b.dataset.copy), done = () => { b.textContent = 'Copied'; setTimeout(() => { b.textContent = 'Copy'; }, 2000); };
        const select = () => { getSelection().selectAllChildren(pre); if (document.execCommand('copy')) done(); };
        if (navigator.clipboard) navigator.clipboard.writeText(pre.textContent).then(done, select); else select();
      };
    });
    all('.js').forEach(x => { x.hidden = false; });
  }

  function wake() { theme(chosen); table(); flames(); copies(); }

  // What is new replaces what it was, section by section; what people opened, found and scrolled stays.
  const seen = new Map();
  const name = d => d.id || (d.closest('[id]') || {}).id + ' ' + d.querySelector('summary').textContent;
  function show(html) {
    const next = document.createElement('template');
    next.innerHTML = html;
    const now = next.content.firstElementChild, old = now && one(now.dataset.live);
    if (!old || !old.hasAttribute('data-live') || seen.get(old.id) === now.outerHTML) return;
    seen.set(old.id, now.outerHTML);
    const open = new Map(all('details', old).map(d => [name(d), d.open]));
    const scrolled = all('.scroll,.chart,pre,.diff', old).map(x => [x.scrollLeft, x.scrollTop]);
    const focus = old.contains(document.activeElement) && document.activeElement;
    const index = focus ? all('a,button,input,summary,[tabindex]', old).indexOf(focus) : -1, caret = focus && focus.selectionStart;
    const anchor = all('[data-live]').find(x => x.getBoundingClientRect().bottom > 60) || old, id = anchor.id, top = anchor.getBoundingClientRect().top;
    old.replaceWith(now);
    all('details', now).forEach(d => { if (open.has(name(d))) d.open = open.get(name(d)); });
    wake();
    all('.scroll,.chart,pre,.diff', now).forEach((x, i) => { if (scrolled[i]) { x.scrollLeft = scrolled[i][0]; x.scrollTop = scrolled[i][1]; } });
    if (index >= 0) {
      const again = focus.id && one(focus.id) || all('a,button,input,summary,[tabindex]', now)[index];
      if (again) { again.focus({ preventScroll: true }); if (caret != null && again.setSelectionRange) again.setSelectionRange(caret, caret); }
    }
    scrollBy(0, one(id).getBoundingClientRect().top - top);
  }
  const running = () => one('status') && one('status').dataset.status === 'running';
  let said = '';
  function say(text) { said = text || said; const c = one('conn'); if (c && said) c.textContent = said; }
  function fetchSelf() {
    return fetch(location.pathname + location.search, { cache: 'no-cache' }).then(r => r.ok ? r.text() : Promise.reject()).then(text => {
      all('[data-live]', new DOMParser().parseFromString(text, 'text/html')).forEach(x => show(x.outerHTML));
    });
  }
  function poll() {
    setTimeout(() => {
      if (document.hidden || !running()) return poll();
      fetchSelf().then(() => say('checked every 30 s'), () => say('the server is gone: this is the last state')).then(poll);
    }, 30000);
    say('checked every 30 s');
  }
  function live() {
    if (location.protocol === 'file:') {
      if (!running()) return;
      say('reloads every 30 s');
      setTimeout(() => { kept(session, 'bench-open', JSON.stringify(all('details[open]').map(name))); location.reload(); }, 30000);
      return;
    }
    if (!window.EventSource) return poll();
    const up = document.body.dataset.root || '', events = new EventSource(up + '_bench/events');
    let on = false;
    events.onopen = () => { on = true; say('live'); };
    events.onerror = () => { if (on) say('the server is gone: this is the last state'); else { events.close(); poll(); } };
    events.addEventListener('page', e => {
      if (up || !/(\/|index\.html)$/.test(location.pathname)) fetchSelf().catch(() => {});
      else Object.values(JSON.parse(e.data).sections).forEach(show);
      say('live');
    });
    events.addEventListener('log', e => {
      const pre = document.querySelector('#log pre');
      if (!pre) return;
      const end = pre.scrollTop + pre.clientHeight > pre.scrollHeight - 4;
      pre.textContent = JSON.parse(e.data).join('\n');
      if (end) pre.scrollTop = pre.scrollHeight;
    });
    events.addEventListener('done', () => say('done'));
  }

  document.addEventListener('DOMContentLoaded', () => {
    all('[data-live]').forEach(x => seen.set(x.id, x.outerHTML));
    const open = kept(session, 'bench-open');
    if (open && running()) all('details').forEach(d => { d.open = open.includes(JSON.stringify(name(d))); });
    kept(session, 'bench-open', '');
    if (one('theme')) one('theme').onclick = () => {
      chosen = theme({ auto: 'light', light: 'dark', dark: 'auto' }[chosen]);
      kept(local, 'bench-theme', chosen);
    };
    addEventListener('hashchange', arrange);
    wake();
    const section = location.hash.includes('?') && one(location.hash.slice(1).split('?')[0]);
    if (section) section.scrollIntoView();
    live();
  });
})();
