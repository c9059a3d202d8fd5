// Showing: what the elements, the picture and the saved files make of the layers and the state.

/**
 * What a visitor chose; it outlives scenes and, by group, the element it is shown in.
 * @typedef {{views: string[], split: number, opacity: number, hidden: Set<number>,
 *     patterns: boolean, part: Part}} State
 */

const VIEWS = ["photo", ...MASKS, "errors", "difference", "confidence"];
const DEFAULTS = { compare: ["prediction", "other"] };
const MAX_WIDTH = 2048; // of the canvas on screen, in pixels
const REVOKE_MS = 10_000;

/** @returns {State} */
function freshState(group) {
    const views = [...(DEFAULTS[group] ?? ["truth", "prediction"])];
    const part = { x: 0, y: 0, size: 1 };
    return { views, split: 0.5, opacity: 0.6, hidden: new Set(), patterns: false, part };
}

/** Return which views the layers allow, and which two of them are shown. */
function choose({ layers, state, group }) {
    const views = VIEWS.filter((view) => layers.has(view));
    const usual = freshState(group).views;
    const shown = state.views.map((wish, side) =>
        [wish, usual[side], "photo"].find((view) => layers.has(view)),
    );
    return { views, shown };
}

/** Show the state: set what has changed of the elements, then paint. */
function refresh(viewer) {
    const { mount, layers, state, ui, setup } = viewer;
    const photo = layers.get("photo");
    mount.hidden = !photo;
    mount.setAttribute("aria-busy", String(viewer.sources !== viewer.wanted));
    if (!photo) return;
    const { texts } = setup;
    const { views, shown } = choose(viewer);
    const names = shown.map((view) => texts[`view.${view}`]);
    ui.selects.forEach((select, side) => {
        if (select.dataset.views !== `${views}`) {
            select.replaceChildren(...views.map((view) => new Option(texts[`view.${view}`], view)));
            select.dataset.views = `${views}`;
        }
        select.value = shown[side];
        ui.badges[side].textContent = names[side];
    });
    ui.stage.style.aspectRatio = `${photo.width} / ${photo.height}`;
    mount.style.setProperty("--fv-aspect", photo.width / photo.height);
    ui.stage.classList.toggle("fv-zoomed", state.part.size < 1);
    ui.split.value = 100 * state.split;
    ui.divider.hidden = shown[0] === shown[1];
    ui.divider.style.left = `${100 * state.split}%`;
    const named = { title: viewer.title, left: names[0], right: names[1] };
    ui.canvas.setAttribute("aria-label", fill(texts.picture, named));
    refreshMark(viewer);
    refreshFigures(viewer, shown);
    paint(viewer, shown);
}

/** Show how far the picture is enlarged, and where the probe is. */
function refreshMark({ ui, probe, state: { part }, setup }) {
    const { texts } = setup;
    ui.whole.textContent = percent({ setup }, 1 / part.size, 0);
    ui.whole.setAttribute("aria-label", `${texts.zoom_reset} (${ui.whole.textContent})`);
    if (!probe) return;
    ui.mark.style.left = `${(100 * (probe.x - part.x)) / part.size}%`;
    ui.mark.style.top = `${(100 * (probe.y - part.y)) / part.size}%`;
}

function refreshFigures(viewer, shown) {
    const {
        layers,
        ui,
        setup: { texts },
        state,
    } = viewer;
    const mask = [shown[1], shown[0], "prediction", "truth"].find(
        (name) => MASKS.includes(name) && layers.has(name),
    );
    ui.heading.textContent = mask ? fill(texts.shares, { mask: texts[`shares.${mask}`] }) : "";
    ui.legend.hidden = !mask;
    const amount = (share) => percent(viewer, share, share < 0.0995 ? 1 : 0);
    for (const { id, toggle, share } of ui.toggles) {
        toggle.setAttribute("aria-pressed", String(!state.hidden.has(id)));
        share.textContent = mask ? amount(shareOf(layers.get(mask), id)) : "";
    }
    const compared = ["errors", "difference"].filter((view) => layers.has(view));
    const said = (view) => ({ share: percent(viewer, shareOf(layers.get(view), 1), 1) });
    ui.share.textContent = compared.map((view) => fill(texts[`${view}_share`], said(view))).join(" ");
    for (const [view, key] of Object.entries(ui.keyOf)) key.hidden = !shown.includes(view);
    const [prediction] = viewer.sources.filter(({ layer }) => layer === "prediction");
    ui.saveMask.disabled = !prediction;
    ui.saveJson.disabled = !prediction?.img.dataset.fvJson;
}

/** What is needed to draw a view now. */
function sceneOf({ layers, state, highlight, setup }, view) {
    const looks = { errors: COMPARED, difference: COMPARED, confidence: DOUBT };
    const look = looks[view] ?? maskLook(setup.categories, state, highlight);
    const plane = view === "photo" ? undefined : layers.get(view);
    return { photo: layers.get("photo"), plane, view, look, opacity: state.opacity };
}

/** Paint the two views on both sides of the divider; only what has changed is drawn anew. */
function paint(viewer, shown) {
    const { layers, state, ui, sides } = viewer;
    const photo = layers.get("photo");
    const { part, split, hidden, patterns, opacity } = state;
    const box = ui.canvas.clientWidth;
    if (!box) return; // in a closed tab
    const width = Math.min(MAX_WIDTH, Math.round(box * devicePixelRatio));
    const height = Math.max(1, Math.round((width * photo.height) / photo.width));
    const grain = Math.max(1, Math.round(width / box));
    shown.forEach((view, at) => {
        const side = sides[at];
        const looks = [[...hidden], patterns, viewer.highlight, opacity];
        const key = JSON.stringify([
            view,
            photo.serial,
            layers.get(view).serial,
            part,
            width,
            height,
            ...looks,
        ]);
        if (side.key === key) return;
        side.key = key;
        Object.assign(side.canvas, { width, height });
        drawView(side.canvas.getContext("2d"), sceneOf(viewer, view), part, width, height, grain);
    });
    if (ui.canvas.width !== width || ui.canvas.height !== height) Object.assign(ui.canvas, { width, height });
    const context = ui.canvas.getContext("2d");
    const cut = Math.round(split * width);
    context.clearRect(0, 0, width, height);
    context.drawImage(sides[1].canvas, 0, 0);
    if (cut) context.drawImage(sides[0].canvas, 0, 0, cut, height, 0, 0, cut, height);
}

/** Save what is shown, at the photo's size and without zoom, drawn strip by strip. */
function saveView(viewer) {
    const { width, height } = viewer.layers.get("photo");
    const { shown } = choose(viewer);
    const canvas = makeCanvas(width, height);
    const context = canvas.getContext("2d");
    const cut = Math.round(viewer.state.split * width);
    const grain = Math.max(1, Math.round(width / viewer.ui.canvas.clientWidth));
    const scenes = shown.map((view) => sceneOf(viewer, view));
    for (let top = 0; top < height; top += STRIP) {
        const rows = Math.min(STRIP, height - top);
        const part = { x: 0, y: top / height, size: 1, height: rows / height };
        for (const [scene, left, right] of [
            [scenes[0], 0, cut],
            [scenes[1], cut, width],
        ]) {
            context.setTransform(1, 0, 0, 1, 0, top);
            context.save();
            context.beginPath();
            context.rect(left, 0, right - left, rows);
            context.clip();
            drawView(context, scene, part, width, rows, grain);
            context.restore();
        }
    }
    canvas.toBlob((blob) => save(`${viewer.title}_${shown.join("_")}.png`, blob));
}

/** Save the prediction as the page has it: its pixel values are the category ids. */
function saveMask(viewer) {
    const { src } = viewer.sources.find(({ layer }) => layer === "prediction");
    const bytes = Uint8Array.from(atob(src.slice(src.indexOf(",") + 1)), (char) => char.charCodeAt(0));
    save(`${viewer.title}_mask.png`, new Blob([bytes], { type: "image/png" }));
}

function saveJson(viewer) {
    const { img } = viewer.sources.find(({ layer }) => layer === "prediction");
    save(`${viewer.title}.json`, new Blob([img.dataset.fvJson], { type: "application/json" }));
}

/** @param {string} name */
function save(name, blob) {
    const href = URL.createObjectURL(blob);
    el("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), REVOKE_MS);
}
