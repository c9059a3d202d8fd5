// Scroll: what opens is seen from its top, though the page scrolls within itself.

/** Scroll up when another scene, page of scenes or view opens. To be called once. */
function scrollToOpened() {
    const push = history.pushState.bind(history);
    history.pushState = (state, title, url) => {
        const [to, from] = [url, location.href].map((text) => new URL(text, location.href).searchParams);
        push(state, title, url);
        if (["id", "page", "view"].some((name) => to.get(name) !== from.get(name))) {
            document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
        }
    };
}
