// The desk by keyboard. Every key only does what a link, button or field of the page does: it works without this too.
"use strict";

(() => {
  const KEPT = "desk-story"; // where the list was left
  const stories = [...document.querySelectorAll("ol.stories > .story")];
  const help = document.getElementById("keys");
  let here = -1;

  function go(place) {
    if (!stories.length) return;
    stories[here]?.classList.remove("here");
    here = Math.max(0, Math.min(stories.length - 1, place));
    const story = stories[here];
    story.classList.add("here");
    story.querySelector("h2 a").focus({ preventScroll: true });
    story.scrollIntoView({ block: "nearest" });
    sessionStorage.setItem(KEPT, story.id);
  }

  function act(key) {
    const named = [...document.querySelectorAll(`[data-key="${key}"]`)];
    const target = named.find((one) => stories[here]?.contains(one)) ?? named.find((one) => !one.closest("ol.stories"));
    if (!target) return false;
    if (target.matches("input")) target.select();
    else target.click();
    return true;
  }

  function isTyping(element) {
    return element.matches("textarea, select, input:not([type=checkbox], [type=radio])");
  }

  document.addEventListener("keydown", (event) => {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || help?.open) return;
    if (isTyping(document.activeElement) && key !== "Escape") return;
    if (key === "j") go(here + 1);
    else if (key === "k") go(here - 1);
    else if (key === "?") help?.showModal();
    else if (key === "Escape" && document.activeElement.matches("input[type=search]")) document.activeElement.blur();
    else if (!/^([a-z/]|Escape)$/.test(key) || !act(key)) return;
    event.preventDefault();
  });

  document.querySelector("[data-help]")?.addEventListener("click", () => help.showModal());
  const text = document.querySelector("input[data-select]");
  if (text === document.activeElement) text?.select();
  else text?.addEventListener("focus", () => text.select(), { once: true });
  for (const story of stories) story.addEventListener("focusin", () => {
    if (stories[here] !== story) go(stories.indexOf(story));
  });
  const left = stories.findIndex((story) => story.id === sessionStorage.getItem(KEPT));
  if (left >= 0 && document.activeElement === document.body) go(left);
})();
