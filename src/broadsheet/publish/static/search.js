// Searches all published stories in the reader's browser: newest month first, older ones only while they are needed.
"use strict";

(() => {
  const template = document.getElementById("search");
  const say = template.dataset;
  template.replaceWith(template.content.cloneNode(true));
  const box = document.getElementById("query");
  const status = document.querySelector(".status");
  const list = document.querySelector("search .rows");
  const older = document.querySelector(".older");
  const ENOUGH = 50; // stories found, after which older months are searched only when asked
  const MOST = 200; // stories shown
  const NO_SPACES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u; // written without spaces
  const WHERE = [["title", 10], ["topics", 5], ["outlets", 4], ["excerpt", 2]]; // points of a word found there
  const months = fetched("index.json");
  const shards = new Map();
  let turn = 0;

  async function fetched(name) {
    const answer = await fetch(name, { cache: "no-cache" });
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return answer.json();
  }

  function words(text) {
    const folded = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/ß/g, "ss").replace(/æ/g, "ae").replace(/ø/g, "o");
    return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
  }

  const sought = (text) => ` ${words(text).join(" ")} `;

  async function shard(month) {
    if (!shards.has(month)) {
      const { outlets, topics, stories } = await fetched(`${month}.json`);
      const named = (names, places) => places.map((place) => names[place]);
      shards.set(month, stories.map(([name, title, excerpt, at, ofOutlets, ofTopics]) => {
        const by = named(outlets, ofOutlets), about = named(topics, ofTopics);
        const fields = { title: sought(title), topics: sought(about.join(" ")), outlets: sought(by.join(" ")), excerpt: sought(excerpt) };
        return { name, title, at, outlet: by[0], topic: about[0], fields };
      }));
    }
    return shards.get(month);
  }

  // The points of a story: for each word those of the best place it stands in, half when only a word's beginning; 0 lacks one.
  function points(story, query) {
    let sum = 0;
    for (const word of query) {
      const beginning = NO_SPACES.test(word) ? word : ` ${word}`;
      const best = Math.max(...WHERE.map(([field, worth]) => {
        const text = story.fields[field];
        return text.includes(` ${word} `) ? worth : text.includes(beginning) ? worth / 2 : 0;
      }));
      if (!best) return 0;
      sum += best;
    }
    return sum;
  }

  function put(tag, parent, text, className) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.textContent = text;
    parent.append(element);
    return element;
  }

  function row({ name, title, at, outlet, topic }) {
    const item = document.createElement("li");
    const time = put("time", put("p", item, "", "time"), "");
    time.dateTime = new Date(at * 1000).toISOString();
    time.textContent = time.dateTime.slice(0, 16).replace("T", " ") + " UTC";
    const side = put("div", item, "");
    const headline = put("h2", side, "", "headline");
    headline.dir = "auto";
    put("a", headline, title).href = `../stories/${encodeURIComponent(name)}/`;
    const under = put("p", side, "", "under");
    if (outlet) put("bdi", under, outlet, "outlet");
    if (topic) put("bdi", under, topic);
    return item;
  }

  const monthName = (month) => new Date(`${month}-15`).toLocaleDateString(document.documentElement.lang, { month: "long", year: "numeric" });
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function show(found, month) {
    found.sort((a, b) => b.points - a.points || b.story.at - a.story.at);
    list.replaceChildren(...found.slice(0, MOST).map(({ story }) => row(story)));
    window.tellTimes?.();
    const shown = Math.min(found.length, MOST);
    status.textContent = found.length ? fill(say.found, { shown, found: found.length, month: monthName(month) }) : say.none;
  }

  async function search(upTo = ENOUGH) {
    const mine = ++turn;
    const query = words(box.value);
    history.replaceState(null, "", box.value ? `?q=${encodeURIComponent(box.value)}` : location.pathname);
    older.hidden = true;
    if (!query.length) { list.replaceChildren(); status.textContent = ""; return; }
    const found = [];
    let last = "";
    for (const [month] of await months) {
      if (found.length >= upTo) { older.hidden = false; break; }
      if (!shards.has(month)) status.textContent = fill(say.searching, { month: monthName(month) });
      const stories = await shard(month);
      if (mine !== turn) return; // the reader went on typing
      for (const story of stories) {
        const worth = points(story, query);
        if (worth) found.push({ story, points: worth });
      }
      last = month;
    }
    if (last) show(found, last); else status.textContent = say.none;
  }

  const start = (upTo) => search(upTo).catch(() => { status.textContent = say.failed; });
  months.catch(() => { status.textContent = say.failed; });
  box.addEventListener("input", () => start());
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "ArrowDown") { event.preventDefault(); list.querySelector("a")?.focus(); }
    if (event.key === "Escape" && !box.value) box.blur();
  });
  older.firstElementChild.addEventListener("click", () => start(Infinity));
  box.value = new URLSearchParams(location.search).get("q") ?? "";
  box.focus();
  if (box.value) start();
})();
