// Link: steps back and forward. Streamlit writes the address and never reads it again.

/** Follow steps back and forward: write the address into a field that the page reads. */
function followAddress() {
    const push = history.pushState.bind(history);
    // What the page answers to a step is where the browser is already: that is no step of its own.
    history.pushState = (state, title, url) => {
        if (!sameQuery(url)) push(state, title, url);
    };
    let steps = 0;
    window.addEventListener("popstate", () => {
        const field = document.querySelector(".st-key-went input");
        if (!field || location.hash) return;
        // Each step is another value: the address of a step before is news, too.
        const value = `${++steps}${location.search || "?"}`;
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, value);
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
    });
}

/** @param {string} url */
function sameQuery(url) {
    const [one, other] = [url, location.href].map((text) => new URL(text, location.href).searchParams);
    one.sort();
    other.sort();
    return `${one}` === `${other}`;
}
