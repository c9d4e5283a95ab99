// Inside the frame: sends what was typed to the frame's own origin, and says outside that it is done.
const here = location.pathname;
const fields = document.getElementById("fields");
const ask = document.getElementById("ask");
const problem = document.getElementById("problem");

const say = (message) => parent.postMessage(message, "*"); // no secret is in it

async function send(path, content) {
  const answer = await fetch(`${here}/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(content),
  });
  return answer.json();
}

function complain(text) {
  problem.textContent = text;
  problem.hidden = !text;
}

function take(said) {
  const text = said.errors ? Object.values(said.errors).join(" ") : (said.error?.message ?? said.error ?? "");
  fields.hidden = Boolean(said.ask);
  ask.hidden = !said.ask;
  complain(text);
  if (!said.ask) say({ kind: "done", error: text });
}

window.addEventListener("message", async (event) => {
  if (event.source !== parent || event.data.kind !== "confirm") return;
  try {
    take(await send("confirm", Object.fromEntries(new FormData(fields))));
  } catch {
    say({ kind: "lost" });
  }
});
fields.addEventListener("submit", (event) => event.preventDefault());
ask.addEventListener("submit", async (event) => {
  event.preventDefault();
  take(await send("authenticate", { decision: event.submitter.value }));
});
say({ kind: "ready" });
