// The front page offline: it and what it is made of are kept when visited; the network always comes first. Nothing else is
// kept, and no other host is asked. Written anew when a style sheet or script changes, which drops what the old one kept.
"use strict";

const FRAME = [{% for name in ("site.css", "site.js", "favicon.svg") %}{{ ("static/" ~ name ~ "?" ~ version["static/" ~ name]) | tojson }}{{ "" if loop.last else ", " }}{% endfor %}];
const HOME = self.registration.scope;
const KEPT = `broadsheet ${HOME} ${FRAME.join(" ")}`;

async function install() {
  const cache = await caches.open(KEPT);
  await cache.addAll([HOME, ...FRAME.map((path) => HOME + path)]);
  await self.skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith(`broadsheet ${HOME} `) && name !== KEPT);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function page(request) {
  const home = request.url.split(/[?#]/)[0].replace(/index\.html$/, "") === HOME;
  try {
    const answer = await fetch(request);
    if (home && answer.ok) await (await caches.open(KEPT)).put(HOME, answer.clone());
    return answer;
  } catch {
    return home ? (await caches.match(HOME)) ?? Response.error() : Response.redirect(HOME);
  }
}

async function part(request) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && FRAME.some((path) => request.url === HOME + path)) await cache.put(request, answer.clone());
  return answer;
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(HOME)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (request.url.startsWith(`${HOME}static/`)) event.respondWith(part(request));
});
