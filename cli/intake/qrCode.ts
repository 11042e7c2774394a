import qrcode from "qrcode-generator";

/** Modules of quiet zone around the code; scanners ask for four. */
const MARGIN = 4;

/** A QR code as lines of text, two modules a character, for a terminal with light text on a dark ground. */
export function qrCode(text: string): string {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  return code.createASCII(1, MARGIN);
}
