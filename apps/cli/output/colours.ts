import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/** Text in the colours that messages use; `plain` leaves it as it is. */
export type Colours = Readonly<Record<Style, (text: string) => string>>;

/** Whether a stream takes colours is decided by who opens it, so Node is not to guess again. */
export function colours(shown: 'coloured' | 'plain'): Colours {
  const one = (style: Style) => (text: string) =>
    shown === 'plain' ? text : styleText(style, text, { validateStream: false });
  return { bold: one('bold'), dim: one('dim'), green: one('green'), red: one('red'), yellow: one('yellow') };
}
