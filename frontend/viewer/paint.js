// Painting: layers, in colours and patterns, onto canvases.

/**
 * The part of the picture that is shown, in shares of its width and height.
 * @typedef {{x: number, y: number, size: number}} Part
 *
 * How each value of a plane looks: packed colours of its ground and its ink (at 2 * value and the
 * place after), and the number of its pattern.
 * @typedef {{colors: Uint32Array, tiles: Uint8Array}} Look
 */

/** Ink of the patterns by place in a tile of 8 x 8; told apart without their colours. */
const PATTERNS = [
    (x, y) => (x + y) % 8 === 0 || (x - y + 8) % 8 === 0, // crosses
    (_, y) => y % 4 === 0, // lines, lying
    (x, y) => y % 4 === 0 || (x + (y & 4)) % 8 === 0, // bricks
    (x) => x % 4 === 0, // lines, standing
    (x, y) => (x & 3) < 2 && (y & 3) < 2, // dots
    (x, y) => (x - y + 8) % 8 === 0, // lines, falling
    (x, y) => (x + y) % 4 === 0, // lines, rising and dense
    (x, y) => ((x >> 2) + (y >> 2)) % 2 === 0, // checks
    () => false,
    (x, y) => (x + y) % 8 < 4, // hatch, rising and broad
];
const PLAIN = 8;
const HATCH = 9;
const TILES = Uint8Array.from({ length: PATTERNS.length * 64 }, (_, at) =>
    Number(PATTERNS[at >> 6](at & 7, (at >> 3) & 7)),
);

const WRONG = [
    [230, 0, 92],
    [60, 0, 30],
];
const GAP = [
    [150, 150, 150],
    [90, 90, 90],
];
const DIMMED = 56; // alpha of categories that are not the one pointed at

/** @param {string} color #rrggbb */
function parseColor(color) {
    return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

/**
 * Pack a colour as a pixel of an ImageData's buffer, seen as 32-bit numbers (little endian, as all
 * machines with browsers are).
 * @param {number[]} rgb
 * @param {number} alpha 0 to 255
 */
function pack([red, green, blue], alpha = 255) {
    return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/**
 * Return black or white, whichever is seen better on a colour, mixed with it.
 * @param {number[]} rgb
 */
function inkOn(rgb) {
    const [red, green, blue] = rgb;
    const bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 110;
    return rgb.map((channel) => Math.round(channel * 0.4 + (bright ? 0 : 255) * 0.6));
}

/** @returns {Look} of which nothing is seen */
function clearLook() {
    return { colors: new Uint32Array(512), tiles: new Uint8Array(256).fill(PLAIN) };
}

/**
 * @param {Look} look
 * @param {number} value
 * @param {number} tile
 * @param {number} ground packed colour
 * @param {number} ink packed colour
 */
function setLook(look, value, tile, ground, ink) {
    look.tiles[value] = tile;
    look.colors[2 * value] = ground;
    look.colors[2 * value + 1] = ink;
}

/**
 * Say how masks look.
 * @param {Category[]} categories
 * @param {{hidden: Set<number>, patterns: boolean}} state
 * @param {number | null} highlight the only category in full strength, if any
 */
function maskLook(categories, { hidden, patterns }, highlight) {
    const look = clearLook();
    const dims = highlight !== null && !hidden.has(highlight);
    categories.forEach(({ id, color }, place) => {
        if (hidden.has(id)) return;
        const alpha = dims && highlight !== id ? DIMMED : 255;
        const rgb = parseColor(color);
        const ink = pack(patterns ? inkOn(rgb) : rgb, alpha);
        setLook(look, id, place % PLAIN, pack(rgb, alpha), ink);
    });
    return look;
}

/** Say how errors and differences look: never by colour alone. */
function compareLook() {
    const look = clearLook();
    setLook(look, 1, HATCH, pack(WRONG[0]), pack(WRONG[1]));
    setLook(look, NOT_EVALUATED, HATCH, pack(GAP[0], 200), pack(GAP[1], 200));
    return look;
}

/** Say how confidence looks: the surer the clearer, the less sure the brighter. */
function confidenceLook() {
    const look = clearLook();
    for (let value = 0; value < 256; value++) {
        const doubt = Math.min(1, (255 - value) / 180);
        const color = pack([240, 60 + 180 * doubt, 110 - 50 * doubt], 255 * Math.min(1, 1.6 * doubt));
        setLook(look, value, PLAIN, color, color);
    }
    return look;
}

/**
 * Draw one view.
 * @param {CanvasRenderingContext2D} context
 * @param {{photo: Photo, plane: Plane | undefined, view: string, look: Look, opacity: number}} scene
 * @param {Part & {height?: number}} part `height` where it is another share than `size`
 * @param {number} width of what is drawn, at the context's origin, in pixels
 * @param {number} height
 * @param {number} grain pixels that a dot of a pattern is wide
 */
function drawView(context, { photo, plane, view, look, opacity }, part, width, height, grain) {
    const { x, y, size, height: extent = size } = part;
    const [wide, high] = [size * photo.width, extent * photo.height];
    context.imageSmoothingEnabled = width < 2 * wide; // pixels that are enlarged stay sharp
    context.imageSmoothingQuality = "high";
    context.drawImage(photo.bitmap, x * photo.width, y * photo.height, wide, high, 0, 0, width, height);
    if (!plane) return;
    const isMask = MASKS.includes(view);
    if (!isMask)
        fade(context, view === "confidence" ? "rgb(0 0 0 / .45)" : "rgb(255 255 255 / .5)", width, height);
    context.globalAlpha = isMask ? opacity : 1;
    context.drawImage(paintPlane(plane, look, part, width, height, grain), 0, 0);
    context.globalAlpha = 1;
}

/** Take the colours out of what is drawn, and some of its strength. */
function fade(context, veil, width, height) {
    context.globalCompositeOperation = "saturation";
    context.fillStyle = "#888";
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = "source-over";
    context.fillStyle = veil;
    context.fillRect(0, 0, width, height);
}

/**
 * Paint a part of a plane, with its patterns fixed to the picture; arguments as of `drawView`.
 * @param {Plane} plane
 * @param {Look} look
 */
function paintPlane(plane, { colors, tiles }, part, width, height, grain) {
    const { x, y, size, height: extent = size } = part;
    const canvas = makeCanvas(width, height);
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const columns = nearest(x, size, width, plane.width);
    const rows = nearest(y, extent, height, plane.height);
    const left = Math.round((x * width) / size);
    const top = Math.round((y * height) / extent);
    const across = columns.map((_, step) => Math.floor((left + step) / grain) & 7);
    let at = 0;
    for (let line = 0; line < height; line++) {
        const start = rows[line] * plane.width;
        const down = (Math.floor((top + line) / grain) & 7) << 3;
        for (let step = 0; step < width; step++) {
            const value = plane.values[start + columns[step]];
            pixels[at++] = colors[2 * value + TILES[(tiles[value] << 6) | down | across[step]]];
        }
    }
    context.putImageData(image, 0, 0);
    return canvas;
}

/**
 * Draw a value's look as a legend shows it.
 * @param {Look} look
 * @param {number} value
 */
function swatch(look, value) {
    const plane = emptyPlane(1, 1);
    plane.values[0] = value;
    const canvas = paintPlane(plane, look, { x: 0, y: 0, size: 1 }, 24, 16, 1);
    canvas.className = "fv-swatch";
    return canvas;
}

const COMPARED = compareLook();
const DOUBT = confidenceLook();
