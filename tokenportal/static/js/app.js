// All of our own script. Every action also works without it: links go to pages, forms post, menus use popover.
const modal = document.getElementById("modal");
const live = document.getElementById("live");
const say = (text) => {
  live.textContent = "";
  requestAnimationFrame(() => {
    live.textContent = text;
  });
};

// Links and GET forms marked data-modal: fetch the same page, show its sheet in the dialog.
async function openSheet(url) {
  const page = await fetch(url).catch(() => null);
  const text = page?.ok && !page.redirected ? await page.text() : "";
  const sheet = new DOMParser().parseFromString(text, "text/html").querySelector("[data-sheet]");
  if (!sheet) {
    location.assign(url);
    return;
  }
  modal.replaceChildren(sheet);
  stay();
  modal.showModal();
  modal.querySelector("[autofocus], input:not([type=hidden])")?.focus();
}

// In the dialog a form marked data-stay is answered in its place; on a page of its own it leads on like any form.
function stay() {
  for (const form of modal.querySelectorAll("form[data-stay]")) {
    form.setAttribute("hx-post", form.getAttribute("action"));
    form.setAttribute("hx-select", "[data-sheet]");
    form.setAttribute("hx-target", "closest [data-sheet]");
    form.setAttribute("hx-swap", "outerHTML");
    form.setAttribute("hx-disable", "find footer button");
  }
  window.htmx?.process(modal);
}

function copyText(button) {
  const { copied, copiedSaid, notCopied } = live.dataset;
  const written = navigator.clipboard?.writeText(document.querySelector(button.dataset.copy).innerText);
  (written ?? Promise.reject(new Error("no clipboard"))).then(
    () => {
      button.classList.add("copied");
      button.querySelector("span").textContent = copied;
      const use = button.querySelector("use");
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#check"));
      say(copiedSaid);
    },
    () => {
      getSelection().selectAllChildren(document.querySelector(button.dataset.copy));
      say(notCopied);
    },
  );
}

// A file from what the page shows: nothing is stored, and nothing is asked of the server.
function saveText({ save, name }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${document.querySelector(save).textContent}\n`], { type: "text/plain" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

document.addEventListener("click", (e) => {
  const link = e.target.closest("a[data-modal]");
  if (link && !e.metaKey && !e.ctrlKey && !e.shiftKey) {
    e.preventDefault();
    openSheet(link.href);
    return;
  }
  const close = e.target.closest("[data-close]");
  if (close && modal.open) {
    e.preventDefault();
    modal.close();
    return;
  }
  const copy = e.target.closest("[data-copy]");
  if (copy) copyText(copy);
  const save = e.target.closest("[data-save]");
  if (save) saveText(save.dataset);
});

// A form is sent once: a second click while the first is under way is nothing new. What sends a file leaves the page.
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (form.matches("form[data-modal]")) {
    e.preventDefault();
    openSheet(`${e.submitter?.getAttribute("formaction") ?? form.action}?${new URLSearchParams(new FormData(form))}`);
  } else if (form.method === "post" && !form.hasAttribute("hx-post") && !e.submitter?.matches("[data-download]")) {
    if (form.dataset.sent) e.preventDefault();
    form.dataset.sent = "yes";
  }
});

// Closing after a token was made: reload the page below, so that the secret is gone and the row is there.
const secretShown = () => document.querySelector("[data-secret]");
modal?.addEventListener("cancel", (e) => {
  if (secretShown()) e.preventDefault();
});
modal?.addEventListener("close", () => {
  const reload = secretShown();
  modal.replaceChildren();
  if (reload) location.reload();
});

// Leaving a page that shows a secret: take the secret out, so that no history can bring it back.
addEventListener("pagehide", () => {
  if (!secretShown()) return;
  secretShown().remove();
  modal.replaceChildren();
});
addEventListener("pageshow", (e) => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  if (e.persisted) location.reload();
});

// What asks again and again by itself neither leads away from the page nor moves the focus.
const polls = (e) => e.detail.ctx.sourceElement.matches("[data-poll]");

// A form in the dialog that was answered with another page (its key was used, the session is over): go there.
document.addEventListener("htmx:before:response", (e) => {
  const { response, sourceElement } = e.detail.ctx;
  if (response.raw.redirected && polls(e)) {
    e.preventDefault();
  } else if (response.raw.redirected && sourceElement.closest("[data-sheet]")) {
    e.preventDefault();
    location.assign(response.raw.url);
  }
});
document.addEventListener("htmx:after:swap", (e) => {
  if (polls(e)) {
    const arrived = document.querySelector("#first-call [data-said] b");
    if (arrived) say(arrived.textContent);
    return;
  }
  const sheet = modal.querySelector("[data-sheet]");
  if (sheet) stay();
  sheet?.querySelector("[aria-invalid=true], [autofocus]")?.focus();
  const said = sheet ? null : document.querySelector("[data-said]");
  if (said) say(said.textContent);
});

document.addEventListener("change", (e) => {
  if (e.target.matches("[data-pick-all]")) {
    for (const box of e.target.closest("table").querySelectorAll("tbody input[type=checkbox]")) box.checked = e.target.checked;
  }
});
