import type { Expression } from './expression';

/** Holds only where no item is: it makes a put create-only. */
export const absent: Expression = { text: 'attribute_not_exists(#pk)', values: {} };
