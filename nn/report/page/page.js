// The page contains its curves as SVG. This script hides and shows lines, and moves a cursor
// over the epochs by pointer and keyboard.
"use strict";
(() => {
  const { series } = JSON.parse(document.getElementById("data").textContent);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const panels = document.querySelector(".panels");
  const slider = document.getElementById("epoch");
  const shown = new Set(all("input[data-series]").filter((box) => box.checked).map((box) => Number(box.dataset.series)));
  const sets = new Set([0, 1]);

  // The epochs at which the cursor stops: those of the longest series.
  const epochs = series.reduce((most, s) => ((s.epochs?.at(-1) ?? 0) > (most.at(-1) ?? 0) ? s.epochs : most), []);

  // valueAt returns [mean, lower quartile, upper quartile] of a series at its last epoch that
  // is not after the given one. It returns undefined if the series has ended before.
  const valueAt = (s, epoch, quantity, set) => {
    const at = (s.epochs ?? []).findLastIndex((e) => e <= epoch);
    return at < 0 || s.epochs.at(-1) < epoch ? undefined : s[quantity][at][set];
  };

  const text = (value, quantity) => {
    if (!value || value[0] === null) return "–";
    const [mean, low, high] = value.map((v) => (v === null ? "–" : v.toFixed(quantity === "loss" ? 4 : 1)));
    return `${mean} (${low}–${high})`;
  };

  // place returns the position of a value in a panel's SVG, as panel.x and panel.y in chart.go
  // do.
  const place = (svg, log, epoch, value) => {
    const { first, last, low, high } = Object.fromEntries(Object.entries(svg.dataset).map(([k, v]) => [k, Number(v)]));
    const share = log ? (Math.log(Math.max(value, low)) - Math.log(low)) / (Math.log(high) - Math.log(low)) : (value - low) / (high - low);
    return [54 + ((epoch - first) / (last - first)) * 454, 280 - Math.min(Math.max(share, 0), 1) * 268];
  };

  const element = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  // moveTo moves the cursor to an epoch, given by its index in epochs.
  const moveTo = (index) => {
    const epoch = epochs[index];
    slider.value = index;
    slider.setAttribute("aria-valuetext", `epoch ${epoch}`);
    document.getElementById("at").textContent = `After epoch ${epoch}`;
    for (const cell of all("#values td")) {
      const s = series[cell.parentElement.dataset.series];
      cell.textContent = text(valueAt(s, epoch, cell.dataset.quantity, cell.dataset.set), cell.dataset.quantity);
    }
    for (const figure of all("figure", panels)) {
      const svg = figure.querySelector("svg");
      const cursor = svg.querySelector(".cursor");
      const line = cursor.querySelector("path");
      line.setAttribute("d", `M${place(svg, false, epoch, 0)[0]},12V280`);
      cursor.replaceChildren(line);
      cursor.removeAttribute("hidden");
      for (const curve of all(".curve:not(.off)", svg)) {
        const value = valueAt(series[curve.dataset.series], epoch, figure.dataset.quantity, curve.dataset.set);
        if (!value || value[0] === null) continue;
        const [x, y] = place(svg, "log" in figure.dataset, epoch, value[0]);
        cursor.append(element("circle", { class: `dot ${curve.classList[1]}`, cx: x, cy: y, r: 4 }));
      }
    }
  };

  // refresh applies the check boxes.
  const refresh = () => {
    const log = document.getElementById("log").checked;
    panels.classList.toggle("no-bands", !document.getElementById("bands").checked);
    for (const figure of all('figure[data-quantity="loss"]', panels)) figure.hidden = "log" in figure.dataset !== log;
    for (const curve of all(".curve", panels)) {
      curve.classList.toggle("off", !shown.has(Number(curve.dataset.series)) || !sets.has(Number(curve.dataset.set)));
    }
    for (const row of all("#values tbody tr")) row.hidden = !shown.has(Number(row.dataset.series));
    moveTo(Number(slider.value));
  };

  const follow = (box, members, member) => {
    box.addEventListener("change", () => {
      if (box.checked) members.add(member);
      else members.delete(member);
      refresh();
    });
  };
  for (const box of all("input[data-series]")) follow(box, shown, Number(box.dataset.series));
  for (const box of all("input[data-set]")) follow(box, sets, Number(box.dataset.set));
  for (const id of ["bands", "log"]) document.getElementById(id).addEventListener("change", refresh);

  // While the pointer is on a variant that is shown, the others fade.
  for (const label of all("label.variant")) {
    const box = label.firstElementChild;
    const fade = (on) => {
      for (const curve of all(".curve", panels)) {
        curve.classList.toggle("faint", on && box.checked && curve.dataset.series !== box.dataset.series);
      }
    };
    for (const type of ["pointerenter", "focusin", "change"]) label.addEventListener(type, () => fade(true));
    for (const type of ["pointerleave", "focusout"]) label.addEventListener(type, () => fade(false));
  }

  if (epochs.length > 0) {
    slider.max = epochs.length - 1;
    slider.addEventListener("input", () => moveTo(Number(slider.value)));
    for (const svg of all(".panel")) {
      const point = (event) => {
        const box = svg.getBoundingClientRect();
        const share = (((event.clientX - box.left) / box.width) * 520 - 54) / 454;
        const epoch = Number(svg.dataset.first) + share * (svg.dataset.last - svg.dataset.first);
        let nearest = 0;
        epochs.forEach((e, i) => {
          if (Math.abs(e - epoch) < Math.abs(epochs[nearest] - epoch)) nearest = i;
        });
        moveTo(nearest);
      };
      svg.addEventListener("pointermove", point);
      svg.addEventListener("pointerdown", point);
    }
    slider.value = epochs.length - 1;
    refresh();
  }

  // A link to a network opens its details.
  const open = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target instanceof HTMLDetailsElement) target.open = true;
  };
  addEventListener("hashchange", open);
  open();
  document.documentElement.dataset.ready = "";
})();
