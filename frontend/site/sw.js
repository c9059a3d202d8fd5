// Keeps the files of one build, which never change, so that a second visit loads nothing. All else
// (the page itself, config.js, the API) goes to the network as if this were not here.

const BUILD = new URL(location.href).searchParams.get("build");
const FILES = `${registration.scope}${BUILD}/`;
// One origin may hold several sites, each in a folder of its own.
const PREFIX = `fv ${registration.scope} `;
const channel = new BroadcastChannel(registration.scope);

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("fetch", (event) => {
    if (event.request.method === "GET" && event.request.url.startsWith(FILES)) {
        event.respondWith(answer(event));
    }
});

async function takeOver() {
    await clients.claim();
    const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
    await Promise.all(old.filter((name) => name !== PREFIX + BUILD).map((name) => caches.delete(name)));
}

async function answer(event) {
    const kept = await look(event.request);
    if (kept) {
        channel.postMessage(Number(kept.headers.get("x-size")));
        return kept;
    }
    const fetched = await fetch(event.request);
    if (fetched.ok) {
        event.waitUntil(keep(event.request, fetched.clone()).catch(() => {}));
    }
    return fetched;
}

async function look(request) {
    try {
        return await (await caches.open(PREFIX + BUILD)).match(request.url);
    } catch {
        return undefined; // a broken cache must not stop the page
    }
}

async function keep(request, fetched) {
    const parts = [];
    const reader = fetched.body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
        parts.push(read.value);
        channel.postMessage(read.value.length);
    }
    const whole = new Blob(parts);
    const headers = { "content-type": fetched.headers.get("content-type"), "x-size": whole.size };
    // The worker of Python has the policy of its own answer.
    const policy = fetched.headers.get("content-security-policy");
    if (policy) {
        headers["content-security-policy"] = policy;
    }
    await (await caches.open(PREFIX + BUILD)).put(request.url, new Response(whole, { headers }));
}
