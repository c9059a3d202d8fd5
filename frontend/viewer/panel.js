// Panel: the elements of a viewer.

/** Make an element; names with a dash are attributes, the others properties. */
function el(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (name.includes("-") || name === "role") element.setAttribute(name, value);
        else element[name] = value;
    }
    element.append(...children);
    return element;
}

/** Fill the places of a text. */
function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Write a share of 0 to 1 as a percentage, as the page does. */
function percent({ setup }, share, digits) {
    const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return `${new Intl.NumberFormat(setup.texts.locale, format).format(100 * share)}\u00a0%`;
}

/** Build a viewer's elements into its mount point; `refresh` fills them. */
function buildPanel(viewer) {
    const { texts } = viewer.setup;
    const change = (set) => (event) => {
        set(event.target);
        schedule(viewer);
    };
    const range = (label, value, set) => {
        const input = el("input", { type: "range", min: 0, max: 100, step: 1, value: 100 * value });
        input.addEventListener(
            "input",
            change((target) => set(target.valueAsNumber / 100)),
        );
        return [input, el("label", { className: "fv-range" }, el("span", {}, label), input)];
    };
    const { state } = viewer;
    const selects = ["left", "right"].map((side, at) => {
        const select = el("select");
        select.addEventListener(
            "change",
            change((target) => (state.views[at] = target.value)),
        );
        return [select, el("label", { className: "fv-side" }, el("span", {}, texts[side]), select)];
    });
    const [split, splitLabel] = range(texts.divider, state.split, (share) => (state.split = share));
    const [, opacity] = range(texts.opacity, state.opacity, (share) => (state.opacity = share));
    const patterns = el("input", { type: "checkbox", checked: state.patterns });
    patterns.addEventListener(
        "change",
        change((target) => (state.patterns = target.checked)),
    );
    const side = el("input", { type: "checkbox", checked: state.side });
    side.addEventListener(
        "change",
        change((target) => (state.side = target.checked)),
    );
    const splitRow = el("div", { className: "fv-split" }, splitLabel);
    const ui = (viewer.ui = {
        ...buildStage(),
        selects: selects.map(([select]) => select),
        split,
        side,
        splitRow,
        readout: el("p", { className: "fv-readout" }, texts.hint),
        spoken: el("p", { className: "fv-spoken", "aria-live": "polite" }),
        ...buildKeys(viewer),
        ...buildZoom(viewer),
        ...buildLegend(viewer),
        ...buildDownloads(viewer),
    });
    viewer.mount.append(
        ui.stage,
        splitRow,
        el(
            "div",
            { className: "fv-row fv-views" },
            ...selects.map(([, label]) => label),
            el("label", { className: "fv-check" }, side, texts.side),
            ui.zoom,
        ),
        ui.readout,
        ui.spoken,
        ui.keys,
        el(
            "div",
            { className: "fv-row" },
            opacity,
            el("label", { className: "fv-check" }, patterns, texts.patterns),
        ),
        ui.legend,
        ui.downloads,
        ui.help,
    );
    viewer.mount.setAttribute("role", "group");
    viewer.mount.setAttribute("aria-label", texts.controls);
}

function buildStage() {
    const help = el("p", { className: "fv-help", id: "fv-keys" });
    const canvas = el("canvas", {
        tabIndex: 0,
        role: "application",
        className: "fv-canvas",
        "aria-describedby": help.id,
    });
    const divider = el("div", { className: "fv-divider" });
    const badges = ["left", "right"].map((side) => el("span", { className: `fv-badge fv-on-${side}` }));
    const mark = el("div", { className: "fv-mark", hidden: true });
    const stage = el("div", { className: "fv-stage" }, canvas, divider, ...badges, mark);
    return { canvas, divider, badges, mark, stage, help };
}

function button(label, press, properties = {}) {
    const made = el("button", { type: "button", ...properties }, ...[label].flat());
    made.addEventListener("click", press);
    return made;
}

function buildZoom(viewer) {
    const { texts } = viewer.setup;
    const step = (sign, name, factor) =>
        button(sign, () => zoomAt(viewer, factor, { x: 0.5, y: 0.5 }), {
            "aria-label": texts[name],
            title: texts[name],
        });
    const whole = step("", "zoom_reset", 0);
    const steps = [step("−", "zoom_out", 1 / ZOOM_STEP), whole, step("+", "zoom_in", ZOOM_STEP)];
    return {
        whole,
        zoom: el("div", { className: "fv-buttons", role: "group", "aria-label": texts.zoom }, ...steps),
    };
}

/** Build what explains errors, differences and confidence. */
function buildKeys({ setup: { texts } }) {
    const item = (value, name) => el("span", { className: "fv-item" }, swatch(COMPARED, value), texts[name]);
    const share = el("p", { className: "fv-sentence" });
    const keys = {
        errors: el("div", { className: "fv-key-of" }, item(1, "wrong"), item(NOT_EVALUATED, "not_evaluated")),
        difference: el("div", { className: "fv-key-of" }, item(1, "different")),
        confidence: el("div", { className: "fv-key-of" }, texts.sure, " 0 %", scale(), "100 %"),
    };
    return { share, keyOf: keys, keys: el("div", { className: "fv-keys" }, share, ...Object.values(keys)) };
}

function scale() {
    const plane = emptyPlane(256, 1);
    plane.values.forEach((_, at) => (plane.values[at] = at));
    const canvas = paintPlane(plane, DOUBT, { x: 0, y: 0, size: 1 }, 256, 1, 1);
    canvas.className = "fv-scale";
    return canvas;
}

function buildLegend(viewer) {
    const { setup, state } = viewer;
    const look = maskLook(setup.categories, { hidden: new Set(), patterns: true }, null);
    const point = (id) => () => {
        viewer.highlight = id;
        schedule(viewer);
    };
    const toggles = setup.categories.map(({ id, label }) => {
        const share = el("span", { className: "fv-amount" });
        const flip = () => {
            if (!state.hidden.delete(id)) state.hidden.add(id);
            schedule(viewer);
        };
        const toggle = button([swatch(look, id), label, share], flip, { className: "fv-toggle" });
        toggle.addEventListener("pointerenter", point(id));
        toggle.addEventListener("focus", () => toggle.matches(":focus-visible") && point(id)());
        for (const event of ["pointerleave", "blur"]) toggle.addEventListener(event, point(null));
        return { id, toggle, share };
    });
    const set = (ids) => () => {
        state.hidden = new Set(ids);
        schedule(viewer);
    };
    const all = button(setup.texts.all, set([]));
    const none = button(setup.texts.none, set(setup.categories.map(({ id }) => id)));
    const heading = el("span", { className: "fv-heading" });
    const bar = el(
        "div",
        { className: "fv-row" },
        heading,
        el("div", { className: "fv-buttons" }, all, none),
    );
    const list = el("div", { className: "fv-toggles" }, ...toggles.map(({ toggle }) => toggle));
    return { toggles, heading, legend: el("div", { className: "fv-categories" }, bar, list) };
}

function buildDownloads(viewer) {
    const { texts } = viewer.setup;
    const saves = ["prediction", "other"].map((layer) => ({
        layer,
        mask: button("", () => saveMask(viewer, layer)),
        json: button("", () => saveJson(viewer, layer)),
    }));
    const view = button(texts.download_view, () => saveView(viewer));
    const group = { className: "fv-buttons", role: "group", "aria-label": texts.download };
    const made = saves.flatMap(({ mask, json }) => [mask, json]);
    return { saves, downloads: el("div", group, texts.download, view, ...made) };
}
