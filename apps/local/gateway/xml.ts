const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const escape = (text: string) => text.replace(/[&<>]/g, (sign) => ESCAPES[sign] ?? sign);

/** A plain value as XML elements: objects nest, arrays repeat the element, `undefined` is left out. */
export function xml(name: string, value: unknown, attributes = ''): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map((each) => xml(name, each)).join('');
  if (typeof value !== 'object')
    return `<${name}>${escape(typeof value === 'string' ? value : JSON.stringify(value))}</${name}>`;
  const inner = Object.entries(value).map(([key, each]) => xml(key, each));
  return `<${name}${attributes && ` ${attributes}`}>${inner.join('')}</${name}>`;
}
