// Tells the page around the frame that the bank's step is over.
window.parent.postMessage({ sandbox: "authenticated" }, "*");
