// Stand-in for Stripe.js: the calls that our page uses, and nothing besides.
(() => {
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  let frames = 0;

  function frame(address, title) {
    const made = document.createElement("iframe");
    made.src = address;
    made.title = title;
    made.setAttribute("allowtransparency", "true");
    made.style.cssText = "border:0;width:100%;min-height:22rem;display:block";
    return made;
  }

  function idOf(secret) {
    return secret.split("_secret_")[0];
  }

  class Element {
    constructor(key, secret, kind) {
      this.key = key;
      this.secret = secret;
      this.kind = kind;
      this.waiting = {};
      this.ready = [];
    }

    mount(place) {
      const element = typeof place === "string" ? document.querySelector(place) : place;
      const address = `${origin}/fields?key=${encodeURIComponent(this.key)}&secret=${encodeURIComponent(this.secret)}`;
      this.frame = frame(address, "Secure payment input frame");
      element.replaceChildren(this.frame);
      window.addEventListener("message", (event) => this.hear(event));
    }

    hear(event) {
      if (event.source !== this.frame.contentWindow || event.origin !== origin) return;
      if (event.data.sandbox === "ready") {
        this.frame.style.height = `${event.data.height}px`;
        this.isReady = true;
        this.ready.splice(0).forEach((tell) => tell({ elementType: "payment" }));
      }
      if (event.data.sandbox === "answer") {
        this.waiting[event.data.id](event.data.answer);
        delete this.waiting[event.data.id];
      }
    }

    on(name, tell) {
      if (name !== "ready") return this;
      if (this.isReady) tell({ elementType: "payment" });
      else this.ready.push(tell);
      return this;
    }

    confirm(path, returnUrl) {
      const id = `call-${(frames += 1)}`;
      const message = { sandbox: "confirm", id, key: this.key, path, secret: this.secret, returnUrl };
      this.frame.contentWindow.postMessage(message, origin);
      return new Promise((resolve) => { this.waiting[id] = resolve; });
    }

    unmount() { if (this.frame) this.frame.remove(); }
    destroy() { this.unmount(); }
  }

  class Elements {
    constructor(key, options) {
      this.key = key;
      this.secret = options.clientSecret;
    }

    create(kind) {
      if (kind !== "payment") throw new Error("The sandbox has the payment element only.");
      this.element = new Element(this.key, this.secret, kind);
      return this.element;
    }

    async submit() { return {}; }
    getElement() { return this.element || null; }
  }

  // The bank's question, in a window above the page; ends when it was answered.
  function ask(address) {
    return new Promise((resolve) => {
      const around = document.createElement("dialog");
      around.style.cssText = "width:min(30rem,95vw);height:28rem;border:0;padding:0";
      const inside = frame(`${address}?sdk=1`, "3-D Secure");
      inside.style.height = "27rem";
      around.append(inside);
      document.body.append(around);
      around.showModal();
      window.addEventListener("message", function hear(event) {
        if (event.source !== inside.contentWindow || event.data.sandbox !== "authenticated") return;
        window.removeEventListener("message", hear);
        around.close();
        around.remove();
        resolve();
      });
    });
  }

  window.Stripe = function Stripe(key) {
    async function retrieve(kind, secret) {
      const address = `${origin}/api/v1/${kind}s/${idOf(secret)}?client_secret=${encodeURIComponent(secret)}`;
      return (await fetch(address, { headers: { Authorization: `Bearer ${key}` } })).json();
    }

    async function goOn(kind, name, intent, confirmParams, redirect) {
      const action = intent.next_action;
      if (action && action.use_stripe_sdk) {
        await ask(action.use_stripe_sdk.stripe_js);
        intent = await retrieve(kind, intent.client_secret);
      }
      const failed = intent.last_payment_error || intent.last_setup_error;
      if (intent.status === "requires_payment_method" && failed) return { error: failed };
      if (redirect === "if_required" || !confirmParams || !confirmParams.return_url) return { [name]: intent };
      const back = new URL(confirmParams.return_url);
      back.searchParams.set(kind, intent.id);
      back.searchParams.set(`${kind}_client_secret`, intent.client_secret);
      back.searchParams.set("redirect_status", intent.status === "requires_payment_method" ? "failed" : "succeeded");
      window.location.assign(back);
      return new Promise(() => {});
    }

    async function confirm(kind, name, { elements, confirmParams, redirect }) {
      const path = `/${kind}s/${idOf(elements.secret)}/confirm`;
      const returnUrl = confirmParams && confirmParams.return_url;
      const answer = await elements.element.confirm(path, returnUrl);
      if (answer.error) return { error: answer.error };
      return goOn(kind, name, answer, confirmParams, redirect);
    }

    async function next({ clientSecret }) {
      const kind = clientSecret.startsWith("seti_") ? "setup_intent" : "payment_intent";
      const name = kind === "setup_intent" ? "setupIntent" : "paymentIntent";
      return goOn(kind, name, await retrieve(kind, clientSecret), null, "if_required");
    }

    return {
      elements: (options) => new Elements(key, options),
      confirmPayment: (options) => confirm("payment_intent", "paymentIntent", options),
      confirmSetup: (options) => confirm("setup_intent", "setupIntent", options),
      handleNextAction: next,
      retrievePaymentIntent: async (secret) => ({ paymentIntent: await retrieve("payment_intent", secret) }),
      retrieveSetupIntent: async (secret) => ({ setupIntent: await retrieve("setup_intent", secret) }),
    };
  };
  window.Stripe.version = "sandbox";
})();
