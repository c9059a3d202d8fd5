// Layers: the pictures of the page that a viewer lays over each other, as values per pixel.

/**
 * @typedef {{id: number, name: string, label: string, color: string}} Category
 * @typedef {{categories: Category[], texts: Record<string, string>}} Setup
 *
 * A photo, to be drawn as it is.
 * @typedef {{serial: number, width: number, height: number, bitmap: ImageBitmap}} Photo
 *
 * One value per pixel, row by row: category ids (255 not evaluated), a confidence of 0 to 255, or
 * 0 same, 1 different, 255 not evaluated. `counts` has the pixels of each value.
 * @typedef {{serial: number, width: number, height: number, values: Uint8Array,
 *     counts: Uint32Array}} Plane
 *
 * What the page shows: decoded, or null where the browser cannot.
 * @typedef {{layer: string, img: HTMLImageElement, src: string, title: string, protocol: string,
 *     decoded: Promise<Photo | Plane | null>}} Source
 */

const MASKS = ["truth", "prediction", "other"];
const LAYERS = ["photo", ...MASKS, "confidence"];
const NOT_EVALUATED = 255;

/** Rows that are decoded at a time: a photo of 16 megapixels must not hold up the page. */
const STRIP = 256;

let serials = 0;

/**
 * Find the layers in the page; those that are just being replaced, of another scene or made by
 * another protocol than the photo says, are left out.
 * @returns {Omit<Source, "decoded">[]}
 */
function findLayers() {
    const found = new Map();
    for (const img of document.querySelectorAll("img[data-fv-layer]")) {
        const { fvLayer: layer, fvTitle: title = "", fvProtocol: protocol = "" } = img.dataset;
        const src = img.getAttribute("src");
        if (src && LAYERS.includes(layer) && !found.has(layer)) {
            found.set(layer, { layer, img, src, title, protocol });
        }
    }
    const photo = found.get("photo");
    return [...found.values()].filter(
        ({ title, protocol }) => title === photo?.title && protocol === photo?.protocol,
    );
}

/**
 * Decode a layer.
 * @param {HTMLImageElement} img
 * @param {string} layer
 * @param {Map<number, number>} ids category ids by packed colour
 * @returns {Promise<Photo | Plane | null>} null where the picture is broken
 */
async function decode(img, layer, ids) {
    try {
        await img.decode();
        if (layer === "photo") {
            const bitmap = await createImageBitmap(img);
            return { serial: ++serials, width: bitmap.width, height: bitmap.height, bitmap };
        }
        // The colours are category ids in disguise: they may not be fitted to a screen.
        const bitmap = await createImageBitmap(img, { colorSpaceConversion: "none" });
        const plane = await readPlane(bitmap, layer === "confidence" ? null : ids);
        bitmap.close();
        return plane;
    } catch {
        return null;
    }
}

/**
 * Read the values of a mask's or a grey picture's pixels.
 * @param {ImageBitmap} bitmap
 * @param {Map<number, number> | null} ids category ids by packed colour; null: the grey value
 * @returns {Promise<Plane>}
 */
async function readPlane(bitmap, ids) {
    const plane = emptyPlane(bitmap.width, bitmap.height);
    const { width, height, values, counts } = plane;
    const canvas = makeCanvas(width, Math.min(STRIP, height));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    let at = 0;
    let last = 0;
    let value = NOT_EVALUATED;
    for (let top = 0; top < height; top += STRIP) {
        const rows = Math.min(STRIP, height - top);
        context.clearRect(0, 0, width, rows);
        context.drawImage(bitmap, 0, top, width, rows, 0, 0, width, rows);
        const pixels = new Uint32Array(context.getImageData(0, 0, width, rows).data.buffer);
        for (const pixel of pixels) {
            if (!ids) {
                value = pixel & 255;
            } else if (pixel !== last) {
                last = pixel;
                value = ids.get(pixel) ?? NOT_EVALUATED;
            }
            values[at++] = value;
            counts[value]++;
        }
        await new Promise((resolve) => setTimeout(resolve));
    }
    return plane;
}

/**
 * Compare two masks pixel by pixel, at the size of the first; where it or the second is not
 * evaluated, the result is not either.
 * @param {Plane} first
 * @param {Plane} second
 * @returns {Plane} 0 same, 1 different, 255 not evaluated
 */
function compareMasks(first, second) {
    const plane = emptyPlane(first.width, first.height);
    const columns = nearest(0, 1, first.width, second.width);
    const rows = nearest(0, 1, first.height, second.height);
    let at = 0;
    for (const row of rows) {
        const start = row * second.width;
        for (const column of columns) {
            const one = first.values[at];
            const two = second.values[start + column];
            const gap = one === NOT_EVALUATED || two === NOT_EVALUATED;
            const value = gap ? NOT_EVALUATED : Number(one !== two);
            plane.values[at++] = value;
            plane.counts[value]++;
        }
    }
    return plane;
}

/**
 * Say which of `count` pixels lie under the middles of `size` equal steps through a part of them.
 * @param {number} start where the part begins, 0 to 1
 * @param {number} extent how much of the whole it is, 0 to 1
 * @param {number} size
 * @param {number} count
 * @returns {Int32Array}
 */
function nearest(start, extent, size, count) {
    return Int32Array.from({ length: size }, (_, step) => {
        const place = Math.floor((start + ((step + 0.5) / size) * extent) * count);
        return Math.max(0, Math.min(count - 1, place));
    });
}

/**
 * Return the value at a place, given as shares of width and height.
 * @param {Plane} plane
 * @param {number} x
 * @param {number} y
 */
function valueAt({ width, height, values }, x, y) {
    const column = Math.min(width - 1, Math.floor(x * width));
    return values[Math.min(height - 1, Math.floor(y * height)) * width + column];
}

/**
 * Return the share of the evaluated pixels that have a value, 0 to 1.
 * @param {Plane} plane
 * @param {number} value
 */
function shareOf({ counts, values }, value) {
    return counts[value] / Math.max(1, values.length - counts[NOT_EVALUATED]);
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {Plane}
 */
function emptyPlane(width, height) {
    const values = new Uint8Array(width * height);
    return { serial: ++serials, width, height, values, counts: new Uint32Array(256) };
}

/**
 * @param {number} width
 * @param {number} height
 */
function makeCanvas(width, height) {
    return Object.assign(document.createElement("canvas"), { width, height });
}
