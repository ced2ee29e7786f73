"use strict";
const byId = id => document.getElementById(id);
const seconds = +document.body.dataset.refresh;
let paused = false;

document.addEventListener("pointermove", event => {
  const map = event.target.closest?.(".map svg");
  if (!map) return;
  const { left, top, width, height } = map.getBoundingClientRect();
  const x = Math.floor((event.clientX - left) / width * 256);
  const y = Math.floor((event.clientY - top) / height * map.viewBox.baseVal.height);
  const { first, last, free } = map.dataset;
  const port = first - first % 256 + y * 256 + x;
  const isInside = x >= 0 && x < 256 && port >= first && port <= last;
  const cell = map.createSVGPoint();
  const path = [...map.querySelectorAll("[data-use]")].find(path => {
    const isVertical = "v" in path.dataset;
    cell.x = isVertical ? x : x + .5;
    cell.y = isVertical ? y + .5 : y;
    return path.isPointInStroke(cell);
  });
  const use = path ? path.dataset.use : free;
  map.closest("figure").querySelector(".under").textContent = isInside ? `port ${port}: ${use}` : "";
});

// What was left of each pool since the page was opened, at most an hour: [milliseconds, ports].
let samples = new Map();
const longest = 240;

const duration = seconds => seconds < 100 ? `${Math.round(seconds)} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min`
  : `${Math.round(seconds / 3600)} h`;

// The change since the first sample, and if ports are going, when they will be gone at the pace of the last two minutes.
const words = list => {
  const [[start, before], [now, left]] = [list[0], list[list.length - 1]];
  const since = duration((now - start) / 1000);
  if (left === before) return `unchanged for ${since}`;
  const change = `${Math.abs(left - before).toLocaleString("en")} ${left < before ? "fewer" : "more"} than ${since} ago`;
  const [then, had] = list.find(([time]) => now - time <= 120000) ?? list[0];
  const seconds = left * (now - then) / 1000 / (had - left);
  return left > 0 && had > left && seconds < 86400 ? `${change}; none left in ${duration(seconds)} at this pace` : change;
};

// What was left over time, from the least to the most; changes of less than a fiftieth of the capacity stay small.
const line = (list, capacity) => {
  const [start, end, ports] = [list[0][0], list[list.length - 1][0], list.map(([, left]) => left)];
  const [least, span] = [Math.min(...ports), Math.max(Math.max(...ports) - Math.min(...ports), capacity / 50)];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 20");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const path = svg.appendChild(document.createElementNS(svg.namespaceURI, "path"));
  const at = ([time, left]) => `${(100 * (time - start) / (end - start)).toFixed(1)} ${(19 - 18 * (left - least) / span).toFixed(1)}`;
  path.setAttribute("d", "M" + list.map(at).join("L"));
  return svg;
};

const keep = () => {
  const [now, kept] = [Date.now(), new Map()];
  for (const element of document.querySelectorAll("[data-pool]")) {
    const { pool, left, capacity } = element.dataset;
    if (!kept.has(pool)) kept.set(pool, [...samples.get(pool) ?? [], [now, +left]].slice(-longest));
    const list = kept.get(pool);
    if (list.length > 1 && list[0][0] < now) element.querySelector(".trend").replaceChildren(line(list, +capacity || 1), words(list));
  }
  samples = kept;
};
keep();

const load = async () => {
  if (paused || document.hidden) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error("the server answered " + answer.status);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const content = next.getElementById("content");
    if (!content) throw new Error("the server sent something other than this page");
    byId("content").replaceWith(document.adoptNode(content));
    document.title = next.title;
    keep();
    byId("problem").textContent = "";
  } catch (error) {
    byId("problem").textContent = "Not up to date: " + error.message;
  }
};

if (seconds > 0) {
  const button = byId("pause");
  button.hidden = false;
  button.onclick = () => {
    paused = !paused;
    button.textContent = paused ? "Resume" : "Pause";
    button.setAttribute("aria-pressed", paused);
  };
  setInterval(load, seconds * 1000);
}
