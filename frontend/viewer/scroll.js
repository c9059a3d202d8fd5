// Scroll: what opens is seen from its top, though the page scrolls within itself.

/** Scroll up when another scene, page of scenes or view opens. To be called once. */
function scrollToOpened() {
    const push = history.pushState.bind(history);
    history.pushState = (state, title, url) => {
        const [to, from] = [url, location.href].map((text) => new URL(text, location.href).searchParams);
        push(state, title, url);
        if (["id", "page", "view"].some((name) => to.get(name) !== from.get(name))) scrollToTop();
    };
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
    if (viewer && viewer.getBoundingClientRect().top <= 0) scrollToTop();
}

function scrollToTop() {
    document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
}
