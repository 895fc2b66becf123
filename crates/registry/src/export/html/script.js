
"use strict";
(() => {
  const table = document.getElementById("assignments");
  const body = table.tBodies[0];
  const heads = Array.from(table.tHead.rows[0].cells);
  const status = document.getElementById("status");
  const filter = document.getElementById("filter");
  const words = document.getElementById("words");
  const rows = Array.from(body.rows);
  const collator = new Intl.Collator("en", { numeric: true });
  const after = { none: "ascending", ascending: "descending", descending: "none" };
  let texts = null;
  let shown = rows.length;
  let order = "";
  let waiting = 0;

  const say = () => { status.textContent = `${shown} of ${rows.length} rows${order}`; };

  const sort = (head, column) => {
    const direction = after[head.getAttribute("aria-sort") || "none"];
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    let sorted = rows;
    order = ", in the order of the registry";
    if (direction !== "none") {
      head.setAttribute("aria-sort", direction);
      order = `, sorted by ${head.textContent}, ${direction}`;
      const sign = direction === "ascending" ? 1 : -1;
      const keys = rows.map((row) => ({ row, key: row.cells[column].textContent }));
      keys.sort((a, b) => (a.key === "") - (b.key === "") || sign * collator.compare(a.key, b.key));
      sorted = keys.map((entry) => entry.row);
    }
    const all = document.createDocumentFragment();
    sorted.forEach((row) => all.append(row));
    body.append(all);
    say();
  };

  const narrow = () => {
    texts = texts || rows.map((row) => Array.from(row.cells, (cell) => cell.textContent).join("\n").toLowerCase());
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = 0;
    rows.forEach((row, place) => {
      const fits = wanted.every((word) => texts[place].includes(word));
      row.hidden = !fits;
      if (fits) shown += 1;
    });
    say();
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head, column));
    head.replaceChildren(button);
  });
  words.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(narrow, 150);
  });
  filter.addEventListener("submit", (event) => event.preventDefault());
  filter.hidden = false;
})();
