// The back office. Enhancement only: the server adds up again, and only its sums are used.
(() => {
  "use strict";
  const put = (el, text) => { if (el && el.textContent !== text) el.textContent = text; };

  // a brand's color: the picker and the field say the same
  document.querySelectorAll("[data-color-for]").forEach((picker) => {
    const field = document.getElementById(picker.dataset.colorFor);
    picker.hidden = false;
    picker.addEventListener("input", () => { field.value = picker.value; });
    field.addEventListener("input", () => { if (/^#[0-9a-f]{6}$/i.test(field.value)) picker.value = field.value; });
  });

  // money that is split over invoices: what is applied, and what goes on account
  document.querySelectorAll("[data-split]").forEach((form) => {
    const digits = Number(form.dataset.digits), unit = 10 ** digits, point = form.dataset.point;
    const number = new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    const minor = (text) => {
      const [whole, part = ""] = text.trim().split(point);
      const figures = whole.replace(/[\s.,'’]/g, "");
      return /^\d*$/.test(figures + part) ? Math.round(Number(`${figures || 0}.${part || 0}`) * unit) : 0;
    };
    const words = (sum) => form.dataset.pattern.replace("#", number.format(Math.abs(sum) / unit)).replace(/^/, sum < 0 ? "\u2212" : "");
    form.addEventListener("input", () => {
      const sum = [...form.querySelectorAll("[data-part]")].reduce((all, part) => all + minor(part.value), 0);
      put(form.querySelector("[data-out=applied]"), words(sum));
      put(form.querySelector("[data-out=rest]"), words(Number(form.dataset.whole) - sum));
    });
  });
})();
