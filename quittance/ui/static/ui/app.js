// Enhancement only: every page works without it (forms post, links load).
// No inline handlers, no eval, no style attributes: safe under script-src/style-src 'self'.
(() => {
  "use strict";
  const $ = (s, r = document) => r.querySelector(s), $$ = (s, r = document) => [...r.querySelectorAll(s)];
  const root = document.documentElement;
  const put = (el, text) => { if (el && el.textContent !== text) el.textContent = text; };

  // theme: the server reads the cookie; here the page changes without a reload
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  document.addEventListener("submit", (e) => {
    const form = e.target.closest("[data-theme-form]");
    if (!form) return;
    e.preventDefault();
    form.elements.theme.value = isDark() ? "light" : "dark";
    const sent = new FormData(form);
    root.dataset.theme = form.elements.theme.value;
    $$("[data-theme-toggle]").forEach((b) => b.setAttribute("aria-pressed", String(isDark())));
    fetch(form.action, { method: "POST", body: sent, keepalive: true });
  });
  $$("[data-theme-toggle]").forEach((b) => b.setAttribute("aria-pressed", String(isDark())));

  // the session's end: announced five minutes before, put off by a button; tabs share one session
  const coming = $("#tpl-ends");
  if (coming) {
    const early = 300, ends = () => $("#ends");
    let timer = 0;
    const ask = (options) => fetch(coming.dataset.session, { cache: "no-store", ...options }).then((a) => a.json()).then((a) => look(a.seconds));
    const wait = (seconds) => { clearTimeout(timer); timer = setTimeout(() => ask().catch(() => wait(60)), Math.max(1, Math.min(seconds, 86400)) * 1000); };
    const say = (over) => {
      if (!ends()) {
        document.body.append(coming.content.cloneNode(true));
        ends().addEventListener("submit", (e) => { if (e.target.matches("[data-stay]")) { e.preventDefault(); ask({ method: "POST", body: new FormData(e.target) }).catch(() => wait(60)); } });
      }
      $$("[data-over]", ends()).forEach((p) => (p.hidden = !over));
      $$("[data-soon], [data-stay]", ends()).forEach((p) => (p.hidden = over));
      if (!ends().open) ends().showModal();
    };
    const look = (left) => {
      if (left > early) { if (ends()?.open) ends().close(); wait(left - early); }
      else if (left > 0) { say(false); wait(left + 1); }
      else say(true);
    };
    wait(Number(coming.dataset.left) - early);
  }

  // <details class="drop">: one open at a time, Escape and outside click close it
  document.addEventListener("click", (e) => $$("details.drop[open]").forEach((d) => d.contains(e.target) || (d.open = false)));
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape") { const d = $("details.drop[open]"); if (d) { d.open = false; $("summary", d).focus(); } }
    if (e.key === "k" && (e.metaKey || e.ctrlKey)) { const s = $$("[data-search]").find((i) => i.offsetParent); if (s) { e.preventDefault(); s.focus(); s.select(); } }
  });

  // selectable table: tick all of the page, shift-click ranges; the server keeps what is picked
  // and answers "picked" with the pay bar, so its sums are exact
  let last = null;
  const boxesOf = (form) => $$("tbody .check", form);
  const draw = (form) => {
    const usable = boxesOf(form).filter((b) => !b.disabled), on = usable.filter((b) => b.checked), all = $("thead .check", form), band = $("[data-matching]", form);
    if (all) { all.checked = on.length > 0 && on.length === usable.length; all.indeterminate = on.length > 0 && !all.checked; }
    if (band) band.hidden = !(all && all.checked);
  };
  document.addEventListener("click", (e) => {
    const form = e.target.closest("[data-selectable]");
    if (!form || !e.target.matches(".check")) return;
    const boxes = boxesOf(form), box = e.target;
    if (box.closest("thead")) boxes.forEach((b) => { if (!b.disabled) b.checked = box.checked; });
    else {
      if (e.shiftKey && last && boxes.includes(last)) {
        const [a, b] = [boxes.indexOf(last), boxes.indexOf(box)].sort((x, y) => x - y);
        boxes.slice(a, b + 1).forEach((x) => { if (!x.disabled) x.checked = box.checked; });
      }
      last = box;
    }
    draw(form);
    form.dispatchEvent(new CustomEvent("picked"));
  });
  $$("[data-selectable]").forEach((form) => { const all = $("thead .check", form); if (all) all.disabled = false; draw(form); });

  // checkout, step 1: live totals (display only, the server computes what is charged)
  $$("[data-amounts]").forEach((form) => {
    const digits = Number(form.dataset.digits), unit = 10 ** digits, point = form.dataset.point;
    const number = new Intl.NumberFormat(root.dataset.numbers || "en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    const minor = (text) => {
      const [whole, part = "", ...more] = text.trim().split(point);
      const figures = whole.replace(/[\s.,'’]/g, "");
      return more.length || !/^\d*$/.test(figures) || !/^\d*$/.test(part) || (!figures && !part) || part.length > digits ? NaN : Math.round(Number(`${figures || 0}.${part || 0}`) * unit);
    };
    const read = (line) => {
      const input = $("[data-pay]", line), most = Number(line.dataset.most), off = Number(line.dataset.off), pay = minor(input.value);
      const bad = !(pay > 0 && pay <= most), dropped = $("[name=drop]", line).checked, earns = off > 0 && pay >= most - off;
      input.setAttribute("aria-invalid", String(bad && !dropped));
      $("[data-err]", line).hidden = !bad || dropped;
      $("[data-why]", line).hidden = bad || dropped || pay >= Number(line.dataset.open) - off;
      return { pay: bad || dropped ? 0 : earns ? most : pay, off: bad || dropped || !earns ? 0 : off, sure: "sure" in line.dataset };
    };
    const purse = (credit) => {
      const input = $("[data-use]", credit), use = minor(input.value), on = $("[name=credit]", credit).checked, bad = !(use > 0 && use <= Number(credit.dataset.most));
      input.setAttribute("aria-invalid", String(bad && on));
      $("[data-err]", credit).hidden = !bad || !on;
      return on && !bad ? use : 0;
    };
    // as payments/parts.py splits: credits to the oldest first, and to what earns a discount last
    const show = () => {
      const sums = { settled: 0, discount: 0, credit: 0, total: 0 };
      $$("[data-account]", form).forEach((account) => {
        const lines = $$("[data-line]", account).map(read);
        let left = $$("[data-credit]", account).map(purse).reduce((a, b) => a + b, 0);
        [...lines.filter((l) => !l.off), ...lines.filter((l) => l.off)].forEach((l) => {
          const used = left > l.off ? Math.min(left, l.pay) : 0, off = used ? 0 : l.off;
          left -= used;
          sums.credit += used;
          sums.discount += l.sure ? off : 0;
          sums.settled += l.pay - (l.sure ? 0 : off);
          sums.total += l.pay - used - off;
        });
      });
      Object.entries(sums).forEach(([name, sum]) => {
        $$(`[data-row=${name}]`, form).forEach((row) => { row.hidden = !sum; });
        const sign = name === "discount" || name === "credit" ? "\u2212" : "";
        $$(`[data-out=${name}]`, form).forEach((o) => put(o, sign + o.dataset.pattern.replace("#", number.format(sum / unit))));
      });
    };
    form.addEventListener("input", show);
    form.addEventListener("change", (e) => { if (e.target.matches("[data-pay], [data-use]") && !Number.isNaN(minor(e.target.value)) && point === ".") e.target.value = number.format(minor(e.target.value) / unit); });
    form.addEventListener("click", (e) => {
      const full = e.target.closest("[data-full]");
      if (!full) return;
      e.preventDefault();
      const line = full.closest("[data-line]"), input = $("[data-pay]", line);
      input.value = input.dataset.most;
      show();
      input.focus();
    });
    show();
  });

  // checkout, step 2: what the chosen way comes to; every figure is the server's
  $$("[data-methods]").forEach((form) => {
    const show = () => {
      const chosen = $("[name=method]:checked", form);
      if (!chosen) return;
      for (const name of ["settled", "discount", "fee", "total"]) $$(`[data-out=${name}]`, form).forEach((o) => put(o, chosen.dataset[name]));
      $$("[data-row=discount]", form).forEach((row) => { row.hidden = !chosen.dataset.discount; });
    };
    form.addEventListener("change", show);
    show();
  });

  // the server is told that a script runs here, so that fields can be shown on our page
  $$("[data-script]").forEach((input) => { input.value = "yes"; });

  // passkeys: the browser makes or uses one; its answer goes along in the form
  $$("[data-passkey]").forEach((form) => {
    const make = form.dataset.passkey === "make", key = window.PublicKeyCredential;
    const read = make ? key?.parseCreationOptionsFromJSON : key?.parseRequestOptionsFromJSON;
    if (!read) return;
    const failed = $("[data-failed]", form);
    form.hidden = false;
    $$("[data-no-passkey]").forEach((p) => (p.hidden = true));
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      failed.hidden = true;
      try {
        const asked = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
        if (asked.redirected) { location.assign(asked.url); return; }
        const publicKey = read.call(key, await asked.json());
        const found = await (make ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
        form.elements.answer.value = JSON.stringify(found.toJSON());
        form.submit();
      } catch { failed.hidden = false; }
    });
  });

  // what must not be sent twice says that it is on its way; the key in the form protects anyway
  document.addEventListener("submit", (e) => {
    const button = e.submitter?.closest("[data-once]");
    if (!button || e.defaultPrevented) return;
    if (button.getAttribute("aria-disabled") === "true") { e.preventDefault(); return; }
    button.dataset.before = button.textContent;
    button.setAttribute("aria-disabled", "true");
    put(button, button.dataset.once);
  });
  addEventListener("pageshow", (e) => { if (e.persisted) $$("[data-before]").forEach((b) => { b.removeAttribute("aria-disabled"); put(b, b.dataset.before); }); });

  // a form that came back: its summary gets the focus
  $("[data-focus]")?.focus();

  // toasts: short, polite; real failures are inline alerts, never toasts
  const toast = (text) => {
    let box = $(".toasts");
    if (!box) { box = document.createElement("div"); box.className = "toasts"; box.setAttribute("role", "status"); document.body.append(box); }
    box.classList.toggle("lifted", !!$(".paybar")?.offsetParent);
    const t = document.createElement("div");
    t.className = "toast island";
    t.append($("#tpl-toast").content.cloneNode(true));
    put($("[data-text]", t), text);
    box.append(t);
    const life = () => setTimeout(() => (t.matches(":hover, :focus-within") ? life() : t.remove()), 8000);
    life();
  };
  document.addEventListener("click", (e) => {
    const b = e.target.closest("[data-print], [data-copy]");
    if (!b) return;
    if (b.dataset.print !== undefined) { print(); return; }
    navigator.clipboard?.writeText(b.dataset.copy).then(() => toast(b.dataset.toast));
  });
})();
