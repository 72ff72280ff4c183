const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * The few fields that the Query protocol's answers are read for: texts of elements by name, without attributes. A
 * document with a declaration of its own (`<!`) is read as empty, so nothing in it is ever expanded; reading is linear.
 */
export interface Xml {
  /** Texts of all elements of that name, inner markup included, in order. */
  all(name: string): readonly string[];
  /** The first one; undefined where there is none. */
  first(name: string): string | undefined;
}

/** Reads an answer whose root is the element `root`; undefined for anything else. */
export function readXml(text: string, root: string): Xml | undefined {
  const body = text.replace(/^\s*<\?xml[^>]*\?>\s*/, '');
  const begins = body.startsWith(`<${root}>`) || body.startsWith(`<${root} `);
  return begins && !body.includes('<!') ? xmlIn(body) : undefined;
}

/** The elements inside a text that was read from a document already. */
export function xmlIn(text: string): Xml {
  const all = (name: string) => elements(text, name);
  return {
    all,
    first: (name) => {
      const [found] = all(name);
      return found === undefined ? undefined : decoded(found);
    },
  };
}

function elements(text: string, name: string): readonly string[] {
  const [open, close] = [`<${name}>`, `</${name}>`];
  const found: string[] = [];
  let at = text.indexOf(open);
  while (at !== -1) {
    const end = text.indexOf(close, at + open.length);
    if (end === -1) break;
    found.push(text.slice(at + open.length, end));
    at = text.indexOf(open, end + close.length);
  }
  return found;
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|([a-z]+));/g, (whole, code: string | undefined, word = '') =>
    code === undefined ? (named[String(word)] ?? whole) : character(Number(code), whole),
  );
}

function character(code: number, whole: string): string {
  return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
}
