// Sets two experiments side by side: compare.html#a=001&b=004&m=time. Their state is in the address.
(function () {
  'use strict';
  const data = globalThis.BENCH_DATA, one = id => document.getElementById(id);
  const BASELINE = { id: 'baseline', title: 'Baseline', effects: {}, files: [] };
  const state = () => Object.assign({ a: '', b: '', m: '', hide: '' }, Object.fromEntries(new URLSearchParams(location.hash.slice(1))));

  function element(tag, attributes, ...children) {
    const e = tag === 'svg' || tag === 'line' || tag === 'circle' || tag === 'path' ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
    Object.entries(attributes || {}).forEach(([k, v]) => e.setAttribute(k, v));
    e.append(...children);
    return e;
  }
  const known = v => typeof v === 'number' && isFinite(v);
  function percent(v) {
    const t = Math.abs(v * 100).toFixed(1);
    return (t === '0.0' ? '' : v < 0 ? '−' : '+') + t + ' %';
  }
  const interval = e => known(e.lo) && known(e.hi) ? '[' + percent(e.lo).slice(0, -2) + ', ' + percent(e.hi).slice(0, -2) + ']' : 'no interval';

  // The difference of two independent effects from their intervals (MOVER, Zou and Donner 2008), as ratios: each was
  // measured against baseline runs of its own.
  function difference(a, b) {
    const log = v => Math.log1p(v), d = log(b.d) - log(a.d);
    const lo = d - Math.hypot(log(b.d) - log(b.lo), log(a.hi) - log(a.d)), hi = d + Math.hypot(log(b.hi) - log(b.d), log(a.d) - log(a.lo));
    return { d: Math.expm1(d), lo: Math.expm1(lo), hi: Math.expm1(hi), c: Math.min(a.c, b.c) };
  }
  const NONE = { d: 0, lo: 0, hi: 0, c: 1 };
  const find = id => id === BASELINE.id ? BASELINE : data.experiments.find(x => x.id === id);
  const effect = (x, m, input) => x === BASELINE ? NONE : (x.effects[m] || []).find(e => (e.input || '') === input);
  const words = (e, m) => {
    const lower = m.better !== 'higher';
    if (!known(e.lo) || !known(e.hi)) return 'no interval';
    if (e.lo <= 0 && e.hi >= 0) return 'not distinguishable';
    return (e.d < 0) === lower ? 'B is better' : 'B is worse';
  };

  function dots(list, range) {
    const w = 220, at = v => 6 + (Math.max(range[0], Math.min(range[1], v)) - range[0]) / (range[1] - range[0]) * (w - 12);
    const svg = element('svg', { class: 'bc cell', viewBox: '0 0 220 24', 'aria-hidden': 'true' }, element('line', { class: 'zero', x1: at(0), x2: at(0), y1: 0, y2: 24 }));
    list.forEach(([e, y, css]) => {
      if (!e || !known(e.d)) return;
      if (known(e.lo) && known(e.hi)) svg.append(element('path', { class: 'err ' + css, d: 'M' + at(e.lo) + ' ' + y + 'H' + at(e.hi) }));
      svg.append(element('circle', { class: 'g ' + css, cx: at(e.d), cy: y, r: 4 }));
    });
    return svg;
  }
  function row(input, a, b, metric, range) {
    const d = a && b && known(a.d) && known(b.d) ? difference(a, b) : null;
    const tr = element('tr', {}, element('td', {}, input || 'all, weighted'));
    [a, b].forEach(e => tr.append(element('td', { class: 'n' }, e ? percent(e.d) + ' ' : '–', element('small', {}, e && e !== NONE ? interval(e) : ''))));
    tr.append(element('td', { class: 'cellc' }, dots([[a, 8, 'v-discard'], [b, 16, 'v-run']], range)));
    tr.append(element('td', { class: 'n' }, element('b', {}, d ? percent(d.d) : '–'), ' ', element('small', {}, d ? interval(d) : '')));
    tr.append(element('td', {}, d ? words(d, metric) : ''));
    return { tr: tr, vague: !d || words(d, metric) === 'not distinguishable' };
  }
  function name(x) { return x === BASELINE ? 'the baseline' : element('a', { href: 'experiments/' + x.slug + '.html' }, x.id + ' ' + x.title); }

  function together(a, b) {
    const ul = element('ul', {});
    const pair = data.pairs.find(p => p.a === a.id && p.b === b.id || p.a === b.id && p.b === a.id);
    const both = (a.files || []).filter(f => (b.files || []).includes(f));
    if (pair) ul.append(element('li', {}, 'Together: ' + pair.kind + (pair.note ? ', ' + pair.note : '')));
    else if (both.length) ul.append(element('li', {}, 'Both change ' + both.join(', ')));
    else if (a !== BASELINE && b !== BASELINE) ul.append(element('li', {}, 'They change no file in common.'));
    [a, b].forEach(x => { if (x !== BASELINE && (x.source || x.env)) ul.append(element('li', {}, x.id + ': ' + [x.source].concat(x.env || []).filter(Boolean).join(', '))); });
    return ul;
  }
  function draw() {
    const s = state(), a = find(s.a) || data.experiments[0] || BASELINE, b = find(s.b) || BASELINE, metric = data.metrics.find(m => m.name === s.m) || data.metrics[0];
    one('a').value = a.id; one('b').value = b.id; one('m').value = metric.name; one('hide').checked = s.hide === '1';
    const inputs = [''];
    [a, b].forEach(x => (x.effects[metric.name] || []).forEach(e => { if (e.input && !inputs.includes(e.input)) inputs.push(e.input); }));
    let range = [-.02, .02];
    const pairs = inputs.map(i => [i, effect(a, metric.name, i), effect(b, metric.name, i)]);
    pairs.forEach(p => p.slice(1).forEach(e => { if (e) [e.d, e.lo, e.hi].filter(known).forEach(v => { range = [Math.min(range[0], v), Math.max(range[1], v)]; }); }));
    const rows = pairs.map(p => row(p[0], p[1], p[2], metric, range)), shown = rows.filter((r, i) => i === 0 || !(one('hide').checked && r.vague));
    const head = element('tr', {});
    ['Input', 'A: ' + a.id, 'B: ' + b.id, 'A above, B below', 'B over A', 'In words'].forEach((t, i) => head.append(element('th', { scope: 'col', class: i === 1 || i === 2 || i === 4 ? 'n' : 'w' }, t)));
    const d = pairs[0][1] && pairs[0][2] && known(pairs[0][1].d) && known(pairs[0][2].d) && difference(pairs[0][1], pairs[0][2]);
    const c = d && known(d.c) && d.c < 1 ? ', ' + +(d.c * 100).toFixed(2) + ' % interval ' : ' ';
    one('result').replaceChildren(
      element('div', { class: 'card' }, element('p', { class: 'note' }, name(b), ' over ', name(a), ', ' + metric.name),
        element('div', { class: 'big' }, d ? percent(d.d) : 'no number', ' ', element('small', {}, d ? c.replace(', ', '') + interval(d) : 'one of them has no measured effect on this metric')),
        element('p', { class: 'sum' }, d ? words(d, metric) : [a, b].filter(x => x !== BASELINE && !(x.effects[metric.name] || []).length).map(x => x.id + ' is ' + x.status + (x.reason ? ': ' + x.reason : '')).join('; ')), together(a, b)),
      element('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Per input' }, element('table', {}, element('thead', {}, head), element('tbody', {}, ...shown.map(r => r.tr)))),
      element('p', { class: 'note' }, rows.length > shown.length ? rows.length - shown.length + ' hidden. ' : '', 'Each was measured against baseline runs of its own; the interval of their difference comes from both intervals.'));
  }
  function go(change) {
    const s = Object.assign(state(), { a: one('a').value, b: one('b').value, m: one('m').value, hide: one('hide').checked ? '1' : '' }, change);
    history.replaceState(null, '', '#' + new URLSearchParams(Object.entries(s).filter(e => e[1])));
    draw();
  }
  document.addEventListener('DOMContentLoaded', () => {
    if (!data) return;
    ['a', 'b'].forEach(id => [BASELINE].concat(data.experiments).forEach(x => one(id).append(element('option', { value: x.id }, x === BASELINE ? x.title : x.id + ' ' + x.title + ' – ' + x.status))));
    data.metrics.forEach(m => one('m').append(element('option', { value: m.name }, m.name)));
    one('choose').hidden = false;
    ['a', 'b', 'm', 'hide'].forEach(id => { one(id).onchange = () => go({}); });
    one('swap').onclick = () => go({ a: one('b').value, b: one('a').value });
    addEventListener('hashchange', draw);
    draw();
  });
})();
