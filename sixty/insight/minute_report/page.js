'use strict';
// Tabs: one category at a time; the address keeps which.
const tabs = [...document.querySelectorAll('[role=tab]')];
function choose(tab) {
  for (const each of tabs) {
    const chosen = each === tab;
    each.setAttribute('aria-selected', String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    document.getElementById(each.getAttribute('aria-controls')).hidden = !chosen;
  }
}
tabs.forEach((tab, place) => {
  tab.tabIndex = place ? -1 : 0;
  tab.addEventListener('click', () => { choose(tab); history.replaceState(null, '', '#' + tab.id); });
  tab.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(place + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
  });
});
const asked = tabs.find((tab) => '#' + tab.id === location.hash);
if (asked) choose(asked);

// Light or dark, whatever the device says.
const theme = document.querySelector('.theme');
theme.hidden = false;
theme.addEventListener('click', () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
});

// Curves: what a line says at a second, and lines that are switched off.
function when(seconds) {
  return seconds < 60 ? `第 ${seconds} 秒` : seconds % 60 ? `第 ${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒` : `第 ${seconds / 60} 分钟`;
}
for (const plot of document.querySelectorAll('.plot')) {
  const tip = plot.querySelector('.tip');
  const legend = plot.parentElement.querySelector('.legend');
  const off = new Set();
  legend.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    const course = button.dataset.course;
    const shown = off.delete(course) || !off.add(course);
    button.setAttribute('aria-pressed', String(shown));
    for (const drawn of plot.querySelectorAll('.line, .band')) {
      if (drawn.dataset.course === course) drawn.classList.toggle('off', !shown);
    }
  });
  for (const svg of plot.querySelectorAll('svg')) {
    const { x, seconds, curves } = JSON.parse(svg.dataset.curves);
    const cross = svg.querySelector('.cross');
    const leave = () => { tip.hidden = true; cross.setAttribute('visibility', 'hidden'); };
    const tell = (event) => {
      const box = svg.getBoundingClientRect();
      const scale = svg.viewBox.baseVal.width / box.width;
      const at = (event.clientX - box.left) * scale;
      let nearest = 0;
      x.forEach((place, index) => { if (Math.abs(place - at) < Math.abs(x[nearest] - at)) nearest = index; });
      cross.setAttribute('x1', x[nearest]);
      cross.setAttribute('x2', x[nearest]);
      cross.setAttribute('visibility', 'visible');
      tip.replaceChildren(Object.assign(document.createElement('b'), { textContent: when(seconds[nearest]) }));
      for (const curve of curves) {
        if (off.has(curve.course)) continue;
        const row = document.createElement('div');
        row.dataset.course = curve.course;
        const sure = curve.visits > 1 ? `${curve.low[nearest]}–${curve.high[nearest]}` : '只有 1 次';
        const parts = ['', curve.title, `${curve.mean[nearest]}（${sure}）`].map((words, place) =>
          Object.assign(document.createElement(place ? 'span' : 'i'), { textContent: words }));
        row.append(...parts);
        tip.append(row);
      }
      tip.hidden = false;
      const place = x[nearest] / scale;
      tip.style.left = `${place > box.width / 2 ? Math.max(place - tip.offsetWidth - 14, 0) : place + 14}px`;
    };
    svg.addEventListener('pointermove', tell);
    svg.addEventListener('pointerdown', tell);
    svg.addEventListener('pointerleave', leave);
  }
}
