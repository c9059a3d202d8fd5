// Link: what a viewer shows, as a part of the page's address; and steps back and forward.

/** The parameter that belongs to the viewer: the page leaves it as it is. */
const LOOK = "look";
/** In these the page says which step it knows of, and that the address before was wrong; they are not shown. */
const STEP = "step";
const CORRECTED = "corrected";
const REMEMBER_MS = 300;

/** Write what is shown: both layers, the divider or "side", the part that zoom leaves. */
function writeLook({ views, split, side, part: { x, y, size } }) {
    const zoom = size < 1 ? [x, y, size].map((share) => share.toFixed(4)) : [];
    return [...views.map((view) => view ?? ""), side ? "side" : Math.round(100 * split), ...zoom].join("~");
}

/** Read the address; what it does not say, or says wrongly, is as usual. */
function readLook() {
    const said = new URL(location.href).searchParams.get(LOOK) ?? "";
    const [left, right, split, ...zoom] = said.split("~");
    const share = Number.parseFloat(split);
    const [x, y, size] = zoom.map(Number);
    const zoomed = size >= 1 / MAX_ZOOM && size < 1 && x >= 0 && y >= 0;
    return {
        views: [left, right].map((view) => (VIEWS.includes(view) ? view : null)),
        split: Number.isFinite(share) ? clamp(share / 100, 0, 1) : 0.5,
        side: split === "side",
        part: zoomed ? { x: Math.min(x, 1 - size), y: Math.min(y, 1 - size), size } : { x: 0, y: 0, size: 1 },
    };
}

const USUAL = writeLook({ views: [null, null], split: 0.5, part: { size: 1 } });
let remembering = 0;

/** Have the address say what is shown; not at every step of a drag, and without a step of its own. */
function rememberLook(state) {
    clearTimeout(remembering);
    remembering = setTimeout(() => {
        const url = new URL(location.href);
        if (!hasViewer(url)) return;
        const look = writeLook(state);
        if (look === (url.searchParams.get(LOOK) ?? USUAL)) return;
        if (look === USUAL) url.searchParams.delete(LOOK);
        else url.searchParams.set(LOOK, look);
        history.replaceState(history.state, "", url);
    }, REMEMBER_MS);
}

/**
 * Follow steps back and forward: write the address into a field that the page reads. Streamlit
 * writes the address and never reads it again.
 */
function followAddress() {
    const [push, replace] = [history.pushState.bind(history), history.replaceState.bind(history)];
    let steps = 0;
    // What the page answers to a step is where the browser is already: that is no step of its own.
    // What it wrote before it knew of the latest step is out of date.
    history.pushState = (state, title, url) => {
        const next = new URL(url, location.href);
        const known = Number(next.searchParams.get(STEP));
        const corrects = next.searchParams.has(CORRECTED);
        unmark(next);
        if (known < steps || queryOf(next) === queryOf(location.href)) return;
        const look = new URL(location.href).searchParams.get(LOOK);
        if (look !== null && hasViewer(next)) next.searchParams.set(LOOK, look);
        (corrects ? replace : push)(state, title, next);
    };
    window.addEventListener("popstate", () => {
        showUnmarked(replace);
        if (hasViewer(location.href)) Object.assign(chosen, readLook());
        viewers.forEach(schedule);
        const field = document.querySelector(".st-key-went input");
        if (!field || location.hash) return;
        // Each step is another value: the address of a step before is news, too.
        const value = `${++steps}${location.search || "?"}`;
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, value);
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
    });
    takeOverAddress(replace);
}

/** Mend what the page wrote into the address before this script ran. */
function takeOverAddress(replace) {
    const opened = new URL(performance.getEntriesByType("navigation")[0].name).searchParams;
    const corrects = new URL(location.href).searchParams.has(CORRECTED) && !opened.has(CORRECTED);
    const url = showUnmarked(replace);
    if (!corrects) return;
    // The correction became a step of its own: go back to the wrong address, and replace that.
    const correct = (event) => {
        event.stopImmediatePropagation();
        replace(history.state, "", url);
    };
    window.addEventListener("popstate", correct, { capture: true, once: true });
    history.back();
}

/** Take the page's marks out of the address that is shown, and return it. */
function showUnmarked(replace) {
    const url = unmark(new URL(location.href));
    if (url.href !== location.href) replace(history.state, "", url);
    return url;
}

/** Take the page's marks out of an address. */
function unmark(url) {
    [STEP, CORRECTED].forEach((name) => url.searchParams.delete(name));
    return url;
}

/** Whether a page shows a photo in a viewer. */
function hasViewer(url) {
    const said = new URL(url).searchParams;
    return said.has("id") || said.get("view") === "photo";
}

/** Return the page's part of an address. */
function queryOf(url) {
    const query = new URL(url, location.href).searchParams;
    query.delete(LOOK);
    query.sort();
    return `${query}`;
}
