// Scroll and focus: what opens is seen from its top, and the gallery where it was left, though the
// page scrolls within itself; and the keyboard goes on there.

/** Where the gallery was left: which page of it, how far down, and at which picture. */
let left = { gallery: "", top: 0, picture: "" };
/** What is still to be done when that which opens is there. @type {{top: number, picture: string, focus: boolean} | null} */
let arriving = null;

/** Return which page of the gallery an address shows; null where it shows something else. */
function galleryOf(said) {
    if (said.has("id") || (said.get("view") ?? "scenes") !== "scenes") return null;
    const order = ["sort", "folder", "present", "category", "below"].map((name) => said.get(name));
    return JSON.stringify([said.get("page") ?? "1", ...order]);
}

/** Follow the address when another scene, page of scenes or view opens. To be called once. */
function followMoves() {
    let from = new URLSearchParams(location.search);
    const move = () => {
        const to = new URLSearchParams(location.search);
        const [before, now] = [from, to].map(galleryOf);
        const same = ["id", "page", "view"].every((name) => to.get(name) === from.get(name));
        from = to;
        if (same) return;
        const focused = document.activeElement;
        if (before && !now) {
            const picture = /st-key-thumbnail_\S+/.exec(focused.closest('[class*="st-key-thumbnail_"]')?.className);
            left = { gallery: before, top: scroller()?.scrollTop ?? 0, picture: picture?.[0] ?? "" };
        }
        const back = now && !before && now === left.gallery;
        arriving = { ...(back ? left : { top: 0, picture: "" }), focus: focused.matches(":focus-visible") };
        if (!arriving.top) scroller()?.scrollTo(0, 0);
    };
    for (const name of ["pushState", "replaceState"]) {
        const change = history[name].bind(history);
        history[name] = (...all) => {
            change(...all);
            move();
        };
    }
    window.addEventListener("popstate", move);
    // From then on the visitor scrolls and moves the focus.
    for (const name of ["wheel", "touchmove", "pointerdown", "keydown"]) {
        window.addEventListener(name, () => (arriving = null), { capture: true, passive: true });
    }
}

/** Scroll as far as the gallery is drawn, and focus what opened if what had the focus is gone. */
function arrive() {
    if (!arriving) return;
    const gallery = document.querySelector(".st-key-gallery");
    if (gallery && arriving.top) scroller().scrollTop = arriving.top;
    if (!arriving.focus || document.activeElement !== document.body) return;
    const picture = arriving.picture ? document.getElementsByClassName(arriving.picture)[0] : gallery;
    const opened = gallery ? picture?.querySelector("button") : document.querySelector("canvas.fv-canvas");
    opened?.focus({ preventScroll: true });
}

/** Title and source of the photo of one's own that was shown last. */
let ownPhoto = "";

/** Scroll up when another photo of one's own is shown, as the address stays the same. */
function scrollToOwnPhoto() {
    if (new URLSearchParams(location.search).get("view") !== "photo") return;
    const photo = document.querySelector('img[data-fv-layer="photo"]');
    const shown = photo ? `${photo.dataset.fvTitle} ${photo.src}` : ownPhoto;
    if (shown === ownPhoto) return;
    ownPhoto = shown;
    const viewer = document.querySelector(".fv-viewer"); // hidden before its first picture: then 0
    if (viewer && viewer.getBoundingClientRect().top <= 0) scroller()?.scrollTo(0, 0);
}

const scroller = () => document.querySelector('[data-testid="stMain"]');
