// Shows the sandbox's fields in our page. See EmbedsFields in gateways/fields.py for the rules.
export async function mount(place, facts) {
  const gateway = await import(facts.script);
  return gateway.mount(place, facts.client_token);
}
