'use strict';
// A report's page: sort and filter tables, hide rows everywhere, switch axes. Without it everything is shown.
(function () {
  var all = function (what, from) { return Array.prototype.slice.call((from || document).querySelectorAll(what)); };
  var make = function (tag, text) { var e = document.createElement(tag); if (text) e.textContent = text; return e; };
  document.documentElement.classList.add('js');

  // What a cell sorts by: its first number, or its text.
  function value(cell) {
    if (!cell) return '';
    if (cell.dataset.v) return parseFloat(cell.dataset.v);
    var text = cell.textContent.trim();
    var number = /^[<>~]?\s*[-+\u2212]?[\d.]/.test(text) ? parseFloat(text.replace(/^[<>~]\s*/, '').replace('\u2212', '-')) : NaN;
    return isNaN(number) ? text.toLowerCase() : number;
  }
  function sort(table, column, head) {
    var down = head.getAttribute('aria-sort') === 'ascending', body = table.tBodies[0];
    all('th', table).forEach(function (h) { h.setAttribute('aria-sort', 'none'); });
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    var rows = all('tr', body).map(function (r, i) { return { row: r, i: i, v: value(r.cells[column]) }; });
    rows.sort(function (a, b) {
      var x = a.v, y = b.v, order;
      if (typeof x !== typeof y) order = typeof x === 'number' ? -1 : 1;  // what has no number stays below
      else order = (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
      return order || a.i - b.i;
    });
    rows.forEach(function (r) { body.appendChild(r.row); });
  }
  all('table').forEach(function (table) {
    all('thead th', table).forEach(function (head, column) {
      head.tabIndex = 0;
      head.setAttribute('aria-sort', 'none');
      head.title = 'sort';
      head.addEventListener('click', function () { sort(table, column, head); });
      head.addEventListener('keydown', function (e) {
        if (e.key !== 'Enter' && e.key !== ' ') return;
        e.preventDefault();
        sort(table, column, head);
      });
    });
  });

  // Rows that are hidden, by what they are called.
  var hidden = {}, words = '';
  function show() {
    all('[data-row]').forEach(function (e) {
      var name = e.dataset.row, off = !!hidden[name], isRow = e.tagName === 'TR';
      var found = !words || (isRow ? e.textContent : name).toLowerCase().indexOf(words) >= 0;
      if (e.classList.contains('key')) e.setAttribute('aria-pressed', String(!off));
      else e.classList.toggle('off', off || (isRow && !found));
      if (!isRow && !e.classList.contains('key')) e.style.opacity = found ? '' : '.12';
    });
    all('tbody tr:not([data-row])').forEach(function (e) {
      e.classList.toggle('off', !!words && e.textContent.toLowerCase().indexOf(words) < 0);
    });
  }
  all('.key').forEach(function (key) {
    function toggle(e) {
      if (e.shiftKey) {
        all('.key', key.parentNode).forEach(function (k) { hidden[k.dataset.row] = k !== key; });
      } else {
        hidden[key.dataset.row] = !hidden[key.dataset.row];
      }
      show();
    }
    key.title = 'hide or show in every figure and table; with Shift, hide all others of this legend';
    key.addEventListener('click', toggle);
    if (key.tagName === 'BUTTON') return;
    key.addEventListener('keydown', function (e) {
      if (e.key !== 'Enter' && e.key !== ' ') return;
      e.preventDefault();
      toggle(e);
    });
  });

  // The tools above the page.
  var tools = make('div'), main = document.querySelector('main');
  tools.className = 'tools';
  var search = make('input');
  search.type = 'search';
  search.placeholder = 'find a row';
  search.setAttribute('aria-label', 'find a row');
  search.addEventListener('input', function () { words = search.value.trim().toLowerCase(); show(); });
  tools.appendChild(search);

  // Panels of one figure that differ in their axis: one at a time.
  var axes = [];
  var figures = all('figure').filter(function (f) {
    var own = {};
    all('.panel[data-axis]', f).forEach(function (p) {
      own[p.dataset.axis] = 1;
      if (axes.indexOf(p.dataset.axis) < 0) axes.push(p.dataset.axis);
    });
    return Object.keys(own).length > 1;
  });
  function choose(axis) {
    figures.forEach(function (f) {
      var panels = all('.panel[data-axis]', f);
      var has = panels.some(function (p) { return p.dataset.axis === axis; });
      panels.forEach(function (p, i) {
        p.classList.toggle('away', axis !== '' && (has ? p.dataset.axis !== axis : i > 0));
      });
    });
  }
  if (figures.length) {
    var label = make('label', 'along '), select = make('select');
    axes.concat(['']).forEach(function (axis) {
      var option = make('option', axis || 'all of these');
      option.value = axis;
      select.appendChild(option);
    });
    select.addEventListener('change', function () { choose(select.value); });
    label.appendChild(select);
    tools.appendChild(label);
    choose(axes[0]);
  }
  if (document.querySelector('.sd')) {
    var seeds = make('label'), box = make('input');
    box.type = 'checkbox';
    box.addEventListener('change', function () { document.body.classList.toggle('noseeds', !box.checked); });
    document.body.classList.add('noseeds');
    seeds.appendChild(box);
    seeds.appendChild(document.createTextNode(' each seed'));
    tools.appendChild(seeds);
  }
  if (document.querySelector('.key')) {
    var reset = make('button', 'show all rows');
    reset.type = 'button';
    reset.addEventListener('click', function () { hidden = {}; words = search.value = ''; show(); });
    tools.appendChild(reset);
  }
  var folds = all('details');
  if (folds.length) {
    var unfold = make('button', 'unfold all');
    unfold.type = 'button';
    unfold.addEventListener('click', function () {
      var open = folds.some(function (d) { return !d.open; });
      folds.forEach(function (d) { d.open = open; });
      unfold.textContent = open ? 'fold all' : 'unfold all';
    });
    tools.appendChild(unfold);
  }
  var first = document.querySelector('main > h2');
  if (first && document.querySelector('table, figure')) main.insertBefore(tools, first);

  // A link into what is folded unfolds it.
  function reach() {
    var id = decodeURIComponent(location.hash.slice(1)), at = id && document.getElementById(id);
    for (var e = at; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true;
    if (at) at.scrollIntoView();
  }
  window.addEventListener('hashchange', reach);
  reach();
  window.addEventListener('beforeprint', function () { folds.forEach(function (d) { d.open = true; }); });

  // What points say, at once and also by touch.
  var tip = make('div');
  tip.id = 'tip';
  tip.hidden = true;
  document.body.appendChild(tip);
  all('svg title').forEach(function (t) {
    var parent = t.parentNode;
    parent.setAttribute('data-tip', t.textContent);
    t.remove();
  });
  document.addEventListener('pointerover', function (e) {
    var at = e.target.closest && e.target.closest('[data-tip]');
    tip.hidden = !at;
    if (!at) return;
    tip.textContent = at.getAttribute('data-tip');
    var x = Math.min(e.clientX + 12, window.innerWidth - tip.offsetWidth - 6);
    tip.style.left = Math.max(4, x) + 'px';
    tip.style.top = (e.clientY + 16 + tip.offsetHeight > window.innerHeight ? e.clientY - tip.offsetHeight - 8 : e.clientY + 16) + 'px';
  });
})();
