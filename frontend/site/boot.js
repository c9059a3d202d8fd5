// Starts Streamlit in this browser, and shows scenes and progress until it has drawn the page.

const PATIENCE_MS = 90_000;
const CACHE_PATIENCE_MS = 3_000;
const RETRY_MS = 4_000;
const HEAD_START_MS = 500; // of the gallery: Python will keep the machine busy
const HISTORY = "fv-start-seconds";
// What stlite says of its progress, and what we say.
const STAGES = {
    "Loading Pyodide.": "python",
    "Installing packages.": "packages",
    "Booting up the Streamlit server.": "page",
};
const STEPS = 9; // that stlite reports

const facts = JSON.parse(document.getElementById("facts").textContent);
const api = (globalThis.APP_CONFIG?.API_BASE_URL ?? location.origin).replace(/\/+$/, "");
const part = (id) => document.getElementById(id);
const scope = new URL("./", location.href).href; // as the service worker calls it
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const language = [new URLSearchParams(location.search).get("lang"), navigator.language]
    .map((name) => name?.slice(0, 2).toLowerCase())
    .find((name) => name in facts.texts) ?? "en";
const began = performance.now();
let loadedBytes = 0;
let steps = 0;
let running = false; // then Python reads the address: another scene would come too late
let over = false;

function text(key, values = {}) {
    return facts.texts[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function show() {
    document.documentElement.lang = language;
    part("what").textContent = text("what");
    part("choose").textContent = text("choose");
    part("reload").textContent = text("reload");
    part("reload").onclick = reload;
    part("status").textContent = text("files");
    const seconds = recall();
    const megabytes = Math.round(facts.bytes / 1e6);
    part("note").textContent = seconds ? text("again", { seconds }) : text("first", { megabytes });
    part("start").hidden = false;
}

/** What the last start took, where the browser lets us remember it. */
function recall() {
    try {
        return localStorage.getItem(HISTORY);
    } catch {
        return null;
    }
}

function draw() {
    if (over) {
        return;
    }
    const bytes = Math.min(1, loadedBytes / facts.bytes);
    part("progress").value = (bytes + Math.min(1, steps / STEPS)) / 2;
}

async function loadGallery() {
    while (!over) {
        try {
            const signal = AbortSignal.timeout(PATIENCE_MS);
            const answer = await fetch(`${api}/api/scenes?limit=12`, { signal });
            if (!answer.ok) {
                throw new Error(answer.status);
            }
            const { scenes } = await answer.json();
            if (!over) {
                await drawGallery(scenes.map((scene) => scene.id));
            }
            return;
        } catch {
            if (!over) {
                part("service").textContent = text("unreachable");
            }
            await wait(RETRY_MS);
        }
    }
}

/** Show scenes, and return when the first of their pictures is there. */
async function drawGallery(ids) {
    part("service").textContent = "";
    part("scenes").replaceChildren(...ids.map(drawScene));
    part("gallery").hidden = ids.length === 0;
    mark();
    const pictures = [...part("scenes").querySelectorAll("img")];
    await Promise.any(pictures.map((picture) => picture.decode())).catch(() => {});
}

function drawScene(id) {
    const picture = new Image();
    picture.alt = "";
    // A scene without its picture keeps its place.
    picture.onerror = () => picture.removeAttribute("src");
    picture.src = `${api}/api/thumbnails/${id.split("/").map(encodeURIComponent).join("/")}`;
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.id = id;
    button.disabled = running;
    button.append(picture, id);
    button.onclick = () => choose(id);
    const item = document.createElement("li");
    item.append(button);
    return item;
}

function choose(id) {
    const address = new URL(location.href);
    address.searchParams.set("id", id);
    address.searchParams.delete("view");
    history.replaceState(history.state, "", address);
    part("chosen").textContent = text("chosen", { id });
    mark();
}

/** Show which scene the address names. */
function mark() {
    const id = new URLSearchParams(location.search).get("id");
    for (const button of part("scenes").querySelectorAll("button")) {
        button.setAttribute("aria-pressed", String(button.dataset.id === id));
    }
}

/** Let the service worker take over, so that all files pass it; without one the page runs too. */
async function startCache() {
    const counting = new BroadcastChannel(scope);
    counting.onmessage = ({ data }) => {
        loadedBytes += data;
        draw();
    };
    const registration = await navigator.serviceWorker.register(`./sw.js?build=${facts.build}`);
    const coming = registration.installing ?? registration.waiting;
    if (coming) {
        await new Promise((resolve) => {
            coming.onstatechange = () => ["activated", "redundant"].includes(coming.state) && resolve();
        });
    }
}

async function startPython(gallery) {
    await Promise.all([
        Promise.race([startCache().catch(() => {}), wait(CACHE_PATIENCE_MS)]),
        Promise.race([gallery, wait(HEAD_START_MS)]),
    ]);
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL("./stlite/stlite.css", import.meta.url).href;
    document.head.append(style);
    const { mount } = await import("./stlite/stlite.js");
    const app = mount({
        entrypoint: "streamlit_app.py",
        archives: [{ url: new URL("./app.zip", import.meta.url).href, format: "zip" }],
        pyodideUrl: new URL("./pyodide/pyodide.mjs", import.meta.url).href,
        // Not their addresses: what the lock file beside pyodide.mjs names comes in one archive.
        wheelUrls: { streamlit: "streamlit", stliteLib: "stlite-lib" },
        env: { API_BASE_URL: api, EXPLORER_BATCHES: globalThis.APP_CONFIG?.EXPLORER_BATCHES ?? "" },
        disableProgressToasts: true,
        disableErrorToasts: true,
    }, part("root"));
    const kernel = app._kernel;
    kernel.addEventListener("loadProgress", ({ detail }) => advance(STAGES[detail]));
    kernel.addEventListener("loadFinished", () => {
        running = true;
        part("scenes").querySelectorAll("button").forEach((button) => (button.disabled = true));
        advance();
    });
    kernel.addEventListener("loadError", fail);
}

function advance(stage) {
    steps += 1;
    if (stage && !over) {
        part("status").textContent = text(stage);
    }
    draw();
}

function watch() {
    const drawn = new MutationObserver(() => {
        const root = part("root");
        if (root.querySelector(".fv-header")) {
            drawn.disconnect();
            finish();
        } else if (root.querySelector('[data-testid="stException"]')) {
            fail();
        }
    });
    drawn.observe(part("root"), { subtree: true, childList: true });
}

function finish() {
    over = true;
    part("root").inert = false;
    part("loading").remove();
    try {
        localStorage.setItem(HISTORY, Math.ceil((performance.now() - began) / 1000));
    } catch {
        // then the next visit says nothing of it
    }
}

function fail() {
    if (!over) {
        part("failure").textContent = text("failed");
        part("reload").hidden = false;
        part("progress").hidden = true;
        part("status").textContent = "";
    }
}

/** Begin anew, without what is kept: it may be what is broken. */
async function reload() {
    try {
        const names = (await caches.keys()).filter((name) => name.startsWith(`fv ${scope} `));
        await Promise.all(names.map((name) => caches.delete(name)));
    } finally {
        location.reload();
    }
}

show();
watch();
setTimeout(fail, PATIENCE_MS);
startPython(loadGallery()).catch(fail);
