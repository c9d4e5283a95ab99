// Quittance UI. Enhancement only: every page works without it (forms post, links load).
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
      return more.length || !/^\d*$/.test(figures) || !/^\d*$/.test(part) || (!figures && !part) || part.replace(/0+$/, "").length > digits ? NaN : Math.round(Number(`${figures || 0}.${part || 0}`) * unit);
    };
    const show = () => {
      let sum = 0;
      $$("[data-line]", form).forEach((line) => {
        const input = $("[data-pay]", line), most = Number(line.dataset.most), pay = minor(input.value), bad = !(pay > 0 && pay <= most);
        const error = $("[data-err]", line), why = $("[data-why]", line), dropped = $("[name=drop]", line).checked;
        input.setAttribute("aria-invalid", String(bad && !dropped));
        if (error) error.hidden = !bad || dropped;
        if (why) why.hidden = bad || dropped || pay >= Number(line.dataset.open);
        sum += bad || dropped ? 0 : pay;
      });
      $$("[data-out=total]").forEach((o) => put(o, o.dataset.pattern.replace("#", number.format(sum / unit).replace("-", "\u2212"))));
    };
    form.addEventListener("input", show);
    form.addEventListener("change", (e) => { if (e.target.matches("[data-pay]") && !Number.isNaN(minor(e.target.value)) && point === ".") e.target.value = number.format(minor(e.target.value) / unit); });
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
