// The camera: takes photos in its full resolution and gives them to the page's uploader. A phone
// opens its own camera app, whose photos are better than frames of a video.

/** Places for a camera, and how to let go of it. @type {Map<HTMLElement, () => void>} */
const cameras = new Map();

/** Open cameras that came into the page, and close those that left it. */
function scanCameras() {
    for (const mount of document.querySelectorAll(".fv-camera")) {
        if (!cameras.has(mount)) cameras.set(mount, openCamera(mount));
    }
    for (const [mount, close] of cameras) {
        if (mount.isConnected) continue;
        close();
        cameras.delete(mount);
    }
}

/** @param {HTMLElement} mount */
function openCamera(mount) {
    const texts = JSON.parse(mount.dataset.fvTexts);
    const uploader = () => document.querySelector(".st-key-photo_camera input[type=file]");
    const button = el("button", { type: "button", textContent: texts.take });
    if (matchMedia("(pointer: coarse)").matches) {
        button.addEventListener("click", () => {
            const input = uploader();
            input.setAttribute("capture", "environment");
            input.accept = "image/jpeg"; // an iPhone turns its HEIC into what is asked for
            input.click();
        });
        mount.replaceChildren(button);
        return () => undefined;
    }
    const video = el("video", { autoplay: true, muted: true, playsInline: true });
    const said = el("p", { role: "status", textContent: texts.starting });
    button.disabled = true;
    mount.replaceChildren(video, button, said);
    const size = { width: { ideal: 4096 }, height: { ideal: 2160 } };
    const asked = navigator.mediaDevices?.getUserMedia({ video: { facingMode: "environment", ...size } });
    const stream = Promise.resolve(asked ?? Promise.reject(new Error("no camera")));
    stream.then(
        (opened) => (video.srcObject = opened),
        () => (said.textContent = texts.denied),
    );
    video.addEventListener("loadeddata", () => {
        said.textContent = "";
        button.disabled = false;
    });
    button.addEventListener("click", () => {
        const canvas = makeCanvas(video.videoWidth, video.videoHeight);
        canvas.getContext("2d").drawImage(video, 0, 0);
        canvas.toBlob((photo) => send(photo, uploader()), "image/jpeg", 0.95);
    });
    return () => stream.then((opened) => opened.getTracks().forEach((track) => track.stop()), () => undefined);
}

/** Put a photo into a file input, as if it had been chosen there. */
function send(photo, input) {
    const name = `camera_${new Date().toISOString().slice(11, 19).replaceAll(":", "-")}.jpg`;
    const given = new DataTransfer();
    given.items.add(new File([photo], name, { type: photo.type }));
    input.files = given.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}
