// Viewers: one for each mount point, as long as both it and its layers are in the page.

/**
 * A mount point with what it needs. `wanted` are the layers of the page, `sources` those that are
 * decoded and shown, `gone` those to forget. `layers` has a plane for each view but the photo.
 * @typedef {{mount: HTMLElement, setup: Setup, ids: Map<number, number>,
 *     state: State, ui: Record<string, any>, wanted: Source[], sources: Source[], gone: Source[],
 *     layers: Map<string, Photo | Plane>, title: string,
 *     models: Record<string, string>,
 *     sides: {canvas: HTMLCanvasElement, key: string}[], highlight: number | null,
 *     probe: {x: number, y: number} | null, drag: {kind: string, from: number} | null,
 *     pointers: Map<number, {x: number, y: number, half: number}>, frame: number, resizing: ResizeObserver}} Viewer
 */

/** @type {Map<HTMLElement, Viewer>} */
const viewers = new Map();
/** What the visitor chose: all viewers have it, one after the other. @type {State} */
const chosen = { ...readLook(), opacity: 0.6, hidden: new Set(), patterns: false };

/**
 * Make a viewer. Its picture is shown as soon as there is a photo.
 * @param {HTMLElement} mount
 */
function open(mount) {
    const setup = JSON.parse(mount.dataset.fvSetup);
    const ids = new Map(setup.categories.map(({ id, color }) => [pack(parseColor(color)), id]));
    const sources = [];
    const viewer = {
        mount,
        setup,
        ids,
        state: chosen,
        wanted: sources,
        sources,
        gone: [],
        layers: new Map(),
        title: "",
        models: {},
        sides: [0, 1].map(() => ({ canvas: makeCanvas(1, 1), key: "" })),
        highlight: null,
        probe: null,
        drag: null,
        pointers: new Map(),
        frame: 0,
    };
    mount.hidden = true;
    buildPanel(viewer);
    listen(viewer);
    viewer.resizing = new ResizeObserver(() => schedule(viewer));
    viewer.resizing.observe(viewer.ui.stage);
    viewers.set(mount, viewer);
}

/** Let go of a viewer whose mount point has left the page. */
function close(viewer) {
    cancelAnimationFrame(viewer.frame);
    viewer.resizing.disconnect();
    viewers.delete(viewer.mount);
    [...viewer.wanted, ...viewer.gone].forEach(release);
    viewer.wanted = [];
}

/** @param {Source} source */
async function release({ decoded }) {
    (await decoded)?.bitmap?.close();
}

/** Have a viewer refreshed before the browser paints next. */
function schedule(viewer) {
    viewer.frame ||= requestAnimationFrame(() => {
        viewer.frame = 0;
        refresh(viewer);
    });
}

/** Follow the page: decode layers that are new, show all at once, then forget those that are gone. */
async function follow(viewer) {
    const found = findLayers();
    const wanted = found.map((row) => {
        const known = viewer.wanted.find(
            ({ layer, src, title }) => layer === row.layer && src === row.src && title === row.title,
        );
        return known
            ? Object.assign(known, row)
            : { ...row, decoded: decode(row.img, row.layer, viewer.ids) };
    });
    if (wanted.length === viewer.wanted.length && wanted.every((row) => viewer.wanted.includes(row))) return;
    viewer.gone.push(...viewer.wanted.filter((row) => !wanted.includes(row)));
    viewer.wanted = wanted;
    viewer.mount.setAttribute("aria-busy", "true");
    const decoded = await Promise.all(wanted.map((row) => row.decoded));
    if (viewer.wanted !== wanted) return; // the page has changed again
    viewer.sources = wanted;
    arrange(viewer, decoded);
    viewer.gone.splice(0).forEach(release);
}

/**
 * Show these layers from now on.
 * @param {(Photo | Plane | null)[]} decoded in the order of the viewer's sources
 */
function arrange(viewer, decoded) {
    const before = viewer.layers.get("photo");
    const rows = viewer.sources.map(({ layer }, at) => [layer, decoded[at]]);
    const layers = (viewer.layers = new Map(rows.filter(([, layer]) => layer)));
    for (const [view, [first, second]] of Object.entries(COMPARISONS)) {
        if (layers.has(first) && layers.has(second)) {
            layers.set(view, compareMasks(layers.get(first), layers.get(second)));
        }
    }
    viewer.title = viewer.sources[0]?.title ?? "";
    const made = viewer.sources.filter(({ img }) => img.dataset.fvJson);
    viewer.models = Object.fromEntries(made.map(({ layer, img }) => [layer, JSON.parse(img.dataset.fvJson).model]));
    if (layers.get("photo") !== before) {
        viewer.probe = null;
        viewer.ui.mark.hidden = true;
        viewer.ui.readout.textContent = viewer.setup.texts.hint;
    }
    schedule(viewer);
}

/** Save the file that a button carries. */
function saveFile({ target }) {
    const button = target.closest?.("[data-fv-save]");
    if (button) el("a", { href: button.dataset.fvSave, download: button.dataset.fvName }).click();
}

/** Look for mount points and layers that came or went, and for the page's language. */
function scan() {
    for (const viewer of [...viewers.values()]) if (!viewer.mount.isConnected) close(viewer);
    for (const mount of document.querySelectorAll(".fv-viewer")) if (!viewers.has(mount)) open(mount);
    viewers.forEach(follow);
    scanCameras();
    scrollToOwnPhoto();
    arrive();
    sayRefused();
    // Screen readers pronounce the page by this, and Streamlit always says English.
    const language = document.querySelector("[data-fv-lang]")?.dataset.fvLang;
    if (language && document.documentElement.lang !== language) document.documentElement.lang = language;
}

/** Follow this page from now on, unless another run of this script does already. */
function run() {
    const { dataset } = document.documentElement;
    if (dataset.fvViewers) return;
    dataset.fvViewers = "followed";
    let frame = 0;
    const outside = ({ target }) => !target.closest(".fv-viewer > *");
    const observer = new MutationObserver((records) => {
        if (!records.some(outside)) return;
        frame ||= requestAnimationFrame(() => {
            frame = 0;
            scan();
        });
    });
    const attributeFilter = ["src", "data-fv-layer", "data-fv-title", "data-fv-protocol"];
    observer.observe(document.documentElement, { subtree: true, childList: true, attributeFilter });
    followAddress();
    followMoves();
    document.addEventListener("click", saveFile);
    document.addEventListener("keydown", pageKey);
    for (const name of ["change", "drop"]) {
        document.addEventListener(name, ({ target }) => target.closest?.('[data-testid="stFileUploader"]') && forgetRefused(), true);
    }
    scan();
}

run();
