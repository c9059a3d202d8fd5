// Probe: pointer, touch and keys on the picture: divider, zoom, and what a pixel says.

const ZOOM_STEP = 1.5;
const MAX_ZOOM = 32;
const GRAB = { mouse: 10, touch: 24, pen: 16 }; // pixels beside the divider that still take hold of it
const SLACK = 4; // pixels that a press may move and still is no drag
const KEY_STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const ZOOM_KEYS = { "+": ZOOM_STEP, "=": ZOOM_STEP, "-": 1 / ZOOM_STEP, 0: 0 };

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/**
 * Zoom so that what lies under a place of the stage comes to lie under another, or stays.
 * @param {number} factor 0 shows the whole picture
 * @param {{x: number, y: number}} to in shares of the stage's width and height
 * @param {{x: number, y: number}} from
 */
function zoomAt(viewer, factor, to, from = to) {
    const { x, y, size } = viewer.state.part;
    const next = factor ? clamp(size / factor, 1 / MAX_ZOOM, 1) : 1;
    moveTo(viewer, x + from.x * size - to.x * next, y + from.y * size - to.y * next, next);
}

function moveTo(viewer, x, y, size) {
    viewer.state.part = { x: clamp(x, 0, 1 - size), y: clamp(y, 0, 1 - size), size };
    schedule(viewer);
}

/** Listen to what happens on a viewer's picture. */
function listen(viewer) {
    const { canvas } = viewer.ui;
    const listeners = {
        pointerdown,
        pointermove,
        pointerup,
        pointercancel: pointerup,
        pointerleave,
        wheel,
        keydown,
    };
    for (const [name, react] of Object.entries(listeners)) {
        canvas.addEventListener(name, (event) => react(viewer, event), { passive: false });
    }
    canvas.addEventListener("blur", () => (viewer.ui.mark.hidden = true));
}

/**
 * Where an event is, in shares of the picture's width and height on screen. Side by side, what is
 * held is of the picture (half 0 or 1) where it was taken hold of, though it moves over the other.
 */
function placeOf(viewer, { clientX, clientY, pointerId }) {
    const box = viewer.ui.canvas.getBoundingClientRect();
    const x = (clientX - box.left) / box.width;
    const y = (clientY - box.top) / box.height;
    const half = viewer.pointers.get(pointerId)?.half ?? (viewer.state.side && x >= 0.5 ? 1 : 0);
    return { x: viewer.state.side ? 2 * x - half : x, y, half };
}

function pointerdown(viewer, event) {
    if (event.button) return;
    const { canvas, divider } = viewer.ui;
    canvas.setPointerCapture(event.pointerId);
    const place = placeOf(viewer, event);
    viewer.pointers.set(event.pointerId, place);
    const gap = Math.abs(place.x - viewer.state.split) * canvas.clientWidth;
    const held = gap <= GRAB[event.pointerType] && !divider.hidden;
    const free = viewer.state.part.size < 1 ? "pan" : "wait";
    viewer.drag = viewer.pointers.size > 1 ? null : { kind: held ? "divider" : free, from: event.clientX };
    read(viewer, place);
}

function pointermove(viewer, event) {
    const { canvas } = viewer.ui;
    const place = placeOf(viewer, event);
    const before = viewer.pointers.get(event.pointerId);
    if (before) {
        drag(viewer, event, place, before);
        viewer.pointers.set(event.pointerId, place);
    }
    const near = Math.abs(place.x - viewer.state.split) * canvas.clientWidth <= GRAB.mouse;
    canvas.classList.toggle("fv-near", near && !viewer.ui.divider.hidden);
    read(viewer, place);
}

function drag(viewer, event, place, before) {
    const { state, pointers } = viewer;
    if (pointers.size > 1) {
        pinch(viewer, event, place, before);
        return;
    }
    if (viewer.drag?.kind === "wait" && !viewer.ui.divider.hidden && Math.abs(event.clientX - viewer.drag.from) > SLACK) {
        viewer.drag.kind = "divider";
    }
    if (viewer.drag?.kind === "divider") {
        state.split = clamp(place.x, 0, 1);
        schedule(viewer);
    } else if (viewer.drag?.kind === "pan") {
        const { x, y, size } = state.part;
        moveTo(viewer, x + (before.x - place.x) * size, y + (before.y - place.y) * size, size);
    }
}

/** Zoom by two fingers, of which one has moved. */
function pinch(viewer, event, place, before) {
    const [, other] = [...viewer.pointers].find(([id]) => id !== event.pointerId);
    const { clientWidth: width, clientHeight: height } = viewer.ui.canvas;
    const gap = (one) => Math.hypot((one.x - other.x) * width, (one.y - other.y) * height);
    const between = (one) => ({ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 });
    zoomAt(viewer, gap(place) / Math.max(1, gap(before)), between(place), between(before));
}

function pointerup(viewer, event) {
    viewer.pointers.delete(event.pointerId);
    viewer.drag = null;
}

function pointerleave(viewer, event) {
    if (event.pointerType === "mouse" && !viewer.pointers.size)
        viewer.ui.readout.textContent = viewer.setup.texts.hint;
}

function wheel(viewer, event) {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    zoomAt(viewer, Math.exp(-clamp(event.deltaY, -50, 50) / 100), placeOf(viewer, event));
}

function keydown(viewer, event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ZOOM_KEYS) {
        const { x, y, size } = viewer.state.part;
        const probe = viewer.probe ?? middle(viewer);
        zoomAt(viewer, ZOOM_KEYS[event.key], { x: (probe.x - x) / size, y: (probe.y - y) / size });
    } else if (event.key in KEY_STEPS) {
        moveProbe(viewer, KEY_STEPS[event.key], event.shiftKey);
    } else {
        return;
    }
    event.preventDefault();
    event.stopPropagation();
}

const middle = ({ state: { part } }) => ({ x: part.x + part.size / 2, y: part.y + part.size / 2 });

/** Move the probe: one hundredth of what is shown, at least a pixel; the big steps are ten of it. */
function moveProbe(viewer, [across, down], big) {
    const { width, height } = viewer.layers.get("photo");
    const { part } = viewer.state;
    const pixels = Math.max(1, Math.round((part.size * width) / 100)) * (big ? 10 : 1);
    const from = viewer.probe ?? middle(viewer);
    const move = (place, steps, count) =>
        (clamp(Math.floor(place * count) + steps * pixels, 0, count - 1) + 0.5) / count;
    const probe = { x: move(from.x, across, width), y: move(from.y, down, height) };
    viewer.probe = probe;
    const include = (edge, place) => clamp(edge, place - part.size, place);
    moveTo(viewer, include(part.x, probe.x), include(part.y, probe.y), part.size);
    viewer.ui.mark.hidden = false;
    viewer.ui.readout.textContent = viewer.ui.spoken.textContent = describe(viewer, probe);
}

/** Read the pixel under a place of the stage. */
function read(viewer, place) {
    const { part } = viewer.state;
    const at = (axis) => clamp(part[axis] + place[axis] * part.size, 0, 1 - 1e-9);
    viewer.probe = { x: at("x"), y: at("y") };
    viewer.ui.mark.hidden = true;
    viewer.ui.readout.textContent = describe(viewer, viewer.probe);
}

/**
 * Say in words what the layers know of a place.
 * @param {{x: number, y: number}} place in shares of the picture's width and height
 */
function describe(viewer, { x, y }) {
    const {
        layers,
        setup: { texts, categories },
    } = viewer;
    const { width, height } = layers.get("photo");
    const said = [fill(texts.at, { x: Math.floor(x * width), y: Math.floor(y * height) })];
    for (const mask of MASKS.filter((name) => layers.has(name))) {
        const id = valueAt(layers.get(mask), x, y);
        const category = categories.find((row) => row.id === id)?.label ?? texts.not_evaluated;
        said.push(fill(texts[`at.${mask}`], { category }));
    }
    if (layers.has("confidence")) {
        const share = percent(viewer, valueAt(layers.get("confidence"), x, y) / 255, 0);
        said.push(fill(texts["at.confidence"], { share }));
    }
    return said.join(" · ");
}

/** Where keys write or choose: there they mean what they always do. */
const WRITING =
    "input:not([type=checkbox], [type=radio], [type=range]), textarea, select:not(.fv-viewer select), " +
    "[contenteditable], [role=combobox], [role=tab]";
const SCENE_KEYS = { n: "next", p: "previous" };

/**
 * Show a layer by its number on the right side, with Shift on the left; "d": divider or two pictures.
 * Streamlit takes the keys of the buttons to other scenes, but not while a field of any type has the focus.
 */
function pageKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(WRITING)) return;
    const key = event.key.toLowerCase();
    const number = /^Digit([1-8])$/.exec(event.code)?.[1];
    const viewer = [...viewers.values()].find(({ mount }) => mount.offsetParent);
    const field = event.target.closest?.("input, select");
    if (field && key in SCENE_KEYS) {
        document.querySelector(`.st-key-${SCENE_KEYS[key]} button`)?.click();
    } else if (viewer && number && viewer.layers.has(VIEWS[number - 1])) {
        viewer.state.views[event.shiftKey ? 0 : 1] = VIEWS[number - 1];
    } else if (viewer && key === "d") {
        viewer.state.side = !viewer.state.side;
    } else {
        return;
    }
    if (field) event.preventDefault(); // a list would look for an option of that letter
    if (viewer) schedule(viewer);
}
