// How much of an SMS a text takes (3GPP 23.038, 6.2.1; 23.040, 9.2.3.24).

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿" +
    "abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€"); // an escape before each: they count twice

export function measure(value) {
  const characters = [...value];
  const gsm = characters.every((c) => BASIC.has(c) || EXTENDED.has(c));
  const width = (c) => (gsm ? 1 + EXTENDED.has(c) : c.length);
  const units = characters.reduce((sum, c) => sum + width(c), 0);
  const [whole, part] = gsm ? [160, 153] : [70, 67];
  const segments = units <= whole ? 1 : cut(characters, width, part);
  return { alphabet: gsm ? "GSM" : "Unicode", units, whole, segments };
}

function cut(characters, width, part) {
  let segments = 1;
  let used = 0;
  for (const character of characters) {
    if (used + width(character) > part) {
      segments += 1;
      used = 0;
    }
    used += width(character);
  }
  return segments;
}

export function counted(value) {
  const { alphabet, units, whole, segments } = measure(value);
  const of = segments === 1 ? `${units} of ${whole}` : `${units}`;
  return `${of} · ${alphabet} · ${segments} SMS`;
}
