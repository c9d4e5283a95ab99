// What of a page is not its own: elements, attributes and addresses that some text has made.
({ known, mark }) => {
  const found = [], shown = [document.title, document.body.textContent];
  const ours = new Set(known), lead = new Set([
    "href", "src", "srcset", "action", "formaction", "data", "poster", "xlink:href", "background",
  ]);
  const say = (what, each) => found.push(`${what}: ${each.outerHTML.slice(0, 160)}`);
  for (const each of document.querySelectorAll("*")) {
    if (!ours.has(each.localName)) say("element", each);
    if (each.localName === "script" && !each.src && each.type !== "application/json") {
      say("element", each);
    }
    for (const { name, value } of each.attributes) {
      if (name.startsWith("on") || name === "srcdoc" || name.includes(mark)) say("element", each);
      if ((name === "id" || name === "class") && value.includes(mark)) say("element", each);
      if (lead.has(name)) {
        const to = new URL(value, document.baseURI);
        const picture = to.protocol === "data:" && ["img", "a"].includes(each.localName);
        if (to.hostname.includes(mark)
            || !(picture || ["http:", "https:", "mailto:", "tel:"].includes(to.protocol))) {
          say("address", each);
        }
      } else {
        shown.push(value);
      }
    }
    if ("value" in each && typeof each.value === "string") shown.push(each.value);
  }
  const boxes = [];
  for (const form of document.querySelectorAll("form:not([method=post])")) {
    for (const box of form.querySelectorAll("input[name]:is([type=search],[type=text])")) {
      boxes.push(`${new URL(form.action).pathname}?${box.name}=`);
    }
  }
  return { found, text: shown.join("\n"), boxes };
}
