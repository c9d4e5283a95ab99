// Inside the frame: reads what the payer types and sends it to the API, never to the page around.
const form = document.getElementById("fields");
const read = (name) => (form.elements[name] ? form.elements[name].value.trim() : "");

function method(kind) {
  const data = { "payment_method_data[type]": kind };
  if (read("name")) data["payment_method_data[billing_details][name]"] = read("name");
  if (kind === "card") {
    const [month, year] = read("expiry").split(/[^0-9]+/);
    data["payment_method_data[card][number]"] = read("number");
    data["payment_method_data[card][exp_month]"] = String(parseInt(month, 10) || 0);
    data["payment_method_data[card][exp_year]"] = String(parseInt(year, 10) || 0);
    data["payment_method_data[card][cvc]"] = read("cvc");
    return data;
  }
  data["mandate_data[customer_acceptance][type]"] = "online";
  data["mandate_data[customer_acceptance][online][infer_from_client]"] = "true";
  data["payment_method_data[billing_details][email]"] = read("email");
  if (kind === "sepa_debit") {
    data["payment_method_data[sepa_debit][iban]"] = read("iban");
    return data;
  }
  data["payment_method_data[us_bank_account][account_number]"] = read("account");
  data["payment_method_data[us_bank_account][routing_number]"] = read("routing");
  data["payment_method_data[us_bank_account][account_holder_type]"] = read("holder");
  return data;
}

async function send({ key, path, secret, returnUrl }) {
  const kind = form.dataset.kind;
  const content = new URLSearchParams({
    ...method(kind), client_secret: secret, use_stripe_sdk: "true",
    ...(returnUrl ? { return_url: returnUrl } : {}),
  });
  const headers = { Authorization: `Bearer ${key}` };
  if (read("proof") === "instant") headers["Sandbox-Bank-Sign-In"] = "yes";
  const answer = await fetch(`${form.dataset.api}/v1${path}`, { method: "POST", headers, body: content });
  return answer.json();
}

window.addEventListener("message", async (event) => {
  if (event.source !== window.parent || !event.data || event.data.sandbox !== "confirm") return;
  document.getElementById("problem").textContent = "";
  let answer;
  try {
    answer = await send(event.data);
  } catch (error) {
    answer = { error: { type: "api_connection_error", message: "Stripe could not be reached." } };
  }
  if (answer.error) document.getElementById("problem").textContent = answer.error.message;
  event.source.postMessage({ sandbox: "answer", id: event.data.id, answer }, event.origin);
});
form.addEventListener("submit", (event) => event.preventDefault());
window.parent.postMessage({ sandbox: "ready", height: document.documentElement.scrollHeight }, "*");
