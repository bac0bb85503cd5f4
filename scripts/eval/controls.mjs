// Pairs whose winner is known: the judge is tried on them before anybody believes its verdicts. A judge that always
// takes the first text, or the longer one, or whichever, does not pass.

const FILLER = "There are many aspects to consider here, and each of them deserves attention in its own right. ";

/** `good` is to win in both orders. In some it is the longer text, in others the shorter. */
export const CONTROLS = [
  {
    id: "short-and-right",
    prompt: "What is 17 times 23? Answer with the number and one line of working.",
    checklist: ["The number is 391.", "There is one line of working."],
    good: "391\n\n17 × 23 = 17 × 20 + 17 × 3 = 340 + 51 = 391",
    bad: `Multiplication is a fascinating subject. ${FILLER.repeat(6)}In conclusion, 17 times 23 is 401.`,
  },
  {
    id: "keeps-its-conditions",
    prompt: "Name the three primary colours of light, as a list with one word on each line and nothing else.",
    checklist: ["Red, green and blue are named.", "Nothing but three lines of one word each is there."],
    good: "red\ngreen\nblue",
    bad: `Sure! Here is what I know about colours. ${FILLER.repeat(5)}The primary colours are red, yellow and blue.`,
  },
  {
    id: "complete",
    prompt: "Explain in a few sentences why the sky is blue and why sunsets are red.",
    checklist: ["It says why the sky is blue.", "It says why sunsets are red.", "It names scattering."],
    good:
      "Air scatters short wavelengths far more than long ones (Rayleigh scattering), so that blue light reaches us " +
      "from every part of the sky. At sunset the light takes a longer way through the air: most of the blue has been " +
      "scattered out of it before it arrives, and what is left is red and orange.",
    bad: "The sky is blue because it reflects the sea.",
  },
];
