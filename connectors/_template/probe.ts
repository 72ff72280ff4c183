import type { Probe } from '../../core/probe';
import { unwritten } from './unwritten';

/** Presents a credential as a consumer would. Only answers of the table in the README prove anything. */
export const probe: Probe = {
  observe: async () => Promise.reject(unwritten('the probe')),
  randomLike: (material) => material,
};
