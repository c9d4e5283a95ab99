// The payment page: shows the gateway's fields by its adapter's module, and leads on when the payer
// is done. What became of the payment, the next page asks the gateway; nothing is believed from here.
const form = document.querySelector("[data-fields]");
const place = form.querySelector("[data-place]");
const button = form.querySelector("[data-pay]");
const problem = form.querySelector("[data-problem]");
const unknown = form.querySelector("[data-unknown]"); // no answer is not "no": it may have been paid
const facts = JSON.parse(document.getElementById("fields-facts").textContent);
const SLOW = 45000; // a bank's question may take long; who waits is told where to look
const label = button.querySelector("span");
const words = label.textContent;

const say = (text) => {
  problem.hidden = !text;
  problem.querySelector("p").textContent = text;
  if (text) problem.focus();
};
const wonder = (yes) => {
  unknown.hidden = !yes;
  if (yes) unknown.focus();
};
const rest = (busy) => {
  button.setAttribute("aria-disabled", String(busy));
  label.textContent = busy ? button.dataset.busy : words;
};

try {
  const { mount } = await import(facts.module);
  const { confirm } = await mount(place, facts);
  place.removeAttribute("aria-busy");
  form.querySelector("[data-loading]")?.closest("p").remove();
  button.hidden = false;
  form.dataset.ready = "yes";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    say("");
    rest(true);
    const slow = setTimeout(() => wonder(true), SLOW);
    let done;
    try {
      done = await confirm();
    } catch {
      clearTimeout(slow);
      label.textContent = words;
      wonder(true);
      return; // and the button stays off
    }
    clearTimeout(slow);
    if (!done.error) { location.assign(facts.return_url); return; }
    wonder(false);
    rest(false);
    say(done.error);
  });
} catch {
  place.removeAttribute("aria-busy");
  form.querySelector("[data-loading]")?.closest("p").remove();
  say(form.dataset.unloaded);
}
