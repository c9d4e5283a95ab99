// Shows Stripe's payment element on our page. Source: docs.stripe.com/js/elements_object/
// create_payment_element, docs.stripe.com/js/payment_intents/confirm_payment [docs].

// Errors after which the charge may have been made all the same. Source: docs.stripe.com/error-handling
// [docs]: connection problems and Stripe's own faults have an outcome that is not known.
const UNKNOWN = ["api_connection_error", "api_error"];

function load(address) {
  if (window.Stripe) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error("The payment fields could not be loaded."));
    document.head.append(script);
  });
}

export async function mount(place, facts) {
  await load(facts.script);
  const stripe = window.Stripe(facts.public_key, { locale: facts.locale || "auto" });
  const elements = stripe.elements({ clientSecret: facts.client_token });
  const element = elements.create("payment");
  const ready = new Promise((resolve) => { element.on("ready", resolve); });
  element.mount(place);
  await ready;
  const saves = facts.options && facts.options.kind === "saving";

  async function confirm() {
    const checked = await elements.submit();
    if (checked.error) return { error: checked.error.message };
    const told = { elements, confirmParams: { return_url: facts.return_url } };
    const done = saves
      ? await stripe.confirmSetup({ ...told, redirect: "if_required" })
      : await stripe.confirmPayment({ ...told, redirect: "if_required" });
    if (done.error && UNKNOWN.includes(done.error.type)) throw new Error(done.error.message);
    return done.error ? { error: done.error.message } : {};
  }

  return { confirm };
}
