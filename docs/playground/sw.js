// Keeps all files of the playground, so that it works without a network afterwards.
"use strict";
importScripts("files.js");

const KEPT = `minidock-${self.VERSION}`;
const here = new URL("./", self.location.href);
const addresses = ["./", ...Object.keys(self.FILES)].map((name) => new URL(name, here).href);

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(KEPT);
    const there = new Set((await cache.keys()).map((request) => request.url));
    await cache.addAll(addresses.filter((address) => !there.has(address)));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("minidock-") && name !== KEPT);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== here.origin) return;
  url.hash = url.search = "";
  if (!addresses.includes(url.href)) return;
  event.respondWith((async () => {
    const cache = await caches.open(KEPT);
    return (await cache.match(url.href)) ?? fetch(event.request);
  })());
});
