// The icons that a tab shows while a workflow runs, waits for somebody, or has ended: the console's own one with a mark
// in its corner. Files rather than data URLs, because the page's Content-Security-Policy lets in nothing else.

/** Colour and sign of each mark: colour alone says nothing to many people. */
const MARKS = {
  running: ["#6267e6", '<path d="M15 11.500v3.500l2.200 1.400"/>'],
  asking: ["#b87800", '<path d="M15 11.800v3.800M15 17.900v.2"/>'],
  good: ["#177245", '<path d="M12.600 15.200l1.700 1.700 3.200-3.600"/>'],
  gaps: ["#b87800", '<path d="M12.600 15.200l1.700 1.700 3.200-3.600"/>'],
  bad: ["#b3261e", '<path d="M13.100 13.100l3.800 3.800M16.900 13.100l-3.800 3.800"/>'],
  still: ["#5d606b", '<path d="M13.700 13.200v3.600M16.300 13.200v3.600"/>'],
};

/** `[state, svg]` of each. `plain` is the text of console/icon.svg. */
export function markedIcons(plain) {
  return Object.entries(MARKS).map(([state, [colour, sign]]) => {
    const mark =
      `<circle cx="15" cy="15" r="4.800" fill="${colour}" stroke="#fff"/>` +
      `<g fill="none" stroke="#fff" stroke-width="1.300" stroke-linecap="round">${sign}</g>`;
    return [state, plain.trim().replace("</svg>", `${mark}</svg>`)];
  });
}
