import type { Descriptor } from '../../core/connector';
import { traits } from './traits';

const admin = 'aws: secretsmanager:GetSecretValue on target.admin';
const control = 'aws: secretsmanager:GetSecretValue on target.control';
const read = 'target: token with the scope read';
const write = 'target: token with the scope write, and the authority’s key';

/** Client certificates of a TLS endpoint, issued by an authority of one's own. */
export const descriptor = {
  ...traits,
  title: 'mTLS certificate',
  maturity: 'experimental',
  strategies: { 'side-by-side': { overlap: 'twoActive' } },
  derived:
    'Open connections are counted by serial number and closed; session tickets end with every reload, and none is counted as zero while the endpoint still takes older ones.',
  testedAgainst: {
    nature: 'real server',
    what: 'node:tls with a revocation list, TLS 1.2 and 1.3, session tickets on',
  },
  rights: {
    preflight: [admin, write],
    list: [admin, control, read],
    mint: [admin, read],
    apply: [admin, write],
    suspend: [admin, write],
    revoke: [admin, write],
    countSessions: [control, 'target: token with the scope sessions'],
    endSessions: [admin, write],
    observe: ['aws: secretsmanager:GetSecretValue on the identity’s own secret', control],
  },
} as const satisfies Descriptor;
