/** Text on one line, without blanks at its ends; a dash where nothing is left. Titles and messages want it so. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim() || '-';
}
