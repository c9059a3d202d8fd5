// Showing: what the elements, the picture and the saved files make of the layers and the state.

/**
 * What a visitor chose; it outlives scenes and the element it is shown in. A view that is null is
 * the one that says most of the layers that there are; `side` shows both views whole, side by side.
 * @typedef {{views: (string | null)[], split: number, side: boolean, part: Part, opacity: number,
 *     hidden: Set<number>, patterns: boolean}} State
 */

/** Views that are made of two masks. */
const COMPARISONS = {
    errors: ["truth", "prediction"],
    errors_other: ["truth", "other"],
    difference: ["prediction", "other"],
};
/** In the order of their number keys, 1 to 8. */
const VIEWS = ["photo", ...MASKS, ...Object.keys(COMPARISONS), "confidence"];
const MAX_WIDTH = 2048; // of the canvas on screen, in pixels
const REVOKE_MS = 10_000;

/** Return the two views that say most of what there is. */
function usualViews(layers) {
    if (layers.has("other")) return ["prediction", "other"];
    return [layers.has("truth") ? "truth" : "photo", layers.has("prediction") ? "prediction" : "photo"];
}

/** Return which views the layers allow, and which two of them are shown. */
function choose({ layers, state }) {
    const views = VIEWS.filter((view) => layers.has(view));
    const usual = usualViews(layers);
    const shown = state.views.map((wish, side) =>
        [wish, usual[side], "photo"].find((view) => layers.has(view)),
    );
    return { views, shown };
}

/** What a view is called, with the model that made it. */
function nameOf({ setup, models }, view) {
    return fill(setup.texts[`view.${view}`], { model: models[view] ?? "" });
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
    const names = shown.map((view) => nameOf(viewer, view));
    ui.selects.forEach((select, side) => {
        const options = views.map((view) => new Option(nameOf(viewer, view), view));
        const said = `${options.map(({ text }) => text)}`;
        if (select.dataset.views !== said) select.replaceChildren(...options);
        select.dataset.views = said;
        select.value = shown[side];
        ui.badges[side].textContent = names[side];
    });
    const across = state.side ? 2 : 1;
    ui.stage.style.aspectRatio = `${across * photo.width} / ${photo.height}`;
    mount.style.setProperty("--fv-aspect", (across * photo.width) / photo.height);
    ui.stage.classList.toggle("fv-two", state.side);
    ui.side.checked = state.side;
    ui.stage.classList.toggle("fv-zoomed", state.part.size < 1);
    ui.split.value = 100 * state.split;
    ui.divider.hidden = ui.splitRow.hidden = shown[0] === shown[1] || state.side;
    ui.divider.style.left = `${100 * state.split}%`;
    const named = { title: viewer.title, left: names[0], right: names[1] };
    ui.canvas.setAttribute("aria-label", fill(texts.picture, named));
    const keys = views.map((view) => `${1 + VIEWS.indexOf(view)} ${nameOf(viewer, view)}`);
    const steps = document.querySelector(".st-key-next") ? texts.keys_steps : "";
    ui.help.textContent = `${fill(texts.keys, { layers: keys.join(", ") })} ${steps}`;
    refreshMark(viewer);
    refreshFigures(viewer, shown);
    paint(viewer, shown);
    rememberLook(state);
    arrive();
}

/** Show how far the picture is enlarged, and where the probe is. */
function refreshMark({ ui, probe, state: { part, side }, setup }) {
    const { texts } = setup;
    ui.whole.textContent = percent({ setup }, 1 / part.size, 0);
    ui.whole.setAttribute("aria-label", `${texts.zoom_reset} (${ui.whole.textContent})`);
    if (!probe) return;
    ui.mark.style.left = `${(100 * (probe.x - part.x)) / part.size / (side ? 2 : 1)}%`;
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
    const compared = Object.keys(COMPARISONS).filter((view) => layers.has(view));
    const { protocol } = texts;
    const said = (view) => ({ share: percent(viewer, shareOf(layers.get(view), 1), 1), protocol });
    ui.share.textContent = compared.map((view) => fill(texts[`${view}_share`], said(view))).join(" ");
    for (const [view, key] of Object.entries(ui.keyOf))
        key.hidden = !shown.some((name) => name.startsWith(view));
    for (const { layer, mask, json } of ui.saves) {
        const model = viewer.models[layer];
        mask.hidden = json.hidden = !model;
        mask.textContent = fill(texts.download_mask, { model });
        json.textContent = fill(texts.download_json, { model });
    }
}

/** What is needed to draw a view now. */
function sceneOf({ layers, state, highlight, setup }, view) {
    const look =
        (view in COMPARISONS && COMPARED) ||
        (view === "confidence" && DOUBT) ||
        maskLook(setup.categories, state, highlight);
    const plane = view === "photo" ? undefined : layers.get(view);
    return { photo: layers.get("photo"), plane, view, look, opacity: state.opacity };
}

/** Paint the two views on both sides of the divider; only what has changed is drawn anew. */
function paint(viewer, shown) {
    const { layers, state, ui, sides } = viewer;
    const photo = layers.get("photo");
    const { part, split, side: two, hidden, patterns, opacity } = state;
    const box = ui.canvas.clientWidth;
    if (!box) return; // in a closed tab
    const whole = Math.min(MAX_WIDTH, Math.round(box * devicePixelRatio));
    const width = two ? Math.floor(whole / 2) : whole;
    const height = Math.max(1, Math.round((width * photo.height) / photo.width));
    const grain = Math.max(1, Math.round(whole / box));
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
    const size = { width: two ? 2 * width : width, height };
    if (ui.canvas.width !== size.width || ui.canvas.height !== height) Object.assign(ui.canvas, size);
    const context = ui.canvas.getContext("2d");
    const cut = two ? width : Math.round(split * width);
    context.clearRect(0, 0, size.width, height);
    context.drawImage(sides[1].canvas, two ? width : 0, 0);
    if (cut) context.drawImage(sides[0].canvas, 0, 0, cut, height, 0, 0, cut, height);
}

/** Save what is shown, at the photo's size and without zoom, drawn strip by strip. */
function saveView(viewer) {
    const { width, height } = viewer.layers.get("photo");
    const { shown } = choose(viewer);
    const { side, split } = viewer.state;
    const canvas = makeCanvas(side ? 2 * width : width, height);
    const context = canvas.getContext("2d");
    const cut = side ? width : Math.round(split * width);
    const grain = Math.max(1, Math.round(canvas.width / viewer.ui.canvas.clientWidth));
    const scenes = shown.map((view) => sceneOf(viewer, view));
    for (let top = 0; top < height; top += STRIP) {
        const rows = Math.min(STRIP, height - top);
        const part = { x: 0, y: top / height, size: 1, height: rows / height };
        for (const [scene, left, right, shift] of [
            [scenes[0], 0, cut, 0],
            [scenes[1], side ? 0 : cut, width, side ? width : 0],
        ]) {
            context.setTransform(1, 0, 0, 1, shift, top);
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

/** Save a prediction as the page has it: its pixel values are the category ids. */
function saveMask(viewer, layer) {
    const { src } = viewer.sources.find((row) => row.layer === layer);
    const bytes = Uint8Array.from(atob(src.slice(src.indexOf(",") + 1)), (char) => char.charCodeAt(0));
    save(`${fileOf(viewer, layer)}_mask.png`, new Blob([bytes], { type: "image/png" }));
}

function saveJson(viewer, layer) {
    const { img } = viewer.sources.find((row) => row.layer === layer);
    save(`${fileOf(viewer, layer)}.json`, new Blob([img.dataset.fvJson], { type: "application/json" }));
}

const fileOf = ({ title, models }, layer) => `${title}_${models[layer].replace(":", "_")}`;

/** @param {string} name */
function save(name, blob) {
    const href = URL.createObjectURL(blob);
    el("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), REVOKE_MS);
}
