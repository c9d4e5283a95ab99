// Where the browser has Trusted Types, no text becomes markup or script but by a policy with a name
// that our Content-Security-Policy allows. This one is for htmx, which puts answers of our own
// server into the page: their markup is taken as it is, for the server escapes; a script in one is
// emptied, for none of ours comes that way.
if (window.trustedTypes) {
  const policy = trustedTypes.createPolicy("htmx", { createHTML: (text) => text, createScript: () => "" });
  htmx.registerExtension("trusted-types", { init: (api) => api.initSecurity(policy) });
}
