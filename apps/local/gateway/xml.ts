const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const escape = (text: string) => text.replace(/[&<>]/g, (sign) => ESCAPES[sign] ?? sign);

/** A plain value as XML elements: objects nest, arrays repeat the element, `undefined` is left out. */
export function xml(name: string, value: unknown, attributes = ''): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map((each) => xml(name, each)).join('');
  const inner =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([key, each]) => xml(key, each))
          .join('')
      : escape(typeof value === 'string' ? value : JSON.stringify(value));
  return `<${name}${attributes && ` ${attributes}`}>${inner}</${name}>`;
}
