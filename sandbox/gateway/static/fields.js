// The stand-in for a gateway's browser script. It shows the fields in a frame of its own origin and
// speaks with it by messages: no number ever enters the merchant's page.
const origin = new URL(import.meta.url).origin;

export function mount(place, token) {
  const frame = document.createElement("iframe");
  frame.title = "Payment details";
  frame.src = `${origin}/frame/${encodeURIComponent(token)}`;
  frame.style.cssText = "width:100%;min-height:22rem;border:0";
  let settle = null;
  let lose = null;
  const ready = new Promise((resolve) => {
    window.addEventListener("message", (event) => {
      if (event.origin !== origin || event.source !== frame.contentWindow) return;
      if (event.data.kind === "ready") resolve();
      if (event.data.kind === "done" && settle) settle(event.data.error ? { error: event.data.error } : {});
      if (event.data.kind === "lost" && lose) lose(new Error("No answer came."));
    });
  });
  place.replaceChildren(frame);
  return ready.then(() => ({
    confirm: () =>
      new Promise((resolve, reject) => {
        settle = resolve;
        lose = reject;
        frame.contentWindow.postMessage({ kind: "confirm" }, origin);
      }),
  }));
}
