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

const load = async () => {
  if (paused || document.hidden) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error("the server answers " + answer.status);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const content = next.getElementById("content");
    if (!content) throw new Error("the answer is no page");
    byId("content").replaceWith(document.adoptNode(content));
    document.title = next.title;
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
