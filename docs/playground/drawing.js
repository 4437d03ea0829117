// Drawings: SVG is parsed as SVG, checked element by element, and only then shown.

const ELEMENTS = new Set(("svg title desc g rect line polyline polygon path text tspan "
  + "circle ellipse defs marker linearGradient stop clipPath pattern").split(" "));
const ATTRIBUTE = /^(?:xmlns|id|class|role|aria-[a-z]+|data-[a-z-]+|viewBox|width|height|x|y|x1|y1|x2|y2|cx|cy|r|rx|ry|dx|dy|d|points|transform|fill|fill-[a-z]+|stroke|stroke-[a-z]+|opacity|font-[a-z]+|text-[a-z]+|letter-spacing|dominant-baseline|marker-[a-z]+|marker[A-Z][a-zA-Z]+|refX|refY|orient|offset|stop-[a-z]+|clip-path|clip-rule|preserveAspectRatio|paint-order|xml:space|lang|pattern[A-Z][a-zA-Z]+|gradient[A-Z][a-zA-Z]+)$/;
const NAMESPACE = "http://www.w3.org/2000/svg";

/** The parsed drawing, or null if anything in it is not what a drawing is made of. */
export function parsed(text) {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  return sound(root) && root.localName === "svg" ? document.importNode(root, true) : null;
}

function sound(element) {
  if (element.namespaceURI !== NAMESPACE || !ELEMENTS.has(element.localName)) return false;
  for (const { name, value } of element.attributes) {
    if (!ATTRIBUTE.test(name) || /url\(\s*["']?(?!#)/i.test(value)) return false;
  }
  return [...element.childNodes].every((child) =>
    child.nodeType === Node.ELEMENT_NODE ? sound(child) : child.nodeType === Node.TEXT_NODE);
}

/** Put a drawing into a box; what was scrolled stays scrolled. Says whether it could. */
export function show(box, text) {
  const drawn = parsed(text);
  if (drawn === null) {
    const note = document.createElement("p");
    note.className = "empty";
    note.textContent = "This drawing has parts that no drawing has, so it is not shown.";
    box.replaceChildren(note);
    return null;
  }
  const { scrollLeft, scrollTop } = box;
  cropped(drawn);
  drawn.style.setProperty("--wide", `${drawn.viewBox.baseVal.width}px`);
  box.replaceChildren(drawn);
  Object.assign(box, { scrollLeft, scrollTop });
  return drawn;
}

/** The verdict and the list of hops stand beside the drawing here: its caption is cut off. */
function cropped(drawn) {
  const top = Number(drawn.querySelector(".caption")?.dataset.top);
  if (!top) return;
  drawn.setAttribute("viewBox", `0 0 ${drawn.viewBox.baseVal.width} ${top}`);
  drawn.removeAttribute("height");
}

/** A drawing as a picture, for the log: an image runs nothing, whatever is in it. */
export function picture(text) {
  const drawn = parsed(text);
  if (drawn === null) return null;
  const image = new Image();
  image.alt = drawn.querySelector("title")?.textContent ?? "a drawing";
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  image.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
  image.src = url;
  return image;
}
