import * as z from 'zod/mini';

// What fields of records are made of.

export const text = z.string().check(z.maxLength(512));
export const sentence = z.string().check(z.maxLength(1024));
/** ISO 8601 UTC. */
export const time = z.iso.datetime();
export const count = z.int().check(z.nonnegative());
/** Levels of proof as records and rows hold them. */
export const level = z.enum(['L0', 'L1', 'L2', 'L3', 'L4']);
