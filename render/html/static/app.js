// Sorts tables by a click or a key on a column's heading. Without script the pages lose nothing else.
(function () {
  'use strict';
  function key(row, column) {
    var cell = null, at = 0;
    for (var i = 0; i < row.cells.length && !cell; i++) {
      at += row.cells[i].colSpan;
      if (at > column) cell = row.cells[i];
    }
    if (!cell) return '';
    return cell.hasAttribute('data-value') ? cell.getAttribute('data-value') : cell.textContent.trim();
  }
  function sort(table, heading, column) {
    var up = heading.getAttribute('aria-sort') !== 'ascending';
    var numeric = heading.getAttribute('data-sort') === 'number';
    Array.prototype.forEach.call(heading.parentNode.cells, function (h) { h.removeAttribute('aria-sort'); });
    heading.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    var body = table.tBodies[0];
    Array.prototype.slice.call(body.rows).map(function (row, i) {
      return { row: row, at: i, key: key(row, column) };
    }).sort(function (a, b) {
      if (a.key === '' || b.key === '') return a.key === b.key ? a.at - b.at : a.key === '' ? 1 : -1; // no value: last
      var c = numeric ? parseFloat(a.key) - parseFloat(b.key) : a.key.localeCompare(b.key);
      return (up ? c : -c) || a.at - b.at;
    }).forEach(function (x) { body.appendChild(x.row); });
  }
  Array.prototype.forEach.call(document.querySelectorAll('table.sort'), function (table) {
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (heading, column) {
      if (!heading.hasAttribute('data-sort')) return;
      var button = document.createElement('button');
      button.type = 'button';
      button.textContent = heading.textContent;
      heading.textContent = '';
      heading.appendChild(button);
      button.addEventListener('click', function () { sort(table, heading, column); });
    });
  });
})();
