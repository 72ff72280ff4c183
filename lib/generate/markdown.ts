/** A generated page: its title and its parts, one blank line apart. */
export function page(title: string, parts: readonly string[]): string {
  return [`# ${title}`, '<!-- Written by npm run generate. -->', ...parts].join('\n\n');
}

/** A Markdown table; a bar inside a cell is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map(cell).join(' | ')} |`)
    .join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
