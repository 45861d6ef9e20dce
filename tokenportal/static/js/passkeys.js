// Passkeys, Web Authentication Level 3. A box marked data-passkey has the browser make one or show one (`create`, `get`)
// and sends what it says with the box's form. What is to be asked comes from the address in data-challenge, at that moment.
const bytesOf = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

function read({ publicKey }) {
  const ids = (some) => some?.map((each) => ({ ...each, id: bytesOf(each.id) }));
  return {
    ...publicKey,
    challenge: bytesOf(publicKey.challenge),
    ...(publicKey.user && { user: { ...publicKey.user, id: bytesOf(publicKey.user.id) } }),
    excludeCredentials: ids(publicKey.excludeCredentials),
    allowCredentials: ids(publicKey.allowCredentials),
  };
}

function written({ rawId, type, response }) {
  const there = PARTS.filter((name) => response[name]);
  const parts = Object.fromEntries(there.map((name) => [name, textOf(response[name])]));
  return JSON.stringify({ id: textOf(rawId), rawId: textOf(rawId), type, response: parts });
}

const fieldOf = (box) => box.querySelector("input[type=hidden]");
let waiting; // for what the browser offers beside the name, until somebody asks for a passkey by themselves

async function ask(box, how = {}) {
  const form = box.closest("form");
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  const answer = await fetch(box.dataset.challenge, { method: "POST", headers, signal: how.signal });
  if (!answer.ok) throw new Error(answer.status);
  const publicKey = read(await answer.json());
  const found = await navigator.credentials[box.dataset.passkey]({ publicKey, ...how });
  fieldOf(box).value = written(found);
  form.requestSubmit(form.querySelector("button:not([type=button])"));
}

async function askAloud(box) {
  const said = box.querySelector("[data-said-if]");
  const { unable, failed, known } = said.dataset;
  said.hidden = true;
  waiting?.abort();
  try {
    if (!window.PublicKeyCredential) throw new DOMException("", "SecurityError");
    await ask(box);
  } catch (error) {
    said.textContent = { SecurityError: unable, NotSupportedError: unable, InvalidStateError: known }[error.name] ?? failed;
    said.hidden = false;
  }
}

document.addEventListener("click", (e) => {
  const box = e.target.closest("[data-passkey-ask]")?.closest("[data-passkey]");
  if (box) askAloud(box);
});

// A form that is about making one: sending it makes it first. Ahead of all others who listen for forms being sent.
document.addEventListener(
  "submit",
  (e) => {
    const box = e.target.querySelector("[data-passkey=create]");
    if (!box || fieldOf(box).value || !e.target.checkValidity()) return; // what is missing, the answer says
    e.preventDefault();
    e.stopImmediatePropagation();
    askAloud(box);
  },
  true,
);

// At the door: the browser offers passkeys among the names to fill in.
async function offer(box) {
  if (!(await window.PublicKeyCredential?.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  await ask(box, { mediation: "conditional", signal: waiting.signal }).catch(() => {});
}
const offered = document.querySelector("[data-passkey-offer]");
if (offered) offer(offered);
