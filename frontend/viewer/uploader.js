// Uploader: what Streamlit's own does not take. Its words are English, and go as others are taken.

/** Names of the files that were chosen last and not taken. @type {string[]} */
let notTaken = [];
/** Marks of files that were chosen before those. */
let former = new Set();

const refusedFiles = () => [...document.querySelectorAll('[data-testid="stFileChip"][aria-invalid]')];

/** The source of photos, as files or a folder, to which those belong. @type {string | undefined} */
let owner;

/** To be called when files are chosen. */
function forgetRefused() {
    notTaken = [];
    former = new Set(refusedFiles());
}

/** Say which files are not taken, in the page's language. */
function sayRefused() {
    const place = document.querySelector(".fv-not-taken");
    if (place?.dataset.fvOwner !== owner) {
        forgetRefused();
        owner = place?.dataset.fvOwner;
    }
    if (!place) return;
    const names = refusedFiles().filter((chip) => !former.has(chip));
    if (names.length) notTaken = names.map((chip) => chip.querySelector("[title]").title);
    const said = notTaken.length ? fill(place.dataset.fvText, { names: notTaken.join(", ") }) : "";
    if (place.textContent !== said) place.textContent = said;
}
